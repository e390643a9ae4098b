/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A block, byte by byte. All numbers little endian. First a descriptor of 16
 * bytes for each column, in the order of the columns:
 *
 *    0  1  codec: 0 straight, 1 dictionary, 2 runs, 3 marks, 4 rises; above
 *          it, from bit 4 on, for straight, the unit: 0 one, 1 a thousand,
 *          2 a million
 *    1  1  width of a packed number in bits: 0 … 57, or 64
 *    2  2  entries: of the dictionary, runs, or starts; 0 for straight
 *    4  3  offset of the column's data from the start of the block
 *    7  1  width of a packed entry; 0 for straight
 *    8  8  base
 *
 * then the columns' data, each at a multiple of 8, as are its pieces:
 *
 *   straight    value[i] = base + unit × packed[i] (modulo 2^64)
 *   dictionary  packed entries, then packed entry numbers;
 *               value[i] = base + entry[number[i]]
 *   runs        packed entries, then packed starts of 11 bits: the row at
 *               which each run begins; the first is 0, each larger than
 *               before; value[i] = base + entry of its run
 *   marks       the same with a bit a row, low bits first: 1 where a run
 *               begins
 *   rises       as runs, then packed gaps, one a row: value[i] = base +
 *               entry of its run + gaps behind the run's start up to i. A
 *               run is 64 rows at most
 *
 * Number i of width w lies in bits i·w … i·w+w-1 of its data, low bits
 * first. 8 bytes of zeros end the block, so that a number is read as one
 * word.
 */
#include "ledger/segment_column.h"

#include <string.h>

#include "ledger/checksum.h"
#include "ledger/invariant.h"
#include "ledger/segment_codec.h"

static inline uint64_t
packed_get(const uint8_t *data, size_t i, unsigned width)
{
    size_t bit = i * width;

    if (width == 64)
        return le64_get(data + 8 * i);
    return le64_get(data + bit / 8) >> (bit % 8) & ((UINT64_C(1) << width) - 1);
}

static inline size_t
start_get(const struct column *column, size_t run)
{
    return (size_t)packed_get(column->behind, run, START_BITS);
}

static bool
runs_rise(const struct column *column, size_t rows)
{
    size_t before = 0;

    if (start_get(column, 0) != 0)
        return false;
    for (size_t i = 1; i < column->entries; i++) {
        size_t start = start_get(column, i);

        if (start <= before)
            return false;
        before = start;
    }
    return before < rows;
}

/* Marks up to row i, itself too. */
static size_t
marks_to(const struct column *column, size_t i)
{
    const uint8_t *at = column->behind;
    size_t count = 0;

    for (; i >= 64; i -= 64, at += 8)
        count += (size_t)__builtin_popcountll(le64_get(at));
    return count + (size_t)__builtin_popcountll(le64_get(at) << (63 - i));
}

static bool
marks_hold(const struct column *column, size_t rows)
{
    return (column->behind[0] & 1) != 0 &&
           marks_to(column, rows - 1) == column->entries;
}

static bool
width_exists(unsigned width)
{
    return width <= WIDTH_PACKED_MAX || width == 64;
}

/* Bytes behind the entries. */
static size_t
needs_behind(const struct column *column, size_t rows)
{
    switch (column->codec) {
    case CODEC_RUNS:
        return packed_bytes(column->entries, START_BITS);
    case CODEC_MARKS:
        return packed_bytes(rows, 1);
    case CODEC_RISES:
        return piece_bytes(column->entries, START_BITS) +
               packed_bytes(rows, column->width);
    default:
        return packed_bytes(rows, column->width);
    }
}

static bool
column_holds(const struct column *column, size_t rows)
{
    switch (column->codec) {
    case CODEC_STRAIGHT:
        return column->entries == 0;
    case CODEC_DICTIONARY:
        return column->entries > 0;
    case CODEC_RUNS:
        return column->entries > 0 && column->width == 0 &&
               runs_rise(column, rows);
    case CODEC_MARKS:
        return column->width == 0 && marks_hold(column, rows);
    case CODEC_RISES:
        return column->entries > 0 && runs_rise(column, rows);
    default:
        return false;
    }
}

