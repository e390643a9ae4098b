/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The fast way is the line: a text that starts with '{' is taken up to its
 * newline in one memchr. It is a record where it ends with '}' and what comes
 * next does not go on with it (',', '}' or ']'), or where it is valid JSON
 * whatever comes. Else it is a document and goes through the byte machine
 * from its start. All rules are of offsets and bytes, never of how the bytes
 * were split, so that any split gives the same calls.
 */
#include "ingest/json_frame.h"

#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/json_scan.h"
#include "ingest/json_frame_state.h"

/* White space behind a line before it counts as whole anyway. */
#define LOOK_BYTES 4096

enum result
json_frame_new(const struct json_frame_sink *sink,
               struct json_frame **ret_frame)
{
    struct json_frame *frame = calloc(1, sizeof(*frame));

    if (frame == NULL)
        return E_NOMEM;
    frame->sink = *sink;
    frame->held.ceiling = RECORD_BYTES_MAX + LOOK_BYTES + 16;
    frame->replay.ceiling = frame->held.ceiling;
    *ret_frame = frame;
    return OK;
}

void
json_frame_free(struct json_frame *frame)
{
    if (frame == NULL)
        return;
    buffer_free(&frame->held);
    buffer_free(&frame->replay);
    free(frame);
}

bool
json_frame_starts(struct text bytes, bool *ret_more)
{
    size_t at = 1;

    *ret_more = bytes.length == 0;
    if (bytes.length == 0 || (bytes.bytes[0] != '{' && bytes.bytes[0] != '['))
        return false;
    while (at < bytes.length &&
           (bytes.bytes[at] == ' ' || bytes.bytes[at] == '\t'))
        at++;
    if (at == bytes.length) {
        *ret_more = true;
        return false;
    }
    return memchr(bytes.bytes[0] == '{' ? "\"}\r\n" : "{[]\r", bytes.bytes[at],
                  4) != NULL ||
           bytes.bytes[at] == '\n';
}

bool
json_frame_idle(const struct json_frame *frame)
{
    return frame->mode == FRAME_IDLE;
}

/* The line is no record of its own: its text is read byte by byte. */
static void
become_document(struct json_frame *frame, struct frame_cursor *cursor,
                uint64_t line_end)
{
    frame->mode = FRAME_DOCUMENT;
    frame->document.text_start = frame->start;
    frame_document_start(frame, '{');
    if (line_end > frame->quiet_until) {
        frame->quiet_until = line_end;
        frame->quiet_told = false;
    }
    frame_go_back(frame, cursor, 0);
}

/* -- modes -- */

static void
start_text(struct json_frame *frame, struct frame_cursor *cursor)
{
    frame->start = frame_offset(cursor, cursor->p);
    cursor->from = cursor->p;
    buffer_clear(&frame->held);
    if (*cursor->p == '{') {
        frame->mode = FRAME_LINE;
        return;
    }
    frame->mode = FRAME_DOCUMENT;
    frame->document.text_start = frame->start;
    frame_document_start(frame, '[');
}

static enum result
idle_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    bool quiet, more;
    struct text rest;

    cursor->p = json_scan_space(cursor->p, cursor->end);
    if (cursor->p == cursor->end)
        return OK;
    quiet = frame_offset(cursor, cursor->p) < frame->quiet_until;
    rest = (struct text){(const char *)cursor->p,
                         (size_t)(cursor->end - cursor->p)};
    if (*cursor->p == '{' || *cursor->p == '[') {
        if (cursor->p == cursor->trusted || quiet ||
            json_frame_starts(rest, &more)) {
            start_text(frame, cursor);
            return OK;
        }
    }
    if (!quiet) {
        cursor->stop = true;
        return OK;
    }
    frame->mode = FRAME_RESYNC;
    frame->resync_newline = false;
    frame->resync_any = !frame->quiet_told;
    if (frame->quiet_told)
        return OK;
    return frame_refuse(frame, "json-trailing",
                        frame_offset(cursor, cursor->p));
}

