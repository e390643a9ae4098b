/* SPDX-License-Identifier: EUPL-1.2 */
#include "ledger/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "ledger/journal_read.h"
#include "ledger/manifest.h"

#define PATH_BYTES 4096
#define KEPT_LEVELS 2
#define KEPT_HEAD_BYTES 32
static const char journal_name[] = "checkpoints/journal";
static const char latest_name[] = "checkpoints/latest";
static const char *const kept_names[KEPT_LEVELS] = {"checkpoints/tree.8",
                                                    "checkpoints/tree.16"};
static const unsigned kept_levels[KEPT_LEVELS] = {8, 16};

struct point {
    uint64_t size;
    uint8_t root[HASH_BYTES];
    const char *file;
    uint64_t offset;
    bool met;
};

struct kept {
    int fd;
    uint64_t count, at; /* the next hash to be compared is `at` */
    bool wrong;
};

struct history {
    const struct inspect_options *options;
    struct point *points; /* by size */
    size_t count, room, at;
    struct kept kept[KEPT_LEVELS];
    struct merkle upper; /* over the roots of 256 rows */
    bool known;
    struct note_key key; /* of the journal */
    bool has_key;
    uint64_t cosignatures, timestamps, unknown_cosignatures;
    struct buffer latest; /* as the journal has it */
    struct buffer told;   /* as the file has it */
    bool latest_met;
};

static void
tell(const struct history *history, const char *file, const struct reason *why)
{
    history->options->found(history->options->context, file, why);
}

static void
tell_rule(const struct history *history, const char *file, const char *rule,
          const char *field, uint64_t offset)
{
    struct reason why;

    (void)!reason_set(&why, E_CORRUPT, rule, field, offset);
    tell(history, file, &why);
}

static enum result
add_point(struct history *history, const struct checkpoint *checkpoint,
          const char *file, uint64_t offset)
{
    struct point *point;

    if (history->count == history->room) {
        size_t room = history->room * 2 + 64;
        struct point *grown = realloc(history->points, room * sizeof(*grown));

        if (grown == NULL)
            return E_NOMEM;
        history->points = grown;
        history->room = room;
    }
    point = &history->points[history->count++];
    *point = (struct point){
        .size = checkpoint->size, .file = file, .offset = offset};
    memcpy(point->root, checkpoint->root, HASH_BYTES);
    return OK;
}

/* Keys that the user holds, then the journal's own. */
static size_t
collect_keys(const struct history *history, struct note_key keys[NOTE_KEYS_MAX])
{
    size_t count = history->options->key_count;

    if (count > NOTE_KEYS_MAX - 1)
        count = NOTE_KEYS_MAX - 1;
    if (count > 0)
        memcpy(keys, history->options->keys, count * sizeof(*keys));
    if (history->has_key)
        keys[count++] = history->key;
    return count;
}

/* Where the user gave keys of this log, one of them must be the journal's. */
static bool
key_is_trusted(const struct history *history)
{
    bool named = false;

    for (size_t i = 0; i < history->options->key_count; i++) {
        const struct note_key *key = &history->options->keys[i];

        if (key->type != NOTE_ED25519 ||
            strcmp(key->name, history->key.name) != 0)
            continue;
        named = true;
        if (key->id == history->key.id &&
            memcmp(key->public_key, history->key.public_key,
                   sizeof(key->public_key)) == 0)
            return true;
    }
    return !named;
}

static void
take_key(struct history *history, const struct journal_record *record)
{
    struct reason why;

    history->has_key =
        note_key_parse(record->bytes, &why, &history->key) == OK &&
        history->key.type == NOTE_ED25519;
    if (!history->has_key)
        tell_rule(history, journal_name, "journal-key", "key", record->offset);
    else if (!key_is_trusted(history))
        tell_rule(history, journal_name, "journal-other-key", "key",
                  record->offset);
}

static enum result
take_note(struct history *history, const struct journal_record *record)
{
    struct note_key keys[NOTE_KEYS_MAX];
    struct note_checked checked;
    struct checkpoint checkpoint;
    struct reason why;
    struct note note;
    uint64_t last =
        history->count > 0 ? history->points[history->count - 1].size : 0;
    enum result result = note_parse(record->bytes, &why, &note);

    if (result == OK)
        result = checkpoint_parse(note.text, &why, &checkpoint);
    if (result == OK)
        result = note_check(note.text, &note, keys, collect_keys(history, keys),
                            &why, &checked);
    if (result == OK && !text_is(checkpoint.origin, history->key.name))
        result = reason_set(&why, E_CORRUPT, "journal-origin", "origin", 0);
    if (result == OK &&
        (checkpoint.size != record->size || checkpoint.size <= last))
        result = reason_set(&why, E_CORRUPT, "journal-order", "size", 0);
    if (result != OK) {
        why.offset = record->offset;
        tell(history, journal_name, &why);
        return OK;
    }
    buffer_clear(&history->latest);
    result = buffer_text(&history->latest, record->bytes);
    return result == OK
               ? add_point(history, &checkpoint, journal_name, record->offset)
               : result;
}

