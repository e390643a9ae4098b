/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Without core: what the policy of a location and the orders that stand say
 * to an answer, and the count of what was let out and refused meanwhile, which
 * core is told once it is there (door_link.c).
 */
#include "door/door.h"

#include "base/time.h"


enum answer_decision
door_away_decide(door_ctx_t *ctx)
{
    door_loc_conf_t *lcf = ctx->conf;
    enum verdict verdict = door_orders_verdict(ctx, &ctx->since_s);

    if (lcf->mode == DOOR_OBSERVE
        || (ctx->write && ctx->phase != ASK_BEFORE))
    {
        (void) door_cap_allows(ctx);
        return ANSWER_RELEASE;
    }

    if (verdict == VERDICT_CUT) {
        return ANSWER_CUT;
    }

    if (verdict == VERDICT_STEP_UP && (!ctx->write || ctx->mixed)
        && ctx->auth_time_s <= ctx->since_s)
    {
        return ANSWER_STEP_UP;
    }

    if ((lcf->failure == DOOR_CLOSED && !lcf->break_glass)
        || door_orders_overflown() || !door_cap_allows(ctx))
    {
        return ANSWER_REFUSE;
    }

    return ANSWER_RELEASE;
}


void
door_away_count(door_ctx_t *ctx)
{
    door_missed_t *missed = &ctx->conf->missed;
    ngx_uint_t released = ctx->decision == ANSWER_RELEASE;

    missed->to_us = time_now_us();
    if (missed->from_us == 0) {
        missed->from_us = missed->to_us;
    }

    if (!released) {
        missed->refused++;
    } else if (ctx->phase == ASK_LAST) {
        missed->released++;
    }

    if (released && ctx->phase != ASK_BEFORE) {
        missed->persons += ctx->persons + ctx->billed;
    }
}


void
door_away_untold(door_loc_conf_t *conf, uint32_t attempts)
{
    door_missed_t *missed = &conf->missed;

    missed->to_us = time_now_us();
    if (missed->from_us == 0) {
        missed->from_us = missed->to_us;
    }

    missed->refused += attempts;
    door_link_missed();
}
