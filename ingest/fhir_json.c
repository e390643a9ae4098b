/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * JSON records to audit_report(): what a text is, and the way down through
 * Bundles, entries and arrays. An AuditEvent whose first key is resourceType
 * is read in one pass; everything else is first passed over once to know its
 * shape and its end.
 */
#include <string.h>

#include "codec/json.h"
#include "ingest/fhir_audit.h"
#include "ingest/form.h"

/* A Bundle in an entry of a Bundle, or an array of such: no deeper. */
#define NEST_MAX 4

enum shape_kind {
    SHAPE_AUDIT,    /* an AuditEvent */
    SHAPE_BUNDLE,   /* a Bundle */
    SHAPE_RESOURCE, /* another resource */
    SHAPE_ENTRY,    /* a Bundle's entry: its resource is in `inner` */
    SHAPE_OBJECT,   /* any other object */
    SHAPE_ARRAY,
};

struct shape {
    enum shape_kind kind;
    size_t used;       /* bytes of the text; 0 where not known yet */
    struct text inner; /* of SHAPE_ENTRY */
    size_t inner_at;   /* its offset in the text */
};

static enum result one_text(struct form_context *context, struct text text,
                            uint64_t at, unsigned nest, size_t *ret_used);

/* -- refusals -- */

static enum result
tell(struct form_context *context, struct reason *why, uint64_t at)
{
    why->offset += at;
    /* a text that ends early is the record's fault, not one byte's */
    if (strcmp(why->rule, "json-truncated") == 0) {
        why->rule = "record-truncated";
        why->offset = at;
    }
    return context->sink->refused(context->sink->context, why);
}

static enum result
tell_rule(struct form_context *context, const char *rule, const char *field,
          uint64_t at)
{
    struct reason why;

    (void)reason_set(&why, E_FORMAT, rule, field, 0);
    return tell(context, &why, at);
}

/* -- shapes -- */

struct facts {
    bool typed, audit, bundle, twice, object_resource, fresh;
    struct text inner;
    size_t inner_at;
};

/* Failures stay in the reader: the caller looks there. */
static void
note_type(struct json_reader *json, struct facts *facts)
{
    struct json_string string;
    enum json_type type;

    facts->twice |= facts->typed;
    if (json_peek(json, &type) != OK)
        return;
    if (type != JSON_STRING) {
        (void)!json_skip(json);
        return;
    }
    if (json_read_string(json, &string) != OK)
        return;
    facts->typed = true;
    facts->audit = json_key_is(string, "AuditEvent");
    facts->bundle = json_key_is(string, "Bundle");
}

static void
note_resource(struct json_reader *json, struct text text, struct facts *facts)
{
    enum json_type type;

    if (json_peek(json, &type) != OK)
        return;
    facts->twice |= facts->object_resource;
    facts->object_resource = type == JSON_OBJECT;
    facts->inner_at = (size_t)json_offset(json);
    if (json_skip(json) == OK)
        facts->inner =
            (struct text){text.bytes + facts->inner_at,
                          (size_t)json_offset(json) - facts->inner_at};
}

/* A member "resource" alone does not make an entry of a Bundle: the object
 * in it must be a resource. */
static bool
is_resource(struct text inner)
{
    struct json_reader json;
    struct json_string key;
    enum json_type type;
    bool more = true;

    json_start(&json, inner);
    if (json_enter_object(&json) != OK)
        return false;
    while (json_next_member(&json, &key, &more) == OK && more) {
        if (json_key_is(key, "resourceType"))
            return json_peek(&json, &type) == OK && type == JSON_STRING;
        if (json_skip(&json) != OK)
            return false;
    }
    return false;
}

/* Passes over the members; stops early at an AuditEvent that says so with
 * its first key. */
static enum result
note_members(struct json_reader *json, struct text text, struct facts *facts)
{
    enum result result = json_enter_object(json);

    facts->fresh = true;
    while (result == OK) {
        struct json_string key;
        bool more;
        result = json_next_member(json, &key, &more);
        if (result != OK || !more)
            break;
        if (json_key_is(key, "resourceType")) {
            note_type(json, facts);
            if (facts->fresh && facts->audit)
                return OK;
        } else if (json_key_is(key, "resource")) {
            note_resource(json, text, facts);
        } else {
            (void)!json_skip(json);
        }
        facts->fresh = false;
        result = json->failed;
    }
    return result;
}

static enum result
shape_of(struct text text, struct shape *ret_shape, struct reason *why)
{
    struct json_reader json;
    struct facts facts = {0};
    enum json_type type;
    enum result result;

    json_start(&json, text);
    *ret_shape = (struct shape){.kind = SHAPE_OBJECT};
    result = json_peek(&json, &type);
    if (result == OK && type == JSON_ARRAY) {
        ret_shape->kind = SHAPE_ARRAY;
        result = json_skip(&json);
    } else if (result == OK) {
        result = note_members(&json, text, &facts);
    }
    if (result != OK) {
        *why = json.why;
        return result;
    }
    if (facts.twice)
        return reason_set(why, E_FORMAT, "json-duplicate-key",
                          facts.typed ? "resourceType" : "resource", 0);
    if (facts.audit)
        ret_shape->kind = SHAPE_AUDIT;
    else if (facts.bundle)
        ret_shape->kind = SHAPE_BUNDLE;
    else if (facts.typed)
        ret_shape->kind = SHAPE_RESOURCE;
    else if (facts.object_resource && is_resource(facts.inner))
        ret_shape->kind = SHAPE_ENTRY;
    ret_shape->inner = facts.inner;
    ret_shape->inner_at = facts.inner_at;
    ret_shape->used = (size_t)json_offset(&json);
    return OK;
}

