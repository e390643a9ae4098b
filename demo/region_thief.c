/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Thieves with right credentials, on a machine and a line of their own that
 * look like any other: the same sort of names, the same sort of addresses.
 */
#include "demo/region_state.h"

#include <stdlib.h>
#include <string.h>

/* A thief comes when the ledger has some history to be compared with. */
#define HISTORY_DAYS 22

static const struct {
    const char *name;
    uint8_t class;
    uint8_t days; /* that the theft lasts; 0: this region has none such */
} kinds[REGION_THIEF_KINDS] = {
    [THIEF_NONE] = {"none", REGION_HONEST, 0},
    [THIEF_NIGHT] = {"night", REGION_LOUD, 1},
    [THIEF_PAGED] = {"paged", REGION_LOUD, 1},
    [THIEF_QUIET] = {"quiet", REGION_QUIET, 3},
    [THIEF_FAST] = {"fast", REGION_LOUD, 0},
    [THIEF_SLOW_PAGES] = {"slow-pages", REGION_LOUD, 0},
    [THIEF_RING] = {"ring", REGION_LOUD, 0},
    [THIEF_HIJACK] = {"hijack", REGION_LOUD, 0},
    [THIEF_EXITS] = {"exits", REGION_QUIET, 0},
    [THIEF_DORMANT] = {"dormant", REGION_QUIET, 0},
    [THIEF_OWN_MACHINE] = {"own-machine", REGION_QUIET, 0},
    [THIEF_POISONER] = {"poisoner", REGION_QUIET, 0},
    [THIEF_NEWCOMER] = {"newcomer", REGION_QUIET, 0},
    [THIEF_MIMIC] = {"mimic", REGION_REPORTED, 0},
    [THIEF_INSIDER] = {"insider", REGION_REPORTED, 0},
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
        if (kinds[k].days > 0 && text_is(word, kinds[k].name)) {
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

void
region_plan(struct region *region)
{
    const struct region_options *o = &region->options;
    for (unsigned t = 0; t < o->thief_count; t++) {
        struct theft_plan *plan = &region->plans[t];
        struct chance chance;
        chance_start(&chance, o->seed ^ 0x7468696566u, t, 0);
        unsigned lasts = kinds[o->thieves[t]].days;
        unsigned first = first_day(o);
        unsigned room = o->days > first + lasts ? o->days - first - lasts : 0;
        plan->kind = o->thieves[t];
        plan->day = first + chance_below(&chance, room + 1);
        for (bool again = true; again;) {
            plan->victim = chance_below(&chance, o->professionals);
            again = false;
            for (unsigned k = 0; k < t && o->professionals > t; k++)
                again = again || region->plans[k].victim == plan->victim;
        }
        uint8_t software = region->holders[plan->victim].software;
        plan->place.software = software;
        plan->place.device = chance_next(&chance) | 1;
        plan->place.address = region_private_address(chance_next(&chance));
        plan->token = chance_next(&chance);
    }
}

static struct region_theft *
theft_open(struct region *region, uint32_t session,
           const struct theft_plan *plan)
{
    if (region->theft_count == region->theft_room) {
        size_t room = region->theft_room * 2 + 16;
        struct region_theft *at =
            realloc(region->thefts, room * sizeof(*region->thefts));
        if (at == NULL) {
            region->failed = E_NOMEM;
            return NULL;
        }
        region->thefts = at;
        region->theft_room = room;
    }
    struct region_theft *theft = &region->thefts[region->theft_count++];
    *theft = (struct region_theft){.session = session,
                                   .number = (uint32_t)(plan - region->plans),
                                   .thief = plan->kind};
    return theft;
}

static void
theft_note(struct region *region, struct region_theft *theft, uint32_t person,
           int64_t time_us)
{
    if (theft->person_count == 0)
        theft->first_us = time_us;
    theft->last_us = time_us;
    for (uint32_t i = 0; i < theft->person_count; i++)
        if (theft->persons[i] == person)
            return;
    if (theft->person_count == theft->room) {
        uint32_t room = theft->room * 2 + 64;
        uint32_t *persons = realloc(theft->persons, room * sizeof(*persons));
        if (persons != NULL)
            theft->persons = persons;
        int64_t *times = realloc(theft->times_us, room * sizeof(*times));
        if (times != NULL)
            theft->times_us = times;
        if (persons == NULL || times == NULL) {
            region->failed = E_NOMEM;
            return;
        }
        theft->room = room;
    }
    theft->persons[theft->person_count] = person;
    theft->times_us[theft->person_count++] = time_us;
}

struct raid {
    struct region *region;
    struct chance chance;
    struct region_theft *theft;
    uint32_t session;
    int64_t now_us;
};

static uint64_t
show(struct raid *r, enum region_action action, uint32_t person,
     uint64_t request)
{
    struct region_event event = {
        .time_us = r->now_us,
        .request = request != 0 ? request : chance_next(&r->chance) | 1,
        .query = chance_next(&r->chance),
        .session = r->session,
        .person = person,
        .action = (uint8_t)action,
        .resource = REGION_PATIENT};
    region_put(r->region, &event);
    theft_note(r->region, r->theft, person, r->now_us);
    return event.request;
}

static void
night(struct raid *r)
{
    uint32_t count = chance_between(&r->chance, 120, 400);
    uint32_t step_ms = chance_between(&r->chance, 3000, 9000);
    for (uint32_t i = 0; i < count; i++) {
        show(r, ACTION_READ, region_anybody(r->region, &r->chance), 0);
        r->now_us +=
            1000 * (int64_t)chance_between(&r->chance, step_ms - step_ms / 8,
                                           step_ms + step_ms / 8);
    }
}

static void
paged(struct raid *r)
{
    uint32_t pages = chance_between(&r->chance, 8, 20);
    for (uint32_t page = 0; page < pages; page++) {
        uint64_t request = 0;
        for (int i = 0; i < 20; i++)
            request = show(r, ACTION_SEARCH,
                           region_anybody(r->region, &r->chance), request);
        r->now_us += 1000 * (int64_t)chance_between(&r->chance, 20000, 45000);
    }
}

static void
quiet(struct raid *r)
{
    uint32_t hours = chance_between(&r->chance, 4, 7);
    for (uint32_t i = 0; i < hours * 8; i++) {
        uint32_t person = region_anybody(r->region, &r->chance);
        if (chance_of(&r->chance, 1, 2)) {
            show(r, ACTION_SEARCH, person, 0);
            r->now_us += SECOND_US * 4;
        }
        show(r, ACTION_READ, person, 0);
        r->now_us += 1000 * ((int64_t)chance_wait(&r->chance, 400000) + 40000);
    }
}

void
region_steal(struct region *region, const struct theft_plan *plan)
{
    if (region->day < plan->day ||
        region->day >= plan->day + kinds[plan->kind].days)
        return;
    struct raid r = {.region = region};
    unsigned nth = region->day - plan->day;
    chance_start(&r.chance, region->options.seed ^ 0x72616964u, plan->token,
                 nth);
    r.session = region_open(region, plan->victim, &plan->place,
                            chance_mix(plan->token, nth), plan->kind);
    if (region->failed != OK)
        return;
    r.theft = theft_open(region, r.session, plan);
    if (r.theft == NULL)
        return;
    unsigned hour = plan->kind == THIEF_NIGHT   ? 1
                    : plan->kind == THIEF_PAGED ? 10
                                                : 9;
    hour += chance_below(&r.chance, plan->kind == THIEF_QUIET ? 2 : 3);
    r.now_us =
        ((int64_t)region->options.start_day + region->day) * DAY_US +
        ((int64_t)hour * 3600 - LOCAL_SECONDS + chance_below(&r.chance, 3600)) *
            SECOND_US;
    if (plan->kind == THIEF_NIGHT)
        night(&r);
    else if (plan->kind == THIEF_PAGED)
        paged(&r);
    else
        quiet(&r);
}

size_t
region_thefts(const struct region *region,
              const struct region_theft **ret_thefts)
{
    *ret_thefts = region->thefts;
    return region->theft_count;
}
