/* SPDX-License-Identifier: EUPL-1.2 */
/* A backup read through, every byte: is it what was copied? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/backup.h"
#include "ledger/backup_files.h"
#include "ledger/ledger_state.h"

struct checking {
    const char *to;
    backup_found *found;
    void *context;
    uint64_t damages;
};

static void
tell(struct checking *checking, const char *file, const struct reason *why)
{
    checking->damages++;
    checking->found(checking->context, file, why);
}

/* `name` below the backup's folder. */
static enum result
check_file(struct checking *checking, const char *name, uint64_t bytes,
           const uint8_t digest[HASH_BYTES])
{
    char path[BACKUP_PATH_BYTES];
    uint8_t told[HASH_BYTES];
    struct reason why;
    uint64_t length = 0;
    enum result result = backup_path(path, "%s/%s", checking->to, name);

    if (result == OK)
        result = backup_digest(path, &length, told);
    if (result == E_NOMEM || result == E_LIMIT)
        return result;
    if (result == OK && length == bytes &&
        memcmp(told, digest, HASH_BYTES) == 0)
        return OK;
    (void)!reason_set(&why, E_CORRUPT,
                      result == OK ? "backup-digest" : "backup-unreadable",
                      "file", length);
    tell(checking, name, &why);
    return OK;
}

static enum result
check_all(struct checking *checking, const struct backup_list *list,
          uint64_t *ret_segments)
{
    struct manifest manifest = {0};
    struct reason why = {0};
    char name[BACKUP_PATH_BYTES];
    enum result result = OK;

    for (size_t i = 0; i < list->count && result == OK; i++) {
        result = backup_path(name, "state-%" PRIu64 "/%s", list->generation,
                             list->states[i].name);
        if (result == OK)
            result = check_file(checking, name, list->states[i].bytes,
                                list->states[i].digest);
    }
    if (result == OK)
        result = backup_manifest(checking->to, list, &why, &manifest);
    if (result == E_CORRUPT) {
        tell(checking, "manifest", &why);
        return OK;
    }
    for (size_t i = 0; i < manifest.segment_count && result == OK; i++) {
        const struct manifest_segment *entry = &manifest.segments[i];

        result = backup_path(name, "segments/%08" PRIu64 ".seg", entry->number);
        if (result == OK)
            result = check_file(checking, name, entry->bytes, entry->digest);
    }
    *ret_segments = manifest.segment_count;
    manifest_free(&manifest);
    return result;
}

enum result
backup_check(const char *to, backup_found *found, void *context,
             struct backup_report *ret_report, uint64_t *ret_damages)
{
    struct checking checking = {to, found, context, 0};
    struct backup_list list = {0};
    struct backup_report report = {0};
    struct reason why = {0};
    enum result result = hash_start();

    if (result == OK)
        result = backup_load(to, &why, &list);
    if (result == E_CORRUPT) {
        tell(&checking, "BACKUP", &why);
        result = OK;
    } else if (result == OK) {
        result = check_all(&checking, &list, &report.segments);
    }
    if (result != OK)
        return result;
    report.generation = list.generation;
    report.rows = list.rows;
    report.taken_us = list.taken_us;
    memcpy(report.root, list.root, HASH_BYTES);
    *ret_report = report;
    *ret_damages = checking.damages;
    return OK;
}

enum result
backup_compare(struct ledger *ledger, const char *to,
               enum roots_relation *ret_relation, uint64_t *ret_rows)
{
    const uint64_t rows = ledger_count(ledger);
    uint8_t root[HASH_BYTES];
    struct backup_list list = {0};
    struct reason why = {0};
    enum result result = backup_load(to, &why, &list);

    if (result != OK)
        return result;
    if (memcmp(list.id, ledger->manifest.id, LEDGER_ID_BYTES) != 0) {
        *ret_relation = ROOTS_OTHER;
        *ret_rows = 0;
        return OK;
    }
    if (list.rows > rows) {
        *ret_relation = ROOTS_BEHIND;
        *ret_rows = rows;
        return OK;
    }
    result = roots_at(ledger, list.rows, root);
    if (result != OK)
        return result;
    if (memcmp(root, list.root, HASH_BYTES) != 0)
        *ret_relation = ROOTS_PARTED; /* somewhere before */
    else
        *ret_relation = list.rows == rows ? ROOTS_SAME : ROOTS_AHEAD;
    *ret_rows = *ret_relation == ROOTS_PARTED ? 0 : list.rows;
    return OK;
}
