/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Blocks of a sealed segment: up to 2,048 rows of some columns of 64-bit
 * words, each column packed by itself so that any one value is read without
 * the others. The format is drawn in segment_column.c. Knows words, not what
 * they mean.
 */
#ifndef VIGIE_LEDGER_SEGMENT_COLUMN_H
#define VIGIE_LEDGER_SEGMENT_COLUMN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/result.h"

#define BLOCK_ROWS 2048
#define COLUMNS_MAX 11

enum column_hint {
    COLUMN_WORD,   /* few distinct values, or runs of one value */
    COLUMN_DIGEST, /* every value another one: no dictionary is tried */
    COLUMN_TIME,   /* multiples of the block's unit above the smallest */
    COLUMN_RISING, /* rises over stretches of rows */
};

/* Appends one block; `values[c]` are the words of column c. `time_unit`: 1,
 * 1,000 or 1,000,000. */
enum result block_pack(struct buffer *out, const uint64_t *const values[],
                       const enum column_hint hints[], unsigned columns,
                       size_t rows, uint64_t time_unit) MUST_USE;

struct column {
    const uint8_t *data;
    const uint8_t *behind; /* the entries: packed numbers, starts, marks */
    const uint8_t *gaps;   /* behind the starts; of rises */
    uint64_t base, unit;
    uint32_t entries;
    uint8_t codec, width, entry_width;
};

struct block {
    struct column column[COLUMNS_MAX];
    uint32_t rows;
};

/* Checks every bound, so that column_get stays inside `bytes`. E_CORRUPT. */
enum result block_parse(const uint8_t *bytes, size_t length, unsigned columns,
                        size_t rows, struct block *ret_block) MUST_USE;
/* False where the stored value is none (a number outside its dictionary).
 * `i` below the block's rows. */
bool column_get(const struct column *column, size_t i,
                uint64_t *ret_value) MUST_USE;
/* Of rows from … from+count-1, faster. */
bool column_range(const struct column *column, size_t from, size_t count,
                  uint64_t *ret_values) MUST_USE;

#endif
