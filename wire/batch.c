/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/batch.h"

#include <string.h>

#define HEAD 3u /* type, count */

void
wire_batch_start(struct wire_batch *batch, void *bytes)
{
    *batch = (struct wire_batch){.bytes = bytes, .length = HEAD};
    batch->bytes[0] = WIRE_BATCH;
}

enum result
wire_batch_add(struct wire_batch *batch, const void *message, size_t length)
{
    uint8_t *to = batch->bytes + batch->length;

    if (batch->count == WIRE_BATCH_MAX || length == 0 ||
        length > WIRE_PACKET_BYTES_MAX ||
        batch->length + 2 + length > WIRE_PACKET_BYTES_MAX)
        return E_LIMIT;
    to[0] = (uint8_t)length;
    to[1] = (uint8_t)(length >> 8);
    memcpy(to + 2, message, length);
    batch->length += 2 + length;
    batch->count++;
    batch->bytes[1] = (uint8_t)batch->count;
    batch->bytes[2] = (uint8_t)(batch->count >> 8);
    return OK;
}

struct text
wire_batch_end(const struct wire_batch *batch)
{
    const size_t from = batch->count == 1 ? HEAD + 2 : 0;

    return (struct text){(const char *)batch->bytes + from,
                         batch->length - from};
}

enum result
wire_batch_read(const void *bytes, size_t length,
                struct text ret_messages[WIRE_BATCH_MAX], size_t *ret_count)
{
    struct unpacked p;

    if (length == 0)
        return E_FORMAT;
    if (wire_type_of(bytes, length) != WIRE_BATCH) {
        ret_messages[0] = (struct text){bytes, length};
        *ret_count = 1;
        return OK;
    }
    unpack_start(&p, bytes, length, WIRE_BATCH);
    const size_t count = (size_t)unpack_most(&p, 2, WIRE_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct text message = unpack_text(&p, WIRE_PACKET_BYTES_MAX);
        const unsigned type = wire_type_of(message.bytes, message.length);

        if (type == 0 || type == WIRE_BATCH)
            p.bad = true;
        ret_messages[i] = message;
    }
    if (count == 0 || unpack_end(&p) != OK)
        return E_FORMAT;
    *ret_count = count;
    return OK;
}
