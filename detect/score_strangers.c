/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Strangers in a row: persons never seen before, one after another, without
 * one between that the account follows. It needs no clock and no place, and
 * it is what a thief can least avoid.
 */
#include "detect/scoring.h"

#define LISTED_COLD 40 /* and where there is no habit */
#define LISTED_MAX 30  /* strangers that lists may show elsewhere */
#define ODD_WAY_MAX 11 /* in a row, at another hour or in an order */
#define ODD_HOUR_WEIGHT 50
#define ODD_ORDER_WEIGHT 200

bool
scoring_is_elsewhere(const struct scoring *s)
{
    return s->session->place != PLACE_OWN &&
           score_facts_device_weight(s) + score_facts_network_weight(s) >=
               ALONE_WEIGHT;
}

uint32_t
scoring_cold_window(const struct scoring *s)
{
    uint32_t known = account_known_days(s->account);
    if (s->account->flags & ACCOUNT_OWNERLESS)
        known = 0;
    return SIGN_WINDOW_COLD | (known > 255 ? 255 : known) << 16;
}

bool
scoring_is_home(const struct scoring *s)
{
    const struct session_state *v = s->session;
    return v->place == PLACE_OWN || (v->device == 0 && v->network == 0);
}

/* Persons whom nobody followed here before, all of every list. */
static uint32_t
listed_of(const struct scoring *s)
{
    const struct session_state *v = s->session;
    uint32_t others = (uint32_t)v->known + v->neighbours;
    return v->persons > others ? v->persons - others : 0;
}

bool
scoring_shows_lists(const struct scoring *s)
{
    return listed_of(s) > LISTED_MAX;
}

/* Of a list few count in a row; of many lists all of them do. */
static uint32_t
row_with_lists(const struct scoring *s, uint32_t run, uint32_t usual)
{
    uint32_t listed = listed_of(s);
    return listed > LISTED_MAX && listed > usual && listed > run ? listed : run;
}

/* A young or dormant account finds everybody new too, yet seldom so many one
 * after another, as soon as the ledger knows the persons of the others. */
static void
judge_cold_strangers(struct scoring *s)
{
    const struct session_state *v = s->session;
    /* a person for whom care was written is half a stranger */
    uint32_t written = v->writes < v->run / 2u ? v->writes : v->run / 2u;
    uint32_t run = v->run - written;
    uint32_t limit = s->detect->options.cold_row_max;
    if (!scoring_is_home(s))
        run = row_with_lists(s, run, LISTED_COLD);
    if (scoring_is_home(s))
        limit += limit / 2;
    uint32_t own = account_largest(s->account, DAY_RUN);
    if (own + own / 2 > limit && !scoring_is_elsewhere(s))
        limit = own + own / 2;
    if (s->account->flags & ACCOUNT_ASKED_TODAY)
        limit *= 2;
    int32_t weight = scoring_beyond(run, limit * 0.5);
    if (!s->ledger_warm || weight == 0 ||
        (scoring_is_home(s) && score_facts_excuse_pace(s)))
        return;
    scoring_add(s, SIGN_STRANGERS, weight, run, limit, scoring_cold_window(s));
    if (run > limit && scoring_is_home(s))
        s->over_row = true;
    else if (run > limit)
        s->over_cold_row = true;
}

/* Searched for in an order, or at an hour that is not the account's: not many
 * follow one another then whom it does not follow. */
static bool
is_odd_way(const struct scoring *s)
{
    return (score_hour(s).weight >= ODD_HOUR_WEIGHT &&
            scoring_is_on(s, SIGN_HOUR_UNUSUAL)) ||
           (enumerate_weight(s) >= ODD_ORDER_WEIGHT &&
            scoring_is_on(s, SIGN_ENUMERATION));
}

/* Who works meets again persons whom they follow; a thief never does. */
void
score_strangers(struct scoring *s)
{
    const struct account *a = s->account;
    uint32_t run = s->session->run, window = 0;
    uint32_t largest = account_largest(a, DAY_RUN), few = largest;
    uint32_t limit = account_limit(s->detect, a, DAY_RUN);
    if (!scoring_is_on(s, SIGN_STRANGERS))
        return;
    if (!s->habit) {
        judge_cold_strangers(s);
        return;
    }
    if (scoring_is_elsewhere(s))
        run = row_with_lists(s, run, account_largest(a, HOUR_PERSONS));
    if (run > ODD_WAY_MAX && is_odd_way(s)) {
        uint32_t half = largest / 2 > ODD_WAY_MAX ? largest / 2 : ODD_WAY_MAX;
        few = half < few ? half : few;
        limit = half < limit ? half : limit;
        window = SIGN_WINDOW_ODD_WAY;
    }
    int32_t weight = scoring_beyond(run, few);
    if ((run > limit || weight > 0) && score_facts_excuse_pace(s))
        return;
    if (run > limit)
        s->over_row = true;
    if (weight > 0)
        scoring_add(s, SIGN_STRANGERS, weight, run, largest, window);
}
