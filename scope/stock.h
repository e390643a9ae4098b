/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is in the ledger: rows by day, source and kind, and what the rows say
 * about what is not in it. Prints nothing.
 */
#ifndef VIGIE_SCOPE_STOCK_H
#define VIGIE_SCOPE_STOCK_H

#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "scope/id_map.h"

#define STOCK_KINDS 32
/* Days × sources; more (made-up times) are counted together. */
#define STOCK_DAYS_MAX 100000
#define STOCK_DAY_OTHER INT32_MAX

/* Of one day (local, of the event) and one source. */
struct stock_day {
    int32_t day; /* since 1970-01-01 */
    uint16_t source;
    uint64_t rows[STOCK_KINDS];
};

struct stock {
    struct stock_day *days; /* by day, then source */
    size_t count, room;
    struct id_map places;
    uint64_t rows, kinds[STOCK_KINDS], flags[16];
    uint64_t refused_input;    /* records that imports refused */
    int64_t first_us, last_us; /* event times of accesses */
};

/* Of rows with an event time from `from_us` on, before `to_us`. */
enum result stock_count(struct ledger *ledger, int64_t from_us, int64_t to_us,
                        struct stock *ret_stock) MUST_USE;
void stock_free(struct stock *stock);

#endif
