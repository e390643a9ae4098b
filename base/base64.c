/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/base64.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum result
base64_write(const void *bytes, size_t length, struct buffer *out)
{
    const uint8_t *in = bytes;
    enum result result = buffer_reserve(out, (length + 2) / 3 * 4);

    for (size_t at = 0; at < length && result == OK; at += 3) {
        const size_t left = length - at;
        uint32_t bits = (uint32_t)in[at] << 16;
        char four[4];

        if (left > 1)
            bits |= (uint32_t)in[at + 1] << 8;
        if (left > 2)
            bits |= in[at + 2];
        four[0] = alphabet[bits >> 18];
        four[1] = alphabet[bits >> 12 & 63];
        four[2] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        four[3] = left > 2 ? alphabet[bits & 63] : '=';
        result = buffer_append(out, four, sizeof(four));
    }
    return result;
}

/* 64: no character of the alphabet */
static uint32_t
value_of(char character)
{
    if (character >= 'A' && character <= 'Z')
        return (uint32_t)(character - 'A');
    if (character >= 'a' && character <= 'z')
        return (uint32_t)(character - 'a') + 26;
    if (character >= '0' && character <= '9')
        return (uint32_t)(character - '0') + 52;
    if (character == '+')
        return 62;
    return character == '/' ? 63 : 64;
}

enum result
base64_read(struct text text, void *ret_bytes, size_t room, size_t *ret_length)
{
    uint8_t *out = ret_bytes;
    size_t padding = 0, length;

    if (text.length % 4 != 0)
        return E_FORMAT;
    if (text.length > 0 && text.bytes[text.length - 1] == '=')
        padding = text.bytes[text.length - 2] == '=' ? 2 : 1;
    length = text.length / 4 * 3 - padding;
    if (length > room)
        return E_LIMIT;
    for (size_t i = 0; i < text.length / 4; i++) {
        const char *four = text.bytes + i * 4;
        const size_t last = i == text.length / 4 - 1 ? padding : 0;
        uint32_t bits = 0;

        for (size_t j = 0; j < 4; j++) {
            uint32_t value = j >= 4 - last ? 0 : value_of(four[j]);

            if (value == 64)
                return E_FORMAT;
            bits = bits << 6 | value;
        }
        if ((last == 1 && (bits & 0xff) != 0) ||
            (last == 2 && (bits & 0xffff) != 0))
            return E_FORMAT;
        out[i * 3] = (uint8_t)(bits >> 16);
        if (last < 2)
            out[i * 3 + 1] = (uint8_t)(bits >> 8);
        if (last < 1)
            out[i * 3 + 2] = (uint8_t)bits;
    }
    *ret_length = length;
    return OK;
}
