/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where a session comes from. A device or a network is the account's own
 * when it was there on the account's first day, or when somebody read there
 * persons the account already followed: a thief reads strangers, and two
 * strangers a day buy nothing. Until then it is in quarantine.
 *
 * A device that many accounts share (a client_id, a portal) says nothing of
 * one of them, neither for nor against; a change that many accounts make on
 * one day (an update, a moved exit) says little.
 */
#include "detect/state.h"

/* Accounts that may share a thing before it begins to say less. */
#define SHARED_ACCOUNTS 8u
/* Distinct known persons that clear a place. */
#define EARN_KNOWN_MIN 3u
/* Share of an account's persons among any that are met by chance. */
#define CHANCE_KNOWN 0.03
#define EARN_WEIGHT_MIN 300 /* centinats */
#define EARN_A_WRITE 30
#define LOSE_WEIGHT_MIN 400
/* Together, the novelty of device and network must weigh this much (in
 * centinats) for a place to be called unknown: what is new every day for
 * this account is not. */
#define UNKNOWN_WEIGHT_MIN 200
#define ODD_PLACE_MINUTES MINUTES_A_DAY

/* Its place among them; THINGS: not there. */
static unsigned
thing_at(const struct thing things[THINGS], uint32_t id)
{
    for (unsigned i = 0; i < THINGS; i++)
        if (things[i].standing != STANDING_NONE &&
            thing_print(&things[i]) == (id & THING_PRINT_MASK))
            return i;
    return THINGS;
}

static struct thing *
thing_find(struct thing things[THINGS], uint32_t id)
{
    unsigned at = thing_at(things, id);
    return at == THINGS ? NULL : &things[at];
}

/* Free, else the odd one unused for longest, else the own one. */
static struct thing *
thing_victim(struct thing things[THINGS])
{
    struct thing *victim = &things[0];
    for (unsigned i = 0; i < THINGS; i++) {
        struct thing *t = &things[i];
        if (t->standing < victim->standing ||
            (t->standing == victim->standing && t->last_day < victim->last_day))
            victim = t;
    }
    return victim;
}

/* How many accounts are at home with a thing: one more. */
static enum result
popular_add(struct detect *detect, uint32_t id, unsigned kind)
{
    uint64_t *entry;
    bool made;
    enum result r =
        slots_put(&detect->popular, slots_mix(id, kind), 1, &made, &entry);
    if (r != OK || made)
        return r;
    uint64_t count = slots_value(&detect->popular, *entry);
    if (count < (1u << PAIR_BITS) - 1)
        slots_set(&detect->popular, entry, count + 1);
    return OK;
}

static uint32_t
popular_count(struct detect *detect, uint32_t id, unsigned kind)
{
    const uint64_t *entry = slots_find(&detect->popular, slots_mix(id, kind));
    return entry == NULL ? 0 : (uint32_t)slots_value(&detect->popular, *entry);
}

uint32_t
context_sharers(struct detect *detect, uint32_t network)
{
    return popular_count(detect, network, 2);
}

/* What one thing says of the account, in 256ths: all of it up to eight
 * accounts that share it, then less and less. */
static int32_t
worth(uint32_t accounts)
{
    return accounts <= SHARED_ACCOUNTS
               ? 256
               : (int32_t)(256 * SHARED_ACCOUNTS / accounts);
}

/* How seldom this account comes with a new one, by days of activity: who
 * works a week here and a week there changes often. Accounts without a past
 * are taken to change now and then. */
static int32_t
novelty(uint32_t changes, uint32_t days, double prior)
{
    double chance = (changes + 10 * prior) / (days + 10.0);
    int32_t weight = score_log(0.9 / chance);
    return weight < 0 ? 0 : weight;
}

static int32_t
novelty_today(uint32_t today, uint32_t active)
{
    int32_t weight =
        today >= 5 ? score_log(0.9 * (active + 10) / today) : INT32_MAX;
    return weight < 0 ? 0 : weight;
}

struct look {
    struct thing *things;
    uint16_t *changes;
    uint32_t *today;
    uint32_t id;
    unsigned kind; /* 1 device, 2 network */
    uint8_t today_flag;
    double prior;
};

