/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes what segment.c draws. No memory is had per row: all arrays are
 * sized by the segment. */
#include <stdlib.h>
#include <string.h>

#include "ledger/checksum.h"
#include "ledger/invariant.h"
#include "ledger/segment.h"
#include "ledger/segment_format.h"

#define PREFETCH_ROWS 12

struct entries {
    struct index_entry *entry;
    size_t count, room;
    uint64_t last_id;    /* the entry before, */
    uint32_t last_chunk; /* + 1 */
};

struct sealer {
    const struct row *rows;
    size_t count;
    uint32_t *order; /* place → position */
    struct entries entries[LEDGER_KEYS];
    struct buffer blocks, knots, pages[LEDGER_KEYS]; /* of the directory */
    struct buffer *out;
    size_t start; /* of the file in `out` */
    struct {
        size_t offset, length;
    } part[PART_COUNT];
    struct index_shape shape[LEDGER_KEYS];
    int64_t source_min_us, source_max_us;
};

/* What a row is clustered by: its session; without one, its professional.
 * Bit flips keep the two kinds apart well enough: a clash only makes two
 * clusters neighbours. */
static uint64_t
cluster_key(const struct row *row)
{
    return row->session != 0 ? row->session : ~row->professional;
}

/* Clusters in the order of their first rows, rows within one in the order of
 * the log: what was near in time stays near. */
static enum result
make_order(struct sealer *sealer)
{
    const size_t n = sealer->count;
    size_t bits = 12, clusters = 0;
    uint32_t *slots = NULL;
    uint32_t *cluster = malloc(n * sizeof(*cluster));
    uint32_t *starts = malloc((n + 1) * sizeof(*starts));
    uint64_t *keys = malloc(n * sizeof(*keys));
    enum result result = E_NOMEM;
    uint32_t sum = 0;

    while (((size_t)1 << bits) < 2 * n)
        bits++;
    slots = calloc((size_t)1 << bits, sizeof(*slots));
    if (slots == NULL || cluster == NULL || starts == NULL || keys == NULL)
        goto out;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = cluster_key(&sealer->rows[i]);
        size_t at = (size_t)(key_mix(key) >> (64 - bits));

        while (slots[at] != 0 && keys[slots[at] - 1] != key)
            at = (at + 1) & (((size_t)1 << bits) - 1);
        if (slots[at] == 0) {
            keys[clusters] = key;
            starts[clusters++] = 0;
            slots[at] = (uint32_t)clusters;
        }
        cluster[i] = slots[at] - 1;
        starts[cluster[i]]++;
    }
    for (size_t i = 0; i < clusters; i++) {
        uint32_t rows = starts[i];

        starts[i] = sum;
        sum += rows;
    }
    for (size_t i = 0; i < n; i++)
        sealer->order[starts[cluster[i]]++] = (uint32_t)i;
    result = OK;
out:
    free(slots);
    free(cluster);
    free(starts);
    free(keys);
    return result;
}

static enum result
entries_reserve(struct entries *entries, size_t more)
{
    struct index_entry *grown;
    size_t room = entries->room;

    if (more <= room - entries->count)
        return OK;
    room = room * 2 + 16 * BLOCK_ROWS;
    grown = realloc(entries->entry, room * sizeof(*grown));
    if (grown == NULL)
        return E_NOMEM;
    entries->entry = grown;
    entries->room = room;
    return OK;
}

static void
note_keys(struct sealer *sealer, const struct row *row, uint32_t chunk)
{
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        struct entries *entries = &sealer->entries[key];
        uint64_t id = row_key(row, key);
        struct index_entry entry;

        if (!key_stands(key, id) ||
            (id == entries->last_id && chunk + 1 == entries->last_chunk))
            continue;
        entries->last_id = id;
        entries->last_chunk = chunk + 1;
        entry = (struct index_entry){.mixed = key_mix(id), .chunk = chunk};
        entries->entry[entries->count++] = entry;
    }
}

