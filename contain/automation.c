/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is done without an operator. Invariants:
 *  1. A score alone never goes beyond step_up; a cut follows only a step_up
 *     that was refused or left unanswered, on the very session that did so.
 *  2. What an operator ordered is never undone, nor gone beyond.
 *  3. Above a share of the professionals at work it stops itself.
 */
#include "base/time.h"
#include "contain/contain_inside.h"

/* New persons asked for after a refusal, before silence counts as an answer:
 * one slip an hour later does not. */
#define UNANSWERED_ASKS_LEAST 3

void
contain_active(struct contain *contain, uint16_t site, uint64_t professional,
               int64_t now_us)
{
    if (professional == 0)
        return;
    share_active(contain->share, 0, professional, now_us);
    if (site != 0)
        share_active(contain->share, site, professional, now_us);
}

void
contain_stopped(struct contain *contain, uint16_t site, uint64_t professional,
                int64_t now_us)
{
    if (professional == 0)
        return;
    share_stopped(contain->share, 0, professional, now_us);
    if (site != 0)
        share_stopped(contain->share, site, professional, now_us);
}

static bool
too_many(const struct contain *contain, uint16_t site, int64_t now_us)
{
    struct share_counts counts = share_count(contain->share, site, now_us);

    return counts.stopped >= contain->options.stop_least &&
           (uint64_t)(counts.stopped + 1) * 100 >
               (uint64_t)counts.active * contain->options.stop_percent;
}

/* Too many were stopped already: the order becomes the end of automation. */
static bool
stop_instead(const struct contain *contain, uint16_t site, int64_t now_us,
             struct order *order)
{
    if (!too_many(contain, 0, now_us) &&
        (site == 0 || !too_many(contain, site, now_us)))
        return false;
    order->target = ORDER_ON_EVERYBODY;
    order->id = 0;
    order->verdict = VERDICT_ALLOW;
    order->posture = POSTURE_OBSERVE;
    return true;
}

bool
contain_alert(const struct contain *contain, const struct alert *alert,
              uint16_t site, int64_t now_us, struct order *ret_order,
              bool *ret_stop)
{
    enum order_target target =
        alert->professional != 0 ? ORDER_ON_PROFESSIONAL : ORDER_ON_SESSION;
    uint64_t id = contain_who(alert->professional, alert->session);
    const struct standing *stands =
        standings_find(contain->standings, target, id);

    *ret_stop = false;
    if (alert->verdict < VERDICT_STEP_UP || id == 0 ||
        contain->automation_stopped || contain->posture == POSTURE_OBSERVE)
        return false;
    /* an operator's order, and a cut, say more than a score */
    if (stands != NULL &&
        (stands->by == ORDER_BY_OPERATOR || stands->verdict == VERDICT_CUT))
        return false;
    *ret_order = (struct order){
        .target = target,
        .id = id,
        .verdict = VERDICT_STEP_UP,
        .by = ORDER_BY_AUTOMATION,
        .alert = alert->id,
        .time_us = now_us,
    };
    if (stands == NULL)
        *ret_stop = stop_instead(contain, site, now_us, ret_order);
    return true;
}

static bool
is_operators(const struct standing *stands)
{
    return stands != NULL && stands->by == ORDER_BY_OPERATOR;
}

/* Why the session may be cut now; CUT_NOT. */
static enum contain_cut_cause
cut_cause(const struct contain *contain, const struct unanswered_counts *counts)
{
    const struct contain_options *options = &contain->options;

    if (counts->refused == 0 || counts->spared)
        return CUT_NOT;
    if (options->cut_refusals > 0 && counts->refused >= options->cut_refusals)
        return CUT_REFUSED;
    if (options->cut_minutes > 0 && counts->asks > UNANSWERED_ASKS_LEAST &&
        counts->last_us - counts->first_us >=
            options->cut_minutes * TIME_MINUTE_US)
        return CUT_UNANSWERED;
    return CUT_NOT;
}

enum contain_cut_cause
contain_cut(const struct contain *contain, const struct showing *showing,
            uint16_t site, struct contain_cut *ret_cut)
{
    const struct standing *of[2] = {
        contain_in_force(contain, ORDER_ON_SESSION, showing->session,
                         showing->authenticated_us),
        contain_in_force(contain, ORDER_ON_PROFESSIONAL, showing->professional,
                         showing->authenticated_us)};
    const struct standing *stands = of[0];
    struct unanswered_counts counts;
    enum contain_cut_cause cause;

    /* whose authentication is not told cannot answer a step-up */
    if (showing->session == 0 || showing->authenticated_us == 0 ||
        contain->automation_stopped || contain->posture == POSTURE_OBSERVE ||
        is_operators(of[0]) || is_operators(of[1]))
        return CUT_NOT;
    if (stands == NULL || (of[1] != NULL && of[1]->since_us > stands->since_us))
        stands = of[1];
    if (stands == NULL || stands->verdict != VERDICT_STEP_UP)
        return CUT_NOT;
    counts =
        unanswered_of(contain->unanswered, showing->session, stands->since_us);
    cause = cut_cause(contain, &counts);
    if (cause == CUT_NOT)
        return CUT_NOT;
    *ret_cut = (struct contain_cut){
        .order = {.target = ORDER_ON_SESSION,
                  .id = showing->session,
                  .verdict = VERDICT_CUT,
                  .by = ORDER_BY_AUTOMATION,
                  .alert = stands->alert,
                  .time_us = showing->now_us},
        .refused = counts.refused,
        .persons = counts.persons,
        .since_us = counts.first_us,
    };
    ret_cut->stop =
        stop_instead(contain, site, showing->now_us, &ret_cut->order);
    return cause;
}
