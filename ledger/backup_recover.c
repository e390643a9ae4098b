/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Back from a backup. All of it is made in DIR/recovering, opened there as a
 * ledger and given its two rows; then the folders are renamed, DIR/ledger
 * last. Cut off anywhere, there is no ledger, and recovering begins again.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/time.h"
#include "ledger/backup.h"
#include "ledger/backup_files.h"
#include "ledger/ledger.h"

static const char *const folders[] = {"lookup", "checkpoints", "ledger"};
#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

struct recovering {
    const char *from, *data_dir;
    struct reason *why;
    struct backup_list list;
    struct manifest manifest;
    struct backup_report report;
};

/* A copy is only worth something if it is the one that was made. */
static enum result
bring(struct recovering *recovering, const char *source, const char *path,
      const uint8_t digest[HASH_BYTES])
{
    uint64_t bytes = 0;
    enum result result = backup_copy(source, path, digest, &bytes, NULL);

    recovering->report.bytes_copied += bytes;
    if (result == E_CORRUPT || result == E_NOTFOUND)
        return reason_set(recovering->why, E_CORRUPT, "backup-digest",
                          source + strlen(recovering->from) + 1, 0);
    return result;
}

static enum result
bring_state(struct recovering *recovering, const char *name, const char *place)
{
    const struct backup_state *state =
        backup_list_find(&recovering->list, name);
    char source[BACKUP_PATH_BYTES], path[BACKUP_PATH_BYTES];
    enum result result;

    if (state == NULL)
        return OK;
    result = backup_path(source, "%s/state-%" PRIu64 "/%s", recovering->from,
                         recovering->list.generation, name);
    if (result == OK)
        result =
            backup_path(path, "%s/recovering/%s", recovering->data_dir, place);
    return result == OK ? bring(recovering, source, path, state->digest)
                        : result;
}

static enum result
bring_segments(struct recovering *recovering)
{
    const struct manifest *manifest = &recovering->manifest;
    char source[BACKUP_PATH_BYTES], path[BACKUP_PATH_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < manifest->segment_count && result == OK; i++) {
        const struct manifest_segment *entry = &manifest->segments[i];

        result = backup_path(source, "%s/segments/%08" PRIu64 ".seg",
                             recovering->from, entry->number);
        if (result == OK)
            result = backup_path(path, "%s/recovering/ledger/%08" PRIu64 ".seg",
                                 recovering->data_dir, entry->number);
        if (result == OK)
            result = bring(recovering, source, path, entry->digest);
        recovering->report.segments_copied += result == OK;
    }
    recovering->report.segments = manifest->segment_count;
    return result;
}

static enum result
bring_all(struct recovering *recovering)
{
    static const struct {
        const char *name, *place;
    } states[] = {
        {"lookup.mdb", "lookup/data.mdb"},
        {"lookup.journal", "lookup/journal"},
        {"checkpoints.journal", "checkpoints/journal"},
        {"checkpoints.latest", "checkpoints/latest"},
        {"open.rows", "ledger/open.rows"},
        {"manifest", "ledger/MANIFEST"},
    };
    enum result result = bring_segments(recovering);

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]) && result == OK;
         i++)
        result = bring_state(recovering, states[i].name, states[i].place);
    return result;
}

/* What others may have lost since the backup, and that this is another
 * history from here on. */
static enum result
add_rows(struct recovering *recovering, const char *folder)
{
    const struct backup_list *list = &recovering->list;
    uint8_t root[HASH_BYTES];
    struct ledger *ledger = NULL;
    struct row last = {0};
    struct row rows[2] = {{.kind = ROW_GAP}, {.kind = ROW_LINEAGE}};
    enum result result =
        ledger_open(folder, LEDGER_WRITE, recovering->why, NULL, &ledger);

    if (result != OK)
        return result;
    result = ledger_root(ledger, root);
    if (result == OK && (ledger_count(ledger) != list->rows ||
                         memcmp(root, list->root, HASH_BYTES) != 0))
        result =
            reason_set(recovering->why, E_CORRUPT, "backup-root", "root", 0);
    if (result == OK && list->rows > 0)
        result = ledger_read(ledger, list->rows - 1, 1, &last);
    if (result == OK) {
        rows[0].time_received_us = rows[1].time_received_us = time_now_us();
        rows[0].time_source_us =
            list->rows > 0 ? last.time_received_us : list->taken_us;
        rows[1].time_source_us = list->taken_us;
        rows[1].person = list->rows;
        rows[1].request = hash_random_u64();
        result = ledger_append(ledger, rows, 2, NULL);
    }
    if (result == OK)
        result = ledger_sync(ledger);
    ledger_free(ledger);
    return result;
}

