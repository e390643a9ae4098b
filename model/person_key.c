/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the names that a record gives a person to one key in normal form, and
 * from the ways of writing an identifier to system and value.
 */
#include <string.h>

#include "model/event.h"

#define OID_PREFIX "urn:oid:"
/* The root of the French INS systems; the next arc says which (ANS, list of
 * the INS OIDs): 2 INS-C, 8 NIR, 9 NIA, 10 test, 11 demo. */
#define INS_ROOT "1.2.250.1.213.1.4."

bool
event_system_is_ins(struct text system, bool *ret_test)
{
    *ret_test = false;
    if (text_starts(system, OID_PREFIX)) {
        system = text_after(system, sizeof(OID_PREFIX) - 1);
    }
    if (!text_starts(system, INS_ROOT)) {
        return false;
    }
    const struct text arc = text_after(system, sizeof(INS_ROOT) - 1);

    if (text_is(arc, "10") || text_is(arc, "11")) {
        *ret_test = true;
        return true;
    }
    return text_is(arc, "8") || text_is(arc, "9") || text_is(arc, "2");
}

#define INS_CHARACTERS 15

bool
event_value_is_ins(struct text value)
{
    if (value.length != INS_CHARACTERS)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        char byte = value.bytes[i];

        /* Corsica: 2A, 2B in the place of the département */
        if ((byte < '0' || byte > '9') &&
            !(i == 6 && (byte == 'A' || byte == 'B')))
            return false;
    }
    return true;
}

/* INS-NIR, INS-NIA, their test and demo forms, INS-C (domain: §3). */
const char *
event_ins_system(size_t index)
{
    static const char *const systems[] = {
        OID_PREFIX INS_ROOT "8",  OID_PREFIX INS_ROOT "9",
        OID_PREFIX INS_ROOT "10", OID_PREFIX INS_ROOT "11",
        OID_PREFIX INS_ROOT "2",
    };

    return index < sizeof(systems) / sizeof(systems[0]) ? systems[index] : NULL;
}

/* The bar parts system from value: one inside a system is escaped, so that
 * no two identifiers share a key. */
static enum result
system_append(struct buffer *out, struct text system)
{
    if (system.length == 0 ||
        (memchr(system.bytes, '|', system.length) == NULL &&
         memchr(system.bytes, '%', system.length) == NULL)) {
        return buffer_text(out, system);
    }
    enum result result = OK;

    for (size_t i = 0; result == OK && i < system.length; i++) {
        if (system.bytes[i] == '|') {
            result = buffer_string(out, "%7C");
        } else if (system.bytes[i] == '%') {
            result = buffer_string(out, "%25");
        } else {
            result = buffer_byte(out, system.bytes[i]);
        }
    }
    return result;
}

static bool
is_absolute(struct text reference)
{
    return memmem(reference.bytes, reference.length, "://", 3) != NULL ||
           text_starts(reference, "urn:");
}

/* "Patient/42" of "Patient/42/_history/3": a version is the same person. */
static struct text
without_version(struct text reference)
{
    const size_t at = text_find(reference, "/_history/");

    return at > 0 && at < reference.length ? (struct text){reference.bytes, at}
                                           : reference;
}

/* "s|7|" and the text behind it: the hot path, hence no printf. */
static enum result
within_service(struct buffer *out, char form, uint16_t service,
               struct text name)
{
    char head[16] = {form, '|'};
    char digits[5];
    size_t length = 2, count = 0;

    do {
        digits[count++] = (char)('0' + service % 10);
        service /= 10;
    } while (service > 0);
    while (count > 0) {
        head[length++] = digits[--count];
    }
    head[length++] = '|';
    const enum result result = buffer_append(out, head, length);

    return result == OK ? buffer_text(out, name) : result;
}

enum result
event_person_key(const struct event_person *person, uint16_t service,
                 struct buffer *out)
{
    const struct text reference = without_version(person->reference);
    enum result result = OK;

