/* SPDX-License-Identifier: EUPL-1.2 */
#include "demo/live_past.h"

#include <stdlib.h>

#include "base/time.h"
#include "demo/region_state.h"

#define PAST_DAYS 23 /* the last one, a Tuesday, only until LAST_HOUR */
#define LAST_HOUR 11
#define PAUSE_US (5 * TIME_MINUTE_US) /* between the past and the first act */

struct live_past {
    struct region *region;
    struct live_holder *holders;
    unsigned professionals;
    int64_t end_us, shift_us;
    unsigned day;
};

enum result
live_past_new(uint64_t seed, unsigned professionals, int64_t now_us,
              struct live_past **ret_past)
{
    struct region_options options;
    struct live_past *past = calloc(1, sizeof(*past));
    enum result r = past == NULL ? E_NOMEM : OK;

    if (r == OK)
        past->holders = calloc(professionals, sizeof(*past->holders));
    if (r == OK && past->holders == NULL)
        r = E_NOMEM;
    region_options_default(&options);
    options.seed = seed;
    options.professionals = professionals;
    options.days = PAST_DAYS;
    options.thief_count = 0;
    if (r == OK)
        r = region_new(&options, &past->region);
    if (r != OK) {
        live_past_free(past);
        return r;
    }
    past->professionals = professionals;
    past->end_us = region_local_us(past->region, PAST_DAYS - 1, LAST_HOUR, 0);
    past->shift_us = now_us - PAUSE_US - past->end_us;
    *ret_past = past;
    return OK;
}

void
live_past_free(struct live_past *past)
{
    if (past == NULL)
        return;
    region_free(past->region);
    free(past->holders);
    free(past);
}

static bool
knows(const struct live_holder *holder, uint32_t person)
{
    uint32_t count = holder->person_count < LIVE_PERSONS ? holder->person_count
                                                         : LIVE_PERSONS;

    for (uint32_t i = 0; i < count; i++)
        if (holder->persons[i] == person)
            return true;
    return false;
}

/* Who goes on goes on from the line and machine of the last session. */
static void
remember(struct live_past *past, const struct region_event *event)
{
    const struct region_session *session =
        region_session(past->region, event->session);
    struct live_holder *holder = &past->holders[session->professional];

    if (event->person == REGION_NOBODY || session->token == 0 || event->refused)
        return;
    if (holder->days == 0 || holder->last_day != past->day)
        holder->days++;
    holder->last_day = past->day;
    holder->last_session = event->session;
    if (!knows(holder, event->person))
        holder->persons[holder->person_count++ % LIVE_PERSONS] = event->person;
}

enum result
live_past_day(struct live_past *past, struct buffer *out)
{
    const struct region_event *events;
    size_t count = 0;
    enum result r = region_day(past->region, &events, &count);

    for (size_t i = 0; i < count && r == OK; i++) {
        struct region_event moved = events[i];

        if (moved.time_us >= past->end_us)
            break;
        remember(past, &moved);
        moved.time_us += past->shift_us;
        r = region_balp(past->region, &moved, out);
    }
    past->day++;
    return r;
}

/* Doctors, nurses, pharmacists: whose day is made of their own persons. */
static bool
fit(const struct live_past *past, const struct live_holder *holder)
{
    enum region_kind kind = region_kind(past->region, holder->professional);

    return (kind == KIND_DOCTOR || kind == KIND_NURSE ||
            kind == KIND_PHARMACIST) &&
           holder->days >= 12 && holder->person_count >= LIVE_PERSONS &&
           holder->last_day + 2 >= past->day;
}

static int
steadiest_first(const void *a, const void *b)
{
    const struct live_holder *left = a, *right = b;

    if (left->days != right->days)
        return left->days > right->days ? -1 : 1;
    return (left->professional > right->professional) -
           (left->professional < right->professional);
}

size_t
live_past_cast(struct live_past *past, struct live_holder *ret_holders,
               size_t room)
{
    size_t count = 0;

    for (uint32_t i = 0; i < past->professionals; i++)
        past->holders[i].professional = i;
    qsort(past->holders, past->professionals, sizeof(*past->holders),
          steadiest_first);
    for (uint32_t i = 0; i < past->professionals && count < room; i++) {
        struct live_holder *holder = &past->holders[i];
        const struct region_session *session;

        if (!fit(past, holder))
            continue;
        session = region_session(past->region, holder->last_session);
        region_professional_name(past->region, holder->professional,
                                 holder->name);
        region_device_name(session, holder->device);
        region_address_name(session, holder->address);
        ret_holders[count++] = *holder;
    }
    return count;
}

const struct region *
live_past_region(const struct live_past *past)
{
    return past->region;
}

uint32_t
live_past_persons(const struct live_past *past)
{
    return past->region->population;
}

uint32_t
live_past_stranger(const struct live_past *past,
                   const struct live_holder *holder, uint64_t draw)
{
    struct chance chance;
    uint32_t person;

    chance_start(&chance, past->region->options.seed ^ 0x6c697665u,
                 holder->professional, draw);
    do
        person =
            region_treated(past->region, region_anybody(past->region, &chance));
    while (knows(holder, person));
    return person;
}

uint64_t
live_past_number(const struct live_past *past, uint32_t person)
{
    char name[REGION_NAME_BYTES];
    uint64_t number = 0;
    struct text digits;

    region_person_name(past->region, person, name);
    digits = text_after(text_of(name), sizeof("Patient/") - 1);
    return text_to_u64(digits, UINT64_MAX, &number) == OK ? number : 0;
}
