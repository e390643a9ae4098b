/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A set of 64-bit hashes with a few value bits beside each, in 8 bytes an
 * entry: sharded, open addressing, linear probing. A shard grows by a quarter
 * when it is 85 % full, so that memory stays between 9.4 and 11.8 bytes an
 * entry and growing never holds two copies of more than one shard. Entries
 * never leave one by one, except with slots_remove. Does not know what the
 * hashes mean; what it finds may, once in 2^54 per stored entry, be another.
 */
#ifndef VIGIE_DETECT_SLOTS_H
#define VIGIE_DETECT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct slots_shard {
    uint64_t *entries; /* fingerprint << value_bits | value; 0: free */
    uint32_t room, count;
};

struct slots {
    unsigned value_bits, shard_bits;
    uint64_t count;
    uint64_t bytes; /* held, with what malloc keeps beside */
    struct slots_shard *shards;
};

/* shard_bits at most value_bits, so that no bit of the hash serves twice. */
enum result slots_start(struct slots *slots, unsigned value_bits,
                        unsigned shard_bits) MUST_USE;
void slots_free(struct slots *slots); /* safe on {0}, leaves {0} */

/* Spreads a pair of ids over 64 bits. */
uint64_t slots_mix(uint64_t a, uint64_t b);

/* Fetches its place from memory, a little before it is looked for. */
void slots_expect(const struct slots *slots, uint64_t hash);
/* The entry of a hash, or NULL. Borrowed until the next put or remove. */
uint64_t *slots_find(struct slots *slots, uint64_t hash);
/* Finds it, or makes it with `value`; *ret_entry as slots_find. */
enum result slots_put(struct slots *slots, uint64_t hash, uint64_t value,
                      bool *ret_made, uint64_t **ret_entry) MUST_USE;

static inline uint64_t
slots_value(const struct slots *slots, uint64_t entry)
{
    return entry & ((UINT64_C(1) << slots->value_bits) - 1);
}

static inline void
slots_set(const struct slots *slots, uint64_t *entry, uint64_t value)
{
    uint64_t mask = (UINT64_C(1) << slots->value_bits) - 1;
    *entry = (*entry & ~mask) | (value & mask);
}

/* Removes the entry of a hash whose value is `value` (several may share a
 * fingerprint where the caller checks); nothing where there is none. */
void slots_remove(struct slots *slots, uint64_t hash, uint64_t value);

/* Walks the entries that share the hash's fingerprint: start with *cursor 0;
 * false at the end. For callers whose value leads to the real key. */
bool slots_next(const struct slots *slots, uint64_t hash, uint32_t *cursor,
                uint64_t *ret_value);
/* Adds without looking whether it is there. */
enum result slots_add(struct slots *slots, uint64_t hash,
                      uint64_t value) MUST_USE;

#endif
