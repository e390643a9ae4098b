/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Numbers that the writer and the reader of segments share; what they mean
 * is drawn in segment.c.
 */
#ifndef VIGIE_LEDGER_SEGMENT_FORMAT_H
#define VIGIE_LEDGER_SEGMENT_FORMAT_H

#include "base/hash.h"
#include "ledger/open_index.h"
#include "ledger/segment_column.h"
#include "ledger/segment_index.h"

#define SEGMENT_MAGIC "VIGIESEG"
#define SEGMENT_VERSION 1
#define SEGMENT_START_BYTES 16
/* The foot, and where things stand in it. */
#define SEGMENT_FOOT_BYTES 512
#define SEGMENT_SHAPES_AT 72
#define SEGMENT_DIRECTORY_SUM_AT 104
#define SEGMENT_PARTS_AT 112
#define SEGMENT_PART_BYTES 48
#define SEGMENT_FOOT_SUM_AT 504
#define SEGMENT_BLOCK_ENTRY_BYTES 16
#define SEGMENT_KNOT_BYTES 16
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
    COLUMN_SOURCE_TIME,
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

#endif
