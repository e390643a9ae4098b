/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/lookup_anew.h"

#include <stdlib.h>
#include <string.h>

/* Puts between two commits of the new file: a page each where keys lie at
 * random, 32 MiB of memory. */
#define PUTS_MAX 8192

enum result
anew_result(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return OK;
    case MDB_NOTFOUND:
        return E_NOTFOUND;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
        return E_CORRUPT;
    default:
        return E_IO;
    }
}

int
anew_compare_ids(const void *a, const void *b)
{
    uint64_t left, right;

    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return (left > right) - (left < right);
}

static bool
has(const uint64_t *ids, size_t count, const void *id)
{
    return count > 0 &&
           bsearch(id, ids, count, sizeof(ids[0]), anew_compare_ids) != NULL;
}

static bool
is_erased(const struct rewrite *rewrite, const void *id)
{
    return has(rewrite->change->erased, rewrite->change->erased_count, id);
}

/* ---------------------------------------------------------------- values */

static struct text
as_text(const MDB_val *value)
{
    return (struct text){value->mv_data, value->mv_size};
}

/* Under the present key out, under the next one in. */
static enum result
reseal(struct rewrite *rewrite, struct text associated, MDB_val *value)
{
    enum result result;

    if (value->mv_size < CIPHER_MORE_BYTES)
        return E_CORRUPT;
    buffer_clear(&rewrite->value);
    buffer_clear(&rewrite->sealed);
    result = buffer_reserve(&rewrite->value, value->mv_size);
    if (result == OK)
        result = buffer_reserve(&rewrite->sealed, value->mv_size);
    if (result != OK)
        return result;
    if (!cipher_open(rewrite->lookup->values_key, associated, as_text(value),
                     (uint8_t *)rewrite->value.bytes))
        return E_CORRUPT;
    cipher_seal(
        rewrite->values_key, associated,
        (struct text){rewrite->value.bytes, value->mv_size - CIPHER_MORE_BYTES},
        (uint8_t *)rewrite->sealed.bytes);
    value->mv_data = rewrite->sealed.bytes;
    return OK;
}

/* Of table hash, and the names' half of table names: one more HMAC. */
static void
rehash(const struct rewrite *rewrite, unsigned kind, MDB_val *key,
       uint8_t ret_key[HASH_KEY_BYTES])
{
    const uint8_t *bytes = key->mv_data;

    ret_key[0] = bytes[0];
    cipher_mac_hash(&rewrite->mac[kind],
                    (struct text){(const char *)bytes + 1, 16}, ret_key + 1);
    key->mv_data = ret_key;
}

/* What becomes of one entry: *ret_skip, or key and value as they are to be.
 * `room` holds a key that was made. */
static enum result
change_hash(struct rewrite *rewrite, MDB_val *key, const MDB_val *value,
            uint8_t *room, bool *ret_skip)
{
    const uint8_t *kind = key->mv_data;

    if (key->mv_size != HASH_KEY_BYTES || value->mv_size != 16 || kind[0] < 1 ||
        kind[0] > ALIAS_KIND_MAX)
        return E_CORRUPT;
    *ret_skip = is_erased(rewrite, value->mv_data);
    if (!*ret_skip && rewrite->change->keys != NULL)
        rehash(rewrite, kind[0], key, room);
    return OK;
}

/* names: by HMAC, a number; by number, the sealed name. */
static enum result
change_name(struct rewrite *rewrite, MDB_val *key, MDB_val *value,
            uint8_t *room)
{
    const uint8_t *kind = key->mv_data;

    if (rewrite->change->keys == NULL)
        return OK;
    if (key->mv_size == HASH_KEY_BYTES && kind[0] >= 1 &&
        kind[0] <= NAME_KIND_MAX) {
        rehash(rewrite, NAME_KIND_BASE + kind[0], key, room);
        return OK;
    }
    return key->mv_size == 3 ? reseal(rewrite, as_text(key), value) : E_CORRUPT;
}

