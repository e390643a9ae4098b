/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From where one works: the machine, the line, what the software shows of
 * them. Honest life moves: a round by telephone, a ward's five machines, a
 * counter's two, a reception that three share, a laptop carried from practice
 * to practice, a new machine, a new line, an exit moved for a whole hospital.
 */
#include "demo/region_state.h"

#define UPDATE_DAYS 28 /* between two versions */

static uint64_t
machine(const struct region *region, uint32_t owner, uint32_t which)
{
    return chance_mix(region->options.seed ^ 0x6465766963u,
                      (uint64_t)owner << 32 | which) |
           1;
}

/* Addresses that belong to nobody: 10.0.0.0/8 and 100.64.0.0/10. */
uint32_t
region_line(const struct region *region, uint64_t number)
{
    uint64_t drawn =
        chance_mix(region->options.seed << 20 ^ number, 0x61646472);
    uint32_t n = (uint32_t)(drawn >> 32), last = 1 + n % 254;

    if (n & 0x80000000u)
        return 0x64400000u | (n >> 8 & 0x3fff) << 8 | last;
    return 0x0a000000u | (n >> 8 & 0xffff) << 8 | last;
}

/* Telephones leave through a few addresses that many share. */
uint32_t
region_mobile(const struct region *region, struct chance *chance)
{
    uint32_t pool = 40 + region->options.professionals / 8;

    return region_line(region, 0x70000000u + chance_below(chance, pool));
}

/* Most lines keep their address; one of five has another one each day in its
 * network, one of twenty moves between networks within the week. */
static uint32_t
leased(const struct region *region, uint64_t number, unsigned day)
{
    uint64_t drawn = chance_mix(region->options.seed ^ 0x6c65617365u, number);
    uint32_t line = region_line(region, number);

    if (drawn % 20 == 0)
        return region_line(
            region, number ^ (uint64_t)(1 + day / (2 + drawn / 20 % 5)) << 32);
    if (drawn % 5 == 1)
        return (line & 0xffffff00u) |
               (1 + (uint32_t)(chance_mix(drawn, day) % 254));
    return line;
}

/* The first account of a practice or pharmacy. */
static uint32_t
first_of(uint32_t site)
{
    uint32_t at = site % TOWN;

    if (at < 4)
        return site - at + at * 4;
    return at >= 24 && at < 27 ? site - at + 24 + (at - 24) * 2 : site;
}

/* The site's line. Two towns have one hospital; its exit moves on one day
 * for everybody. Others change their provider one by one. */
uint32_t
region_site_line(const struct region *region, uint32_t site, bool ward,
                 unsigned day)
{
    uint32_t first = first_of(site);

    if (!ward) {
        bool moved = first < region->options.professionals &&
                     (int)day >= region->holders[first].provider_day;
        return leased(region, moved ? site ^ 0x400000u : site, day);
    }
    return region_line(region,
                       (site / (2 * TOWN) + 0x900000u) ^
                           ((int)day >= region->exit_day ? 0x1000000u : 0));
}

uint8_t
region_version(const struct region *region, unsigned software,
               unsigned lag_days)
{
    int from = software == SOFTWARE_APP ? region->app_day : region->update_day;
    int day = (int)region->day - (int)lag_days + UPDATE_DAYS;
    int updates = day < from ? 0 : (day - from) / UPDATE_DAYS;

    return (uint8_t)((software == SOFTWARE_APP ? 12 : 147) + updates % 90);
}

static void
ward_place(const struct region *region, uint32_t professional,
           struct chance *chance, struct visit_place *place)
{
    uint32_t ward = region_ward(region, professional, region->day);

    place->address = region_site_line(region, ward, true, region->day);
    place->device =
        machine(region, ward | 0x40000000u, chance_below(chance, 5));
    place->software = SOFTWARE_STATION;
}

/* Half of the substitutes carry a laptop, half sit at the absent doctor's
 * machine. */
static void
substitute_place(const struct region *region, uint32_t professional,
                 struct visit_place *place)
{
    uint32_t practice = region_replaced(region, professional, region->day);
    uint32_t doctor = practice / TOWN * TOWN + practice % TOWN * 4;
    const struct holder *absent;

    place->address = region_site_line(region, practice, false, region->day);
    if (professional % 2 == 0 || doctor >= region->options.professionals)
        return;
    absent = &region->holders[doctor];
    place->software = absent->software;
    place->device =
        machine(region, doctor, (int)region->day >= absent->machine_day);
}

static void
work_place(const struct region *region, uint32_t professional,
           struct chance *chance, struct visit_place *place)
{
    const struct holder *h = &region->holders[professional];

    place->device =
        machine(region, professional, (int)region->day >= h->machine_day);
    place->address = region_site_line(region, h->site, false, region->day);
    switch (h->kind) {
    case KIND_HOSPITAL:
    case KIND_ON_CALL:
    case KIND_EMERGENCY:
    case KIND_IMAGING:
        ward_place(region, professional, chance, place);
        break;
    case KIND_PHARMACIST: /* the counter's two machines */
        place->device =
            machine(region, h->site | 0x20000000u, chance_below(chance, 2));
        break;
    case KIND_NURSE: /* where the round leads */
        place->address =
            chance_of(chance, 2, 3)
                ? region_mobile(region, chance)
                : leased(region, professional ^ 0x500000u, region->day);
        break;
    case KIND_RECORDS: /* an office of the hospital */
        place->address = region_site_line(region, h->site, true, region->day);
        break;
    case KIND_REGULATOR: /* one account for whoever sits in the room */
        place->device =
            machine(region, h->site | 0x8000000u, chance_below(chance, 4));
        break;
    case KIND_SUBSTITUTE:
        substitute_place(region, professional, place);
        break;
    default:
        /* The reception's machine; now and then any machine of the site. */
        if (h->reception || chance_of(chance, 1, 60))
            place->device = machine(region, h->site | 0x10000000u, 0);
        break;
    }
}

void
region_place(const struct region *region, uint32_t professional,
             enum whereabouts where, struct chance *chance,
             struct visit_place *ret_place)
{
    const struct holder *h = &region->holders[professional];

    *ret_place =
        (struct visit_place){.software = h->software, .lag_days = h->lag_days};
    if (where == AT_WORK) {
        work_place(region, professional, chance, ret_place);
        return;
    }
    ret_place->device = machine(region, professional, 77);
    ret_place->address = leased(region, professional ^ 0x600000u, region->day);
    if (where == ON_THE_MOVE) {
        ret_place->device = machine(region, professional, 78);
        ret_place->address = region_mobile(region, chance);
    }
}
