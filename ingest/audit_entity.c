/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whose data, and of which kind: entities (ParticipantObjectIdentification)
 * to persons, resource and categories. The persons that the record itself
 * names are "declared"; those that only the query names are "requested".
 * What a record leaves open makes a category possible, never excluded.
 */
#include <string.h>

#include "base/hash.h"
#include "codec/query.h"
#include "ingest/audit_parts.h"
#include "codec/query_place.h"

/* $everything, and a read whose resource is not said */
#define EVERYTHING                                                  \
    (CATEGORY_IDENTITY | CATEGORY_CONTACT | CATEGORY_ADMIN |        \
     CATEGORY_COORDINATION | CATEGORY_MEDICAL | CATEGORY_DOCUMENT | \
     CATEGORY_POSSIBLE(CATEGORY_NIR))

static enum result
too_many(struct reason *why)
{
    return reason_set(why, E_LIMIT, "persons-max", "entity", 0);
}

size_t
audit_entities_room(const struct audit *audit)
{
    size_t room = 4096; /* and what normal forms add to 64 persons */

    for (uint32_t i = 0; i < audit->entity_count; i++) {
        const struct audit_entity *entity = &audit->entities[i];
        /* a query: decoded (3/4), then twice that again by query_read, its
         * persons each once more; identifiers: joined, then in normal form */
        room += 4 * entity->query_base64.length +
                4 * (entity->system.length + entity->value.length) + 64;
    }
    return room;
}

/* -- persons -- */

static bool
known_type(struct text word)
{
    return resource_number(word) != RESOURCE_UNKNOWN;
}

static uint16_t
patient_type(void)
{
    return resource_number(TEXT("Patient"));
}

static bool
is_query(const struct audit_entity *entity)
{
    return text_is(entity->role.code, "24") || entity->query_base64.length > 0;
}

/* Type 1 (person) in role 1 (patient), in both dialects; or whatever refers
 * to a Patient. DICOM writes the reference as ParticipantObjectID. */
static bool
is_person(const struct audit *audit, const struct audit_entity *entity)
{
    bool person = text_is(entity->type.code, "1");

    if (person &&
        (text_is(entity->role.code, "1") || entity->role.code.length == 0))
        return true;
    if (is_query(entity))
        return false;
    if (audit->dicom)
        return audit_type_of(entity->value) == patient_type();
    return audit_type_of(entity->reference) == patient_type();
}

static enum result
add_person(struct event *event, const struct event_person *person,
           struct reason *why)
{
    bool test = false;

    for (uint32_t i = 0; i < event->person_count; i++) {
        const struct event_person *other = &event->persons[i];
        if (text_equal(other->reference, person->reference) &&
            text_equal(other->system, person->system) &&
            text_equal(other->value, person->value))
            return OK;
    }
    if (event->person_count == EVENT_PERSONS_MAX)
        return too_many(why);
    if (event_system_is_ins(person->system, &test) && test)
        event->flags |= EVENT_TEST_INS;
    event->persons[event->person_count++] = *person;
    return OK;
}

/* HL7 v2 repeats ("a^^^x~b^^^y") are one person by several names: the INS
 * one where there is one, else the first. */
static enum result
parse_repeated(struct text given, struct buffer *built,
               struct event_person *person)
{
    struct text rest = given, part;
    bool more = true, test;

    while (more) {
        struct text system, value;
        enum result result;
        more = text_split(rest, '~', &part, &rest);
        if (part.length == 0)
            continue;
        result = event_identifier_parse(part, built, &system, &value);
        if (result == E_FORMAT)
            continue;
        if (result != OK)
            return result;
        if (person->value.length == 0 || event_system_is_ins(system, &test)) {
            person->system = system;
            person->value = value;
        }
        if (event_system_is_ins(system, &test))
            break;
    }
    return OK;
}

static enum result
identifier_of(struct text given, struct buffer *built,
              struct event_person *person)
{
    size_t caret = text_find_byte(given, '^');

    if (caret < given.length && text_find_byte(given, '~') < given.length)
        return parse_repeated(given, built, person);
    enum result result =
        event_identifier_parse(given, built, &person->system, &person->value);
    return result == E_FORMAT ? OK : result;
}

/* "system|value", as FHIR searches write identifiers. */
static enum result
join(struct text system, struct text value, struct buffer *built,
     struct text *ret_joined)
{
    size_t from = built->length;
    enum result result = buffer_text(built, system);