static enum result
resync_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    const uint8_t *p = cursor->p;
    bool newline = frame->resync_newline;

    while (p < cursor->end) {
        if (newline &&
            (frame->resync_any || *p == '{' || *p == '[' || *p == '<')) {
            frame->mode = FRAME_IDLE;
            break;
        }
        p = memchr(p, '\n', (size_t)(cursor->end - p));
        newline = p != NULL;
        p = p == NULL ? cursor->end : p + 1;
    }
    frame->resync_newline = newline;
    cursor->p = p;
    cursor->from = p;
    return OK;
}

static bool
goes_on(uint8_t byte)
{
    return byte == ',' || byte == '}' || byte == ']';
}

/* The record is the first `length` bytes of held and [from, …). */
static enum result
emit_line(struct json_frame *frame, struct frame_cursor *cursor,
          struct text line, const uint8_t *behind)
{
    enum result result =
        frame->sink.record(frame->sink.context, line, frame->start);

    frame->mode = FRAME_IDLE;
    buffer_clear(&frame->held);
    cursor->p = behind;
    cursor->from = behind;
    return result;
}

/* The whole line is at hand, its newline at `newline`. */
static enum result
line_end(struct json_frame *frame, struct frame_cursor *cursor,
         const uint8_t *newline)
{
    struct text line = {(const char *)cursor->from,
                        (size_t)(newline - cursor->from)};
    uint64_t end = frame_offset(cursor, newline);
    const uint8_t *limit = newline + 1, *token;
    bool more;
    enum result result;

    if (frame->held.length > 0) {
        result = buffer_append(&frame->held, cursor->from, line.length + 1);
        if (result != OK)
            return result;
        line = buffer_as_text(&frame->held);
        line.length--;
        cursor->from = newline + 1;
    }
    if (!text_ends(text_trim(line), "}")) {
        become_document(frame, cursor, end);
        return OK;
    }
    limit +=
        cursor->end - limit > LOOK_BYTES ? LOOK_BYTES : cursor->end - limit;
    token = json_scan_space(newline + 1, limit);
    more = token < limit ? goes_on(*token) : limit - (newline + 1) < LOOK_BYTES;
    if (!more || json_check(line, NULL) == OK)
        return emit_line(frame, cursor, line, newline + 1);
    if (token < limit) {
        become_document(frame, cursor, end);
        return OK;
    }
    frame->mode = FRAME_WAIT;
    frame->line_length = line.length;
    cursor->p = cursor->end;
    return OK;
}

static enum result
line_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    size_t left = (size_t)(cursor->end - cursor->p);
    size_t room =
        RECORD_BYTES_MAX + 1 - (size_t)frame_record_bytes(frame, cursor);
    const uint8_t *newline = memchr(cursor->p, '\n', left < room ? left : room);

    if (newline != NULL)
        return line_end(frame, cursor, newline);
    if (left < room) {
        cursor->p = cursor->end;
        return OK;
    }
    become_document(frame, cursor, frame->start + RECORD_BYTES_MAX);
    return OK;
}

static enum result
wait_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    size_t seen = frame->held.length - (frame->line_length + 1);
    size_t left = (size_t)(cursor->end - cursor->p);
    size_t room = LOOK_BYTES - seen;
    const uint8_t *limit = cursor->p + (left < room ? left : room);
    const uint8_t *token = json_scan_space(cursor->p, limit);
    struct text line = {frame->held.bytes, frame->line_length};

    if (token == limit && left < room) {
        cursor->p = limit;
        return OK;
    }
    if (token == limit || !goes_on(*token))
        return emit_line(frame, cursor, line, token);
    become_document(frame, cursor, frame->start + frame->line_length);
    return OK;
}

/* -- sources -- */

