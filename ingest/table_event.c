/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The decisions, in this order: is the record passed over, was it refused,
 * what was done, whose data was it, when. What cannot be told is kept as
 * unknown and never as harmless: an unknown outcome is an access, an unknown
 * kind of data may be medical.
 */
#include "ingest/table_judge.h"

#include <string.h>

#include "base/time.h"
#include "codec/query.h"
#include "codec/query_place.h"

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

static bool
is_nothing(struct text value)
{
    switch (value.length) {
    case 1:
        return value.bytes[0] == '-';
    case 4:
        return text_is_nocase(value, "null");
    case 6:
        return text_is_nocase(value, "(null)");
    default:
        return false;
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

    return is_nothing(value) ? (struct text){"", 0} : value;
}

/* The first rule of the field that has a value; rule_count where none. */
uint32_t
judged_rule(const struct judged *judged, enum mapping_field field,
            struct text *ret_value)
{
    const struct mapping *const mapping = judged->mapping;
    uint32_t fallback = mapping->rule_count;

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        if (mapping->rules[i].field != field) {
            continue;
        }
        const struct text value = table_value(judged->table, mapping, i);

        if (value.length > 0) {
            *ret_value = value;
            return i;
        }
        if (mapping->rules[i].values.has_default &&
            fallback == mapping->rule_count) {
            fallback = i;
        }
    }
    *ret_value = (struct text){"", 0};
    return fallback;
}

struct text
judged_value(const struct judged *judged, enum mapping_field field)
{
    struct text value;

    (void)judged_rule(judged, field, &value);
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

void
judged_refuse(struct judged *judged, const char *rule, const char *field,
              const struct conf_directive *directive)
{
    (void)reason_set(&judged->refused, E_FORMAT, rule, field, judged->at);
    judged->is_refused = true;
    table_fail(judged->table, rule, directive);
}

void
judged_pass_over(struct judged *judged, const char *kind,
                 const struct conf_directive *directive)
{
    judged->ignored = kind;
    table_fail(judged->table, kind, directive);
}

/* `ignore column "Type" is "Sauvegarde"`, `emergency … is …`: the first rule
 * of the field whose value is one of its words. */
static const struct conf_directive *
find_condition(const struct judged *judged, enum mapping_field field)
{
    const struct mapping *const mapping = judged->mapping;
    uint32_t number;

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        if (mapping->rules[i].field == field &&
            mapping_value_find(&mapping->rules[i].values,
                               table_value(judged->table, mapping, i),
                               &number) == OK) {
            return mapping->rules[i].directive;
        }
    }
    return NULL;
}

static void
judge_conditions(struct judged *judged)
{
    const struct conf_directive *const ignored =
        find_condition(judged, MAPPING_IGNORE);

    if (ignored != NULL) {
        judged_pass_over(judged, "mapping-ignore", ignored);
    }
    if (find_condition(judged, MAPPING_EMERGENCY) != NULL) {
        judged->event->flags |= EVENT_EMERGENCY;
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
        judged_refuse(judged, "status", "outcome", directive);
        return;
    }
    judged->outcome =
        status >= 400 || status == 0 ? OUTCOME_REFUSAL : OUTCOME_ACCESS;
}

static void
judge_outcome(struct judged *judged)
{
    struct text value;
    const uint32_t i = judged_rule(judged, MAPPING_OUTCOME, &value);

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
        judged_pass_over(judged, "mapping-ignore", rule->directive);
    }
}

/* An HTTP method; POST may search or do anything, so that outside FHIR it is
 * not taken for care being written. */
uint32_t
judged_method_action(struct text method)
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

struct text
judged_method(const struct judged *judged)
{
    return judged->mapping->format == MAPPING_COMBINED
               ? judged->table->row.cells[COMBINED_METHOD]
               : judged_value(judged, MAPPING_METHOD);
}

static void
judge_action(struct judged *judged)
{
    struct text value;
    const uint32_t i = judged_rule(judged, MAPPING_ACTION, &value);

    if (i < judged->mapping->rule_count) {
        if (mapping_value_find(&judged->mapping->rules[i].values, value,
                               &judged->action) != OK) {
            judged->action = ACTION_NONE;
        }
    } else {
        judged->action = judged_method_action(judged_method(judged));
    }
    if (judged->action == ACTION_IGNORE) {
        judged_pass_over(judged, "other-action",
                         i < judged->mapping->rule_count
                             ? judged->mapping->rules[i].directive
                             : NULL);
    }
}

