/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/replay_context.h"

#include "base/say.h"
#include "core/context_facts.h"

enum result
replay_context_load(const struct settings_told *told, size_t count,
                    struct context_load **ret_load)
{
    const char *failed;
    enum result result = told_context(told, count, ret_load, &failed);

    if (result == OK)
        return OK;
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
