/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The packed form, for our own sort files on the same machine and never kept
 * longer than one import:
 *
 *    0  8  time_us
 *    8  4  flags
 *   12  2  resource
 *   14  2  categories
 *   16  2  person_count
 *   18  1  kind
 *   19  1  grade
 *   20  1  interaction
 *   21  1  session_kind
 *   22  1  side
 *   23  1  place's kind: enum query_kind
 *   24 12  place's at (8) and rest (4), only where the kind is not 0
 *          lengths, 2 bytes each: the eight texts in the order of
 *          texts_of(), then four a person
 *          the texts themselves, one behind the other, to the end
 */
#include "model/event.h"

#include <string.h>

#define EVENT_TEXTS 8
#define PERSON_TEXTS 4
#define LENGTHS_MAX (EVENT_TEXTS + PERSON_TEXTS * EVENT_PERSONS_MAX)

struct head {
    int64_t time_us;
    uint32_t flags;
    uint16_t resource;
    uint16_t categories;
    uint16_t person_count;
    uint8_t kind;
    uint8_t grade;
    uint8_t interaction;
    uint8_t session_kind;
    uint8_t side;
    uint8_t place_kind;
};
#define PLACE_BYTES 12
_Static_assert(sizeof(struct head) == 24, "the head has no padding");

/* Every flag of enum event_flag; a packed event holds no other. */
#define EVENT_FLAGS_MASK 0xffu

/* Points at all texts of the event in the packed order; how many there are. */
static size_t
texts_of(const struct event *event, const struct text *texts[LENGTHS_MAX])
{
    size_t count = 0;

    texts[count++] = &event->professional;
    texts[count++] = &event->session;
    texts[count++] = &event->address;
    texts[count++] = &event->device;
    texts[count++] = &event->request;
    texts[count++] = &event->record;
    texts[count++] = &event->service;
    texts[count++] = &event->source;
    for (uint32_t i = 0; i < event->person_count; i++) {
        const struct event_person *person = &event->persons[i];

        texts[count++] = &person->shown;
        texts[count++] = &person->system;
        texts[count++] = &person->value;
        texts[count++] = &person->reference;
    }
    return count;
}

/* The length of a person's shown name that is the reference again. */
#define SAME_AS_REFERENCE UINT16_MAX

static bool
is_same_as_reference(const struct event *event, size_t text)
{
    const struct event_person *person;

    if (text < EVENT_TEXTS || (text - EVENT_TEXTS) % PERSON_TEXTS != 0)
        return false;
    person = &event->persons[(text - EVENT_TEXTS) / PERSON_TEXTS];
    return person->shown.length > 0 &&
           text_equal(person->shown, person->reference);
}

/* Where the next packed text lies, and its length. */
struct cursor {
    const char *bytes;
    const uint16_t *length;
};

static struct text
text_next(struct cursor *cursor)
{
    struct text text = {cursor->bytes, *cursor->length++};

    if (text.length == SAME_AS_REFERENCE)
        return (struct text){NULL, 0};
    cursor->bytes += text.length;
    return text;
}

/* The other way of texts_of(), in the same order. */
static void
texts_back(struct cursor *cursor, struct event *event)
{
    event->professional_system = (struct text){"", 0};
    event->professional = text_next(cursor);
    event->session = text_next(cursor);
    event->address = text_next(cursor);
    event->device = text_next(cursor);
    event->request = text_next(cursor);
    event->record = text_next(cursor);
    event->service = text_next(cursor);
    event->source = text_next(cursor);
    event->query = (struct text){"", 0};
    for (uint32_t i = 0; i < event->person_count; i++) {
        struct event_person *person = &event->persons[i];

        person->shown = text_next(cursor);
        person->system = text_next(cursor);
        person->value = text_next(cursor);
        person->reference = text_next(cursor);
        if (person->shown.bytes == NULL)
            person->shown = person->reference;
    }
}

static size_t
place_bytes(unsigned kind)
{
    return kind == QUERY_NONE ? 0 : PLACE_BYTES;
}

