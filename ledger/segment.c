/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * NNNNNNNN.seg, byte by byte. All numbers little endian, all parts multiples
 * of 8 bytes. It starts with 16 bytes, "VIGIESEG" and zeros; then come the
 * parts without gaps, in the order rows, tree, the indexes by person,
 * address, professional, session, then the directory; then the foot:
 *
 *    0  8  "VIGIESEG"
 *    8  4  version, 2
 *   12  4  rows, n
 *   16 16  id of the ledger (MANIFEST)
 *   32  8  number of the first row
 *   40  8  earliest time_source_us, 48 8 latest (signed)
 *   56  8  earliest time_received_us, 64 8 latest (signed)
 *   72 32  for session, professional, person, address: entries of the index
 *          (4) and its buckets (4)
 *  104  8  checksum64 of the directory, seed 0
 *  112 336 seven parts, each: offset from the start of the file (8), length
 *          (8), SHA-256 (32): directory, rows, the indexes by session,
 *          professional, person, address, then tree
 *  448 56  zeros
 *  504  8  checksum64 of the 504 bytes before, seed 0
 *
 *   rows       blocks (segment_column.c) of 2,048 rows, the last one of what
 *              is left, in the order of places: clustered by session (rows
 *              without one by professional), clusters in the order of their
 *              first row in the log, the order of the log within a cluster.
 *              Eleven columns: bytes 8 … 47 of the row (model/row.c) as five
 *              words of 8 bytes, bytes 48 … 63 as four of 4 bytes, then the
 *              row's position p in the log from the segment's first, then
 *              time_received_us - line(p) + 2^63 (modulo 2^64). In the place
 *              of time_source_us stands r - r mod u - time_source_us + 2^63,
 *              r being time_received_us and u the column's unit.
 *   tree       32 bytes for each complete aligned subtree of 256 leaves
 *              whose last leaf is in this segment: its root (RFC 9162), the
 *              level-1 entry of tlog-tiles.
 *   indexes    segment_index.c; chunks count 64 places. Which rows are under
 *              which key: row_key and key_stands in open_index.c.
 *   directory  for each block of rows: offset in its part (4), length (4),
 *              checksum64 with the block's number as seed (8); for each
 *              1,024 positions the base (8) of line(p) and 16 knots (4):
 *              what line(p) has risen above it by the 64th, 128th, …
 *              position from there, straight in between, 0 at the first;
 *              then the page offsets of the indexes by session,
 *              professional, person, address; zeros.
 *
 * What a question needs first lies together at the end: one read of a cold
 * disk. The checksum of a block or a page is looked at when it is first
 * read: what has rotted is E_CORRUPT, never a wrong or missing row.
 */
#include "ledger/segment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "ledger/checksum.h"
#include "ledger/segment_format.h"
#include "ledger/segment_state.h"

/* What the index by session, directory and foot take of a segment of the
 * usual size, about. */
#define TAIL_BYTES (48u << 10)
#define PAGE_BYTES 4096u

static const char *const part_names[PART_COUNT] = {
    [PART_DIRECTORY] = "directory",
    [PART_ROWS] = "rows",
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

const char *
segment_index_name(enum ledger_key key)
{
    return part_names[PART_INDEX + key];
}

static const uint8_t *
foot_of(const struct segment *segment)
{
    return segment->bytes + segment->length - SEGMENT_FOOT_BYTES;
}

static bool
foot_is_right(const struct segment *segment, const struct manifest *manifest,
              const struct manifest_segment *entry)
{
    static const uint8_t start[SEGMENT_START_BYTES] = SEGMENT_MAGIC;
    const uint8_t *foot = foot_of(segment);

    return memcmp(segment->bytes, start, sizeof(start)) == 0 &&
           memcmp(foot, SEGMENT_MAGIC, 8) == 0 &&
           le32_get(foot + 8) == SEGMENT_VERSION &&
           le64_get(foot + SEGMENT_FOOT_SUM_AT) ==
               checksum64(foot, SEGMENT_FOOT_SUM_AT, 0) &&
           memcmp(foot + 16, manifest->id, LEDGER_ID_BYTES) == 0 &&
           le32_get(foot + 12) == entry->rows &&
           le64_get(foot + 32) == entry->first &&
           entry->rows <= SEGMENT_ROWS_MAX;
}

static enum result
read_foot(struct segment *segment, const struct manifest *manifest,
          const struct manifest_segment *entry)
{
    static const unsigned order[PART_COUNT] = SEGMENT_PART_ORDER;
    uint64_t at = SEGMENT_START_BYTES, end;

    if (segment->length < SEGMENT_START_BYTES + SEGMENT_FOOT_BYTES ||
        !foot_is_right(segment, manifest, entry))
        return E_CORRUPT;
    end = segment->length - SEGMENT_FOOT_BYTES;
    for (unsigned i = 0; i < PART_COUNT; i++) {
        const uint8_t *part =
            foot_of(segment) + SEGMENT_PARTS_AT + SEGMENT_PART_BYTES * order[i];
        uint64_t length = le64_get(part + 8);

        if (le64_get(part) != at || length % 8 != 0 || length > end - at)
            return E_CORRUPT;
        segment->part[order[i]].bytes = segment->bytes + at;
        segment->part[order[i]].length = (size_t)length;
        segment->part[order[i]].digest = part + 16;
        at += length;
    }
    segment->rows = (uint32_t)entry->rows;
    segment->first = entry->first;
    segment->blocks = (segment->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    return at == end ? OK : E_CORRUPT;
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
    const uint8_t *foot = foot_of(segment);
    const uint8_t *at = segment->part[PART_DIRECTORY].bytes;
    const size_t length = segment->part[PART_DIRECTORY].length;
    const size_t blocks = (size_t)segment->blocks * SEGMENT_BLOCK_ENTRY_BYTES;
    size_t needs =
        blocks + (size_t)segment_groups(segment->rows) * SEGMENT_GROUP_BYTES;

    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        struct index *index = &segment->index[key];
        const uint8_t *shape = foot + SEGMENT_SHAPES_AT + 8 * key;

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
        checksum64(at, length, 0) != le64_get(foot + SEGMENT_DIRECTORY_SUM_AT))
        return E_CORRUPT;
    segment->entries = at;
    segment->knots = at + blocks;
    if (!blocks_fit(segment->entries, segment->blocks,
                    segment->part[PART_ROWS].length))
        return E_CORRUPT;
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        if (index_check(&segment->index[key]) != OK)
            return E_CORRUPT;
    }
    return OK;
}

