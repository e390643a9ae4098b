/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/lookup_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE_BYTES 64
#define HUGE_BYTES (2u << 20)

_Static_assert(2 * sizeof(struct cache_slot) == LINE_BYTES,
               "a pair of slots is one cache line");

void *
cache_memory(size_t bytes)
{
    size_t align = bytes >= HUGE_BYTES ? HUGE_BYTES : LINE_BYTES;
    void *memory = aligned_alloc(align, bytes);

    /* Random places in a large table: without large pages nearly every look
     * costs a walk of the page table too. A wish, not a need. */
    if (memory != NULL && bytes >= HUGE_BYTES)
        (void)madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

enum result
cache_start(struct lookup_cache *cache, size_t bytes)
{
    void *memory = cache_memory(bytes);

    if (memory == NULL)
        return E_NOMEM;
    cache->memory = memory;
    cache->slots = memory;
    cache->pairs = bytes / LINE_BYTES;
    hash_random(cache->key, sizeof(cache->key));
    cache_clear(cache);
    return OK;
}

void
cache_stop(struct lookup_cache *cache)
{
    free(cache->memory);
    hash_wipe(cache, sizeof(*cache));
}

void
cache_clear(struct lookup_cache *cache)
{
    memset(cache->memory, 0, cache->pairs * LINE_BYTES);
    memset(cache->moved, 0, sizeof(cache->moved));
    cache->moved_count = 0;
}

struct hash128
cache_name(const struct lookup_cache *cache, unsigned kind, struct text text)
{
    struct hash128 name = hash_sip(cache->key, text.bytes, text.length);

    /* One text under two kinds is two names; an odd factor keeps all bits. */
    name.low ^= kind * UINT64_C(0x9e3779b97f4a7c15);
    name.high |= 1; /* zero is for empty slots */
    return name;
}

static struct cache_moved *
moved_slot(struct lookup_cache *cache, uint64_t id)
{
    size_t mask = 2 * CACHE_MOVED_MAX - 1;
    size_t at = (size_t)id & mask; /* ids are random */

    while (cache->moved[at].from != 0 && cache->moved[at].from != id)
        at = (at + 1) & mask;
    return &cache->moved[at];
}

bool
cache_find(struct lookup_cache *cache, struct hash128 name, uint64_t *ret_id,
           uint64_t *ret_canonical)
{
    struct cache_slot *pair =
        cache->slots + 2 * ((size_t)name.low & (cache->pairs - 1));

    for (size_t i = 0; i < 2; i++) {
        struct cache_slot *slot = &pair[i];

        if (slot->name.low != name.low || slot->name.high != name.high)
            continue;
        while (cache->moved_count > 0) {
            const struct cache_moved *moved =
                moved_slot(cache, slot->canonical);

            if (moved->from == 0)
                break;
            slot->canonical = moved->to;
        }
        *ret_id = slot->id;
        *ret_canonical = slot->canonical;
        return true;
    }
    return false;
}

void
cache_put(struct lookup_cache *cache, struct hash128 name, uint64_t id,
          uint64_t canonical)
{
    struct cache_slot *pair =
        cache->slots + 2 * ((size_t)name.low & (cache->pairs - 1));

    pair[1] = pair[0];
    pair[0] =
        (struct cache_slot){.name = name, .id = id, .canonical = canonical};
}

void
cache_move(struct lookup_cache *cache, uint64_t from, uint64_t to)
{
    struct cache_moved *moved;

    if (cache->moved_count == CACHE_MOVED_MAX)
        cache_clear(cache);
    moved = moved_slot(cache, from);
    if (moved->from == 0)
        cache->moved_count++;
    *moved = (struct cache_moved){.from = from, .to = to};
}
