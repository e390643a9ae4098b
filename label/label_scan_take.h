/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Strings by the bits of a batch: the hot path that label_scan_walk.c and
 * label_scan_shape.c share. Only these two include it.
 */
#ifndef VIGIE_LABEL_LABEL_SCAN_TAKE_H
#define VIGIE_LABEL_LABEL_SCAN_TAKE_H

#include "label/label_scan_fast.h"

#ifdef __x86_64__
#include <immintrin.h>
/* whoever has AVX2 has these */
#define WALK __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#define WALK
#endif

/* What a window of bits shows for certain. */
#define WINDOW_BITS 56u

/* The bits from `at` on, counted from the batch's first byte. */
static inline uint64_t
label_bits_behind(const uint64_t *bits, size_t at)
{
    uint64_t word;

    memcpy(&word, (const uint8_t *)(bits + INDEX_EDGE) + at / 8, 8);
    return word >> at % 8;
}

/* The bits before `at`, the nearest highest. */
static inline uint64_t
label_bits_before(const uint64_t *bits, size_t at)
{
    uint64_t word;

    memcpy(&word, (const uint8_t *)(bits + INDEX_EDGE) + at / 8 - 7, 8);
    return word << (8 - at % 8);
}

/* The closing quote and whether nothing is escaped, where the bits of this
 * batch say so at once. */
static inline const uint8_t *
label_fast_quote(const struct fast *fast, const uint8_t *p)
{
    const size_t behind = (size_t)(p + 1 - fast->batch);
    uint64_t some;

    if (behind >= fast->blocks * INDEX_BLOCK_BYTES)
        return NULL;
    some = label_bits_behind(fast->bits.quote, behind);
    if (some == 0)
        return NULL;
    if (fast->escapes != 0 && (label_bits_behind(fast->bits.backslash, behind) &
                               (some ^ (some - 1))) != 0)
        return NULL;
    return p + 1 + __builtin_ctzll(some);
}

/* The string behind a colon at p, where it is one. */
static inline void
label_fast_value(struct fast *fast, const uint8_t *p, uint8_t node,
                 unsigned kind)
{
    const uint8_t *close;

    do
        p++;
    while (p < fast->end &&
           (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'));
    if (p >= fast->end || *p != '"')
        return;
    if ((kind == LABEL_IN_DATA || kind == LABEL_IN_DISPLAY) &&
        p + 1 < fast->end) {
        if (p[1] != '"') /* that there is something is all that matters */
            label_walk_value(fast->label, node, (const char *)p + 1, 1);
        return;
    }
    close = label_fast_quote(fast, p);
    if (close == NULL) {
        label_fast_far_value(fast, p, node);
        return;
    }
    label_fast_stand(fast, close);
    label_walk_value(fast->label, node, (const char *)p + 1,
                     (size_t)(close - p - 1));
}

#endif
