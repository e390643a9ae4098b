/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/lookup_copy.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/stat.h>

/* As many as lookup_open may have; none is opened here. */
#define TABLES_MAX 16

static enum result
result_of(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return OK;
    case ENOMEM:
        return E_NOMEM;
    case ENOENT:
        return E_NOTFOUND;
    case EACCES:
    case EPERM:
        return E_DENIED;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return E_CORRUPT;
    default:
        return E_IO;
    }
}

/* Where we may not note down that we read (a read-only medium), no writer
 * can be there that would need to know. */
static int
open_env(const char *folder, MDB_env **ret_env)
{
    const unsigned flags = MDB_RDONLY | MDB_NOTLS | MDB_NORDAHEAD;
    int code = EACCES;

    for (unsigned tried = 0; tried < 2; tried++) {
        MDB_env *env = NULL;

        code = mdb_env_create(&env);
        if (code == MDB_SUCCESS)
            code = mdb_env_set_maxdbs(env, TABLES_MAX);
        if (code == MDB_SUCCESS)
            code = mdb_env_open(env, folder,
                                flags | (tried == 1 ? MDB_NOLOCK : 0u), 0600);
        if (code == MDB_SUCCESS) {
            *ret_env = env;
            return code;
        }
        mdb_env_close(env);
        if (code != EACCES && code != EROFS && code != EPERM)
            break;
    }
    return code;
}

/* The environment of DIR/lookup. E_NOTFOUND: none, or never finished
 * (lookup_open.c). */
static enum result
open_lookup(const char *data_dir, MDB_env **ret_env)
{
    char folder[4096], path[4200];
    struct stat status;

    if (snprintf(folder, sizeof(folder), "%s/lookup", data_dir) >=
        (int)sizeof(folder))
        return E_LIMIT;
    (void)snprintf(path, sizeof(path), "%s/unfinished", folder);
    if (stat(path, &status) == 0)
        return E_NOTFOUND;
    (void)snprintf(path, sizeof(path), "%s/data.mdb", folder);
    if (stat(path, &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : E_DENIED;
    return result_of(open_env(folder, ret_env));
}

enum result
lookup_copy(const char *data_dir, int fd)
{
    MDB_env *env = NULL;
    enum result result = open_lookup(data_dir, &env);

    if (result == OK)
        result = result_of(mdb_env_copyfd2(env, fd, MDB_CP_COMPACT));
    mdb_env_close(env);
    return result;
}

enum result
lookup_copy_imports(const char *data_dir, uint64_t *ret_count)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_stat stat = {0};
    MDB_dbi table;
    int code;
    enum result result = open_lookup(data_dir, &env);

    if (result != OK) {
        if (result == E_NOTFOUND)
            *ret_count = 0;
        return result == E_NOTFOUND ? OK : result;
    }
    code = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    if (code == MDB_SUCCESS)
        code = mdb_dbi_open(txn, "imports", 0, &table);
    if (code == MDB_SUCCESS)
        code = mdb_stat(txn, table, &stat);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    if (code == MDB_NOTFOUND)
        code = MDB_SUCCESS;
    if (code == MDB_SUCCESS)
        *ret_count = stat.ms_entries;
    return result_of(code);
}
