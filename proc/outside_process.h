/* SPDX-License-Identifier: EUPL-1.2 */
/* The only egress: sends what core asks for, one thing at a time. */
#ifndef VIGIE_PROC_OUTSIDE_PROCESS_H
#define VIGIE_PROC_OUTSIDE_PROCESS_H

#include "base/result.h"
#include "proc/settings.h"

/* Until core's end is gone or it is killed: it keeps nothing. Enters the
 * sandbox first. */
enum result outside_process_run(int core,
                                const struct settings *settings) MUST_USE;

#endif
