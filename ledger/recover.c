/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the files to the state of an open ledger. What a crash may leave:
 *
 *   making:   no folder; LOCK; open.rows without groups; MANIFEST too.
 *             MANIFEST comes last, so without one and without rows the
 *             ledger is made again.
 *   append:   a torn tail of open.rows: cut (into a new file).
 *   sealing:  NNNNNNNN.seg not named by MANIFEST: written over by the next
 *             seal. MANIFEST new, open.rows old (its rows are all sealed):
 *             a fresh open.rows is made.
 *
 * Everything else is E_CORRUPT with the place, and nothing is changed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "ledger/invariant.h"
#include "ledger/ledger_state.h"
#include "ledger/open_rows.h"

/* A reader may meet a seal between two of its opens; each is far shorter
 * than the time between two seals. */
#define TRIES_MAX 8

struct mapped {
    int fd;
    const uint8_t *bytes;
    size_t length;
};

static enum result
map_open(const struct ledger *ledger, struct mapped *ret_mapped)
{
    struct mapped mapped = {.fd = -1};
    char path[LEDGER_PATH_BYTES];
    struct stat status;
    enum result result = ledger_path(ledger, "open.rows", path);

    if (result == OK)
        result =
            file_open(path, ledger->mode == LEDGER_WRITE ? O_RDWR : O_RDONLY, 0,
                      &mapped.fd);
    if (result != OK)
        return result;
    if (fstat(mapped.fd, &status) != 0 || status.st_size < 0)
        result = E_IO;
    if (result == OK) {
        mapped.length = (size_t)status.st_size;
        result = file_map(mapped.fd, mapped.length, &mapped.bytes);
    }
    if (result == OK)
        *ret_mapped = mapped;
    else
        file_close(&mapped.fd);
    return result;
}

static void
unmap_open(struct mapped *mapped)
{
    file_unmap(mapped->bytes, mapped->length);
    file_close(&mapped->fd);
    mapped->bytes = NULL;
}

/* A reader notes where the group lies in its map. */
static enum result
note_run(struct ledger *ledger, size_t count, const uint8_t *rows)
{
    if (ledger->run_count == ledger->run_room) {
        size_t room = ledger->run_room * 2 + 64;
        struct open_run *grown = realloc(ledger->runs, room * sizeof(*grown));

        if (grown == NULL)
            return E_NOMEM;
        ledger->runs = grown;
        ledger->run_room = room;
    }
    ledger->runs[ledger->run_count++] = (struct open_run){
        .first = ledger->open_count, .count = count, .rows = rows};
    ledger->open_count += count;
    return OK;
}

/* A writer decodes it. */
static enum result
take_rows(struct ledger *ledger, size_t count, const uint8_t *rows)
{
    enum result result = ledger_reserve(ledger, count);

    for (size_t i = 0; i < count && result == OK; i++) {
        struct row *row = &ledger->rows[ledger->open_count];

        result = row_decode(rows + i * ROW_BYTES, row);
        if (result == OK && row->time_received_us < ledger->last_us)
            result = E_CORRUPT; /* invariant 5 */
        if (result != OK)
            break;
        ledger->last_us = row->time_received_us;
        ledger->open_count++;
    }
    return result;
}

static enum result
take_group(void *context, uint64_t first, size_t count, const uint8_t *rows,
           const uint8_t root[HASH_BYTES])
{
    struct ledger *ledger = context;
    const uint64_t sealed = ledger->manifest.tree.count;

    (void)root;
    if (first + count <= sealed)
        return OK;
    if (first < sealed) {
        rows += (size_t)(sealed - first) * ROW_BYTES;
        count -= (size_t)(sealed - first);
    }
    if (count > LEDGER_OPEN_ROWS_MAX - ledger->open_count)
        return E_LIMIT;
    return ledger->mode == LEDGER_READ ? note_run(ledger, count, rows)
                                       : take_rows(ledger, count, rows);
}

static enum result
load_manifest(struct ledger *ledger, struct reason *why)
{
    struct buffer text = {0};
    char path[LEDGER_PATH_BYTES];
    enum result result = ledger_path(ledger, "MANIFEST", path);

    if (result == OK)
        result = file_load(path, MANIFEST_BYTES_MAX, &text);
    if (result != OK)
        goto out;
    ledger_drop_segments(ledger);
    manifest_free(&ledger->manifest);
    result = manifest_parse(buffer_as_text(&text), why, &ledger->manifest);
    if (result != OK)
        goto out;
    ledger->tree = ledger->manifest.tree;
    ledger->last_us = ledger->manifest.last_us;
    ledger->open_count = ledger->run_count = ledger->run_at = 0;
    ledger->tile_count = 0;
out:
    buffer_free(&text);
    return result;
}

enum result
ledger_fresh_open(struct ledger *ledger, const uint8_t *groups, size_t length)
{
    uint8_t head[OPEN_HEAD_BYTES];
    char path[LEDGER_PATH_BYTES];
    enum result result = ledger_path(ledger, "open.rows", path);

    if (length == 0) {
        open_rows_head(ledger->manifest.id, ledger->manifest.tree.count, head);
        groups = head;
        length = sizeof(head);
    }
    if (result == OK)
        result = file_replace(path, groups, length, 0600);
    return result;
}

