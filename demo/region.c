/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Forty professionals make a block: four practices of three doctors, part
 * of them with a part-timer, each with a secretary; six nurses; three
 * pharmacies of two; a ward of six; two on call; two substitutes. Every draw
 * comes from (seed, professional, day), so that a thief more or a day more
 * changes nobody else's work.
 */
#include "demo/region_state.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 40
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

static void
holder_kind(struct holder *holder, uint32_t professional)
{
    static const uint8_t kinds[BLOCK] = {
        0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 7, 7, 1, 1,
        1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 5, 5, 6, 6};
    uint32_t block = professional / BLOCK, at = professional % BLOCK;
    uint32_t site = at;
    if (at < 16)
        site = at / 4;
    else if (at < 18)
        site = at - 16; /* in the first two practices */
    else if (at >= 24 && at < 30)
        site = 24 + (at - 24) / 2;
    else if (at >= 30 && at < 38)
        site = 30; /* ward; those on call work from there */
    holder->kind = kinds[at];
    holder->site = block * BLOCK + site;
}

static void
holder_panel(struct region *region, struct holder *h, struct chance *chance)
{
    static const uint16_t sizes[KIND_COUNT] = {1400, 120, 3500, 600,
                                               3000, 900, 1400, 900};
    h->panel = h->site;
    h->panel_size = sizes[h->kind];
    if (h->kind == KIND_SECRETARY)
        h->panel_size = 3200;
    h->shift = chance_below(chance, h->panel_size);
    if (h->kind == KIND_NURSE)
        h->panel = UINT32_MAX - h->site;
    h->ward_count = h->kind == KIND_HOSPITAL ? 24 : 0;
    for (unsigned i = 0; i < h->ward_count; i++)
        h->ward[i] = region_anybody(region, chance);
}

static int16_t
some_day(struct chance *chance, uint32_t once_in, unsigned days)
{
    return chance_of(chance, days, once_in)
               ? (int16_t)chance_below(chance, days)
               : -1;
}

static void
holder_make(struct region *region, uint32_t professional)
{
    static const uint8_t software[8] = {0, 0, 0, 1, 1, 3, 3, 0};
    struct holder *h = &region->holders[professional];
    struct chance chance, site_chance;
    unsigned days = region->options.days;
    holder_kind(h, professional);
    chance_start(&chance, region->options.seed, professional, 0x01);
    chance_start(&site_chance, region->options.seed, h->site, 0x02);
    h->software = software[chance_below(&site_chance, 8)];
    if (h->kind == KIND_NURSE)
        h->software = SOFTWARE_APP;
    h->start_hour = (uint8_t)chance_between(&chance, 7, 9);
    if (h->kind == KIND_ON_CALL)
        h->start_hour = 20;
    holder_panel(region, h, &chance);
    h->leave_from = some_day(&chance, 300, days);
    h->leave_to = (int16_t)(h->leave_from + 6);
    h->campaign_day = -1;
    if (h->kind == KIND_DOCTOR || h->kind == KIND_PHARMACIST ||
        h->kind == KIND_NURSE)
        h->campaign_day = some_day(&chance, 600, days);
    h->machine_day = some_day(&chance, 400, days);
    h->provider_day = some_day(&chance, 700, days);
}

static void
list_campaigns(struct region *region)
{
    for (uint32_t p = 0; p < region->options.professionals; p++) {
        int16_t day = region->holders[p].campaign_day;
        int64_t from_us = ((int64_t)region->options.start_day + day) * DAY_US -
                          LOCAL_SECONDS * SECOND_US;
        if (day >= 0)
            region->campaigns[region->campaign_count++] =
                (struct region_campaign){
                    .from_us = from_us,
                    .to_us = from_us + DAY_US,
                    .professional = p,
                    .announced = chance_mix(p, region->options.seed) % 3 != 0,
                    .reason = "recall"};
    }
}

size_t
region_campaigns(const struct region *region,
                 const struct region_campaign **ret_campaigns)
{
    *ret_campaigns = region->campaigns;
    return region->campaign_count;
}

enum result
region_new(const struct region_options *options, struct region **ret_region)
{
    struct region *r = calloc(1, sizeof(*r));
    struct chance chance;
    if (r == NULL)
        return E_NOMEM;
    if (options->professionals == 0 || options->days == 0 ||
        options->professionals > REGION_PROFESSIONALS_MAX ||
        options->days > REGION_DAYS_MAX ||
        options->thief_count > REGION_THIEVES_MAX) {
        region_free(r);
        return E_ARGUMENT;
    }
    r->options = *options;
    r->population = options->professionals * PERSONS_EACH + 5000;
    r->holders = calloc(options->professionals, sizeof(*r->holders));
    r->campaigns = calloc(options->professionals, sizeof(*r->campaigns));
    if (r->holders == NULL || r->campaigns == NULL) {
        region_free(r);
        return E_NOMEM;
    }
    chance_start(&chance, options->seed, 0, 0x03);
    r->update_day = (int)chance_below(&chance, options->days);
    r->exit_day = (int)chance_below(&chance, options->days);
    for (uint32_t p = 0; p < options->professionals; p++)
        holder_make(r, p);
    list_campaigns(r);
    region_plan(r);
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

uint32_t
region_anybody(const struct region *region, struct chance *chance)
{
    return chance_below(chance, region->population);
}

/* The n-th person of a panel is a draw from (seed, panel, n). */
uint32_t
region_panel(const struct region *region, const struct holder *holder,
             struct chance *chance)
{
    uint32_t rank = (chance_rank(chance, holder->panel_size) + holder->shift) %
                    holder->panel_size;
    uint64_t drawn = chance_mix(region->options.seed ^ 0x70616e656cu,
                                (uint64_t)holder->panel << 32 | rank);
    return (uint32_t)((drawn >> 32) * region->population >> 32);
}

/* Addresses that belong to nobody: 10.0.0.0/8 and 100.64.0.0/10. */
uint32_t
region_private_address(uint64_t number)
{
    uint32_t n = (uint32_t)(chance_mix(number, 0x61646472) >> 32);
    uint32_t last = 1 + n % 254;
    if (n & 0x80000000u)
        return 0x64400000u | (n >> 8 & 0x3fff) << 8 | last;
    return 0x0a000000u | (n >> 8 & 0xffff) << 8 | last;
}

static bool
room_for(void **items, uint64_t count, uint64_t *room, size_t bytes)
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
    const bool grown = room_for(&sessions, region->session_count, &room,
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
        .browser = (int)region->day >= region->update_day ? 148 : 147,
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
    if (!room_for(&events, region->event_count, &room,
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
