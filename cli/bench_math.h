/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The little statistics of the benchmark. Knows nothing of what is counted.
 */
#ifndef VIGIE_CLI_BENCH_MATH_H
#define VIGIE_CLI_BENCH_MATH_H

#include <stddef.h>
#include <stdint.h>

/* Exact (Garwood) 95 % interval of the mean of a Poisson count: under the
 * lower bound that many or more come once in forty times, over the upper
 * one that many or fewer. Any count; good to nine digits. */
void bench_poisson(uint64_t count, double *ret_least, double *ret_most);

struct bench_spread {
    double mean, median;
    uint32_t worst;
};
/* Sorts the values. All zero where there is none. */
struct bench_spread bench_spread(uint32_t *values, size_t count);

#endif