static bool
is_there(const char *data_dir, const char *name,
         char ret_path[BACKUP_PATH_BYTES])
{
    struct stat status;

    return backup_path(ret_path, "%s/%s", data_dir, name) == OK &&
           lstat(ret_path, &status) == 0;
}

/* Nothing is written over. A folder of our own says that a recovery was cut
 * off: it began where nothing was, so without a ledger all of it is its. */
static enum result
clear_place(const char *data_dir, struct reason *why)
{
    char path[BACKUP_PATH_BYTES];
    bool cut_off = is_there(data_dir, "recovering", path);
    enum result result = OK;

    for (size_t i = FOLDERS; i-- > 0 && result == OK;) {
        if (!is_there(data_dir, folders[i], path))
            continue;
        if (!cut_off || i == FOLDERS - 1)
            return reason_set(why, E_EXISTS, "recover-exists", folders[i], 0);
        result = file_remove_tree(path);
    }
    if (result == OK && is_there(data_dir, "recovering", path))
        result = file_remove_tree(path);
    return result;
}

static enum result
make_folders(const char *data_dir)
{
    char path[BACKUP_PATH_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < FOLDERS && result == OK; i++) {
        result = backup_path(path, "%s/recovering/%s", data_dir, folders[i]);
        if (result == OK)
            result = file_make_folder(path);
    }
    return result;
}

/* Empty folders are not moved: no look-up, no checkpoints. */
static bool
is_filled(const struct recovering *recovering, const char *folder)
{
    if (strcmp(folder, "lookup") == 0)
        return backup_list_find(&recovering->list, "lookup.mdb") != NULL;
    if (strcmp(folder, "checkpoints") == 0)
        return backup_list_find(&recovering->list, "checkpoints.journal") !=
               NULL;
    return true;
}

static enum result
move_folders(const struct recovering *recovering)
{
    char from[BACKUP_PATH_BYTES], to[BACKUP_PATH_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < FOLDERS && result == OK; i++) {
        if (!is_filled(recovering, folders[i]))
            continue;
        result = backup_path(from, "%s/recovering/%s", recovering->data_dir,
                             folders[i]);
        if (result == OK)
            result = backup_path(to, "%s/%s", recovering->data_dir, folders[i]);
        if (result == OK)
            result = file_sync_folder(from);
        if (result == OK)
            result = file_rename(from, to);
        if (result == OK)
            result = file_sync_folder(to);
    }
    if (result == OK)
        result = backup_path(from, "%s/recovering", recovering->data_dir);
    return result == OK ? file_remove_tree(from) : result;
}

static void
fill_report(struct recovering *recovering, struct backup_report *ret_report)
{
    recovering->report.generation = recovering->list.generation;
    recovering->report.rows = recovering->list.rows;
    recovering->report.taken_us = recovering->list.taken_us;
    memcpy(recovering->report.root, recovering->list.root, HASH_BYTES);
    *ret_report = recovering->report;
}

enum result
backup_recover(const char *from, const char *data_dir, struct reason *why,
               struct backup_report *ret_report)
{
    struct recovering recovering = {
        .from = from, .data_dir = data_dir, .why = why};
    char path[BACKUP_PATH_BYTES];
    enum result result = hash_start();

    if (result == OK)
        result = backup_load(from, why, &recovering.list);
    if (result == OK)
        result = clear_place(data_dir, why);
    if (result == OK)
        result =
            backup_manifest(from, &recovering.list, why, &recovering.manifest);
    if (result == OK)
        result = make_folders(data_dir);
    if (result == OK)
        result = bring_all(&recovering);
    if (result == OK)
        result = backup_path(path, "%s/recovering", data_dir);
    if (result == OK)
        result = add_rows(&recovering, path);
    if (result == OK)
        result = move_folders(&recovering);
    manifest_free(&recovering.manifest);
    if (result == OK)
        fill_report(&recovering, ret_report);
    return result;
}
