/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An operator: who it is says the socket (SO_PEERCRED), never a field. Answers
 * are lines of JSON, the last one with how it went.
 */
#include <inttypes.h>

#include "base/say.h"
#include "base/time.h"
#include "proc/core_loop.h"
#include "proc/seqpacket.h"
#include "wire/command.h"

struct telling {
    struct core_loop *loop;
    struct peer *peer;
    struct buffer line;
};

static bool
is_operator(const struct core_loop *loop, const struct peer *peer)
{
    for (size_t i = 0; i < loop->process->operator_count; i++) {
        if (loop->process->operator_uids[i] == peer->uid)
            return true;
    }
    return false;
}

static enum result
send_reply(struct core_loop *loop, struct peer *peer,
           const struct wire_reply *reply)
{
    size_t length;
    enum result result = wire_reply_write(reply, loop->packet, &length);

    if (result == OK)
        peers_send(loop->peers, peer, loop->packet, length);
    return result;
}

enum result
operator_line(struct core_loop *loop, struct peer *peer, struct text line)
{
    struct wire_reply reply = {.line = line};

    return send_reply(loop, peer, &reply);
}

/* At most `most` bytes of it: a hostile name, escaped, is six times as long. */
static enum result
put_text(struct buffer *line, const char *name, struct text value, size_t most)
{
    enum result result = buffer_format(line, ",\"%s\":", name);

    if (value.length > most)
        value.length = most;
    return result == OK ? buffer_json_string(line, value) : result;
}

static enum result
put_time(struct buffer *line, const char *name, int64_t time_us)
{
    char time[TIME_TEXT_BYTES];

    return buffer_format(line, ",\"%s\":\"%s\"", name,
                         time_format_utc(time_us, time));
}

static enum result
put_order(struct buffer *line, const struct live_session *s, size_t most)
{
    enum result result =
        buffer_format(line, ",\"by\":\"%s\"",
                      s->by == ORDER_BY_AUTOMATION ? "automation" : "operator");

    if (result == OK && s->by == ORDER_BY_OPERATOR)
        result = buffer_format(line, ",\"uid\":%" PRIu32, s->uid);
    if (result == OK)
        result = put_time(line, "since", s->since_us);
    if (result == OK && s->reason.length > 0)
        result = put_text(line, "reason", s->reason, most);
    return result;
}

static enum result
put_session(struct buffer *line, const struct live_session *s, size_t most)
{
    enum result result;

    buffer_clear(line);
    result = buffer_string(line, "{\"kind\":\"session\"");
    if (result == OK)
        result = put_text(line, "session", s->session, most);
    if (result == OK)
        result = put_text(line, "professional", s->professional, most);
    if (result == OK)
        result = put_text(line, "address", s->address, most);
    if (result == OK)
        result = put_text(line, "service", s->service, most);
    if (result == OK)
        result = put_time(line, "first", s->first_us);
    if (result == OK)
        result = put_time(line, "last", s->last_us);
    if (result == OK)
        result = buffer_format(
            line,
            ",\"persons\":%" PRIu32 ",\"new\":%" PRIu32 ",\"refused\":%" PRIu32
            ",\"score\":%.2f,\"verdict\":\"%s\"",
            s->persons, s->new_persons, s->refused, s->score_centinats / 100.0,
            verdict_name(s->verdict));
    if (result == OK && s->alert != 0)
        result = buffer_format(line, ",\"alert\":\"%016" PRIx64 "\"", s->alert);
    if (result == OK && s->by != 0)
        result = put_order(line, s, most);
    return result == OK ? buffer_byte(line, '}') : result;
}

static const char *
what_of(const struct order *order)
{
    switch (order->target) {
    case ORDER_GLASS:
        return "break_glass";
    case ORDER_REVIEW:
        return "review";
    case ORDER_ON_EVERYBODY:
        return "posture";
    default:
        return order->verdict == VERDICT_ALLOW ? "restore"
                                               : verdict_name(order->verdict);
    }
}

static const char *
about_of(const struct order *order)
{
    if (order->target == ORDER_REVIEW)
        return "reviews";
    return order->target != ORDER_ON_EVERYBODY &&
                   order->verdict == VERDICT_ALLOW
               ? "undoes"
               : "alert";
}

static enum result
put_id(struct buffer *line, const char *name, uint64_t id)
{
    return id == 0
               ? OK
               : buffer_format(line, ",\"%s\":\"%016" PRIx64 "\"", name, id);
}

/* What came of it. */
static enum result
put_later(struct buffer *line, const struct live_order_told *told)
{
    static const char *const reviews[] = {
        [GLASS_OPEN] = "open",
        [GLASS_OVERDUE] = "overdue",
        [GLASS_REVIEWED] = "done",
    };
    bool glass = told->glass != GLASS_NOT;
    enum result result = OK;

    if (glass)
        result =
            buffer_format(line, ",\"review\":\"%s\"", reviews[told->glass]);
    if (result != OK || told->later == 0)
        return result;
    result = put_id(line, glass ? "reviewed_by" : "undone_by", told->later);
    return result == OK
               ? put_time(line, glass ? "reviewed" : "undone", told->later_us)
               : result;
}