static enum result
take_cosignature(struct history *history, const struct journal_record *record)
{
    struct note_key keys[NOTE_KEYS_MAX];
    struct note_checked checked;
    struct reason why;
    struct note note, lines;
    enum result result;

    history->cosignatures++;
    if (history->count == 0 ||
        history->points[history->count - 1].size != record->size)
        return OK; /* of one before: its text is no longer at hand */
    result = note_parse_signatures(record->bytes, &why, &lines);
    if (result == OK)
        result = note_parse(buffer_as_text(&history->latest), &why, &note);
    if (result == OK)
        result = note_check(note.text, &lines, keys,
                            collect_keys(history, keys), &why, &checked);
    if (result == E_DENIED && strcmp(why.rule, "note-no-known-key") == 0) {
        history->unknown_cosignatures++;
        result = OK;
    }
    if (result != OK) {
        why.offset = record->offset;
        tell(history, journal_name, &why);
        return OK;
    }
    return buffer_text(&history->latest, record->bytes);
}

static enum result
take_timestamp(struct history *history, const struct journal_record *record)
{
    const struct inspect_options *options = history->options;
    struct reason why = {0};
    struct note note;
    enum result result = OK;

    history->timestamps++;
    if (options->timestamp == NULL || history->count == 0 ||
        history->points[history->count - 1].size != record->size ||
        note_parse(buffer_as_text(&history->latest), &why, &note) != OK)
        return OK;
    result =
        options->timestamp(options->context, note.text, record->bytes, &why);
    if (result == OK || result == E_NOMEM)
        return result;
    why.offset = record->offset;
    tell(history, journal_name, &why);
    return OK;
}

static enum result
take(struct history *history, const struct journal_record *record)
{
    enum result result = OK;

    switch (record->kind) {
    case JOURNAL_KEY:
        take_key(history, record);
        break;
    case JOURNAL_NOTE:
        result = take_note(history, record);
        break;
    case JOURNAL_COSIGNATURE:
        result = take_cosignature(history, record);
        break;
    default:
        result = take_timestamp(history, record);
        break;
    }
    /* a crash may have come before the last states reached the file */
    if (text_equal(buffer_as_text(&history->latest),
                   buffer_as_text(&history->told)))
        history->latest_met = true;
    return result;
}

static enum result
read_journal(struct history *history, const char *data_dir,
             const uint8_t *ledger_id)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct reason why;
    enum result result = journal_read_open(data_dir, ledger_id, &why, &reader);

    if (result == E_NOTFOUND)
        return history->told.length == 0
                   ? OK
                   : (tell_rule(history, journal_name, "journal-missing",
                                "journal", 0),
                      OK);
    while (result == OK) {
        result = journal_read_next(reader, &why, &record);
        if (result == OK)
            result = take(history, &record);
    }
    if (result == E_CORRUPT) {
        tell(history, journal_name, &why);
        result = OK;
    }
    journal_read_free(reader);
    return result == E_END ? OK : result;
}

static enum result
path_of(const char *data_dir, const char *name, char path[PATH_BYTES])
{
    int length = snprintf(path, PATH_BYTES, "%s/%s", data_dir, name);

    return length > 0 && length < PATH_BYTES ? OK : E_LIMIT;
}

static enum result
open_kept(struct history *history, const char *data_dir,
          const uint8_t *ledger_id, unsigned i)
{
    uint8_t expected[KEPT_HEAD_BYTES] = "VIGIETR", head[KEPT_HEAD_BYTES];
    struct kept *kept = &history->kept[i];
    char path[PATH_BYTES];
    struct stat status;
    enum result result = path_of(data_dir, kept_names[i], path);

    if (result == OK)
        result = file_open(path, O_RDONLY, 0, &kept->fd);
    if (result != OK)
        return result == E_NOTFOUND ? OK : result;
    expected[7] = (uint8_t)kept_levels[i];
    memcpy(expected + 8, ledger_id, LEDGER_ID_BYTES);
    if (fstat(kept->fd, &status) != 0)
        return E_IO;
    if (status.st_size < KEPT_HEAD_BYTES ||
        file_read_at(kept->fd, head, KEPT_HEAD_BYTES, 0) != OK ||
        memcmp(head, expected, KEPT_HEAD_BYTES) != 0) {
        tell_rule(history, kept_names[i], "tree-head", "head", 0);
        return OK;
    }
    kept->count = (uint64_t)(status.st_size - KEPT_HEAD_BYTES) / HASH_BYTES;
    return OK;
}

static int
by_size(const void *a, const void *b)
{
    const struct point *first = a, *second = b;

    return first->size < second->size ? -1 : first->size > second->size;
}

