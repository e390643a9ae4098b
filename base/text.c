/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/text.h"

#include <strings.h>

struct text
text_of(const char *c_string)
{
    if (c_string == NULL)
        return (struct text){"", 0};
    return (struct text){c_string, strlen(c_string)};
}

bool
text_is_nocase(struct text a, const char *c_string)
{
    size_t length = strlen(c_string);

    return a.length == length &&
           (length == 0 || strncasecmp(a.bytes, c_string, length) == 0);
}

bool
text_ends(struct text a, const char *suffix)
{
    size_t length = strlen(suffix);

    return a.length >= length &&
           (length == 0 ||
            memcmp(a.bytes + a.length - length, suffix, length) == 0);
}

int
text_compare(struct text a, struct text b)
{
    size_t least = a.length < b.length ? a.length : b.length;
    int order = least == 0 ? 0 : memcmp(a.bytes, b.bytes, least);

    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

static bool
is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' ||
           byte == '\v' || byte == '\f';
}

struct text
text_trim(struct text a)
{
    while (a.length > 0 && is_space(a.bytes[0])) {
        a.bytes++;
        a.length--;
    }
    while (a.length > 0 && is_space(a.bytes[a.length - 1]))
        a.length--;
    return a;
}

struct text
text_after(struct text a, size_t n)
{
    if (n >= a.length)
        return (struct text){"", 0};
    return (struct text){a.bytes + n, a.length - n};
}

size_t
text_find_byte(struct text a, char byte)
{
    const char *at = a.length == 0 ? NULL : memchr(a.bytes, byte, a.length);

    return at == NULL ? a.length : (size_t)(at - a.bytes);
}

/* By its first byte, then the rest: the texts are short and the needles
 * rare, which memmem's tables do not pay for. */
size_t
text_find(struct text a, const char *needle)
{
    size_t length = strlen(needle), at = 0;

    if (length == 0)
        return 0;
    while (a.length - at >= length) {
        const char *hit = memchr(a.bytes + at, needle[0], a.length - at);

        if (hit == NULL)
            break;
        at = (size_t)(hit - a.bytes);
        if (a.length - at < length)
            break;
        if (memcmp(hit, needle, length) == 0)
            return at;
        at++;
    }
    return a.length;
}

bool
text_split(struct text a, char byte, struct text *head, struct text *tail)
{
    size_t at = text_find_byte(a, byte);

    *head = (struct text){a.bytes, at};
    *tail = text_after(a, at + 1);
    return at < a.length;
}

enum result
text_to_u64(struct text a, uint64_t maximum, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (a.length == 0)
        return E_FORMAT;
    for (size_t i = 0; i < a.length; i++) {
        if (a.bytes[i] < '0' || a.bytes[i] > '9')
            return E_FORMAT;
    }
    for (size_t i = 0; i < a.length; i++) {
        uint64_t digit = (uint64_t)(a.bytes[i] - '0');

        if (value > (UINT64_MAX - digit) / 10)
            return E_LIMIT;
        value = value * 10 + digit;
    }
    if (value > maximum)
        return E_LIMIT;
    *ret_value = value;
    return OK;
}

/* Length of the sequence that the first byte announces, the least code point
 * that may be written so, and its first bits; 0 for bytes that start none. */
static size_t
utf8_lead(uint8_t byte, uint32_t *ret_least, uint32_t *ret_bits)
{
    if (byte >= 0xc2 && byte <= 0xdf) {
        *ret_least = 0x80;
        *ret_bits = byte & 0x1fu;
        return 2;
    }
    if (byte >= 0xe0 && byte <= 0xef) {
        *ret_least = 0x800;
        *ret_bits = byte & 0x0fu;
        return 3;
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
        *ret_least = 0x10000;
        *ret_bits = byte & 0x07u;
        return 4;
    }
    return 0;
}

size_t
text_utf8_check(struct text a)
{
    const uint8_t *bytes = (const uint8_t *)a.bytes;
    size_t i = 0;

    while (i < a.length) {
        uint32_t least = 0, point = 0;
        size_t need;
        uint64_t eight;

        while (i + 8 <= a.length) {
            memcpy(&eight, bytes + i, 8);
            if ((eight & UINT64_C(0x8080808080808080)) != 0)
                break;
            i += 8;
        }
        if (i == a.length)
            break;
        if (bytes[i] < 0x80) {
            i++;
            continue;
        }
        need = utf8_lead(bytes[i], &least, &point);
        if (need == 0 || a.length - i < need)
            return i;
        for (size_t k = 1; k < need; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80)
                return i;
            point = point << 6 | (bytes[i + k] & 0x3fu);
        }
        if (point < least || point > 0x10ffff ||
            (point >= 0xd800 && point <= 0xdfff))
            return i;
        i += need;
    }
    return a.length;
}
