/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A growing table from a number, or a pair of them, to another: distinct
 * persons are counted exactly. Independent of detect/ on purpose: what is
 * measured must not count with its own ruler.
 */
#ifndef VIGIE_CLI_BENCH_PAIRS_H
#define VIGIE_CLI_BENCH_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct bench_pair {
    uint64_t key; /* 0: free */
    uint64_t value;
};

/* {0} is empty. */
struct bench_pairs {
    struct bench_pair *items;
    size_t count, room;
};

/* Never 0. `left` is below UINT32_MAX. */
static inline uint64_t
bench_pair_key(uint32_t left, uint32_t right)
{
    return ((uint64_t)left + 1) << 32 | right;
}

void bench_pairs_free(struct bench_pairs *pairs);
/* The entry of a key other than 0, made with `value` where it is new.
 * Borrowed until the next put. E_NOMEM. */
enum result bench_pairs_put(struct bench_pairs *pairs, uint64_t key,
                            uint64_t value, bool *ret_made,
                            struct bench_pair **ret_pair) MUST_USE;
/* NULL: not there. */
const struct bench_pair *bench_pairs_find(const struct bench_pairs *pairs,
                                          uint64_t key);

#endif
