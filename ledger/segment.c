/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * NNNNNNNN.seg, byte by byte. All numbers little endian, all parts multiples
 * of 8 bytes. The head:
 *
 *    0  8  "VIGIESEG"
 *    8  4  version, 1
 *   12  4  rows, n
 *   16 16  id of the ledger (MANIFEST)
 *   32  8  number of the first row
 *   40  8  earliest time_source_us, 48 8 latest (signed)
 *   56  8  earliest time_received_us, 64 8 latest (signed)
 *   72 32  for session, professional, person, address: entries of the index
 *          (4) and its buckets (4)
 *  104  8  checksum64 of the directory, seed 0
 *  112 384 eight parts, each: offset from the start of the file (8), length
 *          (8), SHA-256 (32): directory, rows, clock, the four indexes, tree
 *  496  8  zero
 *  504  8  checksum64 of the 504 bytes before, seed 0
 *
 * The parts lie behind the head without gaps, in the order rows, clock,
 * indexes, tree, directory.
 *
 *   rows       blocks (segment_column.c) of 1,024 rows, the last one of what
 *              is left, in the order of places: clustered by session (rows
 *              without one by professional), clusters in the order of their
 *              first row in the log, the order of the log within a cluster.
 *              Ten columns: bytes 8 … 47 of the row as five words of 8
 *              bytes, bytes 48 … 63 as four of 4 bytes, then the row's
 *              position in the log from the segment's first.
 *   clock      blocks of 1,024 rows in the order of the log, one column:
 *              bytes 0 … 7 of the row.
 *   indexes    segment_index.c; chunks count 64 places. Which rows are under
 *              which key: row_key in open_index.c.
 *   tree       32 bytes for each complete aligned subtree of 256 leaves
 *              whose last leaf is in this segment: its root (RFC 9162), the
 *              level-1 entry of tlog-tiles.
 *   directory  for each block of rows, then of the clock: offset in its part
 *              (4), length (4), checksum64 with the block's number as seed
 *              (8); then the page offsets of the four indexes; zeros.
 *
 * A block's checksum is looked at when the block is first read, a page's
 * each time: what has rotted is E_CORRUPT, never a wrong or missing row.
 */
#include "ledger/segment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "ledger/checksum.h"
#include "ledger/segment_format.h"
#include "ledger/segment_state.h"

static const char *const part_names[PART_COUNT] = {
    [PART_DIRECTORY] = "directory",
    [PART_ROWS] = "rows",
    [PART_CLOCK] = "clock",
    [PART_INDEX + LEDGER_BY_SESSION] = "index-session",
    [PART_INDEX + LEDGER_BY_PROFESSIONAL] = "index-professional",
    [PART_INDEX + LEDGER_BY_PERSON] = "index-person",
    [PART_INDEX + LEDGER_BY_ADDRESS] = "index-address",
    [PART_TREE] = "tree",
};

const char *
segment_part_name(unsigned part)
{
    return part_names[part];
}

static enum result
read_head(struct segment *segment, const struct manifest *manifest,
          const struct manifest_segment *entry)
{
    static const unsigned order[PART_COUNT] = {
        PART_ROWS,      PART_CLOCK,     PART_INDEX, PART_INDEX + 1,
        PART_INDEX + 2, PART_INDEX + 3, PART_TREE,  PART_DIRECTORY,
    };
    const uint8_t *head = segment->bytes;
    uint64_t at = SEGMENT_HEAD_BYTES;

    if (segment->length < SEGMENT_HEAD_BYTES ||
        memcmp(head, SEGMENT_MAGIC, 8) != 0 ||
        le32_get(head + 8) != SEGMENT_VERSION ||
        le64_get(head + SEGMENT_HEAD_SUM_AT) !=
            checksum64(head, SEGMENT_HEAD_SUM_AT, 0) ||
        memcmp(head + 16, manifest->id, LEDGER_ID_BYTES) != 0 ||
        le32_get(head + 12) != entry->rows ||
        le64_get(head + 32) != entry->first || entry->rows > SEGMENT_ROWS_MAX)
        return E_CORRUPT;
    for (unsigned i = 0; i < PART_COUNT; i++) {
        const uint8_t *part =
            head + SEGMENT_PARTS_AT + SEGMENT_PART_BYTES * order[i];
        uint64_t length = le64_get(part + 8);

        if (le64_get(part) != at || length % 8 != 0 ||
            length > segment->length - at)
            return E_CORRUPT;
        segment->part[order[i]].bytes = head + at;
        segment->part[order[i]].length = (size_t)length;
        segment->part[order[i]].digest = part + 16;
        at += length;
    }
    segment->rows = (uint32_t)entry->rows;
    segment->first = entry->first;
    segment->blocks = (segment->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    return at == segment->length ? OK : E_CORRUPT;
}

static bool
blocks_fit(const uint8_t *entries, size_t blocks, size_t length)
{
    uint64_t at = 0;

    for (size_t i = 0; i < blocks; i++) {
        if (le32_get(entries) != at || le32_get(entries + 4) % 8 != 0)
            return false;
        at += le32_get(entries + 4);
        entries += SEGMENT_BLOCK_ENTRY_BYTES;
    }
    return at == length;
}

/* The directory's own checksum, then that all it says lies in its part. */
static enum result
read_directory(struct segment *segment)
{
    const uint8_t *head = segment->bytes;
    const uint8_t *at = segment->part[PART_DIRECTORY].bytes;
    const size_t length = segment->part[PART_DIRECTORY].length;
    const size_t blocks = (size_t)segment->blocks * SEGMENT_BLOCK_ENTRY_BYTES;
    size_t needs = 2 * blocks;

    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        struct index *index = &segment->index[key];
        const uint8_t *shape = head + SEGMENT_SHAPES_AT + 8 * key;

        index->shape.entries = le32_get(shape);
        index->shape.buckets = le32_get(shape + 4);
        index->chunks = (segment->rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
        index->pages = segment->part[PART_INDEX + key].bytes;
        index->length = segment->part[PART_INDEX + key].length;
        index->directory = at + needs;
        needs += 4 * ((size_t)index_pages(index->shape.buckets) + 1);
    }
    needs = (needs + 7) / 8 * 8;
    if (length != needs ||
        checksum64(at, length, 0) != le64_get(head + SEGMENT_DIRECTORY_SUM_AT))
        return E_CORRUPT;
    segment->row_entries = at;
    segment->clock_entries = at + blocks;
    if (!blocks_fit(segment->row_entries, segment->blocks,
                    segment->part[PART_ROWS].length) ||
        !blocks_fit(segment->clock_entries, segment->blocks,
                    segment->part[PART_CLOCK].length))
        return E_CORRUPT;
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        if (index_check(&segment->index[key]) != OK)
            return E_CORRUPT;
    }
    return OK;
}

