/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Requests and URLs, by RFC 3986 as far as trails keep to it. Everything is
 * one pass over borrowed bytes; what is read of FHIR is the reading of
 * persons only (R4, RESTful API; the Patient compartment's parameters).
 */
#include "codec/query.h"

#include <string.h>

static bool
is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* "GET", "PROPFIND": capitals before the first blank. */
static struct text
take_method(struct text *given)
{
    const size_t end = text_find_byte(*given, ' ');
    const struct text method = {given->bytes, end};

    if (end == 0 || end == given->length || end > 16) {
        return (struct text){"", 0};
    }
    for (size_t i = 0; i < end; i++) {
        if (method.bytes[i] < 'A' || method.bytes[i] > 'Z') {
            return (struct text){"", 0};
        }
    }
    *given = text_trim(text_after(*given, end));
    return method;
}

/* The request line's target and, for a form that was posted, the body. */
static struct text
take_target(struct text given, struct text *ret_body)
{
    const size_t line_end = text_find_byte(given, '\n');
    struct text line = text_trim((struct text){given.bytes, line_end});
    const struct text rest = text_after(given, line_end);
    const size_t version = text_find(line, " HTTP/");
    size_t blank = text_find(rest, "\n\n");
    size_t skip = 2;

    if (blank == rest.length) {
        blank = text_find(rest, "\r\n\r\n");
        skip = 4;
    }
    *ret_body = blank < rest.length ? text_trim(text_after(rest, blank + skip))
                                    : (struct text){"", 0};
    if (version < line.length) {
        line.length = version;
    }
    return text_trim(line);
}

static struct text
take_base(struct text *target)
{
    const struct text whole = *target;
    const size_t scheme = text_find(whole, "://");
    const size_t stop = text_find_byte(whole, '/');
    const size_t question = text_find_byte(whole, '?');

    /* a scheme, not "?next=https://…" */
    if (scheme == whole.length || scheme + 1 != stop || question < scheme) {
        return (struct text){"", 0};
    }
    const struct text behind = text_after(whole, scheme + 3);
    size_t host = text_find_byte(behind, '/');
    const size_t host_question = text_find_byte(behind, '?');

    host = host_question < host ? host_question : host;
    *target = text_after(behind, host);
    return (struct text){whole.bytes, scheme + 3 + host};
}

void
query_split(struct text given, struct text *ret_base, struct text *ret_path,
            struct text *ret_parameters)
{
    struct text rest = text_trim(given), body, parameters = {"", 0}, path;

    (void)take_method(&rest);
    rest = take_target(rest, &body);
    *ret_base = take_base(&rest);
    rest.length = text_find_byte(rest, '#');
    if (!text_split(rest, '?', &path, &parameters) &&
        text_find_byte(rest, '/') == rest.length &&
        text_find_byte(rest, '=') < rest.length) {
        parameters = rest; /* parameters alone */
        path = (struct text){"", 0};
    }
    if (parameters.length == 0) {
        parameters = body;
    }
    *ret_path = path;
    *ret_parameters = parameters;
}

bool
query_next_parameter(struct text *parameters, struct text *ret_name,
                     struct text *ret_value)
{
    while (parameters->length > 0) {
        size_t end = 0;

        while (end < parameters->length && parameters->bytes[end] != '&' &&
               parameters->bytes[end] != ';') {
            end++;
        }
        const struct text one =
            text_trim((struct text){parameters->bytes, end});

        *parameters = text_after(*parameters, end + 1);
        if (one.length == 0) {
            continue;
        }
        if (!text_split(one, '=', ret_name, ret_value)) {
            *ret_value = (struct text){"", 0};
        }
        return true;
    }
    return false;
}

bool
query_next_segment(struct text *path, struct text *ret_segment)
{
    while (path->length > 0) {
        const size_t end = text_find_byte(*path, '/');
        const struct text one = {path->bytes, end};

        *path = text_after(*path, end + 1);
        if (one.length > 0) {
            *ret_segment = one;
            return true;
        }
    }
    return false;
}

int
query_hex(char byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    if (byte >= 'a' && byte <= 'f') {
        return byte - 'a' + 10;
    }
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

enum result
query_decode(struct text given, bool plus, struct buffer *scratch,
             struct text *ret_text)
{
    if (given.length == 0 ||
        (memchr(given.bytes, '%', given.length) == NULL &&
         (!plus || memchr(given.bytes, '+', given.length) == NULL))) {
        *ret_text = given;
        return OK;
    }
    const enum result result = buffer_reserve(scratch, given.length);

    if (result != OK) {
        return result;
    }
    char *const start = scratch->bytes + scratch->length;
    char *to = start;

    for (size_t i = 0; i < given.length; i++) {
        const char byte = given.bytes[i];

        if (byte == '%' && given.length - i > 2 &&
            query_hex(given.bytes[i + 1]) >= 0 &&
            query_hex(given.bytes[i + 2]) >= 0) {
            *to++ = (char)(query_hex(given.bytes[i + 1]) * 16 +
                           query_hex(given.bytes[i + 2]));
            i += 2;
        } else {
            *to++ = plus && byte == '+' ? ' ' : byte;
        }
    }
    scratch->length = (size_t)(to - scratch->bytes);
    *ret_text = (struct text){start, (size_t)(to - start)};
    return OK;
}

/* Parameters whose value may be a reference to a Patient (R4,
 * CompartmentDefinition/patient). With `bare`, an id without its type is a
 * Patient's: these never point elsewhere by default. */
struct person_parameter {
    const char *name;
    bool bare;
};
static const struct person_parameter person_parameters[] = {
    {"patient", true},        {"subject", true},     {"beneficiary", true},
    {"actor", false},         {"individual", false}, {"member", false},
    {"policy-holder", false}, {"subscriber", false}, {"payor", false},
    {"author", false},        {"recipient", false},  {"sender", false},
    {"source", false},        {"performer", false},  {"participant", false},
    {"receiver", false},      {"requester", false},  {"link", false},
    {"entity", false},        {"agent", false},      {"focus", false},
    {"enterer", false},       {"sequence", false},   {"asserter", false},
};

/* "+", paging and form: nothing is selected by them. */
static bool
is_shape_parameter(struct text name)
{
    return name.length == 0 || name.bytes[0] == '_';
}

static const struct person_parameter *
find_person_parameter(struct text name)
{
    for (size_t i = 0;
         i < sizeof(person_parameters) / sizeof(person_parameters[0]); i++) {
        if (text_is(name, person_parameters[i].name)) {
            return &person_parameters[i];
        }
    }
    return NULL;
}

static bool
has_person(const struct query *query, struct text reference,
           struct text identifier)
{
    for (uint32_t i = 0; i < query->person_count; i++) {
        if (text_equal(query->persons[i].reference, reference) &&
            text_equal(query->persons[i].identifier, identifier)) {
            return true;
        }
    }
    return false;
}

static enum result
add_person(struct query *query, struct text reference, struct text identifier)
{
    if (has_person(query, reference, identifier)) {
        return OK;
    }
    if (query->person_count == QUERY_PERSONS_MAX) {
        return E_LIMIT;
    }
    query->persons[query->person_count++] =
        (struct query_person){reference, identifier};
    return OK;
}

/* "Patient/" + id. One that is there already leaves nothing in scratch, so
 * that a repeated id cannot outgrow what query_read() reserved. */
static enum result
add_patient_id(struct query *query, struct text id, struct buffer *scratch)
{
    const size_t at = scratch->length;
    enum result result = buffer_string(scratch, "Patient/");

    if (result == OK) {
        result = buffer_text(scratch, id);
    }
    if (result != OK) {
        return result;
    }
    const struct text reference = {scratch->bytes + at, scratch->length - at};

    if (has_person(query, reference, (struct text){"", 0})) {
        scratch->length = at;
        return OK;
    }
    return add_person(query, reference, (struct text){"", 0});
}

static bool
names_patient(struct text reference)
{
    const size_t at = text_find(reference, "Patient/");

    return at < reference.length &&
           (at == 0 || reference.bytes[at - 1] == '/') &&
           reference.length > at + 8;
}

enum value_kind { VALUE_REFERENCE, VALUE_PATIENT_ID, VALUE_IDENTIFIER };

static enum result
add_value(struct query *query, struct text value, enum value_kind kind,
          bool bare, struct buffer *scratch)
{
    if (value.length == 0) {
        return OK;
    }
    if (kind == VALUE_IDENTIFIER) {
        return add_person(query, (struct text){"", 0}, value);
    }
    if (kind == VALUE_REFERENCE && names_patient(value)) {
        return add_person(query, value, (struct text){"", 0});
    }
    if (memchr(value.bytes, '/', value.length) != NULL ||
        (kind == VALUE_REFERENCE && !bare)) {
        query->criteria = true; /* a Group, a Practitioner */
        return OK;
    }
    return add_patient_id(query, value, scratch);
}

/* "a,b\,c" to its values; the backslash of "\," "\|" "\$" "\\" goes. */
static enum result
add_values(struct query *query, struct text values, enum value_kind kind,
           bool bare, struct buffer *scratch)
{
    enum result result = query_decode(values, true, scratch, &values);

    while (result == OK && values.length > 0) {
        size_t end = 0;
        bool escaped = false;

        while (end < values.length && values.bytes[end] != ',') {
            if (values.bytes[end] == '\\' && end + 1 < values.length) {
                escaped = true;
                end++;
            }
            end++;
        }
        struct text value = {values.bytes, end};

        values = text_after(values, end + 1);
        if (escaped) {
            const size_t at = scratch->length;

            for (size_t i = 0; result == OK && i < value.length; i++) {
                i += value.bytes[i] == '\\' && i + 1 < value.length;
                result = buffer_byte(scratch, value.bytes[i]);
            }
            value = (struct text){scratch->bytes + at, scratch->length - at};
        }
        if (result == OK) {
            result = add_value(query, text_trim(value), kind, bare, scratch);
        }
    }
    return result;
}

static enum result
read_parameter(struct query *query, struct text name, struct text value,
               struct buffer *scratch)
{
    struct text head, tail;
    enum value_kind kind = VALUE_REFERENCE;
    const struct person_parameter *parameter;

    if (text_is(query->type, "Patient") && text_is(name, "_id")) {
        return add_values(query, value, VALUE_PATIENT_ID, true, scratch);
    }
    if (text_is(query->type, "Patient") &&
        (text_is(name, "identifier") || text_is(name, "identifier:exact"))) {
        return add_values(query, value, VALUE_IDENTIFIER, true, scratch);
    }
    if (text_split(name, ':', &head, &tail) ||
        text_split(name, '.', &head, &tail)) {
        if (text_is(tail, "Patient") || text_is(tail, "_id") ||
            text_is(tail, "Patient._id")) {
            kind = VALUE_PATIENT_ID;
        } else if (text_is(tail, "identifier") ||
                   text_is(tail, "Patient.identifier")) {
            kind = VALUE_IDENTIFIER;
        } else {
            query->criteria = query->criteria || !is_shape_parameter(name);
            return OK;
        }
    }
    parameter = find_person_parameter(head);
    if (parameter == NULL || (kind == VALUE_IDENTIFIER && !parameter->bare)) {
        query->criteria = query->criteria || !is_shape_parameter(name);
        return OK;
    }
    /* subject:Patient=Patient/42 is written too */
    if (kind == VALUE_PATIENT_ID && names_patient(value)) {
        kind = VALUE_REFERENCE;
    }
    return add_values(query, value, kind, parameter->bare, scratch);
}

static bool
is_type_shaped(struct text word)
{
    if (word.length < 3 || word.length > 64 || word.bytes[0] < 'A' ||
        word.bytes[0] > 'Z') {
        return false;
    }
    for (size_t i = 0; i < word.length; i++) {
        if (!is_letter(word.bytes[i])) {
            return false;
        }
    }
    return true;
}

static bool
is_type(struct text word, bool (*known)(struct text word))
{
    return is_type_shaped(word) && (known == NULL || known(word));
}

/* What stands behind the type: id, /_history, a compartment's type or an
 * operation. A compartment makes its Patient a person and leaves its own type
 * as what is read. */
static enum result
read_segment(struct text segment, bool (*known)(struct text word),
             struct query *query, struct buffer *scratch)
{
    enum result result = query_decode(segment, false, scratch, &segment);

    if (result != OK || segment.length == 0) {
        return result;
    }
    if (segment.bytes[0] == '$') {
        query->operation = segment;
    } else if (text_is(segment, "_history")) {
        query->history = true;
    } else if (text_is(segment, "_search") || query->history) {
        return OK;
    } else if (query->id.length > 0 && is_type(segment, known)) {
        query->type = segment;
        query->id = (struct text){"", 0};
        query->search = true;
    } else if (query->id.length == 0 && query->operation.length == 0) {
        query->id = segment;
        query->search = false;
        if (text_is(query->type, "Patient")) {
            result = add_patient_id(query, segment, scratch);
        }
    }
    return result;
}

/* [base/]Type[/id[/_history[/n]|/Type2|/$operation]]; *ret_type_at is where
 * the first type stands, NULL where none does. */
static enum result
read_path(struct text path, bool (*known)(struct text word),
          struct query *query, struct buffer *scratch, const char **ret_type_at)
{
    struct text segment;
    enum result result = OK;

    *ret_type_at = NULL;
    while (*ret_type_at == NULL && query_next_segment(&path, &segment)) {
        if (is_type(segment, known)) {
            query->type = segment;
            query->search = true;
            *ret_type_at = segment.bytes;
        }
    }
    while (result == OK && query_next_segment(&path, &segment)) {
        result = read_segment(segment, known, query, scratch);
    }
    return result;
}

enum result
query_read(struct text given, bool (*known)(struct text word),
           struct buffer *scratch, struct query *ret_query)
{
    struct text parameters, path, base, name, value, rest = text_trim(given);
    const char *type_at;
    enum result result;

    /* names and values decoded once, an escaped value again, an id again
     * behind "Patient/", which QUERY_PERSONS_MAX bounds */
    result =
        buffer_reserve(scratch, 3 * given.length + (QUERY_PERSONS_MAX + 2) * 8);
    if (result != OK) {
        return result;
    }
    memset(ret_query, 0, offsetof(struct query, persons));
    ret_query->method = take_method(&rest);
    query_split(given, &base, &path, &parameters);
    result = read_path(path, known, ret_query, scratch, &type_at);
    if (base.length > 0 && type_at != NULL) {
        ret_query->base =
            (struct text){base.bytes, (size_t)(type_at - base.bytes)};
    }
    while (result == OK && query_next_parameter(&parameters, &name, &value)) {
        result = query_decode(name, true, scratch, &name);
        if (result == OK) {
            result = read_parameter(ret_query, name, value, scratch);
        }
    }
    return result;
}
