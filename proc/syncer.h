/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A thread that only syncs, so that core's loop never waits for the disk
 * under load. It is given descriptors, calls fdatasync and says how it went:
 * it shares nothing else with the loop, allocates nothing and takes no
 * signal. Knows no ledger.
 */
#ifndef VIGIE_PROC_SYNCER_H
#define VIGIE_PROC_SYNCER_H

#include <stdbool.h>

#include "base/result.h"

#define SYNCER_FDS_MAX 2

struct syncer;

/* The eventfds; no thread yet. */
enum result syncer_new(struct syncer **ret_syncer) MUST_USE;
enum result syncer_start(struct syncer *syncer) MUST_USE;
/* Waits for a sync that is going on. NULL is safe. */
void syncer_free(struct syncer *syncer);

/* Readable once a sync is done. */
int syncer_fd(const struct syncer *syncer);
bool syncer_is_busy(const struct syncer *syncer);
/* In this order; those below 0 are left out. They stay open until it is done.
 * Only where it is not busy. */
void syncer_ask(struct syncer *syncer, const int fds[SYNCER_FDS_MAX]);
/* False: not done yet. *ret_result: of the sync. */
bool syncer_take(struct syncer *syncer, enum result *ret_result);

#endif
