/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/restart.h"

#include "base/time.h"

/* One that lived so long did not die of how it was started. */
#define LIVED_WELL_US (60 * TIME_SECOND_US)

int
restart_wait(int wait_ms, int64_t lived_us, int least_ms, int most_ms)
{
    if (lived_us > LIVED_WELL_US || wait_ms == 0)
        return least_ms;
    return wait_ms < most_ms ? wait_ms * 2 : wait_ms;
}
