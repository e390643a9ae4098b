/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/evidence.h"

#include "core/core_inside.h"

enum result
core_checkpoint(struct core *core, struct reason *why, bool *ret_made)
{
    enum result result = core_commit(core);

    if (result == OK && core->checkpoints == NULL)
        result = checkpoints_open(core->options.data_dir,
                                  lookup_keys_dir(core->lookup), core->ledger,
                                  true, why, &core->checkpoints);
    return result == OK ? checkpoints_make(core->checkpoints, why, ret_made)
                        : result;
}

struct checkpoints *
core_checkpoints(struct core *core)
{
    return core->checkpoints;
}
