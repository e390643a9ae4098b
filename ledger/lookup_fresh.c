/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/lookup_fresh.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/lookup_inside.h"

#define FRESH_MAX 16384
/* A live core's: some milliseconds at a time, and still a few names a page. */
#define FRESH_LIVE_MAX 1024
#define INDEX_SLOTS (2 * FRESH_MAX)
#define BUCKET_BITS 12

/* 2 MiB: at a million names one in a thousand asks the table in vain. A
 * table with more at opening is not read through; then all ask. */
#define FILTER_BLOCKS 32768
#define LEARNT_MAX 1500000

struct fresh_alias {
    uint64_t id, canonical;
    uint8_t key[HASH_KEY_BYTES];
    uint8_t head[ID_HEAD_BYTES];
};

struct fresh_order {
    uint64_t order;
    uint32_t alias;
};

struct lookup_fresh {
    size_t count;
    struct fresh_alias aliases[FRESH_MAX];
    uint16_t index[INDEX_SLOTS]; /* of the alias, plus one; by its key */
    struct fresh_order given[FRESH_MAX], sorted[FRESH_MAX];
    size_t most; /* that wait */
    bool filtered;
    uint64_t (*blocks)[8]; /* one cache line each */
};

enum result
fresh_new(struct lookup_fresh **ret_fresh)
{
    struct lookup_fresh *fresh = calloc(1, sizeof(*fresh));
    const size_t bytes = FILTER_BLOCKS * sizeof(fresh->blocks[0]);

    if (fresh == NULL)
        return E_NOMEM;
    fresh->blocks = cache_memory(bytes);
    if (fresh->blocks == NULL) {
        fresh_free(fresh);
        return E_NOMEM;
    }
    memset(fresh->blocks, 0, bytes);
    fresh->most = FRESH_MAX;
    *ret_fresh = fresh;
    return OK;
}

void
fresh_hurry(struct lookup_fresh *fresh)
{
    fresh->most = FRESH_LIVE_MAX;
}

void
fresh_free(struct lookup_fresh *fresh)
{
    if (fresh == NULL)
        return;
    free(fresh->blocks);
    free(fresh);
}

/* ---------------------------------------------------------------- filter */

/* Two words of the HMAC, which is as good as random; the kind mixed in. */
static uint64_t
word_of(const uint8_t key[HASH_KEY_BYTES], size_t at)
{
    uint64_t word;

    memcpy(&word, key + 1 + at, sizeof(word));
    return word ^ key[0];
}

static void
filter_add(struct lookup_fresh *fresh, const uint8_t key[HASH_KEY_BYTES])
{
    uint64_t *block = fresh->blocks[word_of(key, 0) % FILTER_BLOCKS];
    uint64_t bits = word_of(key, 8);

    for (int i = 0; i < 6; i++, bits >>= 9)
        block[bits >> 6 & 7] |= UINT64_C(1) << (bits & 63);
}

static bool
is_never(const struct lookup_fresh *fresh, const uint8_t key[HASH_KEY_BYTES])
{
    const uint64_t *block = fresh->blocks[word_of(key, 0) % FILTER_BLOCKS];
    uint64_t bits = word_of(key, 8), all = 1;

    if (!fresh->filtered)
        return false;
    for (int i = 0; i < 6; i++, bits >>= 9)
        all &= block[bits >> 6 & 7] >> (bits & 63);
    return all == 0;
}

enum result
fresh_learn(struct lookup *lookup)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    MDB_stat stat;
    int code;
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    code = mdb_stat(lookup->txn, lookup->table[TABLE_HASH], &stat);
    if (code == MDB_SUCCESS && stat.ms_entries > LEARNT_MAX)
        return OK;
    if (code == MDB_SUCCESS)
        code = mdb_cursor_open(lookup->txn, lookup->table[TABLE_HASH], &cursor);
    while (code == MDB_SUCCESS) {
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        if (code == MDB_SUCCESS && key.mv_size == HASH_KEY_BYTES)
            filter_add(lookup->fresh, key.mv_data);
    }
    mdb_cursor_close(cursor);
    if (code != MDB_NOTFOUND)
        return lookup_result(lookup, code);
    lookup->fresh->filtered = true;
    return OK;
}

/* --------------------------------------------------------------- waiting */

/* The slot of the key, or the empty one where it would be. */
static size_t
slot_of(const struct lookup_fresh *fresh, const uint8_t key[HASH_KEY_BYTES])
{
    size_t at = word_of(key, 0) % INDEX_SLOTS;

    while (fresh->index[at] != 0 &&
           memcmp(fresh->aliases[fresh->index[at] - 1].key, key,
                  HASH_KEY_BYTES) != 0)
        at = (at + 1) % INDEX_SLOTS;
    return at;
}