    result = result == OK ? buffer_byte(built, '|') : result;
    result = result == OK ? buffer_text(built, value) : result;
    if (result == OK)
        *ret_joined = (struct text){built->bytes + from, built->length - from};
    return result;
}

static enum result
person_of_entity(const struct audit *audit, const struct audit_entity *entity,
                 struct buffer *built, struct event_person *person)
{
    struct text given = entity->value;
    enum result result = OK;

    *person = (struct event_person){.reference = entity->reference};
    if (audit->dicom && audit_type_of(given) != RESOURCE_UNKNOWN) {
        person->reference = given;
        person->shown = given;
        return OK;
    }
    if (given.length > 0 && entity->system.length > 0)
        result = join(entity->system, entity->value, built, &given);
    if (result == OK && given.length > 0)
        result = identifier_of(given, built, person);
    person->shown = person->reference.length > 0 ? person->reference : given;
    return result;
}

static enum result
add_entities(const struct audit *audit, struct buffer *built,
             struct event *event, struct reason *why)
{
    for (uint32_t i = 0; i < audit->entity_count; i++) {
        const struct audit_entity *entity = &audit->entities[i];
        struct event_person person;
        enum result result;
        if (!is_person(audit, entity))
            continue;
        result = person_of_entity(audit, entity, built, &person);
        if (result == OK && person.shown.length > 0)
            result = add_person(event, &person, why);
        if (result != OK)
            return result;
    }
    return OK;
}

/* -- resources -- */

/* Type that a non-person entity stands for. DICOM: 110180 and 110181 are
 * image UIDs, role 3 (report) is a document. */
static uint16_t
entity_resource(const struct audit *audit, const struct audit_entity *entity)
{
    uint16_t type = audit_type_of(entity->reference);

    if (type == RESOURCE_UNKNOWN)
        type = resource_number(entity->type.code);
    if (type != RESOURCE_UNKNOWN)
        return type;
    if (audit->dicom && audit_type_of(entity->value) != RESOURCE_UNKNOWN)
        return audit_type_of(entity->value);
    if (text_is(entity->id_type.code, "110180") ||
        text_is(entity->id_type.code, "110181"))
        return resource_number(TEXT("ImagingStudy"));
    if (text_is(entity->role.code, "3"))
        return resource_number(TEXT("Binary"));
    return RESOURCE_UNKNOWN;
}

/* The first thing that the record names beside persons and queries: what an
 * access without persons is known by. */
static struct text
first_object(const struct audit *audit)
{
    for (uint32_t i = 0; i < audit->entity_count; i++) {
        const struct audit_entity *entity = &audit->entities[i];
        if (is_query(entity) || is_person(audit, entity) ||
            text_is(entity->type.code, "XrequestId"))
            continue;
        if (entity->reference.length > 0)
            return entity->reference;
        if (entity->value.length > 0)
            return entity->value;
    }
    return (struct text){0};
}

/* A domain resource (role 4) or reference whose type is no word of R4. */
static bool
is_unknown_object(const struct audit_entity *entity)
{
    return text_is(entity->role.code, "4") || entity->reference.length > 0;
}

/* Types that are nobody's data are the resource only where nothing else is
 * named. */
static void
add_resources(const struct audit *audit, struct event *event)
{
    uint16_t nobodys = RESOURCE_UNKNOWN;

    for (uint32_t i = 0; i < audit->entity_count; i++) {
        const struct audit_entity *entity = &audit->entities[i];
        uint16_t type;
        if (is_query(entity))
            continue;
        if (is_person(audit, entity) && text_is(entity->role.code, "1"))
            continue;
        type = entity_resource(audit, entity);
        if (type == RESOURCE_UNKNOWN) {
            if (is_unknown_object(entity))
                event->categories |= resource_categories(type);
        } else if (!resource_is_personal(type)) {
            nobodys = type;
        } else {
            if (event->resource == RESOURCE_UNKNOWN)
                event->resource = type;
            event->categories |= resource_categories(type);
        }
    }
    if (event->resource == RESOURCE_UNKNOWN && event->categories == 0 &&
        event->person_count == 0)
        event->resource = nobodys;
}

/* -- the query -- */

static enum result
decode_query(const struct audit *audit, struct buffer *built,
             struct text *ret_query)
{
    for (uint32_t i = 0; i < audit->entity_count; i++) {
        const struct text base64 = audit->entities[i].query_base64;
        size_t room = base64.length / 4 * 3 + 3, length;
        enum result result;
        if (base64.length == 0)
            continue;
        result = buffer_reserve(built, room);
        if (result != OK)
            return result;
        uint8_t *at = (uint8_t *)built->bytes + built->length;
        if (hash_base64_decode(base64, at, room, &length) != OK) {
            /* not base64 as the norm wants: then as it stands */
            *ret_query = base64;
            return OK;
        }
        built->length += length;
        *ret_query = (struct text){(const char *)at, length};
        return OK;
    }
    return OK;
}

