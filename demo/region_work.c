/* SPDX-License-Identifier: EUPL-1.2 */
/* A holder's day: when, from where, whom, and what is opened of them. */
#include "demo/region_state.h"

#include <string.h>

struct work {
    struct region *region;
    struct holder *holder;
    uint32_t professional;
    struct chance chance;
    uint32_t session;
    int64_t now_us;
};

static int
weekday(const struct region *region, unsigned day)
{
    return (region->options.start_day + (int)day + 3) % 7; /* 0: Monday */
}

/* Holidays of fixed date, French: month × 100 + day. */
static bool
is_holiday(const struct region *region, unsigned day)
{
    static const int dates[] = {101, 501, 508, 714, 815, 1101, 1111, 1225};
    int64_t days = region->options.start_day + (int64_t)day + 719468;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t part = (5 * of_year + 2) / 153;
    int month = (int)(part < 10 ? part + 3 : part - 9);
    int date = month * 100 + (int)(of_year - (153 * part + 2) / 5 + 1);
    (void)era;
    for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
        if (dates[i] == date)
            return true;
    return false;
}

static bool
works(struct work *w)
{
    const struct holder *h = w->holder;
    unsigned day = w->region->day;
    int week = weekday(w->region, day);
    bool off = week == 6 || is_holiday(w->region, day);
    if (h->leave_from >= 0 && (int)day >= h->leave_from &&
        (int)day <= h->leave_to)
        return false;
    switch (h->kind) {
    case KIND_NURSE:
        return !chance_of(&w->chance, week >= 5 ? 5 : 1, 8);
    case KIND_PHARMACIST:
        return !off && !chance_of(&w->chance, 1, 8);
    case KIND_HOSPITAL:
        return !chance_of(&w->chance, week >= 5 || off ? 4 : 1, 6);
    case KIND_ON_CALL:
        return chance_of(&w->chance, week >= 5 || off ? 2 : 1, 4);
    case KIND_SUBSTITUTE:
        return !off && week < 5 && !chance_of(&w->chance, 1, 4);
    case KIND_PART_TIME:
        return !off && (week == (int)(h->site % 3) || week == 3);
    default:
        return !off && week < 5 && !chance_of(&w->chance, 1, 15);
    }
}

static uint64_t
machine(const struct region *region, uint32_t owner, uint32_t which)
{
    return chance_mix(region->options.seed ^ 0x6465766963u,
                      (uint64_t)owner << 32 | which) |
           1;
}

/* The site's line. Hospitals (one of two wards) change their exit together
 * on one day. */
static uint32_t
site_address(const struct work *w, uint32_t site, bool hospital)
{
    uint64_t key = w->region->options.seed << 20 ^ site;
    if (hospital)
        key = w->region->options.seed << 20 ^ (site / 80 + 0x900000) ^
              ((int)w->region->day >= w->region->exit_day ? 0x1000000u : 0);
    return region_private_address(key);
}

static void
place_of(struct work *w, struct visit_place *place, bool home)
{
    const struct holder *h = w->holder;
    const struct region *r = w->region;
    int day = (int)r->day;
    bool ward = h->kind == KIND_HOSPITAL || h->kind == KIND_ON_CALL;
    uint32_t site = h->site;
    place->software = h->software;
    place->device = machine(r, w->professional,
                            h->machine_day >= 0 && day >= h->machine_day);
    place->address = site_address(w, site, ward);
    if (h->provider_day >= 0 && day >= h->provider_day && !ward)
        place->address = site_address(w, site ^ 0x400000u, false);
    if (ward) /* any machine of the ward */
        place->device =
            machine(r, site | 0x40000000u, chance_below(&w->chance, 5));
    if (h->kind == KIND_PHARMACIST) /* the counter's two machines */
        place->device =
            machine(r, site | 0x20000000u, chance_below(&w->chance, 2));
    if (h->kind == KIND_NURSE) /* where the round leads */
        place->address = region_private_address(
            chance_of(&w->chance, 1, 3)
                ? r->options.seed << 20 ^ w->professional ^ 0x500000
                : 0x700000 + chance_below(&w->chance, 60));
    if (h->kind == KIND_SUBSTITUTE) {
        place->address = site_address(w, h->panel, false);
        if (w->professional % 2) /* on the absent doctor's machine */
            place->device =
                machine(r, h->panel / 40 * 40 + h->panel % 40 * 4, 0);
    }
    if (home) {
        place->address = region_private_address(r->options.seed << 20 ^
                                                w->professional ^ 0x600000);
        place->device = machine(r, w->professional, 77);
    }
}