/* What is left of the record in this source is kept for the next one. */
static enum result
hold(struct json_frame *frame, struct frame_cursor *cursor)
{
    bool document = frame->mode == FRAME_DOCUMENT;

    if (frame->mode == FRAME_IDLE || frame->mode == FRAME_RESYNC ||
        (document && !frame->document.in_record)) {
        buffer_clear(&frame->held);
        return OK;
    }
    if (document && frame_record_bytes(frame, cursor) > RECORD_BYTES_MAX) {
        buffer_clear(&frame->held);
        return OK;
    }
    return buffer_append(&frame->held, cursor->from,
                         (size_t)(cursor->p - cursor->from));
}

static enum result
one_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    switch (frame->mode) {
    case FRAME_IDLE:
        return idle_step(frame, cursor);
    case FRAME_LINE:
        return line_step(frame, cursor);
    case FRAME_WAIT:
        return wait_step(frame, cursor);
    case FRAME_DOCUMENT:
        return frame_document_step(frame, cursor);
    case FRAME_RESYNC:
        return resync_step(frame, cursor);
    }
    return OK;
}

/* Steps over the source in hand alone. */
static enum result
run_source(struct json_frame *frame, struct frame_cursor *cursor)
{
    enum result result = OK;

    while (result == OK && cursor->p < cursor->end && !cursor->stop &&
           !cursor->again)
        result = one_step(frame, cursor);
    return result;
}

/* What was held comes again before the rest of the source. Nothing is held
 * when it starts, so that it never asks for a third source. */
static enum result
run_replay(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_cursor inner = {.offset = cursor->again_offset};
    enum result result;

    inner.begin = (const uint8_t *)frame->replay.bytes;
    inner.p = inner.begin;
    inner.from = inner.begin;
    inner.end = inner.begin + frame->replay.length;
    cursor->again = false;
    result = run_source(frame, &inner);
    return result == OK ? hold(frame, &inner) : result;
}

static enum result
run(struct json_frame *frame, struct frame_cursor *cursor)
{
    enum result result = run_source(frame, cursor);

    while (result == OK && cursor->again) {
        result = run_replay(frame, cursor);
        if (result == OK)
            result = run_source(frame, cursor);
    }
    return result == OK ? hold(frame, cursor) : result;
}

enum result
json_frame_feed(struct json_frame *frame, const uint8_t *bytes, size_t length,
                uint64_t offset, size_t *ret_used)
{
    struct frame_cursor cursor = {
        .begin = bytes,
        .p = bytes,
        .from = bytes,
        .end = bytes + length,
        .trusted = frame->mode == FRAME_IDLE ? bytes : NULL,
        .offset = offset,
    };
    enum result result = run(frame, &cursor);

    if (result == OK)
        *ret_used = (size_t)(cursor.p - bytes);
    return result;
}

/* -- the end -- */

/* One turn with no more bytes to come; the mode is another one after it. */
static enum result
end_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct text line = buffer_as_text(&frame->held);
    struct reason why = {0};
    enum result check;

    switch (frame->mode) {
    case FRAME_LINE:
        check =
            text_ends(text_trim(line), "}") ? json_check(line, &why) : E_END;
        if (check != E_END)
            return emit_line(frame, cursor, line, cursor->p);
        become_document(frame, cursor, frame_offset(cursor, cursor->p));
        return OK;
    case FRAME_WAIT:
        line.length = frame->line_length;
        return emit_line(frame, cursor, line, cursor->p);
    case FRAME_DOCUMENT:
        return frame_fail(frame, cursor, "record-truncated");
    case FRAME_IDLE:
    case FRAME_RESYNC:
        frame->mode = FRAME_IDLE;
        return OK;
    }
    return OK;
}

enum result
json_frame_end(struct json_frame *frame)
{
    static const uint8_t nothing[1] = {0};
    enum result result = OK;

    while (result == OK && frame->mode != FRAME_IDLE) {
        /* the record lies in held alone; the end is right behind it */
        struct frame_cursor cursor = {
            .begin = nothing, .p = nothing, .from = nothing, .end = nothing};
        cursor.offset = frame->start + frame->held.length;
        result = end_step(frame, &cursor);
        if (result == OK)
            result = run(frame, &cursor);
    }
    frame->quiet_until = 0;
    return result;
}
