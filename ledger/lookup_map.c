/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The file under the look-up. LMDB works in a shared writable map
 * (MDB_WRITEMAP): dirty pages are the system's page cache and no memory of
 * ours, however large the ledger; measured against malloc'ed pages it is also
 * faster (docs/benchmarks.md). Two things follow from it:
 *  - A store into a hole of the file on a full disk would be SIGBUS. So the
 *    file is allocated in full before a transaction begins; a full disk is
 *    an error there, and the transaction before is safe.
 *  - LMDB cannot grow the map within a transaction. So each one is bounded
 *    (pages that it may take), and ends early, between two operations, when
 *    it may have taken them.
 * While a writer is at work the file is longer than what it holds; the end
 * is cut off when it closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/lookup_inside.h"

/* 64 MiB to 256 MiB. LMDB lists at most 131,071 dirty pages. */
#define ROOM_PAGES_MIN 16384
#define ROOM_PAGES_MAX 65536
#define MAP_STEP_BYTES (UINT64_C(1) << 24)

static int
allocate(int fd, uint64_t from, uint64_t to)
{
    if (to <= from)
        return 0;
    if (fallocate(fd, 0, (off_t)from, (off_t)(to - from)) == 0)
        return 0;
    if (errno != EOPNOTSUPP)
        return errno;
    return posix_fallocate(fd, (off_t)from, (off_t)(to - from));
}

/* The file first, then the map: when LMDB fails to grow its map, the
 * environment cannot even be closed in order. */
static int
grow(MDB_env *env, uint64_t from, uint64_t wanted)
{
    MDB_envinfo info;
    int fd;
    int code = mdb_env_get_fd(env, &fd);

    if (code == MDB_SUCCESS)
        code = mdb_env_info(env, &info);
    if (code == MDB_SUCCESS)
        code = allocate(fd, from, wanted);
    if (code == MDB_SUCCESS && info.me_mapsize < wanted)
        code = mdb_env_set_mapsize(env, (size_t)wanted);
    return code;
}

enum result
lookup_map_grow(struct lookup *lookup, bool fresh)
{
    struct lookup_map *map = &lookup->map;
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t used, wanted;
    int code = mdb_env_info(lookup->env, &info);

    if (code == MDB_SUCCESS)
        code = mdb_env_stat(lookup->env, &stat);
    if (code != MDB_SUCCESS)
        return lookup_result(lookup, code);
    used = (uint64_t)info.me_last_pgno + 1;
    map->room = used;
    if (map->room < ROOM_PAGES_MIN)
        map->room = ROOM_PAGES_MIN;
    if (map->room > ROOM_PAGES_MAX)
        map->room = ROOM_PAGES_MAX;
    wanted = (used + map->room) * stat.ms_psize;
    if (info.me_mapsize >= wanted) {
        wanted = info.me_mapsize;
    } else {
        /* twice the room, so as not to do this at every transaction */
        wanted += map->room * stat.ms_psize;
        wanted = (wanted + MAP_STEP_BYTES - 1) & ~(MAP_STEP_BYTES - 1);
    }
    if (fresh || info.me_mapsize < wanted)
        code = grow(lookup->env, fresh ? 0 : info.me_mapsize, wanted);
    return lookup_result(lookup, code);
}

enum result
lookup_map_start(struct lookup *lookup)
{
    const enum lookup_table random[] = {TABLE_HASH, TABLE_ID};
    struct lookup_map *map = &lookup->map;

    map->live = map->aliases = map->pages = map->bytes = 0;
    for (size_t i = 0; i < sizeof(random) / sizeof(random[0]); i++) {
        MDB_stat stat;
        enum result result = lookup_result(
            lookup, mdb_stat(lookup->txn, lookup->table[random[i]], &stat));

        if (result != OK)
            return result;
        map->live += stat.ms_branch_pages + stat.ms_leaf_pages;
    }
    return OK;
}

bool
lookup_map_full(const struct lookup *lookup)
{
    const struct lookup_map *map = &lookup->map;
    /* Split pages are half full, so what was added takes twice its bytes. */
    uint64_t added = 2 * (map->bytes / 4096);
    /* An alias makes two paths dirty, but no page is dirty twice. */
    uint64_t touched = 4 * map->aliases;

    if (touched > map->live)
        touched = map->live;
    touched += added + map->pages + seen_pages(lookup->seen);
    /* A quarter is kept for branches and the list of free pages. */
    return touched >= map->room / 4 * 3;
}

void
lookup_map_trim(const char *folder, uint64_t pages, uint64_t page_bytes)
{
    char path[4096];
    int fd = -1;

    if (snprintf(path, sizeof(path), "%s/data.mdb", folder) >=
        (int)sizeof(path))
        return;
    if (file_open(path, O_RDWR, 0, &fd) != OK)
        return;
    /* A wish: a longer file is as good. */
    if (file_truncate(fd, pages * page_bytes) != OK)
        errno = 0;
    file_close(&fd);
}
