/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The tree's root at any size, and where two ledgers part. Uses the roots of
 * 256 rows that segments store, so a whole ledger costs a hash each 256 rows;
 * whether those are right is for ledger_inspect to say.
 */
#ifndef VIGIE_LEDGER_ROOTS_H
#define VIGIE_LEDGER_ROOTS_H

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"

/* RFC 9162 §2.1.1 root over the first `count` rows. E_NOTFOUND past the end,
 * E_CORRUPT. */
enum result roots_at(struct ledger *ledger, uint64_t count,
                     uint8_t ret_root[HASH_BYTES]) MUST_USE;
/* The number of the first row, below `count`, that is another one in `b`
 * than in `a`; `count` where none is. */
enum result roots_parting(struct ledger *a, struct ledger *b, uint64_t count,
                          uint64_t *ret_row) MUST_USE;

/* How two ledgers are related. */
enum roots_relation {
    ROOTS_OTHER, /* another id: two ledgers */
    ROOTS_SAME,  /* the same rows */
    ROOTS_AHEAD, /* the first has all rows of the second, and more */
    ROOTS_BEHIND,
    ROOTS_PARTED, /* one id, and different rows: a copy went on elsewhere */
};
/* *ret_row: the rows they share. */
enum result roots_compare(struct ledger *a, struct ledger *b,
                          enum roots_relation *ret_relation,
                          uint64_t *ret_row) MUST_USE;

#endif
