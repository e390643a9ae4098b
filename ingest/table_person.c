/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whose data a record is about: by its columns (declared) or by its URL
 * (requested). Nothing is built in a buffer that could move while the event
 * points into it: table_event() has reserved what one record can need.
 */
#include "ingest/table_judge.h"

#include <string.h>

#include "codec/query.h"

static bool
known_resource(struct text word)
{
    return resource_number(word) != RESOURCE_UNKNOWN;
}

static uint32_t
fhir_action(const struct query *query, struct text method, struct text url)
{
    if (text_is(query->operation, "$everything") ||
        text_is(query->operation, "$export")) {
        return INTERACTION_EXPORT;
    }
    if (query->operation.length > 0) {
        return text_is(query->operation, "$match") ? INTERACTION_SEARCH
                                                   : INTERACTION_OTHER;
    }
    if (text_is(method, "POST")) {
        /* of a POST _search the log has no body, thus no criteria */
        return query->criteria || query->person_count > 0 ||
                       text_find(url, "/_search") < url.length
                   ? INTERACTION_SEARCH
                   : INTERACTION_CREATE;
    }
    if (text_is(method, "PUT") || text_is(method, "PATCH") ||
        text_is(method, "DELETE")) {
        return judged_method_action(method);
    }
    return query->search && !query->history ? INTERACTION_SEARCH
                                            : INTERACTION_READ;
}

static enum result
add_person(struct judged *judged, struct event_person person)
{
    struct event *const event = judged->event;

    for (uint32_t i = 0; i < event->person_count; i++) {
        const struct event_person *const other = &event->persons[i];

        if (text_equal(other->reference, person.reference) &&
            text_equal(other->system, person.system) &&
            text_equal(other->value, person.value)) {
            return OK;
        }
    }
    if (event->person_count == EVENT_PERSONS_MAX) {
        return E_LIMIT;
    }
    event->persons[event->person_count++] = person;
    return OK;
}

static bool
is_patient_reference(struct text value)
{
    const size_t at = text_find(value, "Patient/");

    return at + 8 < value.length && (at == 0 || value.bytes[at - 1] == '/');
}

/* ids never grows while an event is built, since its texts point there. */
static bool
has_room(const struct buffer *ids, size_t bytes)
{
    return ids->room - ids->length >= bytes;
}

static struct text
without_blanks(struct text value, struct buffer *ids)
{
    char *const start = ids->bytes + ids->length;
    size_t length = 0;

    for (size_t i = 0; i < value.length; i++) {
        const char byte = value.bytes[i];

        if (byte != ' ' && byte != '.' && byte != '-' && byte != '\t') {
            start[length++] = byte;
        }
    }
    ids->length += length;
    return (struct text){start, length};
}

/* One name of a person as the record writes it. */
static enum result
name_person(struct judged *judged, struct text given, struct text system,
            bool compact)
{
    struct event_person person = {.shown = given};
    enum result result;

    given = text_trim(given);
    if (!has_room(&judged->table->ids, 2 * given.length + 16)) {
        return E_LIMIT;
    }
    if (compact) {
        given = without_blanks(given, &judged->table->ids);
    }
    if (given.length == 0) {
        return OK;
    }
    person.shown = given;
    if (system.length == 0 && is_patient_reference(given)) {
        person.reference = given;
        return add_person(judged, person);
    }
    result = event_identifier_parse(given, &judged->table->ids, &person.system,
                                    &person.value);
    if (result != OK) {
        return result;
    }
    if (person.system.length == 0) {
        person.system = system;
    }
    bool test;

    if (event_system_is_ins(person.system, &test) && test) {
        judged->event->flags |= EVENT_TEST_INS;
    }
    return add_person(judged, person);
}

static enum result
person_result(struct judged *judged, enum result result,
              const struct conf_directive *directive)
{
    if (result == E_FORMAT || result == E_LIMIT) {
        judged_refuse(judged,
                      result == E_LIMIT ? "persons-max" : "person-identifier",
                      "person", directive);
        return OK;
    }
    return result;
}

static enum result
name_persons_of(struct judged *judged, uint32_t i, struct text value)
{
    const struct mapping_rule *const rule = &judged->mapping->rules[i];
    enum result result = OK;

    while (result == OK && value.length > 0) {
        struct text one = value;

        if (rule->split != 0) {
            (void)text_split(value, rule->split, &one, &value);
        } else {
            value.length = 0;
        }
        result = name_person(judged, one, rule->system, rule->compact);
    }
    return person_result(judged, result, rule->directive);
}

/* Of several person rules the first that has a value; a path with [*] may
 * have several. */