static bool
column_parse(const uint8_t *bytes, size_t length, const uint8_t *descriptor,
             size_t rows, struct column *ret_column)
{
    static const uint64_t units[] = {1, 1000, 1000000};
    const size_t offset = le32_get(descriptor + 4) & 0xffffff;
    const unsigned unit = descriptor[0] >> CODEC_BITS;
    size_t entries_bytes, needs;
    struct column column = {
        .base = le64_get(descriptor + 8),
        .entries = le16_get(descriptor + 2),
        .codec = descriptor[0] & ((1u << CODEC_BITS) - 1),
        .width = descriptor[1],
        .entry_width = descriptor[7],
    };

    if (!width_exists(column.width) || !width_exists(column.entry_width) ||
        unit >= sizeof(units) / sizeof(units[0]) || column.entries > rows)
        return false;
    column.unit = units[unit];
    entries_bytes = piece_bytes(column.entries, column.entry_width);
    needs = entries_bytes + needs_behind(&column, rows);
    if (offset > length || needs + SLACK_BYTES > length - offset)
        return false;
    column.data = bytes + offset;
    column.behind = column.data + entries_bytes;
    if (column.codec == CODEC_RISES)
        column.gaps = column.behind + piece_bytes(column.entries, START_BITS);
    *ret_column = column;
    return column_holds(ret_column, rows);
}

enum result
block_parse(const uint8_t *bytes, size_t length, unsigned columns, size_t rows,
            struct block *ret_block)
{
    struct block block = {.rows = (uint32_t)rows};

    INVARIANT(7, rows > 0 && rows <= BLOCK_ROWS && columns <= COLUMNS_MAX);
    if (length < columns * DESCRIPTOR_BYTES + SLACK_BYTES)
        return E_CORRUPT;
    for (unsigned c = 0; c < columns; c++) {
        if (!column_parse(bytes, length, bytes + c * DESCRIPTOR_BYTES, rows,
                          &block.column[c]))
            return E_CORRUPT;
    }
    *ret_block = block;
    return OK;
}

static inline uint64_t
entry_get(const struct column *column, size_t i)
{
    return column->base + packed_get(column->data, i, column->entry_width);
}

/* The run that row i is in. */
static size_t
run_of(const struct column *column, size_t i)
{
    size_t low = 0, high = column->entries; /* start[low] <= i */

    if (column->codec == CODEC_MARKS)
        return marks_to(column, i) - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (start_get(column, middle) <= i)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uint64_t
rise_get(const struct column *column, size_t i)
{
    const size_t run = run_of(column, i);
    uint64_t value = entry_get(column, run);

    for (size_t at = start_get(column, run) + 1; at <= i; at++)
        value += packed_get(column->gaps, at, column->width);
    return value;
}

bool
column_get(const struct column *column, size_t i, uint64_t *ret_value)
{
    uint64_t packed;

    switch (column->codec) {
    case CODEC_RUNS:
    case CODEC_MARKS:
        *ret_value = entry_get(column, run_of(column, i));
        return true;
    case CODEC_RISES:
        *ret_value = rise_get(column, i);
        return true;
    case CODEC_DICTIONARY:
        packed = packed_get(column->behind, i, column->width);
        if (packed >= column->entries)
            return false;
        *ret_value = entry_get(column, packed);
        return true;
    default: /* CODEC_STRAIGHT: the parser lets no other pass */
        *ret_value = column->base +
                     column->unit * packed_get(column->data, i, column->width);
        return true;
    }
}

static bool
begins(const struct column *column, size_t next, size_t i)
{
    if (column->codec == CODEC_MARKS)
        return (column->behind[i / 8] >> i % 8 & 1) != 0;
    return next < column->entries && start_get(column, next) == i;
}

/* Runs, marks and rises, one row after the other. */
static void
runs_range(const struct column *column, size_t from, size_t count,
           uint64_t *ret_values)
{
    size_t next = run_of(column, from) + 1;
    uint64_t value = column->codec == CODEC_RISES ? rise_get(column, from)
                                                  : entry_get(column, next - 1);

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && begins(column, next, from + i))
            value = entry_get(column, next++);
        else if (i > 0 && column->codec == CODEC_RISES)
            value += packed_get(column->gaps, from + i, column->width);
        ret_values[i] = value;
    }
}

/* A third of the steps of column_get. */
static void
straight_range(const struct column *column, size_t from, size_t count,
               uint64_t *ret_values)
{
    const uint64_t base = column->base, unit = column->unit;
    const unsigned width = column->width;
    const uint8_t *data = column->data;

    for (size_t i = 0; i < count; i++)
        ret_values[i] = base + unit * packed_get(data, from + i, width);
}

bool
column_range(const struct column *column, size_t from, size_t count,
             uint64_t *ret_values)
{
    switch (column->codec) {
    case CODEC_RUNS:
    case CODEC_MARKS:
    case CODEC_RISES:
        runs_range(column, from, count, ret_values);
        return true;
    case CODEC_STRAIGHT:
        straight_range(column, from, count, ret_values);
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < count; i++) {
        if (!column_get(column, from + i, &ret_values[i]))
            return false;
    }
    return true;
}
