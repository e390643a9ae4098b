/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Items of one size in chunks that never move: an index stays good for ever,
 * and growing copies nothing. Does not know what the items are.
 */
#ifndef VIGIE_DETECT_POOL_H
#define VIGIE_DETECT_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define POOL_NONE UINT32_MAX
#define POOL_CHUNK_ITEMS 256u

struct pool {
    size_t item_bytes;
    uint32_t count; /* items ever made; indices below are good */
    uint32_t free_head, free_count;
    uint32_t chunk_room, chunk_count;
    uint8_t **chunks;
    uint64_t bytes;
};

void pool_start(struct pool *pool, size_t item_bytes);
void pool_free(struct pool *pool);
/* A zeroed item. */
enum result pool_take(struct pool *pool, uint32_t *ret_index) MUST_USE;
void pool_give(struct pool *pool, uint32_t index);

static inline void *
pool_at(const struct pool *pool, uint32_t index)
{
    return pool->chunks[index / POOL_CHUNK_ITEMS] +
           (size_t)(index % POOL_CHUNK_ITEMS) * pool->item_bytes;
}

#endif