static enum result
map_file(const char *path, const struct manifest_segment *entry,
         struct segment *segment)
{
    struct stat status;
    int fd = -1;
    enum result result = file_open(path, O_RDONLY, 0, &fd);

    if (result == E_NOTFOUND)
        return E_CORRUPT;
    if (result == OK && fstat(fd, &status) != 0)
        result = E_IO;
    if (result == OK && (uint64_t)status.st_size != entry->bytes)
        result = E_CORRUPT;
    if (result == OK)
        result = file_map(fd, (size_t)entry->bytes, &segment->bytes);
    if (result == OK)
        segment->length = (size_t)entry->bytes;
    file_close(&fd);
    return result;
}

enum result
segment_open(const char *path, const struct manifest *manifest,
             const struct manifest_segment *entry, struct reason *why,
             struct segment **ret_segment)
{
    struct segment *segment = calloc(1, sizeof(*segment));
    enum result result = segment == NULL ? E_NOMEM : OK;
    const char *where = "file";

    if (result == OK)
        result = map_file(path, entry, segment);
    if (result == OK) {
        where = "head";
        result = read_head(segment, manifest, entry);
    }
    if (result == OK) {
        where = "directory";
        result = read_directory(segment);
    }
    if (result == OK) {
        segment->checked = calloc(2 * (size_t)segment->blocks, 1);
        result = segment->checked == NULL ? E_NOMEM : OK;
    }
    if (result != OK) {
        segment_free(segment);
        if (result == E_CORRUPT)
            return reason_set(why, E_CORRUPT, "ledger-segment", where,
                              entry->number);
        return result;
    }
    *ret_segment = segment;
    return OK;
}

void
segment_free(struct segment *segment)
{
    if (segment == NULL)
        return;
    file_unmap(segment->bytes, segment->length);
    free(segment->checked);
    segment_forget(segment);
    free(segment);
}

enum result
segment_block(struct segment *segment, enum segment_part part, uint32_t number,
              struct block *ret_block)
{
    const bool clock = part == PART_CLOCK;
    const uint8_t *entry =
        (clock ? segment->clock_entries : segment->row_entries) +
        (size_t)number * SEGMENT_BLOCK_ENTRY_BYTES;
    const uint8_t *bytes = segment->part[part].bytes + le32_get(entry);
    const size_t length = le32_get(entry + 4);
    const uint32_t left = segment->rows - number * BLOCK_ROWS;
    uint8_t *checked =
        &segment->checked[(clock ? segment->blocks : 0) + number];

    if (*checked == 0) {
        if (checksum64(bytes, length, number) != le64_get(entry + 8))
            return E_CORRUPT;
        *checked = 1;
    }
    return block_parse(bytes, length, clock ? CLOCK_COLUMNS : ROW_COLUMNS,
                       left < BLOCK_ROWS ? left : BLOCK_ROWS, ret_block);
}