/* Appends one block's entry to the directory. */
static enum result
note_block(struct sealer *sealer, size_t part_start, size_t block_start,
           size_t block)
{
    uint8_t entry[SEGMENT_BLOCK_ENTRY_BYTES];
    const struct buffer *out = sealer->out;
    size_t length = out->length - block_start;

    le32_put(entry, (uint32_t)(block_start - part_start));
    le32_put(entry + 4, (uint32_t)length);
    le64_put(entry + 8, checksum64(out->bytes + block_start, length, block));
    return buffer_append(&sealer->blocks, entry, sizeof(entry));
}

/* The line through the times received of every 64th row of the log. Rows are
 * stored as distances from it, so that their times, which only rise in the
 * order of the log, are small numbers in the order of places too. */
static enum result
make_knots(struct sealer *sealer)
{
    enum result result = OK;

    for (size_t from = 0; from < sealer->count && result == OK;
         from += SEGMENT_GROUP_ROWS) {
        const uint64_t base = (uint64_t)sealer->rows[from].time_received_us;
        uint8_t group[SEGMENT_GROUP_BYTES];

        le64_put(group, base);
        for (size_t i = 1; i <= SEGMENT_GROUP_KNOTS; i++) {
            size_t at = from + i * SEGMENT_KNOT_ROWS;
            uint64_t above;

            if (at >= sealer->count)
                at = sealer->count - 1;
            above = (uint64_t)sealer->rows[at].time_received_us - base;
            le32_put(group + 4 + 4 * i,
                     above < UINT32_MAX ? (uint32_t)above : UINT32_MAX);
        }
        result = buffer_append(&sealer->knots, group, sizeof(group));
    }
    return result;
}

static uint64_t
clock_word(const struct sealer *sealer, uint32_t position)
{
    const uint8_t *groups = (const uint8_t *)sealer->knots.bytes;

    return (uint64_t)sealer->rows[position].time_received_us -
           segment_line(groups, position) + SEGMENT_CLOCK_BIAS;
}

/* The unit of all source times of a block. Distances are taken in it only
 * where none can wrap. */
static uint64_t
source_unit(const struct sealer *sealer, size_t from, size_t rows)
{
    uint64_t unit = 1000000;

    for (size_t i = 0; i < rows; i++) {
        const struct row *row = &sealer->rows[sealer->order[from + i]];
        const uint64_t source = (uint64_t)row->time_source_us;

        if (source % unit != 0)
            unit = source % 1000 == 0 ? 1000 : 1;
        if (((source | (uint64_t)row->time_received_us) >> 62) != 0 ||
            unit == 1)
            return 1;
    }
    return unit;
}

typedef uint64_t block_words[ROW_COLUMNS][BLOCK_ROWS];

static void
gather_block(struct sealer *sealer, size_t from, size_t rows, uint64_t unit,
             block_words words)
{
    for (size_t i = 0; i < rows; i++) {
        const uint32_t position = sealer->order[from + i];
        const struct row *row = &sealer->rows[position];
        const uint64_t received = (uint64_t)row->time_received_us;

        if (from + i + PREFETCH_ROWS < sealer->count)
            __builtin_prefetch(
                &sealer->rows[sealer->order[from + i + PREFETCH_ROWS]]);
        words[COLUMN_SOURCE_TIME][i] = received - received % unit -
                                       (uint64_t)row->time_source_us +
                                       SEGMENT_CLOCK_BIAS;
        words[COLUMN_SESSION][i] = row->session;
        words[COLUMN_PROFESSIONAL][i] = row->professional;
        words[COLUMN_PERSON][i] = row->person;
        words[COLUMN_REQUEST][i] = row->request;
        words[COLUMN_WHERE][i] = row->service | (uint64_t)row->controller << 16;
        words[COLUMN_WHAT][i] = row->categories | (uint64_t)row->grade << 16 |
                                (uint64_t)row->kind << 24;
        words[COLUMN_FLAGS][i] = row->flags | (uint64_t)row->source << 16;
        words[COLUMN_DETAIL][i] = row->detail;
        words[COLUMN_POSITION][i] = position;
        words[COLUMN_CLOCK][i] = clock_word(sealer, position);
        if (row->time_source_us < sealer->source_min_us)
            sealer->source_min_us = row->time_source_us;
        if (row->time_source_us > sealer->source_max_us)
            sealer->source_max_us = row->time_source_us;
        note_keys(sealer, row, (uint32_t)((from + i) / CHUNK_ROWS));
    }
}

