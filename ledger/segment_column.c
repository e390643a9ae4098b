/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A block, byte by byte. All numbers little endian. First a descriptor of 24
 * bytes for each column, in the order of the columns:
 *
 *    0  1  codec: 0 straight, 1 dictionary, 2 runs
 *    1  1  width of a packed number in bits: 0 … 57, or 64
 *    2  2  entries of the dictionary, or runs; 0 for straight
 *    4  3  offset of the column's data from the start of the block
 *    7  1  width of a packed entry; 0 for straight
 *    8  8  base
 *   16  8  unit (straight), else 0
 *
 * then the columns' data, each at a multiple of 8:
 *
 *   straight    value[i] = base + unit × packed[i] (modulo 2^64)
 *   dictionary  packed entries, then, at the next multiple of 8, packed
 *               entry numbers; value[i] = base + entry[number[i]]
 *   runs        packed entries, then, at the next multiple of 8, 2 bytes a
 *               run: the row at which it begins; the first is 0, each larger
 *               than before; value[i] = base + entry of its run
 *
 * Number i of width w lies in bits i·w … i·w+w-1 of its data, low bits
 * first. 8 bytes of zeros end the block, so that a number is read as one
 * word.
 */
#include "ledger/segment_column.h"

#include <string.h>

#include "ledger/checksum.h"
#include "ledger/invariant.h"

#define DESCRIPTOR_BYTES 24
#define SLACK_BYTES 8
#define WIDTH_PACKED_MAX 57 /* 7 bits of offset and 57 fit one word */

enum { CODEC_STRAIGHT = 0, CODEC_DICTIONARY = 1, CODEC_RUNS = 2 };

/* slots of the dictionary builder: twice the values of a block */
#define SLOTS 2048

struct packer {
    uint64_t scratch[BLOCK_ROWS]; /* numbers to be packed */
    uint64_t entries[BLOCK_ROWS];
    uint16_t starts[BLOCK_ROWS];
    uint16_t slots[SLOTS]; /* entry + 1 */
    size_t count;          /* of entries */
    uint64_t base, unit;
    unsigned codec, width, entry_width;
};

static unsigned
width_of(uint64_t largest)
{
    unsigned width = largest == 0 ? 0 : 64 - (unsigned)__builtin_clzll(largest);

    return width > WIDTH_PACKED_MAX ? 64 : width;
}

static size_t
packed_bytes(size_t rows, unsigned width)
{
    return (rows * width + 7) / 8;
}

/* Whole milliseconds or seconds above the smallest value? */
static uint64_t
common_unit(const uint64_t *values, size_t rows, uint64_t smallest)
{
    bool second = true;

    for (size_t i = 0; i < rows; i++) {
        uint64_t above = values[i] - smallest;

        if (above % 1000 != 0)
            return 1;
        second = second && above % 1000000 == 0;
    }
    return second ? 1000000 : 1000;
}

static void
try_straight(struct packer *packer, const uint64_t *values, size_t rows,
             enum column_hint hint)
{
    uint64_t smallest = values[0], largest = values[0];

    for (size_t i = 1; i < rows; i++) {
        smallest = values[i] < smallest ? values[i] : smallest;
        largest = values[i] > largest ? values[i] : largest;
    }
    packer->base = smallest;
    packer->unit = 1;
    if (hint == COLUMN_TIME)
        packer->unit = common_unit(values, rows, smallest);
    packer->codec = CODEC_STRAIGHT;
    packer->width = width_of((largest - smallest) / packer->unit);
    packer->entry_width = 0;
    packer->count = 0;
}

/* Entries as distances from the smallest. */
static void
pack_entries(struct packer *packer)
{
    uint64_t smallest = packer->entries[0], largest = packer->entries[0];

    for (size_t i = 1; i < packer->count; i++) {
        uint64_t entry = packer->entries[i];

        smallest = entry < smallest ? entry : smallest;
        largest = entry > largest ? entry : largest;
    }
    for (size_t i = 0; i < packer->count; i++)
        packer->entries[i] -= smallest;
    packer->base = smallest;
    packer->unit = 0;
    packer->entry_width = width_of(largest - smallest);
}

static size_t
count_runs(const uint64_t *values, size_t rows)
{
    size_t runs = 1;

    for (size_t i = 1; i < rows; i++)
        runs += values[i] != values[i - 1];
    return runs;
}

static void
take_runs(struct packer *packer, const uint64_t *values, size_t rows)
{
    packer->count = 0;
    for (size_t i = 0; i < rows; i++) {
        if (i > 0 && values[i] == values[i - 1])
            continue;
        packer->entries[packer->count] = values[i];
        packer->starts[packer->count++] = (uint16_t)i;
    }
    packer->codec = CODEC_RUNS;
    packer->width = 0;
    pack_entries(packer);
}