/* Puts a row together; the clock word is found by its position. */
static enum result
row_at(const struct block *block, size_t i, const struct block *clock,
       size_t clock_i, struct row *ret_row)
{
    uint8_t bytes[ROW_BYTES];
    uint64_t word = 0;

    if (!column_get(&clock->column[0], clock_i, &word))
        return E_CORRUPT;
    le64_put(bytes, word);
    for (unsigned c = COLUMN_SOURCE_TIME; c <= COLUMN_REQUEST; c++) {
        if (!column_get(&block->column[c], i, &word))
            return E_CORRUPT;
        le64_put(bytes + 8 + 8 * (size_t)c, word);
    }
    for (unsigned c = COLUMN_WHERE; c <= COLUMN_DETAIL; c++) {
        if (!column_get(&block->column[c], i, &word) || word > UINT32_MAX)
            return E_CORRUPT;
        le32_put(bytes + 48 + 4 * (size_t)(c - COLUMN_WHERE), (uint32_t)word);
    }
    return row_decode(bytes, ret_row);
}

enum result
segment_row(struct segment *segment, const struct segment_match *match,
            struct row *ret_row)
{
    struct block block, clock;
    enum result result =
        segment_block(segment, PART_ROWS, match->place / BLOCK_ROWS, &block);

    if (result == OK)
        result = segment_block(segment, PART_CLOCK,
                               match->position / BLOCK_ROWS, &clock);
    return result == OK ? row_at(&block, match->place % BLOCK_ROWS, &clock,
                                 match->position % BLOCK_ROWS, ret_row)
                        : result;
}

/* position → place, from the column that says place → position */
static enum result
read_order(struct segment *segment)
{
    uint64_t positions[BLOCK_ROWS];
    uint32_t *place = malloc(segment->rows * sizeof(*place));
    enum result result = place == NULL ? E_NOMEM : OK;

    if (place != NULL)
        memset(place, 0xff, segment->rows * sizeof(*place));
    for (uint32_t b = 0; b < segment->blocks && result == OK; b++) {
        struct block block;

        result = segment_block(segment, PART_ROWS, b, &block);
        if (result == OK &&
            !column_all(&block.column[COLUMN_POSITION], block.rows, positions))
            result = E_CORRUPT;
        for (uint32_t i = 0; result == OK && i < block.rows; i++) {
            if (positions[i] >= segment->rows ||
                place[positions[i]] != UINT32_MAX)
                result = E_CORRUPT; /* invariant 7 */
            else
                place[positions[i]] = b * BLOCK_ROWS + i;
        }
    }
    if (result == OK) {
        segment->parsed =
            calloc(2 * (size_t)segment->blocks, sizeof(*segment->parsed));
        result = segment->parsed == NULL ? E_NOMEM : OK;
    }
    if (result == OK)
        segment->place = place;
    else
        free(place);
    return result;
}

static enum result
parsed_block(struct segment *segment, enum segment_part part, uint32_t number,
             const struct block **ret_block)
{
    struct block *block =
        &segment->parsed[(part == PART_CLOCK ? segment->blocks : 0) + number];

    if (block->rows == 0) {
        enum result result = segment_block(segment, part, number, block);

        if (result != OK)
            return result;
    }
    *ret_block = block;
    return OK;
}

enum result
segment_read(struct segment *segment, uint32_t position, struct row *ret_row)
{
    const struct block *block, *clock;
    uint32_t place;
    enum result result = OK;

    if (segment->place == NULL)
        result = read_order(segment);
    if (result != OK)
        return result;
    place = segment->place[position];
    result = parsed_block(segment, PART_ROWS, place / BLOCK_ROWS, &block);
    if (result == OK)
        result =
            parsed_block(segment, PART_CLOCK, position / BLOCK_ROWS, &clock);
    return result == OK ? row_at(block, place % BLOCK_ROWS, clock,
                                 position % BLOCK_ROWS, ret_row)
                        : result;
}

/* As segment_read, by place; after it only. */
enum result
segment_at(struct segment *segment, uint32_t place, struct row *ret_row)
{
    const struct block *block, *clock;
    uint64_t position = 0;
    enum result result =
        parsed_block(segment, PART_ROWS, place / BLOCK_ROWS, &block);

    if (result == OK && (!column_get(&block->column[COLUMN_POSITION],
                                     place % BLOCK_ROWS, &position) ||
                         position >= segment->rows))
        result = E_CORRUPT;
    if (result == OK)
        result = parsed_block(segment, PART_CLOCK,
                              (uint32_t)position / BLOCK_ROWS, &clock);
    return result == OK ? row_at(block, place % BLOCK_ROWS, clock,
                                 position % BLOCK_ROWS, ret_row)
                        : result;
}

void
segment_forget(struct segment *segment)
{
    free(segment->place);
    free(segment->parsed);
    segment->place = NULL;
    segment->parsed = NULL;
}

const uint8_t *
segment_tiles(const struct segment *segment, size_t *ret_count)
{
    *ret_count = segment->part[PART_TREE].length / HASH_BYTES;
    return segment->part[PART_TREE].bytes;
}
