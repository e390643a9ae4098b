/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST AuditEvent behind nginx: one resource or a Bundle. All of a body is
 * understood before any of it is handed on; 2xx is said when core has said
 * that all of it is stored.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"
#include "codec/http_request.h"
#include "proc/intake_loop.h"

#define REQUEST_US (30 * TIME_SECOND_US)
#define STORED_US (30 * TIME_SECOND_US)
#define IDLE_US (75 * TIME_SECOND_US)

static const char *
phrase(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 503:
        return "Service Unavailable";
    default:
        return "Bad Request";
    }
}

/* A failure to build it ends the connection without an answer: the sender
 * tells again. */
static void
respond(struct intake_loop *loop, struct connection *connection,
        unsigned status, const struct buffer *body)
{
    bool keep = connection->keep_alive && (status < 300 || status == 422);
    enum result result = buffer_format(
        &connection->out,
        "HTTP/1.1 %u %s\r\nContent-Type: application/fhir+json\r\n"
        "Content-Length: %zu\r\n%s%sConnection: %s\r\n\r\n",
        status, phrase(status), body->length,
        status == 405 ? "Allow: POST\r\n" : "",
        status == 503 ? "Retry-After: 5\r\n" : "",
        keep ? "keep-alive" : "close");

    if (result == OK)
        result = buffer_text(&connection->out, buffer_as_text(body));
    connection->closing = !keep;
    connection->pending = 0;
    connection->continued = false;
    connection->since_us = loop->now_us;
    if (result != OK)
        intake_drop(loop, connection);
    else
        intake_flush(loop, connection);
}

static void
outcome(struct intake_loop *loop, struct connection *connection,
        unsigned status, const char *severity, const struct reason *why)
{
    struct buffer body = {0};
    enum result result = buffer_format(
        &body,
        "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":"
        "\"%s\",\"code\":\"%s\",\"details\":{\"text\":\"%s\"},"
        "\"diagnostics\":\"offset %" PRIu64 "\"",
        severity, status == 503 ? "transient" : "invalid", why->rule,
        why->offset);

    if (result == OK && why->field[0] != '\0') {
        result = buffer_string(&body, ",\"expression\":[");
        if (result == OK)
            result = buffer_json_string(&body, text_of(why->field));
        if (result == OK)
            result = buffer_byte(&body, ']');
    }
    if (result == OK)
        result = buffer_string(&body, "}]}");
    if (result == OK)
        respond(loop, connection, status, &body);
    else
        intake_drop(loop, connection);
    buffer_free(&body);
}

static void
stored(struct intake_loop *loop, struct connection *connection)
{
    struct buffer body = {0};
    enum result result = OK;

    if (connection->bundle) {
        result = buffer_string(&body, "{\"resourceType\":\"Bundle\",\"type\":"
                                      "\"transaction-response\",\"entry\":[");
        for (uint32_t i = 0; i < connection->records && result == OK; i++)
            result =
                buffer_format(&body, "%s{\"response\":{\"status\":\"201\"}}",
                              i == 0 ? "" : ",");
        if (result == OK)
            result = buffer_string(&body, "]}");
    }
    if (result == OK)
        respond(loop, connection, connection->bundle ? 200 : 201, &body);
    else
        intake_drop(loop, connection);
    buffer_free(&body);
}

static void
on_told(void *context, uint64_t token, bool is_stored)
{
    struct intake_loop *loop = context;
    /* serials are given out so that they name the place */
    struct connection *connection =
        &loop->connections[token % INTAKE_CONNECTIONS_MAX];
    const struct reason why = {.rule = "record-not-storable"};

    if (connection->fd < 0 || connection->serial != token ||
        connection->pending == 0)
        return;
    connection->refused_by_core |= !is_stored;
    if (--connection->pending > 0)
        return;
    if (connection->refused_by_core)
        outcome(loop, connection, 422, "error", &why);
    else
        stored(loop, connection);
}

static bool
is_type(struct text given, const char *name)
{
    struct text type, parameters;

    (void)text_split(given, ';', &type, &parameters);
    return text_is_nocase(text_trim(type), name);
}

static unsigned
look_at(const struct http_request *request, enum intake_form *ret_form,
        struct reason *why)
{
    struct text path, query;

