/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The checkpoints of a core that is at work: one every so many seconds where
 * there are new rows, one at the end. That none can be signed is said each
 * time, and stops nothing: care goes on.
 */
#include "base/say.h"
#include "base/time.h"
#include "core/evidence.h"
#include "proc/core_loop.h"

static void
sign(struct core_loop *loop)
{
    struct reason why = {0};
    bool made = false;
    enum result result = core_checkpoint(live_core(loop->live), &why, &made);

    if (result != OK)
        say_error("core", _("PAGE: no checkpoint was signed: %s %s"),
                  _(result_name(result)), why.rule == NULL ? "" : why.rule);
}

void
evidence_turn(struct core_loop *loop)
{
    const int64_t every_us =
        (int64_t)loop->process->checkpoint_seconds * TIME_SECOND_US;

    if (every_us == 0)
        return;
    /* a clock that was set back does not put it off for longer */
    if (loop->checkpoint_us > loop->now_us + every_us ||
        loop->checkpoint_us == 0)
        loop->checkpoint_us = loop->now_us + every_us;
    if (loop->now_us < loop->checkpoint_us)
        return;
    loop->checkpoint_us = loop->now_us + every_us;
    sign(loop);
}

void
evidence_end(struct core_loop *loop)
{
    sign(loop);
}
