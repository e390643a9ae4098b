/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/lookup_rewrite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/lookup_anew.h"

#define PATH_BYTES 4096
/* What the new file may grow to; address space, not disk. */
#define MAP_MORE_BYTES (UINT64_C(256) << 20)

/* ------------------------------------------------------------ the new file */

static enum result
path_in(const struct rewrite *rewrite, const char *name, char path[PATH_BYTES])
{
    return snprintf(path, PATH_BYTES, "%s/%s", rewrite->folder, name) <
                   PATH_BYTES
               ? OK
               : E_LIMIT;
}

static enum result
open_folder(struct rewrite *rewrite)
{
    char path[PATH_BYTES];
    enum result result = OK;

    if (snprintf(rewrite->folder, sizeof(rewrite->folder), "%s" LOOKUP_NEXT,
                 rewrite->lookup->folder) >= (int)sizeof(rewrite->folder))
        return E_LIMIT;
    result = lookup_rewrite_clean(rewrite->lookup->folder);
    if (result == OK)
        result = file_make_folder(rewrite->folder);
    if (result == OK)
        result = path_in(rewrite, "writer.lock", path);
    if (result == OK)
        result = file_open(path, O_RDWR | O_CREAT, 0600, &rewrite->lock_fd);
    if (result == OK && flock(rewrite->lock_fd, LOCK_EX | LOCK_NB) != 0)
        result = E_IO;
    return result;
}

static enum result
open_next(struct rewrite *rewrite)
{
    MDB_envinfo info;
    MDB_stat stat;
    int code = mdb_env_info(rewrite->lookup->env, &info);

    if (code == MDB_SUCCESS)
        code = mdb_env_stat(rewrite->lookup->env, &stat);
    if (code == MDB_SUCCESS)
        code = mdb_env_create(&rewrite->env);
    if (code != MDB_SUCCESS)
        return anew_result(code);
    code = mdb_env_set_maxdbs(rewrite->env, TABLE_COUNT);
    if (code == MDB_SUCCESS)
        code = mdb_env_set_mapsize(rewrite->env,
                                   4 * (info.me_last_pgno + 1) * stat.ms_psize +
                                       MAP_MORE_BYTES);
    /* no shared writable map: a full disk is an error here, and pages are
     * zero where nothing is */
    if (code == MDB_SUCCESS)
        code = mdb_env_open(rewrite->env, rewrite->folder,
                            MDB_NOTLS | MDB_NORDAHEAD | MDB_NOSYNC, 0600);
    return anew_result(code);
}

static enum result
fill_next(struct rewrite *rewrite)
{
    enum result result = anew_begin(rewrite);

    for (int i = 0; i < TABLE_COUNT && result == OK; i++)
        result = anew_result(
            mdb_dbi_open(rewrite->to, lookup_table_name((enum lookup_table)i),
                         lookup_table_flags((enum lookup_table)i) | MDB_CREATE,
                         &rewrite->table[i]));
    for (int i = 0; i < TABLE_COUNT && result == OK; i++) {
        if (i == TABLE_VALUES && rewrite->change->keys != NULL)
            result = anew_values(rewrite);
        else
            result = anew_table(rewrite, (enum lookup_table)i);
    }
    if (result == OK) {
        result = anew_result(mdb_txn_commit(rewrite->to));
        rewrite->to = NULL;
    }
    if (result == OK)
        result = anew_result(mdb_env_sync(rewrite->env, 1));
    return result;
}

static void
close_next(struct rewrite *rewrite)
{
    if (rewrite->to != NULL)
        mdb_txn_abort(rewrite->to);
    if (rewrite->from != NULL)
        mdb_txn_abort(rewrite->from);
    if (rewrite->env != NULL)
        mdb_env_close(rewrite->env);
    rewrite->to = rewrite->from = NULL;
    rewrite->env = NULL;
    if (rewrite->value.bytes != NULL)
        hash_wipe(rewrite->value.bytes, rewrite->value.length);
    buffer_free(&rewrite->value);
    buffer_free(&rewrite->sealed);
    free(rewrite->births);
    rewrite->births = NULL;
}

