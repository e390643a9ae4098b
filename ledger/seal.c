/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From open rows to a sealed segment. The order of the steps is what makes a
 * crash harmless:
 *
 *   1  NNNNNNNN.seg, whole and synced; nothing names it yet
 *   2  MANIFEST that names it (rename): from here on the rows are sealed
 *   3  a fresh open.rows (rename); until then the old one holds rows that
 *      are all sealed, and recovery passes over them
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ledger/invariant.h"
#include "ledger/ledger_state.h"
#include "ledger/open_rows.h"

static enum result
write_segment(struct ledger *ledger, struct manifest_segment *entry)
{
    const struct manifest *manifest = &ledger->manifest;
    struct buffer image = {0};
    char name[32], path[LEDGER_PATH_BYTES];
    enum result result;

    result =
        segment_seal(ledger->rows, ledger->open_count, manifest->tree.count,
                     manifest->id, (const uint8_t(*)[HASH_BYTES])ledger->tiles,
                     ledger->tile_count, &image);
    if (result != OK)
        goto out;
    *entry = (struct manifest_segment){
        .number = 1,
        .first = manifest->tree.count,
        .rows = ledger->open_count,
        .bytes = image.length,
    };
    if (manifest->segment_count > 0)
        entry->number =
            manifest->segments[manifest->segment_count - 1].number + 1;
    hash_sha256(image.bytes, image.length, entry->digest);
    (void)snprintf(name, sizeof(name), "%08llu.seg",
                   (unsigned long long)entry->number);
    result = ledger_path(ledger, name, path);
    if (result == OK)
        result = file_replace(path, image.bytes, image.length, 0600);
out:
    buffer_free(&image);
    return result;
}

/* MANIFEST with one segment more, in memory only once it is on disk. */
static enum result
write_manifest(struct ledger *ledger, const struct manifest_segment *entry)
{
    struct manifest *manifest = &ledger->manifest;
    const struct manifest before = *manifest;
    struct buffer text = {0};
    char path[LEDGER_PATH_BYTES];
    enum result result = manifest_add(manifest, entry);

    if (result != OK)
        return result;
    manifest->tree = ledger->tree;
    manifest->last_us = ledger->last_us;
    merkle_root(&manifest->tree, manifest->root);
    result = manifest_write(manifest, &text);
    if (result == OK)
        result = ledger_path(ledger, "MANIFEST", path);
    if (result == OK)
        result = file_replace(path, text.bytes, text.length, 0600);
    if (result != OK) {
        manifest->tree = before.tree;
        manifest->last_us = before.last_us;
        memcpy(manifest->root, before.root, HASH_BYTES);
        manifest->segment_count--;
    }
    buffer_free(&text);
    return result;
}

enum result
ledger_seal_rows(struct ledger *ledger)
{
    struct manifest_segment entry;
    enum result result = ledger_hash(ledger);

    if (result == OK) {
        INVARIANT(2, ledger->tree.count == ledger_count(ledger));
        result = write_segment(ledger, &entry);
    }
    if (result == OK)
        result = write_manifest(ledger, &entry);
    if (result != OK)
        return result;
    ledger->open_count = ledger->written = ledger->durable = 0;
    ledger->tile_count = 0;
    ledger->open_end = OPEN_HEAD_BYTES;
    for (size_t i = 0; i < LEDGER_KEYS; i++)
        open_index_free(&ledger->index[i]);
    result = ledger_fresh_open(ledger, NULL, 0);
    return result == OK ? ledger_reopen(ledger) : result;
}
