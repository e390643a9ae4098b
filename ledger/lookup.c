/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Opening, transactions, commit. Invariants:
 *  - The write transaction is bounded (lookup_map.c): lookup_room commits it
 *    early, between two operations. Names committed early are harmless: no
 *    row needs them yet.
 *  - After a write that failed nothing more is written, and nothing that the
 *    cache knew of the lost transaction is ever given out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "ledger/lookup_inside.h"

#define WRITER_CACHE_BYTES (8u << 20)
#define READER_CACHE_BYTES (64u << 10)

/* As the file begins; the map grows with it. */
#define MAP_BYTES (UINT64_C(32) << 20)

/* Names of our own among the settings; callers' never start with a dot. */
#define SETTING_CHECK TEXT(".check")
#define SETTING_BIRTHS TEXT(".births")
#define CHECK_VALUE TEXT("vigie look-up 1")

static const struct {
    const char *name;
    unsigned flags;
} tables[TABLE_COUNT] = {
    [TABLE_HASH] = {"hash", 0},
    [TABLE_ID] = {"id", MDB_INTEGERKEY},
    [TABLE_VALUES] = {"values", MDB_INTEGERKEY},
    [TABLE_CANON] = {"canon", MDB_INTEGERKEY},
    [TABLE_MEMBERS] = {"members", MDB_INTEGERKEY | MDB_DUPSORT | MDB_DUPFIXED |
                                      MDB_INTEGERDUP},
    [TABLE_NAMES] = {"names", 0},
    [TABLE_SEEN] = {"seen", MDB_DUPSORT | MDB_DUPFIXED},
    [TABLE_IMPORTS] = {"imports", 0},
    [TABLE_SETTINGS] = {"settings", 0},
    [TABLE_BATCH] = {"batch", 0},
};

enum result
lookup_result(struct lookup *lookup, int code)
{
    enum result result;

    switch (code) {
    case MDB_SUCCESS:
        return OK;
    case MDB_NOTFOUND:
        return E_NOTFOUND;
    case ENOMEM:
        result = E_NOMEM;
        break;
    case EACCES:
    case EROFS:
        result = E_DENIED;
        break;
    case ENOENT:
        result = E_NOTFOUND;
        break;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        result = E_CORRUPT;
        break;
    default:
        result = E_IO;
    }
    if (lookup->writer && lookup->failed == OK)
        lookup->failed = result;
    return result;
}

static enum result
begin_write(struct lookup *lookup)
{
    enum result result = lookup_map_grow(lookup, false);

    if (result == OK)
        result = lookup_result(
            lookup, mdb_txn_begin(lookup->env, NULL, 0, &lookup->txn));
    if (result != OK)
        lookup->txn = NULL;
    lookup->changed = false;
    return result == OK ? lookup_map_start(lookup) : result;
}

static enum result
begin_read(struct lookup *lookup)
{
    int code = MDB_SUCCESS;

    if (lookup->in_txn)
        return E_ARGUMENT; /* ours: calls do not nest */
    for (int i = 0; i < 3; i++) {
        code = lookup->txn != NULL
                   ? mdb_txn_renew(lookup->txn)
                   : mdb_txn_begin(lookup->env, NULL, MDB_RDONLY, &lookup->txn);
        if (code != MDB_MAP_RESIZED)
            break;
        /* The writer made the map larger: take its size. */
        (void)mdb_env_set_mapsize(lookup->env, 0);
    }
    lookup->in_txn = code == MDB_SUCCESS;
    return lookup_result(lookup, code);
}

enum result
lookup_begin(struct lookup *lookup)
{
    if (lookup->failed != OK)
        return lookup->failed;
    if (!lookup->writer)
        return begin_read(lookup);
    return lookup->txn != NULL ? OK : begin_write(lookup);
}

void
lookup_end(struct lookup *lookup)
{
    if (!lookup->writer && lookup->in_txn) {
        mdb_txn_reset(lookup->txn);
        lookup->in_txn = false;
    }
}