static enum result
write_next(struct rewrite *rewrite)
{
    char path[PATH_BYTES];
    enum result result = anew_result(
        mdb_txn_begin(rewrite->lookup->env, NULL, MDB_RDONLY, &rewrite->from));

    anew_keys(rewrite);
    if (result == OK)
        result = anew_births(rewrite);
    if (result == OK)
        result = open_folder(rewrite);
    if (result == OK)
        result = open_next(rewrite);
    if (result == OK)
        result = fill_next(rewrite);
    close_next(rewrite);
    if (result == OK)
        result = path_in(rewrite, "data.mdb", path);
    return result == OK ? file_sync_folder(path) : result;
}

/* ------------------------------------------------------- changing places */

static int
count_reader(const char *line, void *context)
{
    size_t *readers = context;

    /* a head line, then one for each process that reads */
    if (line[0] != '(')
        (*readers)++;
    return 0;
}

static bool
is_read(struct lookup *lookup)
{
    size_t lines = 0;

    return mdb_reader_list(lookup->env, count_reader, &lines) < 0 || lines > 1;
}

static enum result
write_over(const char *path)
{
    static const uint8_t zeros[1 << 16];
    struct stat status;
    int fd = -1;
    enum result result = file_open(path, O_WRONLY | O_NOFOLLOW, 0, &fd);

    if (result == E_NOTFOUND)
        return OK;
    if (result == OK && fstat(fd, &status) != 0)
        result = E_IO;
    for (off_t at = 0; result == OK && at < status.st_size;) {
        size_t part = (uint64_t)(status.st_size - at) < sizeof(zeros)
                          ? (size_t)(status.st_size - at)
                          : sizeof(zeros);

        result = file_write_at(fd, zeros, part, (uint64_t)at);
        at += (off_t)part;
    }
    if (result == OK)
        result = file_sync_data(fd);
    file_close(&fd);
    return result;
}

static enum result
remove_next(const char *next, bool over)
{
    char path[PATH_BYTES];
    struct stat status;
    enum result result = OK;

    if (lstat(next, &status) != 0)
        return OK;
    if (snprintf(path, sizeof(path), "%s/data.mdb", next) >= (int)sizeof(path))
        return E_LIMIT; /* so that a shorter name fits too */
    if (over)
        result = write_over(path);
    (void)snprintf(path, sizeof(path), "%s/journal", next);
    if (result == OK && over)
        result = write_over(path);
    if (result == OK)
        result = file_remove_tree(next);
    return result == OK ? file_sync_folder(next) : result;
}

enum result
lookup_rewrite_clean(const char *folder)
{
    char next[PATH_BYTES];

    if (snprintf(next, sizeof(next), "%s" LOOKUP_NEXT, folder) >=
        (int)sizeof(next))
        return E_LIMIT;
    /* who may still read it was started before the crash */
    return remove_next(next, false);
}

static enum result
change_places(struct rewrite *rewrite)
{
    struct lookup *lookup = rewrite->lookup;
    enum result result = file_exchange(rewrite->folder, lookup->folder);
    bool over;

    if (result != OK)
        return result;
    /* from here on the new one is the look-up */
    over = !is_read(lookup);
    file_close(&lookup->lock_fd);
    lookup->lock_fd = rewrite->lock_fd;
    rewrite->lock_fd = -1;
    lookup_data_close(lookup);
    if (rewrite->change->keys != NULL)
        result = lookup_keys_change(lookup, rewrite->change->keys);
    if (result == OK)
        result = file_sync_folder(lookup->folder);
    if (result == OK)
        result = remove_next(rewrite->folder, over);
    if (result == OK)
        result = lookup_data_open(lookup);
    if (result != OK && lookup->failed == OK)
        lookup->failed = E_IO;
    return result;
}

enum result
lookup_rewrite(struct lookup *lookup, const struct lookup_change *change)
{
    struct rewrite rewrite = {
        .lookup = lookup, .change = change, .lock_fd = -1};
    enum result result;

    if (!lookup->writer)
        return E_DENIED;
    result = lookup_commit(lookup);
    if (result == OK)
        result = write_next(&rewrite);
    if (result == OK)
        result = change_places(&rewrite);
    else if (rewrite.folder[0] != '\0' &&
             file_remove_tree(rewrite.folder) != OK)
        result = result == OK ? E_IO : result; /* the next writer removes it */
    file_close(&rewrite.lock_fd);
    hash_wipe(&rewrite, sizeof(rewrite));
    return result;
}