static struct thing *
remember(struct account *account, struct look *look, int32_t own_weight)
{
    struct thing *thing = thing_victim(look->things);
    thing->print_low = (uint16_t)look->id;
    thing->print_high = look->id >> 16 & 0x3fffu;
    thing->standing = STANDING_ODD;
    if (*look->changes < UINT16_MAX)
        ++*look->changes;
    /* Who changes every day says nothing of a change that others share. */
    if (!(account->flags & look->today_flag) && account->active_days > 0 &&
        own_weight >= UNKNOWN_WEIGHT_MIN)
        ++*look->today;
    account->flags |= look->today_flag;
    return thing;
}

/* A thief seldom comes from where another professional is at home. */
#define OTHERS_HOME_WEIGHT 160

/* Weight of one thing: > 0 new to the account, < 0 its own, 0 says nothing.
 * Remembers it. */
static enum result
look_at(struct detect *detect, struct account *account, struct look *look,
        uint32_t day, int32_t *ret_weight)
{
    *ret_weight = 0;
    if (look->id == 0)
        return OK;
    struct thing *thing = thing_find(look->things, look->id);
    if (thing != NULL && thing->standing == STANDING_OWN) {
        int32_t part = worth(popular_count(detect, look->id, look->kind));
        thing->last_day = (uint16_t)day;
        *ret_weight = -100 * part / 256;
        return OK;
    }
    int32_t own_weight =
        novelty(*look->changes, account->active_days, look->prior);
    int32_t weight = novelty_today(*look->today, detect->today.active);
    weight = own_weight < weight ? own_weight : weight;
    uint32_t owners = popular_count(detect, look->id, look->kind);
    if (thing == NULL)
        thing = remember(account, look, own_weight);
    thing->last_day = (uint16_t)day;
    /* The first day brings the account's own things with it. */
    if (account->active_days == 0 && day == account->first_day) {
        thing->standing = STANDING_OWN;
        *look->changes = 0;
        return popular_add(detect, look->id, look->kind);
    }
    weight = owners == 0 ? weight : weight - OTHERS_HOME_WEIGHT;
    *ret_weight = weight < 0 ? 0 : weight * worth(owners) / 256;
    return OK;
}

/* Other accounts with odd persons from this device or address lately; not
 * those at home where this one is: a practice that moves, moves together. */
static uint8_t
together_of(const struct detect *detect, const struct session_state *s,
            uint32_t home, uint32_t minute)
{
    uint32_t seen[8], count = 0;
    for (unsigned i = 0; i < ODD_PLACES; i++) {
        const struct odd_place *p = &detect->odd_places[i];
        if (p->fresh == 0 || p->account == s->account ||
            p->minute + ODD_PLACE_MINUTES < minute ||
            (p->home != 0 && p->home == home))
            continue;
        if (!(p->device != 0 && p->device == s->device) &&
            !(p->address != 0 && p->address == s->address))
            continue;
        bool again = false;
        for (uint32_t k = 0; k < count; k++)
            again = again || seen[k] == p->account;
        if (!again && count < 8)
            seen[count++] = p->account;
    }
    return (uint8_t)count;
}

/* A session with new persons in an unknown place is remembered for a day:
 * the next account that comes from there is not alone. */
void
context_odd(struct detect *detect, const struct account *account,
            struct session_state *session, uint32_t minute)
{
    if (session->odd != 3)
        return;
    struct odd_place *p = &detect->odd_places[detect->odd_next];
    detect->odd_next = (detect->odd_next + 1) % ODD_PLACES;
    bool telling = session->device_weight > 0;
    *p = (struct odd_place){.minute = minute,
                            .account = session->account,
                            .home = account_home(account),
                            .device = telling ? session->device : 0,
                            .address = session->address,
                            .fresh = session->odd};
}

/* A session that goes back and forth between two networks is in two hands,
 * or on a telephone that loses its line: the device tells. */
static void
note_return(struct session_state *s, uint32_t device, uint32_t network)
{
    if (!s->started || network == s->network || network == 0)
        return;
    if (network == s->network_before) {
        bool other_device = device != s->device && device != 0;
        if ((s->returns & 15) < 15)
            s->returns++;
        if (other_device && s->returns >> 4 < 15)
            s->returns = (uint8_t)(s->returns + 16);
    }
    s->network_before = s->network;
}

/* Strangers one after another stay in a row where a new session goes on from
 * the same place, or away from home with the same device or line: a thief may
 * open one for every few persons. */
