/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who may be looked at. Towns are ranges of persons' numbers, inside; what
 * the trail shows of a person is a mix of the number and tells nothing. One
 * of 500 is a lure: a file like any other, of nobody whom anybody treats.
 */
#include "demo/region_state.h"

#define TOWN_PART 218 /* of 256 persons of a panel live in its town */

#define LURE_OF 500

bool
region_is_lure(const struct region *region, uint32_t person)
{
    return chance_mix(region->options.seed ^ 0x6c757265u, person) % LURE_OF ==
           0;
}

uint32_t
region_treated(const struct region *region, uint32_t person)
{
    while (region_is_lure(region, person))
        person = person + 1 < region->population ? person + 1 : 0;
    return person;
}

uint32_t
region_anybody(const struct region *region, struct chance *chance)
{
    return chance_below(chance, region->population);
}

static uint32_t
town_persons(const struct region *region)
{
    return region->population / (region->towns + 1);
}

uint32_t
region_neighbour(const struct region *region, uint32_t town,
                 struct chance *chance)
{
    uint32_t persons = town_persons(region);

    return town % region->towns * persons + chance_below(chance, persons);
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
    uint32_t site = holder->panel > UINT32_MAX / 2 ? UINT32_MAX - holder->panel
                                                   : holder->panel;
    uint32_t persons = town_persons(region);

    if ((drawn & 255) >= TOWN_PART)
        return region_treated(
            region, (uint32_t)((drawn >> 32) * region->population >> 32));
    return region_treated(region,
                          site / TOWN % region->towns * persons +
                              (uint32_t)((drawn >> 32) * persons >> 32));
}

uint32_t
region_stranger(const struct region *region, const struct holder *holder,
                struct chance *chance)
{
    if (chance_of(chance, 3, 4))
        return region_neighbour(region, holder->site / TOWN, chance);
    return region_anybody(region, chance);
}

/* A bed's occupant changes every three to nine days, and every bed on
 * another day. Whoever works on the ward sees the same persons. */
uint32_t
region_bed(const struct region *region, uint32_t ward, unsigned bed)
{
    uint64_t which =
        chance_mix(region->options.seed ^ 0x626564u, (uint64_t)ward << 8 | bed);
    unsigned stay = 3 + (unsigned)(which % 7);
    unsigned turn = (region->day + (unsigned)(which >> 32 & 0xff)) / stay;
    uint64_t drawn = chance_mix(which, turn);

    if (drawn & 1)
        return region_treated(
            region, (uint32_t)((drawn >> 32) * region->population >> 32));
    return region_treated(
        region, ward / TOWN % region->towns * town_persons(region) +
                    (uint32_t)((drawn >> 32) * town_persons(region) >> 32));
}
