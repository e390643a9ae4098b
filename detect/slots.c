/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entry: the low (64 - value_bits) bits of the hash above value_bits bits of
 * value. The shard comes from the hash's top bits, the home place in the
 * shard from the fingerprint scaled to the room, so that any room serves and
 * growing needs nothing but the entries.
 *
 * Invariant: between an entry's home and its place no slot is free (wrapping
 * at the shard's end). Removing shifts back what follows to keep it.
 */
#include "detect/slots.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_ROOM 8u
#define MAPPED_BYTES_MIN (64u << 10) /* past it mmap: no holes are left */
#define MALLOC_BYTES 16u             /* what malloc keeps beside a block */

uint64_t
slots_mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * UINT64_C(0x9e3779b97f4a7c15) ^ (b << 32 | b >> 32);
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    h ^= h >> 29;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    return h ^ (h >> 32);
}

static uint64_t
held_bytes(uint32_t room)
{
    size_t bytes = (size_t)room * sizeof(uint64_t);
    return bytes >= MAPPED_BYTES_MIN ? (bytes + 4095) / 4096 * 4096
                                     : bytes + MALLOC_BYTES;
}

static uint64_t *
entries_new(uint32_t room)
{
    size_t bytes = (size_t)room * sizeof(uint64_t);
    if (bytes < MAPPED_BYTES_MIN)
        return calloc(1, bytes);
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static void
entries_free(uint64_t *entries, uint32_t room)
{
    size_t bytes = (size_t)room * sizeof(uint64_t);
    if (entries == NULL)
        return;
    if (bytes < MAPPED_BYTES_MIN)
        free(entries);
    else
        munmap(entries, bytes);
}

enum result
slots_start(struct slots *slots, unsigned value_bits, unsigned shard_bits)
{
    assert(shard_bits >= 1 && shard_bits <= value_bits && value_bits <= 32);
    memset(slots, 0, sizeof(*slots));
    slots->value_bits = value_bits;
    slots->shard_bits = shard_bits;
    size_t bytes = sizeof(*slots->shards) << shard_bits;
    slots->shards = calloc(1, bytes);
    if (slots->shards == NULL)
        return E_NOMEM;
    slots->bytes = bytes + MALLOC_BYTES;
    return OK;
}

void
slots_free(struct slots *slots)
{
    if (slots->shards == NULL)
        return;
    for (unsigned i = 0; i < 1u << slots->shard_bits; i++)
        entries_free(slots->shards[i].entries, slots->shards[i].room);
    free(slots->shards);
    memset(slots, 0, sizeof(*slots));
}

static struct slots_shard *
shard_of(const struct slots *slots, uint64_t hash)
{
    return &slots->shards[hash >> (64 - slots->shard_bits)];
}

/* Fingerprint, never 0 so that an entry never is. */
static uint64_t
print_of(const struct slots *slots, uint64_t hash)
{
    uint64_t print = hash & (UINT64_MAX >> slots->value_bits);
    return print == 0 ? 1 : print;
}

/* The fingerprint's upper 32 bits, scaled. */
static uint32_t
home_of(const struct slots *slots, uint64_t print, uint32_t room)
{
    unsigned bits = 64 - slots->value_bits;
    return (uint32_t)((print >> (bits - 32)) * room >> 32);
}

static void
place(const struct slots *slots, uint64_t *entries, uint32_t room,
      uint64_t entry)
{
    uint32_t at = home_of(slots, entry >> slots->value_bits, room);
    while (entries[at] != 0)
        at = at + 1 == room ? 0 : at + 1;
    entries[at] = entry;
}

static enum result
grow(struct slots *slots, struct slots_shard *shard)
{
    if (shard->room > UINT32_MAX / 2)
        return E_NOMEM;
    uint32_t room = shard->room < FIRST_ROOM * 2
                        ? shard->room + FIRST_ROOM
                        : shard->room + shard->room / 4;
    uint64_t *entries = entries_new(room);
    if (entries == NULL)
        return E_NOMEM;
    for (uint32_t i = 0; i < shard->room; i++)
        if (shard->entries[i] != 0)
            place(slots, entries, room, shard->entries[i]);
    if (shard->entries != NULL)
        slots->bytes -= held_bytes(shard->room);
    entries_free(shard->entries, shard->room);
    slots->bytes += held_bytes(room);
    shard->entries = entries;
    shard->room = room;
    return OK;
}

void
slots_expect(const struct slots *slots, uint64_t hash)
{
    const struct slots_shard *shard = shard_of(slots, hash);
    if (shard->count > 0)
        __builtin_prefetch(
            &shard->entries[home_of(slots, print_of(slots, hash), shard->room)],
            1);
}

uint64_t *
slots_find(struct slots *slots, uint64_t hash)
{
    struct slots_shard *shard = shard_of(slots, hash);
    if (shard->count == 0)
        return NULL;
    uint64_t print = print_of(slots, hash);
    uint32_t at = home_of(slots, print, shard->room);
    while (shard->entries[at] != 0) {
        if (shard->entries[at] >> slots->value_bits == print)
            return &shard->entries[at];
        at = at + 1 == shard->room ? 0 : at + 1;
    }
    return NULL;
}

enum result
slots_add(struct slots *slots, uint64_t hash, uint64_t value)
{
    struct slots_shard *shard = shard_of(slots, hash);
    if ((uint64_t)(shard->count + 1) * 20 > (uint64_t)shard->room * 17) {
        enum result r = grow(slots, shard);
        if (r != OK)
            return r;
    }
    uint64_t print = print_of(slots, hash);
    place(slots, shard->entries, shard->room,
          print << slots->value_bits | value);
    shard->count++;
    slots->count++;
    return OK;
}

enum result
slots_put(struct slots *slots, uint64_t hash, uint64_t value, bool *ret_made,
          uint64_t **ret_entry)
{
    uint64_t *entry = slots_find(slots, hash);
    bool made = entry == NULL;
    if (made) {
        enum result r = slots_add(slots, hash, value);
        if (r != OK)
            return r;
        entry = slots_find(slots, hash);
    }
    *ret_made = made;
    *ret_entry = entry;
    return OK;
}

bool
slots_next(const struct slots *slots, uint64_t hash, uint32_t *cursor,
           uint64_t *ret_value)
{
    const struct slots_shard *shard = shard_of(slots, hash);
    if (shard->count == 0)
        return false;
    uint64_t print = print_of(slots, hash);
    uint32_t home = home_of(slots, print, shard->room);
    while (*cursor < shard->room) {
        uint32_t at = (home + *cursor) % shard->room;
        uint64_t entry = shard->entries[at];
        if (entry == 0)
            return false;
        ++*cursor;
        if (entry >> slots->value_bits == print) {
            *ret_value = slots_value(slots, entry);
            return true;
        }
    }
    return false;
}

/* Shifts back what may move into the hole, until a free slot. */
static void
close_hole(const struct slots *slots, struct slots_shard *shard, uint32_t hole)
{
    uint32_t room = shard->room, at = hole;
    for (;;) {
        at = at + 1 == room ? 0 : at + 1;
        uint64_t entry = shard->entries[at];
        if (entry == 0)
            break;
        uint32_t home = home_of(slots, entry >> slots->value_bits, room);
        uint32_t from_home = (at + room - home) % room;
        uint32_t from_hole = (at + room - hole) % room;
        if (from_home >= from_hole) {
            shard->entries[hole] = entry;
            hole = at;
        }
    }
    shard->entries[hole] = 0;
}

void
slots_remove(struct slots *slots, uint64_t hash, uint64_t value)
{
    struct slots_shard *shard = shard_of(slots, hash);
    if (shard->count == 0)
        return;
    uint64_t entry = print_of(slots, hash) << slots->value_bits | value;
    uint32_t at = home_of(slots, entry >> slots->value_bits, shard->room);
    while (shard->entries[at] != 0) {
        if (shard->entries[at] == entry) {
            close_hole(slots, shard, at);
            shard->count--;
            slots->count--;
            return;
        }
        at = at + 1 == shard->room ? 0 : at + 1;
    }
}
