/* SPDX-License-Identifier: EUPL-1.2 */
/* What live does by itself, without being asked: once a second. */
#include "base/say.h"
#include "base/time.h"
#include "core/live_inside.h"

#define BYPASS_WEIGHT 500

static uint32_t
seconds(int64_t us)
{
    return (uint32_t)((us < 0 ? -us : us) / TIME_SECOND_US);
}

/* A sender that proved nothing raises no more than watch; and automation goes
 * no further than step_up. The sign says what was compared. */
static enum result
on_bypass(void *context, const struct row *row, uint64_t *ret_alert)
{
    struct live *live = context;
    struct alert alert = {
        .time_us = row->time_source_us,
        .professional = row->professional,
        .session = row->session,
        .session_alias = row->session,
        .verdict =
            (row->flags & ROW_UNVOUCHED) != 0 ? VERDICT_WATCH : VERDICT_STEP_UP,
        .score_centinats = BYPASS_WEIGHT,
        .decided = DECIDED_BYPASS,
        .sign_count = 1,
        .signs = {{.code = SIGN_BYPASS,
                   .weight_centinats = BYPASS_WEIGHT,
                   .observed = seconds(BYPASS_AFTER_US),
                   .usual = seconds(BYPASS_BEFORE_US),
                   .window = seconds(beside_usual(live->beside, row->source)),
                   .basis = BASIS_TOLD}},
    };
    struct session_state state;
    enum result result;

    if ((live->options.core.detect.signs_off >> SIGN_BYPASS & 1) != 0)
        return OK;
    if (sessions_find(live->core->sessions, row->session, row->time_source_us,
                      &state))
        alert.session_alias = state.token;
    live->site = row->controller;
    live->unvouched = (row->flags & ROW_UNVOUCHED) != 0;
    result = core_alert(live->core, &alert);
    live->unvouched = false;
    if (result == OK)
        *ret_alert = alert.id;
    return result;
}

/* What the alert ordered stands no more, unless somebody ordered more. */
static enum result
undo(struct live *live, enum order_target target, uint64_t id, uint64_t alert)
{
    const struct standing *stands =
        standings_find(contain_standings(live->contain), target, id);
    struct order order = {.target = target,
                          .id = id,
                          .verdict = VERDICT_ALLOW,
                          .by = ORDER_BY_AUTOMATION,
                          .time_us = live->now_us};

    if (stands == NULL || stands->by != ORDER_BY_AUTOMATION ||
        stands->alert != alert)
        return OK;
    order.alert = stands->order;
    return live_give(live, &order,
                     text_of(_("bypass cleared: the door's rows came late")),
                     0);
}

static enum result
on_cleared(void *context, uint64_t alert, const struct row *row)
{
    struct live *live = context;
    struct live_visit *visit = live_visit_find(live, row->session);
    enum result result = core_clear_alert(live->core, alert, row);

    if (visit != NULL && visit->alert == alert) {
        visit->alert = 0;
        visit->score_centinats = 0;
        visit->verdict = VERDICT_ALLOW;
    }
    if (result == OK && row->session != 0)
        result = undo(live, ORDER_ON_SESSION, row->session, alert);
    if (result == OK && row->professional != 0)
        result = undo(live, ORDER_ON_PROFESSIONAL, row->professional, alert);
    return result;
}

enum result
live_tick(struct live *live, int64_t now_us, bool *ret_changed)
{
    const struct bypass_teller teller = {live, on_bypass, on_cleared};
    enum result result = live_clock(live, now_us);

    *ret_changed = false;
    if (result != OK)
        return result;
    live_page_overdue(live);
    return bypass_look(live->bypass, live->now_us, &teller, ret_changed);
}
