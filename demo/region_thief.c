/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who steals which account, and when. Thieves have right credentials;
 * their machines and lines have the same sort of names and addresses as any
 * other's. Each plan is drawn from the seed and its number alone.
 */
#include "demo/region_state.h"

/* A thief comes when the ledger has some history to be compared with. */
#define HISTORY_DAYS 22
#define TRAINING_DAYS 7 /* of a poisoner, before it takes */
#define DORMANT_DAYS 14

static const struct {
    const char *name;
    uint8_t class;
    uint8_t least_days, most_days; /* that the theft lasts */
    void (*day)(struct raid *raid);
} kinds[REGION_THIEF_KINDS] = {
    [THIEF_NONE] = {"none", REGION_HONEST, 0, 0, NULL},
    [THIEF_NIGHT] = {"night", REGION_LOUD, 1, 2, raid_night},
    [THIEF_PAGED] = {"paged", REGION_LOUD, 1, 2, raid_paged},
    [THIEF_QUIET] = {"quiet", REGION_QUIET, 2, 5, raid_quiet},
    [THIEF_FAST] = {"fast", REGION_LOUD, 1, 2, raid_fast},
    [THIEF_SLOW_PAGES] = {"slow-pages", REGION_LOUD, 1, 2, raid_slow_pages},
    [THIEF_RING] = {"ring", REGION_LOUD, 1, 2, raid_ring},
    [THIEF_HIJACK] = {"hijack", REGION_LOUD, 1, 3, raid_hijack},
    [THIEF_EXITS] = {"exits", REGION_QUIET, 2, 4, raid_exits},
    [THIEF_DORMANT] = {"dormant", REGION_QUIET, 2, 4, raid_quiet},
    [THIEF_OWN_MACHINE] = {"own-machine", REGION_QUIET, 3, 5, raid_evenings},
    [THIEF_POISONER] = {"poisoner", REGION_QUIET, 1, 2, raid_poisoner},
    [THIEF_NEWCOMER] = {"newcomer", REGION_QUIET, 2, 4, raid_quiet},
    [THIEF_MIMIC] = {"mimic", REGION_REPORTED, 3, 6, raid_mimic},
    [THIEF_INSIDER] = {"insider", REGION_REPORTED, 5, 20, raid_insider},
};

const char *
region_thief_name(enum region_thief thief)
{
    return kinds[thief].name;
}

enum region_thief_class
region_thief_class(enum region_thief thief)
{
    return (enum region_thief_class)kinds[thief].class;
}

const char *region_class_name(enum region_thief_class class)
{
    static const char *const names[] = {"honest", "loud", "quiet", "reported"};

    return names[class];
}

enum result
region_thief_parse(struct text word, enum region_thief *ret_thief)
{
    for (unsigned k = 1; k < REGION_THIEF_KINDS; k++) {
        if (text_is(word, kinds[k].name)) {
            *ret_thief = (enum region_thief)k;
            return OK;
        }
    }
    return E_NOTFOUND;
}

static unsigned
first_day(const struct region_options *options)
{
    if (options->first_theft_day > 0 &&
        options->first_theft_day < options->days)
        return options->first_theft_day;
    return options->days > HISTORY_DAYS ? HISTORY_DAYS : options->days / 2;
}

static bool
is_taken(const struct region *region, const struct theft_plan *plan,
         uint32_t victim)
{
    const struct theft_plan *p;

    for (p = region->plans; p <= plan; p++)
        for (unsigned i = 0; i < p->accounts; i++)
            if (p->victims[i] == victim)
                return true;
    return false;
}

/* Whether this kind of thief finds the account as he needs it on that day. */
static bool
suits_kind(const struct region *region, const struct theft_plan *plan,
           uint32_t victim)
{
    const struct holder *h = &region->holders[victim];
    int day = plan->day;

    switch (plan->kind) {
    case THIEF_NEWCOMER:
        return h->from > 0 && (h->from == day - 2 || h->from == day - 1);
    case THIEF_DORMANT:
        return h->until <= day - DORMANT_DAYS;
    case THIEF_HIJACK:
    case THIEF_INSIDER:
        return h->from + 3 <= day &&
               region_works(region, victim, (unsigned)day);
    case THIEF_OWN_MACHINE:
        return h->from + 3 <= day && h->kind != KIND_HOSPITAL &&
               h->kind != KIND_ON_CALL && h->kind != KIND_EMERGENCY &&
               h->kind != KIND_SUBSTITUTE;
    case THIEF_MIMIC:
        return h->from + 10 <= day && h->kind != KIND_ON_CALL &&
               h->kind != KIND_EMERGENCY &&
               region_works(region, victim, (unsigned)day);
    case THIEF_POISONER:
        return h->from + 10 <= day && h->kind != KIND_ON_CALL &&
               h->kind != KIND_EMERGENCY;
    default:
        return h->from + 3 <= day;
    }
}

/* Accounts of persons, not of software. */
static bool
suits(const struct region *region, const struct theft_plan *plan,
      uint32_t victim)
{
    const struct holder *h = &region->holders[victim];

    if (is_taken(region, plan, victim) || h->kind == KIND_POLLER)
        return false;
    if (plan->kind != THIEF_DORMANT && h->until <= plan->day + plan->days)
        return false;
    return suits_kind(region, plan, victim);
}

