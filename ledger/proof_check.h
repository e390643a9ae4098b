/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whether a proof of RFC 9162 leads to a root. Hashes only: shares nothing
 * with what writes the ledger or makes proofs but SHA-256, so that a mistake
 * there is found here.
 */
#ifndef VIGIE_LEDGER_PROOF_CHECK_H
#define VIGIE_LEDGER_PROOF_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"

/* Steps of a proof in a tree of 2^63 leaves. */
#define PROOF_STEPS_MAX 64

/* SHA-256(0x00 ‖ entry), RFC 9162 §2.1.1. */
enum result proof_check_leaf(const void *entry, size_t length,
                             uint8_t ret_leaf[HASH_BYTES]) MUST_USE;
/* §2.1.3.2 and §2.1.4.2. E_ARGUMENT for numbers that no tree has, E_CORRUPT
 * where the proof does not lead to the root. `proof` is `count` hashes one
 * behind the other. */
enum result proof_check_inclusion(uint64_t index, uint64_t size,
                                  const uint8_t leaf[HASH_BYTES],
                                  const uint8_t *proof, size_t count,
                                  const uint8_t root[HASH_BYTES]) MUST_USE;
enum result proof_check_consistency(uint64_t size1, uint64_t size2,
                                    const uint8_t root1[HASH_BYTES],
                                    const uint8_t root2[HASH_BYTES],
                                    const uint8_t *proof,
                                    size_t count) MUST_USE;

#endif
