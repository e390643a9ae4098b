/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/live_erase.h"

#include "core/live_inside.h"

static enum result
append(void *context, const struct row *row)
{
    struct live *live = context;

    return core_append(live->core, row, 1, NULL);
}

static enum result
commit(void *context)
{
    return live_commit(context);
}

enum result
live_erasing(struct live *live, int64_t now_us, struct erasing *ret_erasing)
{
    enum result result = live_clock(live, now_us);

    if (result != OK)
        return result;
    *ret_erasing = (struct erasing){.lookup = live->core->lookup,
                                    .context = live,
                                    .append = append,
                                    .commit = commit,
                                    .now_us = live->now_us};
    return OK;
}