enum result
event_pack(const struct event *event, struct buffer *out)
{
    const struct text *texts[LENGTHS_MAX];
    uint16_t lengths[LENGTHS_MAX];

    if (event->person_count > EVENT_PERSONS_MAX) {
        return E_LIMIT;
    }
    const size_t count = texts_of(event, texts);
    const size_t placed = place_bytes(event->place.kind);
    size_t total = sizeof(struct head) + placed + count * sizeof(lengths[0]);

    for (size_t i = 0; i < count; i++) {
        if (texts[i]->length >= SAME_AS_REFERENCE) {
            return E_LIMIT;
        }
        lengths[i] = (uint16_t)texts[i]->length;
        if (is_same_as_reference(event, i)) {
            lengths[i] = SAME_AS_REFERENCE;
            continue;
        }
        total += lengths[i];
    }
    if (total > EVENT_PACKED_BYTES_MAX) {
        return E_LIMIT;
    }
    const enum result result = buffer_reserve(out, total);

    if (result != OK) {
        return result;
    }
    const struct head head = {
        .time_us = event->time_us,
        .flags = event->flags,
        .resource = event->resource,
        .categories = event->categories,
        .person_count = (uint16_t)event->person_count,
        .kind = (uint8_t)event->kind,
        .grade = (uint8_t)event->grade,
        .interaction = (uint8_t)event->interaction,
        .session_kind = (uint8_t)event->session_kind,
        .side = (uint8_t)event->side,
        .place_kind = event->place.kind,
    };
    char *at = out->bytes + out->length;

    memcpy(at, &head, sizeof(head));
    at += sizeof(head);
    if (placed > 0) {
        memcpy(at, &event->place.at, 8);
        memcpy(at + 8, &event->place.rest, 4);
        at += PLACE_BYTES;
    }
    memcpy(at, lengths, count * sizeof(lengths[0]));
    at += count * sizeof(lengths[0]);
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > 0 && lengths[i] != SAME_AS_REFERENCE) {
            memcpy(at, texts[i]->bytes, lengths[i]);
            at += lengths[i];
        }
    }
    out->length += total;
    return OK;
}

static bool
head_holds(const struct head *head)
{
    return head->kind >= EVENT_ACCESS && head->kind <= EVENT_REFUSAL &&
           head->grade <= GRADE_REQUESTED &&
           head->interaction <= INTERACTION_OTHER &&
           head->session_kind <= SESSION_TOKEN && head->side <= SIDE_SERVER &&
           head->place_kind <= QUERY_OFFSET &&
           (head->flags & ~EVENT_FLAGS_MASK) == 0 &&
           head->resource <= resource_count() &&
           head->person_count <= EVENT_PERSONS_MAX;
}

static void
head_to_event(const struct head *head, const char *place, struct event *event)
{
    event->place = (struct query_place){.kind = head->place_kind};
    if (head->place_kind != QUERY_NONE) {
        memcpy(&event->place.at, place, 8);
        memcpy(&event->place.rest, place + 8, 4);
    }
    event->kind = head->kind;
    event->grade = head->grade;
    event->interaction = head->interaction;
    event->session_kind = head->session_kind;
    event->side = head->side;
    event->resource = head->resource;
    event->categories = head->categories;
    event->flags = head->flags;
    event->time_us = head->time_us;
    event->person_count = head->person_count;
}

enum result
event_unpack(struct text bytes, struct event *ret_event)
{
    struct head head;
    uint16_t lengths[LENGTHS_MAX];

    if (bytes.length < sizeof(head) || bytes.length > EVENT_PACKED_BYTES_MAX) {
        return E_CORRUPT;
    }
    memcpy(&head, bytes.bytes, sizeof(head));
    if (!head_holds(&head)) {
        return E_CORRUPT;
    }
    const size_t count = EVENT_TEXTS + (size_t)PERSON_TEXTS * head.person_count;
    const size_t start = sizeof(head) + place_bytes(head.place_kind);
    size_t total = start + count * sizeof(lengths[0]);

    if (bytes.length < total) {
        return E_CORRUPT;
    }
    memcpy(lengths, bytes.bytes + start, count * sizeof(lengths[0]));
    struct cursor cursor = {bytes.bytes + total, lengths};

    for (size_t i = 0; i < count; i++) {
        if (lengths[i] != SAME_AS_REFERENCE)
            total += lengths[i];
        else if (i < EVENT_TEXTS || (i - EVENT_TEXTS) % PERSON_TEXTS != 0)
            return E_CORRUPT;
    }
    if (total != bytes.length) {
        return E_CORRUPT;
    }
    head_to_event(&head, bytes.bytes + sizeof(head), ret_event);
    texts_back(&cursor, ret_event);
    return OK;
}
