/* SPDX-License-Identifier: EUPL-1.2 */
/* Small things kept beside the aliases: names with numbers, imports,
 * settings. */
#include <string.h>

#include "base/limits.h"
#include "ledger/lookup_inside.h"

#define IMPORT_BYTES 24
/* What a key and its head take. */
#define SMALL_BYTES 200
#define NUMBER_KEY_BYTES 3
/* LMDB's own limit is 511. */
#define SETTING_NAME_MAX 128

static MDB_val
as_value(struct text text)
{
    /* LMDB's type has no const; it does not write to keys. */
    return (MDB_val){text.length, (void *)(uintptr_t)text.bytes};
}

enum result
lookup_put_sealed(struct lookup *lookup, enum lookup_table table,
                  struct text key, struct text value)
{
    MDB_val stored_key = as_value(key);
    MDB_val stored = {value.length + CIPHER_MORE_BYTES, NULL};
    enum result result;
    int code = mdb_put(lookup->txn, lookup->table[table], &stored_key, &stored,
                       MDB_RESERVE);

    if (code == MDB_SUCCESS) {
        cipher_seal(lookup->values_key, key, value, stored.mv_data);
        lookup->changed = true;
    }
    result = lookup_result(lookup, code);
    return result == OK ? journal_put(lookup, table, &stored_key, &stored)
                        : result;
}

static enum result
get_sealed(struct lookup *lookup, enum lookup_table table, struct text key,
           struct buffer *out)
{
    MDB_val stored_key = as_value(key);
    MDB_val stored;
    enum result result = lookup_get(lookup, table, &stored_key, &stored);

    if (result == OK && stored.mv_size < CIPHER_MORE_BYTES)
        result = E_CORRUPT;
    if (result == OK)
        result = buffer_reserve(out, stored.mv_size);
    if (result != OK)
        return result;
    if (!cipher_open(lookup->values_key, key,
                     (struct text){stored.mv_data, stored.mv_size},
                     (uint8_t *)out->bytes + out->length))
        return E_CORRUPT;
    out->length += stored.mv_size - CIPHER_MORE_BYTES;
    return OK;
}

enum result
lookup_get_sealed(struct lookup *lookup, enum lookup_table table,
                  struct text key, struct buffer *out)
{
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    result = get_sealed(lookup, table, key, out);
    lookup_end(lookup);
    return result;
}

/* --------------------------------------------------------------- names */

static struct text
number_key(enum name_kind kind, uint16_t number, char key[NUMBER_KEY_BYTES])
{
    key[0] = (char)kind;
    key[1] = (char)(number >> 8);
    key[2] = (char)(number & 0xff);
    return (struct text){key, NUMBER_KEY_BYTES};
}

/* The first number without a name, from 1. Names are few and never go. */
static enum result
next_number(struct lookup *lookup, enum name_kind kind, uint16_t *ret_number)
{
    char bytes[NUMBER_KEY_BYTES];
    uint32_t low = 1, high = UINT16_MAX + 1u;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        MDB_val key = as_value(number_key(kind, (uint16_t)middle, bytes));
        MDB_val value;
        enum result result = lookup_get(lookup, TABLE_NAMES, &key, &value);

        if (result == OK)
            low = middle + 1;
        else if (result == E_NOTFOUND)
            high = middle;
        else
            return result;
    }
    if (low > UINT16_MAX)
        return E_LIMIT;
    *ret_number = (uint16_t)low;
    return OK;
}

static enum result
make_number(struct lookup *lookup, enum name_kind kind, struct text name,
            uint8_t key_bytes[HASH_KEY_BYTES], uint16_t *ret_number)
{
    char bytes[NUMBER_KEY_BYTES];
    uint16_t number = 0;
    MDB_val key = {HASH_KEY_BYTES, key_bytes};
    MDB_val value = {sizeof(number), &number};
    enum result result = lookup_room(lookup, name.length + SMALL_BYTES);

    if (result == OK)
        result = next_number(lookup, kind, &number);
    if (result == OK)
        result = lookup_put_sealed(lookup, TABLE_NAMES,
                                   number_key(kind, number, bytes), name);
    if (result == OK)
        result = lookup_result(lookup,
                               mdb_put(lookup->txn, lookup->table[TABLE_NAMES],
                                       &key, &value, MDB_NOOVERWRITE));
    if (result == OK)
        result = journal_put(lookup, TABLE_NAMES, &key, &value);
    /* Given twice after a power cut, it would call rows by another's name. */
    journal_hurry(lookup);
    lookup->map.pages += 2;
    if (result == OK)
        *ret_number = number;
    return result;
}

static enum result
find_number(struct lookup *lookup, uint8_t key_bytes[HASH_KEY_BYTES],
            uint16_t *ret_number)
{
    MDB_val key = {HASH_KEY_BYTES, key_bytes};
    MDB_val value;
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    result = lookup_get(lookup, TABLE_NAMES, &key, &value);
    if (result == OK && value.mv_size != sizeof(*ret_number))
        result = E_CORRUPT;
    if (result == OK)
        memcpy(ret_number, value.mv_data, sizeof(*ret_number));
    lookup_end(lookup);
    return result;
}

