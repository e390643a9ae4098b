/* SPDX-License-Identifier: EUPL-1.2 */
/* What thieves saw, noted as it is shown. */
#include "demo/region_state.h"

#include <stdlib.h>

size_t
theft_open(struct region *region, uint32_t session,
           const struct theft_plan *plan)
{
    uint64_t room = region->theft_room;
    void *items = region->thefts;
    bool grown = region_room(&items, region->theft_count, &room,
                             sizeof(*region->thefts));

    region->thefts = items;
    region->theft_room = (size_t)room;
    if (!grown) {
        region->failed = E_NOMEM;
        return 0;
    }
    region->thefts[region->theft_count] =
        (struct region_theft){.session = session,
                              .number = (uint32_t)(plan - region->plans),
                              .thief = plan->kind};
    return ++region->theft_count;
}

static bool
theft_room(struct region_theft *theft)
{
    uint32_t room = theft->room * 2 + 64;
    uint32_t *persons;
    int64_t *times;

    if (theft->person_count < theft->room)
        return true;
    persons = realloc(theft->persons, room * sizeof(*persons));
    if (persons != NULL)
        theft->persons = persons;
    times = realloc(theft->times_us, room * sizeof(*times));
    if (times != NULL)
        theft->times_us = times;
    if (persons == NULL || times == NULL)
        return false;
    theft->room = room;
    return true;
}

void
theft_note(struct region *region, size_t theft, uint32_t person,
           int64_t time_us)
{
    struct region_theft *t = &region->thefts[theft - 1];

    if (t->person_count == 0)
        t->first_us = time_us;
    t->last_us = time_us;
    for (uint32_t i = 0; i < t->person_count; i++)
        if (t->persons[i] == person)
            return;
    if (!theft_room(t)) {
        region->failed = E_NOMEM;
        return;
    }
    t->persons[t->person_count] = person;
    t->times_us[t->person_count++] = time_us;
}

size_t
region_thefts(const struct region *region,
              const struct region_theft **ret_thefts)
{
    *ret_thefts = region->thefts;
    return region->theft_count;
}
