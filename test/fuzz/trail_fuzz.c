/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A trail of any bytes, in any pieces: the same calls as when it is fed
 * whole, and no byte of a record unaccounted for. The first byte of the
 * input chooses the pieces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "ingest/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct calls {
    struct hash *hash;
    struct buffer packed;
    uint64_t length;
    unsigned count;
};

static void
require(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "trail_fuzz: %s\n", what);
    abort();
}

static void
note(struct calls *calls, const char *what, const char *more, uint64_t offset)
{
    require(offset <= calls->length + 16, "an offset outside the trail");
    calls->count++;
    hash_add(calls->hash, what, strlen(what) + 1);
    hash_add(calls->hash, more, strlen(more) + 1);
    hash_add(calls->hash, &offset, sizeof offset);
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    struct calls *calls = context;
    note(calls, "event", "", offset);
    buffer_clear(&calls->packed);
    if (event_pack(event, &calls->packed) == OK)
        hash_add(calls->hash, calls->packed.bytes, calls->packed.length);
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    note(context, "ignored", kind, offset);
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    note(context, why->rule, why->field, why->offset);
    return OK;
}

static void
feed(struct text text, size_t most, uint32_t seed,
     uint8_t ret_digest[HASH_BYTES], unsigned *ret_count)
{
    struct calls calls = {.length = text.length};
    const struct trail_sink sink = {.context = &calls,
                                    .event = on_event,
                                    .ignored = on_ignored,
                                    .refused = on_refused};
    const struct trail_options options = {.fallback_time_us =
                                              INT64_C(1772442847000000)};
    struct trail *trail;
    size_t at = 0;
    require(hash_new(&calls.hash) == OK, "hash_new");
    require(trail_new(&options, &sink, &trail) == OK, "trail_new");
    while (at < text.length) {
        size_t piece = text.length - at;
        seed = seed * 1664525u + 1013904223u;
        size_t length = 1 + (seed >> 8) % (most + 1);
        if (most > 0 && length < piece)
            piece = length;
        require(trail_feed(trail, (const uint8_t *)text.bytes + at, piece) ==
                    OK,
                "trail_feed");
        at += piece;
    }
    require(trail_end(trail) == OK, "trail_end");
    require(trail_form(trail)[0] != '\0', "trail_form");
    trail_free(trail);
    hash_end(calls.hash, ret_digest);
    hash_free(calls.hash);
    buffer_free(&calls.packed);
    *ret_count = calls.count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    uint8_t whole[HASH_BYTES], pieces[HASH_BYTES];
    unsigned count, again;
    if (length == 0)
        return 0;
    require(hash_start() == OK, "hash_start");
    struct text text = {(const char *)bytes + 1, length - 1};
    feed(text, 0, 0, whole, &count);
    feed(text, 1 + (bytes[0] & 63u), bytes[0], pieces, &again);
    require(count == again && memcmp(whole, pieces, sizeof whole) == 0,
            "pieces give other calls");
    for (size_t i = 0; i < text.length; i++) {
        if (strchr(" \t\r\n<!-?>\xef\xbb\xbf", text.bytes[i]) == NULL) {
            require(count > 0 || text_find(text, "<!--") < text.length ||
                        text_find(text, "<?") < text.length,
                    "a trail that nobody heard of");
            break;
        }
    }
    return 0;
}
