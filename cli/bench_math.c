/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bounds are found by halving on the tails themselves: sums of terms
 * that only shrink, begun at the count in logarithms, so that no count is
 * too large and nothing has to be looked up.
 */
#include "cli/bench_math.h"

#include <math.h>
#include <stdlib.h>

#define TAIL 0.025
#define TERM_MIN 1e-18
#define HALVINGS 200

static double
term(double count, double mean)
{
    return exp(count * log(mean) - mean - lgamma(count + 1));
}

/* P(X <= count), for a mean above the count. */
static double
at_most(double count, double mean)
{
    double part = term(count, mean), sum = 0;

    for (double k = count; k >= 0 && part > TERM_MIN * sum; k--) {
        sum += part;
        part *= k / mean;
    }
    return sum;
}

/* P(X >= count), for a mean below the count. */
static double
at_least(double count, double mean)
{
    double part = term(count, mean), sum = 0;

    for (double k = count + 1; part > TERM_MIN * sum; k++) {
        sum += part;
        part *= mean / k;
    }
    return sum;
}

void
bench_poisson(uint64_t count, double *ret_least, double *ret_most)
{
    double n = (double)count, low = 0, high = n;

    /* Each tail grows or shrinks with the mean: the root lies between. */
    for (int i = 0; i < HALVINGS && count > 0; i++) {
        double middle = (low + high) / 2;

        if (at_least(n, middle) < TAIL)
            low = middle;
        else
            high = middle;
    }
    *ret_least = low;
    low = n;
    high = n + 10 + 10 * sqrt(n);
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;

        if (at_most(n, middle) > TAIL)
            low = middle;
        else
            high = middle;
    }
    *ret_most = high;
}

static int
by_value(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

struct bench_spread
bench_spread(uint32_t *values, size_t count)
{
    struct bench_spread spread = {0};
    double sum = 0;

    if (count == 0)
        return spread;
    qsort(values, count, sizeof(*values), by_value);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    spread.mean = sum / (double)count;
    spread.median =
        ((double)values[(count - 1) / 2] + (double)values[count / 2]) / 2;
    spread.worst = values[count - 1];
    return spread;
}
