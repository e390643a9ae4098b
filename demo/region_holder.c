/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who works in the region, and when. Forty professionals make a town: four
 * practices of three doctors and a secretary (in the fourth, two doctors and
 * the secretary share the reception's machine), two part-timers, nurses, three
 * pharmacies of two, a ward of five, an emergency doctor, two on call, two
 * substitutes; in some towns a regulator or a polling software in a nurse's
 * stead, one who codes the hospital's stays, one who makes images. Some
 * accounts begin within the region's days, some had been left before. Every
 * draw comes from (seed, professional, day), so that a thief more or a day more
 * changes nobody else's work.
 */
#include "demo/region_state.h"

#include <stdlib.h>

#define LEAVE_WINDOW 70
#define ABSENCE_WINDOW 150
#define CAMPAIGN_WINDOW 60
#define WARD_WINDOW 28

static const uint8_t kinds[TOWN] = {
    KIND_DOCTOR,     KIND_DOCTOR,     KIND_DOCTOR,     KIND_SECRETARY,
    KIND_DOCTOR,     KIND_DOCTOR,     KIND_DOCTOR,     KIND_SECRETARY,
    KIND_DOCTOR,     KIND_DOCTOR,     KIND_DOCTOR,     KIND_SECRETARY,
    KIND_DOCTOR,     KIND_DOCTOR,     KIND_DOCTOR,     KIND_SECRETARY,
    KIND_PART_TIME,  KIND_PART_TIME,  KIND_NURSE,      KIND_NURSE,
    KIND_NURSE,      KIND_NURSE,      KIND_NURSE,      KIND_NURSE,
    KIND_PHARMACIST, KIND_PHARMACIST, KIND_PHARMACIST, KIND_PHARMACIST,
    KIND_PHARMACIST, KIND_PHARMACIST, KIND_HOSPITAL,   KIND_HOSPITAL,
    KIND_HOSPITAL,   KIND_HOSPITAL,   KIND_HOSPITAL,   KIND_EMERGENCY,
    KIND_ON_CALL,    KIND_ON_CALL,    KIND_SUBSTITUTE, KIND_SUBSTITUTE};

static void
kind_and_site(struct holder *holder, uint32_t professional)
{
    uint32_t town = professional / TOWN, at = professional % TOWN;
    uint32_t site = at;

    holder->kind = kinds[at];
    if (at == 23 && town % 5 == 0)
        holder->kind = KIND_REGULATOR;
    if (at == 23 && town % 5 == 2)
        holder->kind = KIND_POLLER;
    if (at == 34 && town % 2 == 1)
        holder->kind = KIND_IMAGING;
    if (at == 37 && town % 4 == 1)
        holder->kind = KIND_RECORDS;
    if (at < 16)
        site = at / 4;
    else if (at < 18)
        site = at - 16; /* in the first two practices */
    else if (at >= 24 && at < 30)
        site = 24 + (at - 24) / 2;
    else if (at >= 30 && at < 38)
        site = 30; /* the ward; those on call work from there */
    holder->site = town * TOWN + site;
    holder->reception = at == 12 || at == 13 || at == 15;
}

static void
panel_of(struct holder *h, struct chance *chance)
{
    static const uint16_t sizes[KIND_COUNT] = {
        [KIND_DOCTOR] = 1400,     [KIND_NURSE] = 120,
        [KIND_PHARMACIST] = 3500, [KIND_HOSPITAL] = 600,
        [KIND_SECRETARY] = 3200,  [KIND_ON_CALL] = 900,
        [KIND_SUBSTITUTE] = 1400, [KIND_PART_TIME] = 900,
        [KIND_EMERGENCY] = 600,   [KIND_REGULATOR] = 5000,
        [KIND_RECORDS] = 2500,    [KIND_IMAGING] = 3000,
        [KIND_POLLER] = 240};

    h->panel = h->site;
    h->panel_size = sizes[h->kind];
    h->shift = chance_below(chance, h->panel_size);
    if (h->kind == KIND_NURSE || h->kind == KIND_POLLER)
        h->panel = UINT32_MAX - h->site;
}

uint8_t
region_lag_days(struct chance *chance)
{
    return chance_of(chance, 4, 5) ? 0 : (uint8_t)chance_between(chance, 1, 9);
}

static void
ways_of(struct holder *h, struct chance *chance, struct chance *site_chance,
        bool at_home)
{
    static const uint8_t software[8] = {0, 0, 0, 1, 1, 3, 3, 0};
    static const uint8_t news[KIND_COUNT] = {
        [KIND_DOCTOR] = 12,     [KIND_NURSE] = 4,      [KIND_PHARMACIST] = 22,
        [KIND_HOSPITAL] = 5,    [KIND_SECRETARY] = 15, [KIND_ON_CALL] = 55,
        [KIND_SUBSTITUTE] = 12, [KIND_PART_TIME] = 12, [KIND_EMERGENCY] = 88,
        [KIND_REGULATOR] = 70,  [KIND_RECORDS] = 85,   [KIND_IMAGING] = 80,
        [KIND_POLLER] = 0};

    h->software = software[chance_below(site_chance, 8)];
    if (h->kind == KIND_NURSE)
        h->software = SOFTWARE_APP;
    h->habit = (uint8_t)chance_below(chance, 4);
    h->lag_days = region_lag_days(chance);
    h->start_hour = (uint8_t)chance_between(chance, 7, 9);
    h->pace_percent = (uint16_t)chance_between(chance, 60, 150);
    h->new_percent =
        (uint8_t)(news[h->kind] * chance_between(chance, 60, 140) / 100);
    if (h->new_percent > 95)
        h->new_percent = 95;
    if (h->kind == KIND_DOCTOR || h->kind == KIND_PART_TIME)
        h->home_evenings = at_home;
}

static int16_t
some_day(struct chance *chance, uint32_t once_in, unsigned days)
{
    return chance_of(chance, days, once_in)
               ? (int16_t)chance_below(chance, days)
               : NEVER;
}

/* New within these days, or left by its holder (some before the first day)
 * and never closed. */
static void
account_of(struct holder *h, struct chance *chance, unsigned days)
{
    uint32_t drawn = chance_below(chance, 1000);
    int day = (int)chance_below(chance, days + 45);

    h->until = NEVER;
    h->idle_from = h->idle_to = NEVER;
    if (h->kind == KIND_POLLER)
        return;
    if (drawn < 40)
        h->from = (int16_t)(day % (int)days);
    else if (drawn < 65)
        h->until = (int16_t)(day - 45);
}

void
region_holder_make(struct region *region, uint32_t professional)
{
    struct holder *h = &region->holders[professional];
    struct chance chance, site_chance;
    unsigned days = region->options.days;

    kind_and_site(h, professional);
    chance_start(&chance, region->options.seed, professional, 0x01);
    chance_start(&site_chance, region->options.seed, h->site, 0x02);
    ways_of(h, &chance, &site_chance, professional % 3 == 0);
    panel_of(h, &chance);
    h->machine_day = some_day(&chance, 400, days);
    h->provider_day = some_day(&site_chance, 700, days);
    account_of(h, &chance, days);
}

/* The span of a window of days, if it has one. */
static bool
span_of(const struct region *region, uint32_t owner, uint64_t salt,
        unsigned window, const struct span_rule *rule, struct span *ret_span)
{
    struct chance chance;

    chance_start(&chance, region->options.seed ^ salt, owner, window);
    if (!chance_of(&chance, rule->part, rule->whole))
        return false;
    unsigned length = chance_between(&chance, rule->least, rule->most);
    ret_span->from = (int)(window * rule->window +
                           chance_below(&chance, rule->window - length + 1));
    ret_span->to = ret_span->from + (int)length - 1;
    return true;
}

static bool
in_span(const struct region *region, uint32_t owner, uint64_t salt,
        unsigned day, const struct span_rule *rule, struct span *ret_span)
{
    struct span span;

    if (!span_of(region, owner, salt, day / rule->window, rule, &span) ||
        (int)day < span.from || (int)day > span.to)
        return false;
    *ret_span = span;
    return true;
}

/* Holidays; and illness, a child, a year elsewhere. */
bool
region_on_leave(const struct region *region, uint32_t professional,
                unsigned day, struct span *ret_span)
{
    static const struct span_rule leave = {LEAVE_WINDOW, 3, 4, 2, 20};
    static const struct span_rule absence = {ABSENCE_WINDOW, 1, 12, 25, 90};

    return region->holders[professional].kind != KIND_POLLER &&
           (in_span(region, professional, 0x6c65617665u, day, &leave,
                    ret_span) ||
            in_span(region, professional, 0x616273656e6365u, day, &absence,
                    ret_span));
}

static const struct span_rule campaign_rule = {CAMPAIGN_WINDOW, 1, 6, 1, 4};
#define CAMPAIGN_SALT 0x63616d70u

/* The two of a pharmacy have one campaign together. */
static bool
may_campaign(const struct region *region, uint32_t professional,
             uint32_t *ret_owner)
{
    const struct holder *h = &region->holders[professional];

    *ret_owner = h->kind == KIND_PHARMACIST ? h->site : professional;
    return h->kind == KIND_DOCTOR || h->kind == KIND_NURSE ||
           h->kind == KIND_PHARMACIST;
}

bool
region_in_campaign(const struct region *region, uint32_t professional,
                   unsigned day, struct span *ret_span)
{
    uint32_t owner;

    return may_campaign(region, professional, &owner) &&
           in_span(region, owner, CAMPAIGN_SALT, day, &campaign_rule, ret_span);
}

uint32_t
region_ward(const struct region *region, uint32_t professional, unsigned day)
{
    static const struct span_rule rule = {WARD_WINDOW, 1, 6, 5, 8};
    const struct holder *h = &region->holders[professional];
    struct span span;
    uint32_t town;

    if (h->kind != KIND_HOSPITAL || region->towns < 2 ||
        !in_span(region, professional, 0x77617264u, day, &rule, &span))
        return h->site;
    town = (uint32_t)(chance_mix((uint64_t)professional << 32 |
                                     (uint32_t)span.from,
                                 region->options.seed) %
                      region->towns);
    return town * TOWN + 30;
}

uint32_t
region_covered(const struct region *region, uint32_t professional, unsigned day)
{
    uint32_t at = professional % TOWN, colleague = professional;
    struct span span;

    if (at < 16 && at % 4 != 3)
        colleague = professional / 4 * 4 + (at % 4 + 1) % 3;
    else if (at >= 18 && at < 23)
        colleague = at == 22 ? professional - 4 : professional + 1;
    if (colleague >= region->options.professionals ||
        !region_on_leave(region, colleague, day, &span))
        return professional;
    return colleague;
}

uint32_t
region_replaced(const struct region *region, uint32_t professional,
                unsigned day)
{
    uint32_t practice =
        (uint32_t)(chance_mix(professional ^ region->options.seed << 32,
                              day / 7) %
                   (region->towns * 4));

    return practice / 4 * TOWN + practice % 4;
}

static enum result
add_campaign(struct region *region, uint32_t professional,
             const struct span *span)
{
    uint64_t room = region->campaign_room;
    void *items = region->campaigns;
    uint64_t drawn =
        chance_mix(region->options.seed ^ 0x616e6eu,
                   (uint64_t)professional << 16 ^ (unsigned)span->from);
    bool grown = region_room(&items, region->campaign_count, &room,
                             sizeof(*region->campaigns));

    region->campaigns = items;
    region->campaign_room = (size_t)room;
    if (!grown)
        return E_NOMEM;
    region->campaigns[region->campaign_count++] = (struct region_campaign){
        .from_us = region_local_us(region, (unsigned)span->from, 0, 0),
        .to_us = region_local_us(region, (unsigned)span->to + 1, 0, 0),
        .professional = professional,
        .announced = drawn % 3 != 0,
        .reason = drawn >> 32 & 1 ? "recall" : "vaccination"};
    return OK;
}

enum result
region_plan_campaigns(struct region *region)
{
    unsigned windows =
        (region->options.days + CAMPAIGN_WINDOW - 1) / CAMPAIGN_WINDOW;
    struct span span;
    uint32_t owner;
    enum result r = OK;

    for (uint32_t p = 0; p < region->options.professionals && r == OK; p++)
        for (unsigned w = 0; w < windows && r == OK; w++)
            if (may_campaign(region, p, &owner) &&
                span_of(region, owner, CAMPAIGN_SALT, w, &campaign_rule,
                        &span) &&
                span.from < (int)region->options.days)
                r = add_campaign(region, p, &span);
    return r;
}