static enum result
put_told(struct buffer *line, const struct live_order_told *told, size_t most)
{
    static const char *const by[] = {
        [ORDER_BY_AUTOMATION] = "automation",
        [ORDER_BY_OPERATOR] = "operator",
        [ORDER_BY_HOLDER] = "holder",
    };
    const struct order *order = told->order;
    enum result result;

    buffer_clear(line);
    result = buffer_string(line, "{\"kind\":\"order\"");
    if (result == OK)
        result = put_id(line, "id", order->number);
    if (result == OK)
        result = put_time(line, "time", order->time_us);
    if (result == OK)
        result = buffer_format(line, ",\"what\":\"%s\",\"by\":\"%s\"",
                               what_of(order), by[order->by]);
    if (result == OK && order->by == ORDER_BY_OPERATOR)
        result = buffer_format(line, ",\"uid\":%" PRIu32, order->uid);
    if (result == OK && order->target == ORDER_ON_EVERYBODY)
        result = buffer_format(line, ",\"posture\":\"%s\"",
                               posture_name(order->posture));
    if (result == OK && told->session.length > 0)
        result = put_text(line, "session", told->session, most);
    if (result == OK && told->professional.length > 0)
        result = put_text(line, "professional", told->professional, most);
    if (result == OK && told->reason.length > 0)
        result = put_text(line, "reason", told->reason, most);
    if (result == OK)
        result = put_id(line, about_of(order), order->alert);
    if (result == OK)
        result = put_later(line, told);
    return result == OK ? buffer_byte(line, '}') : result;
}

#define SHORT_TEXT_BYTES 128

static enum result
tell_order(void *context, const struct live_order_told *told)
{
    struct telling *telling = context;
    struct wire_reply reply = {0};
    enum result result = put_told(&telling->line, told, SIZE_MAX);

    if (result == OK && telling->line.length > REPLY_LINE_BYTES_MAX)
        result = put_told(&telling->line, told, SHORT_TEXT_BYTES);
    reply.line = buffer_as_text(&telling->line);
    return result == OK ? send_reply(telling->loop, telling->peer, &reply)
                        : result;
}

static enum result
tell_orders(struct telling *telling, const struct wire_command *command)
{
    struct live_orders which = {command->from_us, command->to_us,
                                command->kind == COMMAND_GLASSES};
    struct wire_reply reply = {0};
    uint64_t older = 0;
    enum result result =
        live_orders(telling->loop->live, &which, telling->loop->now_us, telling,
                    tell_order, &older);

    buffer_clear(&telling->line);
    if (result == OK && older > 0)
        result =
            buffer_format(&telling->line,
                          "{\"kind\":\"older\",\"orders\":%" PRIu64 "}", older);
    reply.line = buffer_as_text(&telling->line);
    return result == OK && older > 0
               ? send_reply(telling->loop, telling->peer, &reply)
               : result;
}

