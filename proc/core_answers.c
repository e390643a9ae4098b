/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Answers of one turn: kept until all of it may be said, then sent, those of
 * one peer in one packet.
 */
#include <string.h>

#include "proc/core_loop.h"
#include "wire/batch.h"

enum result
core_loop_reply(struct core_loop *loop, struct peer *peer, const void *bytes,
                size_t length)
{
    struct core_answer *answer;

    if (loop->answer_count == CORE_ANSWERS_MAX || length > CORE_ANSWER_BYTES)
        return E_LIMIT;
    answer = &loop->answers[loop->answer_count++];
    answer->peer = peer;
    answer->serial = peer->serial;
    answer->length = length;
    memcpy(answer->bytes, bytes, length);
    return OK;
}

static void
send_batch(struct core_loop *loop, const struct core_answer *to,
           const struct wire_batch *batch)
{
    const struct text packet = wire_batch_end(batch);

    if (batch->count > 0 && to->peer->serial == to->serial)
        peers_send(loop->peers, to->peer, packet.bytes, packet.length);
}

void
core_loop_answer(struct core_loop *loop)
{
    const struct core_answer *first = loop->answers;
    struct wire_batch batch;

    wire_batch_start(&batch, loop->packet);
    for (size_t i = 0; i < loop->answer_count; i++) {
        const struct core_answer *answer = &loop->answers[i];

        if (answer->serial == first->serial && batch.count < WIRE_BATCH_MAX &&
            wire_batch_add(&batch, answer->bytes, answer->length) == OK)
            continue;
        send_batch(loop, first, &batch);
        first = answer;
        wire_batch_start(&batch, loop->packet);
        if (wire_batch_add(&batch, answer->bytes, answer->length) != OK)
            continue; /* never: an answer is short */
    }
    send_batch(loop, first, &batch);
    loop->answer_count = 0;
}
