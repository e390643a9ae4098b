/* SPDX-License-Identifier: EUPL-1.2 */
#include "ingest/opening.h"

#include <string.h>

#include "codec/syslog.h"
#include "ingest/json_frame.h"

#define PREFIX_BYTES_MAX 32
#define LENGTH_DIGITS_MAX 10

static const char bom[3] = {'\xef', '\xbb', '\xbf'};
static const char *const roots[] = {"AuditMessage", "AuditEvent", "Bundle"};

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool
is_name_start(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           byte == '_' || byte == ':' || (unsigned char)byte >= 0x80;
}

static bool
is_name(char byte)
{
    return is_name_start(byte) || is_digit(byte) || byte == '-' || byte == '.';
}

static bool
is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

size_t
opening_blank(struct text bytes)
{
    size_t at = 0;
    while (at < bytes.length) {
        if (is_space(bytes.bytes[at]))
            at++;
        else if (bytes.length - at >= 3 &&
                 memcmp(bytes.bytes + at, bom, 3) == 0)
            at += 3;
        else
            break;
    }
    return at;
}

/* The local name of a tag ("<" is bytes[0]); false where the bytes end
 * inside it. */
static bool
local_name(struct text bytes, struct text *ret_local)
{
    size_t at = 1, start = 1;
    while (at < bytes.length && is_name(bytes.bytes[at])) {
        if (bytes.bytes[at] == ':' && at - start <= PREFIX_BYTES_MAX)
            start = at + 1;
        at++;
    }
    *ret_local = (struct text){bytes.bytes + start, at - start};
    return at < bytes.length;
}

static enum opening
of_tag(struct text bytes)
{
    struct text local;
    if (!local_name(bytes, &local))
        return bytes.length >= OPENING_BYTES_MAX ? OPENING_MARKUP
                                                 : OPENING_MORE;
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        if (text_is(local, roots[i]))
            return OPENING_XML;
    }
    return OPENING_MARKUP;
}

static enum opening
of_angle(struct text bytes)
{
    if (bytes.length < 2)
        return OPENING_MORE;
    char second = bytes.bytes[1];
    if (is_digit(second)) {
        if (syslog_priority_length(bytes) > 0)
            return OPENING_SYSLOG;
        size_t at = 1;
        while (at < bytes.length && at < 4 && is_digit(bytes.bytes[at]))
            at++;
        return at == bytes.length ? OPENING_MORE : OPENING_NONE;
    }
    if (second == '?') {
        if (bytes.length < 6)
            return OPENING_MORE;
        return text_starts(bytes, "<?xml") && is_space(bytes.bytes[5])
                   ? OPENING_XML
                   : OPENING_MARKUP;
    }
    if (second == '!')
        return OPENING_MARKUP;
    return is_name_start(second) ? of_tag(bytes) : OPENING_NONE;
}

static enum opening
of_digit(struct text bytes)
{
    size_t at = 0;
    while (at < bytes.length && at <= LENGTH_DIGITS_MAX &&
           is_digit(bytes.bytes[at]))
        at++;
    if (at > LENGTH_DIGITS_MAX)
        return OPENING_NONE;
    if (at == bytes.length)
        return OPENING_MORE;
    if (bytes.bytes[at] != ' ')
        return OPENING_NONE;
    struct text rest = text_after(bytes, at + 1);
    if (rest.length == 0)
        return OPENING_MORE;
    if (rest.bytes[0] != '<')
        return OPENING_NONE;
    enum opening opening = of_angle(rest);
    if (opening == OPENING_SYSLOG)
        return OPENING_FRAME;
    return opening == OPENING_MORE ? OPENING_MORE : OPENING_NONE;
}

static enum opening
of_bracket(struct text bytes)
{
    bool more = false;
    if (json_frame_starts(bytes, &more))
        return OPENING_JSON;
    if (!more)
        return OPENING_NONE;
    return bytes.length < OPENING_BYTES_MAX ? OPENING_MORE
           : bytes.bytes[0] == '{'          ? OPENING_JSON
                                            : OPENING_NONE;
}

enum opening
opening_of(struct text bytes, bool final)
{
    enum opening opening = OPENING_NONE;
    if (bytes.length > OPENING_BYTES_MAX) {
        bytes.length = OPENING_BYTES_MAX;
        final = false;
    }
    if (bytes.length == 0)
        return final ? OPENING_NONE : OPENING_MORE;
    char first = bytes.bytes[0];
    if (first == '{' || first == '[')
        opening = of_bracket(bytes);
    else if (first == '<')
        opening = of_angle(bytes);
    else if (is_digit(first))
        opening = of_digit(bytes);
    else if (first == bom[0] && bytes.length < 3 &&
             memcmp(bytes.bytes, bom, bytes.length) == 0)
        opening = OPENING_MORE;
    if (opening == OPENING_MORE && final) {
        /* a record that was cut in its first bytes */
        if (first == '{')
            return OPENING_JSON;
        return first == '<' && bytes.length > 1 && !is_digit(bytes.bytes[1])
                   ? OPENING_MARKUP
                   : OPENING_NONE;
    }
    return opening;
}

static bool
is_restart(enum opening opening)
{
    return opening != OPENING_NONE && opening != OPENING_MARKUP;
}

/* What may start at this byte; OPENING_NONE for nothing. */
static enum opening
restart_at(struct text bytes, size_t at, char before, bool frames, bool entries,
           bool final)
{
    struct text here = text_after(bytes, at);
    char byte = here.bytes[0];
    struct text local;

    if (before == '\n' && !is_space(byte)) {
        enum opening opening = opening_of(here, final);
        if (is_restart(opening))
            return opening;
    }
    if (frames && is_digit(byte) && !is_digit(before)) {
        enum opening opening = opening_of(here, final);
        if (opening == OPENING_FRAME || opening == OPENING_MORE)
            return opening;
    }
    if (entries && byte == '<') {
        if (here.length > OPENING_BYTES_MAX)
            here.length = OPENING_BYTES_MAX;
        if (!local_name(here, &local))
            return final || here.length >= OPENING_BYTES_MAX ? OPENING_NONE
                                                             : OPENING_MORE;
        if (text_is(local, "entry"))
            return OPENING_MARKUP;
    }
    return OPENING_NONE;
}

size_t
opening_next(struct text bytes, size_t from, char before, bool frames,
             bool entries, bool final, bool *ret_found)
{
    *ret_found = false;
    for (size_t at = from; at < bytes.length; at++) {
        if (!frames && !entries && before != '\n') {
            size_t skip = text_find_byte(text_after(bytes, at), '\n');
            at += skip;
            if (at >= bytes.length)
                break;
            before = '\n';
            continue;
        }
        enum opening opening =
            restart_at(bytes, at, before, frames, entries, final);
        if (opening == OPENING_MORE)
            return at;
        if (opening != OPENING_NONE) {
            *ret_found = true;
            return at;
        }
        before = bytes.bytes[at];
    }
    return bytes.length;
}