bool
fresh_find(const struct lookup_fresh *fresh, const uint8_t key[HASH_KEY_BYTES],
           struct alias *ret_alias, bool *ret_never)
{
    const struct fresh_alias *found;
    uint16_t index;

    *ret_never = is_never(fresh, key);
    if (*ret_never)
        return false;
    index = fresh->index[slot_of(fresh, key)];
    if (index == 0)
        return false;
    found = &fresh->aliases[index - 1];
    *ret_alias = (struct alias){found->id, found->canonical};
    return true;
}

enum result
fresh_add(struct lookup *lookup, const uint8_t key[HASH_KEY_BYTES],
          const uint8_t head[ID_HEAD_BYTES], const struct alias *alias)
{
    struct lookup_fresh *fresh = lookup->fresh;
    struct fresh_alias *added;
    enum result result = OK;

    if (fresh->count >= fresh->most)
        result = fresh_write(lookup);
    if (result != OK)
        return result;
    added = &fresh->aliases[fresh->count++];
    added->id = alias->id;
    added->canonical = alias->canonical;
    memcpy(added->key, key, HASH_KEY_BYTES);
    memcpy(added->head, head, ID_HEAD_BYTES);
    fresh->index[slot_of(fresh, key)] = (uint16_t)fresh->count;
    filter_add(fresh, key);
    return OK;
}

/* The orders are as good as random, but for a few first bits: these put each
 * nearly in its place, the rest is done by insertion. */
static void
sort(struct lookup_fresh *fresh)
{
    uint32_t starts[1 << BUCKET_BITS] = {0};
    uint32_t start = 0;

    for (size_t i = 0; i < fresh->count; i++)
        starts[fresh->given[i].order >> (64 - BUCKET_BITS)]++;
    for (size_t i = 0; i < 1 << BUCKET_BITS; i++) {
        uint32_t count = starts[i];

        starts[i] = start;
        start += count;
    }
    for (size_t i = 0; i < fresh->count; i++) {
        uint64_t bucket = fresh->given[i].order >> (64 - BUCKET_BITS);

        fresh->sorted[starts[bucket]++] = fresh->given[i];
    }
    for (size_t i = 1; i < fresh->count; i++) {
        struct fresh_order moved = fresh->sorted[i];
        size_t at = i;

        for (; at > 0 && fresh->sorted[at - 1].order > moved.order; at--)
            fresh->sorted[at] = fresh->sorted[at - 1];
        fresh->sorted[at] = moved;
    }
}

static int
put_sorted(struct lookup *lookup, enum lookup_table table, size_t key_bytes,
           size_t key_at, size_t value_bytes, size_t value_at)
{
    struct lookup_fresh *fresh = lookup->fresh;
    MDB_cursor *cursor = NULL;
    int code = mdb_cursor_open(lookup->txn, lookup->table[table], &cursor);

    sort(fresh);
    for (size_t i = 0; i < fresh->count && code == MDB_SUCCESS; i++) {
        char *alias = (char *)&fresh->aliases[fresh->sorted[i].alias];
        MDB_val key = {key_bytes, alias + key_at};
        MDB_val value = {value_bytes, alias + value_at};

        code = mdb_cursor_put(cursor, &key, &value, MDB_NOOVERWRITE);
    }
    mdb_cursor_close(cursor);
    return code;
}

enum result
fresh_write(struct lookup *lookup)
{
    struct lookup_fresh *fresh = lookup->fresh;
    int code;

    if (fresh->count == 0)
        return OK;
    for (uint32_t i = 0; i < fresh->count; i++)
        fresh->given[i] = (struct fresh_order){fresh->aliases[i].id, i};
    code = put_sorted(lookup, TABLE_ID, sizeof(uint64_t),
                      offsetof(struct fresh_alias, id), ID_HEAD_BYTES,
                      offsetof(struct fresh_alias, head));
    for (uint32_t i = 0; i < fresh->count; i++) {
        const uint8_t *key = fresh->aliases[i].key;
        uint64_t word = __builtin_bswap64(word_of(key, 0) ^ key[0]);

        /* kinds are below eight: as the table's bytes sort */
        fresh->given[i].order = (uint64_t)key[0] << 61 | word >> 3;
    }
    if (code == MDB_SUCCESS)
        code =
            put_sorted(lookup, TABLE_HASH, HASH_KEY_BYTES,
                       offsetof(struct fresh_alias, key), 2 * sizeof(uint64_t),
                       offsetof(struct fresh_alias, id));
    fresh->count = 0;
    memset(fresh->index, 0, sizeof(fresh->index));
    return lookup_result(lookup, code);
}
