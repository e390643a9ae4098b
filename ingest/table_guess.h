/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a column (or JSON member) of an unknown table seems to be, by its name
 * and by what stands in it. For table_propose.c.
 */
#ifndef VIGIE_INGEST_TABLE_GUESS_H
#define VIGIE_INGEST_TABLE_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "ingest/mapping_rules.h"

/* What all values seen of one column have in common; bits. */
enum guess_content {
    GUESS_DATE = 1 << 0, /* with a day */
    GUESS_HOUR = 1 << 1, /* an hour without a day */
    GUESS_ADDRESS = 1 << 2,
    GUESS_RPPS = 1 << 3,
    GUESS_INS = 1 << 4,
    GUESS_URL = 1 << 5,
    GUESS_ANY = 0x3f,
};

/* Of one value; 0 for an empty or plain one. */
uint32_t guess_content(struct text value);
/* The field for a column; MAPPING_FIELDS where nothing tells. *ret_name is
 * true for names and birth dates of persons, which must be no key. */
enum mapping_field guess_field(struct text name, uint32_t content,
                               bool *ret_name);

#endif
