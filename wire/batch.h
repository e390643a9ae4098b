/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Several messages in one packet: what a worker asks, or core answers, within
 * one turn of its loop wakes the other once. A batch holds whole messages, in
 * their order, and no other batch.
 */
#ifndef VIGIE_WIRE_BATCH_H
#define VIGIE_WIRE_BATCH_H

#include "wire/packet.h"

#define WIRE_BATCH_MAX 64 /* messages */

/* The bytes are the caller's, WIRE_PACKET_BYTES_MAX of them. */
struct wire_batch {
    uint8_t *bytes;
    size_t length;
    unsigned count;
};

void wire_batch_start(struct wire_batch *batch, void *bytes);
/* E_LIMIT where it does not fit any more, and nothing was added. */
enum result wire_batch_add(struct wire_batch *batch, const void *message,
                           size_t length) MUST_USE;
/* What is to be sent: a message that is alone goes as it is. */
struct text wire_batch_end(const struct wire_batch *batch);

/* The messages of a packet, which may be a single one; they borrow `bytes`.
 * E_FORMAT, and no message, where any length or the count is wrong. What the
 * messages say is not looked at. */
enum result wire_batch_read(const void *bytes, size_t length,
                            struct text ret_messages[WIRE_BATCH_MAX],
                            size_t *ret_count) MUST_USE;

#endif
