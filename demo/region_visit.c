/* SPDX-License-Identifier: EUPL-1.2 */
/* What is done in a session, by a holder as by a thief: the same acts. */
#include "demo/region_state.h"

void
visit_wait(struct visit *visit, uint32_t mean_s)
{
    visit->now_us +=
        (int64_t)chance_wait(&visit->chance, mean_s * 1000) * 1000 + 300 * 1000;
}

static void
put(struct visit *visit, struct region_event *event)
{
    event->time_us = visit->now_us;
    event->session = visit->session;
    event->stolen = event->stolen || visit->theft != 0;
    region_put(visit->region, event);
    if (visit->theft != 0 && event->person != REGION_NOBODY && !event->refused)
        theft_note(visit->region, visit->theft, event->person, visit->now_us);
}

void
visit_show(struct visit *visit, enum region_action action,
           enum region_resource resource, uint32_t person)
{
    struct region_event event = {.request = chance_next(&visit->chance) | 1,
                                 .query = chance_next(&visit->chance),
                                 .person = person,
                                 .action = (uint8_t)action,
                                 .resource = (uint8_t)resource,
                                 .refused = chance_of(&visit->chance, 1, 400)};

    put(visit, &event);
}

static void
put_hit(struct visit *visit, const struct asked *asked, uint64_t request,
        uint32_t person, uint32_t which)
{
    struct region_event event = {.request = request,
                                 .query = asked->query,
                                 .place = asked->place,
                                 .person = person,
                                 .hit = (uint16_t)which,
                                 .search = asked->search,
                                 .page = asked->page,
                                 .action = ACTION_SEARCH,
                                 .resource = asked->resource};

    put(visit, &event);
}

void
visit_hits(struct visit *visit, const struct asked *asked,
           const uint32_t *persons, uint32_t count)
{
    uint64_t request = chance_next(&visit->chance) | 1;

    for (uint32_t i = 0; i < count; i++)
        put_hit(visit, asked, request, persons[i], i);
}

void
visit_search(struct visit *visit, const struct asked *asked, uint32_t person,
             uint32_t others)
{
    uint64_t request = chance_next(&visit->chance) | 1;

    put_hit(visit, asked, request, person, 0);
    for (uint32_t i = 1; i <= others; i++)
        put_hit(visit, asked, request, region_hit(visit->region, asked, i), i);
}

void
visit_page(struct visit *visit, const struct asked *asked, uint32_t count)
{
    uint64_t request = chance_next(&visit->chance) | 1;

    for (uint32_t i = 0; i < count; i++)
        put_hit(visit, asked, request, region_hit(visit->region, asked, i), i);
}

static const uint8_t care[] = {REGION_OBSERVATION, REGION_DOCUMENT,
                               REGION_MEDICATION,  REGION_CONDITION,
                               REGION_OBSERVATION, REGION_APPOINTMENT};

void
visit_care(struct visit *visit, uint32_t person, unsigned reads)
{
    for (unsigned i = 0; i < reads; i++) {
        visit_wait(visit, 12);
        visit_show(visit, ACTION_READ,
                   (enum region_resource)care[chance_below(&visit->chance, 6)],
                   person);
    }
}

void
visit_write(struct visit *visit, uint32_t person)
{
    visit_wait(visit, 60);
    visit_show(
        visit, chance_of(&visit->chance, 1, 4) ? ACTION_UPDATE : ACTION_CREATE,
        (enum region_resource)care[chance_below(&visit->chance, 4)], person);
}

/* Before the session: no token yet. */
void
visit_wrong_passwords(struct visit *visit, uint32_t professional,
                      const struct visit_place *place, enum region_thief thief,
                      unsigned count)
{
    uint32_t session;

    if (count == 0)
        return;
    session = region_open(visit->region, professional, place, 0, thief);
    visit->session = session;
    for (unsigned i = 0; i < count; i++) {
        struct region_event event = {.request = chance_next(&visit->chance) | 1,
                                     .person = REGION_NOBODY,
                                     .action = ACTION_LOGIN,
                                     .refused = true,
                                     .stolen = thief != THIEF_NONE};
        put(visit, &event);
        visit_wait(visit, 9);
    }
}
