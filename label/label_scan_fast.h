/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What label_scan_fast.c (batches, and the way from and to the plain scanner)
 * and label_scan_walk.c (one batch) share. Only these two include it.
 */
#ifndef VIGIE_LABEL_LABEL_SCAN_FAST_H
#define VIGIE_LABEL_LABEL_SCAN_FAST_H

#include "label/label_scan.h"
#include "label/label_scan_index.h"

/* Brackets and colons that were passed over: where the same come again, they
 * are known to be in order. */
struct fast_run {
    uint64_t codes[2], mask[2];
    uint64_t count; /* 0: none; at most 16 */
};
#define FAST_RUNS 16u

struct fast {
    struct label *label;
    struct index_state index;
    uint64_t base;        /* offset of the first block of all */
    const uint8_t *start; /* of it */
    const uint8_t *end;   /* of the last block of all */
    const uint8_t *batch; /* of the first block of this batch */
    /* the last of their kind before this batch */
    const uint8_t *token, *quote, *quote_before;
    const uint8_t *value; /* a string that is read and not at its end */
    const uint8_t *stop;  /* behind a text, or NULL */
    size_t blocks;        /* of this batch */
    uint32_t level;       /* depth of the innermost that is walked into */
    uint32_t escapes;     /* bit 0: a backslash in this batch, 1: in the last */
    bool fault;           /* somewhere: the plain scanner will say where */
    /* of the innermost that is walked into */
    bool visits;   /* an object: its names matter */
    bool resource; /* … a resource's members */
    uint8_t node;
    /* a resource whose type is known and whose categories do not hang on its
     * members: the names that matter; else NULL */
    const uint64_t *plain;
    uint64_t lengths; /* of the names that matter, a bit each */
    /* the entry that is open is noted here, from which bracket on; or NULL */
    struct label_shape *record;
    uint32_t record_from, record_depth;
    struct fast_run runs[FAST_RUNS];
    struct index_batch bits;
};

/* What follows is told of the byte at p. */
static inline void
label_fast_stand(struct fast *fast, const uint8_t *p)
{
    fast->label->at.offset = fast->base + (uint64_t)(p - fast->start);
}

/* Walks over the brackets of a batch; false: no further, for a fault
 * (fast->fault, or the label failed) or the end of a text (fast->stop). */
bool label_fast_walk(struct fast *fast);
/* The level, or what is known of the resource on it, is another. */
void label_fast_look(struct fast *fast);
/* The string at p, which is longer than the bits show at once, escaped, or
 * not wholly in this batch. */
void label_fast_far_value(struct fast *fast, const uint8_t *p, uint8_t node);
/* The last tokens of this batch, for the next. */
void label_fast_remember(struct fast *fast);

/* -- label_scan_shape.c -- */
/* The entry that opens at bracket i: true where one of the same shape was
 * here before, and all is done with it; the label may have failed.
 * *ret_next: the bracket behind it. Else begins to note it. */
bool label_shape_replay(struct fast *fast, uint32_t i, uint32_t *ret_next);
/* While fast->record is there. The member at colon i, its name so long;
 * `colon` is NULL where nothing is done with it. */
void label_shape_member(struct fast *fast, uint32_t i, size_t length,
                        const uint8_t *colon);
/* An object (or array: LABEL_PASS) that is walked into. */
void label_shape_enter(struct fast *fast, uint32_t i, uint8_t node);
void label_shape_leave(struct fast *fast, uint32_t i, uint8_t node);

#endif
