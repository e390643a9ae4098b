/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long main waits before it starts a process again: at first a little,
 * then twice as long each time, until one has lived well.
 */
#ifndef VIGIE_PROC_RESTART_H
#define VIGIE_PROC_RESTART_H

#include <stdint.h>

/* In ms, from the wait before (0: there was none). Not doubled from `most`
 * on. */
int restart_wait(int wait_ms, int64_t lived_us, int least_ms, int most_ms);

#endif
