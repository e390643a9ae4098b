/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Legal holds: what retention must not touch, for an incident that is open, a
 * complaint, a court. Kept in the look-up; each one added or ended is a row.
 */
#ifndef VIGIE_CORE_HOLDS_H
#define VIGIE_CORE_HOLDS_H

#include <stdbool.h>

#include "core/erasing.h"

#define HOLDS_MAX 256

struct hold {
    uint64_t number;
    int64_t from_us, to_us; /* event time; INT64_MIN, INT64_MAX: open */
    int64_t since_us;
    uint64_t id;   /* canonical, of `kind`; 0: of everybody */
    uint32_t kind; /* enum alias_kind, 0 */
    uint32_t uid;
};

/* ret_holds has HOLDS_MAX places. */
enum result holds_list(struct lookup *lookup, struct hold *ret_holds,
                       size_t *ret_count) MUST_USE;
/* Fills number and since_us. E_ARGUMENT: of everybody and for ever, times
 * that end before they begin, no reason; E_LIMIT. */
enum result holds_add(struct erasing *data, struct hold *hold,
                      struct text reason) MUST_USE;
/* E_NOTFOUND. */
enum result holds_end(struct erasing *data, uint64_t number, uint32_t uid,
                      struct text reason) MUST_USE;

/* Whether a row is of one of them: `ids` are canonical, of the row's session,
 * professional, person, address. */
struct hold_row {
    int64_t time_us;
    uint64_t session, professional, person, address;
};
bool holds_row(const struct hold *holds, size_t count,
               const struct hold_row *row);

#endif
