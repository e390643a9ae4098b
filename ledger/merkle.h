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

#endif