/* MANIFEST and open.rows that fit each other. E_END: a reader met a seal
 * and must begin again. */
static enum result
load_pair(struct ledger *ledger, struct reason *why, bool *ret_repair)
{
    struct mapped mapped = {.fd = -1};
    struct open_scan scan = {0};
    uint64_t sealed;
    enum result result = load_manifest(ledger, why);

    if (result != OK)
        return result;
    sealed = ledger->manifest.tree.count;
    result = map_open(ledger, &mapped);
    if (result == E_NOTFOUND)
        return reason_set(why, E_CORRUPT, "ledger-open-missing", "open.rows",
                          0);
    if (result == OK)
        result =
            open_rows_scan(mapped.bytes, mapped.length, ledger->manifest.id,
                           take_group, ledger, why, &scan);
    if (result == OK && scan.first > sealed)
        result = ledger->mode == LEDGER_READ
                     ? E_END
                     : reason_set(why, E_CORRUPT, "ledger-open-gap",
                                  "open.rows", 32);
    if (result != OK)
        goto out;
    INVARIANT(3,
              scan.next <= sealed || ledger->open_count == scan.next - sealed);
    ledger->torn = scan.torn;
    ledger->open_end = scan.next < sealed ? OPEN_HEAD_BYTES : scan.end;
    ledger->written = ledger->open_count;
    ledger->found = scan.durable > sealed ? scan.durable : sealed;
    *ret_repair = scan.torn > 0 || scan.next < sealed;
    if (*ret_repair && ledger->mode == LEDGER_WRITE)
        result = ledger_fresh_open(ledger, mapped.bytes,
                                   scan.next < sealed ? 0 : (size_t)scan.end);
out:
    if (result == OK && ledger->mode == LEDGER_READ) {
        ledger->map = mapped.bytes; /* the runs point into it */
        ledger->map_length = mapped.length;
        mapped.bytes = NULL;
    }
    unmap_open(&mapped);
    return result;
}

enum result
ledger_reopen(struct ledger *ledger)
{
    char path[LEDGER_PATH_BYTES];
    enum result result = ledger_path(ledger, "open.rows", path);

    file_close(&ledger->open_fd);
    if (result == OK)
        result = file_open(path, O_WRONLY, 0, &ledger->open_fd);
    /* what a process before us wrote and did not sync */
    if (result == OK && ledger->open_count > 0)
        result = file_sync_data(ledger->open_fd);
    if (result == OK)
        ledger->durable = ledger->open_count;
    return result;
}

/* Whether an open.rows without a MANIFEST holds rows: then MANIFEST was
 * lost, and a new ledger must not be made over it. */
static enum result
check_unmade(struct ledger *ledger, struct reason *why)
{
    struct mapped mapped = {.fd = -1};
    enum result result = map_open(ledger, &mapped);

    if (result == E_NOTFOUND)
        return OK;
    if (result == OK && mapped.length > OPEN_HEAD_BYTES)
        result = reason_set(why, E_CORRUPT, "ledger-manifest-missing",
                            "MANIFEST", 0);
    unmap_open(&mapped);
    return result;
}

/* The ledger's folder, and the data folder that may be as new, survive too.
 * A parent that may be passed through but not read is left to its owner. */
static enum result
sync_parents(const struct ledger *ledger)
{
    char data_dir[LEDGER_PATH_BYTES];
    enum result result = file_sync_folder(ledger->folder);

    (void)snprintf(data_dir, sizeof(data_dir), "%.*s",
                   (int)(strlen(ledger->folder) - strlen("/ledger")),
                   ledger->folder);
    if (result == OK)
        result = file_sync_folder(data_dir);
    return result == E_DENIED ? OK : result;
}

static enum result
make(struct ledger *ledger, struct reason *why)
{
    struct buffer text = {0};
    char path[LEDGER_PATH_BYTES];
    enum result result = check_unmade(ledger, why);

    if (result == OK)
        result = sync_parents(ledger);
    if (result != OK)
        return result;
    hash_random(ledger->manifest.id, LEDGER_ID_BYTES);
    ledger->manifest.last_us = INT64_MIN;
    merkle_start(&ledger->manifest.tree);
    merkle_root(&ledger->manifest.tree, ledger->manifest.root);
    result = ledger_fresh_open(ledger, NULL, 0);
    if (result == OK)
        result = manifest_write(&ledger->manifest, &text);
    if (result == OK)
        result = ledger_path(ledger, "MANIFEST", path);
    if (result == OK)
        result = file_replace(path, text.bytes, text.length, 0600);
    buffer_free(&text);
    return result;
}

enum result
ledger_recover(struct ledger *ledger, struct reason *why)
{
    bool repair = false;
    enum result result = load_pair(ledger, why, &repair);

    if (result == E_NOTFOUND && ledger->mode == LEDGER_WRITE) {
        result = make(ledger, why);
        if (result == OK)
            result = load_pair(ledger, why, &repair);
    }
    for (int i = 0; i < TRIES_MAX && result == E_END; i++)
        result = load_pair(ledger, why, &repair);
    if (result == E_END)
        return reason_set(why, E_CORRUPT, "ledger-open-gap", "open.rows", 32);
    if (result == OK && ledger->mode == LEDGER_WRITE)
        result = ledger_reopen(ledger);
    return result;
}
