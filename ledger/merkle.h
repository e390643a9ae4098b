/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The Merkle tree of RFC 9162 §2.1, kept as its frontier: the roots of the
 * complete subtrees that make up the leaves so far, largest first. Knows
 * hashes only, no files.
 */
#ifndef VIGIE_LEDGER_MERKLE_H
#define VIGIE_LEDGER_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "model/row.h"

#define MERKLE_LEVELS 64
/* C2SP tlog-tiles: a tile spans 8 levels, 256 hashes. */
#define MERKLE_TILE_LEVEL 8
#define MERKLE_TILE_LEAVES (1u << MERKLE_TILE_LEVEL)

struct merkle {
    uint64_t count; /* leaves; node[i] counts where bit i of count is set */
    uint8_t node[MERKLE_LEVELS][HASH_BYTES];
    /* root of the last complete aligned subtree of 256 leaves */
    uint8_t tile[HASH_BYTES];
};

void merkle_start(struct merkle *merkle);
/* SHA-256(0x00 ‖ row) and SHA-256(0x01 ‖ left ‖ right). */
void merkle_leaf(const uint8_t row[ROW_BYTES], uint8_t ret_leaf[HASH_BYTES]);
void merkle_node(const uint8_t left[HASH_BYTES],
                 const uint8_t right[HASH_BYTES], uint8_t ret_node[HASH_BYTES]);
void merkle_add(struct merkle *merkle, const uint8_t leaf[HASH_BYTES]);
/* §2.1.1; of no leaves: SHA-256 of nothing. */
void merkle_root(const struct merkle *merkle, uint8_t ret_root[HASH_BYTES]);

/* §2.1.3.2 and §2.1.4.2. E_ARGUMENT for numbers that no tree has, E_CORRUPT
 * where the proof does not lead to the root. `proof` is `count` hashes one
 * behind the other. */
enum result merkle_verify_inclusion(uint64_t index, uint64_t size,
                                    const uint8_t leaf[HASH_BYTES],
                                    const uint8_t *proof, size_t count,
                                    const uint8_t root[HASH_BYTES]) MUST_USE;
enum result merkle_verify_consistency(uint64_t size1, uint64_t size2,
                                      const uint8_t root1[HASH_BYTES],
                                      const uint8_t root2[HASH_BYTES],
                                      const uint8_t *proof,
                                      size_t count) MUST_USE;

#endif
