/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Records on their way to core, in order, until core says that each is
 * stored. Core that starts again gets those it did not answer once more; it
 * knows what it has. Knows nothing of where records come from.
 */
#ifndef VIGIE_PROC_INTAKE_QUEUE_H
#define VIGIE_PROC_INTAKE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/record.h"

struct intake_queue;

/* Told once a record is stored, or never can be. */
struct intake_owner {
    void (*told)(void *context, uint64_t token, bool stored);
    void *context;
    uint64_t token;
};

/* `core`: one end of a pair, not closed here. */
enum result intake_queue_new(int core,
                             struct intake_queue **ret_queue) MUST_USE;
void intake_queue_free(struct intake_queue *queue);
/* False: read no more from anybody until it is true again. */
bool intake_queue_room(const struct intake_queue *queue);
bool intake_queue_empty(const struct intake_queue *queue);
/* Its number is given by the queue. E_LIMIT: no packet holds it. */
enum result intake_queue_add(struct intake_queue *queue,
                             const struct wire_record *record,
                             const struct intake_owner *owner) MUST_USE;
/* Nobody of that context is told any more. */
void intake_queue_forget(struct intake_queue *queue, const void *context);
/* As much as core takes; what it left unanswered too long once more. */
void intake_queue_send(struct intake_queue *queue, int64_t now_us);
/* What core has said. E_END: it is gone for good. */
enum result intake_queue_receive(struct intake_queue *queue) MUST_USE;

#endif
