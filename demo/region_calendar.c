/* SPDX-License-Identifier: EUPL-1.2 */
/* Which days and hours a holder works. */
#include "base/time.h"
#include "demo/region_state.h"

static int
weekday(const struct region *region, unsigned day)
{
    return (int)(((int64_t)region->options.start_day + day + 3) %
                 7); /* 0: Monday */
}

/* Easter Sunday as a day of the year's March, 22 … 56 (Gregorian computus). */
static int
easter(int year)
{
    int century = year / 100, golden = year % 19;
    int moon = (19 * golden + century - century / 4 -
                (century - (century + 8) / 25 + 1) / 3 + 15) %
               30;
    int sunday = (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - moon -
                  year % 100 % 4) %
                 7;

    return 22 + moon + sunday - 7 * ((golden + 11 * moon + 22 * sunday) / 451);
}

/* The eleven holidays of France. */
static bool
is_holiday(const struct region *region, unsigned day)
{
    static const struct {
        int month, day;
    } dates[] = {{1, 1},  {5, 1},  {5, 8},   {7, 14},
                 {8, 15}, {11, 1}, {11, 11}, {12, 25}};
    static const int after_easter[] = {1, 39, 50};
    int64_t at = (int64_t)region->options.start_day + day;
    struct civil civil;
    int since_easter;

    time_to_civil_utc(at * DAY_US, &civil);
    for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
        if (dates[i].month == civil.month && dates[i].day == civil.day)
            return true;
    since_easter =
        (int)(at - time_days(civil.year, 3, 1)) + 1 - easter(civil.year);
    for (size_t i = 0; i < 3; i++)
        if (since_easter == after_easter[i])
            return true;
    return false;
}

static bool
has_account(const struct holder *h, unsigned day)
{
    int d = (int)day;

    return d >= h->from && d < h->until &&
           !(d >= h->idle_from && d < h->idle_to);
}

bool
region_works(const struct region *region, uint32_t professional, unsigned day)
{
    const struct holder *h = &region->holders[professional];
    struct chance chance;
    struct span span;
    int week = weekday(region, day);
    bool off = week == 6 || is_holiday(region, day);

    if (!has_account(h, day) ||
        region_on_leave(region, professional, day, &span))
        return false;
    chance_start(&chance, region->options.seed ^ 0x776f726b73u, professional,
                 day);
    switch (h->kind) {
    case KIND_NURSE:
        return !chance_of(&chance, week >= 5 ? 5 : 1, 8);
    case KIND_IMAGING:
    case KIND_PHARMACIST:
        return !off && !chance_of(&chance, 1, 8);
    case KIND_HOSPITAL:
        return !chance_of(&chance, week >= 5 || off ? 4 : 1, 6);
    case KIND_EMERGENCY:
        return chance_of(&chance, 1, 2);
    case KIND_ON_CALL:
        return chance_of(&chance, week >= 5 || off ? 2 : 1, 4);
    case KIND_SUBSTITUTE:
        return !off && week < 5 && !chance_of(&chance, 1, 4);
    case KIND_PART_TIME:
        return !off && (week == (int)(h->site % 3) || week == 3);
    case KIND_REGULATOR:
        return !chance_of(&chance, 2, 7);
    case KIND_POLLER:
        return true;
    default:
        return !off && week < 5 && !chance_of(&chance, 1, 15);
    }
}

bool
region_looks_in(const struct region *region, uint32_t professional,
                unsigned day)
{
    const struct holder *h = &region->holders[professional];
    struct chance chance;
    struct span span;

    if (!has_account(h, day) ||
        !region_on_leave(region, professional, day, &span))
        return false;
    chance_start(&chance, region->options.seed ^ 0x6c6f6f6b73u, professional,
                 day);
    return chance_of(&chance, 1, 25);
}

void
region_hours(const struct region *region, uint32_t professional, unsigned day,
             unsigned *ret_start, unsigned *ret_hours)
{
    static const uint8_t hours[KIND_COUNT] = {
        [KIND_DOCTOR] = 9,     [KIND_NURSE] = 8,     [KIND_PHARMACIST] = 9,
        [KIND_HOSPITAL] = 8,   [KIND_SECRETARY] = 8, [KIND_ON_CALL] = 10,
        [KIND_SUBSTITUTE] = 8, [KIND_PART_TIME] = 8, [KIND_EMERGENCY] = 10,
        [KIND_REGULATOR] = 11, [KIND_RECORDS] = 8,   [KIND_IMAGING] = 9,
        [KIND_POLLER] = 12};
    const struct holder *h = &region->holders[professional];
    unsigned start = h->start_hour;

    if (h->kind == KIND_ON_CALL)
        start = 20;
    if (h->kind == KIND_EMERGENCY)
        start = chance_mix((uint64_t)professional << 32 | day,
                           region->options.seed) %
                            3 ==
                        0
                    ? 20
                    : 8;
    *ret_start = start;
    *ret_hours = hours[h->kind];
}
