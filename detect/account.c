/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Habit of one account. A day is learnt when the next one begins. What an
 * unfamiliar place added in new persons is left out (quarantine of places,
 * not of days: an account that is merely busy must be able to learn), and a
 * day far beyond the limit teaches at most a quarter more than the limit.
 */
#include "detect/state.h"

#include <string.h>

/* Days over which the mean is taken; also how fast it forgets. */
#define HABIT_DAYS 20
/* Active days over which the largest number of new persons is forgotten. */
#define NOVELTY_DAYS 16
/* Complete active days without which the calendar alone makes no habit. */
#define HABIT_ACTIVE_DAYS_MIN 5

/* Absences that excuse new persons: longer than a week-end, shorter than
 * what makes an account dormant. */
#define ABSENCE_DAYS_MIN 3
#define ABSENCE_DAYS_MAX 21

/* Limits never fall under these: below, every account would stumble over
 * an ordinary surprise. Persons a day, new ones a day, persons an hour, new
 * ones an hour, strangers in a row. */
static const uint32_t limit_floor[MEASURES] = {60, 15, 34, 11, 11};

enum result
account_find(struct detect *detect, uint64_t id, bool ownerless,
             uint32_t minute, uint32_t *ret_index)
{
    uint64_t hash = slots_mix(id, 1), value;
    uint32_t cursor = 0, index;
    while (slots_next(&detect->account_index, hash, &cursor, &value)) {
        const struct account *at = pool_at(&detect->accounts, (uint32_t)value);
        if (at->id == id) {
            *ret_index = (uint32_t)value;
            return OK;
        }
    }
    enum result r = pool_take(&detect->accounts, &index);
    if (r != OK)
        return r;
    r = slots_add(&detect->account_index, hash, index);
    if (r != OK) {
        pool_give(&detect->accounts, index);
        return r;
    }
    struct account *account = pool_at(&detect->accounts, index);
    account->id = id;
    account->minute = minute;
    account->first_day = (uint16_t)(minute / MINUTES_A_DAY);
    if (detect->first_day == 0)
        detect->first_day = account->first_day;
    account->worst = INT16_MIN;
    account->share_fresh = 255;
    account->flags = ownerless ? ACCOUNT_OWNERLESS : 0;
    detect->account_count++;
    *ret_index = index;
    return OK;
}

static uint16_t
clip(double value)
{
    return value <= 0 ? 0 : value >= 65535 ? 65535 : (uint16_t)(value + 0.5);
}

/* Newton's steps from above: no libm, the same everywhere. */
static double
root_of(double value)
{
    double root = value > 1 ? value : 1;
    if (value <= 0)
        return 0;
    for (int i = 0; i < 40; i++)
        root = (root + value / root) / 2;
    return root;
}

uint32_t
account_largest(const struct account *account, enum measure_kind kind)
{
    return (account->habit[kind].largest8 + 4u) / 8;
}

uint32_t
account_limit(const struct detect *detect, const struct account *account,
              enum measure_kind kind)
{
    const struct measure *m = &account->habit[kind];
    double mean = m->mean16 / 16.0;
    double deviation = m->deviation16 / 16.0;
    double least = root_of(mean) + 1;
    if (deviation < least)
        deviation = least;
    double limit =
        account_largest(account, kind) + detect->options.pace_z * deviation;
    /* After an absence more persons are new: half a day's for each day. */
    if ((kind == DAY_FRESH || kind == HOUR_FRESH) &&
        account->idle_days > ABSENCE_DAYS_MIN &&
        account->idle_days < ABSENCE_DAYS_MAX)
        limit += mean * (account->idle_days - 1) / 2;
    if (limit < limit_floor[kind])
        limit = limit_floor[kind];
    return limit > 65535 ? 65535 : (uint32_t)limit;
}

static void
measure_learn(struct measure *measure, double value, uint32_t days,
              bool novelty)
{
    double largest = measure->largest8 / 8.0;
    double share = 1.0 / (days + 1 < HABIT_DAYS ? days + 1 : HABIT_DAYS);
    double mean = measure->mean16 / 16.0;
    double deviation = measure->deviation16 / 16.0;
    double off = value - mean;
    double variance = (1 - share) * (deviation * deviation + share * off * off);
    measure->mean16 = clip((mean + share * off) * 16);
    measure->deviation16 = clip(root_of(variance) * 16);
    /* Fewer and fewer persons are new: early days are forgotten. */
    if (value < largest && novelty)
        largest -= (largest - value) / NOVELTY_DAYS;
    measure->largest8 = clip((value > largest ? value : largest) * 8);
}

unsigned
account_hour_count(const struct account *account, unsigned hour)
{
    return (unsigned)account->hours[hour / 2] >> (hour % 2 * 4) & 15;
}

