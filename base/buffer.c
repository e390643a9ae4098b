/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

void
buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

void
buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

enum result
buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t ceiling = buffer->ceiling == 0 ? BUFFER_BYTES_MAX : buffer->ceiling;
    size_t room = buffer->room;
    char *bytes;

    if (more <= room - buffer->length)
        return OK;
    if (buffer->length > ceiling || more > ceiling - buffer->length)
        return E_LIMIT;
    if (room < 256)
        room = ceiling < 256 ? ceiling : 256;
    while (room - buffer->length < more)
        room = room > ceiling / 2 ? ceiling : room * 2;
    bytes = realloc(buffer->bytes, room);
    if (bytes == NULL)
        return E_NOMEM;
    buffer->bytes = bytes;
    buffer->room = room;
    return OK;
}

enum result
buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    enum result result = buffer_reserve(buffer, length);

    if (result != OK)
        return result;
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    return OK;
}

enum result
buffer_text(struct buffer *buffer, struct text text)
{
    return buffer_append(buffer, text.bytes, text.length);
}

enum result
buffer_string(struct buffer *buffer, const char *string)
{
    return buffer_append(buffer, string, strlen(string));
}

enum result
buffer_byte(struct buffer *buffer, char byte)
{
    return buffer_append(buffer, &byte, 1);
}

enum result
buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    enum result result;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        va_end(again);
        return E_ARGUMENT;
    }
    /* vsnprintf wants room for its NUL, which is not kept */
    result = buffer_reserve(buffer, (size_t)length + 1);
    if (result == OK) {
        (void)vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1,
                        format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
    return result;
}

static enum result
json_ascii(struct buffer *buffer, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";
    char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};

    switch (byte) {
    case '"':
        return buffer_string(buffer, "\\\"");
    case '\\':
        return buffer_string(buffer, "\\\\");
    case '\n':
        return buffer_string(buffer, "\\n");
    case '\r':
        return buffer_string(buffer, "\\r");
    case '\t':
        return buffer_string(buffer, "\\t");
    default:
        return buffer_append(buffer, escape, sizeof(escape));
    }
}

static bool
json_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f;
}

enum result
buffer_json_string(struct buffer *buffer, struct text text)
{
    enum result result = buffer_byte(buffer, '"');
    size_t i = 0;

    while (result == OK && i < text.length) {
        struct text rest = text_after(text, i);
        size_t good = text_utf8_check(rest);
        size_t run = 0;

        while (run < good && json_plain((uint8_t)rest.bytes[run]))
            run++;
        result = buffer_append(buffer, rest.bytes, run);
        i += run;
        if (result != OK || i == text.length)
            break;
        if (run == good)
            result = buffer_string(buffer, "\xef\xbf\xbd");
        else
            result = json_ascii(buffer, (uint8_t)text.bytes[i]);
        i++;
    }
    if (result == OK)
        result = buffer_byte(buffer, '"');
    return result;
}

enum result
buffer_printable(struct buffer *buffer, struct text text)
{
    enum result result = OK;
    size_t i = 0;

    while (result == OK && i < text.length) {
        struct text rest = text_after(text, i);
        size_t good = text_utf8_check(rest);

        for (size_t k = 0; k < good && result == OK; k++) {
            uint8_t byte = (uint8_t)rest.bytes[k];
            bool c1 = byte == 0xc2 && k + 1 < good &&
                      (uint8_t)rest.bytes[k + 1] < 0xa0;

            /* C1 controls drive terminals as much as C0 ones do */
            if (byte < 0x20 || byte == 0x7f || c1) {
                result = buffer_byte(buffer, '?');
                k += c1 ? 1 : 0;
            } else {
                result = buffer_byte(buffer, (char)byte);
            }
        }
        i += good;
        if (result == OK && i < text.length) {
            result = buffer_byte(buffer, '?');
            i++;
        }
    }
    return result;
}

struct text
buffer_as_text(const struct buffer *buffer)
{
    return (struct text){buffer->bytes == NULL ? "" : buffer->bytes,
                         buffer->length};
}
