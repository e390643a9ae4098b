/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The process that reads hostile streams (syslog, the AuditEvent feed,
 * followed files) and hands events to core. No ledger, no key of it.
 */
#ifndef VIGIE_PROC_INTAKE_PROCESS_H
#define VIGIE_PROC_INTAKE_PROCESS_H

#include "base/result.h"
#include "proc/intake_tls.h"

struct intake_process {
    int core;                       /* one end of the pair */
    int tls, plain, feed;           /* listening; -1: none */
    struct intake_tls *tls_context; /* with `tls` */
    const char *folder; /* of the positions; NULL: no file is followed */
    const char *const *followed;
    size_t followed_count;
    /* Before the first outside byte; NULL: no sandbox. */
    enum result (*confine)(void *context);
    void *confine_context;
};

/* Until SIGTERM or SIGINT: then what was read is handed on, and OK. */
enum result intake_process_run(const struct intake_process *process) MUST_USE;

#endif
