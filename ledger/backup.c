/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/backup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "ledger/backup_files.h"
#include "ledger/invariant.h"
#include "ledger/ledger_state.h"
#include "ledger/lookup_copy.h"
#include "ledger/open_rows.h"
#include "ledger/roots.h"

/* An import that ends while the look-up is copied would be noted as read in
 * a backup that lacks its rows: then everything is copied again. */
#define TRIES_MAX 10

struct taking {
    const char *data_dir, *to;
    struct reason *why;
    struct ledger *ledger;
    struct backup_list before; /* generation 0: there was none */
    struct manifest manifest;  /* of it */
    struct backup_list list;
    struct backup_report report;
};

static enum result
lock_folder(const char *to, int *ret_fd)
{
    char path[BACKUP_PATH_BYTES];
    enum result result = file_make_folder(to);

    if (result == OK)
        result = backup_path(path, "%s/LOCK", to);
    return result == OK ? file_lock(path, ret_fd) : result;
}

static enum result
state_path(const struct taking *taking, const char *name,
           char path[BACKUP_PATH_BYTES])
{
    return backup_path(path, "%s/state-%" PRIu64 "/%s", taking->to,
                       taking->list.generation, name);
}

/* What a file of the generation is, once it is there. */
static struct backup_state *
state_add(struct taking *taking, const char *name)
{
    struct backup_state *state = &taking->list.states[taking->list.count++];

    memset(state, 0, sizeof(*state));
    (void)snprintf(state->name, sizeof(state->name), "%s", name);
    return state;
}

static enum result
put_state(struct taking *taking, const char *name, const void *bytes,
          size_t length)
{
    char path[BACKUP_PATH_BYTES];
    struct backup_state *state;
    enum result result = state_path(taking, name, path);

    if (result == OK)
        result = file_replace(path, bytes, length, 0600);
    if (result != OK)
        return result;
    state = state_add(taking, name);
    state->bytes = length;
    hash_sha256(bytes, length, state->digest);
    taking->report.bytes_copied += length;
    return OK;
}

/* A file that need not be there. */
static enum result
copy_state(struct taking *taking, const char *from, const char *name)
{
    char source[BACKUP_PATH_BYTES], path[BACKUP_PATH_BYTES];
    uint8_t digest[HASH_BYTES];
    struct backup_state *state;
    struct stat status;
    uint64_t bytes = 0;
    enum result result = backup_path(source, "%s/%s", taking->data_dir, from);

    if (result == OK)
        result = state_path(taking, name, path);
    if (result == OK && stat(source, &status) != 0)
        return OK;
    if (result == OK)
        result = backup_copy(source, path, NULL, &bytes, digest);
    if (result != OK)
        return result;
    state = state_add(taking, name);
    state->bytes = bytes;
    memcpy(state->digest, digest, HASH_BYTES);
    taking->report.bytes_copied += bytes;
    return OK;
}

static enum result
copy_lookup(struct taking *taking)
{
    char path[BACKUP_PATH_BYTES];
    struct backup_state *state;
    uint64_t bytes = 0;
    uint8_t digest[HASH_BYTES];
    int fd = -1;
    enum result result = copy_state(taking, "lookup/journal", "lookup.journal");

    if (result == OK)
        result = state_path(taking, "lookup.mdb", path);
    if (result == OK)
        result = file_open(path, O_RDWR | O_CREAT | O_TRUNC, 0600, &fd);
    if (result == OK)
        result = lookup_copy(taking->data_dir, fd);
    if (result == E_NOTFOUND) { /* a ledger without names */
        file_close(&fd);
        return file_unlink(path);
    }
    if (result == OK)
        result = file_sync_data(fd);
    file_close(&fd);
    if (result == OK)
        result = backup_digest(path, &bytes, digest);
    if (result != OK)
        return result;
    state = state_add(taking, "lookup.mdb");
    state->bytes = bytes;
    memcpy(state->digest, digest, HASH_BYTES);
    taking->report.bytes_copied += bytes;
    return OK;
}

