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

/* PEER_PLACES: none. Looked through in order: where a group lies must not
 * follow from random ids. */
static unsigned
place_at(const struct peers *peers, uint32_t print)
{
    unsigned at = 0;
    while (at < PEER_PLACES && peers->place_prints[at] != print)
        at++;
    return at;
}

/* Who finds all seats taken takes a day from the one that has fewest: the
 * seats end with the places where most are at home. */
static struct peer_group *
place_seat(struct peers *peers, uint32_t home)
{
    unsigned at = place_at(peers, home), least = 0;
    if (at < PEER_PLACES)
        return &peers->places[at];
    for (unsigned i = 1; i < PEER_PLACES; i++)
        if (peers->places[i].days < peers->places[least].days)
            least = i;
    if (peers->places[least].days > 0) {
        peers->places[least].days--;
        return NULL;
    }
    peers->places[least] = (struct peer_group){0};
    peers->place_prints[least] = home;
    return &peers->places[least];
}

void
peers_learn(struct peers *peers, const struct account *account)
{
    uint32_t home = account_home(account);
    group_learn(&peers->all, account);
    if (account->role != 0)
        group_learn(&peers->roles[account->role], account);
    if (home == 0)
        return;
    struct peer_group *place = place_seat(peers, home);
    if (place != NULL)
        group_learn(place, account);
}

const struct peer_group *
peers_of(const struct peers *peers, const struct account *account,
         enum peer_kind *ret_kind)
{
    const struct peer_group *role = &peers->roles[account->role];
    uint32_t home = account_home(account);
    unsigned at = home == 0 ? PEER_PLACES : place_at(peers, home);
    *ret_kind = PEERS_ROLE;
    if (account->role != 0 && role->days >= NEAR_DAYS_MIN)
        return role;
    *ret_kind = PEERS_PLACE;
    if (at < PEER_PLACES && peers->places[at].days >= NEAR_DAYS_MIN)
        return &peers->places[at];
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
