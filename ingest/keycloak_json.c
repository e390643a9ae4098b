/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keycloak's events as JSON: the listener's object ("JSON_EVENT::{…}"), the
 * REST interface's (details nested, time in milliseconds), and log lines in
 * JSON (ECS, Quarkus) whose message holds an event or its line form.
 */
#include <string.h>

#include "base/time.h"
#include "codec/json.h"
#include "ingest/keycloak.h"
#include "ingest/table_time.h"

/* What stands around an event, or beside its keys. */
struct envelope {
    struct text message, logger, service, timestamp, time_ms;
    bool admin; /* operationType: an administrator's event */
};

/* The next value as text: strings unescaped, numbers as written, anything
 * else empty. */
static enum result
read_text(struct json_reader *reader, struct buffer *scratch,
          struct text *ret_text)
{
    struct json_string string;
    enum json_type type;
    enum result result = json_peek(reader, &type);

    *ret_text = (struct text){"", 0};
    if (result != OK) {
        return result;
    }
    if (type == JSON_STRING) {
        result = json_read_string(reader, &string);
        return result == OK ? json_unescape(string, scratch, ret_text) : result;
    }
    return type == JSON_NUMBER ? json_read_number(reader, ret_text)
                               : json_skip(reader);
}

static struct text *
envelope_member(struct envelope *envelope, struct json_string key)
{
    if (json_key_is(key, "message")) {
        return &envelope->message;
    }
    if (json_key_is(key, "log.logger") || json_key_is(key, "loggerName")) {
        return &envelope->logger;
    }
    if (json_key_is(key, "service.name")) {
        return &envelope->service;
    }
    if (json_key_is(key, "@timestamp") || json_key_is(key, "timestamp")) {
        return &envelope->timestamp;
    }
    return json_key_is(key, "time") ? &envelope->time_ms : NULL;
}

static enum keycloak_key
key_of(struct json_string key)
{
    /* Keycloak's own keys need no escape: an escaped one is another's */
    return key.escaped ? KEYCLOAK_KEYS : keycloak_key_of(key.raw);
}

static enum result
read_member(struct json_reader *reader, struct json_string key, bool detail,
            struct buffer *scratch, struct envelope *envelope,
            struct keycloak_event *event)
{
    const enum keycloak_key number = key_of(key);
    struct text *const place = detail ? NULL : envelope_member(envelope, key);
    struct text value;
    enum result result;

    envelope->admin |= !detail && json_key_is(key, "operationType");
    if (place == NULL && number == KEYCLOAK_KEYS) {
        return json_skip(reader);
    }
    result = read_text(reader, scratch, &value);
    if (result != OK) {
        return result;
    }
    if (place != NULL) {
        *place = place->length > 0 ? *place : value;
    } else if (!detail || (number > KEYCLOAK_ERROR &&
                           (event->seen & (1u << number)) == 0)) {
        /* details are typed by others: they hold none of the first keys */
        keycloak_put(event, number, value);
    }
    return OK;
}

static enum result
read_details(struct json_reader *reader, struct buffer *scratch,
             struct envelope *envelope, struct keycloak_event *event)
{
    struct json_string key;
    enum json_type type;
    bool more = true;
    enum result result = json_peek(reader, &type);

    if (result != OK || type != JSON_OBJECT) {
        return result == OK ? json_skip(reader) : result;
    }
    result = json_enter_object(reader);
    while (result == OK) {
        result = json_next_member(reader, &key, &more);
        if (result != OK || !more) {
            break;
        }
        result = read_member(reader, key, true, scratch, envelope, event);
    }
    return result;
}

static enum result
read_object(struct text object, struct buffer *scratch, struct reason *why,
            struct envelope *envelope, struct keycloak_event *event)
{
    struct json_reader reader;
    struct json_string key;
    bool more = true;
    /* unescaping never makes longer: nothing moves */
    enum result result = buffer_reserve(scratch, object.length);

    if (result != OK) {
        return result;
    }
    json_start(&reader, object);
    result = json_enter_object(&reader);
    while (result == OK) {
        result = json_next_member(&reader, &key, &more);
        if (result != OK || !more) {
            break;
        }
        if (json_key_is(key, "details")) {
            result = read_details(&reader, scratch, envelope, event);
        } else {
            result = read_member(&reader, key, false, scratch, envelope, event);
        }
    }
    result = result == OK ? json_finish(&reader) : result;
    if (result != OK && result != E_NOMEM) {
        *why = reader.why;
    }
    return result;
}