static enum result
load(struct history *history, const char *data_dir, const uint8_t *ledger_id)
{
    const struct inspect_options *options = history->options;
    char path[PATH_BYTES];
    enum result result = path_of(data_dir, latest_name, path);

    if (result == OK)
        result = file_load(path, NOTE_BYTES_MAX, &history->told);
    if (result == E_LIMIT)
        tell_rule(history, latest_name, "latest-other", "note", 0);
    if (result == OK || result == E_NOTFOUND || result == E_LIMIT)
        result = read_journal(history, data_dir, ledger_id);
    if (result == OK && history->told.length > 0 && !history->latest_met)
        tell_rule(history, latest_name, "latest-other", "note", 0);
    for (unsigned i = 0; i < KEPT_LEVELS && result == OK; i++)
        result = open_kept(history, data_dir, ledger_id, i);
    for (size_t i = 0; i < options->point_count && result == OK; i++)
        result = add_point(history, &options->points[i].checkpoint,
                           options->points[i].file, 0);
    if (result == OK && history->count > 0)
        qsort(history->points, history->count, sizeof(struct point), by_size);
    return result;
}

enum result
history_load(const char *data_dir, const uint8_t *ledger_id,
             const struct inspect_options *options,
             struct history **ret_history)
{
    struct history *history = calloc(1, sizeof(*history));
    enum result result;

    if (history == NULL)
        return E_NOMEM;
    history->options = options;
    for (unsigned i = 0; i < KEPT_LEVELS; i++)
        history->kept[i].fd = -1;
    result = load(history, data_dir, ledger_id);
    if (result != OK) {
        history_free(history);
        return result;
    }
    history_seek(history, 0, true);
    *ret_history = history;
    return OK;
}

void
history_free(struct history *history)
{
    if (history == NULL)
        return;
    for (unsigned i = 0; i < KEPT_LEVELS; i++)
        file_close(&history->kept[i].fd);
    buffer_free(&history->latest);
    buffer_free(&history->told);
    free(history->points);
    free(history);
}

void
history_seek(struct history *history, uint64_t rows, bool known)
{
    history->at = 0;
    while (history->at < history->count &&
           history->points[history->at].size <= rows)
        history->at++;
    history->known = known;
    if (rows == 0)
        merkle_start(&history->upper);
}

static void
compare_kept(struct history *history, unsigned i, uint64_t number,
             const uint8_t hash[HASH_BYTES])
{
    struct kept *kept = &history->kept[i];
    uint8_t told[HASH_BYTES];

    if (number >= kept->count || kept->wrong)
        return;
    if (file_read_at(kept->fd, told, HASH_BYTES,
                     KEPT_HEAD_BYTES + number * HASH_BYTES) == OK &&
        memcmp(told, hash, HASH_BYTES) == 0)
        return;
    tell_rule(history, kept_names[i], "tree-hash", "hash", number);
    kept->wrong = true; /* once a file */
}

static void
pass_tile(struct history *history, const struct merkle *tree)
{
    const uint64_t tile = tree->count / MERKLE_TILE_LEAVES - 1;

    compare_kept(history, 0, tile, tree->tile);
    /* the open rows may be gone through twice */
    if (history->upper.count != tile)
        return;
    merkle_add(&history->upper, tree->tile);
    if (history->upper.count % MERKLE_TILE_LEAVES == 0)
        compare_kept(history, 1, history->upper.count / MERKLE_TILE_LEAVES - 1,
                     history->upper.tile);
}

void
history_pass(struct history *history, const struct merkle *tree)
{
    uint8_t root[HASH_BYTES];

    if (!history->known)
        return;
    if (tree->count % MERKLE_TILE_LEAVES == 0)
        pass_tile(history, tree);
    while (history->at < history->count &&
           history->points[history->at].size == tree->count) {
        struct point *point = &history->points[history->at++];

        if (point->met)
            continue;
        point->met = true;
        merkle_root(tree, root);
        if (memcmp(root, point->root, HASH_BYTES) != 0)
            tell_rule(history, point->file, "checkpoint-root", "size",
                      point->size);
    }
}

void
history_end(struct history *history, uint64_t rows,
            struct inspection *inspection)
{
    uint64_t met = 0;

    for (size_t i = 0; i < history->count; i++) {
        const struct point *point = &history->points[i];

        met += point->met ? 1 : 0;
        if (point->size > rows)
            tell_rule(history, point->file, "checkpoint-ahead", "size",
                      point->size);
    }
    for (unsigned i = 0; i < KEPT_LEVELS; i++) {
        if (history->kept[i].count > rows >> kept_levels[i])
            tell_rule(history, kept_names[i], "tree-long", "hash",
                      history->kept[i].count);
    }
    inspection->checkpoints = met;
    inspection->cosignatures = history->cosignatures;
    inspection->unknown_cosignatures = history->unknown_cosignatures;
    inspection->timestamps = history->timestamps;
}
