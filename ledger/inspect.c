/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/inspect.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "ledger/history.h"
#include "ledger/ledger_state.h"
#include "ledger/open_rows.h"
#include "ledger/segment.h"

/* A writer may be between two writes; a torn tail that stays is one. */
#define TAIL_TRIES 20
#define TAIL_WAIT_US 20000
#define READ_BYTES (256u << 10)
#define OPEN_BYTES_MAX ((uint64_t)LEDGER_OPEN_ROWS_MAX * 2 * ROW_BYTES)

struct inspector {
    char folder[LEDGER_PATH_BYTES];
    struct manifest manifest;
    struct inspection inspection;
    struct merkle tree;
    struct buffer scratch; /* rows of the segment that is verified */
    bool readable;         /* every row so far was; else there is no root */
    int64_t last_us;
    /* while one segment is read */
    const uint8_t *tiles;
    size_t tile_count, tile_at;
    uint64_t segment_first;
    struct history *history;
    const struct inspect_options *options;
    struct inspect_options counted; /* as the history is given them */
};

static void
tell(struct inspector *inspector, const char *file, const struct reason *why)
{
    inspector->inspection.damages++;
    inspector->options->found(inspector->options->context, file, why);
}

static void
tell_rule(struct inspector *inspector, const char *file, const char *rule,
          const char *field, uint64_t offset)
{
    struct reason why;

    (void)!reason_set(&why, E_CORRUPT, rule, field, offset);
    tell(inspector, file, &why);
}

static bool
path_of(const struct inspector *inspector, const char *name,
        char ret_path[LEDGER_PATH_BYTES])
{
    int length =
        snprintf(ret_path, LEDGER_PATH_BYTES, "%s/%s", inspector->folder, name);

    return length > 0 && length < LEDGER_PATH_BYTES;
}

/* Read, not mapped: a broken sector is then an error and no signal. */
static enum result
digest_file(const char *path, uint64_t *ret_bytes,
            uint8_t ret_digest[HASH_BYTES])
{
    struct hash *hash = NULL;
    uint8_t *piece = malloc(READ_BYTES);
    uint64_t bytes = 0;
    size_t got = 0;
    int fd = -1;
    enum result result = piece == NULL ? E_NOMEM : hash_new(&hash);

    if (result == OK)
        result = file_open(path, O_RDONLY, 0, &fd);
    if (result != OK)
        goto out;
    do {
        result = file_read(fd, piece, READ_BYTES, &got);
        if (result != OK)
            goto out;
        hash_add(hash, piece, got);
        bytes += got;
    } while (got > 0);
    hash_end(hash, ret_digest);
    *ret_bytes = bytes;
out:
    file_close(&fd);
    hash_free(hash);
    free(piece);
    return result;
}

/* True where the file is there and is the one that MANIFEST means. */
static bool
check_digest(struct inspector *inspector, const char *name, uint64_t bytes,
             const uint8_t digest[HASH_BYTES])
{
    char path[LEDGER_PATH_BYTES];
    uint8_t told[HASH_BYTES];
    uint64_t length = 0;

    if (!path_of(inspector, name, path))
        return false;
    if (digest_file(path, &length, told) != OK) {
        tell_rule(inspector, name, "ledger-unreadable", "file", 0);
        return false;
    }
    if (length == bytes && memcmp(told, digest, HASH_BYTES) == 0)
        return true;
    tell_rule(inspector, name, "ledger-digest", "file", length);
    return false;
}

static enum result
take_row(void *context, uint64_t number, const struct row *row)
{
    struct inspector *inspector = context;
    uint8_t bytes[ROW_BYTES], leaf[HASH_BYTES];

    if (row->time_received_us < inspector->last_us || /* invariant 5 */
        number != inspector->tree.count)
        return E_CORRUPT;
    inspector->last_us = row->time_received_us;
    row_encode(row, bytes);
    merkle_leaf(bytes, leaf);
    merkle_add(&inspector->tree, leaf);
    history_pass(inspector->history, &inspector->tree);
    if (inspector->tree.count % MERKLE_TILE_LEAVES != 0 ||
        inspector->tiles == NULL)
        return OK;
    if (inspector->tile_at == inspector->tile_count)
        return E_CORRUPT;
    /* a subtree that began in a segment that could not be read is unknown */
    if ((inspector->readable ||
         number - inspector->segment_first + 1 >= MERKLE_TILE_LEAVES) &&
        memcmp(inspector->tiles + inspector->tile_at * HASH_BYTES,
               inspector->tree.tile, HASH_BYTES) != 0)
        return E_CORRUPT;
    inspector->tile_at++;
    return OK;
}