static void
advise_as(const uint8_t *bytes, size_t from, size_t to, int advice)
{
    const size_t start = from / PAGE_BYTES * PAGE_BYTES;
    union {
        const uint8_t *constant;
        void *plain;
    } at = {.constant = bytes + start};

    (void)madvise(at.plain, to - start, advice);
}

/* Lets the kernel read while others are looked at; only a hint. */
static void
advise(const uint8_t *bytes, size_t from, size_t to)
{
    advise_as(bytes, from, to, MADV_WILLNEED);
}

void
segment_advise_all(struct segment *segment)
{
    segment->wanted = true;
    advise_as(segment->bytes, 0, segment->length, MADV_NORMAL);
    advise(segment->bytes, 0, segment->length);
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
segment_map(const char *path, const struct manifest_segment *entry,
            struct segment **ret_segment)
{
    struct segment *segment = calloc(1, sizeof(*segment));
    enum result result =
        segment == NULL ? E_NOMEM : map_file(path, entry, segment);

    if (result != OK) {
        segment_free(segment);
        return result;
    }
    /* what is needed is asked for; else the kernel reads around each place
     * as far as its disk's setting says: 8 MB where this was measured */
    if (segment->length > 0) {
        advise_as(segment->bytes, 0, segment->length, MADV_RANDOM);
        advise(segment->bytes,
               segment->length < TAIL_BYTES ? 0 : segment->length - TAIL_BYTES,
               segment->length);
    }
    *ret_segment = segment;
    return OK;
}

static enum result
make_checked(struct segment *segment)
{
    size_t pages = 0, at = segment->blocks;

    for (unsigned key = 0; key < LEDGER_KEYS; key++)
        pages += index_pages(segment->index[key].shape.buckets);
    segment->checked = calloc(segment->blocks + pages, 1);
    if (segment->checked == NULL)
        return E_NOMEM;
    for (unsigned key = 0; key < LEDGER_KEYS; key++) {
        segment->index[key].checked = segment->checked + at;
        at += index_pages(segment->index[key].shape.buckets);
    }
    return OK;
}

enum result
segment_check(struct segment *segment, const struct manifest *manifest,
              const struct manifest_segment *entry, struct reason *why)
{
    const char *where = "foot";
    enum result result = OK;

    if (segment->checked != NULL)
        return OK;
    result = read_foot(segment, manifest, entry);
    if (result == OK) {
        where = "directory";
        result = read_directory(segment);
    }
    if (result != OK)
        return reason_set(why, result, "ledger-segment", where, entry->number);
    return make_checked(segment);
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

void
segment_advise(const struct segment *segment, enum ledger_key key, uint64_t id)
{
    const struct index *index = &segment->index[key];
    size_t length = 0;
    size_t from = (size_t)(index->pages - segment->bytes) +
                  index_page(index, key_mix(id), &length);

    advise(segment->bytes, from, from + length);
}

enum result
segment_block(struct segment *segment, uint32_t number, struct block *ret_block)
{
    const uint8_t *entry =
        segment->entries + (size_t)number * SEGMENT_BLOCK_ENTRY_BYTES;
    const uint8_t *bytes = segment->part[PART_ROWS].bytes + le32_get(entry);
    const size_t length = le32_get(entry + 4);
    const uint32_t left = segment->rows - number * BLOCK_ROWS;

    if (segment->checked[number] == 0) {
        if (!segment->wanted)
            advise(segment->bytes, (size_t)(bytes - segment->bytes),
                   (size_t)(bytes - segment->bytes) + length);
        if (checksum64(bytes, length, number) != le64_get(entry + 8))
            return E_CORRUPT;
        segment->checked[number] = 1;
    }
    return block_parse(bytes, length, ROW_COLUMNS,
                       left < BLOCK_ROWS ? left : BLOCK_ROWS, ret_block);
}

/* Puts a row together. */
static enum result
row_at(const struct segment *segment, const struct block *block, size_t i,
       uint32_t position, struct row *ret_row)
{
    const uint64_t unit = block->column[COLUMN_SOURCE_TIME].unit;
    uint8_t bytes[ROW_BYTES];
    uint64_t word = 0, received;

    if (!column_get(&block->column[COLUMN_CLOCK], i, &word))
        return E_CORRUPT;
    received =
        word - SEGMENT_CLOCK_BIAS + segment_line(segment->knots, position);
    le64_put(bytes, received);
    if (!column_get(&block->column[COLUMN_SOURCE_TIME], i, &word))
        return E_CORRUPT;
    le64_put(bytes + 8,
             received - received % unit - (word - SEGMENT_CLOCK_BIAS));
    for (unsigned c = COLUMN_SESSION; c <= COLUMN_REQUEST; c++) {
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
            struct segment_cursor *cursor, struct row *ret_row)
{
    const uint32_t number = match->place / BLOCK_ROWS;

    if (cursor->number != number + 1) {
        enum result result = segment_block(segment, number, &cursor->block);

        cursor->number = result == OK ? number + 1 : 0;
        if (result != OK)
            return result;
    }
    return row_at(segment, &cursor->block, match->place % BLOCK_ROWS,
                  match->position, ret_row);
}

struct segment_times
segment_times(const struct segment *segment)
{
    const uint8_t *foot = foot_of(segment);

    return (struct segment_times){
        .source_from_us = (int64_t)le64_get(foot + 40),
        .source_to_us = (int64_t)le64_get(foot + 48),
        .received_from_us = (int64_t)le64_get(foot + 56),
        .received_to_us = (int64_t)le64_get(foot + 64),
    };
}

/* The rows of one block: position → place. */
static enum result
fill_block(struct segment *segment, uint32_t number, uint32_t *place)
{
    uint64_t positions[BLOCK_ROWS];
    struct block block;
    enum result result = segment_block(segment, number, &block);

    if (result != OK)
        return result;
    if (!column_range(&block.column[COLUMN_POSITION], 0, block.rows, positions))
        return E_CORRUPT;
    for (uint32_t i = 0; i < block.rows; i++) {
        if (positions[i] >= segment->rows || place[positions[i]] != UINT32_MAX)
            return E_CORRUPT; /* invariant 7 */
        place[positions[i]] = number * BLOCK_ROWS + i;
    }
    return OK;
}

/* position → place, from the column that says place → position */
static enum result
fill_order(struct segment *segment, uint32_t *place)
{
    memset(place, 0xff, segment->rows * sizeof(*place));
    for (uint32_t b = 0; b < segment->blocks; b++) {
        enum result result = fill_block(segment, b, place);

        if (result != OK && (result != E_CORRUPT || !segment->despite))
            return result;
    }
    return OK;
}

static enum result
read_order(struct segment *segment)
{
    uint32_t *place = malloc(segment->rows * sizeof(*place));
    struct block *parsed = calloc(segment->blocks, sizeof(*parsed));
    enum result result;

    segment_advise_all(segment);
    result =
        place == NULL || parsed == NULL ? E_NOMEM : fill_order(segment, place);

    if (result != OK) {
        free(place);
        free(parsed);
        return result;
    }
    segment->place = place;
    segment->parsed = parsed;
    return OK;
}

static enum result
segment_at(struct segment *segment, uint32_t position, struct row *ret_row)
{
    const uint32_t place = segment->place[position];
    const uint32_t number = place / BLOCK_ROWS;
    struct block *block = &segment->parsed[number];

    if (block->rows == 0) {
        enum result result = segment_block(segment, number, block);

        if (result != OK)
            return result;
    }
    return row_at(segment, block, place % BLOCK_ROWS, position, ret_row);
}

enum result
segment_read(struct segment *segment, uint32_t position, struct row *ret_row)
{
    if (segment->place == NULL) {
        enum result result = read_order(segment);

        if (result != OK)
            return result;
    }
    if (segment->place[position] == UINT32_MAX)
        return E_CORRUPT;
    return segment_at(segment, position, ret_row);
}

enum result
segment_order_despite(struct segment *segment, uint32_t *ret_lost)
{
    uint32_t lost = 0;
    enum result result = OK;

    if (!segment->despite)
        segment_forget(segment);
    segment->despite = true;
    if (segment->place == NULL)
        result = read_order(segment);
    for (uint32_t i = 0; i < segment->rows && result == OK; i++)
        lost += segment->place[i] == UINT32_MAX;
    if (result == OK)
        *ret_lost = lost;
    return result;
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
