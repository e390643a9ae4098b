/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/invariant.h"
#include "ledger/ledger_state.h"
#include "ledger/open_rows.h"

enum result
ledger_path(const struct ledger *ledger, const char *name,
            char ret_path[LEDGER_PATH_BYTES])
{
    int length =
        snprintf(ret_path, LEDGER_PATH_BYTES, "%s/%s", ledger->folder, name);

    return length > 0 && length < LEDGER_PATH_BYTES ? OK : E_LIMIT;
}

enum result
ledger_sync_open(const struct ledger *ledger)
{
    char path[LEDGER_PATH_BYTES];
    int fd = -1;
    enum result result = ledger_path(ledger, "open.rows", path);

    if (result == OK)
        result = file_open(path, O_RDONLY, 0, &fd);
    if (result == OK)
        result = file_sync_data(fd);
    file_close(&fd);
    return result;
}

static enum result
lock(struct ledger *ledger)
{
    char path[LEDGER_PATH_BYTES];
    enum result result = ledger_path(ledger, "LOCK", path);

    if (result == OK)
        result = file_make_folder(ledger->folder);
    if (result == OK)
        result = file_lock(path, &ledger->lock_fd);
    return result;
}

enum result
ledger_open(const char *data_dir, enum ledger_mode mode, struct reason *why,
            uint64_t *ret_torn_bytes, struct ledger **ret_ledger)
{
    struct ledger *ledger;
    enum result result = hash_start();
    int length;

    if (result != OK)
        return result;
    ledger = calloc(1, sizeof(*ledger));
    if (ledger == NULL)
        return E_NOMEM;
    ledger->mode = mode;
    ledger->lock_fd = ledger->open_fd = -1;
    length =
        snprintf(ledger->folder, sizeof(ledger->folder), "%s/ledger", data_dir);
    if (length < 0 || (size_t)length >= sizeof(ledger->folder))
        result = E_LIMIT;
    if (result == OK && mode == LEDGER_WRITE)
        result = lock(ledger);
    if (result == OK)
        result = ledger_recover(ledger, why);
    if (result != OK) {
        ledger_free(ledger);
        return result;
    }
    if (ret_torn_bytes != NULL)
        *ret_torn_bytes = ledger->torn;
    *ret_ledger = ledger;
    return OK;
}

void
ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    file_close(&ledger->open_fd);
    file_close(&ledger->lock_fd);
    ledger_drop_segments(ledger);
    manifest_free(&ledger->manifest);
    for (size_t i = 0; i < LEDGER_KEYS; i++)
        open_index_free(&ledger->index[i]);
    file_unmap(ledger->map, ledger->map_length);
    free(ledger->damages);
    free(ledger->runs);
    free(ledger->rows);
    free(ledger->tiles);
    free(ledger);
}

enum result
ledger_close(struct ledger *ledger)
{
    enum result result =
        ledger->mode == LEDGER_WRITE ? ledger_rest(ledger) : OK;

    ledger_free(ledger);
    return result;
}

enum result
ledger_reserve(struct ledger *ledger, size_t more)
{
    size_t room = ledger->open_room;
    struct row *grown;

    if (more > LEDGER_OPEN_ROWS_MAX - ledger->open_count)
        return E_LIMIT;
    if (more <= room - ledger->open_count)
        return OK;
    while (room - ledger->open_count < more)
        room = room * 2 + 1024;
    grown = realloc(ledger->rows, room * sizeof(*grown));
    if (grown == NULL)
        return E_NOMEM;
    ledger->rows = grown;
    ledger->open_room = room;
    return OK;
}

uint64_t
ledger_count(const struct ledger *ledger)
{
    return ledger->manifest.tree.count + ledger->open_count;
}

enum result
ledger_append(struct ledger *ledger, const struct row *rows, size_t count,
              uint64_t *ret_first)
{
    uint64_t first = ledger_count(ledger);

    if (ledger->mode != LEDGER_WRITE)
        return E_ARGUMENT;
    if (ledger->failed)
        return E_IO;
    while (count > 0) {
        size_t n = count < LEDGER_UNSYNCED_MAX ? count : LEDGER_UNSYNCED_MAX;
        enum result result = OK;

        if (ledger->open_count - ledger->written + n > LEDGER_UNSYNCED_MAX)
            result = ledger_sync(ledger);
        if (result == OK)
            result = ledger_reserve(ledger, n);
        if (result != OK)
            return result;
        for (size_t i = 0; i < n; i++) {
            struct row *row = &ledger->rows[ledger->open_count + i];

            *row = rows[i];
            if (row->time_received_us < ledger->last_us)
                row->time_received_us = ledger->last_us;
            ledger->last_us = row->time_received_us;
        }
        ledger->open_count += n;
        rows += n;
        count -= n;
    }
    if (ret_first != NULL)
        *ret_first = first;
    return OK;
}

static enum result
keep_tile(struct ledger *ledger)
{
    if (ledger->tile_count == ledger->tile_room) {
        size_t room = ledger->tile_room * 2 + 64;
        void *grown = realloc(ledger->tiles, room * HASH_BYTES);

        if (grown == NULL)
            return E_NOMEM;
        ledger->tiles = grown;
        ledger->tile_room = room;
    }
    memcpy(ledger->tiles[ledger->tile_count++], ledger->tree.tile, HASH_BYTES);
    return OK;
}