static void
drop(struct lookup *lookup)
{
    seen_close(lookup->seen);
    mdb_txn_abort(lookup->txn);
    lookup->txn = NULL;
}

static enum result
store_births(struct lookup *lookup)
{
    enum result result;

    if (lookup->births == lookup->births_stored)
        return OK;
    result = lookup_put_sealed(
        lookup, TABLE_SETTINGS, SETTING_BIRTHS,
        (struct text){(const char *)&lookup->births, sizeof(lookup->births)});
    if (result == OK)
        lookup->births_stored = lookup->births;
    return result;
}

enum result
lookup_commit(struct lookup *lookup)
{
    enum result result;

    if (!lookup->writer)
        return E_DENIED;
    if (lookup->txn != NULL && lookup->failed == OK && lookup->changed) {
        result = seen_write(lookup);
        if (result == OK)
            result = store_births(lookup);
        seen_close(lookup->seen);
        if (result == OK) {
            result = lookup_result(lookup, mdb_txn_commit(lookup->txn));
            lookup->txn = NULL; /* gone, whatever came of it */
        }
        if (result != OK && lookup->failed == OK)
            lookup->failed = result;
    } else if (lookup->txn != NULL) {
        drop(lookup);
    }
    if (lookup->failed != OK && lookup->txn != NULL)
        drop(lookup);
    return lookup->failed;
}

enum result
lookup_room(struct lookup *lookup, size_t bytes)
{
    enum result result;

    if (!lookup->writer)
        return E_DENIED;
    if (lookup->failed != OK)
        return lookup->failed;
    if (lookup->txn != NULL && lookup_map_full(lookup)) {
        result = lookup_commit(lookup);
        if (result != OK)
            return result;
    }
    result = lookup_begin(lookup);
    if (result != OK)
        return result;
    lookup->changed = true;
    lookup->map.bytes += bytes;
    return OK;
}

/* ------------------------------------------------------------- opening */

/* LMDB has a writers' lock too, but waits for it; two imports at once into
 * one data folder are a mistake to be told. */
static enum result
take_lock(struct lookup *lookup, const char *folder)
{
    char path[4096];
    enum result result;

    if (snprintf(path, sizeof(path), "%s/writer.lock", folder) >=
        (int)sizeof(path))
        return E_LIMIT;
    result = file_open(path, O_RDWR | O_CREAT, 0600, &lookup->lock_fd);
    if (result == OK && flock(lookup->lock_fd, LOCK_EX | LOCK_NB) != 0)
        result = errno == EWOULDBLOCK ? E_DENIED : E_IO;
    return result;
}

static enum result
open_keys(struct lookup *lookup, const char *data_dir, const char *keys_dir,
          bool make, bool *ret_made)
{
    struct buffer dir = {0};
    enum result result = OK;

    if (keys_dir == NULL) {
        result = keys_default_dir(data_dir, &dir);
        keys_dir = dir.bytes;
    }
    if (result == OK)
        result = keys_open(keys_dir, make, &lookup->keys);
    if (result == OK) {
        result = vault_open(keys_dir, make, ret_made, &lookup->vault);
        if (result == E_NOTFOUND && !lookup->writer)
            result = OK;
    }
    buffer_free(&dir);
    /* Data whose keys are not here: new ones would not open it. */
    return result == E_NOTFOUND ? E_DENIED : result;
}

static void
derive_keys(struct lookup *lookup)
{
    uint8_t key[KEY_BYTES];

    for (unsigned kind = 0; kind < LOOKUP_KINDS; kind++) {
        keys_derive(lookup->keys, KEYS_HASH + kind, key);
        cipher_mac_start(&lookup->mac[kind], key);
    }
    keys_derive(lookup->keys, KEYS_VALUES, lookup->values_key);
    keys_derive(lookup->keys, KEYS_IMPORTS, lookup->imports_key);
    keys_derive(lookup->keys, KEYS_DIGEST, key);
    memcpy(lookup->digest_key, key, sizeof(lookup->digest_key));
    hash_wipe(key, sizeof(key));
}

