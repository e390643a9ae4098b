/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * JSON from outside: the reader, the framer (any split gives the same
 * calls), and what FHIR records come to. The first byte chooses the split.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "codec/json.h"
#include "ingest/form.h"
#include "ingest/json_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* -- the framer -- */

static enum result
log_record(void *context, struct text record, uint64_t offset)
{
    struct buffer *log = context;
    enum result result = buffer_format(
        log, "%llu:%zu:", (unsigned long long)offset, record.length);

    return result == OK ? buffer_text(log, record) : result;
}

static enum result
log_refused(void *context, const struct reason *why)
{
    return buffer_format(context, "%llu!%s", (unsigned long long)why->offset,
                         why->rule);
}

static void
frame_all(struct text bytes, size_t piece, struct buffer *log)
{
    const struct json_frame_sink sink = {log, log_record, log_refused};
    struct json_frame *frame = NULL;
    size_t at = 0, end = 0, used = 0;

    if (json_frame_new(&sink, &frame) != OK)
        abort();
    while (at < bytes.length) {
        bool more = false;
        if (end == at || json_frame_idle(frame))
            end = end + piece < bytes.length ? end + piece : bytes.length;
        if (json_frame_idle(frame)) {
            struct text rest = {bytes.bytes + at, end - at};
            if (strchr(" \t\r\n", rest.bytes[0]) != NULL &&
                rest.bytes[0] != '\0') {
                at++;
                continue;
            }
            if (!json_frame_starts(rest, &more)) {
                if (more && end < bytes.length)
                    continue;
                if (buffer_format(log, "%zu?", at) != OK)
                    abort();
                at++; /* what the caller does with it is not our matter */
                continue;
            }
        }
        if (json_frame_feed(frame, (const uint8_t *)bytes.bytes + at, end - at,
                            at, &used) != OK)
            abort();
        assert(used == end - at || json_frame_idle(frame));
        at += used;
    }
    if (json_frame_end(frame) != OK)
        abort();
    json_frame_free(frame);
}

static void
check_frames(struct text bytes, size_t piece)
{
    struct buffer whole = {0}, parts = {0};

    frame_all(bytes, bytes.length, &whole);
    frame_all(bytes, piece, &parts);
    assert(whole.length == parts.length);
    assert(whole.length == 0 ||
           memcmp(whole.bytes, parts.bytes, whole.length) == 0);
    buffer_free(&whole);
    buffer_free(&parts);
}

/* -- the records -- */

static size_t calls;

/* What the contract of struct event promises. */
static enum result
check_event(void *context, const struct event *event, uint64_t offset)
{
    struct buffer packed = {0};
    const struct text *length = context;

    calls++;
    assert(offset < length->length);
    assert(event->kind >= EVENT_ACCESS && event->kind <= EVENT_REFUSAL);
    assert(event->person_count <= EVENT_PERSONS_MAX);
    assert(event->kind == EVENT_ACCESS || event->categories == 0);
    for (uint32_t i = 0; i < event->person_count; i++)
        assert(event->persons[i].shown.length > 0);
    if (event_pack(event, &packed) == E_NOMEM)
        abort();
    buffer_free(&packed);
    return OK;
}

static enum result
check_ignored(void *context, const char *kind, uint64_t offset)
{
    const struct text *record = context;

    calls++;
    assert(kind != NULL && kind[0] != '\0' && offset < record->length);
    return OK;
}

static enum result
check_refused(void *context, const struct reason *why)
{
    const struct text *record = context;

    calls++;
    assert(why->rule != NULL && why->rule[0] != '\0');
    assert(why->offset <= record->length);
    return OK;
}

static void
check_record(struct text record)
{
    static struct event event;
    struct trail_options options = {.fallback_time_us = 1};
    struct buffer scratch = {0};
    struct trail_sink sink = {&record, check_event, check_ignored,
                              check_refused};
    struct form_context context = {
        .sink = &sink,
        .options = &options,
        .event = &event,
        .scratch = &scratch,
    };

    if (record.length == 0)
        return;
    calls = 0;
    enum result result = form_json(&context, record, 0);
    assert(result == OK || (result == E_NOTFOUND && calls == 0));
    buffer_free(&scratch);
}

static void
check_text(struct text text)
{
    struct reason why = {0};

    if (json_check(text, &why) != OK)
        assert(why.rule != NULL && why.offset <= text.length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text text;

    if (length < 2)
        return 0;
    text = (struct text){(const char *)bytes + 1, length - 1};
    check_text(text);
    check_record(text);
    check_frames(text, (size_t)(bytes[0] % 64) + 1);
    return 0;
}
