/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cells that tables of several commands have: names and times.
 */
#ifndef VIGIE_CLI_TABLE_CELLS_H
#define VIGIE_CLI_TABLE_CELLS_H

#include <stdint.h>

#include "base/result.h"
#include "cli/table_print.h"
#include "ledger/lookup.h"

enum result table_alias(struct table_print *table, struct lookup *lookup,
                        uint64_t id) MUST_USE;
/* In the local zone. */
enum result table_time(struct table_print *table, int64_t time_us) MUST_USE;
/* Titles of the low 8 bits, joined by commas. */
enum result table_categories(struct table_print *table, uint8_t set) MUST_USE;

#endif
