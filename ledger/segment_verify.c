/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What reading does not look at: the digests of the parts, and whether each
 * index leads to every row. That an index names a chunk too many is no
 * fault (its answers are checked against the rows).
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/segment_state.h"

#define PREFETCH_ROWS 12

struct expected {
    uint32_t chunk;
    bool there;
};

static enum result
note_chunk(void *context, uint32_t chunk)
{
    struct expected *expected = context;

    expected->there = expected->there || chunk == expected->chunk;
    return OK;
}

static enum result
verify_parts(struct segment *segment, struct reason *why)
{
    segment_advise_all(segment);
    for (unsigned part = 0; part < PART_COUNT; part++) {
        uint8_t digest[HASH_BYTES];

        hash_sha256(segment->part[part].bytes, segment->part[part].length,
                    digest);
        if (memcmp(digest, segment->part[part].digest, HASH_BYTES) != 0)
            return reason_set(
                why, E_CORRUPT, "ledger-part", segment_part_name(part),
                (uint64_t)(segment->part[part].bytes - segment->bytes));
    }
    return OK;
}

/* The row at a place is found by each key under which it stands. */
static enum result
verify_found(struct segment *segment, const struct row *row, uint32_t place,
             uint64_t last[LEDGER_KEYS])
{
    enum result result = OK;

    for (unsigned key = 0; key < LEDGER_KEYS && result == OK; key++) {
        struct expected expected = {.chunk = place / CHUNK_ROWS};
        const uint64_t id = row_key(row, key);

        /* neighbours in one chunk are mostly alike */
        if (!key_stands(key, id) ||
            (place % CHUNK_ROWS != 0 && id == last[key]))
            continue;
        result = index_find(&segment->index[key], key_mix(id), note_chunk,
                            &expected);
        if (result == OK && !expected.there)
            result = E_CORRUPT;
        last[key] = id;
    }
    return result;
}

/* A whole segment, out of its columns: a third of the time that one row
 * after the other in the order of the log takes. */
struct unpacked {
    uint64_t words[ROW_COLUMNS][BLOCK_ROWS];
    struct row *row;            /* by position; kind 0: not there yet */
    uint64_t last[LEDGER_KEYS]; /* ids of the row before */
    uint32_t lost;              /* + 1: the first place no index leads to */
};

static enum result
take_row(struct segment *segment, struct unpacked *unpacked, size_t i,
         uint32_t place, uint64_t unit)
{
    const uint64_t position = unpacked->words[COLUMN_POSITION][i];
    uint8_t bytes[ROW_BYTES];
    uint64_t received;
    enum result result;

    if (position >= segment->rows || unpacked->row[position].kind != 0)
        return E_CORRUPT; /* invariant 7 */
    received = unpacked->words[COLUMN_CLOCK][i] - SEGMENT_CLOCK_BIAS +
               segment_line(segment->knots, (uint32_t)position);
    le64_put(bytes, received);
    le64_put(bytes + 8,
             received - received % unit -
                 (unpacked->words[COLUMN_SOURCE_TIME][i] - SEGMENT_CLOCK_BIAS));
    for (unsigned c = COLUMN_SESSION; c <= COLUMN_REQUEST; c++)
        le64_put(bytes + 8 + 8 * (size_t)c, unpacked->words[c][i]);
    for (unsigned c = COLUMN_WHERE; c <= COLUMN_DETAIL; c++) {
        if (unpacked->words[c][i] > UINT32_MAX)
            return E_CORRUPT;
        le32_put(bytes + 48 + 4 * (size_t)(c - COLUMN_WHERE),
                 (uint32_t)unpacked->words[c][i]);
    }
    result = row_decode(bytes, &unpacked->row[position]);
    if (result == OK && unpacked->lost == 0 &&
        verify_found(segment, &unpacked->row[position], place,
                     unpacked->last) != OK)
        unpacked->lost = place + 1;
    return result;
}

static enum result
unpack_block(struct segment *segment, uint32_t number,
             struct unpacked *unpacked)
{
    struct block block;
    enum result result = segment_block(segment, number, &block);

    for (unsigned c = 0; c < ROW_COLUMNS && result == OK; c++) {
        if (!column_range(&block.column[c], 0, block.rows, unpacked->words[c]))
            result = E_CORRUPT;
    }
    for (uint32_t i = 0; result == OK && i < block.rows; i++) {
        /* rows go all over the array; a wrong position is refused later */
        if (i + PREFETCH_ROWS < block.rows)
            __builtin_prefetch(
                unpacked->row +
                    unpacked->words[COLUMN_POSITION][i + PREFETCH_ROWS] %
                        SEGMENT_ROWS_MAX,
                1);
        result = take_row(segment, unpacked, i, number * BLOCK_ROWS + i,
                          block.column[COLUMN_SOURCE_TIME].unit);
    }
    return result;
}

static enum result
verify_rows(struct segment *segment, struct unpacked *unpacked,
            segment_visit *visit, void *context, struct reason *why)
{
    enum result result = OK;

    for (uint32_t number = 0; number < segment->blocks; number++) {
        result = unpack_block(segment, number, unpacked);
        if (result != OK)
            return reason_set(why, result, "ledger-row", "block", number);
    }
    for (uint32_t position = 0; position < segment->rows; position++) {
        result =
            visit(context, segment->first + position, &unpacked->row[position]);
        if (result != OK)
            return reason_set(why, result, "ledger-row", "rows", position);
    }
    /* told last: the rows themselves come first */
    if (unpacked->lost != 0)
        return reason_set(why, E_CORRUPT, "ledger-index", "place",
                          unpacked->lost - 1);
    return OK;
}

enum result
segment_verify(struct segment *segment, segment_visit *visit, void *context,
               struct buffer *scratch, struct reason *why)
{
    const size_t bytes = segment->rows * sizeof(struct row);
    struct unpacked *unpacked;
    enum result result = verify_parts(segment, why);

    if (result != OK)
        return result;
    unpacked = calloc(1, sizeof(*unpacked));
    if (unpacked == NULL)
        return E_NOMEM;
    result = buffer_reserve(scratch, bytes);
    if (result == OK) {
        unpacked->row = (void *)scratch->bytes;
        memset(unpacked->row, 0, bytes);
        result = verify_rows(segment, unpacked, visit, context, why);
    }
    free(unpacked);
    return result;
}
