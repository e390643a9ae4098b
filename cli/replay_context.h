/* SPDX-License-Identifier: EUPL-1.2 */
/* --context, --campaigns, --lures: read before anything is imported, told
 * about line by line. */
#ifndef VIGIE_CLI_REPLAY_CONTEXT_H
#define VIGIE_CLI_REPLAY_CONTEXT_H

#include "core/context_load.h"
#include "core/core.h"
#include "proc/told.h"

/* All of them, in the order given. Says what is refused; then E_FORMAT. */
enum result replay_context_load(const struct settings_told *told, size_t count,
                                struct context_load **ret_load) MUST_USE;
/* Warnings behind the import: whom and what the trails never showed. */
void replay_context_end(const struct core *core);

#endif
