/* SPDX-License-Identifier: EUPL-1.2 */
/* Names to ids and back. */
#include <string.h>

#include "base/limits.h"
#include "ledger/lookup_inside.h"

/* Of an entry in table id: kind, batch, birth. */
#define HEAD_BYTES ID_HEAD_BYTES
/* What an alias takes in all tables, beside its value. */
#define ALIAS_BYTES 100

static struct text
as_text(const uint8_t *bytes, size_t length)
{
    return (struct text){(const char *)bytes, length};
}

static void
put_be(uint8_t *bytes, uint64_t number, size_t length)
{
    for (size_t i = length; i-- > 0; number >>= 8)
        bytes[i] = (uint8_t)number;
}

static uint64_t
get_be(const uint8_t *bytes, size_t length)
{
    uint64_t number = 0;

    for (size_t i = 0; i < length; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void
hash_key(const struct lookup *lookup, unsigned kind, struct text key,
         uint8_t ret_key[HASH_KEY_BYTES])
{
    ret_key[0] = (uint8_t)kind;
    lookup_hash(lookup, kind, key, ret_key + 1);
}

static bool
is_kind(enum alias_kind kind)
{
    return (int)kind >= 1 && (int)kind <= ALIAS_KIND_MAX;
}

static enum result
find_in_table(struct lookup *lookup, uint8_t key_bytes[HASH_KEY_BYTES],
              struct alias *ret_alias)
{
    MDB_val key = {HASH_KEY_BYTES, key_bytes};
    MDB_val value;
    enum result result = lookup_get(lookup, TABLE_HASH, &key, &value);

    if (result != OK)
        return result;
    if (value.mv_size != 16)
        return E_CORRUPT;
    memcpy(&ret_alias->id, value.mv_data, 8);
    memcpy(&ret_alias->canonical, (const uint8_t *)value.mv_data + 8, 8);
    return OK;
}

/* By hash; the canonical of today is that of birth or what it was joined
 * to since. */
static enum result
find_stored(struct lookup *lookup, uint8_t key_bytes[HASH_KEY_BYTES],
            struct alias *ret_alias)
{
    struct alias alias;
    bool never = false;
    enum result result = OK;

    if (lookup->fresh == NULL ||
        !fresh_find(lookup->fresh, key_bytes, &alias, &never))
        result = never ? E_NOTFOUND : find_in_table(lookup, key_bytes, &alias);
    if (result != OK)
        return result;
    result = lookup_canon_get(lookup, alias.canonical, &alias.canonical);
    if (result == OK)
        *ret_alias = alias;
    return result;
}

/* Past the cache. Leaves the name's key in absent_key where there is none. */
static enum result
find_past(struct lookup *lookup, enum alias_kind kind, struct hash128 name,
          struct text key, struct alias *ret_alias)
{
    enum result result;

    if (lookup->absent.high == name.high && lookup->absent.low == name.low)
        return E_NOTFOUND;
    result = lookup_begin(lookup);
    if (result != OK)
        return result;
    hash_key(lookup, kind, key, lookup->absent_key);
    lookup->absent = (struct hash128){0};
    result = find_stored(lookup, lookup->absent_key, ret_alias);
    lookup_end(lookup);
    if (result == OK)
        cache_put(&lookup->cache, name, ret_alias->id, ret_alias->canonical);
    if (result == E_NOTFOUND && lookup->writer)
        lookup->absent = name;
    return result;
}

struct hash128
lookup_expect(const struct lookup *lookup, enum alias_kind kind,
              struct text key)
{
    struct hash128 name = cache_name(&lookup->cache, kind, key);

    cache_fetch(&lookup->cache, name);
    return name;
}

bool
lookup_expected(struct lookup *lookup, struct hash128 name,
                struct alias *ret_alias)
{
    return lookup->failed == OK &&
           cache_find(&lookup->cache, name, &ret_alias->id,
                      &ret_alias->canonical);
}

enum result
lookup_find(struct lookup *lookup, enum alias_kind kind, struct text key,
            struct alias *ret_alias)
{
    struct hash128 name;

    if (!is_kind(kind))
        return E_ARGUMENT;
    if (lookup->failed != OK)
        return lookup->failed;
    name = cache_name(&lookup->cache, kind, key);
    if (cache_find(&lookup->cache, name, &ret_alias->id, &ret_alias->canonical))
        return OK;
    return find_past(lookup, kind, name, key, ret_alias);
}

/* The value under the number of its birth, and what table id will say. */
static enum result
store_value(struct lookup *lookup, enum alias_kind kind, struct text shown,
            uint64_t id, uint8_t ret_head[HEAD_BYTES])
{
    uint8_t associated[8 + HEAD_BYTES];
    uint64_t birth = lookup->births + 1;
    const uint8_t *secret = lookup->values_key;
    uint32_t batch_number = 0;
    MDB_val key = {sizeof(birth), &birth};
    MDB_val value = {CIPHER_MORE_BYTES + shown.length, NULL};
    int code;

    if (kind == ALIAS_PERSON) {
        const struct lookup_batch *batch;
        enum result result = lookup_batch_current(lookup, &batch);

        if (result != OK)
            return result;
        secret = batch->key;
        batch_number = batch->number;
    }
    memcpy(associated, &id, 8);
    associated[8] = (uint8_t)kind;
    put_be(associated + 9, batch_number, 4);
    put_be(associated + 13, birth, 8);
    code = mdb_put(lookup->txn, lookup->table[TABLE_VALUES], &key, &value,
                   MDB_APPEND | MDB_RESERVE);
    if (code != MDB_SUCCESS)
        return lookup_result(lookup, code);
    cipher_seal(secret, as_text(associated, sizeof(associated)), shown,
                value.mv_data);
    lookup->births = birth;
    memcpy(ret_head, associated + 8, HEAD_BYTES);
    return journal_put(lookup, TABLE_VALUES, &key, &value);
}

/* As fresh_write will put it. */
static enum result
journal_alias(struct lookup *lookup, uint8_t key_bytes[HASH_KEY_BYTES],
              uint8_t head_bytes[HEAD_BYTES], struct alias *alias)
{
    MDB_val id = {sizeof(alias->id), &alias->id};
    MDB_val head = {HEAD_BYTES, head_bytes};
    MDB_val key = {HASH_KEY_BYTES, key_bytes};
    MDB_val ids = {sizeof(*alias), alias};
    enum result result = journal_put(lookup, TABLE_ID, &id, &head);

    return result == OK ? journal_put(lookup, TABLE_HASH, &key, &ids) : result;
}

/* Of the name in absent_key. */
static enum result
make_alias(struct lookup *lookup, enum alias_kind kind, struct text shown,
           uint64_t canonical, struct alias *ret_alias)
{
    struct alias alias = {.id = hash_random_u64()};
    uint8_t head[HEAD_BYTES];
    enum result result = store_value(lookup, kind, shown, alias.id, head);

    if (result != OK)
        return result;
    alias.canonical = alias.id;
    if (canonical != 0) {
        result = lookup_canon_get(lookup, canonical, &alias.canonical);
        if (result == OK)
            result = lookup_canon_put(lookup, alias.id, alias.canonical);
    }
    if (result == OK)
        result = fresh_add(lookup, lookup->absent_key, head, &alias);
    if (result == OK)
        result = journal_alias(lookup, lookup->absent_key, head, &alias);
    if (result == OK)
        *ret_alias = alias;
    return result;
}

enum result
lookup_add(struct lookup *lookup, enum alias_kind kind, struct text key,
           struct text shown, uint64_t canonical, struct alias *ret_alias,
           bool *ret_made)
{
    struct alias alias;
    struct hash128 name;
    bool made = false;
    enum result result = OK;

    if (!is_kind(kind))
        return E_ARGUMENT;
    if (shown.length > EVENT_PACKED_BYTES_MAX)
        return E_LIMIT;
    if (lookup->failed != OK)
        return lookup->failed;
    name = cache_name(&lookup->cache, kind, key);
    if (!cache_find(&lookup->cache, name, &alias.id, &alias.canonical))
        result = find_past(lookup, kind, name, key, &alias);
    if (result == E_NOTFOUND) {
        made = true;
        result = lookup_room(lookup, shown.length + ALIAS_BYTES);
        if (result == OK)
            result = make_alias(lookup, kind, shown, canonical, &alias);
        lookup->absent = (struct hash128){0};
        lookup->map.aliases++;
        if (result == OK)
            cache_put(&lookup->cache, name, alias.id, alias.canonical);
    }
    if (result != OK)
        return result;
    *ret_alias = alias;
    if (ret_made != NULL)
        *ret_made = made;
    return OK;
}

/* *ret_head: HEAD_BYTES bytes, held until the transaction's next change. */
static enum result
get_head(struct lookup *lookup, uint64_t id, const uint8_t **ret_head)
{
    MDB_val key = {sizeof(id), &id};
    MDB_val value;
    enum result result = lookup->fresh != NULL ? fresh_write(lookup) : OK;

    if (result == OK)
        result = lookup_get(lookup, TABLE_ID, &key, &value);
    if (result != OK)
        return result;
    if (value.mv_size != HEAD_BYTES ||
        !is_kind(*(const uint8_t *)value.mv_data))
        return E_CORRUPT;
    *ret_head = value.mv_data;
    return OK;
}

static enum result
open_value(struct lookup *lookup, uint64_t id, const uint8_t *head,
           struct buffer *out)
{
    uint8_t associated[8 + HEAD_BYTES];
    uint64_t birth = get_be(head + 5, 8);
    MDB_val key = {sizeof(birth), &birth};
    MDB_val sealed;
    const uint8_t *secret = NULL;
    enum result result =
        lookup_batch_key(lookup, (uint32_t)get_be(head + 1, 4), &secret);

    if (result == OK)
        result = lookup_get(lookup, TABLE_VALUES, &key, &sealed);
    if (result == OK && sealed.mv_size < CIPHER_MORE_BYTES)
        result = E_CORRUPT;
    if (result == OK)
        result = buffer_reserve(out, sealed.mv_size);
    if (result != OK)
        return result;
    memcpy(associated, &id, 8);
    memcpy(associated + 8, head, HEAD_BYTES);
    if (!cipher_open(secret, as_text(associated, sizeof(associated)),
                     as_text(sealed.mv_data, sealed.mv_size),
                     (uint8_t *)out->bytes + out->length))
        return E_CORRUPT;
    out->length += sealed.mv_size - CIPHER_MORE_BYTES;
    return OK;
}

enum result
lookup_value(struct lookup *lookup, uint64_t id, struct buffer *out)
{
    const uint8_t *head;
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    result = get_head(lookup, id, &head);
    if (result == OK)
        result = open_value(lookup, id, head, out);
    lookup_end(lookup);
    return result;
}

enum result
lookup_birth(struct lookup *lookup, uint64_t id, enum alias_kind *ret_kind,
             uint64_t *ret_birth)
{
    const uint8_t *head;
    enum result result = get_head(lookup, id, &head);

    if (result == OK) {
        *ret_kind = (enum alias_kind)head[0];
        *ret_birth = get_be(head + 5, 8);
    }
    return result;
}

enum result
lookup_kind(struct lookup *lookup, uint64_t id, enum alias_kind *ret_kind)
{
    uint64_t birth;
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    result = lookup_birth(lookup, id, ret_kind, &birth);
    lookup_end(lookup);
    return result;
}