/* Whether the backup before has the segment already. */
static bool
has_segment(const struct taking *taking, const char *path,
            const struct manifest_segment *entry, size_t i)
{
    const struct manifest_segment *old;
    struct stat status;

    if (i >= taking->manifest.segment_count)
        return false;
    old = &taking->manifest.segments[i];
    return old->number == entry->number &&
           memcmp(old->digest, entry->digest, HASH_BYTES) == 0 &&
           stat(path, &status) == 0 && (uint64_t)status.st_size == entry->bytes;
}

static enum result
copy_segments(struct taking *taking)
{
    const struct manifest *manifest = &taking->ledger->manifest;
    char source[BACKUP_PATH_BYTES], path[BACKUP_PATH_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < manifest->segment_count && result == OK; i++) {
        const struct manifest_segment *entry = &manifest->segments[i];

        result = backup_path(path, "%s/segments/%08" PRIu64 ".seg", taking->to,
                             entry->number);
        if (result == OK)
            result = backup_path(source, "%s/ledger/%08" PRIu64 ".seg",
                                 taking->data_dir, entry->number);
        if (result != OK || has_segment(taking, path, entry, i))
            continue;
        result = backup_copy(source, path, entry->digest, NULL, NULL);
        if (result == E_CORRUPT || result == E_NOTFOUND)
            return reason_set(taking->why, E_CORRUPT, "ledger-digest",
                              source + strlen(taking->data_dir) + 1,
                              entry->number);
        taking->report.segments_copied++;
        taking->report.bytes_copied += entry->bytes;
    }
    taking->report.segments = manifest->segment_count;
    return result;
}

/* The rows that were read are made durable before they are copied: a backup
 * that had rows which a power cut then took would be another history. */
/* Not another ledger's, and not that of a copy that went on elsewhere. */
static enum result
check_lineage(struct taking *taking)
{
    const struct backup_list *before = &taking->before;
    uint8_t root[HASH_BYTES];
    enum result result;

    if (before->generation == 0)
        return OK;
    if (memcmp(before->id, taking->ledger->manifest.id, LEDGER_ID_BYTES) != 0)
        return reason_set(taking->why, E_EXISTS, "backup-other-ledger",
                          "BACKUP", before->rows);
    if (before->rows <= ledger_count(taking->ledger)) {
        result = roots_at(taking->ledger, before->rows, root);
        if (result != OK)
            return result;
        if (memcmp(root, before->root, HASH_BYTES) == 0)
            return OK;
    }
    return reason_set(taking->why, E_EXISTS, "backup-parted", "BACKUP",
                      before->rows);
}

static enum result
open_rows_state(struct taking *taking)
{
    const struct ledger *ledger = taking->ledger;
    uint8_t head[OPEN_HEAD_BYTES];

    if (ledger->open_count > 0)
        return put_state(taking, "open.rows", ledger->map,
                         (size_t)ledger->open_end);
    open_rows_head(ledger->manifest.id, ledger->manifest.tree.count, head);
    return put_state(taking, "open.rows", head, sizeof(head));
}

static enum result
copy_ledger(struct taking *taking)
{
    struct buffer text = {0};
    enum result result = ledger_open(taking->data_dir, LEDGER_READ, taking->why,
                                     NULL, &taking->ledger);

    if (result == OK)
        result = ledger_sync_open(taking->ledger);
    if (result == OK)
        result = check_lineage(taking);
    if (result == OK)
        result = copy_segments(taking);
    if (result == OK)
        result = manifest_write(&taking->ledger->manifest, &text);
    if (result == OK)
        result = put_state(taking, "manifest", text.bytes, text.length);
    if (result == OK)
        result = open_rows_state(taking);
    if (result == OK) {
        memcpy(taking->list.id, taking->ledger->manifest.id, LEDGER_ID_BYTES);
        taking->list.rows = ledger_count(taking->ledger);
        result = ledger_root(taking->ledger, taking->list.root);
        INVARIANT(11, result != OK ||
                          taking->ledger->tree.count == taking->list.rows);
    }
    buffer_free(&text);
    ledger_free(taking->ledger);
    taking->ledger = NULL;
    return result;
}

