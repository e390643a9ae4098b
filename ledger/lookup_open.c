/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Opening: folder and lock, keys, environment, tables, and whether the keys
 * are those of these data.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/lookup_inside.h"
#include "ledger/lookup_rewrite.h"

#define WRITER_CACHE_BYTES (8u << 20)
/* A live core's: two million names, those of a region's busy weeks. */
#define LIVE_CACHE_BYTES (64u << 20)
#define READER_CACHE_BYTES (64u << 10)

/* As the file begins; the map grows with it. */
#define MAP_BYTES (UINT64_C(32) << 20)

#define UNFINISHED "unfinished"

/* Names of our own among the settings; callers' never start with a dot. */
#define SETTING_CHECK TEXT(".check")
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

static enum result
path_in(const struct lookup *lookup, const char *name, char path[4096])
{
    return snprintf(path, 4096, "%s/%s", lookup->folder, name) < 4096 ? OK
                                                                      : E_LIMIT;
}

/* LMDB has a writers' lock too, but waits for it; two imports at once into
 * one data folder are a mistake to be told. */
static enum result
take_lock(struct lookup *lookup)
{
    char path[4096];
    struct stat taken, there;
    enum result result = path_in(lookup, "writer.lock", path);

    if (result == OK)
        result = file_lock(path, &lookup->lock_fd);
    /* the folder changed places under us (lookup_rewrite.h) */
    if (result == OK &&
        (fstat(lookup->lock_fd, &taken) != 0 || stat(path, &there) != 0 ||
         taken.st_ino != there.st_ino))
        result = E_DENIED;
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

static int
try_env(struct lookup *lookup, unsigned flags)
{
    int code = mdb_env_create(&lookup->env);

    if (code == MDB_SUCCESS)
        code = mdb_env_set_maxdbs(lookup->env, TABLE_COUNT);
    if (code == MDB_SUCCESS)
        code = mdb_env_set_mapsize(lookup->env, lookup->writer ? MAP_BYTES : 0);
    if (code == MDB_SUCCESS)
        code = mdb_env_open(lookup->env, lookup->folder, flags, 0600);
    if (code != MDB_SUCCESS) {
        mdb_env_close(lookup->env);
        lookup->env = NULL;
    }
    return code;
}

static enum result
open_env(struct lookup *lookup)
{
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
    int code;

    flags |= lookup->writer ? MDB_WRITEMAP : MDB_RDONLY;
    code = try_env(lookup, flags);
    /* Neither a read-only medium nor somebody else's folder lets us note
     * down that we read; then no writer can be there, or none that waits. */
    if (!lookup->writer && (code == EACCES || code == EROFS || code == EPERM))
        code = try_env(lookup, flags | MDB_NOLOCK);
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
 * lost its own. One that was never finished is none: it is removed. */
static enum result
has_data(struct lookup *lookup, bool *ret_has)
{
    char mark[4096], data[4096];
    struct stat status;
    enum result result = path_in(lookup, UNFINISHED, mark);

    if (result == OK)
        result = path_in(lookup, "data.mdb", data);
    if (result != OK)
        return result;
    if (stat(mark, &status) == 0) {
        if (lookup->writer && stat(data, &status) == 0)
            result = file_unlink(data);
        *ret_has = false;
        return result;
    }
    *ret_has = stat(data, &status) == 0 && status.st_size > 0;
    return OK;
}

/* LMDB's first two pages are not written in one go: the mark stands until
 * the first commit has made them whole. */
static enum result
mark_unfinished(struct lookup *lookup, bool unfinished)
{
    char mark[4096];
    int fd = -1;
    enum result result = path_in(lookup, UNFINISHED, mark);

    if (result == OK && !unfinished)
        result = file_unlink(mark);
    else if (result == OK)
        result = file_open(mark, O_WRONLY | O_CREAT, 0600, &fd);
    file_close(&fd);
    return result == OK ? file_sync_folder(mark) : result;
}

static enum result
open_folder(struct lookup *lookup, const char *data_dir, bool *ret_has)
{
    enum result result = OK;

    if (asprintf(&lookup->folder, "%s/lookup", data_dir) < 0) {
        lookup->folder = NULL;
        return E_NOMEM;
    }
    if (lookup->writer) {
        result = file_make_folder(lookup->folder);
        if (result == OK)
            result = take_lock(lookup);
    }
    if (result == OK)
        result = has_data(lookup, ret_has);
    if (result == OK && !*ret_has)
        result = lookup->writer ? mark_unfinished(lookup, true) : E_NOTFOUND;
    return result;
}

const char *
lookup_table_name(enum lookup_table table)
{
    return tables[table].name;
}

unsigned
lookup_table_flags(enum lookup_table table)
{
    return tables[table].flags;
}

enum result
lookup_live_start(struct lookup *lookup)
{
    enum result result;

    cache_stop(&lookup->cache);
    result = cache_start(&lookup->cache, LIVE_CACHE_BYTES);
    if (result == OK)
        result = seen_enlarge(lookup->seen);
    if (result == OK)
        fresh_hurry(lookup->fresh);
    return result == OK ? journal_start(lookup) : result;
}

enum result
lookup_data_open(struct lookup *lookup)
{
    enum result result =
        cache_start(&lookup->cache,
                    lookup->writer ? WRITER_CACHE_BYTES : READER_CACHE_BYTES);

    if (result == OK)
        result = seen_new(&lookup->seen);
    if (result == OK && lookup->writer)
        result = fresh_new(&lookup->fresh);
    if (result == OK)
        result = open_env(lookup);
    if (result == OK)
        result = open_tables(lookup);
    if (result == OK)
        result = check_key(lookup);
    if (result == OK)
        result = load_births(lookup);
    if (result == OK && lookup->writer)
        result = journal_replay(lookup);
    if (result == OK && lookup->writer)
        result = fresh_learn(lookup);
    if (result == OK && !lookup->writer)
        result = overlay_load(lookup);
    if (result == OK && lookup->journaled)
        result = lookup_live_start(lookup);
    return result;
}

void
lookup_data_close(struct lookup *lookup)
{
    if (lookup->txn != NULL) {
        seen_close(lookup->seen);
        mdb_txn_abort(lookup->txn);
    }
    if (lookup->env != NULL)
        mdb_env_close(lookup->env);
    if (lookup->cache.memory != NULL)
        cache_stop(&lookup->cache);
    seen_free(lookup->seen);
    fresh_free(lookup->fresh);
    journal_free(lookup->journal);
    overlay_free(lookup->overlay);
    lookup->journal = NULL;
    lookup->overlay = NULL;
    lookup->txn = NULL;
    lookup->env = NULL;
    lookup->seen = NULL;
    lookup->fresh = NULL;
    lookup->in_txn = false;
    lookup->changed = false;
    lookup->absent = (struct hash128){0};
}

/* New keys came, and a crash lies between the data that are under them and
 * the change of machine.key, or it is made just now: the staged ones, or what
 * machine.key is by now. */
static enum result
open_under_next(struct lookup *lookup, const char *keys_folder)
{
    struct keys *keys = NULL;
    enum result result = keys_open_staged(keys_folder, &keys);
    bool staged = result == OK;

    lookup_data_close(lookup);
    lookup->failed = OK;
    if (result == E_NOTFOUND)
        result = keys_open(keys_folder, false, &keys);
    if (result != OK)
        return E_DENIED;
    keys_free(lookup->keys);
    lookup->keys = keys;
    result = lookup_keys_derive(lookup);
    if (result == OK)
        result = lookup_data_open(lookup);
    if (result == OK && staged && lookup->writer)
        result = keys_promote(keys_folder);
    return result;
}

static enum result
open_under_keys(struct lookup *lookup)
{
    char *keys_folder = strdup(keys_dir(lookup->keys));
    enum result result = keys_folder == NULL ? E_NOMEM : OK;

    if (result == OK)
        result = lookup_keys_derive(lookup);
    if (result == OK)
        result = lookup_data_open(lookup);
    if (result == E_DENIED)
        result = open_under_next(lookup, keys_folder);
    else if (result == OK && lookup->writer)
        result = keys_unstage(keys_folder);
    if (result == OK && lookup->writer)
        result = lookup_rewrite_clean(lookup->folder);
    free(keys_folder);
    return result;
}

static enum result
open_all(struct lookup *lookup, const char *data_dir, const char *keys_dir,
         bool *ret_made)
{
    bool has = false;
    enum result result = open_folder(lookup, data_dir, &has);

    if (result == OK)
        result = open_keys(lookup, data_dir, keys_dir, !has, ret_made);
    if (result == OK)
        result = open_under_keys(lookup);
    if (result == OK && !has)
        result = mark_unfinished(lookup, false);
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