static int
try_env(struct lookup *lookup, const char *folder, unsigned flags)
{
    int code = mdb_env_create(&lookup->env);

    if (code == MDB_SUCCESS)
        code = mdb_env_set_maxdbs(lookup->env, TABLE_COUNT);
    if (code == MDB_SUCCESS)
        code = mdb_env_set_mapsize(lookup->env, lookup->writer ? MAP_BYTES : 0);
    if (code == MDB_SUCCESS)
        code = mdb_env_open(lookup->env, folder, flags, 0600);
    if (code != MDB_SUCCESS) {
        mdb_env_close(lookup->env);
        lookup->env = NULL;
    }
    return code;
}

static enum result
open_env(struct lookup *lookup, const char *folder)
{
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
    int code;

    flags |= lookup->writer ? MDB_WRITEMAP : MDB_RDONLY;
    code = try_env(lookup, folder, flags);
    /* Neither a read-only medium nor somebody else's folder lets us note
     * down that we read; then no writer can be there, or none that waits. */
    if (!lookup->writer && (code == EACCES || code == EROFS || code == EPERM))
        code = try_env(lookup, folder, flags | MDB_NOLOCK);
    if (code == MDB_SUCCESS && lookup->writer) {
        int dead;

        code = mdb_reader_check(lookup->env, &dead);
        if (code == MDB_SUCCESS)
            return lookup_map_grow(lookup, true);
    }
    return lookup_result(lookup, code);
}

static enum result
open_tables(struct lookup *lookup)
{
    MDB_txn *txn = NULL;
    int code =
        mdb_txn_begin(lookup->env, NULL, lookup->writer ? 0 : MDB_RDONLY, &txn);

    for (int i = 0; code == MDB_SUCCESS && i < TABLE_COUNT; i++)
        code = mdb_dbi_open(txn, tables[i].name,
                            tables[i].flags |
                                (lookup->writer ? (unsigned)MDB_CREATE : 0),
                            &lookup->table[i]);
    if (code == MDB_SUCCESS)
        code = mdb_txn_commit(txn);
    else
        mdb_txn_abort(txn);
    return lookup_result(lookup, code);
}

/* Whether machine.key is the one that this look-up was made with. */
static enum result
check_key(struct lookup *lookup)
{
    struct buffer value = {0};
    enum result result =
        lookup_get_sealed(lookup, TABLE_SETTINGS, SETTING_CHECK, &value);

    if (result == E_NOTFOUND && lookup->writer) {
        MDB_stat stat;

        result = lookup_begin(lookup);
        if (result == OK)
            result = lookup_result(
                lookup, mdb_stat(lookup->txn, lookup->table[TABLE_ID], &stat));
        if (result == OK && stat.ms_entries > 0)
            result = E_CORRUPT;
        if (result == OK)
            result = lookup_put_sealed(lookup, TABLE_SETTINGS, SETTING_CHECK,
                                       CHECK_VALUE);
        if (result == OK)
            result = lookup_commit(lookup);
    } else if (result == OK &&
               !text_equal(buffer_as_text(&value), CHECK_VALUE)) {
        result = E_FORMAT; /* made by a later vigie */
    } else if (result == E_CORRUPT) {
        result = E_DENIED;
    }
    buffer_free(&value);
    return result;
}

static enum result
load_births(struct lookup *lookup)
{
    struct buffer value = {0};
    enum result result =
        lookup_get_sealed(lookup, TABLE_SETTINGS, SETTING_BIRTHS, &value);

    if (result == OK && value.length != sizeof(lookup->births))
        result = E_CORRUPT;
    if (result == OK)
        memcpy(&lookup->births, value.bytes, sizeof(lookup->births));
    lookup->births_stored = lookup->births;
    buffer_free(&value);
    return result == E_NOTFOUND ? OK : result;
}