enum result
lookup_number(struct lookup *lookup, enum name_kind kind, struct text name,
              uint16_t *ret_number)
{
    uint8_t key_bytes[HASH_KEY_BYTES];
    unsigned tag = NAME_KIND_BASE + (unsigned)kind;
    struct hash128 hash;
    uint64_t cached, unused;
    uint16_t number;
    enum result result;

    if ((int)kind < 1 || (int)kind > NAME_KIND_MAX)
        return E_ARGUMENT;
    if (name.length > EVENT_VALUE_BYTES_MAX)
        return E_LIMIT;
    if (lookup->failed != OK)
        return lookup->failed;
    if (name.length == 0) {
        *ret_number = 0; /* unknown */
        return OK;
    }
    hash = cache_name(&lookup->cache, tag, name);
    if (cache_find(&lookup->cache, hash, &cached, &unused)) {
        *ret_number = (uint16_t)cached;
        return OK;
    }
    key_bytes[0] = (uint8_t)kind;
    lookup_hash(lookup, tag, name, key_bytes + 1);
    result = find_number(lookup, key_bytes, &number);
    if (result == E_NOTFOUND && lookup->writer)
        result = make_number(lookup, kind, name, key_bytes, &number);
    if (result != OK)
        return result;
    cache_put(&lookup->cache, hash, number, 0);
    *ret_number = number;
    return OK;
}

enum result
lookup_number_name(struct lookup *lookup, enum name_kind kind, uint16_t number,
                   struct buffer *out)
{
    char bytes[NUMBER_KEY_BYTES];

    if ((int)kind < 1 || (int)kind > NAME_KIND_MAX)
        return E_ARGUMENT;
    return lookup_get_sealed(lookup, TABLE_NAMES,
                             number_key(kind, number, bytes), out);
}

/* ------------------------------------------------------------- imports */

/* Not the digest itself: who holds a file could see that it was read. */
static void
import_key(const struct lookup *lookup, const uint8_t digest[HASH_BYTES],
           uint8_t ret_key[HASH_BYTES])
{
    uint8_t before[HASH_BYTES];

    memcpy(ret_key, digest, HASH_BYTES);
    for (size_t i = 0; i < lookup->past_count; i++) {
        memcpy(before, ret_key, HASH_BYTES);
        hash_hmac(lookup->past_imports[i], before, HASH_BYTES, ret_key);
    }
    memcpy(before, ret_key, HASH_BYTES);
    hash_hmac(lookup->imports_key, before, HASH_BYTES, ret_key);
}

enum result
lookup_import_find(struct lookup *lookup, const uint8_t digest[HASH_BYTES],
                   struct import *ret_import)
{
    uint8_t key_bytes[HASH_BYTES];
    MDB_val key = {sizeof(key_bytes), key_bytes};
    MDB_val value;
    enum result result = lookup_begin(lookup);

    if (result != OK)
        return result;
    import_key(lookup, digest, key_bytes);
    result = lookup_get(lookup, TABLE_IMPORTS, &key, &value);
    if (result == OK && value.mv_size != IMPORT_BYTES)
        result = E_CORRUPT;
    if (result == OK) {
        const uint8_t *bytes = value.mv_data;

        memcpy(ret_import->digest, digest, HASH_BYTES);
        memcpy(&ret_import->bytes, bytes, 8);
        memcpy(&ret_import->records, bytes + 8, 8);
        memcpy(&ret_import->time_us, bytes + 16, 8);
    }
    lookup_end(lookup);
    return result;
}

enum result
lookup_import_add(struct lookup *lookup, const struct import *import)
{
    uint8_t key_bytes[HASH_BYTES];
    uint8_t bytes[IMPORT_BYTES];
    MDB_val key = {sizeof(key_bytes), key_bytes};
    MDB_val value = {sizeof(bytes), bytes};
    enum result result = lookup_room(lookup, SMALL_BYTES);

    if (result != OK)
        return result;
    import_key(lookup, import->digest, key_bytes);
    memcpy(bytes, &import->bytes, 8);
    memcpy(bytes + 8, &import->records, 8);
    memcpy(bytes + 16, &import->time_us, 8);
    lookup->map.pages++;
    result =
        lookup_result(lookup, mdb_put(lookup->txn, lookup->table[TABLE_IMPORTS],
                                      &key, &value, 0));
    return result == OK ? journal_put(lookup, TABLE_IMPORTS, &key, &value)
                        : result;
}

/* ------------------------------------------------------------ settings */

/* Names starting with a dot are the look-up's own. */
static bool
is_setting(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= SETTING_NAME_MAX && name[0] != '.';
}

enum result
lookup_setting_get(struct lookup *lookup, const char *name, struct buffer *out)
{
    if (!is_setting(name))
        return E_ARGUMENT;
    return lookup_get_sealed(lookup, TABLE_SETTINGS, text_of(name), out);
}

enum result
lookup_setting_set(struct lookup *lookup, const char *name, struct text value)
{
    enum result result;

    if (!is_setting(name))
        return E_ARGUMENT;
    if (value.length > CONF_BYTES_MAX)
        return E_LIMIT;
    result = lookup_room(lookup, value.length + SMALL_BYTES);
    if (result == OK)
        result =
            lookup_put_sealed(lookup, TABLE_SETTINGS, text_of(name), value);
    lookup->map.pages += 2 + value.length / 2048;
    return result;
}