/* -- each shape -- */

/* Behind a text only white space or another text may stand. */
static bool
trailing_ok(struct text text, size_t used)
{
    struct text rest = text_trim(text_after(text, used));

    return rest.length == 0 || rest.bytes[0] == '{' || rest.bytes[0] == '[';
}

static enum result
audit_text(struct form_context *context, struct text text, uint64_t at,
           size_t *ret_used)
{
    struct audit audit;
    struct reason why = {0};
    size_t used = 0;
    enum result result =
        fhir_audit_read(text, context->scratch, &audit, &used, &why);

    *ret_used = text.length;
    if (result == E_NOMEM)
        return result;
    if (result != OK)
        return tell(context, &why, at);
    if (!trailing_ok(text, used))
        return tell_rule(context, "json-trailing", "", at + used);
    *ret_used = used;
    return audit_report(context, &audit, at);
}

/* One value of an array, or the resource of an entry. */
static enum result
inner_text(struct form_context *context, struct text inner, uint64_t at,
           unsigned nest)
{
    size_t used;
    enum result result;

    if (nest + 1 >= NEST_MAX)
        return tell_rule(context, "bundle-depth-max", "entry", at);
    result = one_text(context, inner, at, nest + 1, &used);
    if (result == E_NOTFOUND)
        return tell_rule(context, "record-unknown", "", at);
    return result;
}

/* Every element of the array where the reader stands is a record. The text
 * has been passed over before: its syntax holds. */
static enum result
elements(struct form_context *context, struct json_reader *json,
         struct text text, uint64_t at, unsigned nest, uint64_t *count)
{
    bool more = true;
    enum result result = json_enter_array(json);

    while (result == OK && more) {
        size_t from;
        result = json_next_element(json, &more);
        if (result != OK || !more)
            break;
        from = (size_t)json_offset(json);
        result = json_skip(json);
        if (result != OK)
            break;
        (*count)++;
        result = inner_text(
            context,
            (struct text){text.bytes + from, (size_t)json_offset(json) - from},
            at + from, nest);
    }
    return result;
}

static enum result
bundle_text(struct form_context *context, struct text text, uint64_t at,
            unsigned nest)
{
    struct json_reader json;
    struct json_string key;
    enum json_type type;
    bool more = true;
    uint64_t count = 0;
    enum result result;

    json_start(&json, text);
    result = json_enter_object(&json);
    while (result == OK && more) {
        result = json_next_member(&json, &key, &more);
        if (result != OK || !more)
            break;
        if (json_key_is(key, "entry") && json_peek(&json, &type) == OK &&
            type == JSON_ARRAY)
            result = elements(context, &json, text, at, nest, &count);
        else
            result = json_skip(&json);
    }
    if (result == OK && count == 0)
        return context->sink->ignored(context->sink->context, "empty-bundle",
                                      at);
    return result;
}

static enum result
array_text(struct form_context *context, struct text text, uint64_t at,
           unsigned nest)
{
    struct json_reader json;
    uint64_t count = 0;

    json_start(&json, text);
    return elements(context, &json, text, at, nest, &count);
}

/* One text at the start of `text`; *ret_used counts its bytes, all of them
 * where it was refused. E_NOTFOUND: a valid object of no known kind. */
static enum result
one_text(struct form_context *context, struct text text, uint64_t at,
         unsigned nest, size_t *ret_used)
{
    const struct trail_sink *sink = context->sink;
    struct shape shape;
    struct reason why = {0};

    *ret_used = text.length;
    if (shape_of(text, &shape, &why) != OK)
        return tell(context, &why, at);
    if (shape.kind == SHAPE_AUDIT)
        return audit_text(context, text, at, ret_used);
    if (!trailing_ok(text, shape.used))
        return tell_rule(context, "json-trailing", "", at + shape.used);
    *ret_used = shape.used;
    text.length = shape.used;
    switch (shape.kind) {
    case SHAPE_BUNDLE:
        return bundle_text(context, text, at, nest);
    case SHAPE_ARRAY:
        return array_text(context, text, at, nest);
    case SHAPE_ENTRY:
        return inner_text(context, shape.inner, at + shape.inner_at, nest);
    case SHAPE_RESOURCE:
        return sink->ignored(sink->context, "other-resource", at);
    case SHAPE_AUDIT:
    case SHAPE_OBJECT:
        break;
    }
    return form_keycloak_json(context, text, at);
}

enum result
form_json(struct form_context *context, struct text record, uint64_t at)
{
    struct text rest = record;
    bool first = true;

    for (;;) {
        size_t used, blank;
        struct text trimmed = text_trim(rest);
        enum result result;
        if (trimmed.length == 0 && !first)
            return OK;
        blank = trimmed.length == 0 ? 0 : (size_t)(trimmed.bytes - rest.bytes);
        rest = text_after(rest, blank);
        at += blank;
        result = one_text(context, rest, at, 0, &used);
        if (result == E_NOTFOUND) {
            if (first && text_trim(text_after(rest, used)).length == 0)
                return E_NOTFOUND;
            result = tell_rule(context, "record-unknown", "", at);
        }
        if (result != OK)
            return result;
        rest = text_after(rest, used);
        at += used;
        first = false;
    }
}
