/* SPDX-License-Identifier: EUPL-1.2 */
/* Bins: one a number up to 16, then four an octave up to 65,535. */
#include "detect/state.h"

/* Account-days without which the habit of a group is not known. */
#define PEER_DAYS_MIN 300
#define NEAR_DAYS_MIN 120 /* of a role or a place, which are more alike */

static unsigned
bin_of(uint32_t value)
{
    if (value < 16)
        return value;
    if (value > 65535)
        value = 65535;
    unsigned octave = 31u - (unsigned)__builtin_clz(value);
    return 16 + (octave - 4) * 4 + (value >> (octave - 2) & 3);
}

/* The largest number of a bin. */
static uint32_t
bin_top(unsigned bin)
{
    if (bin < 16)
        return bin;
    unsigned octave = (bin - 16) / 4 + 4, quarter = (bin - 16) % 4;
    return (1u << octave) + ((quarter + 1) << (octave - 2)) - 1;
}

static void
group_learn(struct peer_group *group, const struct account *account)
{
    const uint32_t values[2] = {account->today[DAY_PERSONS],
                                account->today[HOUR_PERSONS]};
    group->days++;
    for (unsigned which = 0; which < 2; which++) {
        uint16_t *bins = group->bins[which];
        if (++bins[bin_of(values[which])] < UINT16_MAX)
            continue;
        /* The past weighs half as much from here on. */
        group->days = 0;
        for (unsigned bin = 0; bin < PEER_BINS; bin++) {
            group->bins[0][bin] /= 2;
            group->bins[1][bin] /= 2;
            group->days += group->bins[0][bin];
        }
    }
}

/* Two seats a network. Who finds both taken takes a day from the one that has
 * fewer: the seats end with the places where most are at home. */
static struct peer_group *
place_seat(struct peers *peers, uint32_t home)
{
    uint32_t at = home % (PEER_PLACES / 2) * 2;
    struct peer_group *a = &peers->places[at], *b = a + 1;
    if (a->key == home || b->key == home)
        return a->key == home ? a : b;
    struct peer_group *less = b->days < a->days ? b : a;
    if (less->days > 0) {
        less->days--;
        return NULL;
    }
    *less = (struct peer_group){.key = home};
    return less;
}

void
peers_learn(struct peers *peers, const struct account *account)
{
    uint32_t home = account_home(account);
    group_learn(&peers->all, account);
    if (account->role != 0)
        group_learn(&peers->roles[account->role % PEER_ROLES], account);
    if (home == 0)
        return;
    struct peer_group *place = place_seat(peers, home);
    if (place != NULL)
        group_learn(place, account);
}

static const struct peer_group *
place_find(const struct peers *peers, uint32_t home)
{
    const struct peer_group *a = &peers->places[home % (PEER_PLACES / 2) * 2];
    return a->key == home ? a : a[1].key == home ? a + 1 : NULL;
}

const struct peer_group *
peers_of(const struct peers *peers, const struct account *account,
         enum peer_kind *ret_kind)
{
    const struct peer_group *role = &peers->roles[account->role % PEER_ROLES];
    uint32_t home = account_home(account);
    const struct peer_group *place = home == 0 ? NULL : place_find(peers, home);
    *ret_kind = PEERS_ROLE;
    if (account->role != 0 && role->days >= NEAR_DAYS_MIN)
        return role;
    *ret_kind = PEERS_PLACE;
    if (place != NULL && place->days >= NEAR_DAYS_MIN)
        return place;
    *ret_kind = PEERS_ALL;
    return peers->all.days >= PEER_DAYS_MIN ? &peers->all : NULL;
}

uint32_t
peers_limit(const struct peer_group *group, unsigned which, uint32_t share)
{
    uint32_t above = group->days / share, seen = 0;
    for (unsigned bin = PEER_BINS; bin-- > 0;) {
        seen += group->bins[which][bin];
        if (seen > above)
            return bin_top(bin);
    }
    return 0;
}
