/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The less frequent byte runs of JSON, kept out of line: long white space,
 * escapes, multi-byte characters, numbers.
 */
#include "codec/json_scan.h"

const uint8_t *
json_scan_space_run(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' ');
    const __m128i line = _mm_set1_epi8('\n');
    const __m128i carriage = _mm_set1_epi8('\r');
    const __m128i tab = _mm_set1_epi8('\t');

    while (end - p >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i blank = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(v, space), _mm_cmpeq_epi8(v, line)),
            _mm_or_si128(_mm_cmpeq_epi8(v, carriage), _mm_cmpeq_epi8(v, tab)));
        unsigned other = (unsigned)_mm_movemask_epi8(blank) ^ 0xffffu;
        if (other != 0)
            return p + __builtin_ctz(other);
        p += 16;
    }
#endif
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

static int
is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

static struct json_odd
odd_at(const uint8_t *at, const char *rule, enum result code)
{
    return (struct json_odd){.next = at, .rule = rule, .code = code};
}

static struct json_odd
scan_escape(const uint8_t *p, const uint8_t *end)
{
    if (end - p < 2)
        return odd_at(end, "json-truncated", E_END);
    switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return odd_at(p + 2, NULL, OK);
    case 'u':
        for (int i = 2; i < 6; i++) {
            if (p + i >= end)
                return odd_at(end, "json-truncated", E_END);
            if (!is_hex(p[i]))
                return odd_at(p + i, "json-escape", E_FORMAT);
        }
        return odd_at(p + 6, NULL, OK);
    default:
        return odd_at(p + 1, "json-escape", E_FORMAT);
    }
}

/* Bytes of the character that starts at p by RFC 3629 §4, 0 where it is not
 * well formed. */
static size_t
utf8_length(const uint8_t *p, size_t left)
{
    uint8_t low = 0x80, high = 0xbf;
    size_t length;

    if (*p >= 0xc2 && *p <= 0xdf) {
        length = 2;
    } else if (*p >= 0xe0 && *p <= 0xef) {
        length = 3;
        low = *p == 0xe0 ? 0xa0 : 0x80;  /* no overlong forms */
        high = *p == 0xed ? 0x9f : 0xbf; /* no surrogates */
    } else if (*p >= 0xf0 && *p <= 0xf4) {
        length = 4;
        low = *p == 0xf0 ? 0x90 : 0x80;
        high = *p == 0xf4 ? 0x8f : 0xbf; /* up to U+10FFFF */
    } else {
        return 0;
    }
    if (left < length || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

struct json_odd
json_scan_odd(const uint8_t *p, const uint8_t *end)
{
    if (*p == '\\')
        return scan_escape(p, end);
    if (*p < 0x20)
        return odd_at(p, "json-string-control", E_FORMAT);
    while (p < end && *p >= 0x80) {
        size_t length = utf8_length(p, (size_t)(end - p));
        if (length == 0)
            return odd_at(p, "json-utf8", E_FORMAT);
        p += length;
    }
    return odd_at(p, NULL, OK);
}

static const uint8_t *
digits(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

const uint8_t *
json_scan_number(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *p = *at;
    const uint8_t *from;

    if (*p == '-')
        p++;
    from = p;
    p = digits(p, end);
    if (p == from) {
        *at = p;
        return NULL;
    }
    if (*from == '0' && p > from + 1) {
        *at = from + 1;
        return NULL;
    }
    if (p < end && *p == '.') {
        from = ++p;
        p = digits(p, end);
        if (p == from) {
            *at = p;
            return NULL;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        from = p;
        p = digits(p, end);
        if (p == from) {
            *at = p;
            return NULL;
        }
    }
    return p;
}