    (void)text_split(request->target, '?', &path, &query);
    if (!text_is(request->method, "POST")) {
        why->rule = "http-method";
        return 405;
    }
    if (!text_ends(path, "/AuditEvent") && !text_ends(path, "/")) {
        why->rule = "http-target";
        return 404;
    }
    if (request->body_bytes == 0) {
        why->rule = "http-length";
        return 411;
    }
    *ret_form = INTAKE_JSON;
    if (is_type(request->content_type, "application/fhir+xml") ||
        is_type(request->content_type, "application/xml")) {
        *ret_form = INTAKE_XML;
    } else if (!is_type(request->content_type, "application/fhir+json") &&
               !is_type(request->content_type, "application/json")) {
        why->rule = "http-content-type";
        return 415;
    }
    return 0;
}

static enum result
take_body(struct intake_loop *loop, struct connection *connection,
          enum intake_form form, struct text body)
{
    struct intake_owner owner = {on_told, loop, connection->serial};
    struct intake_parsed parsed;
    enum result result =
        intake_parse(loop->parser, form, body, loop->now_us, &parsed);

    if (result != OK)
        return result;
    connection->refused_by_core = false;
    if (parsed.refused_count > 0) {
        result = intake_refused(loop, body, parsed.refused_count, &parsed.why);
        if (result == OK)
            outcome(loop, connection, 422, "error", &parsed.why);
        return result;
    }
    if (parsed.event_count == 0) {
        struct reason why = {.rule = parsed.ignored == NULL ? "no-record"
                                                            : parsed.ignored};

        outcome(loop, connection, parsed.ignored == NULL ? 422 : 200,
                "information", &why);
        return OK;
    }
    connection->pending = connection->records = parsed.event_count;
    connection->bundle =
        parsed.event_count > 1 || text_find(body, "\"Bundle\"") < body.length;
    connection->since_us = loop->now_us;
    return intake_hand_on(loop, &parsed, true, &owner);
}

static void
wrong_head(struct intake_loop *loop, struct connection *connection,
           enum result result, const struct reason *why)
{
    connection->keep_alive = false;
    outcome(loop, connection,
            result == E_LIMIT                                       ? 413
            : text_is(text_of(why->rule), "http-transfer-encoding") ? 411
                                                                    : 400,
            "error", why);
}

enum result
intake_feed_take(struct intake_loop *loop, struct connection *connection)
{
    while (connection->fd >= 0 && connection->pending == 0 &&
           !connection->closing && intake_queue_room(loop->queue)) {
        struct text window = buffer_as_text(&connection->in);
        struct http_request request;
        struct reason why = {0};
        enum intake_form form = INTAKE_JSON;
        unsigned status;
        size_t whole;
        enum result result = http_request_read(window, &why, &request);

        if (window.length > 0 && connection->part_us == 0)
            connection->part_us = loop->now_us;
        if (result == E_END && connection->ended)
            intake_drop(loop, connection);
        if (result == E_END)
            return OK;
        if (result != OK) {
            wrong_head(loop, connection, result, &why);
            return OK;
        }
        connection->keep_alive = request.keep_alive;
        status = look_at(&request, &form, &why);
        if (status != 0) {
            connection->keep_alive = false;
            outcome(loop, connection, status, "error", &why);
            return OK;
        }
        whole = request.head_bytes + (size_t)request.body_bytes;
        if (window.length < whole) {
            if (connection->ended)
                intake_drop(loop, connection);
            else if (request.expects_continue && !connection->continued &&
                     buffer_string(&connection->out,
                                   "HTTP/1.1 100 Continue\r\n\r\n") == OK)
                intake_flush(loop, connection);
            connection->continued = true;
            return OK;
        }
        result = take_body(loop, connection, form,
                           (struct text){window.bytes + request.head_bytes,
                                         (size_t)request.body_bytes});
        if (result != OK || connection->fd < 0)
            return result;
        memmove(connection->in.bytes, connection->in.bytes + whole,
                connection->in.length - whole);
        connection->in.length -= whole;
        connection->part_us = 0;
    }
    return OK;
}

void
intake_feed_tick(struct intake_loop *loop, struct connection *connection)
{
    struct reason why = {.rule = "http-slow"};

    if (connection->pending > 0) {
        if (loop->now_us - connection->since_us <= STORED_US)
            return;
        /* it may be stored all the same: told again, it counts once */
        why.rule = "core-away";
        connection->keep_alive = false;
        outcome(loop, connection, 503, "error", &why);
    } else if (connection->part_us != 0 &&
               loop->now_us - connection->part_us > REQUEST_US) {
        connection->keep_alive = false;
        outcome(loop, connection, 408, "error", &why);
    } else if (loop->now_us - connection->since_us > IDLE_US) {
        intake_drop(loop, connection);
    }
}
