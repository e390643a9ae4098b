/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keycloak's event lines (JBossLoggingEventListenerProvider). It writes, in
 * this order: type, realmId, [realmName], clientId, userId, [sessionId],
 * ipAddress, [error], and then details among which stands the user name as it
 * was typed. Invariants:
 *  - a key of the first group counts only in its place, so that nothing typed
 *    as a user name can become an address or an account;
 *  - where the client id itself was made up (it stands before the address),
 *    two readings are possible and the line is refused;
 *  - a quoted value ends at `", key="` only: Keycloak puts a backslash before
 *    a quote but none before a backslash, so that backslashes prove nothing.
 */
#include "ingest/keycloak.h"

#include <string.h>

#include "base/time.h"
#include "ingest/table_time.h"

#define JSON_MARK "JSON_EVENT::"

static const char *const key_names[KEYCLOAK_KEYS] = {
    "type",     "realmId",       "realmName",           "clientId",
    "userId",   "sessionId",     "ipAddress",           "error",
    "username", "session_state", "authSessionParentId", "code_id",
    "id"};

enum keycloak_key
keycloak_key_of(struct text name)
{
    enum keycloak_key key = KEYCLOAK_TYPE;

    while (key < KEYCLOAK_KEYS && !text_is(name, key_names[key])) {
        key++;
    }
    return key;
}

void
keycloak_put(struct keycloak_event *event, enum keycloak_key key,
             struct text value)
{
    if ((event->seen & (1u << key)) != 0) {
        event->tampered = true;
        return;
    }
    event->seen |= 1u << key;
    event->values[key] = text_is(value, "null") ? (struct text){"", 0} : value;
}

static bool
is_key_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' ||
           byte == '-' || byte == ':';
}

/* Length of "key=" at `at` ("key=\"" where quoted), 0 where none stands. */
static size_t
key_at(struct text text, size_t at, bool quoted)
{
    size_t end = at;

    while (end < text.length && end - at < 64 && is_key_byte(text.bytes[end])) {
        end++;
    }
    if (end == at || end >= text.length || text.bytes[end] != '=') {
        return 0;
    }
    end++;
    if (quoted) {
        if (end >= text.length || text.bytes[end] != '"') {
            return 0;
        }
        end++;
    }
    return end - at;
}

/* Where the value that starts `rest` ends, and where the next key stands
 * (rest.length where there is none). `mark` closes the value. */
static size_t
value_end(struct text rest, const char *mark, bool quoted, size_t *ret_next)
{
    const size_t length = strlen(mark);
    size_t at = 0;

    for (;;) {
        const size_t found = at + text_find(text_after(rest, at), mark);

        if (found >= rest.length) {
            break;
        }
        if (key_at(rest, found + length, quoted) > 0) {
            *ret_next = found + length;
            return found;
        }
        at = found + 1;
    }
    *ret_next = rest.length;
    return rest.length;
}

/* One value from behind its "key=" or "key=\""; *at moves to the next key. */
static struct text
take_value(struct text message, size_t *at, bool quoted, bool detail)
{
    const struct text rest = text_after(message, *at);
    size_t next, end;

    if (quoted) {
        end = value_end(rest, "\", ", true, &next);
        if (next == rest.length && text_ends(rest, "\"")) {
            end = rest.length - 1;
        }
    } else if (detail && text_starts(rest, "'") &&
               (value_end(rest, "', ", false, &next) < rest.length ||
                (rest.length > 1 && text_ends(rest, "'")))) {
        /* Keycloak 15 quotes a detail with a blank inside, never the keys
         * before: a client id that starts with a quote hides no address */
        end = value_end(rest, "', ", false, &next);
        end = end == rest.length ? end - 1 : end;
        *at += next;
        return (struct text){rest.bytes + 1, end > 0 ? end - 1 : 0};
    } else {
        end = value_end(rest, ", ", false, &next);
    }
    *at += next;
    return (struct text){rest.bytes, end};
}

/* The errors in which the client id is only what somebody sent. */
static bool
is_client_error(struct text error)
{
    return text_find(error, "client") < error.length;
}

enum result
keycloak_message(struct text message, struct reason *why,
                 struct keycloak_event *event)
{
    const bool quoted = text_starts(message, "type=\"");
    int place = -1;
    unsigned addresses = 0;
    size_t at = 0, length;

    while (at < message.length && (length = key_at(message, at, quoted)) > 0) {
        const struct text name = {message.bytes + at,
                                  length - (quoted ? 2 : 1)};
        const enum keycloak_key key = keycloak_key_of(name);
        const size_t key_offset = at;

        at += length;
        const struct text value =
            take_value(message, &at, quoted, key > KEYCLOAK_ERROR);

        if (key == KEYCLOAK_KEYS || key == KEYCLOAK_ID) {
            place = place >= KEYCLOAK_ADDRESS ? KEYCLOAK_ERROR : place;
            continue;
        }
        addresses += key == KEYCLOAK_ADDRESS;
        if (key == KEYCLOAK_ERROR && addresses > 1 && is_client_error(value)) {
            return reason_set(why, E_FORMAT, "keycloak-ambiguous", "ipAddress",
                              key_offset);
        }
        if (key <= KEYCLOAK_ERROR && (int)key <= place) {
            event->tampered = true;
            continue;
        }
        place = key <= KEYCLOAK_ERROR ? (int)key : KEYCLOAK_ERROR;
        keycloak_put(event, key, value);
    }
    if (event->values[KEYCLOAK_TYPE].length == 0) {
        return reason_set(why, E_FORMAT, "keycloak-type", "type", 0);
    }
    return OK;
}

