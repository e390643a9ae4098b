/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A worker: hello, then asks and what it missed. Whatever else it sends ends
 * its connection; it may come back.
 */
#include <string.h>

#include "base/say.h"
#include "proc/core_loop.h"
#include "proc/seqpacket.h"

struct standing_push {
    struct core_loop *loop;
    struct peer *peer;
};

static void
push_standing(void *context, const struct live_push *push)
{
    const struct standing_push *to = context;
    struct core_loop *loop = to->loop;
    struct wire_order order = {
        .scope = push->scope,
        .verdict = push->verdict,
        .tag = wire_tag(loop->tag_key, push->name),
        .since_s = push->since_us / 1000000 + 1,
    };
    size_t length;

    if (wire_order_write(&order, loop->packet, &length) == OK)
        peers_send(loop->peers, to->peer, loop->packet, length);
}

static enum result
greet(struct core_loop *loop, struct peer *peer, struct text message)
{
    struct wire_order end = {.scope = ORDER_NOBODY, .last_standing = true};
    struct wire_welcome welcome = {.version = WIRE_VERSION};
    struct standing_push to = {loop, peer};
    struct wire_hello hello;
    size_t length;
    enum result result;

    if (wire_hello_read(message.bytes, message.length, &hello) != OK) {
        peers_drop(loop->peers, peer);
        return OK;
    }
    if (hello.version == WIRE_VERSION)
        memcpy(welcome.tag_key, loop->tag_key, sizeof(welcome.tag_key));
    result = wire_welcome_write(&welcome, loop->packet, &length);
    if (result != OK)
        return result;
    peers_send(loop->peers, peer, loop->packet, length);
    if (hello.version != WIRE_VERSION) {
        say_error("core", _("a worker speaks version %u, not %u: it is closed"),
                  hello.version, WIRE_VERSION);
        peers_end(loop->peers, peer);
        return OK;
    }
    result = live_standing(loop->live, push_standing, &to);
    if (result == OK)
        result = wire_order_write(&end, loop->packet, &length);
    if (result != OK)
        return result;
    peers_send(loop->peers, peer, loop->packet, length);
    peer->greeted = true;
    return OK;
}

/* Errors of a peer, as opposed to ours. */
static bool
is_its_fault(enum result result)
{
    return result == E_FORMAT || result == E_LIMIT || result == E_ARGUMENT;
}

static enum result
keep_part(struct peer *peer, struct text part)
{
    enum result result;

    if (peer->part_count == LIVE_PARTS_MAX)
        return E_LIMIT;
    result = buffer_append(&peer->parts, part.bytes, part.length);
    if (result == OK)
        peer->part_lengths[peer->part_count++] = part.length;
    return result;
}

static enum result
ask_window(struct core_loop *loop, struct peer *peer)
{
    struct live_part parts[LIVE_PARTS_MAX];
    struct live_asked asked;
    uint8_t bytes[CORE_ANSWER_BYTES];
    size_t at = 0, length;
    enum result result;

    for (size_t i = 0; i < peer->part_count; i++) {
        parts[i].bytes = (const uint8_t *)peer->parts.bytes + at;
        parts[i].length = peer->part_lengths[i];
        at += parts[i].length;
    }
    loop->changed = true;
    result =
        live_ask(loop->live, parts, peer->part_count, loop->now_us, &asked);
    peer->part_count = 0;
    buffer_clear(&peer->parts);
    if (result == OK)
        result = wire_answer_write(&asked.answer, bytes, &length);
    if (result == OK)
        result = core_loop_reply(loop, peer,
                                 asked.durable ? CORE_DURABLE : CORE_WRITTEN,
                                 bytes, length);
    return result;
}

/* Asks that were read before are answered first: only whole windows are
 * judged, and a part tells by ASK_MORE that another comes. */
static enum result
take_ask(struct core_loop *loop, struct peer *peer, struct text message)
{
    static struct wire_ask ask;
    enum result result = wire_ask_read(message.bytes, message.length, &ask);

    if (result == OK)
        result = keep_part(peer, message);
    if (result == OK && (ask.flags & ASK_MORE) == 0)
        result = ask_window(loop, peer);
    return result;
}

static enum result
take_missed(struct core_loop *loop, struct peer *peer, struct text message)
{
    struct wire_answer answer = {.decision = ANSWER_RELEASE};
    struct wire_missed missed;
    uint8_t bytes[CORE_ANSWER_BYTES];
    size_t length;
    enum result result =
        wire_missed_read(message.bytes, message.length, &missed);

    if (result != OK)
        return result;
    loop->changed = true;
    answer.number = missed.number;
    result = live_missed(loop->live, &missed, loop->now_us);
    if (result == OK)
        result = wire_answer_write(&answer, bytes, &length);
    if (result == OK)
        result = core_loop_reply(loop, peer, CORE_DURABLE, bytes, length);
    return result;
}

static enum result
take(struct core_loop *loop, struct peer *peer, struct text message)
{
    if (!peer->greeted)
        return greet(loop, peer, message);
    switch (wire_type_of(message.bytes, message.length)) {
    case WIRE_ASK:
        return take_ask(loop, peer, message);
    case WIRE_MISSED:
        return take_missed(loop, peer, message);
    default:
        return E_FORMAT;
    }
}

static enum result
take_packet(struct core_loop *loop, struct peer *peer, size_t received,
            size_t *messages_taken)
{
    struct text messages[WIRE_BATCH_MAX];
    size_t count = 0;
    enum result result =
        wire_batch_read(loop->received, received, messages, &count);

    for (size_t i = 0;
         i < count && result == OK && peer->fd >= 0 && !peer->closing; i++)
        result = take(loop, peer, messages[i]);
    *messages_taken += count;
    return result;
}

enum result
worker_read(struct core_loop *loop, struct peer *peer)
{
    for (size_t taken = 0; taken < CORE_MESSAGES_A_PEER && peer->fd >= 0;) {
        size_t received = 0;
        enum result result = seqpacket_receive(
            peer->fd, loop->received, sizeof(loop->received), &received);

        if (result == E_NOTFOUND)
            return OK;
        if (peer->closing && result == OK)
            return OK; /* nothing more is listened to */
        if (result == OK)
            result = take_packet(loop, peer, received, &taken);
        if (result == E_END || is_its_fault(result)) {
            if (result != E_END)
                say_error("core", "%s",
                          _("a worker sent what makes no sense: it is "
                            "closed"));
            peers_drop(loop->peers, peer);
            return OK;
        }
        if (result != OK)
            return result;
    }
    return OK;
}
