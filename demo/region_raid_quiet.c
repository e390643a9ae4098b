/* SPDX-License-Identifier: EUPL-1.2 */
/* Thieves with patience: few persons an hour, for days. */
#include "demo/region_state.h"

#define MINUTE_US (60 * SECOND_US)

/* From the plan's hour on, which differs a little from day to day. */
static void
start_between(struct raid *raid, unsigned least_hour, unsigned hours)
{
    struct visit *v = &raid->visit;
    unsigned hour = least_hour + raid->plan->hour % hours;

    v->now_us = region_local_us(v->region, v->region->day, hour,
                                chance_below(&v->chance, 5400));
}

/* `an_hour` persons, unevenly: step is memoryless. */
static void
take_slowly(struct raid *raid, uint32_t count, uint32_t an_hour)
{
    struct visit *v = &raid->visit;
    uint32_t mean_ms = 3600000 / an_hour;

    for (uint32_t i = 0; i < count; i++) {
        raid_take(raid, 0);
        v->now_us += 1000 * ((int64_t)chance_wait(&v->chance, mean_ms / 8 * 7) +
                             mean_ms / 8);
    }
}

void
raid_quiet(struct raid *raid)
{
    struct visit *v = &raid->visit;
    uint32_t hours = chance_between(&v->chance, 4, 7);
    uint32_t an_hour =
        raid->plan->kind == THIEF_QUIET ? 8 : chance_between(&v->chance, 8, 15);

    start_between(raid, 8, 9);
    if (raid_open(raid, &raid->plan->place, chance_next(&v->chance) | 1, true))
        take_slowly(raid, hours * an_hour, an_hour);
}

/* Another line each session, or within one under the same token. */
void
raid_exits(struct raid *raid)
{
    struct visit *v = &raid->visit;
    struct region *region = v->region;
    uint32_t count = chance_between(&v->chance, 30, 80);
    uint32_t an_hour = chance_between(&v->chance, 8, 16);
    bool one_token = raid->plan->one_network;
    uint64_t token = chance_next(&v->chance) | 1;
    uint32_t before = 0;
    bool first = true;

    start_between(raid, 8, 9);
    while (count > 0) {
        uint32_t part = chance_between(&v->chance, 3, 10);
        struct visit_place place = raid->plan->place;
        part = part > count ? count : part;
        count -= part;
        place.address = chance_of(&v->chance, 1, 3)
                            ? region_mobile(region, &v->chance)
                            : region_line(region, chance_next(&v->chance));
        if (!one_token)
            token = chance_next(&v->chance) | 1;
        if (!raid_open(raid, &place, token, first || !one_token))
            return;
        if (one_token && !first)
            region->sessions[v->session].twin = before;
        else
            before = v->session;
        first = false;
        take_slowly(raid, part, an_hour);
    }
}

/* When the account was last used today. */
static int64_t
last_use_us(const struct raid *raid)
{
    const struct region *region = raid->visit.region;
    int64_t last_us = 0;

    for (size_t i = region->morning; i < region->event_count; i++) {
        const struct region_event *event = &region->events[i];
        if (region->sessions[event->session].professional == raid->victim &&
            event->time_us > last_us)
            last_us = event->time_us;
    }
    return last_us;
}

/* At the holder's machine, when the holder has gone. */
void
raid_evenings(struct raid *raid)
{
    struct visit *v = &raid->visit;
    const struct holder *h = &v->region->holders[raid->victim];
    struct visit_place place;
    uint32_t an_hour = chance_between(&v->chance, 8, 16);
    bool at_home = h->home_evenings > 0 && raid->plan->one_network;

    region_place(v->region, raid->victim, at_home ? AT_HOME : AT_WORK,
                 &v->chance, &place);
    start_between(raid, 19, 2);
    if (v->now_us < last_use_us(raid) + 45 * MINUTE_US)
        v->now_us = last_use_us(raid) + 45 * MINUTE_US;
    if (raid_open(raid, &place, chance_next(&v->chance) | 1, true))
        take_slowly(raid, an_hour * chance_between(&v->chance, 2, 3), an_hour);
}

/* Two or three strangers among the holder's own, from the new machine. */
static void
train(struct raid *raid)
{
    struct visit *v = &raid->visit;
    const struct holder *h = &v->region->holders[raid->victim];
    uint32_t strangers = chance_between(&v->chance, 2, 3);
    uint32_t own = chance_between(&v->chance, 2, 5);

    while (strangers + own > 0) {
        if (chance_below(&v->chance, strangers + own) < strangers) {
            raid_take(raid, 0);
            strangers--;
        } else {
            visit_show(v, ACTION_READ, REGION_PATIENT,
                       region_panel(v->region, h, &v->chance));
            own--;
        }
        visit_wait(v, 900);
    }
}

void
raid_poisoner(struct raid *raid)
{
    struct visit *v = &raid->visit;
    uint32_t an_hour = chance_between(&v->chance, 15, 40);
    uint32_t hours = chance_between(&v->chance, 2, 5);

    start_between(raid, 8, 8);
    if (!raid_open(raid, &raid->plan->place, chance_next(&v->chance) | 1, true))
        return;
    if ((int)raid->nth < raid->plan->training)
        train(raid);
    else
        take_slowly(raid, hours * an_hour, an_hour);
}
