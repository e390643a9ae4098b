/* SPDX-License-Identifier: EUPL-1.2 */
/* Thieves whom behaviour hardly gives away: one who works as the holder does,
 * and the holder. */
#include "demo/region_state.h"

/* The holder's hours, pace, software and town; a little more new persons. */
void
raid_mimic(struct raid *raid)
{
    struct visit *v = &raid->visit;
    struct region *region = v->region;
    struct holder holder = region->holders[raid->victim];
    struct visit_place place = raid->plan->place, own;

    if (!region_works(region, raid->victim, region->day))
        return; /* nor does the holder */
    region_place(region, raid->victim, AT_WORK, &v->chance, &own);
    place.address = (own.address & 0xffff0000u) | (place.address & 0xffffu);
    holder.new_percent =
        (uint8_t)(holder.new_percent + 8 + chance_below(&v->chance, 10));
    holder.new_percent = holder.new_percent > 95 ? 95 : holder.new_percent;
    holder.pace_percent = (uint16_t)(holder.pace_percent *
                                     chance_between(&v->chance, 60, 110) / 100);
    v->now_us = region_local_us(region, region->day, holder.start_hour, 0);
    if (raid_open(raid, &place, chance_next(&v->chance) | 1, true))
        region_imitate(v, raid->victim, &holder);
}

/* The holder's own sessions of today, and a few persons more in one. */
void
raid_insider(struct raid *raid)
{
    struct visit *v = &raid->visit;
    struct region *region = v->region;
    size_t count = region->event_count;
    uint32_t persons = chance_between(&v->chance, 3, 7);

    for (size_t i = region->morning; i < count && persons > 0; i++) {
        const struct region_event *event = &region->events[i];
        struct region_session *session = &region->sessions[event->session];
        if (session->professional != raid->victim || session->token == 0 ||
            !chance_of(&v->chance, 1, 8))
            continue;
        if (session->thief == THIEF_NONE || v->session != event->session) {
            session->thief = THIEF_INSIDER;
            v->session = event->session;
            v->theft = theft_open(region, v->session, raid->plan);
            if (v->theft == 0)
                return;
        }
        v->now_us = event->time_us +
                    1000 * (int64_t)chance_between(&v->chance, 5000, 90000);
        raid_take(raid, 0);
        persons--;
    }
}