static void
arrive(struct work *w, bool home)
{
    struct visit_place place;
    place_of(w, &place, home);
    w->session = region_open(w->region, w->professional, &place,
                             chance_next(&w->chance), THIEF_NONE);
}

static uint64_t
put(struct work *w, enum region_action action, enum region_resource resource,
    uint32_t person, uint64_t request)
{
    struct region_event event = {
        .time_us = w->now_us,
        .request = request != 0 ? request : chance_next(&w->chance) | 1,
        .query = chance_next(&w->chance),
        .session = w->session,
        .person = person,
        .action = (uint8_t)action,
        .resource = (uint8_t)resource,
        .refused = request == 0 && chance_of(&w->chance, 1, 400)};
    region_put(w->region, &event);
    return event.request;
}

static void
wait_for(struct work *w, uint32_t mean_s)
{
    w->now_us +=
        (int64_t)chance_wait(&w->chance, mean_s * 1000) * 1000 + 300 * 1000;
}

/* Whom: one who returns, of the holder's own panel, or somebody new. */
static uint32_t
whom(struct work *w, uint32_t new_percent)
{
    if (chance_of(&w->chance, new_percent, 100))
        return region_anybody(w->region, &w->chance);
    return region_panel(w->region, w->holder, &w->chance);
}

/* A search shows some persons at once; the sought one among them. */
static void
search(struct work *w, enum region_resource resource, uint32_t person,
       uint32_t others)
{
    uint64_t request = put(w, ACTION_SEARCH, resource, person, 0);
    while (others-- > 0)
        put(w, ACTION_SEARCH, resource, region_anybody(w->region, &w->chance),
            request);
}

static void
consult(struct work *w, uint32_t person, unsigned depth, unsigned writes)
{
    static const uint8_t care[] = {REGION_OBSERVATION, REGION_DOCUMENT,
                                   REGION_MEDICATION,  REGION_CONDITION,
                                   REGION_OBSERVATION, REGION_APPOINTMENT};
    if (chance_of(&w->chance, 1, 3)) {
        search(w, REGION_PATIENT, person,
               chance_of(&w->chance, 1, 4) ? chance_between(&w->chance, 1, 3)
                                           : 0);
        wait_for(w, 5);
    }
    put(w, ACTION_READ, REGION_PATIENT, person, 0);
    unsigned reads = chance_below(&w->chance, depth + 1);
    for (unsigned i = 0; i < reads; i++) {
        wait_for(w, 12);
        put(w, ACTION_READ, care[chance_below(&w->chance, 6)], person, 0);
    }
    if (chance_of(&w->chance, writes, 100)) {
        wait_for(w, 60);
        put(w, chance_of(&w->chance, 1, 4) ? ACTION_UPDATE : ACTION_CREATE,
            care[chance_below(&w->chance, 4)], person, 0);
    }
}

/* What a kind's day looks like. */
static const struct {
    uint16_t persons;
    uint8_t hours, new_percent, depth, writes;
} days[KIND_COUNT] = {
    [KIND_DOCTOR] = {20, 9, 12, 3, 45},
    [KIND_NURSE] = {18, 8, 4, 2, 60},
    [KIND_PHARMACIST] = {30, 9, 22, 1, 35},
    [KIND_HOSPITAL] = {12, 8, 5, 4, 40},
    [KIND_SECRETARY] = {16, 8, 15, 0, 10},
    [KIND_ON_CALL] = {10, 10, 55, 3, 50},
    [KIND_SUBSTITUTE] = {18, 8, 12, 3, 45},
    [KIND_PART_TIME] = {18, 8, 12, 3, 45},
};

