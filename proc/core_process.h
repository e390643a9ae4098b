/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The process that owns the ledger: listens to workers and operators, and
 * answers them. No network; treats its peers as hostile.
 */
#ifndef VIGIE_PROC_CORE_PROCESS_H
#define VIGIE_PROC_CORE_PROCESS_H

#include <sys/types.h>

#include "base/result.h"
#include "core/live.h"
#include "proc/settings.h"

struct core_process {
    int workers, operators;      /* listening */
    int intake;                  /* connected, for good; -1: there is none */
    uint32_t checkpoint_seconds; /* between two; 0: only at the end */
    int outside; /* connected, for good; -1: checkpoints go nowhere */
    const struct settings_destination *destinations;
    size_t destination_count;
    int parent; /* a byte once it is ready, and one a second; -1: nobody */
    const struct live_options *live; /* without what is told */
    const uid_t *operator_uids;
    size_t operator_count;
    /* After everything was opened, before the first outside byte; calls
     * `start` in the midst of it (sandbox.h). NULL: no sandbox. */
    enum result (*confine)(void *context, enum result (*start)(void *threads),
                           void *threads);
    void *confine_context;
};

/* Until SIGTERM or SIGINT: then what was asked is answered, and OK. */
enum result core_process_run(const struct core_process *process) MUST_USE;

#endif
