/* SPDX-License-Identifier: EUPL-1.2 */
#include "test/help/tale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY_US INT64_C(86400000000)
#define HOUR_US INT64_C(3600000000)
#define START_DAY 20514

void
tale_open(struct tale *tale, enum region_thief kind, uint64_t seed)
{
    struct region_options o;
    const struct region_event *events;
    size_t count, room = 0;

    memset(tale, 0, sizeof(*tale));
    region_options_default(&o);
    o.professionals = TALE_PROFESSIONALS;
    o.seed = seed;
    o.thief_count = kind != THIEF_NONE;
    o.thieves[0] = kind;
    assert_int_equal(o.start_day, START_DAY);
    assert_int_equal(region_new(&o, &tale->region), OK);
    while (region_day(tale->region, &events, &count) == OK) {
        if (room < tale->count + count) {
            room = 2 * (tale->count + count);
            tale->events = realloc(tale->events, room * sizeof(*tale->events));
            assert_non_null(tale->events);
        }
        memcpy(tale->events + tale->count, events, count * sizeof(*events));
        tale->count += count;
    }
    tale->stolen = calloc(tale->count + 1, sizeof(*tale->stolen));
    assert_non_null(tale->stolen);
    for (size_t i = 0; i < tale->count; i++)
        if (tale->events[i].stolen && tale->events[i].action != ACTION_LOGIN)
            tale->stolen[tale->stolen_count++] = tale->events[i];
}

void
tale_close(struct tale *tale)
{
    region_free(tale->region);
    free(tale->events);
    free(tale->stolen);
}

const struct region_session *
tale_session(const struct tale *tale, const struct region_event *event)
{
    return region_session(tale->region, event->session);
}

int
tale_day(const struct region_event *event)
{
    return (int)((event->time_us + HOUR_US) / DAY_US - START_DAY);
}

int
tale_second(const struct region_event *event)
{
    return (int)((event->time_us + HOUR_US) % DAY_US / 1000000);
}

const struct region_event *
tale_stolen(const struct tale *tale, const struct region_event *at)
{
    at = at == NULL ? tale->stolen : at + 1;
    return at < tale->stolen + tale->stolen_count ? at : NULL;
}

unsigned
tale_persons(const struct tale *tale, int day)
{
    static uint8_t seen[TALE_PERSONS];
    unsigned count = 0;

    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < tale->stolen_count; i++) {
        const struct region_event *e = &tale->stolen[i];
        if (day >= 0 && tale_day(e) != day)
            continue;
        count += !seen[e->person];
        seen[e->person] = 1;
    }
    return count;
}

static bool
knows(const struct tale *tale, uint32_t professional, const uint64_t *device,
      const uint32_t *address)
{
    int64_t theft_us = tale->stolen[0].time_us;

    for (const struct region_event *e = tale->events; e->time_us < theft_us;
         e++) {
        const struct region_session *s = tale_session(tale, e);
        if (s->professional == professional && !e->stolen &&
            (device == NULL || s->device == *device) &&
            (address == NULL || s->address == *address))
            return true;
    }
    return false;
}

bool
tale_knows_device(const struct tale *tale, uint32_t professional,
                  uint64_t device)
{
    return knows(tale, professional, &device, NULL);
}

bool
tale_knows_address(const struct tale *tale, uint32_t professional,
                   uint32_t address)
{
    return knows(tale, professional, NULL, &address);
}