/* Whether there is a look-up, so that keys are not made for one that has
 * lost its own. */
static bool
has_data(const char *folder)
{
    char path[4096];
    struct stat status;

    return snprintf(path, sizeof(path), "%s/data.mdb", folder) <
               (int)sizeof(path) &&
           stat(path, &status) == 0 && status.st_size > 0;
}

static enum result
open_all(struct lookup *lookup, const char *data_dir, const char *keys_dir,
         bool *ret_made)
{
    char folder[4096];
    bool made = false;
    enum result result = OK;

    if (snprintf(folder, sizeof(folder), "%s/lookup", data_dir) >=
        (int)sizeof(folder))
        return E_LIMIT;
    lookup->folder = strdup(folder);
    if (lookup->folder == NULL)
        return E_NOMEM;
    if (lookup->writer) {
        result = file_make_folder(folder);
        if (result == OK)
            result = take_lock(lookup, folder);
    } else if (!has_data(folder)) {
        result = E_NOTFOUND;
    }
    if (result == OK)
        result = open_keys(lookup, data_dir, keys_dir,
                           lookup->writer && !has_data(folder), &made);
    if (result != OK)
        return result;
    derive_keys(lookup);
    result = cache_start(&lookup->cache, lookup->writer ? WRITER_CACHE_BYTES
                                                        : READER_CACHE_BYTES);
    if (result == OK)
        result = seen_new(&lookup->seen);
    if (result == OK)
        result = open_env(lookup, folder);
    if (result == OK)
        result = open_tables(lookup);
    if (result == OK)
        result = check_key(lookup);
    if (result == OK)
        result = load_births(lookup);
    if (result == OK)
        *ret_made = made;
    return result;
}

enum result
lookup_open(const char *data_dir, const char *keys_dir, enum lookup_mode mode,
            bool *ret_made_vault, struct lookup **ret_lookup)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    bool made = false;
    enum result result;

    if (lookup == NULL)
        return E_NOMEM;
    lookup->writer = mode == LOOKUP_WRITE;
    lookup->lock_fd = -1;
    result = open_all(lookup, data_dir, keys_dir, &made);
    if (result != OK) {
        lookup_free(lookup);
        return result;
    }
    if (ret_made_vault != NULL)
        *ret_made_vault = made;
    *ret_lookup = lookup;
    return OK;
}

static void
close_env(struct lookup *lookup)
{
    MDB_envinfo info = {0};
    MDB_stat stat = {0};
    bool trim = lookup->writer &&
                mdb_env_info(lookup->env, &info) == MDB_SUCCESS &&
                mdb_env_stat(lookup->env, &stat) == MDB_SUCCESS;

    mdb_env_close(lookup->env);
    if (trim)
        lookup_map_trim(lookup->folder, info.me_last_pgno + 1, stat.ms_psize);
}

void
lookup_free(struct lookup *lookup)
{
    if (lookup == NULL)
        return;
    if (lookup->txn != NULL)
        drop(lookup);
    if (lookup->env != NULL)
        close_env(lookup);
    if (lookup->cache.memory != NULL)
        cache_stop(&lookup->cache);
    seen_free(lookup->seen);
    keys_free(lookup->keys);
    vault_free(lookup->vault);
    file_close(&lookup->lock_fd); /* last: the lock guards the trimming */
    free(lookup->folder);
    hash_wipe(lookup, sizeof(*lookup));
    free(lookup);
}

const char *
lookup_keys_dir(const struct lookup *lookup)
{
    return keys_dir(lookup->keys);
}

uint64_t
lookup_digest(const struct lookup *lookup, const void *bytes, size_t length)
{
    uint64_t digest = hash_sip(lookup->digest_key, bytes, length).low;

    return digest != 0 ? digest : 1;
}
