/* SPDX-License-Identifier: EUPL-1.2 */
#include "ingest/xml_frame.h"

#include <string.h>

#include "ingest/opening.h"

enum state {
    CONTENT,
    OPENED, /* at '<', not yet known what it opens */
    START_TAG,
    END_TAG,
    COMMENT,
    CDATA,
    INSTRUCTION,
    DECLARATION,
};

/* What scan steps say to the loop. */
enum next { GO_ON, WAIT, END, BUNDLE, BROKEN };

void
xml_frame_start(struct xml_frame *frame, size_t at, bool element)
{
    *frame = (struct xml_frame){
        .at = at, .start = at, .mark = at, .element = element};
}

static bool
is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static enum next
content(struct xml_frame *frame, struct text bytes)
{
    const char *start = bytes.bytes + frame->at;
    size_t left = bytes.length - frame->at;
    if (frame->depth == 0) {
        /* only white space stands outside the root */
        while (frame->at < bytes.length && is_space(bytes.bytes[frame->at]))
            frame->at++;
        if (frame->at == bytes.length)
            return WAIT;
        if (bytes.bytes[frame->at] != '<')
            return BROKEN;
    } else {
        const char *open = memchr(start, '<', left);
        if (open == NULL) {
            frame->at = bytes.length;
            return WAIT;
        }
        frame->at = (size_t)(open - bytes.bytes);
    }
    frame->mark = frame->at;
    frame->state = OPENED;
    return GO_ON;
}

static enum xml_frame_root
root_of(struct text local)
{
    if (text_is(local, "AuditMessage"))
        return XML_ROOT_MESSAGE;
    if (text_is(local, "AuditEvent"))
        return XML_ROOT_EVENT;
    return text_is(local, "Bundle") ? XML_ROOT_BUNDLE : XML_ROOT_OTHER;
}

/* At '<': enough bytes to know what opens. A record's root inside another
 * record means that the first one was cut. */
static enum next
opened(struct xml_frame *frame, struct text bytes, bool final)
{
    struct text here = text_after(bytes, frame->mark);
    enum opening opening = opening_of(here, final);
    bool first = frame->root == XML_ROOT_NONE;

    if (here.length < 9 && !final && here.length > 1 && here.bytes[1] == '!')
        return WAIT; /* as long as "<![CDATA[" */
    if (opening == OPENING_MORE)
        return WAIT;
    if (opening == OPENING_SYSLOG)
        return BROKEN;
    if (text_starts(here, "<?")) {
        /* an XML declaration stands at the very start of a document */
        if (opening == OPENING_XML && frame->mark != frame->start)
            return BROKEN;
        frame->state = INSTRUCTION;
    } else if (text_starts(here, "<!--")) {
        frame->state = COMMENT;
    } else if (text_starts(here, "<![CDATA[")) {
        frame->state = CDATA;
    } else if (text_starts(here, "<!")) {
        frame->state = DECLARATION;
        frame->nested = 0;
        frame->doctype = true;
    } else if (text_starts(here, "</")) {
        if (frame->depth == 0)
            return BROKEN;
        frame->state = END_TAG;
    } else {
        if (opening == OPENING_XML && !first) {
            if (!frame->element || frame->seen_event)
                return BROKEN;
            frame->seen_event = true;
        }
        frame->state = START_TAG;
    }
    frame->at = frame->mark + 1;
    return GO_ON;
}

/* A line that opens a record inside a comment, a CDATA section or a tag: the
 * construct was never closed. Without this a broken record would be scanned
 * again and again from each such line. */
static enum next
line_restart(struct xml_frame *frame, struct text bytes, bool final)
{
    struct text line = text_after(bytes, frame->at + 1);
    if (line.length > 0 && line.bytes[0] != '<')
        return GO_ON;
    enum opening opening = opening_of(line, final);
    if (opening == OPENING_MORE)
        return WAIT;
    if (opening != OPENING_XML && opening != OPENING_SYSLOG)
        return GO_ON;
    frame->at++;
    return BROKEN;
}

/* Scans for the closing string of a comment, section or instruction. */
static enum next
until(struct xml_frame *frame, struct text bytes, bool final, size_t opening,
      const char *closing)
{
    size_t length = strlen(closing);
    if (frame->at < frame->mark + opening)
        frame->at = frame->mark + opening;
    for (; frame->at < bytes.length; frame->at++) {
        char byte = bytes.bytes[frame->at];
        if (byte == '\n') {
            enum next next = line_restart(frame, bytes, final);
            if (next != GO_ON)
                return next;
        } else if (byte == closing[0]) {
            struct text here = text_after(bytes, frame->at);
            if (here.length < length)
                return WAIT;
            if (text_starts(here, closing)) {
                frame->at += length;
                frame->state = CONTENT;
                return GO_ON;
            }
        }
    }
    return WAIT;
}