static enum result
inspect_segment(struct inspector *inspector,
                const struct manifest_segment *entry)
{
    struct segment *segment = NULL;
    struct reason why = {0};
    char name[32], path[LEDGER_PATH_BYTES];
    bool whole;
    enum result result;

    (void)snprintf(name, sizeof(name), "%08llu.seg",
                   (unsigned long long)entry->number);
    whole = check_digest(inspector, name, entry->bytes, entry->digest);
    result = path_of(inspector, name, path) ? segment_map(path, entry, &segment)
                                            : E_LIMIT;
    if (result == E_CORRUPT)
        result =
            reason_set(&why, result, "ledger-segment", "file", entry->number);
    if (result == OK)
        result = segment_check(segment, &inspector->manifest, entry, &why);
    if (result == OK) {
        inspector->tiles = segment_tiles(segment, &inspector->tile_count);
        inspector->tile_at = 0;
        inspector->segment_first = entry->first;
        inspector->tree.count = entry->first;
        history_seek(inspector->history, entry->first, inspector->readable);
        result = segment_verify(segment, take_row, inspector,
                                &inspector->scratch, &why);
        inspector->tiles = NULL;
    }
    segment_free(segment);
    if (result == E_CORRUPT) {
        tell(inspector, name, &why);
        whole = false;
        result = OK;
    }
    inspector->readable = inspector->readable && whole;
    return result == E_NOTFOUND ? OK : result;
}

/* Where a segment could not be read the tree goes on from what MANIFEST says
 * of it, so that the open rows are still looked at. */
static void
compare_root(struct inspector *inspector)
{
    const struct manifest *manifest = &inspector->manifest;
    uint8_t root[HASH_BYTES];

    if (inspector->readable) {
        merkle_root(&inspector->tree, root);
        if (inspector->tree.count != manifest->tree.count ||
            inspector->last_us != manifest->last_us ||
            memcmp(root, manifest->root, HASH_BYTES) != 0) {
            tell_rule(inspector, "MANIFEST", "ledger-root", "root",
                      manifest->tree.count);
            inspector->readable = false;
        }
    }
    inspector->tree = manifest->tree;
    inspector->last_us = manifest->last_us;
}

static enum result
take_open(void *context, uint64_t first, size_t count, const uint8_t *rows,
          const uint8_t root[HASH_BYTES])
{
    struct inspector *inspector = context;
    uint8_t computed[HASH_BYTES];

    inspector->inspection.groups++;
    if (first + count <= inspector->manifest.tree.count)
        return OK; /* sealed already; a crash came before the new file */
    for (size_t i = 0; i < count; i++) {
        struct row row;
        enum result result = row_decode(rows + i * ROW_BYTES, &row);

        if (first + i < inspector->manifest.tree.count)
            continue;
        if (result == OK)
            result = take_row(inspector, first + i, &row);
        if (result != OK)
            return result;
    }
    merkle_root(&inspector->tree, computed);
    return memcmp(computed, root, HASH_BYTES) == 0 ? OK : E_CORRUPT;
}

static enum result
scan_open(struct inspector *inspector, struct reason *why,
          struct open_scan *ret_scan)
{
    struct buffer bytes = {0};
    char path[LEDGER_PATH_BYTES];
    enum result result = path_of(inspector, "open.rows", path)
                             ? file_load(path, OPEN_BYTES_MAX, &bytes)
                             : E_LIMIT;

    inspector->tree = inspector->manifest.tree;
    inspector->last_us = inspector->manifest.last_us;
    history_seek(inspector->history, inspector->tree.count,
                 inspector->readable);
    inspector->inspection.groups = 0;
    if (result == E_NOTFOUND)
        result =
            reason_set(why, E_CORRUPT, "ledger-open-missing", "open.rows", 0);
    if (result == OK)
        result = open_rows_scan((const uint8_t *)bytes.bytes, bytes.length,
                                inspector->manifest.id, take_open, inspector,
                                why, ret_scan);
    if (result == OK && ret_scan->first > inspector->manifest.tree.count)
        result = reason_set(why, E_CORRUPT, "ledger-open-gap", "open.rows", 32);
    inspector->inspection.statistics.open_bytes = bytes.length;
    buffer_free(&bytes);
    return result;
}

/* Whether somebody is writing right now. */
static bool
writer_lives(const struct inspector *inspector)
{
    char path[LEDGER_PATH_BYTES];
    bool lives;
    int fd = -1;

    if (!path_of(inspector, "LOCK", path) ||
        file_open(path, O_RDONLY, 0, &fd) != OK)
        return false;
    lives = flock(fd, LOCK_SH | LOCK_NB) != 0;
    file_close(&fd);
    return lives;
}