static void
follow(const struct detect *detect, const struct account *account,
       struct session_state *s)
{
    if (account->latest == 0)
        return;
    const struct session_state *before =
        pool_at(&detect->sessions, account->latest - 1);
    bool device = before->device == s->device;
    bool network = before->network == s->network;
    bool away = before->place != PLACE_OWN && s->place != PLACE_OWN;
    if (before->verdict < VERDICT_STEP_UP &&
        ((device && network) || (away && (device || network))))
        s->run = before->run;
}

static void
arrive(struct session_state *s, uint32_t minute)
{
    if (s->started) {
        s->persons_before = (uint16_t)(s->persons_before + s->persons);
        s->fresh_before = (uint16_t)(s->fresh_before + s->fresh);
        s->persons = s->fresh = s->known = s->neighbours = s->odd = 0;
        s->earned_device = s->earned_network = false;
    }
    uint32_t stayed = minute - s->here_minute + s->start_before;
    s->start_before = (uint16_t)(stayed < UINT16_MAX ? stayed : UINT16_MAX);
    s->started = true;
    s->here_minute = minute;
}

/* What device and network say of the account; remembers them. */
static enum result
weigh_place(struct detect *detect, struct account *account,
            struct session_state *session, uint32_t day)
{
    int32_t d, n;
    struct look device = {account->devices,
                          &account->changes_device,
                          &detect->today.new_device,
                          session->device,
                          1,
                          ACCOUNT_NEW_DEVICE_TODAY,
                          0.05};
    struct look network = {account->networks,
                           &account->changes_network,
                           &detect->today.new_network,
                           session->network,
                           2,
                           ACCOUNT_NEW_NETWORK_TODAY,
                           0.1};
    enum result r = look_at(detect, account, &device, day, &d);
    if (r == OK)
        r = look_at(detect, account, &network, day, &n);
    if (r != OK)
        return r;
    session->device_weight = (int16_t)d;
    session->network_weight = (int16_t)n;
    /* An own thing that half the region shares does not vouch alone. */
    bool own = d <= -50 || n <= -50;
    session->place = own                           ? PLACE_OWN
                     : d + n >= UNKNOWN_WEIGHT_MIN ? PLACE_UNKNOWN
                                                   : PLACE_UNSURE;
    return OK;
}

enum result
context_set(struct detect *detect, struct account *account,
            struct session_state *session, uint32_t device, uint32_t network,
            uint32_t address, uint32_t minute)
{
    if (session->started && session->device == device &&
        session->network == network) {
        session->address = address;
        return OK;
    }
    note_return(session, device, network);
    bool begins = !session->started;
    arrive(session, minute);
    session->device = device;
    session->network = network;
    session->address = address;
    enum result r =
        weigh_place(detect, account, session, minute / MINUTES_A_DAY);
    if (r != OK)
        return r;
    if (begins)
        follow(detect, account, session);
    uint8_t together =
        session->place == PLACE_OWN
            ? 0
            : together_of(detect, session, account_home(account), minute);
    session->together = together & 0x1fu;
    return OK;
}

void
context_asked(struct account *account, const struct session_state *session)
{
    struct thing *device = thing_find(account->devices, session->device);
    struct thing *network = thing_find(account->networks, session->network);
    if (device != NULL && device->standing == STANDING_ODD)
        device->standing = STANDING_ASKED;
    if (network != NULL && network->standing == STANDING_ODD)
        network->standing = STANDING_ASKED;
}

static enum standing
standing_of(const struct thing things[THINGS], uint32_t id)
{
    unsigned at = id == 0 ? THINGS : thing_at(things, id);
    return at == THINGS ? STANDING_NONE : (enum standing)things[at].standing;
}

bool
context_was_asked(const struct account *account,
                  const struct session_state *session)
{
    enum standing device = standing_of(account->devices, session->device);
    enum standing network = standing_of(account->networks, session->network);
    /* what changes with every visit is not what one was asked for */
    bool other_device =
        device == STANDING_ODD && session->device_weight >= ALONE_WEIGHT;
    bool other_network =
        network == STANDING_ODD && session->network_weight >= ALONE_WEIGHT;
    return !other_device && !other_network &&
           (device == STANDING_ASKED || network == STANDING_ASKED);
}

