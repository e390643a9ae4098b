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
    struct text message, logger, service, timestamp, time_ms, logger_class;
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
    /* "log" is Docker's, a whole line of the server's log */
    if (json_key_is(key, "message") || json_key_is(key, "log")) {
        return &envelope->message;
    }
    if (json_key_is(key, "loggerClassName")) {
        return &envelope->logger_class;
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
read_time(const struct envelope *envelope, int64_t fallback_us,
          struct reason *why, struct keycloak_event *event)
{
    static const struct table_time_rule epoch = {.order = TABLE_TIME_EPOCH_MS};
    static const struct table_time_rule written = {.order =
                                                       TABLE_TIME_DAY_FIRST};
    const struct text given = envelope->timestamp.length > 0
                                  ? envelope->timestamp
                                  : envelope->time_ms;
    /* "time" is Keycloak's in milliseconds, and Docker's in words */
    const bool ms = envelope->timestamp.length == 0 &&
                    text_find_byte(given, '-') == given.length;
    enum result result;

    if (given.length == 0) {
        return OK;
    }
    result = table_time_read(given, ms ? &epoch : &written, fallback_us,
                             &event->time_us, &event->flags);
    return result == OK ? OK : reason_set(why, result, "time", "time", 0);
}

static enum result
object_finish(const struct envelope *envelope, int64_t fallback_us,
              struct reason *why, struct keycloak_event *event)
{
    if (event->tampered) { /* a doubled key: whose address is it? */
        return reason_set(why, E_FORMAT, "keycloak-ambiguous", "", 0);
    }
    if (event->values[KEYCLOAK_TYPE].length == 0) {
        return reason_set(why, E_FORMAT, "keycloak-type", "type", 0);
    }
    return read_time(envelope, fallback_us, why, event);
}

enum result
keycloak_object(struct text object, struct buffer *scratch, int64_t fallback_us,
                struct reason *why, struct keycloak_event *event)
{
    struct envelope envelope = {.admin = false};
    const enum result result =
        read_object(object, scratch, why, &envelope, event);

    return result == OK ? object_finish(&envelope, fallback_us, why, event)
                        : result;
}

/* The event in a log line's message, in either of its forms. */
static enum result
read_message(struct form_context *context, struct envelope *envelope,
             struct reason *why, struct keycloak_event *event)
{
    const int64_t fallback_us = context->options->fallback_time_us;
    const struct text message = text_trim(envelope->message);
    struct envelope inner = {.admin = false};
    enum result result;

    *event = (struct keycloak_event){.seen = 0};
    if (text_starts(message, "JSON_EVENT::")) {
        result = read_object(text_after(message, 12), context->scratch, why,
                             &inner, event);
        result = result == OK ? object_finish(&inner, fallback_us, why, event)
                              : result;
    } else {
        result = keycloak_message(message, why, event);
    }
    if (result == OK && event->time_us == 0) {
        result = read_time(envelope, fallback_us, why, event);
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

/* A line of the log inside "log" or "message": its own message, and its own
 * time where it has one. */
static bool
unwrap_line(struct envelope *envelope)
{
    struct text message, time;

    if (!keycloak_line(envelope->message, &message, &time)) {
        return false;
    }
    envelope->message = message;
    /* Docker's time has a zone, the line's has none */
    if (envelope->timestamp.length == 0 && envelope->time_ms.length == 0) {
        envelope->timestamp = time;
    }
    return true;
}

static const char *
other_line_kind(struct text message)
{
    return text_find(message, " started in ") < message.length ||
                   text_find(message, " stopped in ") < message.length
               ? "start-stop"
               : "other-line";
}

/* What the object is; sets why it is passed over, else fills the event.
 * E_NOTFOUND: not Keycloak's. */
static enum result
read_record(struct form_context *context, struct envelope *envelope,
            struct reason *why, struct keycloak_event *event,
            const char **ret_ignored)
{
    const bool line = !has_event(envelope->message) && unwrap_line(envelope);

    if (has_event(envelope->message)) {
        return read_message(context, envelope, why, event);
    }
    if (event->values[KEYCLOAK_TYPE].length > 0 &&
        event->values[KEYCLOAK_REALM_ID].length > 0 &&
        (event->seen & (1u << KEYCLOAK_CLIENT | 1u << KEYCLOAK_USER_ID |
                        1u << KEYCLOAK_ADDRESS)) != 0) {
        return object_finish(envelope, context->options->fallback_time_us, why,
                             event);
    }
    if (envelope->admin && event->values[KEYCLOAK_REALM_ID].length > 0) {
        *ret_ignored = "other-event";
        return OK;
    }
    if (line || envelope->logger_class.length > 0 ||
        text_starts(envelope->logger, "org.keycloak") ||
        text_is_nocase(envelope->service, "keycloak")) {
        *ret_ignored = other_line_kind(envelope->message);
        return OK;
    }
    return E_NOTFOUND;
}

/* Most JSON is another's: told by one look at the bytes. */
static bool
may_be_keycloak(struct text record)
{
    static const char *const marks[] = {"realmId", "eycloak", "\"log\"",
                                        "loggerClassName"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (text_find(record, marks[i]) < record.length) {
            return true;
        }
    }
    return false;
}

enum result
form_keycloak_json(struct form_context *context, struct text record,
                   uint64_t at)
{
    const struct trail_sink *const sink = context->sink;
    struct envelope envelope = {.admin = false};
    struct keycloak_event event = {.seen = 0};
    struct reason why = {.rule = "keycloak-json"};
    const char *ignored = NULL;
    enum result result;

    if (!may_be_keycloak(record)) {
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
    result = read_record(context, &envelope, &why, &event, &ignored);
    if (result == E_NOMEM || result == E_NOTFOUND) {
        return result;
    }
    if (ignored != NULL) {
        return sink->ignored(sink->context, ignored, at);
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
