/* SPDX-License-Identifier: EUPL-1.2 */
/* Segments that have rotted, put back from a backup: a segment never changes,
 * so any copy with the digest that MANIFEST names is the segment. */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "ledger/backup.h"
#include "ledger/backup_files.h"

static enum result
load_manifest(const char *data_dir, struct reason *why,
              struct manifest *ret_manifest)
{
    struct buffer text = {0};
    char path[BACKUP_PATH_BYTES];
    enum result result = backup_path(path, "%s/ledger/MANIFEST", data_dir);

    if (result == OK)
        result = file_load(path, MANIFEST_BYTES_MAX, &text);
    if (result == OK)
        result = manifest_parse(buffer_as_text(&text), why, ret_manifest);
    buffer_free(&text);
    return result;
}

static enum result
mend_segment(const char *from, const char *data_dir,
             const struct manifest_segment *entry, struct reason *why,
             struct backup_report *report)
{
    char source[BACKUP_PATH_BYTES], path[BACKUP_PATH_BYTES];
    uint8_t digest[HASH_BYTES];
    uint64_t bytes = 0;
    enum result result = backup_path(path, "%s/ledger/%08" PRIu64 ".seg",
                                     data_dir, entry->number);

    if (result == OK)
        result = backup_path(source, "%s/segments/%08" PRIu64 ".seg", from,
                             entry->number);
    if (result == OK)
        result = backup_digest(path, &bytes, digest);
    if (result == OK && memcmp(digest, entry->digest, HASH_BYTES) == 0)
        return OK;
    if (result != OK && result != E_NOTFOUND && result != E_IO)
        return result;
    /* the bad one stays mapped by who reads it: a rename changes no byte */
    result = backup_copy(source, path, entry->digest, NULL, NULL);
    if (result == E_CORRUPT || result == E_NOTFOUND)
        return reason_set(why, E_NOTFOUND, "backup-lacks-segment",
                          source + strlen(from) + 1, entry->number);
    if (result == OK) {
        report->segments_copied++;
        report->bytes_copied += entry->bytes;
    }
    return result;
}

enum result
backup_mend(const char *from, const char *data_dir, struct reason *why,
            struct backup_report *ret_report)
{
    struct manifest manifest = {0};
    struct backup_report report = {0};
    enum result kept = OK;
    enum result result = hash_start();

    if (result == OK)
        result = load_manifest(data_dir, why, &manifest);
    /* one that the backup lacks does not keep the others from being mended */
    for (size_t i = 0; i < manifest.segment_count && result == OK; i++) {
        result =
            mend_segment(from, data_dir, &manifest.segments[i], why, &report);
        if (result == E_NOTFOUND) {
            kept = result;
            result = OK;
        }
    }
    report.segments = manifest.segment_count;
    report.rows = manifest.tree.count;
    manifest_free(&manifest);
    if (result == OK || kept != OK)
        *ret_report = report;
    return result == OK ? kept : result;
}
