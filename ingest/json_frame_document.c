/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The byte machine of json_frame: follows brackets and strings through a
 * document of any size and stops at any byte. The order of the tokens is
 * followed where a break in it tells that the text was cut off; inside an
 * element only brackets and strings count, so that a bad element costs
 * itself and not its neighbours (the record's own parser refuses it).
 */
#include <string.h>

#include "codec/json_scan.h"
#include "ingest/json_frame_state.h"

/* Depth at which the elements of the array lie. */
#define ARRAY_DEPTH 1
#define ENTRY_DEPTH 2

void
frame_document_start(struct json_frame *frame, uint8_t first)
{
    struct frame_document *document = &frame->document;

    document->want = WANT_VALUE;
    document->in_string = false;
    document->in_escape = false;
    document->in_scalar = false;
    document->keep = false;
    document->loose = false;
    document->entry = false;
    document->typed = false;
    document->bundle = false;
    document->cut = first == '[';
    document->in_record = first == '{';
    document->key.length = 0;
    document->depth = 0;
}

/* -- words -- */

static void
keep_bytes(struct frame_word *word, const uint8_t *from, const uint8_t *to)
{
    size_t length = (size_t)(to - from);

    if (word->length + length > sizeof(word->bytes)) {
        word->length = sizeof(word->bytes) + 1;
        return;
    }
    memcpy(word->bytes + word->length, from, length);
    word->length += (uint32_t)length;
}

static bool
word_is(const struct frame_word *word, const char *literal)
{
    size_t length = strlen(literal);

    return word->length == length && memcmp(word->bytes, literal, length) == 0;
}

/* -- elements -- */

/* Depth of the array whose elements are records, 0 where there is none. */
static uint32_t
element_depth(const struct frame_document *document)
{
    if (document->depth == 0 || document->loose)
        return 0;
    if (document->open[0] == ']')
        return ARRAY_DEPTH;
    return document->entry ? ENTRY_DEPTH : 0;
}

/* A value starts at p: where it is an element, a record starts. */
static void
value_starts(struct json_frame *frame, struct frame_cursor *cursor,
             const uint8_t *p)
{
    struct frame_document *document = &frame->document;

    if (element_depth(document) != document->depth || document->depth == 0)
        return;
    buffer_clear(&frame->held);
    frame->start = frame_offset(cursor, p);
    cursor->from = p;
    document->cut = true;
    document->in_record = true;
    document->loose = true;
}

/* The value that ends before cursor->p was an element. */
static enum result
element_ends(struct json_frame *frame, struct frame_cursor *cursor)
{
    frame->document.loose = false;
    frame->document.in_record = false;
    frame->document.want = WANT_COMMA;
    return frame_emit(frame, cursor);
}

static bool
at_element(const struct frame_document *document)
{
    return document->loose &&
           document->depth ==
               (document->open[0] == ']' ? ARRAY_DEPTH : ENTRY_DEPTH);
}

/* -- brackets -- */

static enum result
open_level(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;
    uint8_t byte = *cursor->p;

    if (!document->loose && document->want != WANT_VALUE &&
        document->want != WANT_VALUE_OR_END)
        return frame_fail(frame, cursor, "json-syntax");
    if (document->depth == JSON_DEPTH_MAX)
        return frame_fail(frame, cursor, "json-depth-max");
    value_starts(frame, cursor, cursor->p);
    if (byte == '[' && document->depth == 1 && document->open[0] == '}' &&
        word_is(&document->key, "entry") &&
        (!document->typed || document->bundle))
        document->entry = true;
    document->open[document->depth++] = byte == '{' ? '}' : ']';
    document->want = byte == '{' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
    cursor->p++;
    return OK;
}

static enum result
close_level(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;
    enum frame_want end =
        *cursor->p == '}' ? WANT_KEY_OR_END : WANT_VALUE_OR_END;

    if (document->depth == 0 ||
        document->open[document->depth - 1] != *cursor->p ||
        (!document->loose && document->want != end &&
         document->want != WANT_COMMA))
        return frame_fail(frame, cursor, "json-syntax");
    cursor->p++;
    document->depth--;
    document->want = WANT_COMMA;
    if (document->depth == 1 && document->open[0] == '}')
        document->entry = false;
    if (at_element(document))
        return element_ends(frame, cursor);
    if (document->depth > 0)
        return OK;
    frame->mode = FRAME_IDLE;
    if (!document->cut)
        return frame_emit(frame, cursor);
    cursor->from = cursor->p;
    return OK;
}

/* -- strings and scalars -- */

static enum result
open_string(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;
    bool key = document->want == WANT_KEY || document->want == WANT_KEY_OR_END;

    if (!document->loose && !key && document->want != WANT_VALUE &&
        document->want != WANT_VALUE_OR_END)
        return frame_fail(frame, cursor, "json-syntax");
    if (!key)
        value_starts(frame, cursor, cursor->p);
    document->in_string = true;
    document->keep = document->depth == 1 && !document->loose;
    document->word.length = 0;
    cursor->p++;
    return OK;
}

/* Behind the closing quote. */
static enum result
string_ends(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;

    document->in_string = false;
    if (document->loose)
        return at_element(document) ? element_ends(frame, cursor) : OK;
    if (document->want == WANT_KEY || document->want == WANT_KEY_OR_END) {
        document->want = WANT_COLON;
        if (document->keep)
            document->key = document->word;
        return OK;
    }
    document->want = WANT_COMMA;
    if (document->keep && word_is(&document->key, "resourceType")) {
        document->typed = true;
        document->bundle = word_is(&document->word, "Bundle");
    }
    return OK;
}

static enum result
string_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;
    const uint8_t *p = cursor->p;

    if (document->in_escape) {
        if (*p < 0x20)
            return frame_fail(frame, cursor, "json-string-control");
        document->in_escape = false;
        p++;
    }
    p = json_scan_string(p, cursor->end);
    while (p < cursor->end && *p >= 0x80)
        p++;
    if (document->keep)
        keep_bytes(&document->word, cursor->p, p);
    cursor->p = p;
    if (p == cursor->end || !json_scan_special(*p))
        return OK;
    if (*p < 0x20)
        return frame_fail(frame, cursor, "json-string-control");
    if (*p == '"') {
        cursor->p++;
        return string_ends(frame, cursor);
    }
    if (*p == '\\') {
        document->in_escape = true;
        if (document->keep)
            keep_bytes(&document->word, p, p + 1);
        cursor->p++;
    }
    return OK;
}