/* "type=…, realmId=" at the start: nothing else counts, since a message may
 * quote what somebody typed. */
size_t
keycloak_message_at(struct text line)
{
    const bool quoted = text_starts(line, "type=\"");
    size_t at = 0;

    if (key_at(line, 0, quoted) == 0 || !text_starts(line, "type=")) {
        return line.length;
    }
    at = quoted ? 6 : 5;
    const struct text type = take_value(line, &at, quoted, false);

    return type.length > 0 && type.length < 64 &&
                   text_starts(text_after(line, at), "realmId=")
               ? 0
               : line.length;
}

/* A line as the server's log writes it. */
struct log_line {
    struct text time; /* "2024-03-21 20:28:50,956", "21:20:42,120", or "" */
    struct text logger;
    struct text message;
};

static bool
is_level(struct text word)
{
    static const char *const levels[] = {"TRACE", "DEBUG", "INFO",
                                         "WARN",  "ERROR", "FATAL"};

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (text_is(word, levels[i])) {
            return true;
        }
    }
    return false;
}

/* The date, if the word before the hour looks like one, and the hour. */
static struct text
time_of_head(struct text head)
{
    head = text_trim(head);
    const char *blank =
        head.length == 0 ? NULL : memrchr(head.bytes, ' ', head.length);

    if (blank == NULL) {
        return head;
    }
    const size_t before = (size_t)(blank - head.bytes);
    const char *second = before == 0 ? NULL : memrchr(head.bytes, ' ', before);
    const size_t start = second == NULL ? 0 : (size_t)(second - head.bytes) + 1;
    const struct text date = {head.bytes + start, before - start};

    return date.length == 10 && date.bytes[4] == '-'
               ? text_after(head, start)
               : text_after(head, before + 1);
}

/* "keycloak-1  | " as docker compose writes before each line; nothing else
 * may stand before the time, so that a line of another log that quotes one of
 * Keycloak's is not taken for it. */
static struct text
without_prefix(struct text line)
{
    const size_t bar = text_find(line, "| ");

    if (bar >= line.length || bar > 64) {
        return line;
    }
    for (size_t i = 0; i < bar; i++) {
        if (!is_key_byte(line.bytes[i]) && line.bytes[i] != ' ') {
            return line;
        }
    }
    return text_after(line, bar + 2);
}

/* Digits and the marks of dates and hours. */
static bool
is_time_word(struct text word)
{
    for (size_t i = 0; i < word.length; i++) {
        const char byte = word.bytes[i];

        if ((byte < '0' || byte > '9') &&
            (byte == '\0' || strchr("-:,.+TZ", byte) == NULL)) {
            return false;
        }
    }
    return true;
}

/* [date] hour LEVEL [logger] (thread) message */
static bool
line_parse(struct text line, struct log_line *ret_line)
{
    size_t at = 0;

    line = without_prefix(line);
    while (at < line.length) {
        const struct text rest = text_after(line, at);
        const size_t length = text_find_byte(rest, ' ');
        const struct text level = {rest.bytes, length};

        if (at == 0 || !is_level(level)) {
            if (at > 64 || !is_time_word(level)) {
                return false;
            }
            at += length + 1;
            continue;
        }
        struct text behind = text_trim(text_after(rest, length));
        struct text thread, message;

        if (!text_starts(behind, "[") ||
            !text_split(text_after(behind, 1), ']', &ret_line->logger,
                        &behind)) {
            return false;
        }
        behind = text_trim(behind);
        message = behind;
        if (text_starts(behind, "(") &&
            text_split(behind, ')', &thread, &message)) {
            message = text_trim(message);
        }
        ret_line->message = message;
        ret_line->time = time_of_head((struct text){line.bytes, at});
        return true;
    }
    return false;
}

bool
keycloak_line(struct text line, struct text *ret_message, struct text *ret_time)
{
    struct log_line parsed;

    if (!line_parse(text_trim(line), &parsed)) {
        return false;
    }
    *ret_message = parsed.message;
    *ret_time = parsed.time;
    return true;
}

bool
form_is_keycloak(struct text line)
{
    struct log_line parsed;

    line = text_trim(line);
    return keycloak_message_at(line) < line.length ||
           text_starts(line, JSON_MARK "{") || line_parse(line, &parsed);
}

static struct text
session_of(const struct keycloak_event *event)
{
    static const enum keycloak_key order[] = {KEYCLOAK_SESSION_STATE,
                                              KEYCLOAK_CODE, KEYCLOAK_PARENT};

    if (event->values[KEYCLOAK_SESSION].length > 0) {
        return event->values[KEYCLOAK_SESSION];
    }
    for (size_t i = 0; !event->tampered && i < sizeof(order) / sizeof(order[0]);
         i++) {
        if (event->values[order[i]].length > 0) {
            return event->values[order[i]];
        }
    }
    return (struct text){"", 0};
}

