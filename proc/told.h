/* SPDX-License-Identifier: EUPL-1.2 */
/* What the operator told, read: the files that vigie.conf, or the options of
 * `vigie replay`, name. */
#ifndef VIGIE_PROC_TOLD_H
#define VIGIE_PROC_TOLD_H

#include "core/context_load.h"
#include "core/sources.h"
#include "proc/settings.h"

struct told {
    struct context_load *load; /* NULL: nothing */
    struct sources *sources;
};

/* Says each wrong line on stderr; E_FORMAT. Sets the zone of times. */
enum result told_load(const struct settings *settings,
                      struct told *ret_told) MUST_USE;
void told_free(struct told *told);

/* All of them, in the order given, for `vigie replay` too. Says each wrong
 * line; then E_FORMAT. *ret_failed: the path that failed otherwise, or NULL. */
enum result told_context(const struct settings_told *told, size_t count,
                         struct context_load **ret_load,
                         const char **ret_failed) MUST_USE;

#endif
