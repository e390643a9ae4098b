/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/rhythm.h"

#include <stdlib.h>

static int
time_compare(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

bool
rhythm_near(uint64_t step_us, uint64_t other_us)
{
    uint64_t apart =
        step_us > other_us ? step_us - other_us : other_us - step_us;

    return apart <= other_us / 100 * RHYTHM_WIDTH;
}

bool
rhythm_regular(uint64_t step_us, uint32_t share)
{
    return step_us > 0 && share >= RHYTHM_SHARE_MIN;
}

uint64_t
rhythm_median(int64_t *times, size_t count, uint32_t *ret_share)
{
    size_t steps = 0, near = 0;
    int64_t median;

    *ret_share = 0;
    if (count < 2)
        return 0;
    qsort(times, count, sizeof(*times), time_compare);
    /* the steps take the place of the times */
    for (size_t i = 1, from = 0; i < count; i++) {
        int64_t step = times[i] - times[from];

        if (step < RHYTHM_STEP_MIN_US)
            continue;
        from = i;
        times[steps++] = step;
        /* steps < i always: times[from] is still a time */
    }
    if (steps < RHYTHM_STEPS_MIN)
        return 0;
    qsort(times, steps, sizeof(*times), time_compare);
    median = times[steps / 2];
    for (size_t i = 0; i < steps; i++)
        near += rhythm_near((uint64_t)times[i], (uint64_t)median);
    *ret_share = (uint32_t)(near * 100 / steps);
    return (uint64_t)median;
}
