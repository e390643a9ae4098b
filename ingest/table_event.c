/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The decisions, in this order: is the record passed over, was it refused,
 * what was done, whose data was it, when. What cannot be told is kept as
 * unknown and never as harmless: an unknown outcome is an access, an unknown
 * kind of data may be medical.
 */
#include "ingest/table_event.h"

#include <string.h>

#include "base/time.h"
#include "codec/query.h"

/* One record being judged. */
struct judged {
    struct table *table;
    const struct mapping *mapping;
    struct form_context *context;
    struct event *event;
    uint64_t at;
    const char *ignored; /* why it is passed over, or NULL */
    struct reason refused;
    bool is_refused;
    uint32_t outcome;
    uint32_t action;
    struct text url;
    struct pattern_found found;
    bool by_url; /* a pattern fits */
    bool fhir_read;
    char address[ADDRESS_TEXT_BYTES];
};

void
table_fail(struct table *table, const char *rule,
           const struct conf_directive *directive)
{
    if (table->has_failed) {
        return;
    }
    table->has_failed = true;
    table->failed.rule = rule;
    table->failed.field[0] = '\0';
    table->failed.offset = table->line;
    if (directive != NULL) {
        mapping_rule_words(directive, table->failed.field);
    }
}

struct text
table_value(const struct table *table, const struct mapping *mapping,
            uint32_t rule)
{
    const struct mapping_rule *const of = &mapping->rules[rule];
    struct text value = of->place == PLACE_VALUE
                            ? of->constant
                            : text_trim(table->values.of_rule[rule]);

    if (text_is(value, "-") || text_is_nocase(value, "null") ||
        text_is_nocase(value, "(null)")) {
        value = (struct text){"", 0};
    }
    return value;
}

/* The first rule of the field that has a value; rule_count where none. */
static uint32_t
first_rule(const struct judged *judged, enum mapping_field field,
           struct text *ret_value)
{
    const struct mapping *const mapping = judged->mapping;

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        if (mapping->rules[i].field != field) {
            continue;
        }
        const struct text value = table_value(judged->table, mapping, i);

        if (value.length > 0 || mapping->rules[i].values.has_default) {
            *ret_value = value;
            return i;
        }
    }
    *ret_value = (struct text){"", 0};
    return mapping->rule_count;
}

static struct text
first_value(const struct judged *judged, enum mapping_field field)
{
    struct text value;

    (void)first_rule(judged, field, &value);
    return value;
}

static const struct conf_directive *
directive_of(const struct judged *judged, enum mapping_field field)
{
    for (uint32_t i = 0; i < judged->mapping->rule_count; i++) {
        if (judged->mapping->rules[i].field == field) {
            return judged->mapping->rules[i].directive;
        }
    }
    return NULL;
}

static void
refuse(struct judged *judged, const char *rule, const char *field,
       const struct conf_directive *directive)
{
    (void)reason_set(&judged->refused, E_FORMAT, rule, field, judged->at);
    judged->is_refused = true;
    table_fail(judged->table, rule, directive);
}

static void
pass_over(struct judged *judged, const char *kind,
          const struct conf_directive *directive)
{
    judged->ignored = kind;
    table_fail(judged->table, kind, directive);
}

/* `ignore column "Type" is "Sauvegarde"` */
static void
judge_ignored(struct judged *judged)
{
    const struct mapping *const mapping = judged->mapping;
    uint32_t number;

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        if (mapping->rules[i].field == MAPPING_IGNORE &&
            mapping_value_find(&mapping->rules[i].values,
                               table_value(judged->table, mapping, i),
                               &number) == OK) {
            pass_over(judged, "mapping-ignore", mapping->rules[i].directive);
            return;
        }
    }
}

/* 1xx and what is no status: the answer is not known to have been refused,
 * but "000" and 4xx and 5xx sent no data. */
static void
judge_status(struct judged *judged, struct text value,
             const struct conf_directive *directive)
{
    uint64_t status;

    if (text_to_u64(value, 999, &status) != OK) {
        refuse(judged, "status", "outcome", directive);
        return;
    }
    judged->outcome =
        status >= 400 || status == 0 ? OUTCOME_REFUSAL : OUTCOME_ACCESS;
}

static void
judge_outcome(struct judged *judged)
{
    struct text value;
    const uint32_t i = first_rule(judged, MAPPING_OUTCOME, &value);

    if (i == judged->mapping->rule_count) {
        if (judged->mapping->format == MAPPING_COMBINED) {
            judge_status(judged, judged->table->row.cells[COMBINED_STATUS],
                         NULL);
        }
        return;
    }
    const struct mapping_rule *const rule = &judged->mapping->rules[i];

    if (rule->http) {
        judge_status(judged, value, rule->directive);
    } else if (mapping_value_find(&rule->values, value, &judged->outcome) !=
               OK) {
        judged->outcome = OUTCOME_ACCESS;
    }
    if (judged->outcome == OUTCOME_IGNORE) {
        pass_over(judged, "mapping-ignore", rule->directive);
    }
}