static enum event_kind
kind_of(struct text type)
{
    if (text_ends(type, "_ERROR")) {
        return EVENT_REFUSAL;
    }
    if (text_is(type, "LOGIN")) {
        return EVENT_LOGIN;
    }
    return text_is(type, "LOGOUT") ? EVENT_LOGOUT : 0;
}

static bool
too_long(const struct keycloak_event *keycloak)
{
    for (int key = 0; key < KEYCLOAK_KEYS; key++) {
        if (keycloak->values[key].length > EVENT_VALUE_BYTES_MAX) {
            return true;
        }
    }
    return false;
}

enum result
keycloak_report(struct form_context *context,
                const struct keycloak_event *keycloak, uint64_t at)
{
    const struct text *const values = keycloak->values;
    const struct trail_sink *const sink = context->sink;
    struct event *const event = context->event;
    char address[ADDRESS_TEXT_BYTES];
    struct reason why;

    event_reset(event);
    event->kind = kind_of(values[KEYCLOAK_TYPE]);
    if (event->kind == 0) {
        return sink->ignored(sink->context, "other-event", at);
    }
    if (too_long(keycloak)) {
        (void)reason_set(&why, E_LIMIT, "value-bytes-max", "", at);
        return sink->refused(sink->context, &why);
    }
    event->time_us = keycloak->time_us;
    event->flags = keycloak->flags;
    if (!keycloak->tampered || !is_client_error(values[KEYCLOAK_ERROR])) {
        event->professional = values[KEYCLOAK_USERNAME].length > 0
                                  ? values[KEYCLOAK_USERNAME]
                                  : values[KEYCLOAK_USER_ID];
    }
    event->session = session_of(keycloak);
    event->session_kind =
        event->session.length > 0 ? SESSION_SID : SESSION_NONE;
    if (event_address_parse(values[KEYCLOAK_ADDRESS], address) == OK) {
        event->address = text_of(address);
    }
    event->source = values[KEYCLOAK_REALM_NAME].length > 0
                        ? values[KEYCLOAK_REALM_NAME]
                        : values[KEYCLOAK_REALM_ID];
    /* an unknown client's name must not fill the table of services */
    if (!is_client_error(values[KEYCLOAK_ERROR])) {
        event->service = values[KEYCLOAK_CLIENT];
    }
    event->record = values[KEYCLOAK_ID];
    return sink->event(sink->context, event, at);
}

/* Own time, else the syslog header's, else the file's. */
static enum result
set_time(struct form_context *context, struct text time,
         struct keycloak_event *event)
{
    static const struct table_time_rule rule = {.order = TABLE_TIME_DAY_FIRST};

    if (time.length > 0) {
        return table_time_read(time, &rule, context->options->fallback_time_us,
                               &event->time_us, &event->flags);
    }
    if (context->header_time_us != 0) {
        event->time_us = context->header_time_us;
        return OK;
    }
    event->time_us = context->options->fallback_time_us;
    event->flags |= EVENT_TIME_FROM_FILE;
    return OK;
}

static const char *
other_kind(struct text message)
{
    static const char *const marks[] = {" started in ", " stopped in ",
                                        "WFLYSRV00"};

    if (text_starts(message, "operationType=")) {
        return "other-event";
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (text_find(message, marks[i]) < message.length) {
            return "start-stop";
        }
    }
    return "other-line";
}

enum result
form_keycloak(struct form_context *context, struct text record, uint64_t at)
{
    const struct trail_sink *const sink = context->sink;
    const struct text line = text_trim(record);
    struct log_line parsed = {.message = line};
    struct keycloak_event event = {.seen = 0};
    struct reason why = {.rule = "keycloak-line"};
    enum result result;

    if (keycloak_message_at(line) == line.length) {
        (void)line_parse(line, &parsed);
    }
    const struct text message = parsed.message;
    const size_t message_at =
        (size_t)(message.length == 0 ? 0 : message.bytes - record.bytes);

    if (text_starts(message, JSON_MARK)) {
        buffer_clear(context->scratch);
        result = keycloak_object(
            text_after(message, sizeof(JSON_MARK) - 1), context->scratch,
            context->options->fallback_time_us, &why, &event);
        why.offset += sizeof(JSON_MARK) - 1;
    } else if (keycloak_message_at(message) == message.length) {
        return sink->ignored(sink->context, other_kind(message), at);
    } else {
        result = keycloak_message(message, &why, &event);
    }
    if (result == E_NOMEM) {
        return result;
    }
    why.offset += at + message_at;
    if (result == OK && event.time_us == 0) {
        result = set_time(context, parsed.time, &event);
        if (result != OK) {
            (void)reason_set(&why, result, "time", "time", at);
        }
    }
    return result == OK ? keycloak_report(context, &event, at)
                        : sink->refused(sink->context, &why);
}
