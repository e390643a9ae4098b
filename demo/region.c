/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The region day by day: who works, who steals, and their events in time
 * order. Every draw comes from (seed, professional, day) or from a thief's
 * own stream, so that a thief more changes nobody else's work.
 */
#include "demo/region_state.h"

#include <stdlib.h>
#include <string.h>

#define PERSONS_EACH 150

void
region_options_default(struct region_options *ret_options)
{
    memset(ret_options, 0, sizeof(*ret_options));
    ret_options->seed = 1;
    ret_options->days = 28;
    ret_options->professionals = 400;
    ret_options->start_day = 20514; /* Monday 2 March 2026 */
}

size_t
region_campaigns(const struct region *region,
                 const struct region_campaign **ret_campaigns)
{
    *ret_campaigns = region->campaigns;
    return region->campaign_count;
}

static enum result
make(struct region *r)
{
    const struct region_options *o = &r->options;
    struct chance chance;
    enum result result;

    r->population = o->professionals * PERSONS_EACH + 5000;
    r->towns = (o->professionals + TOWN - 1) / TOWN;
    region_number_start(r);
    r->holders = calloc(o->professionals, sizeof(*r->holders));
    if (r->holders == NULL)
        return E_NOMEM;
    chance_start(&chance, o->seed, 0, 0x03);
    r->update_day = (int)chance_below(&chance, o->days);
    r->exit_day = (int)chance_below(&chance, o->days);
    r->app_day = (int)chance_below(&chance, o->days);
    for (uint32_t p = 0; p < o->professionals; p++)
        region_holder_make(r, p);
    result = region_plan_campaigns(r);
    if (result == OK)
        region_plan(r);
    return result;
}

enum result
region_new(const struct region_options *options, struct region **ret_region)
{
    struct region *r;
    enum result result;

    if (options->professionals == 0 || options->days == 0 ||
        options->professionals > REGION_PROFESSIONALS_MAX ||
        options->days > REGION_DAYS_MAX ||
        options->thief_count > REGION_THIEVES_MAX)
        return E_ARGUMENT;
    r = calloc(1, sizeof(*r));
    if (r == NULL)
        return E_NOMEM;
    r->options = *options;
    result = make(r);
    if (result != OK) {
        region_free(r);
        return result;
    }
    *ret_region = r;
    return OK;
}

void
region_free(struct region *region)
{
    if (region == NULL)
        return;
    for (size_t i = 0; i < region->theft_count; i++) {
        free(region->thefts[i].persons);
        free(region->thefts[i].times_us);
    }
    free(region->thefts);
    free(region->sessions);
    free(region->events);
    free(region->holders);
    free(region->campaigns);
    free(region);
}

bool
region_room(void **items, uint64_t count, uint64_t *room, size_t bytes)
{
    if (count < *room)
        return true;
    uint64_t more = *room + *room / 2 + 1024;
    void *at = realloc(*items, more * bytes);
    if (at == NULL)
        return false;
    *items = at;
    *room = more;
    return true;
}

uint32_t
region_open(struct region *region, uint32_t professional,
            const struct visit_place *place, uint64_t token,
            enum region_thief thief)
{
    uint64_t room = region->session_room;
    void *sessions = region->sessions;
    const bool grown = region_room(&sessions, region->session_count, &room,
                                   sizeof(*region->sessions));

    region->sessions = sessions;
    if (!grown || room > UINT32_MAX) {
        region->failed = E_NOMEM;
        return 0;
    }
    region->session_room = (uint32_t)room;
    region->sessions[region->session_count] = (struct region_session){
        .token = token,
        .device = place->device,
        .address = place->address,
        .professional = professional,
        .software = place->software,
        .version = region_version(region, place->software, place->lag_days),
        .twin = region->session_count,
        .thief = thief};
    return region->session_count++;
}

void
region_put(struct region *region, const struct region_event *event)
{
    uint64_t room = region->event_room;
    void *events = region->events;
    if (region->failed != OK)
        return;
    if (!region_room(&events, region->event_count, &room,
                     sizeof(*region->events))) {
        region->failed = E_NOMEM;
        return;
    }
    region->events = events;
    region->event_room = room;
    region->events[region->event_count] = *event;
    region->events[region->event_count++].order = region->order++;
}

static int
by_time(const void *left, const void *right)
{
    const struct region_event *a = left, *b = right;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

enum result
region_day(struct region *region, const struct region_event **ret_events,
           size_t *ret_count)
{
    size_t left = region->event_count - region->event_given;
    if (region->event_given > 0)
        memmove(region->events, region->events + region->event_given,
                left * sizeof(*region->events));
    region->event_count = left;
    region->event_given = 0;
    if (region->day > region->options.days ||
        (region->day == region->options.days && left == 0))
        return E_END;
    bool over = region->day == region->options.days;
    region->morning = region->event_count;
    region->today = region->session_count;
    for (uint32_t p = 0; !over && p < region->options.professionals; p++)
        region_work(region, p);
    for (unsigned t = 0; !over && t < region->options.thief_count; t++)
        region_steal(region, &region->plans[t]);
    if (region->failed != OK)
        return region->failed;
    if (region->event_count > 0)
        qsort(region->events, region->event_count, sizeof(*region->events),
              by_time);
    int64_t end =
        ((int64_t)region->options.start_day + region->day + 1) * DAY_US;
    size_t count = region->event_count;
    while (!over && count > 0 && region->events[count - 1].time_us >= end)
        count--;
    region->day++;
    region->event_given = count;
    *ret_events = region->events;
    *ret_count = count;
    return OK;
}

const struct region_session *
region_session(const struct region *region, uint32_t session)
{
    return &region->sessions[session];
}

uint32_t
region_sessions(const struct region *region)
{
    return region->session_count;
}

enum region_kind
region_kind(const struct region *region, uint32_t professional)
{
    return region->holders[professional].kind;
}

int64_t
region_local_us(const struct region *region, unsigned day, unsigned hour,
                uint32_t second)
{
    return ((int64_t)region->options.start_day + day) * DAY_US +
           ((int64_t)hour * 3600 + second - LOCAL_SECONDS) * SECOND_US;
}