/* An HTTP method; POST may search or do anything, so that outside FHIR it is
 * not taken for care being written. */
static uint32_t
method_action(struct text method)
{
    if (text_is(method, "GET") || text_is(method, "HEAD")) {
        return INTERACTION_READ;
    }
    if (text_is(method, "POST")) {
        return INTERACTION_OTHER;
    }
    if (text_is(method, "PUT") || text_is(method, "PATCH")) {
        return INTERACTION_UPDATE;
    }
    if (text_is(method, "DELETE")) {
        return INTERACTION_DELETE;
    }
    return method.length == 0 ? ACTION_NONE : ACTION_IGNORE;
}

static struct text
method_of(const struct judged *judged)
{
    return judged->mapping->format == MAPPING_COMBINED
               ? judged->table->row.cells[COMBINED_METHOD]
               : first_value(judged, MAPPING_METHOD);
}

static void
judge_action(struct judged *judged)
{
    struct text value;
    const uint32_t i = first_rule(judged, MAPPING_ACTION, &value);

    if (i < judged->mapping->rule_count) {
        if (mapping_value_find(&judged->mapping->rules[i].values, value,
                               &judged->action) != OK) {
            judged->action = ACTION_NONE;
        }
    } else {
        judged->action = method_action(method_of(judged));
    }
    if (judged->action == ACTION_IGNORE) {
        pass_over(judged, "other-action",
                  i < judged->mapping->rule_count
                      ? judged->mapping->rules[i].directive
                      : NULL);
    }
}

static bool
known_resource(struct text word)
{
    return resource_number(word) != RESOURCE_UNKNOWN;
}

