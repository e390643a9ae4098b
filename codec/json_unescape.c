/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Strings of JSON out of their escapes (RFC 8259 §7). Works only on what the
 * reader has already checked: every backslash is followed by a whole escape.
 */
#include <string.h>

#include "codec/json.h"

static unsigned
hex_value(char byte)
{
    if (byte <= '9')
        return (unsigned)(byte - '0');
    return (unsigned)((byte | 0x20) - 'a') + 10;
}

static uint32_t
unit_at(const char *p)
{
    return hex_value(p[0]) << 12 | hex_value(p[1]) << 8 | hex_value(p[2]) << 4 |
           hex_value(p[3]);
}

static size_t
utf8_write(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* The code point of the \u escape at p, with its low half where it has one.
 * *used counts the bytes read. A half without its other becomes U+FFFD. */
static uint32_t
code_point(const char *p, const char *end, size_t *used)
{
    uint32_t code = unit_at(p + 2);

    *used = 6;
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        uint32_t low = unit_at(p + 8);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *used = 12;
            return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return 0xfffd;
}

static char
plain_escape(char byte)
{
    switch (byte) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return byte; /* quote, backslash, solidus */
    }
}

/* Never longer than the raw text. Returns the bytes written. */
static size_t
unescape_into(struct text raw, char *out)
{
    const char *p = raw.bytes;
    const char *end = raw.bytes + raw.length;
    size_t length = 0;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((slash == NULL ? end : slash) - p);
        memcpy(out + length, p, plain);
        length += plain;
        p += plain;
        if (p == end)
            break;
        if (p[1] == 'u') {
            size_t used;
            uint32_t code = code_point(p, end, &used);
            length += utf8_write(code, out + length);
            p += used;
        } else {
            out[length++] = plain_escape(p[1]);
            p += 2;
        }
    }
    return length;
}

enum result
json_unescape(struct json_string string, struct buffer *scratch,
              struct text *ret_text)
{
    enum result result;
    size_t length;

    if (!string.escaped) {
        *ret_text = string.raw;
        return OK;
    }
    result = buffer_reserve(scratch, string.raw.length);
    if (result != OK)
        return result;
    length = unescape_into(string.raw, scratch->bytes + scratch->length);
    *ret_text = (struct text){scratch->bytes + scratch->length, length};
    scratch->length += length;
    return OK;
}

bool
json_key_is(struct json_string key, const char *literal)
{
    char plain[256];
    size_t length = strlen(literal);

    if (!key.escaped) {
        return key.raw.length == length &&
               memcmp(key.raw.bytes, literal, length) == 0;
    }
    /* each byte of the literal takes at most six in an escape */
    if (key.raw.length > sizeof(plain) || key.raw.length > 6 * length)
        return false;
    return unescape_into(key.raw, plain) == length &&
           memcmp(plain, literal, length) == 0;
}