/* Scans to the '>' that ends a tag or a declaration, quotes respected. */
static enum next
to_close(struct xml_frame *frame, struct text bytes, bool final)
{
    for (; frame->at < bytes.length; frame->at++) {
        char byte = bytes.bytes[frame->at];
        if (byte == '\n') {
            enum next next = line_restart(frame, bytes, final);
            if (next != GO_ON)
                return next;
        } else if (frame->quote != 0) {
            if (byte == frame->quote)
                frame->quote = 0;
        } else if (byte == '"' || byte == '\'') {
            frame->quote = byte;
        } else if (byte == '<' && frame->state == DECLARATION) {
            frame->nested++; /* of the internal subset */
        } else if (byte == '>' && frame->nested > 0) {
            frame->nested--;
        } else if (byte == '>') {
            frame->at++;
            return GO_ON;
        }
    }
    return WAIT;
}

static void
note_root(struct xml_frame *frame, struct text bytes)
{
    struct text name = text_after(bytes, frame->mark + 1);
    size_t length = 0;
    while (length < name.length && !is_space(name.bytes[length]) &&
           name.bytes[length] != '>' && name.bytes[length] != '/')
        length++;
    name.length = length;
    size_t colon = text_find_byte(name, ':');
    size_t prefix = colon < length ? colon + 1 : 0;
    frame->root_name_at = frame->mark + 1;
    frame->root_name_length = length;
    frame->root = root_of(text_after(name, prefix));
}

static enum next
start_tag(struct xml_frame *frame, struct text bytes, bool final)
{
    enum next next = to_close(frame, bytes, final);
    if (next != GO_ON)
        return next;
    bool empty =
        frame->at - frame->mark > 2 && bytes.bytes[frame->at - 2] == '/';
    frame->state = CONTENT;
    if (!empty)
        frame->depth++;
    if (frame->root == XML_ROOT_NONE) {
        note_root(frame, bytes);
        if (empty)
            return END;
        return frame->root == XML_ROOT_BUNDLE && !frame->element ? BUNDLE
                                                                 : GO_ON;
    }
    return GO_ON;
}

static enum next
end_tag(struct xml_frame *frame, struct text bytes, bool final)
{
    enum next next = to_close(frame, bytes, final);
    if (next != GO_ON)
        return next;
    frame->state = CONTENT;
    return --frame->depth == 0 ? END : GO_ON;
}

/* The internal subset is not looked at: what stands behind "<!DOCTYPE" is
 * only held until form_xml refuses it. */
static enum next
declaration(struct xml_frame *frame, struct text bytes, bool final)
{
    enum next next = to_close(frame, bytes, final);
    if (next == GO_ON)
        frame->state = CONTENT;
    return next;
}

static enum next
step(struct xml_frame *frame, struct text bytes, bool final)
{
    enum next next = GO_ON;
    switch ((enum state)frame->state) {
    case CONTENT:
        return content(frame, bytes);
    case OPENED:
        return opened(frame, bytes, final);
    case START_TAG:
        return start_tag(frame, bytes, final);
    case END_TAG:
        return end_tag(frame, bytes, final);
    case CDATA:
        return until(frame, bytes, final, 9, "]]>");
    case COMMENT:
        next = until(frame, bytes, final, 4, "-->");
        break;
    case INSTRUCTION:
        next = until(frame, bytes, final, 2, "?>");
        break;
    case DECLARATION:
        next = declaration(frame, bytes, final);
        break;
    }
    /* between the elements of a Bundle each of these is an item of its own */
    if (next == GO_ON && frame->element && frame->depth == 0)
        return END;
    return next;
}

enum xml_frame_status
xml_frame_scan(struct xml_frame *frame, struct text bytes, bool final)
{
    for (;;) {
        if (frame->broken)
            return XML_FRAME_BROKEN;
        if (frame->ended)
            return XML_FRAME_END;
        if (frame->at >= bytes.length)
            return XML_FRAME_MORE;
        switch (step(frame, bytes, final)) {
        case GO_ON:
            break;
        case WAIT:
            return XML_FRAME_MORE;
        case END:
            frame->ended = true;
            break;
        case BUNDLE:
            return XML_FRAME_BUNDLE;
        case BROKEN:
            frame->broken = true;
            break;
        }
    }
}