static enum result
inspect_open(struct inspector *inspector)
{
    struct open_scan scan = {0};
    struct reason why = {0};
    enum result result = scan_open(inspector, &why, &scan);

    for (int i = 0; i < TAIL_TRIES && result == OK && scan.torn > 0 &&
                    writer_lives(inspector);
         i++) {
        (void)usleep(TAIL_WAIT_US);
        result = scan_open(inspector, &why, &scan);
    }
    if (result == E_CORRUPT) {
        tell(inspector, "open.rows", &why);
        inspector->readable = false;
        return OK;
    }
    if (result == OK && scan.torn > 0)
        tell_rule(inspector, "open.rows", "ledger-open-torn", "bytes",
                  scan.end);
    return result;
}

static enum result
load_manifest(struct inspector *inspector)
{
    struct buffer text = {0};
    struct reason why = {0};
    char path[LEDGER_PATH_BYTES];
    enum result result = path_of(inspector, "MANIFEST", path)
                             ? file_load(path, MANIFEST_BYTES_MAX, &text)
                             : E_LIMIT;

    if (result == OK)
        result =
            manifest_parse(buffer_as_text(&text), &why, &inspector->manifest);
    if (result == E_CORRUPT)
        tell(inspector, "MANIFEST", &why);
    buffer_free(&text);
    return result;
}

static enum result
inspect_all(struct inspector *inspector)
{
    const struct manifest *manifest = &inspector->manifest;
    struct ledger_statistics *statistics = &inspector->inspection.statistics;
    enum result result = OK;

    inspector->readable = true;
    inspector->last_us = INT64_MIN;
    for (size_t i = 0; i < manifest->segment_count && result == OK; i++) {
        result = inspect_segment(inspector, &manifest->segments[i]);
        statistics->sealed_bytes += manifest->segments[i].bytes;
    }
    if (result != OK)
        return result;
    for (size_t i = 0; i < manifest->file_count; i++)
        (void)check_digest(inspector, manifest->files[i].name,
                           manifest->files[i].bytes, manifest->files[i].digest);
    compare_root(inspector);
    result = inspect_open(inspector);
    statistics->segments = manifest->segment_count;
    statistics->sealed_rows = manifest->tree.count;
    statistics->rows = inspector->tree.count;
    inspector->inspection.root_known = inspector->readable;
    if (result == OK)
        history_end(inspector->history, statistics->rows,
                    &inspector->inspection);
    merkle_root(&inspector->tree, inspector->inspection.root);
    return result;
}

/* The checkpoints are read before the rows: a daemon that works on makes no
 * later one in between. */
static enum result
load(struct inspector *inspector, const char *data_dir)
{
    enum result result = load_manifest(inspector);

    if (result == OK)
        result = history_load(data_dir, inspector->manifest.id,
                              &inspector->counted, &inspector->history);
    if (result != OK)
        return result;
    manifest_free(&inspector->manifest); /* a seal may have come */
    return load_manifest(inspector);
}

/* What the history tells is counted too. */
static void
count_found(void *context, const char *file, const struct reason *reason)
{
    tell(context, file, reason);
}

static enum result
check_timestamp(void *context, struct text text, struct text response,
                struct reason *why)
{
    const struct inspector *inspector = context;

    return inspector->options->timestamp(inspector->options->context, text,
                                         response, why);
}

enum result
ledger_inspect(const char *data_dir, inspect_found *found, void *context,
               struct inspection *ret_inspection)
{
    const struct inspect_options options = {.found = found, .context = context};

    return ledger_inspect_with(data_dir, &options, ret_inspection);
}

enum result
ledger_inspect_with(const char *data_dir, const struct inspect_options *options,
                    struct inspection *ret_inspection)
{
    struct inspector *inspector = calloc(1, sizeof(*inspector));
    enum result result = inspector == NULL ? E_NOMEM : hash_start();
    int length;

    if (result != OK)
        goto out;
    inspector->options = options;
    inspector->counted = *options;
    inspector->counted.found = count_found;
    inspector->counted.context = inspector;
    if (options->timestamp != NULL)
        inspector->counted.timestamp = check_timestamp;
    length = snprintf(inspector->folder, sizeof(inspector->folder), "%s/ledger",
                      data_dir);
    if (length < 0 || (size_t)length >= sizeof(inspector->folder))
        result = E_LIMIT;
    if (result == OK)
        result = load(inspector, data_dir);
    if (result == OK)
        result = inspect_all(inspector);
    else if (result == E_CORRUPT)
        result = OK; /* it was told */
    if (result == OK)
        *ret_inspection = inspector->inspection;
    manifest_free(&inspector->manifest);
    history_free(inspector->history);
    buffer_free(&inspector->scratch);
out:
    free(inspector);
    return result;
}
