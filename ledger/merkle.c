/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/merkle.h"

#include <stdbool.h>
#include <string.h>

void
merkle_start(struct merkle *merkle)
{
    memset(merkle, 0, sizeof(*merkle));
}

void
merkle_leaf(const uint8_t row[ROW_BYTES], uint8_t ret_leaf[HASH_BYTES])
{
    uint8_t message[1 + ROW_BYTES];

    message[0] = 0x00;
    memcpy(message + 1, row, ROW_BYTES);
    hash_sha256(message, sizeof(message), ret_leaf);
}

void
merkle_node(const uint8_t left[HASH_BYTES], const uint8_t right[HASH_BYTES],
            uint8_t ret_node[HASH_BYTES])
{
    uint8_t message[1 + 2 * HASH_BYTES];

    message[0] = 0x01;
    memcpy(message + 1, left, HASH_BYTES);
    memcpy(message + 1 + HASH_BYTES, right, HASH_BYTES);
    hash_sha256(message, sizeof(message), ret_node);
}

void
merkle_add(struct merkle *merkle, const uint8_t leaf[HASH_BYTES])
{
    uint8_t carry[HASH_BYTES];
    unsigned level = 0;

    memcpy(carry, leaf, HASH_BYTES);
    for (uint64_t left = merkle->count; (left & 1) != 0; left >>= 1) {
        merkle_node(merkle->node[level], carry, carry);
        level++;
        if (level == MERKLE_TILE_LEVEL)
            memcpy(merkle->tile, carry, HASH_BYTES);
    }
    memcpy(merkle->node[level], carry, HASH_BYTES);
    merkle->count++;
}

void
merkle_root(const struct merkle *merkle, uint8_t ret_root[HASH_BYTES])
{
    bool any = false;

    if (merkle->count == 0) {
        hash_sha256("", 0, ret_root);
        return;
    }
    /* the smaller subtrees lie to the right */
    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((merkle->count >> level & 1) == 0)
            continue;
        if (any)
            merkle_node(merkle->node[level], ret_root, ret_root);
        else
            memcpy(ret_root, merkle->node[level], HASH_BYTES);
        any = true;
    }
}
