/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Transactions, commit, closing. Invariants:
 *  - The write transaction is bounded (lookup_map.c): lookup_room commits it
 *    early, between two operations. Names committed early are harmless: no
 *    row needs them yet.
 *  - After a write that failed nothing more is written, and nothing that the
 *    cache knew of the lost transaction is ever given out.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "ledger/lookup_inside.h"

enum result
lookup_result(struct lookup *lookup, int code)
{
    enum result result;

    switch (code) {
    case MDB_SUCCESS:
        return OK;
    case MDB_NOTFOUND:
        return E_NOTFOUND;
    case MDB_KEYEXIST:
        result = E_EXISTS;
        break;
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
            result = fresh_write(lookup);
        if (result == OK)
            result = store_births(lookup);
        if (result == OK)
            result = journal_turn(lookup);
        seen_close(lookup->seen);
        if (result == OK) {
            result = lookup_result(lookup, mdb_txn_commit(lookup->txn));
            lookup->txn = NULL; /* gone, whatever came of it */
            if (result == OK)
                journal_restart(lookup);
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
lookup_journal_start(struct lookup *lookup)
{
    lookup->journaled = lookup->writer;
    return lookup->writer ? lookup_live_start(lookup) : E_DENIED;
}

enum result
lookup_write(struct lookup *lookup)
{
    bool full = false;
    enum result result = journal_write(lookup, &full);

    return result == OK && full ? lookup_commit(lookup) : result;
}

int
lookup_journal_fd(const struct lookup *lookup)
{
    return journal_fd(lookup);
}

uint64_t
lookup_journal_bytes(const struct lookup *lookup)
{
    return journal_bytes(lookup);
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

static void
close_env(struct lookup *lookup)
{
    MDB_envinfo info = {0};
    MDB_stat stat = {0};
    /* After a failure the map may be gone. */
    bool trim = lookup->writer && lookup->failed == OK &&
                mdb_env_info(lookup->env, &info) == MDB_SUCCESS &&
                mdb_env_stat(lookup->env, &stat) == MDB_SUCCESS;

    mdb_env_close(lookup->env);
    lookup->env = NULL;
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
    lookup_data_close(lookup);
    lookup_keys_free(lookup);
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
