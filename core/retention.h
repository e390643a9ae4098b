/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Retention: who was last in a row longer ago than the ledger may say it is
 * no longer named. Rows stay, as ids; so do those under a legal hold, and
 * whoever an order was given on (a cut account must not come back unknown).
 * Counted from when a row was received.
 */
#ifndef VIGIE_CORE_RETENTION_H
#define VIGIE_CORE_RETENTION_H

#include "core/erasing.h"

/* CNIL, on logging: six to twelve months (docs/keys.md). */
#define RETENTION_MONTHS_USUAL 12
#define RETENTION_MONTHS_MAX 120

struct retention_found {
    size_t persons, professionals, sessions, addresses, devices;
    uint64_t rows_held; /* older rows under a hold */
};

/* The time of so many months before another. */
int64_t retention_before(int64_t now_us, unsigned months);
/* What lies before goes; with `dry` it is only counted. The row is written
 * before the names go. Memory: 32 bytes for each id in the ledger. */
enum result retention_run(struct erasing *data, struct ledger *ledger,
                          int64_t before_us, uint32_t uid, bool dry,
                          struct retention_found *ret_found) MUST_USE;

#endif
