/* SPDX-License-Identifier: EUPL-1.2 */
/* Rules and columns are words of docs/context.md; no cell is ever shown. */
#include "cli/replay_context.h"

#include "base/say.h"
#include "core/context_facts.h"

static void
on_tell(void *context, const char *path, const struct reason *why, bool warning)
{
    unsigned long long line = why->offset;

    (void)context;
    if (line == 0)
        say_error(path, warning ? _("warning: %s") : "%s", why->rule);
    else if (warning)
        say_error(path, _("warning: line %llu: %s (%s)"), line, why->rule,
                  why->field);
    else
        say_error(path, _("line %llu: %s (%s)"), line, why->rule, why->field);
}

static enum result
load_one(struct context_load *load, const struct replay_told *told)
{
    switch (told->kind) {
    case REPLAY_CONTEXT:
        return context_load_folder(load, told->path);
    case REPLAY_CAMPAIGNS:
        return context_load_campaigns(load, told->path);
    default:
        return context_load_lures(load, told->path);
    }
}

enum result
replay_context_load(const struct replay_told *told, size_t count,
                    struct context_load **ret_load)
{
    const struct context_teller teller = {NULL, on_tell};
    struct context_load *load = NULL;
    enum result result = context_load_new(&teller, &load), one = OK;

    for (size_t i = 0; i < count && (result == OK || result == E_FORMAT); i++) {
        one = load_one(load, &told[i]);
        result = one == OK ? result : one;
    }
    if (result == OK || result == E_FORMAT) {
        one = context_load_finish(load);
        result = one == OK ? result : one;
    }
    if (result == OK) {
        *ret_load = load;
        return OK;
    }
    context_load_free(load);
    if (result == E_FORMAT)
        say_error("replay", "%s",
                  _("nothing was imported: what is told has to be right as a "
                    "whole (docs/context.md)"));
    else
        say_error("replay", "%s", _(result_name(result)));
    return result;
}

void
replay_context_end(const struct core *core)
{
    struct context_statistics statistics;

    core_context_statistics(core, &statistics);
    if (statistics.professionals_seen < statistics.professionals_told)
        say_error("replay",
                  _("warning: %u of the %u professionals of --context and "
                    "--campaigns are in no record"),
                  statistics.professionals_told - statistics.professionals_seen,
                  statistics.professionals_told);
    if (statistics.mmdb_errors > 0)
        say_error("replay",
                  _("warning: %llu look-ups in address databases failed: a "
                    "file is damaged"),
                  (unsigned long long)statistics.mmdb_errors);
}
