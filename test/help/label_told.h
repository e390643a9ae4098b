/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * For tests: what the labeller tells of a body, as sorted text, fed in pieces
 * and read by any scanner.
 */
#ifndef VIGIE_TEST_HELP_LABEL_TOLD_H
#define VIGIE_TEST_HELP_LABEL_TOLD_H

#include <stdint.h>

#include "base/buffer.h"
#include "label/label.h"

struct label_told {
    enum result result;
    struct reason why;
    struct buffer lines; /* "name=categories in hexadecimal\n", sorted */
};

/* Pieces of `piece` bytes; 0: whole; else with `seed` above 0 of random
 * lengths up to it. `label` has room for one. */
void label_told(struct label *label, enum label_body body,
                const struct label_rules *rules, enum label_scan scan,
                struct text bytes, size_t piece, uint32_t seed,
                struct label_told *ret_told);
void label_told_free(struct label_told *told);
/* A struct label of its own; NULL: no memory. */
struct label *label_told_new(void);

#endif
