/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A stream of syslog messages. It has no answer: what is read is handed on
 * before more is read, and what cannot be is a refused record.
 */
#include "base/time.h"
#include "codec/syslog_frame.h"
#include "proc/intake_loop.h"

#define HANDSHAKE_US (10 * TIME_SECOND_US)
#define PART_US (60 * TIME_SECOND_US)

static enum result
take_message(struct intake_loop *loop, struct connection *connection,
             struct text message)
{
    struct intake_parsed parsed;
    enum result result;

    if (message.length == 0)
        return OK;
    result = intake_parse(loop->parser, INTAKE_SYSLOG, message, loop->now_us,
                          &parsed);
    if (result == OK)
        result = intake_hand_on(loop, &parsed, connection->vouched, NULL);
    if (result == OK && parsed.refused_count > 0)
        result =
            intake_refused(loop, message, parsed.refused_count, &parsed.why);
    return result;
}

/* The rest of a stream that cannot be read on. */
static enum result
give_up(struct intake_loop *loop, struct connection *connection,
        const struct reason *why)
{
    enum result result =
        intake_refused(loop, buffer_as_text(&connection->in), 1, why);

    intake_drop(loop, connection);
    return result;
}

static enum result
at_end(struct intake_loop *loop, struct connection *connection)
{
    struct text rest = buffer_as_text(&connection->in);
    struct reason why = {.rule = "record-truncated"};
    enum result result = OK;

    /* the last line needs no newline; half a counted frame is half */
    if (connection->kind == INTAKE_PLAIN && rest.length > 0 &&
        (rest.bytes[0] < '1' || rest.bytes[0] > '9'))
        result = take_message(loop, connection, text_trim(rest));
    else if (rest.length > 0)
        return give_up(loop, connection, &why);
    intake_drop(loop, connection);
    return result;
}

enum result
intake_syslog_take(struct intake_loop *loop, struct connection *connection)
{
    struct text window = buffer_as_text(&connection->in);
    struct reason why = {0};
    size_t at = 0;
    enum result result = OK, framed = OK;

    while (result == OK && intake_queue_room(loop->queue)) {
        struct syslog_frame frame;

        framed =
            syslog_frame_read(text_after(window, at),
                              connection->kind == INTAKE_PLAIN, &why, &frame);
        if (framed != OK)
            break;
        result = take_message(loop, connection, frame.message);
        at += frame.used;
    }
    if (result != OK)
        return result;
    if (at > 0) {
        memmove(connection->in.bytes, connection->in.bytes + at,
                connection->in.length - at);
        connection->in.length -= at;
        connection->since_us = loop->now_us;
    }
    if (connection->in.length == 0)
        connection->part_us = 0;
    else if (at > 0 || connection->part_us == 0)
        connection->part_us = loop->now_us;
    if (framed == E_FORMAT || framed == E_LIMIT)
        return give_up(loop, connection, &why);
    if (framed == E_END && connection->ended)
        return at_end(loop, connection);
    return OK;
}

enum result
intake_syslog_tick(struct intake_loop *loop, struct connection *connection)
{
    struct reason why = {.rule = "record-slow"};

    if (connection->tls != NULL && !intake_tls_ready(connection->tls)) {
        if (loop->now_us - connection->since_us > HANDSHAKE_US)
            intake_drop(loop, connection);
        return OK;
    }
    if (connection->part_us != 0 && intake_queue_room(loop->queue) &&
        loop->now_us - connection->part_us > PART_US)
        return give_up(loop, connection, &why);
    return OK;
}
