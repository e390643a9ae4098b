/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes what segment_column.c draws. Of the forms that a column may take the
 * smallest. */
#include <string.h>

#include "ledger/checksum.h"
#include "ledger/invariant.h"
#include "ledger/segment_codec.h"
#include "ledger/segment_column.h"

/* slots of the dictionary builder: twice the values of a block */
#define SLOTS (2 * BLOCK_ROWS)
#define SLOT_SHIFT 52

_Static_assert(BLOCK_ROWS == 1 << START_BITS, "a start has room for each row");
_Static_assert(SLOTS == 1 << (64 - SLOT_SHIFT), "a hash reaches each slot");

struct packer {
    uint64_t scratch[BLOCK_ROWS]; /* numbers to be packed */
    uint64_t entries[BLOCK_ROWS];
    uint64_t starts[BLOCK_ROWS];
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

static void
try_straight(struct packer *packer, const uint64_t *values, size_t rows,
             uint64_t unit)
{
    uint64_t smallest = values[0], largest = values[0];

    for (size_t i = 1; i < rows; i++) {
        smallest = values[i] < smallest ? values[i] : smallest;
        largest = values[i] > largest ? values[i] : largest;
    }
    packer->base = smallest;
    packer->unit = unit;
    packer->codec = CODEC_STRAIGHT;
    packer->width = width_of((largest - smallest) / unit);
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
    packer->unit = 1;
    packer->entry_width = width_of(largest - smallest);
}

/* Bytes of the starts of so many runs, and in which form. */
static size_t
starts_bytes(size_t runs, size_t rows, unsigned *ret_codec)
{
    const size_t listed = piece_bytes(runs, START_BITS);
    const size_t marked = piece_bytes(rows, 1);

    *ret_codec = marked < listed ? CODEC_MARKS : CODEC_RUNS;
    return marked < listed ? marked : listed;
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
        packer->starts[packer->count++] = i;
    }
    (void)starts_bytes(packer->count, rows, &packer->codec);
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
                     SLOT_SHIFT);

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

/* A run of rises begins anew where the value falls, where the gap is wider
 * than `width`, and every 64 rows. */
static bool
rise_begins(const uint64_t *values, size_t i, unsigned width)
{
    return i % RISE_ROWS == 0 || values[i] < values[i - 1] ||
           width_of(values[i] - values[i - 1]) > width;
}

/* The width of gaps that takes the least, and what it takes in bits. */
static unsigned
rise_width(const uint64_t *values, size_t rows, unsigned entry_bits,
           size_t *ret_bits)
{
    size_t wide[65] = {0}; /* runs, by the width that saves them; 64: none */
    size_t begun = 0, best = SIZE_MAX;
    unsigned width = 0;

    for (size_t i = 0; i < rows; i++) {
        if (rise_begins(values, i, 64))
            begun++;
        else
            wide[width_of(values[i] - values[i - 1])]++;
    }
    for (unsigned w = 64; w-- > 0;) {
        size_t bits;

        begun += wide[w + 1];
        bits = rows * w + begun * (entry_bits + START_BITS);
        if (w <= WIDTH_PACKED_MAX && bits < best) {
            best = bits;
            width = w;
        }
    }
    *ret_bits = best;
    return width;
}

static void
take_rises(struct packer *packer, const uint64_t *values, size_t rows,
           unsigned width)
{
    packer->count = 0;
    for (size_t i = 0; i < rows; i++) {
        packer->scratch[i] = 0;
        if (!rise_begins(values, i, width)) {
            packer->scratch[i] = values[i] - values[i - 1];
            continue;
        }
        packer->entries[packer->count] = values[i];
        packer->starts[packer->count++] = i;
    }
    packer->codec = CODEC_RISES;
    packer->width = width;
    pack_entries(packer);
}

/* A dictionary or runs, where one is smaller than `best`; a dictionary is
 * tried only where it could save something worth its time. */
static bool
choose_repeated(struct packer *packer, const uint64_t *values, size_t rows,
                size_t best)
{
    const unsigned entry_bits = packer->width;
    unsigned codec = 0;
    size_t runs = count_runs(values, rows);

    runs = packed_bytes(runs, entry_bits) + starts_bytes(runs, rows, &codec);
    if (take_dictionary(packer, values, rows, entry_bits,
                        runs < best ? runs : best))
        return true;
    if (runs >= best)
        return false;
    take_runs(packer, values, rows);
    return true;
}

static void
choose(struct packer *packer, const uint64_t *values, size_t rows,
       enum column_hint hint, uint64_t time_unit)
{
    const uint64_t unit = hint == COLUMN_TIME ? time_unit : 1;
    size_t best, bits = 0;

    try_straight(packer, values, rows, unit);
    best = packed_bytes(rows, packer->width);
    if (packer->width > 0 && hint == COLUMN_WORD) {
        if (choose_repeated(packer, values, rows, best))
            return;
        try_straight(packer, values, rows, unit);
    }
    if (packer->width > 0 && hint == COLUMN_RISING) {
        unsigned width = rise_width(values, rows, packer->width, &bits);

        if (bits / 8 + 16 < best) {
            take_rises(packer, values, rows, width);
            return;
        }
    }
    for (size_t i = 0; i < rows; i++)
        packer->scratch[i] = values[i] - packer->base;
    if (unit > 1) {
        for (size_t i = 0; i < rows; i++)
            packer->scratch[i] /= unit;
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
put_marks(uint8_t *at, const struct packer *packer, size_t rows)
{
    memset(at, 0, packed_bytes(rows, 1));
    for (size_t i = 0; i < packer->count; i++)
        at[packer->starts[i] / 8] |= (uint8_t)(1u << packer->starts[i] % 8);
    return at + packed_bytes(rows, 1);
}

static uint8_t *
put_column(const uint8_t *start, uint8_t *at, const struct packer *packer,
           size_t rows)
{
    if (packer->count > 0)
        at = align(start, put_packed(at, packer->entries, packer->count,
                                     packer->entry_width));
    switch (packer->codec) {
    case CODEC_MARKS:
        return put_marks(at, packer, rows);
    case CODEC_RUNS:
        return put_packed(at, packer->starts, packer->count, START_BITS);
    case CODEC_RISES:
        at = align(start,
                   put_packed(at, packer->starts, packer->count, START_BITS));
        return put_packed(at, packer->scratch, rows, packer->width);
    default:
        return put_packed(at, packer->scratch, rows, packer->width);
    }
}

static unsigned
unit_code(uint64_t unit)
{
    return unit == 1000000 ? 2 : unit == 1000 ? 1 : 0;
}

enum result
block_pack(struct buffer *out, const uint64_t *const values[],
           const enum column_hint hints[], unsigned columns, size_t rows,
           uint64_t time_unit)
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

        choose(&packer, values[c], rows, hints[c], time_unit);
        descriptor[0] =
            (uint8_t)(packer.codec | unit_code(packer.unit) << CODEC_BITS);
        descriptor[1] = (uint8_t)packer.width;
        le16_put(descriptor + 2, (uint16_t)packer.count);
        le32_put(descriptor + 4,
                 (uint32_t)(at - start) | (uint32_t)packer.entry_width << 24);
        le64_put(descriptor + 8, packer.base);
        at = align(start, put_column(start, at, &packer, rows));
    }
    memset(at, 0, SLACK_BYTES);
    at += SLACK_BYTES;
    INVARIANT(7, (size_t)(at - start) <= most);
    out->length += (size_t)(at - start);
    return OK;
}
