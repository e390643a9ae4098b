/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Out of json_frame: records given and refused, and the way back to where
 * the next record may start after a broken one.
 */
#include <string.h>

#include "ingest/json_frame_state.h"

/* Bytes read again because of broken records, for each byte of the trail,
 * and to begin with: past it a broken record takes its followers with it. */
#define RESCAN_FACTOR 8
#define RESCAN_FREE (64u << 20)

enum result
frame_refuse(struct json_frame *frame, const char *rule, uint64_t offset)
{
    struct reason why;

    (void)reason_set(&why, E_FORMAT, rule, "", offset);
    return frame->sink.refused(frame->sink.context, &why);
}

enum result
frame_emit(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct text record = {(const char *)cursor->from,
                          (size_t)(cursor->p - cursor->from)};
    enum result result = OK;

    if (frame_record_bytes(frame, cursor) > RECORD_BYTES_MAX) {
        result = frame_refuse(frame, "record-bytes-max", frame->start);
    } else {
        if (frame->held.length > 0) {
            result = buffer_text(&frame->held, record);
            record = buffer_as_text(&frame->held);
        }
        if (result == OK)
            result =
                frame->sink.record(frame->sink.context, record, frame->start);
    }
    buffer_clear(&frame->held);
    cursor->from = cursor->p;
    return result;
}

void
frame_go_back(struct json_frame *frame, struct frame_cursor *cursor, size_t k)
{
    size_t held = frame->held.length;

    if (k >= held) {
        cursor->p = cursor->from + (k - held);
    } else {
        struct buffer old = frame->replay;
        frame->replay = frame->held;
        frame->held = old;
        memmove(frame->replay.bytes, frame->replay.bytes + k, held - k);
        frame->replay.length = held - k;
        cursor->p = cursor->from;
        cursor->again = true;
        cursor->again_offset = frame->start + k;
    }
    buffer_clear(&frame->held);
    cursor->from = cursor->p;
}

static uint8_t
record_byte(const struct json_frame *frame, const struct frame_cursor *cursor,
            size_t i)
{
    if (i < frame->held.length)
        return (uint8_t)frame->held.bytes[i];
    return cursor->from[i - frame->held.length];
}

/* First newline of the record from `at` on, `size` where there is none. */
static size_t
record_newline(const struct json_frame *frame,
               const struct frame_cursor *cursor, size_t at, size_t size)
{
    size_t held = frame->held.length;
    const void *found;

    if (at < held) {
        found = memchr(frame->held.bytes + at, '\n', held - at);
        if (found != NULL)
            return (size_t)((const char *)found - frame->held.bytes);
        at = held;
    }
    found =
        size > at ? memchr(cursor->from + (at - held), '\n', size - at) : NULL;
    return found == NULL
               ? size
               : held + (size_t)((const uint8_t *)found - cursor->from);
}

/* The first line behind the record's own first one that starts like a text,
 * up to and with the byte that broke it. 0: none. */
static size_t
find_restart(const struct json_frame *frame, const struct frame_cursor *cursor)
{
    size_t size = (size_t)frame_record_bytes(frame, cursor);
    size_t last = size + (cursor->p < cursor->end ? 1 : 0);
    size_t at = record_newline(frame, cursor, 0, size);

    while (at < size && at + 1 < last) {
        uint8_t byte = record_byte(frame, cursor, at + 1);
        if (byte == '{' || byte == '[')
            return at + 1;
        at = record_newline(frame, cursor, at + 1, size);
    }
    return 0;
}

static bool
was_newline(const struct json_frame *frame, const struct frame_cursor *cursor)
{
    size_t size = frame->held.length + (size_t)(cursor->p - cursor->from);

    return size > 0 && record_byte(frame, cursor, size - 1) == '\n';
}

enum result
frame_fail(struct json_frame *frame, struct frame_cursor *cursor,
           const char *rule)
{
    uint64_t here = frame_offset(cursor, cursor->p);
    bool truncated = strcmp(rule, "record-truncated") == 0;
    bool whole = frame->mode == FRAME_DOCUMENT && frame->document.in_record &&
                 frame_record_bytes(frame, cursor) <= RECORD_BYTES_MAX;
    uint64_t start = frame->mode == FRAME_DOCUMENT && !frame->document.in_record
                         ? frame->document.text_start
                         : frame->start;
    enum result result = frame_refuse(frame, rule, truncated ? start : here);
    size_t restart = whole ? find_restart(frame, cursor) : 0;

    frame->mode = FRAME_RESYNC;
    frame->resync_any = false;
    frame->resync_newline = whole && was_newline(frame, cursor);
    if (restart > 0) {
        frame->rescanned += frame_record_bytes(frame, cursor) - restart;
        if (frame->rescanned / RESCAN_FACTOR > here + RESCAN_FREE)
            restart = 0;
    }
    if (restart == 0) {
        buffer_clear(&frame->held);
        cursor->from = cursor->p;
        return result;
    }
    frame->mode = FRAME_IDLE;
    if (here > frame->quiet_until)
        frame->quiet_until = here;
    frame->quiet_told = true;
    frame_go_back(frame, cursor, restart);
    return result;
}
