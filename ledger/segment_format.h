/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Numbers that the writer and the reader of segments share; what they mean
 * is drawn in segment.c.
 */
#ifndef VIGIE_LEDGER_SEGMENT_FORMAT_H
#define VIGIE_LEDGER_SEGMENT_FORMAT_H

#include "base/hash.h"
#include "ledger/checksum.h"
#include "ledger/open_index.h"
#include "ledger/segment_column.h"
#include "ledger/segment_index.h"

#define SEGMENT_MAGIC "VIGIESEG"
#define SEGMENT_VERSION 2
#define SEGMENT_START_BYTES 16
/* The foot, and where things stand in it. */
#define SEGMENT_FOOT_BYTES 512
#define SEGMENT_SHAPES_AT 72
#define SEGMENT_DIRECTORY_SUM_AT 104
#define SEGMENT_PARTS_AT 112
#define SEGMENT_PART_BYTES 48
#define SEGMENT_FOOT_SUM_AT 504
#define SEGMENT_BLOCK_ENTRY_BYTES 16
/* The line that times received are stored beside: a knot every 64 rows of
 * the log, 16 of them together. */
#define SEGMENT_KNOT_ROWS 64
#define SEGMENT_GROUP_ROWS 1024
#define SEGMENT_GROUP_KNOTS (SEGMENT_GROUP_ROWS / SEGMENT_KNOT_ROWS)
#define SEGMENT_GROUP_BYTES (8 + 4 * SEGMENT_GROUP_KNOTS)
/* Added to the distance from the line, so that none is below 0. */
#define SEGMENT_CLOCK_BIAS (UINT64_C(1) << 63)

enum segment_part {
    PART_DIRECTORY,
    PART_ROWS,
    PART_INDEX, /* and three more, by enum ledger_key */
    PART_TREE = PART_INDEX + LEDGER_KEYS,
    PART_COUNT,
};
/* In the order of the file: what a question needs first is together at the
 * end. */
#define SEGMENT_PART_ORDER                                   \
    {                                                        \
        PART_ROWS, PART_TREE, PART_INDEX + LEDGER_BY_PERSON, \
            PART_INDEX + LEDGER_BY_ADDRESS,                  \
            PART_INDEX + LEDGER_BY_PROFESSIONAL,             \
            PART_INDEX + LEDGER_BY_SESSION, PART_DIRECTORY   \
    }

/* Columns of a block of rows; where each stands in the row: segment.c. */
enum row_column {
    COLUMN_SOURCE_TIME, /* as distance before time received */
    COLUMN_SESSION,
    COLUMN_PROFESSIONAL,
    COLUMN_PERSON,
    COLUMN_REQUEST,
    COLUMN_WHERE, /* service and controller */
    COLUMN_WHAT,  /* categories, grade, kind */
    COLUMN_FLAGS, /* flags and source */
    COLUMN_DETAIL,
    COLUMN_POSITION,
    COLUMN_CLOCK, /* time received, as distance from the line */
    ROW_COLUMNS,
};

static inline uint32_t
segment_groups(uint32_t rows)
{
    return (rows + SEGMENT_GROUP_ROWS - 1) / SEGMENT_GROUP_ROWS;
}

/* line(position) of segment.c; modulo 2^64, whatever the bytes are. */
static inline uint64_t
segment_line(const uint8_t *groups, uint32_t position)
{
    const uint8_t *group =
        groups + (size_t)(position / SEGMENT_GROUP_ROWS) * SEGMENT_GROUP_BYTES;
    const uint32_t i = position % SEGMENT_GROUP_ROWS;
    const uint8_t *knot = group + 8 + 4 * (size_t)(i / SEGMENT_KNOT_ROWS);
    const uint64_t to = le32_get(knot);
    const uint64_t from = i < SEGMENT_KNOT_ROWS ? 0 : le32_get(knot - 4);

    return le64_get(group) + from +
           (to - from) * (i % SEGMENT_KNOT_ROWS) / SEGMENT_KNOT_ROWS;
}

#endif