static uint32_t
fhir_action(const struct query *query, struct text method)
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
        return query->criteria || query->person_count > 0 ? INTERACTION_SEARCH
                                                          : INTERACTION_CREATE;
    }
    if (text_is(method, "PUT") || text_is(method, "PATCH") ||
        text_is(method, "DELETE")) {
        return method_action(method);
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
        refuse(judged, result == E_LIMIT ? "persons-max" : "person-identifier",
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
static enum result
judge_persons(struct judged *judged)
{
    const struct table_values *const values = &judged->table->values;
    struct text value;
    const uint32_t i = first_rule(judged, MAPPING_PERSON, &value);
    enum result result;

    if (i == judged->mapping->rule_count) {
        return OK;
    }
    if (values->overflow) {
        refuse(judged, "persons-max", "person",
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
    const struct text method = method_of(judged);
    enum result result =
        query_read(judged->url, known_resource, &judged->table->url, &query);

    if (result == E_LIMIT) {
        refuse(judged, "persons-max", "person", pattern->directive);
        return OK;
    }
    if (result != OK || query.type.length == 0) {
        return result == OK ? E_NOTFOUND : result;
    }
    judged->event->resource = resource_number(query.type);
    if (!resource_is_personal(judged->event->resource) &&
        query.person_count == 0) {
        pass_over(judged, "other-resource", pattern->directive);
        return OK;
    }
    judged->action =
        fhir_action(&query, method.length > 0 ? method : query.method);
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
        refuse(judged, "persons-max", "person", pattern->directive);
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
static enum result
judge_url(struct judged *judged)
{
    const struct mapping *const mapping = judged->mapping;
    const bool declared = judged->event->person_count > 0;
    enum result result = E_NOTFOUND;

    judged->url =
        mapping->format == MAPPING_COMBINED && !mapping->has[MAPPING_URL]
            ? judged->table->row.cells[COMBINED_URL]
            : first_value(judged, MAPPING_URL);
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
        pass_over(judged, "other-url", pattern->directive);
        return OK;
    }
    if (pattern->has_action) {
        judged->action = pattern->action;
    }
    if (!pattern->fhir) {
        result = take_pattern(judged, pattern);
    }
    if (!declared) {
        judged->event->grade = GRADE_REQUESTED;
    }
    return result;
}

static void
judge_data(struct judged *judged)
{
    const struct mapping_pattern *const pattern =
        judged->by_url ? judged->found.pattern : NULL;
    const struct mapping *const mapping = judged->mapping;
    struct event *const event = judged->event;
    struct text value;
    uint32_t number, i = first_rule(judged, MAPPING_RESOURCE, &value);

    if (i < mapping->rule_count && event->resource == RESOURCE_UNKNOWN) {
        event->resource =
            mapping_value_find(&mapping->rules[i].values, value, &number) == OK
                ? (uint16_t)number
                : resource_number(value);
    }
    event->categories = resource_categories(event->resource);
    if (pattern != NULL && pattern->has_categories) {
        event->categories = pattern->categories;
    }
    i = first_rule(judged, MAPPING_CATEGORIES, &value);
    if (i < mapping->rule_count &&
        mapping_value_find(&mapping->rules[i].values, value, &number) == OK) {
        event->categories = (uint16_t)number;
    }
}

/* "02/03/2026 00:00:00" beside a column of hours: the day alone. */
static struct text
day_of(struct text date)
{
    const size_t colon = text_find_byte(date, ':');
    size_t blank = colon;

    if (colon == date.length) {
        return date;
    }
    while (blank > 0 && date.bytes[blank] != ' ' && date.bytes[blank] != 'T') {
        blank--;
    }
    return blank > 0 ? (struct text){date.bytes, blank} : date;
}

static enum result
read_time(struct judged *judged, struct text given,
          const struct mapping_rule *rule, const char *field)
{
    uint32_t flags = 0;
    const enum result result = table_time_read(
        given, &rule->time, judged->context->options->fallback_time_us,
        &judged->event->time_us, &flags);

    judged->event->flags |= flags;
    if (result == E_FORMAT || result == E_LIMIT) {
        refuse(judged, result == E_LIMIT ? "time-year" : "time-form", field,
               rule->directive);
        return OK;
    }
    return result;
}

static enum result
judge_time(struct judged *judged)
{
    const struct mapping *const mapping = judged->mapping;
    struct buffer *const moment = &judged->table->moment;
    struct text value, hour;
    uint32_t i = first_rule(judged, MAPPING_TIME, &value);
    enum result result;

    if (i < mapping->rule_count) {
        return read_time(judged, value, &mapping->rules[i], "time");
    }
    i = first_rule(judged, MAPPING_DATE, &value);
    hour = first_value(judged, MAPPING_HOUR);
    if (i < mapping->rule_count) {
        buffer_clear(moment);
        result = buffer_text(moment, hour.length > 0 ? day_of(value) : value);
        result = result == OK ? buffer_byte(moment, ' ') : result;
        result = result == OK ? buffer_text(moment, hour) : result;
        return result == OK ? read_time(judged, buffer_as_text(moment),
                                        &mapping->rules[i], "date")
                            : result;
    }
    if (judged->context->header_time_us != 0) {
        judged->event->time_us = judged->context->header_time_us;
        return OK;
    }
    judged->event->time_us = judged->context->options->fallback_time_us;
    judged->event->flags |= EVENT_TIME_FROM_FILE;
    return OK;
}

static struct text
found_or(struct text found, struct text value)
{
    return found.length > 0 ? found : value;
}

static void
judge_names(struct judged *judged)
{
    struct event *const event = judged->event;
    const struct pattern_found none = {.person_count = 0};
    const struct pattern_found *const found =
        judged->by_url && !judged->found.pattern->fhir ? &judged->found : &none;
    struct text value, first, rest, base;
    uint32_t i = first_rule(judged, MAPPING_PROFESSIONAL, &value);

    event->professional = found_or(value, found->professional);
    if (i < judged->mapping->rule_count) {
        event->professional_system = judged->mapping->rules[i].system;
    }
    i = first_rule(judged, MAPPING_SESSION, &value);
    event->session = found_or(value, found->session);
    if (event->session.length > 0) {
        event->session_kind =
            i < judged->mapping->rule_count && judged->mapping->rules[i].token
                ? SESSION_TOKEN
                : SESSION_SID;
    }
    /* "client, proxy, proxy": the client */
    (void)text_split(first_value(judged, MAPPING_ADDRESS), ',', &first, &rest);
    if (event_address_parse(first, judged->address) == OK) {
        event->address = text_of(judged->address);
    }
    event->device = first_value(judged, MAPPING_DEVICE);
    event->request = first_value(judged, MAPPING_REQUEST);
    event->record = first_value(judged, MAPPING_RECORD);
    event->source = first_value(judged, MAPPING_SOURCE);
    event->service =
        found_or(first_value(judged, MAPPING_SERVICE), found->service);
    query_split(judged->url, &base, &first, &rest);
    if (event->service.length == 0 && base.length > 0) {
        event->service = base;
    }
}

static void
check_lengths(struct judged *judged)
{
    const struct event *const event = judged->event;
    const struct {
        struct text value;
        const char *field;
    } values[] = {{event->professional, "professional"},
                  {event->session, "session"},
                  {event->device, "device"},
                  {event->request, "request"},
                  {event->record, "record"},
                  {event->source, "source"},
                  {event->service, "service"}};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (values[i].value.length > EVENT_VALUE_BYTES_MAX) {
            refuse(judged, "value-bytes-max", values[i].field, NULL);
            return;
        }
    }
    for (uint32_t i = 0; i < event->person_count; i++) {
        if (event->persons[i].shown.length > EVENT_VALUE_BYTES_MAX) {
            refuse(judged, "value-bytes-max", "person", NULL);
            return;
        }
    }
}

/* An access whose persons are not known keeps what was asked, so that it
 * becomes a row "unlabelled"; one that shows nobody's data is passed over. */
static void
judge_unknown_persons(struct judged *judged)
{
    struct text action;

    (void)first_rule(judged, MAPPING_ACTION, &action);
    if (judged->by_url) {
        judged->event->query = judged->url;
    } else if (action.length > 0 && judged->action >= INTERACTION_READ &&
               judged->action <= INTERACTION_OTHER) {
        judged->event->query = action;
    } else {
        pass_over(judged, judged->url.length > 0 ? "other-url" : "no-person",
                  judged->mapping->pattern_count > 0
                      ? judged->mapping->patterns[0].directive
                      : directive_of(judged, MAPPING_PERSON));
        return;
    }
    if (judged->event->query.length > EVENT_VALUE_BYTES_MAX) {
        judged->event->query.length = EVENT_VALUE_BYTES_MAX;
    }
    judged->event->grade = GRADE_REQUESTED;
}

static void
judge_kind(struct judged *judged)
{
    struct event *const event = judged->event;

    if (judged->action <= INTERACTION_OTHER) {
        event->interaction = (enum interaction)judged->action;
    }
    if (judged->action == ACTION_REFUSAL ||
        judged->outcome == OUTCOME_REFUSAL) {
        event->kind = EVENT_REFUSAL;
        if (event->person_count == 0 && !judged->by_url &&
            judged->action < ACTION_LOGIN) {
            judge_unknown_persons(judged);
            event->query = (struct text){"", 0};
        }
        return;
    }
    if (judged->action == ACTION_LOGIN || judged->action == ACTION_LOGOUT) {
        event->kind =
            judged->action == ACTION_LOGIN ? EVENT_LOGIN : EVENT_LOGOUT;
        event->person_count = 0;
        event->grade = GRADE_NONE;
        event->categories = 0;
        event->resource = RESOURCE_UNKNOWN;
        return;
    }
    event->kind = EVENT_ACCESS;
    if (judged->action == INTERACTION_CREATE ||
        judged->action == INTERACTION_UPDATE ||
        judged->action == INTERACTION_DELETE) {
        event->flags |= EVENT_WRITE;
    }
    if (judged->action == INTERACTION_SEARCH) {
        event->flags |= EVENT_SEARCH;
    }
    if (event->person_count == 0) {
        judge_unknown_persons(judged);
    }
}

/* Steps until one of them has decided. */
static enum result
judge(struct judged *judged)
{
    enum result result = OK;

    judge_ignored(judged);
    if (judged->ignored == NULL) {
        judge_outcome(judged);
    }
    if (judged->ignored == NULL && !judged->is_refused) {
        judge_action(judged);
    }
    if (judged->ignored == NULL && !judged->is_refused) {
        result = judge_persons(judged);
    }
    if (result == OK && judged->ignored == NULL && !judged->is_refused) {
        result = judge_url(judged);
    }
    if (result == OK && judged->ignored == NULL && !judged->is_refused) {
        judge_data(judged);
        judge_kind(judged);
    }
    if (result == OK && judged->ignored == NULL && !judged->is_refused) {
        result = judge_time(judged);
    }
    if (result == OK && judged->ignored == NULL && !judged->is_refused) {
        judge_names(judged);
        check_lengths(judged);
    }
    return result;
}

static size_t
values_length(const struct table *table, const struct mapping *mapping)
{
    size_t length = mapping->format == MAPPING_COMBINED
                        ? table->row.cells[COMBINED_URL].length
                        : 0;

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        length += table_value(table, mapping, i).length;
    }
    for (uint32_t i = 0; i < table->values.more_count; i++) {
        length += table->values.more[i].text.length;
    }
    return length;
}

enum result
table_event(struct table *table, const struct mapping *mapping,
            struct form_context *context, uint64_t at)
{
    const struct trail_sink *const sink = context->sink;
    struct judged judged = {.table = table,
                            .mapping = mapping,
                            .context = context,
                            .event = context->event,
                            .at = at};
    enum result result;

    event_reset(context->event);
    buffer_clear(&table->url);
    buffer_clear(&table->ids);
    result = buffer_reserve(&table->ids, 4 * values_length(table, mapping) +
                                             EVENT_PERSONS_MAX * 32);
    if (result == OK) {
        result = judge(&judged);
    }
    if (result != OK) {
        return result;
    }
    if (judged.is_refused) {
        return sink->refused(sink->context, &judged.refused);
    }
    if (judged.ignored != NULL) {
        return sink->ignored(sink->context, judged.ignored, at);
    }
    table->events++;
    return sink->event(sink->context, context->event, at);
}
