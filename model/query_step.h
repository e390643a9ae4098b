/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The order and spacing of search queries, and nothing else of them: what
 * was asked for is compared with what the session asked for before, said as
 * one step, and forgotten. No row, log or message keeps the text or a place
 * in the alphabet.
 */
#ifndef VIGIE_MODEL_QUERY_STEP_H
#define VIGIE_MODEL_QUERY_STEP_H

#include <stdint.h>

enum query_kind {
    QUERY_NONE = 0,       /* no search, or none that has an order */
    QUERY_NAME = 1,       /* family, given, name: first letters */
    QUERY_DATE = 2,       /* birthdate: days */
    QUERY_IDENTIFIER = 3, /* digits of an identifier */
    QUERY_OFFSET = 4,     /* paging: _offset, page, start, … */
};

/* A search reduced to a place in an order. Lives in memory, and encrypted in
 * the spool of an import; never in a row. */
struct query_place {
    uint8_t kind; /* enum query_kind */
    uint64_t at;  /* place in the order of its kind */
    uint32_t rest; /* digest of the other parameters: paging of one search */
};

enum query_step {
    STEP_FIRST = 0, /* nothing to compare with, or another kind */
    STEP_SAME = 1,
    STEP_UP = 2,   /* the next one, near: further in the order */
    STEP_DOWN = 3, /* near, backwards */
    STEP_FAR = 4,  /* anywhere else */
};

/* How a place follows the one before it; *ret_size is its size where the
 * kind has one (date, identifier, offset), clipped, else 0. */
enum query_step query_step_of(const struct query_place *before,
                              const struct query_place *now,
                              uint16_t *ret_size);

/* detail of a row of kind query */
#define QUERY_DETAIL(kind, step, size) \
    ((uint32_t)(size) | (uint32_t)(step) << 16 | (uint32_t)(kind) << 24)
#define QUERY_DETAIL_SIZE(detail) ((uint16_t)((detail)&0xffffu))
#define QUERY_DETAIL_STEP(detail) ((detail) >> 16 & 0xffu)
#define QUERY_DETAIL_KIND(detail) ((detail) >> 24)

#endif