/* Fills entries and scratch; false as soon as it takes `limit` bytes, an
 * entry taken as `entry_bits` wide. */
static bool
take_dictionary(struct packer *packer, const uint64_t *values, size_t rows,
                unsigned entry_bits, size_t limit)
{
    size_t most = limit * 8 / entry_bits;

    memset(packer->slots, 0, sizeof(packer->slots));
    packer->count = 0;
    for (size_t i = 0; i < rows; i++) {
        uint64_t value = values[i];
        size_t at =
            (size_t)((value ^ value >> 29) * UINT64_C(0x9e3779b97f4a7c15) >>
                     53);

        while (packer->slots[at] != 0 &&
               packer->entries[packer->slots[at] - 1] != value)
            at = (at + 1) % SLOTS;
        if (packer->slots[at] == 0) {
            if (packer->count >= most || packer->count >= rows / 2)
                return false;
            packer->entries[packer->count++] = value;
            packer->slots[at] = (uint16_t)packer->count;
        }
        packer->scratch[i] = packer->slots[at] - 1u;
    }
    packer->width = width_of(packer->count - 1);
    if (packed_bytes(packer->count, entry_bits) +
            packed_bytes(rows, packer->width) >=
        limit)
        return false;
    packer->codec = CODEC_DICTIONARY;
    pack_entries(packer);
    return true;
}

/* The smallest of the three forms; a dictionary is tried only where it
 * could save something worth its time. */
static void
choose(struct packer *packer, const uint64_t *values, size_t rows,
       enum column_hint hint)
{
    size_t best, runs;

    try_straight(packer, values, rows, hint);
    best = packed_bytes(rows, packer->width);
    if (packer->width > 0 && hint == COLUMN_WORD) {
        const unsigned entry_bits = packer->width;

        runs = count_runs(values, rows);
        runs = packed_bytes(runs, entry_bits) + 2 * runs;
        if (take_dictionary(packer, values, rows, entry_bits,
                            runs < best ? runs : best))
            return;
        if (runs < best) {
            take_runs(packer, values, rows);
            return;
        }
        try_straight(packer, values, rows, hint);
    }
    for (size_t i = 0; i < rows; i++)
        packer->scratch[i] = values[i] - packer->base;
    if (packer->unit > 1) {
        for (size_t i = 0; i < rows; i++)
            packer->scratch[i] /= packer->unit;
    }
}

static uint8_t *
put_packed(uint8_t *at, const uint64_t *numbers, size_t rows, unsigned width)
{
    uint64_t word = 0;
    unsigned held = 0;

    if (width == 64) {
        for (size_t i = 0; i < rows; i++, at += 8)
            le64_put(at, numbers[i]);
        return at;
    }
    if (width == 0)
        return at;
    for (size_t i = 0; i < rows; i++) {
        word |= numbers[i] << held;
        held += width;
        if (held >= 64) {
            le64_put(at, word);
            at += 8;
            held -= 64;
            word = held == 0 ? 0 : numbers[i] >> (width - held);
        }
    }
    if (held > 0) {
        le64_put(at, word);
        at += (held + 7) / 8;
    }
    return at;
}

static uint8_t *
align(const uint8_t *start, uint8_t *at)
{
    while ((at - start) % 8 != 0)
        *at++ = 0;
    return at;
}

static uint8_t *
put_column(const uint8_t *start, uint8_t *at, const struct packer *packer,
           size_t rows)
{
    if (packer->count > 0)
        at = align(start, put_packed(at, packer->entries, packer->count,
                                     packer->entry_width));
    if (packer->codec != CODEC_RUNS)
        return put_packed(at, packer->scratch, rows, packer->width);
    for (size_t i = 0; i < packer->count; i++, at += 2)
        le16_put(at, packer->starts[i]);
    return at;
}

enum result
block_pack(struct buffer *out, const uint64_t *const values[],
           const enum column_hint hints[], unsigned columns, size_t rows)
{
    /* no column takes more than its plain words, rounded up */
    const size_t most = columns * (DESCRIPTOR_BYTES + 8 * rows + 32) + 32;
    struct packer packer;
    uint8_t *start, *at;
    enum result result;

    INVARIANT(7, rows > 0 && rows <= BLOCK_ROWS && columns <= COLUMNS_MAX);
    result = buffer_reserve(out, most);
    if (result != OK)
        return result;
    start = (uint8_t *)out->bytes + out->length;
    memset(start, 0, columns * DESCRIPTOR_BYTES);
    at = start + columns * DESCRIPTOR_BYTES;
    for (unsigned c = 0; c < columns; c++) {
        uint8_t *descriptor = start + c * DESCRIPTOR_BYTES;

        choose(&packer, values[c], rows, hints[c]);
        descriptor[0] = (uint8_t)packer.codec;
        descriptor[1] = (uint8_t)packer.width;
        le16_put(descriptor + 2, (uint16_t)packer.count);
        le32_put(descriptor + 4,
                 (uint32_t)(at - start) | (uint32_t)packer.entry_width << 24);
        le64_put(descriptor + 8, packer.base);
        le64_put(descriptor + 16, packer.unit);
        at = align(start, put_column(start, at, &packer, rows));
    }
    memset(at, 0, SLACK_BYTES);
    at += SLACK_BYTES;
    INVARIANT(7, (size_t)(at - start) <= most);
    out->length += (size_t)(at - start);
    return OK;
}