enum result
ledger_hash(struct ledger *ledger)
{
    uint64_t sealed = ledger->manifest.tree.count;
    uint8_t bytes[ROW_BYTES], leaf[HASH_BYTES];

    INVARIANT(9, ledger->tree.count >= sealed &&
                     ledger->tree.count <= ledger_count(ledger));
    for (size_t i = (size_t)(ledger->tree.count - sealed);
         i < ledger->open_count; i++) {
        struct row row;
        enum result result = ledger_open_row(ledger, i, &row);

        if (result != OK)
            return result;
        row_encode(&row, bytes);
        merkle_leaf(bytes, leaf);
        merkle_add(&ledger->tree, leaf);
        if (ledger->tree.count % MERKLE_TILE_LEAVES == 0)
            result = keep_tile(ledger);
        if (result != OK)
            return result;
    }
    return OK;
}

static enum result
write_group(struct ledger *ledger)
{
    uint64_t durable = ledger->manifest.tree.count + ledger->durable;
    enum result result = ledger_hash(ledger);

    if (result == OK)
        result = open_rows_write(ledger->open_fd, ledger->manifest.id,
                                 ledger->rows + ledger->written,
                                 ledger->open_count - ledger->written,
                                 &ledger->tree, durable, &ledger->open_end);
    if (result == OK)
        ledger->written = ledger->open_count;
    return result;
}

static enum result
sync_groups(struct ledger *ledger)
{
    enum result result = file_sync_data(ledger->open_fd);

    if (result == OK)
        ledger->durable = ledger->written;
    else
        ledger->failed = true;
    return result;
}

enum result
ledger_sync(struct ledger *ledger)
{
    enum result result = ledger_write(ledger);

    if (result == OK && ledger->durable < ledger->written)
        result = sync_groups(ledger);
    return result;
}

enum result
ledger_unsynced(struct ledger *ledger, int *ret_fd, uint64_t *ret_rows)
{
    int fd = -1;

    if (ledger->mode != LEDGER_WRITE)
        return E_ARGUMENT;
    if (ledger->failed)
        return E_IO;
    /* a seal gives open.rows up for a new file: theirs stays open */
    if (ledger->durable < ledger->written) {
        fd = fcntl(ledger->open_fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
            return E_IO;
    }
    *ret_fd = fd;
    *ret_rows = ledger->manifest.tree.count + ledger->written;
    return OK;
}

void
ledger_synced(struct ledger *ledger, uint64_t rows)
{
    uint64_t sealed = ledger->manifest.tree.count;

    /* what was sealed since is durable anyway */
    if (rows > sealed + ledger->durable && rows <= sealed + ledger->written)
        ledger->durable = (size_t)(rows - sealed);
}

uint64_t
ledger_durable_found(const struct ledger *ledger)
{
    return ledger->found;
}

bool
ledger_is_full(const struct ledger *ledger)
{
    return ledger->open_count >= LEDGER_SEAL_ROWS;
}

enum result
ledger_write(struct ledger *ledger)
{
    enum result result = OK;

    if (ledger->mode != LEDGER_WRITE)
        return E_ARGUMENT;
    if (ledger->failed)
        return E_IO;
    if (ledger->open_count >= LEDGER_SEAL_ROWS)
        result = ledger_seal_rows(ledger);
    else if (ledger->written < ledger->open_count)
        result = write_group(ledger);
    if (result != OK)
        ledger->failed = true;
    return result;
}

enum result
ledger_rest(struct ledger *ledger)
{
    return ledger->open_count >= LEDGER_REST_ROWS ? ledger_seal(ledger)
                                                  : ledger_sync(ledger);
}

enum result
ledger_seal(struct ledger *ledger)
{
    enum result result = OK;

    if (ledger->mode != LEDGER_WRITE)
        return E_ARGUMENT;
    if (ledger->failed)
        return E_IO;
    if (ledger->open_count > 0)
        result = ledger_seal_rows(ledger);
    if (result != OK)
        ledger->failed = true;
    return result;
}

enum result
ledger_root(struct ledger *ledger, uint8_t ret_root[HASH_BYTES])
{
    enum result result = ledger_hash(ledger);

    if (result == OK)
        merkle_root(&ledger->tree, ret_root);
    return result;
}

void
ledger_statistics(const struct ledger *ledger,
                  struct ledger_statistics *ret_statistics)
{
    struct ledger_statistics statistics = {
        .rows = ledger_count(ledger),
        .sealed_rows = ledger->manifest.tree.count,
        .segments = ledger->manifest.segment_count,
        .open_bytes = ledger->open_end,
    };

    for (size_t i = 0; i < ledger->manifest.segment_count; i++)
        statistics.sealed_bytes += ledger->manifest.segments[i].bytes;
    *ret_statistics = statistics;
}

const uint8_t *
ledger_id(const struct ledger *ledger)
{
    return ledger->manifest.id;
}

enum result
ledger_id_of(const char *data_dir, uint8_t ret_id[LEDGER_ID_BYTES])
{
    struct manifest manifest = {0};
    struct buffer text = {0};
    struct reason why;
    char path[LEDGER_PATH_BYTES];
    int length = snprintf(path, sizeof(path), "%s/ledger/MANIFEST", data_dir);
    enum result result = length > 0 && (size_t)length < sizeof(path)
                             ? file_load(path, MANIFEST_BYTES_MAX, &text)
                             : E_LIMIT;

    if (result == OK)
        result = manifest_parse(buffer_as_text(&text), &why, &manifest);
    if (result == OK)
        memcpy(ret_id, manifest.id, LEDGER_ID_BYTES);
    manifest_free(&manifest);
    buffer_free(&text);
    return result;
}