static enum result
put_rows(struct sealer *sealer)
{
    static const enum column_hint hints[ROW_COLUMNS] = {
        [COLUMN_SOURCE_TIME] = COLUMN_TIME,
        [COLUMN_REQUEST] = COLUMN_DIGEST,
        [COLUMN_POSITION] = COLUMN_RISING,
        [COLUMN_CLOCK] = COLUMN_DIGEST, /* COLUMN_WORD elsewhere */
    };
    const uint64_t *columns[ROW_COLUMNS];
    uint64_t(*words)[BLOCK_ROWS] = malloc(sizeof(block_words));
    const size_t part_start = sealer->out->length;
    enum result result = words == NULL ? E_NOMEM : OK;

    for (unsigned c = 0; c < ROW_COLUMNS && result == OK; c++)
        columns[c] = words[c];
    for (size_t from = 0; from < sealer->count && result == OK;
         from += BLOCK_ROWS) {
        size_t left = sealer->count - from;
        size_t rows = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        size_t block_start = sealer->out->length;
        uint64_t unit;

        for (unsigned key = 0; key < LEDGER_KEYS && result == OK; key++)
            result = entries_reserve(&sealer->entries[key], rows);
        if (result != OK)
            break;
        unit = source_unit(sealer, from, rows);
        gather_block(sealer, from, rows, unit, words);
        result =
            block_pack(sealer->out, columns, hints, ROW_COLUMNS, rows, unit);
        if (result == OK)
            result =
                note_block(sealer, part_start, block_start, from / BLOCK_ROWS);
    }
    free(words);
    return result;
}

static enum result
put_index(struct sealer *sealer, unsigned key)
{
    const uint32_t chunks =
        (uint32_t)((sealer->count + CHUNK_ROWS - 1) / CHUNK_ROWS);
    struct entries *entries = &sealer->entries[key];
    struct index_entry *scratch =
        malloc((entries->count + 1) * sizeof(*scratch));
    enum result result;

    if (scratch == NULL)
        return E_NOMEM;
    result = index_pack(entries->entry, entries->count, scratch, chunks,
                        sealer->out, &sealer->pages[key], &sealer->shape[key]);
    free(scratch);
    return result;
}

static enum result
put_directory(struct sealer *sealer)
{
    enum result result =
        buffer_append(sealer->out, sealer->blocks.bytes, sealer->blocks.length);

    if (result == OK)
        result = buffer_append(sealer->out, sealer->knots.bytes,
                               sealer->knots.length);
    for (unsigned key = 0; key < LEDGER_KEYS && result == OK; key++)
        result = buffer_append(sealer->out, sealer->pages[key].bytes,
                               sealer->pages[key].length);
    while (result == OK && sealer->out->length % 8 != 0)
        result = buffer_byte(sealer->out, 0);
    return result;
}

static enum result
put_part(struct sealer *sealer, unsigned part,
         const uint8_t (*tiles)[HASH_BYTES], size_t tile_count)
{
    const size_t start = sealer->out->length;
    enum result result = OK;

    if (part == PART_ROWS)
        result = put_rows(sealer);
    else if (part == PART_DIRECTORY)
        result = put_directory(sealer);
    else if (part != PART_TREE)
        result = put_index(sealer, part - PART_INDEX);
    else if (tile_count > 0)
        result = buffer_append(sealer->out, tiles, tile_count * HASH_BYTES);
    sealer->part[part].offset = start - sealer->start;
    sealer->part[part].length = sealer->out->length - start;
    INVARIANT(10, result != OK || sealer->part[part].length % 8 == 0);
    return result;
}