static void
judge_data(struct judged *judged)
{
    const struct mapping_pattern *const pattern =
        judged->by_url ? judged->found.pattern : NULL;
    const struct mapping *const mapping = judged->mapping;
    struct event *const event = judged->event;
    struct text value;
    uint32_t number, i = judged_rule(judged, MAPPING_RESOURCE, &value);

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
    i = judged_rule(judged, MAPPING_CATEGORIES, &value);
    if (i < mapping->rule_count &&
        mapping_value_find(&mapping->rules[i].values, value, &number) == OK) {
        event->categories = (uint16_t)number;
    }
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
    uint32_t i = judged_rule(judged, MAPPING_PROFESSIONAL, &value);

    event->professional = found_or(value, found->professional);
    if (i < judged->mapping->rule_count) {
        event->professional_system = judged->mapping->rules[i].system;
    }
    i = judged_rule(judged, MAPPING_SESSION, &value);
    event->session = found_or(value, found->session);
    if (event->session.length > 0) {
        event->session_kind =
            i < judged->mapping->rule_count && judged->mapping->rules[i].token
                ? SESSION_TOKEN
                : SESSION_SID;
    }
    /* "client, proxy, proxy": the client */
    (void)text_split(judged_value(judged, MAPPING_ADDRESS), ',', &first, &rest);
    if (event_address_parse(first, judged->address) == OK) {
        event->address = text_of(judged->address);
    }
    event->device = judged_value(judged, MAPPING_DEVICE);
    event->request = judged_value(judged, MAPPING_REQUEST);
    event->record = judged_value(judged, MAPPING_RECORD);
    event->source = judged_value(judged, MAPPING_SOURCE);
    event->service =
        found_or(judged_value(judged, MAPPING_SERVICE), found->service);
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
            judged_refuse(judged, "value-bytes-max", values[i].field, NULL);
            return;
        }
    }
    for (uint32_t i = 0; i < event->person_count; i++) {
        if (event->persons[i].shown.length > EVENT_VALUE_BYTES_MAX) {
            judged_refuse(judged, "value-bytes-max", "person", NULL);
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

    (void)judged_rule(judged, MAPPING_ACTION, &action);
    if ((judged->event->flags & EVENT_WRITE) != 0) {
        /* what was written is nobody's data seen, as in audit.c */
        judged_pass_over(judged, "no-person",
                         directive_of(judged, MAPPING_PERSON));
        return;
    }
    if (judged->by_url) {
        judged->event->query = judged->url;
    } else if (action.length > 0 && judged->action >= INTERACTION_READ &&
               judged->action <= INTERACTION_OTHER) {
        judged->event->query = action;
    } else {
        judged_pass_over(judged,
                         judged->url.length > 0 ? "other-url" : "no-person",
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
forget_disclosure(struct event *event)
{
    event->person_count = 0;
    event->grade = GRADE_NONE;
    event->categories = 0;
    event->resource = RESOURCE_UNKNOWN;
}

/* Refused: a row of its own where somebody was named, a URL is understood or
 * something is known to have been tried. */
static void
judge_refusal(struct judged *judged)
{
    struct event *const event = judged->event;

    event->kind = EVENT_REFUSAL;
    if (event->person_count > 0) {
        return;
    }
    if (!judged->by_url && judged->action < ACTION_LOGIN) {
        judge_unknown_persons(judged);
        event->query = (struct text){"", 0};
    }
    forget_disclosure(event);
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
        judge_refusal(judged);
        return;
    }
    if (judged->action == ACTION_LOGIN || judged->action == ACTION_LOGOUT) {
        event->kind =
            judged->action == ACTION_LOGIN ? EVENT_LOGIN : EVENT_LOGOUT;
        forget_disclosure(event);
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

    judge_conditions(judged);
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
        if (judged->event->kind == EVENT_ACCESS) {
            query_place_of(judged->url, &judged->event->place);
        }
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