static enum result
make_own(struct detect *detect, struct thing things[THINGS], uint32_t id,
         unsigned kind, bool *ret_made)
{
    struct thing *thing = id == 0 ? NULL : thing_find(things, id);
    *ret_made = thing != NULL && thing->standing != STANDING_OWN;
    if (!*ret_made)
        return OK;
    thing->standing = STANDING_OWN;
    return popular_add(detect, id, kind);
}

static void
make_odd(struct detect *detect, struct thing things[THINGS], uint32_t id,
         unsigned kind)
{
    struct thing *thing = thing_find(things, id);
    uint64_t *count = slots_find(&detect->popular, slots_mix(id, kind));
    if (thing == NULL || thing->standing != STANDING_OWN)
        return;
    thing->standing = STANDING_ODD;
    if (count != NULL && slots_value(&detect->popular, *count) > 0)
        slots_set(&detect->popular, count,
                  slots_value(&detect->popular, *count) - 1);
}

/* Known persons among the session's, or persons whom others follow in that
 * very place, as this account usually has known ones: half of its habit, a
 * tenth at least (who reads at random meets some). */
static bool
has_earned(const struct account *account, const struct session_state *s)
{
    uint32_t usual = 255u - account->share_fresh; /* of 255 */
    uint32_t needed = usual / 2;
    needed = needed > 85 ? 85 : needed < 26 ? 26 : needed;
    uint32_t weighed = (uint32_t)s->fresh + s->known + s->neighbours;
    return s->known >= EARN_KNOWN_MIN && s->known * 255u >= weighed * needed;
}

/* How much more likely the account's own way is than a stranger's, who meets
 * few of its persons by chance. */
static int32_t
own_way(const struct account *account, int32_t known, int32_t fresh,
        int32_t writes)
{
    double usual = account->share_fresh / 255.0;
    usual = usual < 0.05 ? 0.05 : usual > 0.9 ? 0.9 : usual;
    int32_t each_known = score_log((1 - usual) / CHANCE_KNOWN);
    int32_t each_fresh = score_log(usual / (1 - CHANCE_KNOWN));
    return known * each_known + fresh * each_fresh +
           (writes > 5 ? 5 : writes) * EARN_A_WRITE;
}

/* A thief nearby meets some of the holder's persons early, and goes on with
 * strangers: what a session earned it may lose again. */
static enum result
lose(struct detect *detect, struct account *account,
     struct session_state *session)
{
    int32_t others = session->known + session->neighbours;
    int32_t strangers = session->persons - others; /* all of every list */
    if (own_way(account, others, strangers, session->writes) > -LOSE_WEIGHT_MIN)
        return OK;
    if (session->earned_device)
        make_odd(detect, account->devices, session->device, 1);
    if (session->earned_network)
        make_odd(detect, account->networks, session->network, 2);
    session->earned_device = session->earned_network = false;
    enum result r = weigh_place(detect, account, session, account_day(account));
    if (r != OK || session->place != PLACE_UNKNOWN)
        return r;
    session->odd = (uint16_t)strangers;
    account->odd_fresh = (uint16_t)(account->odd_fresh + strangers);
    return OK;
}

/* Clears a place whose session reads persons the account followed before. */
enum result
context_earn(struct detect *detect, struct account *account,
             struct session_state *session)
{
    bool device = false, network = false;
    if (session->earned_device || session->earned_network)
        return lose(detect, account, session);
    bool earned = has_earned(account, session) ||
                  (session->place == PLACE_UNKNOWN &&
                   account->odd_known >= EARN_KNOWN_MIN &&
                   own_way(account, account->odd_known, account->odd_fresh,
                           session->writes) >= EARN_WEIGHT_MIN);
    if (!earned)
        return OK;
    enum result r =
        make_own(detect, account->devices, session->device, 1, &device);
    if (r == OK)
        r = make_own(detect, account->networks, session->network, 2, &network);
    if (session->place != PLACE_UNKNOWN)
        return r;
    session->earned_device = device;
    session->earned_network = network;
    session->place = PLACE_OWN;
    session->device_weight = session->network_weight = 0;
    account->odd_fresh = account->odd_fresh > session->odd
                             ? (uint16_t)(account->odd_fresh - session->odd)
                             : 0;
    account->odd_known = 0;
    session->odd = 0;
    return r;
}
