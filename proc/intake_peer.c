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
    struct core_answer *answer = &loop->intake_answers[loop->intake_count];
    struct wire_answer wire = {.decision = ANSWER_RELEASE};
    struct wire_record record;
    bool stored = false;
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
    result = wire_answer_write(&wire, answer->bytes, &answer->length);
    if (result == OK)
        loop->intake_count++;
    return result;
}

enum result
intake_read(struct core_loop *loop)
{
    for (int i = 0;
         i < CORE_MESSAGES_A_PEER && loop->intake_count < CORE_INTAKE_MAX; i++) {
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

void
intake_answer(struct core_loop *loop)
{
    /* an answer that finds no room is asked for again by the record */
    for (size_t i = 0; i < loop->intake_count; i++)
        (void)!seqpacket_send(loop->process->intake,
                              loop->intake_answers[i].bytes,
                              loop->intake_answers[i].length);
    loop->intake_count = 0;
}
