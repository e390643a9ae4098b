/* SPDX-License-Identifier: EUPL-1.2 */
/* Thieves in a hurry: scripts, pages, rings, a session taken over. */
#include "demo/region_state.h"

#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

static void
start_at(struct raid *raid, unsigned least_hour, unsigned hours)
{
    struct visit *v = &raid->visit;
    unsigned hour = least_hour + (raid->plan->hour + raid->nth) % hours;

    v->now_us = region_local_us(v->region, v->region->day, hour,
                                chance_below(&v->chance, 3600));
}

void
raid_night(struct raid *raid)
{
    struct visit *v = &raid->visit;
    uint32_t count = chance_between(&v->chance, 120, 400);
    uint32_t step_ms = chance_between(&v->chance, 3000, 9000);

    start_at(raid, 22, 7); /* until five in the morning */
    if (raid_open(raid, &raid->plan->place, chance_next(&v->chance) | 1, true))
        raid_run(raid, count, step_ms, INT64_MAX, 2);
}

void
raid_fast(struct raid *raid)
{
    struct visit *v = &raid->visit;
    int64_t lasts_us = MINUTE_US * chance_between(&v->chance, 55, 130);
    uint32_t step_ms = chance_between(&v->chance, 10000, 25000);

    start_at(raid, 8, 10);
    if (raid_open(raid, &raid->plan->place, chance_next(&v->chance) | 1, true))
        raid_run(raid, UINT32_MAX, step_ms, v->now_us + lasts_us, 1);
}

/* What is paged through: everybody of a name, or a list. */
static struct asked
pages_of(struct raid *raid)
{
    struct visit *v = &raid->visit;

    if (raid->plan->order == ORDER_NAMES || chance_of(&v->chance, 1, 3))
        return asked_begins(chance_below(&v->chance, PREFIXES));
    return asked_list(chance_of(&v->chance, 1, 2) ? REGION_PATIENT
                                                  : REGION_APPOINTMENT,
                      chance_next(&v->chance));
}

/* What comes behind it: the next letters, the next day of birth, or anything.
 */
static struct asked
next_pages(struct raid *raid)
{
    struct asked asked;

    if (raid->plan->order != ORDER_NAMES && raid->plan->order != ORDER_DATES)
        return pages_of(raid);
    asked = raid_next_search(raid, 0);
    return raid->plan->order == ORDER_DATES
               ? asked
               : asked_begins((unsigned)(raid->cursor % PREFIXES));
}

static void
turn_pages(struct raid *raid, uint32_t pages, uint8_t size, uint32_t least_s,
           uint32_t most_s)
{
    struct visit *v = &raid->visit;
    struct asked asked = pages_of(raid);
    bool open_some = chance_of(&v->chance, 1, 3);
    /* Another search from time to time, or one to its end. */
    uint32_t change = chance_of(&v->chance, 1, 2)
                          ? chance_between(&v->chance, 1, 6)
                          : UINT32_MAX;

    for (uint32_t i = 0, at = 0; i < pages; i++, at++) {
        if (at >= change) {
            asked = next_pages(raid);
            at = 0;
        }
        struct asked page = asked_page(&asked, at * size, size);
        visit_page(v, &page, size);
        if (open_some && chance_of(&v->chance, 1, 3)) {
            uint32_t person =
                region_hit(v->region, &page, chance_below(&v->chance, size));
            visit_wait(v, 4);
            visit_show(v, ACTION_READ, REGION_PATIENT, person);
        }
        v->now_us += 1000 * (int64_t)chance_between(&v->chance, least_s * 1000,
                                                    most_s * 1000);
    }
}

void
raid_paged(struct raid *raid)
{
    struct visit *v = &raid->visit;
    uint8_t size = chance_of(&v->chance, 2, 3) ? 20 : 50;
    uint32_t pages = chance_between(&v->chance, 8, 20);
    uint32_t least_s = chance_between(&v->chance, 4, 25);

    start_at(raid, 8, 13);
    if (raid_open(raid, &raid->plan->place, chance_next(&v->chance) | 1, true))
        turn_pages(raid, pages, size, least_s, least_s * 2);
}

void
raid_slow_pages(struct raid *raid)
{
    struct visit *v = &raid->visit;
    uint8_t size = (uint8_t)(5 * chance_between(&v->chance, 2, 4));
    uint32_t pages = chance_between(&v->chance, 12, 28);

    start_at(raid, 8, 8);
    if (raid_open(raid, &raid->plan->place, chance_next(&v->chance) | 1, true))
        turn_pages(raid, pages, size, 600, 1200);
}

/* One machine, one line or neighbouring addresses, the accounts in turn or
 * side by side. */
void
raid_ring(struct raid *raid)
{
    struct visit *v = &raid->visit;
    struct visit_place place = raid->plan->place;
    uint32_t an_hour = chance_between(&v->chance, 15, 40);
    int64_t lasts_us = MINUTE_US * chance_between(&v->chance, 120, 360);

    if (raid->plan->one_network)
        place.address = (place.address & 0xffffff00u) |
                        (1 + (place.address + 7 * raid->account) % 254);
    start_at(raid, 8, 10);
    v->now_us += raid->account * chance_below(&v->chance, 90) * MINUTE_US;
    if (raid_open(raid, &place, chance_next(&v->chance) | 1, true))
        raid_run(raid, UINT32_MAX, 3600000 / an_hour, v->now_us + lasts_us, 0);
}

/* The victim's first session of today that lasts an hour, and when. */
static bool
live_session(const struct raid *raid, uint32_t *ret_session,
             int64_t *ret_first_us, int64_t *ret_last_us)
{
    const struct region *region = raid->visit.region;

    for (uint32_t s = region->today; s < region->session_count; s++) {
        int64_t first = INT64_MAX, last = INT64_MIN;
        if (region->sessions[s].professional != raid->victim ||
            region->sessions[s].token == 0 || region->sessions[s].twin != s ||
            region->sessions[s].thief != THIEF_NONE)
            continue;
        for (size_t i = region->morning; i < region->event_count; i++)
            if (region->sessions[region->events[i].session].twin == s) {
                int64_t at = region->events[i].time_us;
                first = at < first ? at : first;
                last = at > last ? at : last;
            }
        if (first == INT64_MAX || last - first < HOUR_US)
            continue;
        *ret_session = s;
        *ret_first_us = first;
        *ret_last_us = last;
        return true;
    }
    return false;
}

/* The holder goes on working meanwhile. */
void
raid_hijack(struct raid *raid)
{
    struct visit *v = &raid->visit;
    uint32_t held, step_ms = 1000 * chance_between(&v->chance, 20, 120);
    int64_t first_us, last_us;

    if (!live_session(raid, &held, &first_us, &last_us))
        return;
    v->now_us =
        first_us + 600 * SECOND_US +
        SECOND_US *
            (int64_t)chance_below(
                &v->chance, (uint32_t)((last_us - first_us) / (2 * SECOND_US)));
    if (!raid_open(raid, &raid->plan->place, v->region->sessions[held].token,
                   true))
        return;
    raid->plan->done = true;
    v->region->sessions[v->session].twin = held;
    raid_run(raid, chance_between(&v->chance, 40, 120), step_ms,
             last_us + HOUR_US, 1);
}
