/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Makes proofs from an open ledger: RFC 9162 §2.1.3.1 and §2.1.4.1. Rows are
 * hashed anew; roots of 256 rows are the segments' own or those of the kept
 * tree (DIR/checkpoints/tree.8 and tree.16: copies, which may be missing or
 * wrong: what is made of them is to be checked). Checks nothing itself.
 */
#ifndef VIGIE_LEDGER_PROVER_H
#define VIGIE_LEDGER_PROVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"

#define PROVE_STEPS_MAX 64

struct proof {
    uint8_t hash[PROVE_STEPS_MAX][HASH_BYTES];
    size_t count;
};

struct prover;

/* The ledger stays the caller's. `kept`: the kept tree is used. */
enum result prover_new(const char *data_dir, struct ledger *ledger, bool kept,
                       struct prover **ret_prover) MUST_USE;
void prover_free(struct prover *prover);
/* E_ARGUMENT: row < size <= rows does not hold. */
enum result prove_inclusion(struct prover *prover, uint64_t row, uint64_t size,
                            struct proof *ret_proof) MUST_USE;
/* E_ARGUMENT: 0 < size1 <= size2 <= rows does not hold. */
enum result prove_consistency(struct prover *prover, uint64_t size1,
                              uint64_t size2, struct proof *ret_proof) MUST_USE;
/* Root over the rows `first` to `first + count - 1` as a tree of their own. */
enum result prove_root(struct prover *prover, uint64_t first, uint64_t count,
                       uint8_t ret_root[HASH_BYTES]) MUST_USE;
/* Brings the kept tree up to the rows there are; one process at a time. */
enum result prove_keep(const char *data_dir, struct ledger *ledger) MUST_USE;

#endif
