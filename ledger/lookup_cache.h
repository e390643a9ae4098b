/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The cache in front of the look-up: SipHash-128 of a name under a key of
 * this process → its alias. Of fixed size, so that memory does not grow with
 * the ledger; two of 2^128 colliding is less likely than a broken machine.
 * Knows neither LMDB nor keys.
 */
#ifndef VIGIE_LEDGER_LOOKUP_CACHE_H
#define VIGIE_LEDGER_LOOKUP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/result.h"
#include "base/text.h"

/* Canonical ids that were joined since the cache was last emptied. */
#define CACHE_MOVED_MAX 1024

struct cache_slot {
    struct hash128 name; /* zero: empty */
    uint64_t id, canonical;
};

struct lookup_cache {
    uint8_t key[16];
    struct cache_slot *slots; /* pairs: the newer first */
    void *memory;
    size_t pairs;
    size_t moved_count;
    struct cache_moved {
        uint64_t from, to;
    } moved[2 * CACHE_MOVED_MAX];
};

/* For a table that is looked into at random; `bytes` is a power of two, free()
 * gives it back. NULL: there is none. */
void *cache_memory(size_t bytes);
/* `bytes` is a power of two. */
enum result cache_start(struct lookup_cache *cache, size_t bytes) MUST_USE;
void cache_stop(struct lookup_cache *cache);
struct hash128 cache_name(const struct lookup_cache *cache, unsigned kind,
                          struct text text);
/* The slots of a name that is looked for a little later. */
static inline void
cache_fetch(const struct lookup_cache *cache, struct hash128 name)
{
    __builtin_prefetch(cache->slots +
                       2 * ((size_t)name.low & (cache->pairs - 1)));
}
bool cache_find(struct lookup_cache *cache, struct hash128 name,
                uint64_t *ret_id, uint64_t *ret_canonical);
void cache_put(struct lookup_cache *cache, struct hash128 name, uint64_t id,
               uint64_t canonical);
/* What stood under `from` stands under `to` from now on. */
void cache_move(struct lookup_cache *cache, uint64_t from, uint64_t to);
void cache_clear(struct lookup_cache *cache);

#endif
