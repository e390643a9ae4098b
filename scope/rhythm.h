/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The step between the requests of a session. People pause as they please; a
 * script does not. Times only.
 */
#ifndef VIGIE_SCOPE_RHYTHM_H
#define VIGIE_SCOPE_RHYTHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Steps needed before anything is said, and the share of them (per hundred)
 * within RHYTHM_WIDTH per hundred of the median that makes it regular. */
#define RHYTHM_STEPS_MIN 12
#define RHYTHM_SHARE_MIN 60
#define RHYTHM_WIDTH 15
/* Rows of one request carry one time; shorter steps than this are one. */
#define RHYTHM_STEP_MIN_US 200000

/* Sorts `times` in place. Median step over distinct times, 0 with fewer than
 * RHYTHM_STEPS_MIN; *ret_share per hundred of steps near it. */
uint64_t rhythm_median(int64_t *times, size_t count, uint32_t *ret_share);
bool rhythm_regular(uint64_t step_us, uint32_t share);
/* Within RHYTHM_WIDTH per hundred of each other. */
bool rhythm_near(uint64_t step_us, uint64_t other_us);

#endif