/* XML of a registry query or an HL7 v2 message are no requests of FHIR; the
 * persons that they ask for stand beside them as entities. */
static bool
is_request(struct text query)
{
    struct text trimmed = text_trim(query);

    return trimmed.length > 0 && trimmed.bytes[0] != '<' &&
           trimmed.bytes[0] != '{' && !text_starts(trimmed, "MSH|");
}

static enum result
add_query_persons(const struct query *query, struct buffer *built,
                  struct event *event, struct reason *why)
{
    for (uint32_t i = 0; i < query->person_count; i++) {
        const struct query_person *named = &query->persons[i];
        struct event_person person = {.reference = named->reference};
        enum result result = OK;
        person.shown = named->reference;
        if (named->identifier.length > 0) {
            person.shown = named->identifier;
            result = identifier_of(named->identifier, built, &person);
        }
        if (result == OK && person.shown.length > 0)
            result = add_person(event, &person, why);
        if (result != OK)
            return result;
    }
    return OK;
}

/* What the request says where the record's own words do not. */
static void
apply_query(const struct query *query, struct audit_act *act,
            struct event *event)
{
    uint16_t type = resource_number(query->type);

    if (text_is(query->operation, "$everything")) {
        act->interaction = INTERACTION_EXPORT;
        event->categories |= EVERYTHING;
    }
    if (event->resource != RESOURCE_UNKNOWN || type == RESOURCE_UNKNOWN)
        return;
    event->resource = type;
    event->categories |= resource_categories(type);
}

static enum result
read_query(struct audit_act *act, struct buffer *built, struct event *event,
           struct reason *why)
{
    struct query query;
    enum result result;

    if (!is_request(event->query))
        return OK;
    query_place_of(event->query, &event->place);
    result = query_read(event->query, known_type, built, &query);
    if (result == E_LIMIT)
        return too_many(why);
    if (result != OK)
        return result == E_FORMAT ? OK : result;
    apply_query(&query, act, event);
    if (event->person_count > 0)
        return OK;
    event->grade = GRADE_REQUESTED;
    return add_query_persons(&query, built, event, why);
}

/* -- all together -- */

static struct text
find_request(const struct audit *audit)
{
    for (uint32_t i = 0; i < audit->entity_count; i++)
        if (text_is(audit->entities[i].type.code, "XrequestId"))
            return audit->entities[i].value;
    return (struct text){0};
}

/* Only persons are named: then their Patient was, at least. More cannot be
 * excluded, unless the record says that Patients were asked for. */
static void
default_resource(struct event *event)
{
    if (event->resource != RESOURCE_UNKNOWN || event->categories != 0)
        return;
    if (event->person_count > 0 && event->interaction != INTERACTION_SEARCH) {
        event->resource = patient_type();
        event->categories = resource_categories(event->resource) |
                            CATEGORY_POSSIBLE(CATEGORY_MEDICAL);
    } else {
        event->categories = resource_categories(RESOURCE_UNKNOWN);
    }
}

enum result
audit_fill_entities(const struct audit *audit, struct audit_act *act,
                    struct buffer *built, struct event *event,
                    struct reason *why)
{
    enum result result = add_entities(audit, built, event, why);

    event->grade = GRADE_DECLARED;
    event->request = find_request(audit);
    event->resource = act->resource;
    event->categories = act->categories;
    if (act->resource == RESOURCE_UNKNOWN)
        add_resources(audit, event);
    if (result == OK)
        result = decode_query(audit, built, &event->query);
    if (result == OK && event->query.length > 0)
        result = read_query(act, built, event, why);
    if (result != OK)
        return result;
    event->interaction = act->interaction;
    default_resource(event);
    if (event->interaction == INTERACTION_SEARCH)
        event->flags |= EVENT_SEARCH;
    if (event->interaction == INTERACTION_CREATE ||
        event->interaction == INTERACTION_UPDATE ||
        event->interaction == INTERACTION_DELETE)
        event->flags |= EVENT_WRITE;
    if (event->person_count == 0 && event->query.length == 0)
        event->query = first_object(audit);
    if (event->query.length > EVENT_VALUE_BYTES_MAX)
        event->query.length = EVENT_VALUE_BYTES_MAX;
    return OK;
}