static int64_t
local_us(const struct work *w, unsigned hour, unsigned minute)
{
    int64_t day = (int64_t)w->region->options.start_day + w->region->day;
    return day * DAY_US +
           ((int64_t)hour * 3600 + minute * 60 - LOCAL_SECONDS) * SECOND_US;
}

/* In-patients come and go, a sixth a day. */
static void
ward_turn(struct work *w)
{
    struct holder *h = w->holder;
    for (unsigned i = 0; i < h->ward_count; i++)
        if (chance_of(&w->chance, 1, 6))
            h->ward[i] = region_anybody(w->region, &w->chance);
}

/* Another practice every week, and its patients. */
static void
substitute_moves(struct work *w)
{
    struct holder *h = w->holder;
    uint32_t blocks = (w->region->options.professionals + 39) / 40;
    uint32_t site =
        (uint32_t)(chance_mix(w->professional ^ w->region->options.seed << 32,
                              w->region->day / 7) %
                   (blocks * 4));
    h->panel = site / 4 * 40 + site % 4;
}

static void
show_list(struct work *w)
{
    struct holder *h = w->holder;
    uint64_t request = 0;
    if (h->kind == KIND_HOSPITAL)
        for (unsigned i = 0; i < h->ward_count; i++)
            request =
                put(w, ACTION_SEARCH, REGION_ENCOUNTER, h->ward[i], request);
    if (h->kind == KIND_SECRETARY) {
        uint32_t count = chance_count(&w->chance, 30);
        for (uint32_t i = 0; i < count; i++)
            request =
                put(w, ACTION_SEARCH, REGION_APPOINTMENT, whom(w, 10), request);
    }
    wait_for(w, 40);
}

static void
half_day(struct work *w, uint32_t persons, int64_t end_us, bool home)
{
    struct holder *h = w->holder;
    arrive(w, home);
    show_list(w);
    uint32_t step_s =
        (uint32_t)((end_us - w->now_us) / SECOND_US / (persons + 1));
    for (uint32_t i = 0; i < persons && w->now_us < end_us; i++) {
        uint32_t person = h->ward_count > 0 && chance_of(&w->chance, 7, 8)
                              ? h->ward[chance_below(&w->chance, h->ward_count)]
                              : whom(w, days[h->kind].new_percent);
        consult(w, person, days[h->kind].depth, days[h->kind].writes);
        wait_for(w, step_s > 60 ? step_s - 45 : 15);
    }
}

void
region_work(struct region *region, uint32_t professional)
{
    struct work w = {.region = region,
                     .holder = &region->holders[professional],
                     .professional = professional};
    struct holder *h = w.holder;
    chance_start(&w.chance, region->options.seed ^ 0x776f726bu, professional,
                 region->day);
    ward_turn(&w);
    if (h->kind == KIND_SUBSTITUTE)
        substitute_moves(&w);
    if (!works(&w))
        return;
    uint32_t persons = chance_count(&w.chance, days[h->kind].persons);
    if (h->campaign_day == (int)region->day)
        persons *= 3;
    unsigned half = days[h->kind].hours / 2u;
    w.now_us = local_us(&w, h->start_hour, chance_below(&w.chance, 30));
    half_day(&w, persons / 2, local_us(&w, h->start_hour + half, 15), false);
    w.now_us =
        local_us(&w, h->start_hour + half + 1u, chance_below(&w.chance, 30));
    half_day(&w, persons - persons / 2,
             local_us(&w, h->start_hour + half * 2 + 2, 0), false);
    /* Some evenings at home: letters to write, results to read. */
    if ((h->kind == KIND_DOCTOR || h->kind == KIND_PART_TIME) &&
        chance_of(&w.chance, professional % 3 == 0, 6)) {
        w.now_us = local_us(&w, 20, chance_below(&w.chance, 90));
        half_day(&w, chance_between(&w.chance, 2, 9), local_us(&w, 23, 0),
                 true);
    }
}
