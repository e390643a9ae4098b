/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a worker asks → events. The worker is not trusted: lengths and counts
 * were checked by wire/, meanings are checked here, and what makes no sense
 * becomes "unknown", never nothing.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/live_inside.h"
#include "model/resource.h"

static enum interaction
interaction_of(const struct wire_ask *ask)
{
    return ask->interaction > INTERACTION_OTHER
               ? INTERACTION_UNKNOWN
               : (enum interaction)ask->interaction;
}

void
live_event(const struct wire_ask *ask, int64_t time_us,
           char address[ADDRESS_TEXT_BYTES], struct event *ret_event)
{
    struct event *event = ret_event;

    /* not the many persons: none of them is there */
    memset(event, 0, offsetof(struct event, persons));
    event->kind = EVENT_ACCESS;
    event->grade = GRADE_SENT;
    event->interaction = interaction_of(ask);
    event->side = SIDE_UNKNOWN;
    event->resource =
        ask->resource < resource_count() ? ask->resource : RESOURCE_UNKNOWN;
    event->time_us = time_us;
    event->professional = ask->professional;
    event->session = ask->session;
    event->session_kind = ask->session.length > 0 ? SESSION_SID : SESSION_NONE;
    event->device = ask->device;
    event->request = ask->request;
    event->service = ask->service;
    event->source = TEXT("door");
    event->place = ask->place;
    if ((ask->flags & ASK_REQUESTED) != 0)
        event->grade = GRADE_REQUESTED;
    if ((ask->flags & ASK_SEARCH) != 0)
        event->flags |= EVENT_SEARCH;
    if ((ask->flags & ASK_WRITE) != 0)
        event->flags |= EVENT_WRITE;
    if ((ask->flags & ASK_BREAK_GLASS) != 0)
        event->flags |= EVENT_EMERGENCY;
    if (event_address_parse(ask->address, address) == OK)
        event->address = text_of(address);
}

bool
live_person(const struct ask_person *person, struct buffer *scratch,
            struct event_person *ret_person)
{
    struct event_person read = {0};
    struct text base, id;
    uint16_t type;

    if (person->identifier.length > 0 &&
        event_identifier_parse(person->identifier, scratch, &read.system,
                               &read.value) != OK)
        read.system = read.value = (struct text){0};
    if (person->name.length > 0 &&
        resource_reference_split(person->name, &base, &type, &id))
        read.reference = person->name;
    read.shown = person->name.length > 0 ? person->name : read.value;
    if (read.shown.length == 0)
        return false;
    *ret_person = read;
    return true;
}

/* Persons of one ask in the order in which they make events. */
struct sorted {
    const struct ask_person *person;
    uint16_t categories, third; /* of all its mentions in the ask */
    uint32_t index;
};

static int
same_person_first(const void *a, const void *b)
{
    const struct sorted *left = a, *right = b;
    int order =
        text_compare(left->person->identifier, right->person->identifier);

    if (order == 0)
        order = text_compare(left->person->name, right->person->name);
    return order != 0
               ? order
               : (left->index > right->index) - (left->index < right->index);
}

static int
same_categories_first(const void *a, const void *b)
{
    const struct sorted *left = a, *right = b;

    if (left->categories != right->categories)
        return left->categories < right->categories ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

/* Relatives are no more than the most that one mention has. */
static void
merge(struct sorted *person, const struct sorted *mention)
{
    person->categories |= mention->categories;
    if (mention->third > person->third)
        person->third = mention->third;
}

/* Each person once, by categories. */
static size_t
sort_persons(const struct wire_ask *ask, struct sorted *sorted)
{
    size_t count = 0;

    for (uint32_t i = 0; i < ask->person_count; i++)
        sorted[i] =
            (struct sorted){&ask->persons[i], ask->persons[i].categories,
                            ask->persons[i].third_persons, i};
    qsort(sorted, ask->person_count, sizeof(sorted[0]), same_person_first);
    for (uint32_t i = 0; i < ask->person_count; i++) {
        struct sorted *last = count == 0 ? NULL : &sorted[count - 1];

        /* those without a name are never taken for the same one */
        if (last != NULL &&
            (last->person->name.length > 0 ||
             last->person->identifier.length > 0) &&
            text_equal(last->person->name, sorted[i].person->name) &&
            text_equal(last->person->identifier, sorted[i].person->identifier))
            merge(last, &sorted[i]);
        else
            sorted[count++] = sorted[i];
    }
    qsort(sorted, count, sizeof(sorted[0]), same_categories_first);
    return count;
}

/* What was refused before it was asked for, or broke off, is known no more
 * than what cannot be read. */
static bool
shows_unknown(const struct wire_ask *ask)
{
    return ask->phase == ASK_BEFORE ||
           (ask->flags & (ASK_UNLABELLED | ASK_CUT_SHORT | ASK_REFUSED)) != 0;
}

enum result
live_events(const struct wire_ask *ask, struct event *event, void *context,
            enum result (*accept)(void *context, const struct event *event,
                                  uint32_t occurrence))
{
    struct sorted sorted[ASK_PERSONS_MAX];
    struct buffer scratch[EVENT_PERSONS_MAX] = {{0}};
    size_t count = sort_persons(ask, sorted), at = 0, unnamed = 0;
    uint16_t unnamed_categories = 0;
    uint32_t occurrence = 0;
    enum result result = OK;

    while (at < count && result == OK) {
        event->categories = sorted[at].categories;
        event->person_count = 0;
        for (; at < count && sorted[at].categories == event->categories &&
               event->person_count < EVENT_PERSONS_MAX;
             at++) {
            buffer_clear(&scratch[event->person_count]);
            if (live_person(sorted[at].person, &scratch[event->person_count],
                            &event->persons[event->person_count])) {
                event->persons[event->person_count++].third_persons =
                    sorted[at].third;
            } else {
                unnamed++;
                unnamed_categories |= sorted[at].categories;
            }
        }
        if (event->person_count > 0)
            result = accept(context, event, ++occurrence);
    }
    event->person_count = 0;
    if (result == OK && (unnamed > 0 || shows_unknown(ask))) {
        event->categories =
            unnamed > 0 ? unnamed_categories : CATEGORY_POSSIBLE(0xff);
        result = accept(context, event, ++occurrence);
    }
    for (size_t i = 0; i < EVENT_PERSONS_MAX; i++)
        buffer_free(&scratch[i]);
    return result;
}