static void
hours_learn(struct account *account)
{
    const uint8_t *today = account->hours_today;
    bool full = false;
    for (unsigned h = 0; h < 24; h++)
        if ((today[h / 8] >> h % 8 & 1) && account_hour_count(account, h) == 15)
            full = true;
    for (unsigned h = 0; h < 24; h++) {
        unsigned count = account_hour_count(account, h);
        if (full)
            count /= 2;
        count += today[h / 8] >> h % 8 & 1u;
        unsigned shift = h % 2 * 4;
        account->hours[h / 2] =
            (uint8_t)((account->hours[h / 2] & ~(15u << shift)) | count
                                                                      << shift);
    }
    memset(account->hours_today, 0, sizeof(account->hours_today));
}

static void
day_learn(struct detect *detect, struct account *account)
{
    if (account->today[DAY_PERSONS] == 0)
        return;
    for (unsigned k = 0; k < MEASURES; k++) {
        double value = account->today[k];
        if (account->active_days >= HABIT_ACTIVE_DAYS_MIN) {
            double most = account_limit(detect, account, k) * 1.25;
            value = value > most ? most : value;
        }
        bool novelty = k != DAY_PERSONS && k != HOUR_PERSONS;
        /* A cold start finds everybody new: that is no habit. */
        if (novelty && account->active_days == 0)
            continue;
        measure_learn(&account->habit[k], value, account->active_days, novelty);
    }
    hours_learn(account);
    if (!(account->flags & ACCOUNT_OWNERLESS))
        peers_learn(&detect->peers, account);
    if (account->active_days < UINT16_MAX)
        account->active_days++;
    memset(account->today, 0, sizeof(account->today));
}

static void
ring_turn(struct account *account, uint32_t span)
{
    uint32_t newest = account->minute / SPAN_MINUTES;
    for (uint32_t i = 0; newest + i < span && i < SPANS_AN_HOUR; i++) {
        uint32_t at = (newest + 1 + i) % SPANS_AN_HOUR;
        account->ring_persons[at] = 0;
        account->ring_fresh[at] = 0;
    }
}

static void
today_turn(struct detect *detect, struct account *account, uint32_t day)
{
    if (detect->today.day < day)
        detect->today = (struct today){.day = day};
    if (account->active_days > 0)
        detect->today.active++;
    if (!(account->flags & ACCOUNT_OWNERLESS))
        detect->professional_days++;
}

void
account_turn(struct detect *detect, struct account *account, uint32_t minute)
{
    uint32_t day = minute / MINUTES_A_DAY;
    bool turned = account->flags & ACCOUNT_TURNED;
    ring_turn(account, minute / SPAN_MINUTES);
    uint32_t passed = turned ? day - account_day(account) : 0;
    if (turned && passed == 0) {
        account->minute = minute;
        return;
    }
    day_learn(detect, account);
    /* New persons of unfamiliar places are forgotten slowly: a sixteenth a
     * day, so that two a day still add up to the cap. A quarter where there
     * is no habit yet: everybody is new then. */
    uint32_t kept = account_has_habit(detect, account) ? 15 : 12;
    for (uint32_t i = 0; i < passed && account->odd_fresh > 0 && i < 60; i++) {
        account->odd_fresh = (uint16_t)(account->odd_fresh * kept / 16u);
        account->odd_known = (uint8_t)(account->odd_known * kept / 16u);
    }
    account->flags &=
        (uint8_t) ~(ACCOUNT_NEW_DEVICE_TODAY | ACCOUNT_NEW_NETWORK_TODAY |
                    ACCOUNT_ASKED_TODAY);
    account->idle_days = (uint16_t)passed;
    account->lead_persons = account->lead_fresh = 0;
    if (passed > 1)
        account->refusals = 0;
    account->flags |= ACCOUNT_TURNED;
    account->minute = minute;
    today_turn(detect, account, day);
}

uint32_t
account_known_days(const struct account *account)
{
    return account_day(account) - account->first_day;
}

bool
account_has_habit(const struct detect *detect, const struct account *account)
{
    return !(account->flags & ACCOUNT_OWNERLESS) &&
           account_known_days(account) >= detect->options.warm_up_days &&
           account->active_days >= HABIT_ACTIVE_DAYS_MIN;
}

uint32_t
account_home(const struct account *account)
{
    const struct thing *home = NULL;
    for (unsigned i = 0; i < THINGS; i++) {
        const struct thing *t = &account->networks[i];
        if (t->standing == STANDING_OWN &&
            (home == NULL || t->last_day > home->last_day))
            home = t;
    }
    return home == NULL ? 0 : thing_print(home);
}

uint32_t
account_ring(const uint16_t ring[SPANS_AN_HOUR])
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < SPANS_AN_HOUR; i++)
        sum += ring[i];
    return sum;
}