enum result
judge_persons(struct judged *judged)
{
    const struct table_values *const values = &judged->table->values;
    struct text value;
    const uint32_t i = judged_rule(judged, MAPPING_PERSON, &value);
    enum result result;

    if (i == judged->mapping->rule_count) {
        return OK;
    }
    if (values->overflow) {
        judged_refuse(judged, "persons-max", "person",
                      judged->mapping->rules[i].directive);
        return OK;
    }
    result = name_persons_of(judged, i, value);
    for (uint32_t k = 0; result == OK && k < values->more_count; k++) {
        if (values->more[k].rule == i) {
            result = name_persons_of(judged, i, values->more[k].text);
        }
    }
    if (result == OK && judged->event->person_count > 0) {
        judged->event->grade = GRADE_DECLARED;
    }
    return result;
}

/* FHIR by codec/query. E_NOTFOUND: no resource type in the URL. */
static enum result
read_fhir(struct judged *judged, const struct mapping_pattern *pattern)
{
    struct query query;
    const struct text method = judged_method(judged);
    enum result result =
        query_read(judged->url, known_resource, &judged->table->url, &query);

    if (result == E_LIMIT) {
        judged_refuse(judged, "persons-max", "person", pattern->directive);
        return OK;
    }
    if (result != OK || query.type.length == 0) {
        return result == OK ? E_NOTFOUND : result;
    }
    judged->event->resource = resource_number(query.type);
    if (!resource_is_personal(judged->event->resource) &&
        query.person_count == 0 && judged->event->person_count == 0) {
        judged_pass_over(judged, "other-resource", pattern->directive);
        return OK;
    }
    judged->action = fhir_action(
        &query, method.length > 0 ? method : query.method, judged->url);
    judged->fhir_read = true;
    for (uint32_t i = 0; result == OK && i < query.person_count; i++) {
        const struct query_person *const named = &query.persons[i];

        result = named->reference.length > 0
                     ? add_person(
                           judged,
                           (struct event_person){.shown = named->reference,
                                                 .reference = named->reference})
                     : name_person(judged, named->identifier, pattern->system,
                                   false);
    }
    return person_result(judged, result, pattern->directive);
}

static enum result
take_pattern(struct judged *judged, const struct mapping_pattern *pattern)
{
    const struct pattern_found *const found = &judged->found;
    enum result result = OK;

    judged->event->resource = pattern->resource;
    if (found->overflow) {
        judged_refuse(judged, "persons-max", "person", pattern->directive);
    }
    for (uint32_t i = 0; result == OK && i < found->person_count; i++) {
        const struct text value = found->persons[i];
        struct buffer *const ids = &judged->table->ids;

        if (!found->reference || pattern->system.length > 0) {
            result = name_person(judged, value, pattern->system, false);
            continue;
        }
        const size_t at = ids->length;

        if (!has_room(ids, value.length + 8)) {
            result = E_LIMIT;
            break;
        }
        result = buffer_string(ids, "Patient/");
        result = result == OK ? buffer_text(ids, value) : result;
        const struct text reference = {ids->bytes + at, ids->length - at};

        result = result == OK
                     ? add_person(judged,
                                  (struct event_person){.shown = reference,
                                                        .reference = reference})
                     : result;
    }
    return person_result(judged, result, pattern->directive);
}

/* The first pattern that fits the URL decides. */
enum result
judge_url(struct judged *judged)
{
    const struct mapping *const mapping = judged->mapping;
    const uint32_t declared = judged->event->person_count;
    enum result result = E_NOTFOUND;

    judged->url =
        mapping->format == MAPPING_COMBINED && !mapping->has[MAPPING_URL]
            ? judged->table->row.cells[COMBINED_URL]
            : judged_value(judged, MAPPING_URL);
    for (uint32_t i = 0; judged->url.length > 0 && result == E_NOTFOUND &&
                         i < mapping->pattern_count;
         i++) {
        const struct mapping_pattern *const pattern = &mapping->patterns[i];

        judged->found.pattern = pattern;
        result = pattern->fhir ? read_fhir(judged, pattern)
                               : mapping_pattern_find(pattern, judged->url,
                                                      &judged->table->url,
                                                      &judged->found);
    }
    if (result != OK) {
        return result == E_NOTFOUND ? OK : result;
    }
    const struct mapping_pattern *const pattern = judged->found.pattern;

    judged->by_url = true;
    if (pattern->ignore) {
        judged_pass_over(judged, "other-url", pattern->directive);
        return OK;
    }
    if (pattern->has_action) {
        judged->action = pattern->action;
    }
    if (!pattern->fhir) {
        result = take_pattern(judged, pattern);
    }
    if (declared == 0) {
        judged->event->grade = GRADE_REQUESTED;
    } else {
        /* the URL may name the same person in another way: not twice */
        judged->event->person_count = declared;
    }
    return result;
}
