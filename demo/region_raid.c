/* SPDX-License-Identifier: EUPL-1.2 */
/* What all thieves have in common: a session, and one person after another,
 * looked up in some order or none, care data read or not. */
#include "demo/region_state.h"

bool
raid_open(struct raid *raid, const struct visit_place *place, uint64_t token,
          bool new_theft)
{
    struct visit *v = &raid->visit;
    const struct theft_plan *plan = raid->plan;
    struct region *region = v->region;

    v->now_us += 1000 * (int64_t)chance_below(&v->chance, 1000);
    if (raid->nth == 0 && new_theft && v->theft == 0)
        visit_wrong_passwords(v, raid->victim, place, plan->kind,
                              plan->wrong_passwords);
    v->session = region_open(region, raid->victim, place, token, plan->kind);
    if (region->failed == OK && new_theft)
        v->theft = theft_open(region, v->session, plan);
    return region->failed == OK;
}

uint32_t
raid_stranger(struct raid *raid)
{
    struct visit *v = &raid->visit;

    if (chance_of(&v->chance, raid->plan->near_percent, 100))
        return region_neighbour(v->region, raid->victim / TOWN, &v->chance);
    return region_anybody(v->region, &v->chance);
}

/* Where the raid's order begins, the same on each of its days. */
static void
order_start(struct raid *raid)
{
    struct chance chance;

    chance_start(&chance, raid->plan->token, raid->account, 0x6f72646572u);
    switch (raid->plan->order) {
    case ORDER_NAMES:
        raid->cursor = chance_below(&chance, PREFIXES);
        raid->step = chance_between(&chance, 1, 12);
        break;
    case ORDER_DATES:
        raid->cursor = chance_below(&chance, 30000);
        raid->step =
            chance_of(&chance, 2, 3) ? 1 : chance_between(&chance, 2, 31);
        break;
    default:
        raid->cursor = region_number_of(
            raid->visit.region, region_anybody(raid->visit.region, &chance));
        raid->step =
            chance_of(&chance, 2, 3) ? 1 : chance_between(&chance, 2, 100);
        break;
    }
    raid->cursor += (uint64_t)raid->nth * 40 * raid->step;
}

struct asked
raid_next_search(struct raid *raid, uint32_t person)
{
    struct visit *v = &raid->visit;
    struct region *region = v->region;

    if (raid->step == 0)
        order_start(raid);
    raid->cursor += raid->step;
    switch (raid->plan->order) {
    case ORDER_NAMES:
        return asked_surname(region, (unsigned)(raid->cursor % PREFIXES));
    case ORDER_DATES:
        return asked_date(raid->cursor);
    case ORDER_NUMBERS:
        return asked_number(raid->cursor);
    default:
        break;
    }
    switch (chance_below(&v->chance, 4)) {
    case 0:
        return asked_number(region_number_of(region, person));
    case 1:
        return asked_birth(region, person);
    case 2:
        return asked_list(REGION_PATIENT, chance_next(&v->chance));
    default:
        return asked_name(region, person, chance_between(&v->chance, 3, 8));
    }
}

void
raid_take(struct raid *raid, uint32_t others_most)
{
    struct visit *v = &raid->visit;
    const struct theft_plan *plan = raid->plan;
    uint32_t person = raid_stranger(raid);

    if (chance_of(&v->chance, plan->search_percent, 100)) {
        struct asked asked = raid_next_search(raid, person);
        if (asked.search == QUERY_IDENTIFIER)
            person = region_numbered(v->region, asked.query);
        uint32_t others =
            asked.search == QUERY_NAME || asked.search == QUERY_DATE
                ? chance_below(&v->chance, others_most + 1)
                : 0;
        visit_search(v, &asked, person, others);
        if (chance_of(&v->chance, 1, 4))
            return; /* what the search showed is enough */
        visit_wait(v, 3);
    }
    visit_show(v, ACTION_READ, REGION_PATIENT, person);
    if (chance_of(&v->chance, plan->care_percent, 100))
        visit_care(v, person, chance_between(&v->chance, 1, 3));
}

void
raid_run(struct raid *raid, uint32_t count, uint32_t step_ms, int64_t end_us,
         uint32_t others_most)
{
    struct visit *v = &raid->visit;
    uint32_t wide = step_ms / 100 * raid->plan->jitter_percent;

    for (uint32_t i = 0; i < count && v->now_us < end_us; i++) {
        int64_t start_us = v->now_us;
        raid_take(raid, others_most);
        start_us += 1000 * (int64_t)chance_between(&v->chance, step_ms - wide,
                                                   step_ms + wide);
        /* What was read took its time. */
        v->now_us = start_us > v->now_us ? start_us : v->now_us + 500 * 1000;
    }
}
