/* SPDX-License-Identifier: EUPL-1.2 */
#include "proc/intake_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/time.h"
#include "proc/seqpacket.h"
#include "wire/answer.h"

/* Sent and not answered: core's answers to them fit into the socket, also
 * while we do not read. */
#define WINDOW 128
#define AGAIN_US (10 * TIME_SECOND_US)

struct waiting {
    struct waiting *next;
    struct intake_owner owner;
    uint64_t number;
    bool sent;
    size_t length;
    uint8_t packet[];
};

struct intake_queue {
    int core;
    uint64_t number;
    struct waiting *first, **end;
    size_t bytes, sent;
    int64_t heard_us; /* core answered, or was first sent something */
    uint8_t packet[WIRE_PACKET_BYTES_MAX];
};

enum result
intake_queue_new(int core, struct intake_queue **ret_queue)
{
    struct intake_queue *queue = calloc(1, sizeof(*queue));

    if (queue == NULL)
        return E_NOMEM;
    queue->core = core;
    queue->end = &queue->first;
    /* an answer to who was here before us is not taken for ours */
    queue->number = hash_random_u64() >> 1;
    *ret_queue = queue;
    return OK;
}

void
intake_queue_free(struct intake_queue *queue)
{
    if (queue == NULL)
        return;
    while (queue->first != NULL) {
        struct waiting *next = queue->first->next;

        free(queue->first);
        queue->first = next;
    }
    free(queue);
}

bool
intake_queue_room(const struct intake_queue *queue)
{
    return queue->bytes < INTAKE_QUEUE_BYTES_MAX;
}

bool
intake_queue_empty(const struct intake_queue *queue)
{
    return queue->first == NULL;
}

enum result
intake_queue_add(struct intake_queue *queue, const struct wire_record *record,
                 const struct intake_owner *owner)
{
    struct wire_record numbered = *record;
    struct waiting *waiting;
    size_t length = 0;
    enum result result;

    numbered.number = ++queue->number;
    result = wire_record_write(&numbered, queue->packet, &length);
    if (result != OK)
        return result;
    waiting = malloc(sizeof(*waiting) + length);
    if (waiting == NULL)
        return E_NOMEM;
    *waiting = (struct waiting){.number = numbered.number, .length = length};
    if (owner != NULL)
        waiting->owner = *owner;
    memcpy(waiting->packet, queue->packet, length);
    *queue->end = waiting;
    queue->end = &waiting->next;
    queue->bytes += sizeof(*waiting) + length;
    return OK;
}

void
intake_queue_forget(struct intake_queue *queue, const void *context)
{
    for (struct waiting *at = queue->first; at != NULL; at = at->next) {
        if (at->owner.context == context)
            at->owner.told = NULL;
    }
}

static void
send_all_again(struct intake_queue *queue)
{
    for (struct waiting *at = queue->first; at != NULL && at->sent;
         at = at->next)
        at->sent = false;
    queue->sent = 0;
}

void
intake_queue_send(struct intake_queue *queue, int64_t now_us)
{
    struct waiting *at = queue->first;

    if (queue->sent > 0 &&
        (now_us < queue->heard_us || now_us - queue->heard_us > AGAIN_US))
        send_all_again(queue);
    while (at != NULL && at->sent)
        at = at->next;
    for (; at != NULL && queue->sent < WINDOW; at = at->next) {
        if (at->sent)
            continue;
        if (seqpacket_send(queue->core, at->packet, at->length) != OK)
            return;
        if (queue->sent == 0)
            queue->heard_us = now_us;
        at->sent = true;
        queue->sent++;
    }
}

static void
answered(struct intake_queue *queue, const struct wire_answer *answer)
{
    struct waiting **at = &queue->first;
    struct waiting *found;

    while (*at != NULL && (*at)->number != answer->number)
        at = &(*at)->next;
    found = *at;
    if (found == NULL)
        return; /* sent twice, answered twice; or not ours */
    *at = found->next;
    if (found->next == NULL)
        queue->end = at;
    queue->bytes -= sizeof(*found) + found->length;
    if (found->sent)
        queue->sent--;
    if (found->owner.told != NULL)
        found->owner.told(found->owner.context, found->owner.token,
                          answer->decision == ANSWER_RELEASE);
    free(found);
}

enum result
intake_queue_receive(struct intake_queue *queue)
{
    for (;;) {
        struct wire_answer answer;
        size_t length = 0;
        enum result result = seqpacket_receive(queue->core, queue->packet,
                                               sizeof(queue->packet), &length);

        if (result == E_NOTFOUND)
            return OK;
        if (result != OK)
            return result;
        if (wire_type_of(queue->packet, length) == WIRE_WELCOME) {
            send_all_again(queue);
        } else if (wire_answer_read(queue->packet, length, &answer) == OK) {
            queue->heard_us = time_now_us();
            answered(queue, &answer);
        }
    }
}
