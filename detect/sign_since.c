/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a sign was compared with and since when that is known. Dates are days
 * of UTC; only counts of activity, nothing of what was done.
 */
#include "detect/scoring.h"

static void
of_account(const struct scoring *s, struct sign *sign)
{
    const struct account *a = s->account;
    sign->basis = s->habit ? BASIS_ACCOUNT : BASIS_COLD;
    sign->since_day = a->flags & ACCOUNT_OWNERLESS ? 0 : a->first_day;
    sign->known_days = a->active_days;
}

/* Of the group: no day of it is older than the first one of all accounts. */
static void
of_peers(const struct scoring *s, struct sign *sign)
{
    enum peer_kind kind;
    const struct peer_group *group =
        peers_of(&s->detect->peers, s->account, &kind);
    uint32_t days = group == NULL ? 0 : group->days;
    sign->basis = BASIS_PEERS;
    sign->since_day = (uint16_t)s->detect->first_day;
    sign->known_days = (uint16_t)(days > SIGN_KNOWN_DAYS_MAX
                                      ? SIGN_KNOWN_DAYS_MAX
                                      : days);
}

static void
of_ceiling(const struct scoring *s, struct sign *sign)
{
    bool day = SIGN_WINDOW_MINUTES(sign->window) >= MINUTES_A_DAY;
    uint32_t told = day ? s->facts->ceiling_day : s->facts->ceiling_hour;
    if (sign->window & SIGN_WINDOW_COLD)
        of_account(s, sign);
    else
        sign->basis = told != 0 ? BASIS_TOLD : BASIS_RULE;
}

void
sign_since(const struct scoring *s, struct sign *sign)
{
    switch (sign->code) {
    case SIGN_CEILING:
        of_ceiling(s, sign);
        break;
    case SIGN_PEERS:
        of_peers(s, sign);
        break;
    case SIGN_REGULAR:
    case SIGN_SHARED_CONTEXT:
    case SIGN_LOGIN_FAILURES:
    case SIGN_WRITES:
    case SIGN_CONCURRENT:
    case SIGN_ENUMERATION:
        sign->basis = BASIS_RULE;
        break;
    case SIGN_LURE:
    case SIGN_GONE:
    case SIGN_OFF_DUTY:
    case SIGN_ON_DUTY:
    case SIGN_ADDRESS_KIND:
    case SIGN_OWN_SITE:
    case SIGN_CAMPAIGN:
        sign->basis = BASIS_TOLD;
        break;
    default:
        of_account(s, sign);
        break;
    }
    if (sign->known_days > SIGN_KNOWN_DAYS_MAX)
        sign->known_days = SIGN_KNOWN_DAYS_MAX;
}