/* In a region too small for so many thieves, any account. */
static uint32_t
find_victim(const struct region *region, const struct theft_plan *plan,
            struct chance *chance)
{
    uint32_t all = region->options.professionals;
    uint32_t first = chance_below(chance, all);

    for (uint32_t i = 0; i < all; i++)
        if (suits(region, plan, (first + i) % all))
            return (first + i) % all;
    for (uint32_t i = 0; i < all; i++)
        if (!is_taken(region, plan, (first + i) % all))
            return (first + i) % all;
    return first;
}

static void
plan_manners(const struct region *region, struct theft_plan *plan,
             struct chance *chance)
{
    const struct holder *h = &region->holders[plan->victims[0]];

    plan->place = (struct visit_place){
        .software = h->software,
        .device = chance_next(chance) | 1,
        .address = chance_of(chance, 1, 6)
                       ? region_mobile(region, chance)
                       : region_line(region, chance_next(chance)),
        .lag_days = region_lag_days(chance)};
    plan->token = chance_next(chance) | 1;
    plan->order = chance_of(chance, 1, 2)
                      ? ORDER_NONE
                      : (uint8_t)chance_between(chance, 1, ORDERS - 1);
    plan->near_percent = chance_of(chance, 2, 3)
                             ? (uint8_t)chance_below(chance, 20)
                             : (uint8_t)chance_between(chance, 20, 80);
    plan->search_percent = (uint8_t)chance_between(chance, 0, 100);
    plan->care_percent =
        chance_of(chance, 1, 2) ? 0 : (uint8_t)chance_between(chance, 10, 80);
    plan->jitter_percent = (uint8_t)chance_between(chance, 5, 90);
    plan->hour = (uint8_t)chance_below(chance, 24);
    plan->wrong_passwords =
        chance_of(chance, 1, 6) ? (uint8_t)chance_between(chance, 1, 3) : 0;
    plan->one_network = chance_of(chance, 1, 2);
}

/* Where the region has no such account, one is made: two days old, or left
 * by its holder. */
static void
plan_account(struct region *region, const struct theft_plan *plan,
             struct chance *chance)
{
    struct holder *h = &region->holders[plan->victims[0]];
    int idle = DORMANT_DAYS + (int)chance_below(chance, 30);

    if (suits_kind(region, plan, plan->victims[0]))
        return;
    if (plan->kind == THIEF_NEWCOMER)
        h->from = plan->day > 2 ? (int16_t)(plan->day - 2) : 0;
    if (plan->kind == THIEF_DORMANT)
        h->until = plan->day > idle ? (int16_t)(plan->day - idle) : 0;
}

/* Its last day lies within the region where there is room. */
static void
plan_days(const struct region_options *o, struct theft_plan *plan,
          struct chance *chance)
{
    unsigned first = first_day(o);
    unsigned lasts = chance_between(chance, kinds[plan->kind].least_days,
                                    kinds[plan->kind].most_days);
    unsigned room = o->days > first + lasts ? o->days - first - lasts : 0;

    plan->day = (int16_t)(first + chance_below(chance, room + 1));
    plan->days = (int16_t)lasts;
}

static void
plan_one(struct region *region, unsigned number)
{
    const struct region_options *o = &region->options;
    struct theft_plan *plan = &region->plans[number];
    unsigned accounts = 1;
    struct chance chance;

    chance_start(&chance, o->seed ^ 0x7468696566u, number, 0);
    plan->kind = o->thieves[number];
    plan_days(o, plan, &chance);
    if (plan->kind == THIEF_RING)
        accounts = RING_ACCOUNTS;
    for (unsigned i = 0; i < accounts; i++) {
        plan->victims[i] = find_victim(region, plan, &chance);
        plan->accounts++;
    }
    plan_manners(region, plan, &chance);
    plan_account(region, plan, &chance);
    if (plan->kind == THIEF_POISONER) {
        int16_t training =
            plan->day < TRAINING_DAYS ? plan->day : TRAINING_DAYS;
        plan->training = training;
        plan->day = (int16_t)(plan->day - training);
        plan->days = (int16_t)(plan->days + training);
    }
}

void
region_plan(struct region *region)
{
    for (unsigned t = 0; t < region->options.thief_count; t++)
        plan_one(region, t);
}

void
region_steal(struct region *region, struct theft_plan *plan)
{
    int nth = (int)region->day - plan->day;

    if (nth < 0 || nth >= plan->days || plan->done)
        return;
    for (unsigned i = 0; i < plan->accounts && region->failed == OK; i++) {
        struct raid raid = {.visit = {.region = region},
                            .plan = plan,
                            .victim = plan->victims[i],
                            .account = i,
                            .nth = (unsigned)nth};
        chance_start(&raid.visit.chance,
                     region->options.seed ^ 0x72616964u ^ (uint64_t)i << 40,
                     plan->token, (unsigned)nth);
        kinds[plan->kind].day(&raid);
    }
}
