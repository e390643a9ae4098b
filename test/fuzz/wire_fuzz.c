/* SPDX-License-Identifier: EUPL-1.2 */
/* Packets from a hostile peer, either end. What was read is written again as
 * the same bytes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/answer.h"
#include "wire/ask.h"
#include "wire/batch.h"
#include "wire/command.h"
#include "wire/greet.h"
#include "wire/missed.h"
#include "wire/order.h"
#include "wire/publish.h"
#include "wire/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t again[WIRE_PACKET_BYTES_MAX];
static struct wire_ask ask;

static void
batch_both_ways(const uint8_t *bytes, size_t length)
{
    struct text messages[WIRE_BATCH_MAX];
    struct wire_batch batch;
    size_t count;

    if (wire_batch_read(bytes, length, messages, &count) != OK)
        return;
    assert(count >= 1 && count <= WIRE_BATCH_MAX);
    wire_batch_start(&batch, again);
    for (size_t i = 0; i < count; i++) {
        assert(wire_type_of(messages[i].bytes, messages[i].length) !=
               WIRE_BATCH);
        assert(wire_batch_add(&batch, messages[i].bytes, messages[i].length) ==
               OK);
    }
    if (count > 1) {
        assert(batch.length == length);
        assert(memcmp(bytes, again, length) == 0);
    }
}

#define BOTH_WAYS(message)                                         \
    do {                                                           \
        struct wire_##message m;                                   \
        if (wire_##message##_read(bytes, length, &m) != OK)        \
            return 0;                                              \
        assert(wire_##message##_write(&m, again, &written) == OK); \
    } while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t written = 0;
    switch (wire_type_of(bytes, length)) {
    case WIRE_HELLO:
        BOTH_WAYS(hello);
        break;
    case WIRE_WELCOME:
        BOTH_WAYS(welcome);
        break;
    case WIRE_ASK:
        if (wire_ask_read(bytes, length, &ask) != OK)
            return 0;
        assert(wire_ask_write(&ask, again, &written) == OK);
        break;
    case WIRE_ANSWER:
        BOTH_WAYS(answer);
        break;
    case WIRE_PUBLISH:
        BOTH_WAYS(publish);
        break;
    case WIRE_PUBLISHED:
        BOTH_WAYS(published);
        break;
    case WIRE_ORDER:
        BOTH_WAYS(order);
        break;
    case WIRE_MISSED:
        BOTH_WAYS(missed);
        break;
    case WIRE_COMMAND:
        BOTH_WAYS(command);
        break;
    case WIRE_REPLY:
        BOTH_WAYS(reply);
        break;
    case WIRE_EVENT:
        BOTH_WAYS(record);
        break;
    case WIRE_BATCH:
        batch_both_ways(bytes, length);
        return 0;
    default:
        return 0;
    }
    assert(written == length && memcmp(bytes, again, length) == 0);
    return 0;
}
