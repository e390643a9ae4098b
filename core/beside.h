/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How far the clocks of the audit's sources usually are from ours: what core
 * compares before it believes a live record's own time. Bounded: a source in
 * another's place starts anew. Knows no row and no ledger.
 */
#ifndef VIGIE_CORE_BESIDE_H
#define VIGIE_CORE_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/* Further than this from its usual skew, a record is late. */
#define BESIDE_SKEW_US (120 * (int64_t)1000000)

struct beside;

enum result beside_new(struct beside **ret_beside) MUST_USE;
void beside_free(struct beside *beside);
/* The source's record of `time_us` came at `received_us`: true where it lies
 * outside the source's usual skew. The usual skew is the median of the last
 * fifteen, one a minute at most, 0 while there are fewer than five: a backlog
 * that comes at once does not move it. *ret_skew_us: ours minus theirs. */
bool beside_late(struct beside *beside, uint16_t source, int64_t time_us,
                 int64_t received_us, int64_t *ret_skew_us);
/* The same, as it is now. */
int64_t beside_usual(const struct beside *beside, uint16_t source);

#endif
