/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Numbers that segment_pack.c and segment_column.c share; what they mean is
 * drawn in segment_column.c.
 */
#ifndef VIGIE_LEDGER_SEGMENT_CODEC_H
#define VIGIE_LEDGER_SEGMENT_CODEC_H

#include <stddef.h>

#define DESCRIPTOR_BYTES 16
#define SLACK_BYTES 8
#define WIDTH_PACKED_MAX 57 /* 7 bits of offset and 57 fit one word */
#define START_BITS 11       /* a row's number in its block */
#define RISE_ROWS 64        /* gaps that are added up for one value, at most */

enum {
    CODEC_STRAIGHT = 0,
    CODEC_DICTIONARY = 1,
    CODEC_RUNS = 2,
    CODEC_MARKS = 3,
    CODEC_RISES = 4,
};
#define CODEC_BITS 4 /* the unit is above them */

static inline size_t
packed_bytes(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

/* The same, up to where the next piece begins. */
static inline size_t
piece_bytes(size_t count, unsigned width)
{
    return (packed_bytes(count, width) + 7) / 8 * 8;
}

#endif