static void
make_foot(struct sealer *sealer, uint64_t first,
          const uint8_t id[LEDGER_ID_BYTES], uint8_t foot[SEGMENT_FOOT_BYTES])
{
    const uint8_t *file = (const uint8_t *)sealer->out->bytes + sealer->start;
    const struct row *last = &sealer->rows[sealer->count - 1];

    memset(foot, 0, SEGMENT_FOOT_BYTES);
    memcpy(foot, SEGMENT_MAGIC, 8);
    le32_put(foot + 8, SEGMENT_VERSION);
    le32_put(foot + 12, (uint32_t)sealer->count);
    memcpy(foot + 16, id, LEDGER_ID_BYTES);
    le64_put(foot + 32, first);
    le64_put(foot + 40, (uint64_t)sealer->source_min_us);
    le64_put(foot + 48, (uint64_t)sealer->source_max_us);
    le64_put(foot + 56, (uint64_t)sealer->rows[0].time_received_us);
    le64_put(foot + 64, (uint64_t)last->time_received_us);
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        le32_put(foot + SEGMENT_SHAPES_AT + 8 * key,
                 sealer->shape[key].entries);
        le32_put(foot + SEGMENT_SHAPES_AT + 8 * key + 4,
                 sealer->shape[key].buckets);
    }
    le64_put(foot + SEGMENT_DIRECTORY_SUM_AT,
             checksum64(file + sealer->part[PART_DIRECTORY].offset,
                        sealer->part[PART_DIRECTORY].length, 0));
    for (unsigned part = 0; part < PART_COUNT; part++) {
        uint8_t *at = foot + SEGMENT_PARTS_AT + SEGMENT_PART_BYTES * part;

        le64_put(at, sealer->part[part].offset);
        le64_put(at + 8, sealer->part[part].length);
        hash_sha256(file + sealer->part[part].offset, sealer->part[part].length,
                    at + 16);
    }
    le64_put(foot + SEGMENT_FOOT_SUM_AT,
             checksum64(foot, SEGMENT_FOOT_SUM_AT, 0));
}

static enum result
put_file(struct sealer *sealer, uint64_t first,
         const uint8_t id[LEDGER_ID_BYTES], const uint8_t (*tiles)[HASH_BYTES],
         size_t tile_count)
{
    static const unsigned order[PART_COUNT] = SEGMENT_PART_ORDER;
    static const uint8_t start[SEGMENT_START_BYTES] = SEGMENT_MAGIC;
    uint8_t foot[SEGMENT_FOOT_BYTES];
    enum result result = make_order(sealer);

    if (result == OK)
        result = make_knots(sealer);
    if (result == OK)
        result = buffer_append(sealer->out, start, sizeof(start));
    for (size_t i = 0; i < PART_COUNT && result == OK; i++)
        result = put_part(sealer, order[i], tiles, tile_count);
    if (result != OK)
        return result;
    make_foot(sealer, first, id, foot);
    return buffer_append(sealer->out, foot, sizeof(foot));
}

enum result
segment_seal(const struct row *rows, size_t count, uint64_t first,
             const uint8_t id[LEDGER_ID_BYTES],
             const uint8_t (*tiles)[HASH_BYTES], size_t tile_count,
             struct buffer *out)
{
    struct sealer sealer = {
        .rows = rows,
        .count = count,
        .out = out,
        .start = out->length,
        .source_min_us = INT64_MAX,
        .source_max_us = INT64_MIN,
    };
    enum result result;

    INVARIANT(7, count > 0 && count <= SEGMENT_ROWS_MAX);
    INVARIANT(9, tile_count == (first + count) / MERKLE_TILE_LEAVES -
                                   first / MERKLE_TILE_LEAVES);
    sealer.order = malloc(count * sizeof(*sealer.order));
    result = sealer.order == NULL
                 ? E_NOMEM
                 : put_file(&sealer, first, id, tiles, tile_count);
    if (result != OK)
        out->length = sealer.start;
    free(sealer.order);
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        free(sealer.entries[key].entry);
        buffer_free(&sealer.pages[key]);
    }
    buffer_free(&sealer.blocks);
    buffer_free(&sealer.knots);
    return result;
}
