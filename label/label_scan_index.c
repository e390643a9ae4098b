/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is judged byte by byte even in the fast scanner, because there is
 * little of it: escapes, characters of several bytes, numbers, literals.
 */
#include "label/label_scan_index.h"

#include <string.h>

static bool
is_hex(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') ||
           ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

static bool
escape_good(const uint8_t *p, const uint8_t *end)
{
    switch (*p) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        for (int i = 1; i <= 4 && p + i < end; i++)
            if (!is_hex(p[i]))
                return false;
        return true;
    default:
        return false;
    }
}

uint64_t
label_index_escapes(const struct index_state *state, const uint8_t *p,
                    uint64_t escaped)
{
    uint64_t wrong = 0;

    for (; escaped != 0; escaped &= escaped - 1) {
        const uint8_t *at = p + __builtin_ctzll(escaped);

        if (at < state->end && !escape_good(at, state->end))
            wrong |= escaped & (0 - escaped);
    }
    return wrong;
}

/* Bytes of the character that starts at p, 0 where it is not well formed
 * (RFC 3629 §4); what is beyond the end is taken for good. */
static unsigned
utf8_length(const uint8_t *p, const uint8_t *end)
{
    uint8_t low = 0x80, high = 0xbf;
    unsigned length;

    if (*p >= 0xc2 && *p <= 0xdf) {
        length = 2;
    } else if (*p >= 0xe0 && *p <= 0xef) {
        length = 3;
        low = *p == 0xe0 ? 0xa0 : 0x80;
        high = *p == 0xed ? 0x9f : 0xbf;
    } else if (*p >= 0xf0 && *p <= 0xf4) {
        length = 4;
        low = *p == 0xf0 ? 0x90 : 0x80;
        high = *p == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    for (unsigned i = 1; i < length && p + i < end; i++) {
        if (p[i] < low || p[i] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

uint64_t
label_index_utf8(struct index_state *state, const uint8_t *p, uint64_t high)
{
    uint64_t wrong = 0, due = state->tail == 0 ? 0 : (1u << state->tail) - 1;

    /* the rest of a character of the block before: of the longer ones it was
     * looked at there */
    for (uint64_t i = 0; i < state->tail; i++)
        if (p + i < state->end && (p[i] & 0xc0) != 0x80)
            return 1ull << i;
    high &= ~due;
    state->tail = 0;
    while (high != 0) {
        const unsigned at = (unsigned)__builtin_ctzll(high);
        const unsigned length = utf8_length(p + at, state->end);

        if (length == 0)
            return wrong | 1ull << at;
        if (at + length > 64)
            state->tail = at + length - 64;
        high &= ~(((1ull << length) - 1) << at);
    }
    return wrong;
}

static bool
is_digit(const uint8_t *p, const uint8_t *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static const uint8_t *
digits(const uint8_t *p, const uint8_t *end)
{
    while (is_digit(p, end))
        p++;
    return p;
}

/* NULL where it is none; the byte behind it. */
static const uint8_t *
number_end(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *from;

    if (*p == '-')
        p++;
    from = p;
    p = digits(p, end);
    if ((p == from && p < end) || (p > from + 1 && *from == '0'))
        return NULL;
    if (p < end && *p == '.') {
        from = ++p;
        p = digits(p, end);
        if (p == from && p < end)
            return NULL;
    }
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        from = p;
        p = digits(p, end);
        if (p == from && p < end)
            return NULL;
    }
    return p;
}

static const uint8_t *
literal_end(const uint8_t *p, const uint8_t *end)
{
    const char *literal = *p == 't' ? "true" : *p == 'f' ? "false" : "null";
    const size_t length = strlen(literal), left = (size_t)(end - p);

    if (memcmp(p, literal, left < length ? left : length) != 0)
        return NULL;
    return left < length ? end : p + length;
}

/* A byte that may stand behind a number or a literal: its own is no reason
 * to refuse, its place among the tokens is judged elsewhere. */
static bool
ends_scalar(uint8_t byte)
{
    return byte == ',' || byte == '}' || byte == ']' || byte == ' ' ||
           byte == '\n' || byte == '\r' || byte == '\t' || byte == ':' ||
           byte == '"' || byte == '{' || byte == '[';
}

uint64_t
label_index_scalars(const struct index_state *state, const uint8_t *p,
                    uint64_t first)
{
    const uint8_t *end = state->end;
    uint64_t wrong = 0;

    for (; first != 0; first &= first - 1) {
        const uint8_t *at = p + __builtin_ctzll(first), *behind;

        behind = *at == '-' || (*at >= '0' && *at <= '9')
                     ? number_end(at, end)
                     : literal_end(at, end);
        if (behind == NULL || (behind < end && !ends_scalar(*behind)))
            wrong |= first & (0 - first);
    }
    return wrong;
}
