/* SPDX-License-Identifier: EUPL-1.2 */
/* The files that vigie.conf names, read: what the operator told. */
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

#endif