/* Numbers are milliseconds; the time stays 0 where none is given. */
static enum result
read_time(const struct envelope *envelope, struct reason *why,
          struct keycloak_event *event)
{
    static const struct table_time_rule epoch = {.order = TABLE_TIME_EPOCH_MS};
    static const struct table_time_rule written = {.order =
                                                       TABLE_TIME_DAY_FIRST};
    const bool ms = envelope->timestamp.length == 0;
    const struct text given = ms ? envelope->time_ms : envelope->timestamp;
    enum result result;

    if (given.length == 0) {
        return OK;
    }
    result = table_time_read(given, ms ? &epoch : &written, 0, &event->time_us,
                             &event->flags);
    return result == OK ? OK : reason_set(why, result, "time", "time", 0);
}

static enum result
object_finish(const struct envelope *envelope, struct reason *why,
              struct keycloak_event *event)
{
    if (event->tampered) { /* a doubled key: whose address is it? */
        return reason_set(why, E_FORMAT, "keycloak-ambiguous", "", 0);
    }
    if (event->values[KEYCLOAK_TYPE].length == 0) {
        return reason_set(why, E_FORMAT, "keycloak-type", "type", 0);
    }
    return read_time(envelope, why, event);
}

enum result
keycloak_object(struct text object, struct buffer *scratch, struct reason *why,
                struct keycloak_event *event)
{
    struct envelope envelope = {.admin = false};
    const enum result result =
        read_object(object, scratch, why, &envelope, event);

    return result == OK ? object_finish(&envelope, why, event) : result;
}

/* The event in a log line's message, in either of its forms. */
static enum result
read_message(struct form_context *context, struct envelope *envelope,
             struct reason *why, struct keycloak_event *event)
{
    const struct text message = text_trim(envelope->message);
    struct envelope inner = {.admin = false};
    enum result result;

    *event = (struct keycloak_event){.seen = 0};
    if (text_starts(message, "JSON_EVENT::")) {
        result = read_object(text_after(message, 12), context->scratch, why,
                             &inner, event);
        result = result == OK ? object_finish(&inner, why, event) : result;
    } else {
        result = keycloak_message(message, why, event);
    }
    if (result == OK && event->time_us == 0) {
        result = read_time(envelope, why, event);
    }
    return result;
}

static bool
has_event(struct text message)
{
    message = text_trim(message);
    return message.length > 0 &&
           (keycloak_message_at(message) < message.length ||
            text_starts(message, "JSON_EVENT::"));
}

enum result
form_keycloak_json(struct form_context *context, struct text record,
                   uint64_t at)
{
    const struct trail_sink *const sink = context->sink;
    struct envelope envelope = {.admin = false};
    struct keycloak_event event = {.seen = 0};
    struct reason why = {.rule = "keycloak-json"};
    enum result result;

    /* most JSON is another's: told by one look at the bytes */
    if (text_find(record, "realmId") == record.length &&
        text_find(record, "eycloak") == record.length) {
        return E_NOTFOUND;
    }
    buffer_clear(context->scratch);
    /* the message once more, where it is JSON in a string */
    result = buffer_reserve(context->scratch, 2 * record.length);
    if (result == OK) {
        result = read_object(record, context->scratch, &why, &envelope, &event);
    }
    if (result != OK) {
        return result == E_NOMEM ? result : E_NOTFOUND;
    }
    if (has_event(envelope.message)) {
        result = read_message(context, &envelope, &why, &event);
    } else if (event.values[KEYCLOAK_TYPE].length > 0 &&
               event.values[KEYCLOAK_REALM_ID].length > 0 &&
               (event.seen & (1u << KEYCLOAK_CLIENT | 1u << KEYCLOAK_USER_ID |
                              1u << KEYCLOAK_ADDRESS)) != 0) {
        result = object_finish(&envelope, &why, &event);
    } else if (envelope.admin && event.values[KEYCLOAK_REALM_ID].length > 0) {
        return sink->ignored(sink->context, "other-event", at);
    } else if (text_starts(envelope.logger, "org.keycloak") ||
               text_is_nocase(envelope.service, "keycloak")) {
        const bool start = text_find(envelope.message, " started in ") <
                               envelope.message.length ||
                           text_find(envelope.message, " stopped in ") <
                               envelope.message.length;

        return sink->ignored(sink->context, start ? "start-stop" : "other-line",
                             at);
    } else {
        return E_NOTFOUND;
    }
    if (result == E_NOMEM) {
        return result;
    }
    if (result != OK) {
        why.offset = at;
        return sink->refused(sink->context, &why);
    }
    if (event.time_us == 0) {
        event.time_us = context->header_time_us != 0
                            ? context->header_time_us
                            : context->options->fallback_time_us;
        event.flags |=
            context->header_time_us != 0 ? 0 : (uint32_t)EVENT_TIME_FROM_FILE;
    }
    return keycloak_report(context, &event, at);
}