static enum result
copy_all(struct taking *taking)
{
    uint64_t imports = 0, after = 0;
    enum result result = OK;

    for (unsigned i = 0; i < TRIES_MAX; i++) {
        taking->list.count = 0;
        taking->list.taken_us = time_now_us();
        result = lookup_copy_imports(taking->data_dir, &imports);
        /* latest before journal: one that journal does not know is rot */
        if (result == OK)
            result =
                copy_state(taking, "checkpoints/latest", "checkpoints.latest");
        if (result == OK)
            result = copy_state(taking, "checkpoints/journal",
                                "checkpoints.journal");
        if (result == OK)
            result = copy_ledger(taking);
        if (result == OK)
            result = copy_lookup(taking);
        if (result == OK)
            result = lookup_copy_imports(taking->data_dir, &after);
        if (result != OK || imports == after)
            return result;
    }
    return reason_set(taking->why, E_LIMIT, "backup-imports", "lookup",
                      TRIES_MAX);
}

/* Of a generation that nothing names any more. */
static void
drop_generation(const struct taking *taking, uint64_t generation)
{
    char path[BACKUP_PATH_BYTES];

    if (generation != 0 &&
        backup_path(path, "%s/state-%" PRIu64, taking->to, generation) == OK)
        (void)!file_remove_tree(path);
}

/* From here on the new generation counts. Where even that fails nobody knows
 * which of the two BACKUP names after a power cut: both stay. */
static enum result
write_list(const struct taking *taking)
{
    struct buffer text = {0};
    char path[BACKUP_PATH_BYTES];
    enum result result = backup_list_write(&taking->list, &text);

    if (result == OK)
        result = backup_path(path, "%s/BACKUP", taking->to);
    if (result == OK)
        result = file_replace(path, text.bytes, text.length, 0600);
    buffer_free(&text);
    if (result == OK) {
        drop_generation(taking, taking->before.generation);
        if (taking->before.generation > 1)
            drop_generation(taking, taking->before.generation - 1);
    }
    return result;
}

static enum result
take_locked(struct taking *taking)
{
    char path[BACKUP_PATH_BYTES];
    enum result result = backup_load(taking->to, taking->why, &taking->before);

    if (result == OK)
        result = backup_manifest(taking->to, &taking->before, taking->why,
                                 &taking->manifest);
    if (result == E_NOTFOUND)
        result = OK;
    if (result != OK)
        return result; /* nothing is dropped that BACKUP may name */
    taking->list.generation = taking->before.generation + 1;
    drop_generation(taking,
                    taking->list.generation); /* of one that was cut off */
    if (result == OK)
        result = backup_path(path, "%s/segments", taking->to);
    if (result == OK)
        result = file_make_folder(path);
    if (result == OK)
        result = state_path(taking, "", path);
    if (result == OK) {
        path[strlen(path) - 1] = '\0';
        result = file_make_folder(path);
    }
    if (result == OK)
        result = file_sync_folder(path);
    if (result == OK)
        result = copy_all(taking);
    if (result == OK)
        return write_list(taking);
    drop_generation(taking, taking->list.generation);
    return result;
}

enum result
backup_take(const char *data_dir, const char *to, struct reason *why,
            struct backup_report *ret_report)
{
    struct taking taking = {.data_dir = data_dir, .to = to, .why = why};
    char path[BACKUP_PATH_BYTES];
    struct stat status;
    int lock_fd = -1;
    enum result result = hash_start();

    /* nothing is made for a data folder that is not there */
    if (result == OK)
        result = backup_path(path, "%s/ledger/MANIFEST", data_dir);
    if (result == OK && stat(path, &status) != 0)
        result = E_NOTFOUND;
    if (result == OK)
        result = lock_folder(to, &lock_fd);
    if (result == OK)
        result = take_locked(&taking);
    manifest_free(&taking.manifest);
    file_close(&lock_fd);
    if (result != OK)
        return result;
    taking.report.generation = taking.list.generation;
    taking.report.rows = taking.list.rows;
    taking.report.taken_us = taking.list.taken_us;
    memcpy(taking.report.root, taking.list.root, HASH_BYTES);
    *ret_report = taking.report;
    return OK;
}