/* 16 hex digits; 0: it is none. */
static uint64_t
number_of(struct text name)
{
    uint64_t number = 0;

    if (name.length != 16)
        return 0;
    for (size_t i = 0; i < name.length; i++) {
        char digit = name.bytes[i];

        if (digit >= '0' && digit <= '9')
            number = number << 4 | (uint64_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            number = number << 4 | (uint64_t)(digit - 'a' + 10);
        else
            return 0;
    }
    return number;
}

static enum result
review(struct telling *telling, const struct wire_command *command)
{
    struct core_loop *loop = telling->loop;
    struct live_review given = {.number = number_of(command->name),
                                .uid = telling->peer->uid,
                                .reason = command->reason};
    enum result result;

    if (command->reason.length == 0)
        return E_ARGUMENT;
    result = live_review(loop->live, &given, loop->now_us);
    return result == OK ? operator_commit(loop) : result;
}

static enum result
tell_session(void *context, const struct live_session *s)
{
    struct telling *telling = context;
    struct wire_reply reply = {0};
    enum result result = put_session(&telling->line, s, SIZE_MAX);

    if (result == OK && telling->line.length > REPLY_LINE_BYTES_MAX)
        result = put_session(&telling->line, s, SHORT_TEXT_BYTES);
    reply.line = buffer_as_text(&telling->line);
    return result == OK ? send_reply(telling->loop, telling->peer, &reply)
                        : result;
}

static enum result
tell_posture(struct telling *telling)
{
    struct wire_reply reply = {0};
    int64_t since_us;
    uint32_t open, overdue;
    bool stopped;
    enum posture posture =
        live_posture(telling->loop->live, &since_us, &stopped);
    enum result result;

    live_glasses(telling->loop->live, telling->loop->now_us, &open, &overdue);
    buffer_clear(&telling->line);
    result = buffer_format(&telling->line,
                           "{\"kind\":\"posture\",\"posture\":\"%s\"",
                           posture_name(posture));
    if (result == OK && since_us > 0)
        result = put_time(&telling->line, "since", since_us);
    if (result == OK)
        result = buffer_format(
            &telling->line,
            ",\"automation\":\"%s\",\"workers\":%zu,"
            "\"glass_open\":%" PRIu32 ",\"glass_overdue\":%" PRIu32 "}",
            stopped                      ? "stopped"
            : posture == POSTURE_OBSERVE ? "off"
                                         : "on",
            peers_workers(telling->loop->peers), open, overdue);
    reply.line = buffer_as_text(&telling->line);
    return result == OK ? send_reply(telling->loop, telling->peer, &reply)
                        : result;
}

/* Durable, and pushed to all workers, before it is said to be done; pushed
 * first, since workers need not wait for our disk. */
static enum result
give_order(struct telling *telling, const struct wire_command *command)
{
    static const enum verdict verdicts[] = {
        [COMMAND_CUT] = VERDICT_CUT,
        [COMMAND_STEP_UP] = VERDICT_STEP_UP,
        [COMMAND_RESTORE] = VERDICT_ALLOW,
        [COMMAND_POSTURE] = VERDICT_ALLOW,
    };
    struct core_loop *loop = telling->loop;
    struct live_command order = {
        .name = command->name,
        .verdict = verdicts[command->kind],
        .uid = telling->peer->uid,
        .reason = command->reason,
    };
    enum result result;

    if (command->reason.length == 0)
        return E_ARGUMENT;
    if (command->kind == COMMAND_POSTURE) {
        order.target = ORDER_ON_EVERYBODY;
        if (posture_parse(command->name, &order.posture) != OK)
            return E_ARGUMENT;
    } else if (command->target == TARGET_NONE || command->name.length == 0) {
        return E_ARGUMENT;
    } else {
        order.target = command->target == TARGET_SESSION
                           ? ORDER_ON_SESSION
                           : ORDER_ON_PROFESSIONAL;
    }
    result = live_order(loop->live, &order, loop->now_us);
    if (result != OK)
        return result;
    loop->changed = true;
    return core_answers_commit(loop);
}

static enum result
obey(struct telling *telling, const struct wire_command *command)
{
    enum result result;

    if (command->kind == COMMAND_SESSIONS)
        return live_sessions(telling->loop->live, telling->loop->now_us,
                             telling, tell_session);
    if (command->kind == COMMAND_ORDERS || command->kind == COMMAND_GLASSES)
        return tell_orders(telling, command);
    if (command->kind == COMMAND_REVIEW)
        return review(telling, command);
    if (command->kind == COMMAND_POSTURE && command->name.length == 0)
        return tell_posture(telling);
    if (command->kind >= COMMAND_VAULT_HALF &&
        command->kind <= COMMAND_VAULT_UNSEAL)
        return operator_vault(telling->loop, telling->peer, command);
    if (command->kind == COMMAND_ERASE || command->kind == COMMAND_APPROVE)
        return operator_erase(telling->loop, telling->peer, command);
    result = give_order(telling, command);
    if (result == OK && command->kind == COMMAND_POSTURE)
        result = tell_posture(telling);
    return result;
}

/* What the operator did wrong is told; what we cannot do any more ends us. */
static bool
is_ours(enum result result)
{
    return result == E_IO || result == E_NOMEM || result == E_CORRUPT;
}

static enum result
take(struct core_loop *loop, struct peer *peer, size_t received)
{
    struct telling telling = {.loop = loop, .peer = peer};
    struct wire_reply reply = {.last = true};
    struct wire_command command;
    enum result result = E_DENIED, told;

    if (!is_operator(loop, peer))
        say_error("core", _("uid %u is no operator: refused"),
                  (unsigned)peer->uid);
    else
        result = wire_command_read(loop->received, received, &command);
    if (result == OK)
        result = obey(&telling, &command);
    buffer_free(&telling.line);
    if (is_ours(result))
        return result;
    reply.outcome = (uint8_t)result;
    told = send_reply(loop, peer, &reply);
    if (result == E_DENIED || result == E_FORMAT)
        peers_end(loop->peers, peer);
    return told;
}

enum result
operator_read(struct core_loop *loop, struct peer *peer)
{
    size_t received = 0;
    enum result result = seqpacket_receive(peer->fd, loop->received,
                                           sizeof(loop->received), &received);

    if (result == E_NOTFOUND || peer->closing)
        return OK;
    if (result != OK) {
        peers_drop(loop->peers, peer);
        return OK;
    }
    return take(loop, peer, received);
}
