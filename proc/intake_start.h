/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * intake as main sees it: its listening sockets and its end of the pair to
 * core are main's, so that both outlive either process.
 */
#ifndef VIGIE_PROC_INTAKE_START_H
#define VIGIE_PROC_INTAKE_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc/intake_tls.h"
#include "proc/settings.h"

struct intake_start {
    bool wanted;
    int core_end, intake_end;
    int tls, plain, feed;
    struct intake_tls *tls_context;
    struct settings *settings; /* as of the start of intake */
    pid_t pid;                 /* 0: it does not run */
    int64_t started_us;
    int wait_ms;
};

#define INTAKE_START_NONE                                                    \
    {                                                                        \
        .core_end = -1, .intake_end = -1, .tls = -1, .plain = -1, .feed = -1 \
    }

/* Opens what the settings ask for; what cannot be was said. */
enum result intake_start_open(struct intake_start *start,
                              struct settings *settings) MUST_USE;
void intake_start_close(struct intake_start *start,
                        const struct settings *settings);
/* The child closes what is not its own (`others`, -1 passed over), then runs
 * and exits. `drop`: as whom. */
struct intake_child {
    const int *others;
    size_t other_count;
    bool drop;
    uid_t uid;
    gid_t gid;
};
enum result intake_start_fork(struct intake_start *start,
                              const struct intake_child *child) MUST_USE;
/* In core's process: what is intake's. */
void intake_start_leave(struct intake_start *start);
/* It ended, of itself or because `ending`. */
void intake_start_ended(struct intake_start *start, int status, bool ending);

#endif