static enum result
change_import(struct rewrite *rewrite, MDB_val *key, uint8_t *room)
{
    if (rewrite->change->keys == NULL)
        return OK;
    if (key->mv_size != HASH_BYTES)
        return E_CORRUPT;
    hash_hmac(rewrite->imports_key, key->mv_data, HASH_BYTES, room);
    key->mv_data = room;
    return OK;
}

static enum result
change_entry(struct rewrite *rewrite, enum lookup_table table, MDB_val *key,
             MDB_val *value, uint8_t room[HASH_BYTES], bool *ret_skip)
{
    *ret_skip = false;
    switch (table) {
    case TABLE_HASH:
        return change_hash(rewrite, key, value, room, ret_skip);
    case TABLE_ID:
        if (key->mv_size != 8 || value->mv_size != ID_HEAD_BYTES)
            return E_CORRUPT;
        *ret_skip = is_erased(rewrite, key->mv_data);
        return OK;
    case TABLE_VALUES:
        if (key->mv_size != 8)
            return E_CORRUPT;
        *ret_skip = has(rewrite->births, rewrite->birth_count, key->mv_data);
        return OK;
    case TABLE_NAMES:
        return change_name(rewrite, key, value, room);
    case TABLE_IMPORTS:
        return change_import(rewrite, key, room);
    case TABLE_SETTINGS:
        return rewrite->change->keys == NULL
                   ? OK
                   : reseal(rewrite, as_text(key), value);
    default:
        return OK;
    }
}

/* ---------------------------------------------------------------- tables */

enum result
anew_begin(struct rewrite *rewrite)
{
    rewrite->puts = 0;
    return anew_result(mdb_txn_begin(rewrite->env, NULL, 0, &rewrite->to));
}

static enum result
put(struct rewrite *rewrite, enum lookup_table table, MDB_val *key,
    MDB_val *value, unsigned flags)
{
    enum result result = OK;

    if (rewrite->puts == PUTS_MAX) {
        result = anew_result(mdb_txn_commit(rewrite->to));
        rewrite->to = NULL;
        if (result == OK)
            result = anew_begin(rewrite);
    }
    rewrite->puts++;
    return result == OK
               ? anew_result(mdb_put(rewrite->to, rewrite->table[table], key,
                                     value, flags))
               : result;
}

/* Whether entries come out in the order of their keys: then they are put one
 * behind the other, into full pages. */
static unsigned
flags_of(const struct rewrite *rewrite, enum lookup_table table)
{
    bool moved =
        rewrite->change->keys != NULL &&
        (table == TABLE_HASH || table == TABLE_NAMES || table == TABLE_IMPORTS);

    if (table == TABLE_MEMBERS || table == TABLE_SEEN)
        return MDB_APPENDDUP;
    return moved ? 0 : MDB_APPEND;
}

enum result
anew_table(struct rewrite *rewrite, enum lookup_table table)
{
    uint8_t room[HASH_BYTES];
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    enum result result = anew_result(
        mdb_cursor_open(rewrite->from, rewrite->lookup->table[table], &cursor));

    while (result == OK) {
        bool skip = false;

        result = anew_result(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
        if (result != OK)
            break;
        result = change_entry(rewrite, table, &key, &value, room, &skip);
        if (result == OK && !skip)
            result =
                put(rewrite, table, &key, &value, flags_of(rewrite, table));
    }
    mdb_cursor_close(cursor);
    return result == E_NOTFOUND ? OK : result;
}

/* ---------------------------------------- values, under the next keys */

/* The entries of table id of so many births: 24 MiB. */
#define WINDOW (1u << 20)

struct head {
    uint64_t id; /* 0: none */
    uint8_t bytes[ID_HEAD_BYTES];
};

static uint64_t
birth_of(const uint8_t head[ID_HEAD_BYTES])
{
    uint64_t birth = 0;

    for (size_t i = 5; i < ID_HEAD_BYTES; i++)
        birth = birth << 8 | head[i];
    return birth;
}

static enum result
gather_heads(struct rewrite *rewrite, uint64_t first, struct head *heads)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    enum result result = anew_result(mdb_cursor_open(
        rewrite->from, rewrite->lookup->table[TABLE_ID], &cursor));

    memset(heads, 0, WINDOW * sizeof(heads[0]));
    while (result == OK) {
        uint64_t birth;

        result = anew_result(mdb_cursor_get(cursor, &key, &value, MDB_NEXT));
        if (result == OK &&
            (key.mv_size != 8 || value.mv_size != ID_HEAD_BYTES))
            result = E_CORRUPT;
        if (result != OK)
            break;
        birth = birth_of(value.mv_data);
        if (birth < first || birth - first >= WINDOW)
            continue;
        memcpy(&heads[birth - first].id, key.mv_data, 8);
        memcpy(heads[birth - first].bytes, value.mv_data, ID_HEAD_BYTES);
    }
    mdb_cursor_close(cursor);
    return result == E_NOTFOUND ? OK : result;
}