static bool
runs_rise(const struct column *column, size_t rows)
{
    unsigned before = 0;

    if (le16_get(column->behind) != 0)
        return false;
    for (size_t i = 1; i < column->entries; i++) {
        unsigned start = le16_get(column->behind + 2 * i);

        if (start <= before)
            return false;
        before = start;
    }
    return before < rows;
}

static bool
width_exists(unsigned width)
{
    return width <= WIDTH_PACKED_MAX || width == 64;
}

static bool
column_parse(const uint8_t *bytes, size_t length, const uint8_t *descriptor,
             size_t rows, struct column *ret_column)
{
    const size_t offset = le32_get(descriptor + 4) & 0xffffff;
    size_t entries_bytes, needs;
    struct column column = {
        .base = le64_get(descriptor + 8),
        .unit = le64_get(descriptor + 16),
        .entries = le16_get(descriptor + 2),
        .codec = descriptor[0],
        .width = descriptor[1],
        .entry_width = descriptor[7],
    };

    if (!width_exists(column.width) || !width_exists(column.entry_width))
        return false;
    entries_bytes =
        (packed_bytes(column.entries, column.entry_width) + 7) / 8 * 8;
    needs = entries_bytes + packed_bytes(rows, column.width);
    if (column.codec == CODEC_RUNS)
        needs += 2 * (size_t)column.entries;
    if (offset > length || needs + SLACK_BYTES > length - offset)
        return false;
    column.data = bytes + offset;
    column.behind = column.data + entries_bytes;
    *ret_column = column;
    switch (column.codec) {
    case CODEC_STRAIGHT:
        return column.entries == 0;
    case CODEC_DICTIONARY:
        return column.entries > 0;
    case CODEC_RUNS:
        return column.entries > 0 && column.width == 0 &&
               runs_rise(&column, rows);
    default:
        return false;
    }
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
packed_get(const uint8_t *data, size_t i, unsigned width)
{
    size_t bit = i * width;

    if (width == 64)
        return le64_get(data + 8 * i);
    return le64_get(data + bit / 8) >> (bit % 8) & ((UINT64_C(1) << width) - 1);
}

static inline uint64_t
entry_get(const struct column *column, size_t i)
{
    return column->base + packed_get(column->data, i, column->entry_width);
}

static uint64_t
run_get(const struct column *column, size_t i)
{
    size_t low = 0, high = column->entries; /* start[low] <= i */

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (le16_get(column->behind + 2 * middle) <= i)
            low = middle;
        else
            high = middle;
    }
    return entry_get(column, low);
}

bool
column_get(const struct column *column, size_t i, uint64_t *ret_value)
{
    uint64_t packed;

    switch (column->codec) {
    case CODEC_RUNS:
        *ret_value = run_get(column, i);
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

static void
runs_all(const struct column *column, size_t rows, uint64_t *ret_values)
{
    for (size_t run = 0, i = 0; run < column->entries; run++) {
        size_t end = run + 1 < column->entries
                         ? le16_get(column->behind + 2 * (run + 1))
                         : rows;
        uint64_t value = entry_get(column, run);

        for (; i < end; i++)
            ret_values[i] = value;
    }
}

/* The order of a segment is read so: a third of the steps of column_get. */
static void
straight_all(const struct column *column, size_t rows, uint64_t *ret_values)
{
    const uint64_t base = column->base, unit = column->unit;
    const unsigned width = column->width;
    const uint8_t *data = column->data;

    for (size_t i = 0; i < rows; i++)
        ret_values[i] = base + unit * packed_get(data, i, width);
}

bool
column_all(const struct column *column, size_t rows, uint64_t *ret_values)
{
    if (column->codec == CODEC_RUNS) {
        runs_all(column, rows, ret_values);
        return true;
    }
    if (column->codec == CODEC_STRAIGHT) {
        straight_all(column, rows, ret_values);
        return true;
    }
    for (size_t i = 0; i < rows; i++) {
        if (!column_get(column, i, &ret_values[i]))
            return false;
    }
    return true;
}
