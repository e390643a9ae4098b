/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The byte runs of JSON (RFC 8259 §2, §6, §7): white space, the plain part
 * of a string, a number. Inline because they are the hot path of ingest;
 * knows no reader and keeps no state.
 */
#ifndef VIGIE_CODEC_JSON_SCAN_H
#define VIGIE_CODEC_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* First byte from p that is no white space (space, tab, LF, CR), or end. */
const uint8_t *json_scan_space_run(const uint8_t *p, const uint8_t *end);

static inline const uint8_t *
json_scan_space(const uint8_t *p, const uint8_t *end)
{
    if (__builtin_expect(p<end && * p> ' ', 1))
        return p;
    return json_scan_space_run(p, end);
}

/* True for a byte that ends the plain part of a string: quote, backslash,
 * control byte, first byte of a multi-byte character. */
static inline int
json_scan_special(uint8_t byte)
{
    return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
}

/* First special byte from p, or end. */
static inline const uint8_t *
json_scan_string(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i slash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(0x20);

    while (end - p >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* signed: below 0x20 are control bytes and all of 0x80..0xff */
        __m128i odd = _mm_or_si128(
            _mm_cmplt_epi8(v, space),
            _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));
        int mask = _mm_movemask_epi8(odd);
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
        p += 16;
    }
#endif
    while (p < end && !json_scan_special(*p))
        p++;
    return p;
}

/* What stands at a special byte other than the quote: an escape or a run of
 * multi-byte characters. `next` is behind it; with a rule, it is the byte
 * that offends. */
struct json_odd {
    const uint8_t *next;
    const char *rule;
    enum result code;
};
struct json_odd json_scan_odd(const uint8_t *p, const uint8_t *end);

/* RFC 8259 §6 from *p (which stands on '-' or a digit). NULL where the
 * grammar is broken; *p is then the byte that breaks it, or end. */
const uint8_t *json_scan_number(const uint8_t **p, const uint8_t *end);

#endif
