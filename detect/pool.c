/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of chunks is the only thing that is ever copied: 8 bytes for
 * each 256 items. A freed item keeps the next free index in its first bytes. */
#include "detect/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MALLOC_BYTES 16u

void
pool_start(struct pool *pool, size_t item_bytes)
{
    assert(item_bytes >= sizeof(uint32_t));
    memset(pool, 0, sizeof(*pool));
    pool->item_bytes = item_bytes;
    pool->free_head = POOL_NONE;
}

void
pool_free(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++)
        free(pool->chunks[i]);
    free(pool->chunks);
    pool_start(pool, pool->item_bytes);
}

static enum result
add_chunk(struct pool *pool)
{
    if (pool->count > UINT32_MAX - 2 * POOL_CHUNK_ITEMS)
        return E_NOMEM;
    if (pool->chunk_count == pool->chunk_room) {
        uint32_t room = pool->chunk_room + pool->chunk_room / 4 + 16;
        uint8_t **chunks = realloc(pool->chunks, room * sizeof(*chunks));
        if (chunks == NULL)
            return E_NOMEM;
        pool->bytes += (room - pool->chunk_room) * sizeof(*chunks);
        pool->chunks = chunks;
        pool->chunk_room = room;
    }
    uint8_t *chunk = malloc(pool->item_bytes * POOL_CHUNK_ITEMS);
    if (chunk == NULL)
        return E_NOMEM;
    pool->bytes += pool->item_bytes * POOL_CHUNK_ITEMS + MALLOC_BYTES;
    pool->chunks[pool->chunk_count++] = chunk;
    return OK;
}

enum result
pool_take(struct pool *pool, uint32_t *ret_index)
{
    uint32_t index = pool->free_head;
    if (index != POOL_NONE) {
        memcpy(&pool->free_head, pool_at(pool, index), sizeof(uint32_t));
        pool->free_count--;
    } else {
        if (pool->count == pool->chunk_count * POOL_CHUNK_ITEMS) {
            enum result r = add_chunk(pool);
            if (r != OK)
                return r;
        }
        index = pool->count++;
    }
    memset(pool_at(pool, index), 0, pool->item_bytes);
    *ret_index = index;
    return OK;
}

void
pool_give(struct pool *pool, uint32_t index)
{
    memcpy(pool_at(pool, index), &pool->free_head, sizeof(uint32_t));
    pool->free_head = index;
    pool->free_count++;
}
