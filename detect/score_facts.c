/* SPDX-License-Identifier: EUPL-1.2 */
/* Signs from what the operator told us: they hold without any habit. */
#include "detect/scoring.h"

/* A holder who has left opens nothing: three persons are no slip of a batch
 * that still ran under the name. */
#define GONE_PERSONS_MAX 3

/* Nobody follows a lure: there is no care in which it comes up. A search for
 * persons may show one to whoever looks for a namesake. */
static void
judge_lure(struct scoring *s)
{
    if (s->facts->bits & FACT_LURE) {
        scoring_add(s, SIGN_LURE, SIGN_WEIGHT_MAX, 1, 0, 0);
        if (scoring_is_on(s, SIGN_LURE))
            scoring_raise(s, VERDICT_STEP_UP, DECIDED_LURE);
    } else if (s->facts->bits & FACT_LURE_LISTED) {
        scoring_add(s, SIGN_LURE, 200, 2, 0, 0);
    }
}

static void
judge_gone(struct scoring *s)
{
    uint32_t persons = s->account->today[DAY_PERSONS];
    persons = persons > s->persons ? persons : s->persons;
    if (s->facts->bits & FACT_DEPARTED) {
        scoring_add(s, SIGN_GONE, 400, 1, 0, 0);
        if (scoring_is_on(s, SIGN_GONE))
            scoring_raise(s,
                          persons >= GONE_PERSONS_MAX ? VERDICT_STEP_UP
                                                      : VERDICT_WATCH,
                          DECIDED_GONE);
    } else if (s->facts->bits & FACT_ABSENT) {
        /* away for long, yet some look in: by score alone */
        scoring_add(s, SIGN_GONE, 300, 2, 0, 0);
    }
}

/* Weak both ways: rosters are changed by telephone. */
static void
judge_roster(struct scoring *s)
{
    if (s->facts->bits & FACT_ON_DUTY)
        scoring_add(s, SIGN_ON_DUTY, -100, 1, 0, 0);
    else if (s->facts->bits & FACT_ROSTERED)
        scoring_add(s, SIGN_OFF_DUTY, 100, 1, 0, 0);
}

/* The strongest of what is said of the address, once. A declared exit is what
 * the operator says it is, whatever company it belongs to; where the account
 * is at home it says half. */
static void
judge_address(struct scoring *s)
{
    uint32_t bits = s->facts->bits;
    uint32_t kinds = (bits & FACT_HOSTING ? SIGN_ADDRESS_HOSTING : 0) |
                     (bits & FACT_VPN ? SIGN_ADDRESS_VPN : 0) |
                     (bits & FACT_ABROAD ? SIGN_ADDRESS_ABROAD : 0);
    int32_t weight = bits & FACT_HOSTING ? 250 : 200;
    uint32_t country = (uint32_t)(uint8_t)s->facts->country[0] << 8 |
                       (uint8_t)s->facts->country[1];
    /* the network is the account's own: FAMILIAR_CONTEXT has it */
    bool own = s->session->network_weight < 0;
    if (bits & FACT_OWN_SITE && !own)
        scoring_add(s, SIGN_OWN_SITE, -100, 1, 0, 0);
    if (kinds == 0 || bits & (FACT_OWN_SITE | FACT_OTHER_SITE))
        return;
    scoring_add(s, SIGN_ADDRESS_KIND, own ? weight / 2 : weight, kinds, country,
                0);
}

bool
score_facts_excuse_pace(struct scoring *s)
{
    if (!(s->facts->bits & FACT_CAMPAIGN) || !scoring_is_on(s, SIGN_CAMPAIGN) ||
        s->session->place == PLACE_UNKNOWN)
        return false;
    if (!s->campaign_said)
        scoring_add(s, SIGN_CAMPAIGN, 0, s->day_persons, 0, 0);
    s->campaign_said = true;
    return true;
}

static int32_t
place_weight(const struct scoring *s, int32_t weight)
{
    return weight > 0 && s->facts->bits & FACT_SHARED_ACCOUNT ? weight / 2
                                                              : weight;
}

int32_t
score_facts_device_weight(const struct scoring *s)
{
    return place_weight(s, s->session->device_weight);
}

int32_t
score_facts_network_weight(const struct scoring *s)
{
    int32_t weight = place_weight(s, s->session->network_weight);
    if (weight > 0 && s->facts->bits & FACT_OWN_SITE &&
        scoring_is_on(s, SIGN_OWN_SITE))
        return 0;
    return weight;
}

void
score_facts(struct scoring *s)
{
    judge_lure(s);
    judge_gone(s);
    judge_roster(s);
    judge_address(s);
}
