/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Syslog messages in a stream. With a frame (RFC 5425 §4.3):
 *
 *   MSG-LEN SP SYSLOG-MSG      MSG-LEN octets, a byte order mark included
 *
 * Without one, a message a line; but XML in it may begin on the line behind
 * the header, and run over several lines to its closing root tag.
 */
#include "codec/syslog.h"
#include "ingest/trail_state.h"

/* What the header before a document may take, generously. */
#define HEADER_BYTES_MAX (8u << 10)
/* Digits and the space of MSG-LEN. */
#define LENGTH_BYTES_MAX 16
#define BLANK_BEHIND_FRAME 8

/* Offset of the document where the message (as far as it is known) begins
 * with one; false where it does not, or not yet. */
static bool
document_starts(struct text message, bool final, size_t *ret_at)
{
    struct syslog syslog;
    struct text head = message;
    if (head.length > HEADER_BYTES_MAX) {
        head.length = HEADER_BYTES_MAX;
        final = false;
    }
    if (syslog_parse(head, NULL, &syslog) != OK)
        return false;
    struct text body =
        text_after(syslog.message, opening_blank(syslog.message));
    if (opening_of(body, final) != OPENING_XML)
        return false;
    *ret_at = (size_t)(body.bytes - message.bytes);
    return true;
}

static bool
is_header_alone(struct text line)
{
    struct syslog syslog;
    return syslog_parse(line, NULL, &syslog) == OK &&
           opening_blank(syslog.message) == syslog.message.length;
}

static enum result
message_whole(struct trail *trail, struct text message)
{
    trail->found |= FOUND_SYSLOG;
    trail->xml_open = false;
    trail->scanned = 0;
    return form_syslog(&trail->context, message, trail->offset);
}

/* The bytes end inside the message. */
static enum result
message_more(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    if (trail_over(window))
        return trail_broken(trail, window, "record-bytes-max", 0, ret_used);
    if (window.final)
        return trail_broken(trail, window, "record-truncated", 0, ret_used);
    trail->hungry = true;
    return OK;
}

/* Behind the closing root tag: the rest of the line belongs to the message
 * (and is refused with it), unless another message follows at once. */
static enum result
message_tail(struct trail *trail, struct trail_window window, size_t *ret_used)
{
    struct text clip = trail_clip(window);
    struct text rest = text_after(clip, trail->xml.at);
    bool final = window.final && !trail_over(window);
    size_t end = trail->xml.at + text_find_byte(rest, '\n');

    enum opening opening = opening_of(rest, final);
    if (opening == OPENING_SYSLOG || opening == OPENING_FRAME)
        end = trail->xml.at;
    else if (end == clip.length && !final)
        return message_more(trail, window, ret_used);
    *ret_used = end;
    return message_whole(trail, (struct text){clip.bytes, end});
}

static enum result
message_document(struct trail *trail, struct trail_window window,
                 size_t *ret_used)
{
    struct text clip = trail_clip(window);
    bool final = window.final && !trail_over(window);
    enum xml_frame_status status;
    do {
        status = xml_frame_scan(&trail->xml, clip, final);
    } while (status == XML_FRAME_BUNDLE);
    if (status == XML_FRAME_END)
        return message_tail(trail, window, ret_used);
    if (status == XML_FRAME_BROKEN) {
        trail->found |= FOUND_SYSLOG;
        return trail_broken(trail, window, "xml-unclosed", trail->xml.at,
                            ret_used);
    }
    return message_more(trail, window, ret_used);
}

static void
document_open(struct trail *trail, size_t at)
{
    xml_frame_start(&trail->xml, at, false);
    trail->xml_open = true;
    trail->xml_in_syslog = true;
}

/* A header and nothing behind it: the document may stand on the next line.
 * *ret_end: where the message ends if it does not. */
static enum result
header_alone(struct trail *trail, struct trail_window window, size_t line,
             size_t *ret_used)
{
    struct text clip = trail_clip(window);
    bool final = window.final && !trail_over(window);
    struct text rest = text_after(clip, line);
    size_t blank = opening_blank(rest);
    enum opening opening = opening_of(text_after(rest, blank), final);
    if (opening == OPENING_MORE && !trail_over(window)) {
        trail->hungry = true;
        return OK;
    }
    if (opening == OPENING_XML) {
        document_open(trail, line + blank);
        return message_document(trail, window, ret_used);
    }
    *ret_used = line;
    return message_whole(trail, (struct text){clip.bytes, line});
}

enum result
trail_syslog_step(struct trail *trail, struct trail_window window,
                  size_t *ret_used)
{
    struct text clip = trail_clip(window);
    bool final = window.final && !trail_over(window);
    size_t at;

    if (trail->xml_open)
        return message_document(trail, window, ret_used);
    if (document_starts(clip, final, &at)) {
        document_open(trail, at);
        return message_document(trail, window, ret_used);
    }
    size_t end =
        trail->scanned + text_find_byte(text_after(clip, trail->scanned), '\n');
    if (end == clip.length && !final) {
        trail->scanned = clip.length;
        return message_more(trail, window, ret_used);
    }
    struct text line = {clip.bytes, end};
    if (end < clip.length && is_header_alone(line))
        return header_alone(trail, window, end, ret_used);
    *ret_used = end;
    return message_whole(trail, line);
}

/* MSG-LEN; more than a record may hold comes out as that and one. */
static size_t
frame_length(struct text bytes, size_t *ret_header)
{
    size_t at = 0, length = 0;
    for (; at < bytes.length && bytes.bytes[at] != ' '; at++) {
        if (length <= RECORD_BYTES_MAX)
            length = length * 10 + (size_t)(bytes.bytes[at] - '0');
    }
    *ret_header = at + 1;
    return length <= RECORD_BYTES_MAX ? length : RECORD_BYTES_MAX + 1;
}

/* The count was right if behind the message comes the end, a new line, or
 * another frame. */
static enum opening
behind_frame(struct text rest, bool final)
{
    size_t blank = opening_blank(rest);
    if (rest.length > 0 && (rest.bytes[0] == '\n' || rest.bytes[0] == '\r'))
        return OPENING_FRAME;
    if (blank > BLANK_BEHIND_FRAME)
        return OPENING_NONE;
    if (blank == rest.length)
        return final ? OPENING_FRAME : OPENING_MORE;
    return opening_of(text_after(rest, blank), final);
}

enum result
trail_frame_step(struct trail *trail, struct trail_window window,
                 size_t *ret_used)
{
    struct text bytes = window.bytes;
    size_t header;
    size_t length = frame_length(bytes, &header);

    trail->framed = true;
    trail->found |= FOUND_SYSLOG;
    if (length > RECORD_BYTES_MAX - LENGTH_BYTES_MAX)
        return trail_broken(trail, window, "record-bytes-max", 0, ret_used);
    if (length < 3 || bytes.bytes[0] == '0')
        return trail_broken(trail, window, "syslog-frame-length", 0, ret_used);
    if (bytes.length < header + length) {
        if (window.final)
            return trail_broken(trail, window, "record-truncated", 0, ret_used);
        trail->hungry = true;
        return OK;
    }
    enum opening behind =
        behind_frame(text_after(bytes, header + length), window.final);
    if (behind == OPENING_MORE) {
        trail->hungry = true;
        return OK;
    }
    if (behind != OPENING_FRAME)
        return trail_broken(trail, window, "syslog-frame-length", 0, ret_used);
    *ret_used = header + length;
    return form_syslog(&trail->context,
                       (struct text){bytes.bytes + header, length},
                       trail->offset + header);
}
