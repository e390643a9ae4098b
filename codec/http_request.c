/* SPDX-License-Identifier: EUPL-1.2 */
#include "codec/http_request.h"

#include "base/limits.h"

static bool
is_token(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL)))
            return false;
    }
    return text.length > 0;
}

static bool
is_printable(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.bytes[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* A line up to its CRLF; a CR or LF alone ends none. */
static bool
take_line(struct text window, size_t *at, struct text *ret_line)
{
    for (size_t i = *at; i + 1 < window.length; i++) {
        if (window.bytes[i] == '\r' && window.bytes[i + 1] == '\n') {
            *ret_line = (struct text){window.bytes + *at, i - *at};
            *at = i + 2;
            return true;
        }
    }
    return false;
}

static enum result
read_start(struct text line, struct reason *why, struct http_request *request)
{
    struct text rest, version;

    if (!text_split(line, ' ', &request->method, &rest) ||
        !text_split(rest, ' ', &request->target, &version) ||
        !is_token(request->method) || request->target.length == 0 ||
        !is_printable(request->target) ||
        text_find_byte(version, ' ') != version.length)
        return reason_set(why, E_FORMAT, "http-request-line", "", 0);
    if (text_is(version, "HTTP/1.1"))
        request->keep_alive = true;
    else if (!text_is(version, "HTTP/1.0"))
        return reason_set(why, E_FORMAT, "http-version", "", 0);
    return OK;
}

struct seen {
    bool length;
};

static enum result
read_length(struct text value, struct reason *why, struct seen *seen,
            struct http_request *request)
{
    enum result result;

    if (seen->length)
        return reason_set(why, E_FORMAT, "http-length", "Content-Length", 0);
    seen->length = true;
    result = text_to_u64(value, HTTP_BODY_BYTES_MAX, &request->body_bytes);
    if (result == E_LIMIT)
        return reason_set(why, E_LIMIT, "http-body-max", "Content-Length", 0);
    return result == OK
               ? OK
               : reason_set(why, E_FORMAT, "http-length", "Content-Length", 0);
}

static enum result
read_field(struct text line, struct reason *why, struct seen *seen,
           struct http_request *request)
{
    struct text name, value;

    /* a blank before the colon, or at the start: RFC 9112 §5.1, §5.2 */
    if (!text_split(line, ':', &name, &value) || !is_token(name) ||
        !is_printable(value))
        return reason_set(why, E_FORMAT, "http-field", "", 0);
    value = text_trim(value);
    if (text_is_nocase(name, "Content-Length"))
        return read_length(value, why, seen, request);
    if (text_is_nocase(name, "Transfer-Encoding"))
        return reason_set(why, E_FORMAT, "http-transfer-encoding",
                          "Transfer-Encoding", 0);
    if (text_is_nocase(name, "Content-Type"))
        request->content_type = value;
    else if (text_is_nocase(name, "Connection"))
        request->keep_alive =
            text_is_nocase(value, "keep-alive") ||
            (request->keep_alive && !text_is_nocase(value, "close"));
    else if (text_is_nocase(name, "Expect"))
        request->expects_continue = text_is_nocase(value, "100-continue");
    return OK;
}

enum result
http_request_read(struct text window, struct reason *why,
                  struct http_request *ret_request)
{
    struct http_request request = {0};
    struct seen seen = {0};
    struct text line;
    size_t at = 0;
    enum result result;

    if (window.length > HTTP_HEAD_BYTES_MAX)
        window.length = HTTP_HEAD_BYTES_MAX;
    if (!take_line(window, &at, &line))
        goto more;
    result = read_start(line, why, &request);
    while (result == OK) {
        size_t start = at;

        if (!take_line(window, &at, &line))
            goto more;
        if (line.length == 0)
            break;
        result = read_field(line, why, &seen, &request);
        if (result != OK && why != NULL)
            why->offset = start;
    }
    if (result != OK)
        return result;
    request.head_bytes = at;
    *ret_request = request;
    return OK;

more:
    if (window.length == HTTP_HEAD_BYTES_MAX)
        return reason_set(why, E_LIMIT, "http-head-max", "", at);
    return E_END;
}