    buffer_clear(out);
    if (person->value.length > 0 && person->system.length > 0) {
        result = buffer_string(out, "i|");
        result = result == OK ? system_append(out, person->system) : result;
        result = result == OK ? buffer_byte(out, '|') : result;
        return result == OK ? buffer_text(out, person->value) : result;
    }
    if (reference.length > 0 && is_absolute(reference)) {
        result = buffer_string(out, "r|");
        return result == OK ? buffer_text(out, reference) : result;
    }
    if (reference.length > 0) {
        return within_service(out, 's', service, reference);
    }
    const struct text bare =
        person->value.length > 0 ? person->value : person->shown;

    return bare.length > 0 ? within_service(out, 'b', service, bare) : E_FORMAT;
}

static bool
is_oid(struct text text)
{
    bool dot = false;

    for (size_t i = 0; i < text.length; i++) {
        const char byte = text.bytes[i];

        if (byte == '.') {
            dot = true;
        } else if (byte < '0' || byte > '9') {
            return false;
        }
    }
    return dot && text.bytes[0] != '.' && !text_ends(text, ".");
}

/* A bare OID gets its URN; everything else stays as it is. */
static enum result
system_normal(struct text given, struct buffer *scratch,
              struct text *ret_system)
{
    if (!is_oid(given)) {
        *ret_system = given;
        return OK;
    }
    const size_t length = sizeof(OID_PREFIX) - 1 + given.length;
    const enum result result = buffer_reserve(scratch, length);

    if (result != OK) {
        return result;
    }
    char *at = scratch->bytes + scratch->length;

    memcpy(at, OID_PREFIX, sizeof(OID_PREFIX) - 1);
    memcpy(at + sizeof(OID_PREFIX) - 1, given.bytes, given.length);
    scratch->length += length;
    *ret_system = (struct text){at, length};
    return OK;
}

/* HL7 v2.5 CX: id ^ check digit ^ scheme ^ assigning authority ^ type …; the
 * authority is HD: namespace & universal id & its type. */
static enum result
cx_parse(struct text given, struct buffer *scratch, struct text *ret_system,
         struct text *ret_value)
{
    struct text id, namespace, universal, rest = given;

    (void)text_split(rest, '^', &id, &rest);
    for (int i = 0; i < 2; i++) {
        struct text skipped;

        (void)text_split(rest, '^', &skipped, &rest);
    }
    struct text authority;

    (void)text_split(rest, '^', &authority, &rest);
    (void)text_split(authority, '&', &namespace, &rest);
    (void)text_split(rest, '&', &universal, &rest);
    id = text_trim(id);
    if (id.length == 0) {
        return E_FORMAT;
    }
    const struct text system =
        text_trim(text_trim(universal).length > 0 ? universal : namespace);
    const enum result result = system_normal(system, scratch, ret_system);

    if (result == OK) {
        *ret_value = id;
    }
    return result;
}

/* Of several CX repetitions the one under an INS, else the first. */
static struct text
cx_choose(struct text given)
{
    struct text first, one, rest = given;

    (void)text_split(given, '~', &first, &rest);
    one = first;
    for (;;) {
        if (text_find(one, "&" INS_ROOT) < one.length) {
            return one;
        }
        if (rest.length == 0) {
            return first;
        }
        (void)text_split(rest, '~', &one, &rest);
    }
}

enum result
event_identifier_parse(struct text given, struct buffer *scratch,
                       struct text *ret_system, struct text *ret_value)
{
    struct text system, value;

    given = text_trim(given);
    if (given.length == 0) {
        return E_FORMAT;
    }
    if (given.length > EVENT_VALUE_BYTES_MAX) {
        return E_LIMIT;
    }
    if (text_find_byte(given, '^') < given.length) {
        return cx_parse(cx_choose(given), scratch, ret_system, ret_value);
    }
    if (!text_split(given, '|', &system, &value)) {
        *ret_system = (struct text){0};
        *ret_value = given;
        return OK;
    }
    value = text_trim(value);
    if (value.length == 0) {
        return E_FORMAT;
    }
    const enum result result =
        system_normal(text_trim(system), scratch, ret_system);

    if (result == OK) {
        *ret_value = value;
    }
    return result;
}
