/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * intake as core sees it: one pair of sockets that main keeps through the
 * death of either end. It cannot be dropped like a worker; what makes no
 * sense is passed over, and said once a minute.
 */
#include <string.h>

#include "base/say.h"
#include "base/time.h"
#include "proc/core_loop.h"
#include "proc/seqpacket.h"

void
intake_greet(struct core_loop *loop)
{
    struct wire_welcome welcome = {.version = WIRE_VERSION};
    size_t length;

    if (loop->process->intake < 0 ||
        wire_welcome_write(&welcome, loop->packet, &length) != OK)
        return;
    /* one whose buffer is full sends again by itself, after a while */
    (void)!seqpacket_send(loop->process->intake, loop->packet, length);
}

static void
senseless(struct core_loop *loop)
{
    static int64_t said_us;

    if (said_us != 0 && loop->now_us - said_us < TIME_MINUTE_US)
        return;
    said_us = loop->now_us;
    say_error("core", "%s",
              _("intake sent what makes no sense: it is passed over"));
}

static enum result
take(struct core_loop *loop, size_t received)
{
    struct wire_answer wire = {.decision = ANSWER_RELEASE};
    struct wire_record record;
    uint8_t bytes[CORE_ANSWER_BYTES];
    bool stored = false;
    size_t length;
    enum result result = wire_record_read(loop->received, received, &record);

    if (result == OK) {
        loop->changed = true;
        result = live_record(loop->live, &record, loop->now_us, &stored);
        wire.number = record.number;
    }
    if (result == E_FORMAT) {
        senseless(loop);
        if (wire.number == 0)
            return OK;
        result = OK;
        stored = false;
    }
    if (result != OK)
        return result;
    if (!stored)
        wire.decision = ANSWER_REFUSE;
    result = wire_answer_write(&wire, bytes, &length);
    return result == OK
               ? core_loop_reply(loop, NULL, CORE_DURABLE, bytes, length)
               : result;
}

enum result
intake_read(struct core_loop *loop)
{
    for (int i = 0; i < CORE_MESSAGES_A_PEER; i++) {
        size_t received = 0;
        enum result result =
            seqpacket_receive(loop->process->intake, loop->received,
                              sizeof(loop->received), &received);

        if (result == E_NOTFOUND)
            return OK;
        if (result == E_END)
            return OK; /* main has ended; it tells us by a signal */
        if (result == E_LIMIT) {
            senseless(loop);
            continue;
        }
        if (result == OK)
            result = take(loop, received);
        if (result != OK)
            return result;
    }
    return OK;
}
