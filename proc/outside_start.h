/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * outside, the only process that goes out, as main sees it: forked where
 * vigie.conf names a destination, started again where it dies. It has no
 * ledger and no key. Its end of the pair to core is main's.
 */
#ifndef VIGIE_PROC_OUTSIDE_START_H
#define VIGIE_PROC_OUTSIDE_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc/settings.h"

struct outside_start {
    bool wanted;
    int core_end, outside_end;
    pid_t pid; /* 0: it does not run */
    int64_t started_us;
    int wait_ms;
};

#define OUTSIDE_START_NONE                 \
    {                                      \
        .core_end = -1, .outside_end = -1, \
    }

enum result outside_start_open(struct outside_start *start,
                               const struct settings *settings) MUST_USE;
void outside_start_close(struct outside_start *start);
struct outside_child {
    const int *others; /* the child closes them; -1 passed over */
    size_t other_count;
    bool drop;
    uid_t uid;
    gid_t gid;
};
enum result outside_start_fork(struct outside_start *start,
                               const struct settings *settings,
                               const struct outside_child *child) MUST_USE;
void outside_start_ended(struct outside_start *start, int status, bool ending);

#endif
