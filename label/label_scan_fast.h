/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What label_scan_fast.c (batches, and the way from and to the plain scanner)
 * and label_scan_walk.c (one batch) share. Only these two include it.
 */
#ifndef VIGIE_LABEL_LABEL_SCAN_FAST_H
#define VIGIE_LABEL_LABEL_SCAN_FAST_H

#include "label/label_scan.h"
#include "label/label_scan_index.h"

/* Brackets and colons that were passed over: where the same come again, they are known
 * to be in order. */
struct fast_shape {
    uint64_t codes[2], mask[2];
    uint64_t count; /* 0: none; at most 16 */
};
#define FAST_SHAPES 16u

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
    struct fast_shape shapes[FAST_SHAPES];
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
/* The last tokens of this batch, for the next. */
void label_fast_remember(struct fast *fast);

#endif