static bool
is_scalar(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '+' ||
           byte == '.';
}

static enum result
scalar_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;

    while (cursor->p < cursor->end && is_scalar(*cursor->p))
        cursor->p++;
    if (cursor->p == cursor->end)
        return OK;
    document->in_scalar = false;
    if (at_element(document))
        return element_ends(frame, cursor);
    document->want = WANT_COMMA;
    return OK;
}

/* -- one token -- */

static enum result
punctuation(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;
    bool comma = *cursor->p == ',';

    if (!document->loose) {
        if (document->want != (comma ? WANT_COMMA : WANT_COLON) ||
            document->depth == 0)
            return frame_fail(frame, cursor, "json-syntax");
        document->want = comma && document->open[document->depth - 1] == '}'
                             ? WANT_KEY
                             : WANT_VALUE;
    }
    cursor->p++;
    return OK;
}

static enum result
other_byte(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;

    if (document->loose) {
        cursor->p++;
        return OK;
    }
    if (!is_scalar(*cursor->p) ||
        (document->want != WANT_VALUE && document->want != WANT_VALUE_OR_END))
        return frame_fail(frame, cursor, "json-syntax");
    value_starts(frame, cursor, cursor->p);
    document->in_scalar = true;
    return OK;
}

static enum result
token_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    cursor->p = json_scan_space(cursor->p, cursor->end);
    if (cursor->p == cursor->end)
        return OK;
    switch (*cursor->p) {
    case '{':
    case '[':
        return open_level(frame, cursor);
    case '}':
    case ']':
        return close_level(frame, cursor);
    case '"':
        return open_string(frame, cursor);
    case ',':
    case ':':
        return punctuation(frame, cursor);
    default:
        return other_byte(frame, cursor);
    }
}

enum result
frame_document_step(struct json_frame *frame, struct frame_cursor *cursor)
{
    struct frame_document *document = &frame->document;
    enum result result = OK;

    while (result == OK && frame->mode == FRAME_DOCUMENT && !cursor->again &&
           cursor->p < cursor->end) {
        if (document->in_string)
            result = string_step(frame, cursor);
        else if (document->in_scalar)
            result = scalar_step(frame, cursor);
        else
            result = token_step(frame, cursor);
    }
    return result;
}
