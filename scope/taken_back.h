/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a trail told as shown and the door then kept back (row_is_taken_back):
 * the later row says so, and a question that met the earlier one first has to
 * be asked again. Starts as {0}. Knows rows only.
 */
#ifndef VIGIE_SCOPE_TAKEN_BACK_H
#define VIGIE_SCOPE_TAKEN_BACK_H

#include "model/row.h"
#include "scope/id_map.h"

struct taken_back {
    struct id_map rows; /* request, low bits of the person */
    bool more;          /* some were met since it was last cleared */
};

void taken_back_free(struct taken_back *taken); /* leaves {0} */
/* To be called for each row. */
enum result taken_back_note(struct taken_back *taken,
                            const struct row *row) MUST_USE;
bool taken_back_has(const struct taken_back *taken, const struct row *row);
/* True once where a walk has met some: it is to be done again. */
bool taken_back_again(struct taken_back *taken);

#endif
