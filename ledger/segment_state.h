/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An open segment in memory; shared by segment.c, segment_find.c and
 * segment_verify.c and by nobody else.
 */
#ifndef VIGIE_LEDGER_SEGMENT_STATE_H
#define VIGIE_LEDGER_SEGMENT_STATE_H

#include "ledger/segment.h"
#include "ledger/segment_format.h"

struct segment {
    const uint8_t *bytes; /* the mapped file */
    size_t length;
    uint32_t rows, blocks;
    uint64_t first;
    struct {
        const uint8_t *bytes;
        size_t length;
        const uint8_t *digest;
    } part[PART_COUNT];
    const uint8_t *entries, *knots; /* in the directory */
    struct index index[LEDGER_KEYS];
    uint8_t *checked;     /* a byte a block, then a byte a page */
    uint32_t *place;      /* position → place, or NULL */
    bool wanted;          /* all of it was asked of the kernel */
    bool despite;         /* UINT32_MAX in it: a row that is lost */
    struct block *parsed; /* beside it; one of no rows is not parsed yet */
};

/* All of it will be read. */
void segment_advise_all(struct segment *segment);
const char *segment_part_name(unsigned part);
enum result segment_block(struct segment *segment, uint32_t number,
                          struct block *ret_block) MUST_USE;

#endif