static enum result
anew_window(struct rewrite *rewrite, uint64_t first, const struct head *heads)
{
    static const uint8_t machine[4];
    enum result result = OK;

    for (size_t i = 0; i < WINDOW && result == OK; i++) {
        uint8_t associated[8 + ID_HEAD_BYTES];
        uint64_t birth = first + i;
        MDB_val key = {sizeof(birth), &birth}, value;

        if (heads[i].id == 0 || is_erased(rewrite, &heads[i].id))
            continue;
        result = anew_result(mdb_get(
            rewrite->from, rewrite->lookup->table[TABLE_VALUES], &key, &value));
        memcpy(associated, &heads[i].id, 8);
        memcpy(associated + 8, heads[i].bytes, ID_HEAD_BYTES);
        /* persons' values stay under their batch, which is the vault's */
        if (result == OK && memcmp(heads[i].bytes + 1, machine, 4) == 0)
            result = reseal(
                rewrite,
                (struct text){(const char *)associated, sizeof(associated)},
                &value);
        if (result == OK)
            result = put(rewrite, TABLE_VALUES, &key, &value, MDB_APPEND);
    }
    return result == E_NOTFOUND ? E_CORRUPT : result;
}

enum result
anew_values(struct rewrite *rewrite)
{
    struct head *heads = malloc(WINDOW * sizeof(heads[0]));
    enum result result = heads == NULL ? E_NOMEM : OK;

    for (uint64_t first = 1; first <= rewrite->lookup->births && result == OK;
         first += WINDOW) {
        result = gather_heads(rewrite, first, heads);
        if (result == OK)
            result = anew_window(rewrite, first, heads);
    }
    free(heads);
    return result;
}

enum result
anew_births(struct rewrite *rewrite)
{
    const struct lookup_change *change = rewrite->change;
    enum result result = OK;

    rewrite->births =
        calloc(change->erased_count + 1, sizeof(rewrite->births[0]));
    if (rewrite->births == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < change->erased_count && result == OK; i++) {
        uint64_t id = change->erased[i];
        MDB_val key = {sizeof(id), &id}, value;

        result = anew_result(mdb_get(
            rewrite->from, rewrite->lookup->table[TABLE_ID], &key, &value));
        if (result == OK && value.mv_size != ID_HEAD_BYTES)
            result = E_CORRUPT;
        if (result == OK)
            rewrite->births[rewrite->birth_count++] = birth_of(value.mv_data);
        if (result == E_NOTFOUND)
            result = OK; /* erased before */
    }
    if (rewrite->birth_count > 0)
        qsort(rewrite->births, rewrite->birth_count, sizeof(rewrite->births[0]),
              anew_compare_ids);
    return result;
}

void
anew_keys(struct rewrite *rewrite)
{
    const struct keys *keys = rewrite->change->keys;
    uint8_t key[KEY_BYTES];

    if (keys == NULL)
        return;
    for (unsigned kind = 0; kind < LOOKUP_KINDS; kind++) {
        keys_derive(keys, KEYS_HASH + kind, key);
        cipher_mac_start(&rewrite->mac[kind], key);
    }
    keys_derive(keys, KEYS_VALUES, rewrite->values_key);
    keys_derive(keys, KEYS_IMPORTS, rewrite->imports_key);
    hash_wipe(key, sizeof(key));
}
