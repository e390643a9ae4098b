/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Access log lines, "combined" as nginx and Apache write them:
 *
 *   [host[:port]] address ident user [time] "request" status bytes
 *                                            ["referer" "agent" …]
 *
 * The user is typed by whoever asks and may hold blanks and brackets; both
 * servers escape a quote. So the request begins at the first quote, the time
 * is what stands in brackets right before it, and the address is a word that
 * stands before anything typed.
 */
#include <string.h>

#include "codec/query.h"
#include "ingest/table_event.h"

/* Offset of the next quote that is not escaped, or length. */
static size_t
next_quote(struct text text, size_t at)
{
    while (at < text.length && text.bytes[at] != '"') {
        at += text.bytes[at] == '\\' ? 2 : 1;
    }
    return at < text.length ? at : text.length;
}

/* \xhh, \" and \\ to what they stand for. `scratch` has room. */
static struct text
unescape(struct text given, struct buffer *scratch)
{
    if (given.length == 0 || memchr(given.bytes, '\\', given.length) == NULL) {
        return given;
    }
    char *const start = scratch->bytes + scratch->length;
    size_t length = 0;

    for (size_t i = 0; i < given.length; i++) {
        char byte = given.bytes[i];

        if (byte == '\\' && i + 3 < given.length && given.bytes[i + 1] == 'x' &&
            query_hex(given.bytes[i + 2]) >= 0 &&
            query_hex(given.bytes[i + 3]) >= 0) {
            byte = (char)(query_hex(given.bytes[i + 2]) * 16 +
                          query_hex(given.bytes[i + 3]));
            i += 3;
        } else if (byte == '\\' && i + 1 < given.length) {
            byte = given.bytes[++i];
        }
        start[length++] = byte;
    }
    scratch->length += length;
    return (struct text){start, length};
}

/* "GET /x HTTP/1.1"; a URL may hold blanks where the client sent them. */
static void
split_request(struct text request, struct text *fields)
{
    struct text rest;
    const char *proto = NULL;

    if (text_is(request, "-") || request.length == 0) {
        return;
    }
    (void)text_split(request, ' ', &fields[COMBINED_METHOD], &rest);
    if (rest.length > 0) {
        proto = memrchr(rest.bytes, ' ', rest.length);
    }
    if (proto != NULL &&
        text_starts(text_after(rest, (size_t)(proto - rest.bytes) + 1),
                    "HTTP/")) {
        rest.length = (size_t)(proto - rest.bytes);
    }
    fields[COMBINED_URL] = text_trim(rest);
}

/* What stands before the time. */
static bool
split_client(struct text head, struct text *fields)
{
    char address[ADDRESS_TEXT_BYTES];
    struct text first, second, behind;

    (void)text_split(head, ' ', &first, &head);
    if (first.length == 0 || head.length == 0) {
        return false;
    }
    (void)text_split(head, ' ', &second, &behind);
    if (event_address_parse(first, address) != OK &&
        event_address_parse(second, address) == OK) {
        fields[COMBINED_HOST] = first; /* vhost_combined */
        first = second;
        head = behind;
    }
    fields[COMBINED_ADDRESS] = first;
    (void)text_split(head, ' ', &first, &head); /* ident */
    fields[COMBINED_USER] = text_trim(head);
    return first.length > 0;
}

/* The quoted fields behind the byte count: referer, agent, and the one that
 * nginx's "main" adds. */
static void
split_quoted(struct text line, size_t at, struct buffer *scratch,
             struct text *fields)
{
    for (int field = COMBINED_REFERER; field <= COMBINED_FORWARDED; field++) {
        const size_t open = next_quote(line, at);
        const size_t shut = next_quote(line, open + 1);

        if (open == line.length || shut == line.length) {
            return;
        }
        fields[field] = unescape(
            (struct text){line.bytes + open + 1, shut - open - 1}, scratch);
        at = shut + 1;
    }
}

static bool
is_status(struct text text)
{
    uint64_t number;

    return text.length == 3 && text_to_u64(text, 999, &number) == OK;
}

enum result
combined_split(struct text line, struct buffer *scratch,
               struct text ret_fields[COMBINED_FIELDS])
{
    struct text head, status, bytes, rest;
    enum result result;

    line = text_trim(line);
    for (int i = 0; i < COMBINED_FIELDS; i++) {
        ret_fields[i] = (struct text){"", 0};
    }
    buffer_clear(scratch);
    result = buffer_reserve(scratch, line.length);
    if (result != OK) {
        return result;
    }
    const size_t open = next_quote(line, 0);
    const size_t shut = next_quote(line, open + 1);

    head = text_trim((struct text){line.bytes, open});
    if (open == line.length || shut == line.length || !text_ends(head, "]")) {
        return E_FORMAT;
    }
    const char *const bracket = memrchr(head.bytes, '[', head.length);
    const size_t at = bracket == NULL ? 0 : (size_t)(bracket - head.bytes);

    if (at < 2) {
        return E_FORMAT;
    }
    ret_fields[COMBINED_TIME] =
        (struct text){head.bytes + at + 1, head.length - at - 2};
    if (!split_client(text_trim((struct text){head.bytes, at}), ret_fields)) {
        return E_FORMAT;
    }
    split_request(
        unescape((struct text){line.bytes + open + 1, shut - open - 1},
                 scratch),
        ret_fields);
    rest = text_trim(text_after(line, shut + 1));
    (void)text_split(rest, ' ', &status, &rest);
    if (!is_status(status)) {
        return E_FORMAT;
    }
    ret_fields[COMBINED_STATUS] = status;
    (void)text_split(rest, ' ', &bytes, &rest);
    ret_fields[COMBINED_BYTES] = bytes;
    split_quoted(line, shut + 1, scratch, ret_fields);
    return OK;
}
