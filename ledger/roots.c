/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/roots.h"

#include <string.h>

#include "ledger/ledger_state.h"

/* Hash of row `number` as a leaf. */
static enum result
leaf_of(struct ledger *ledger, uint64_t number, uint8_t ret_leaf[HASH_BYTES])
{
    uint8_t bytes[ROW_BYTES];
    struct row row;
    enum result result = ledger_read(ledger, number, 1, &row);

    if (result != OK)
        return result;
    row_encode(&row, bytes);
    merkle_leaf(bytes, ret_leaf);
    return OK;
}

/* A tile whose last row is not sealed is computed. */
static enum result
tile_of_rows(struct ledger *ledger, uint64_t tile, uint8_t ret_root[HASH_BYTES])
{
    struct merkle tree;

    merkle_start(&tree);
    for (unsigned i = 0; i < MERKLE_TILE_LEAVES; i++) {
        uint8_t leaf[HASH_BYTES];
        enum result result =
            leaf_of(ledger, tile * MERKLE_TILE_LEAVES + i, leaf);

        if (result != OK)
            return result;
        merkle_add(&tree, leaf);
    }
    memcpy(ret_root, tree.tile, HASH_BYTES);
    return OK;
}

/* Root over rows 256 × tile … + 255. *segment is where the last one was. */
static enum result
tile_at(struct ledger *ledger, uint64_t tile, size_t *segment,
        uint8_t ret_root[HASH_BYTES])
{
    const struct manifest *manifest = &ledger->manifest;
    const uint64_t last = tile * MERKLE_TILE_LEAVES + MERKLE_TILE_LEAVES - 1;
    const uint8_t *tiles;
    struct segment *found = NULL;
    size_t count = 0;
    enum result result;

    if (last >= manifest->tree.count)
        return tile_of_rows(ledger, tile, ret_root);
    while (*segment > 0 && manifest->segments[*segment].first > last)
        --*segment;
    while (manifest->segments[*segment].first +
               manifest->segments[*segment].rows <=
           last)
        ++*segment;
    result = ledger_segment(ledger, *segment, &found);
    if (result != OK)
        return result;
    tiles = segment_tiles(found, &count);
    tile -= manifest->segments[*segment].first / MERKLE_TILE_LEAVES;
    if (tile >= count)
        return E_CORRUPT; /* invariant 9 */
    memcpy(ret_root, tiles + tile * HASH_BYTES, HASH_BYTES);
    return OK;
}

enum result
roots_at(struct ledger *ledger, uint64_t count, uint8_t ret_root[HASH_BYTES])
{
    const uint64_t tiles = count / MERKLE_TILE_LEAVES;
    struct merkle upper, tree;
    uint8_t hash[HASH_BYTES];
    size_t segment = 0;
    enum result result = OK;

    if (count > ledger_count(ledger))
        return E_NOTFOUND;
    merkle_start(&upper);
    for (uint64_t tile = 0; tile < tiles && result == OK; tile++) {
        result = tile_at(ledger, tile, &segment, hash);
        if (result == OK)
            merkle_add(&upper, hash);
    }
    merkle_start(&tree);
    tree.count = tiles * MERKLE_TILE_LEAVES;
    memcpy(tree.node[MERKLE_TILE_LEVEL], upper.node,
           (MERKLE_LEVELS - MERKLE_TILE_LEVEL) * (size_t)HASH_BYTES);
    while (tree.count < count && result == OK) {
        result = leaf_of(ledger, tree.count, hash);
        if (result == OK)
            merkle_add(&tree, hash);
    }
    if (result == OK)
        merkle_root(&tree, ret_root);
    return result;
}

enum result
roots_parting(struct ledger *a, struct ledger *b, uint64_t count,
              uint64_t *ret_row)
{
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    size_t in_a = 0, in_b = 0;
    uint64_t row = 0;
    enum result result = OK;

    for (; count - row >= MERKLE_TILE_LEAVES; row += MERKLE_TILE_LEAVES) {
        result = tile_at(a, row / MERKLE_TILE_LEAVES, &in_a, left);
        if (result == OK)
            result = tile_at(b, row / MERKLE_TILE_LEAVES, &in_b, right);
        if (result != OK)
            return result;
        if (memcmp(left, right, HASH_BYTES) != 0)
            break;
    }
    for (; row < count; row++) {
        result = leaf_of(a, row, left);
        if (result == OK)
            result = leaf_of(b, row, right);
        if (result != OK)
            return result;
        if (memcmp(left, right, HASH_BYTES) != 0)
            break;
    }
    *ret_row = row;
    return OK;
}

enum result
roots_compare(struct ledger *a, struct ledger *b,
              enum roots_relation *ret_relation, uint64_t *ret_row)
{
    const uint64_t rows_a = ledger_count(a), rows_b = ledger_count(b);
    const uint64_t least = rows_a < rows_b ? rows_a : rows_b;
    uint8_t left[HASH_BYTES], right[HASH_BYTES];
    uint64_t row = least;
    enum result result;

    if (memcmp(a->manifest.id, b->manifest.id, LEDGER_ID_BYTES) != 0) {
        *ret_relation = ROOTS_OTHER;
        *ret_row = 0;
        return OK;
    }
    result = roots_at(a, least, left);
    if (result == OK)
        result = roots_at(b, least, right);
    if (result != OK)
        return result;
    if (memcmp(left, right, HASH_BYTES) != 0) {
        result = roots_parting(a, b, least, &row);
        if (result != OK)
            return result;
        *ret_relation = ROOTS_PARTED;
    } else if (rows_a == rows_b) {
        *ret_relation = ROOTS_SAME;
    } else {
        *ret_relation = rows_a > rows_b ? ROOTS_AHEAD : ROOTS_BEHIND;
    }
    *ret_row = row;
    return OK;
}
