/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The last part of a reference, or of a URL, as nearly all of them have it: a
 * type, a slash, an id. Knows no table. Only label/ includes it.
 */
#ifndef VIGIE_LABEL_LABEL_SEGMENT_H
#define VIGIE_LABEL_LABEL_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* No slash, question mark or hash in it. */
static inline bool
label_segment_plain(const char *bytes, size_t length)
{
    size_t i = 0;

#ifdef __SSE2__
    const __m128i slash = _mm_set1_epi8('/'), query = _mm_set1_epi8('?'),
                  hash = _mm_set1_epi8('#');

    for (; length >= 16; i = i + 16 < length - 16 ? i + 16 : length - 16) {
        const __m128i v =
            _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        const __m128i some = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(v, slash), _mm_cmpeq_epi8(v, query)),
            _mm_cmpeq_epi8(v, hash));

        if (_mm_movemask_epi8(some) != 0)
            return false;
        if (i == length - 16) /* the last sixteen may be seen twice */
            return true;
    }
#endif
    for (; i < length; i++)
        if (bytes[i] == '/' || bytes[i] == '?' || bytes[i] == '#')
            return false;
    return true;
}

/* Length of the type where the text is "Type/id" and nothing else, or 0. */
static inline size_t
label_segment_type(const char *bytes, size_t length)
{
    size_t type = 0;

    if (length < 3 || bytes[0] < 'A' || bytes[0] > 'Z')
        return 0;
#ifdef __SSE2__
    if (length >= 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)bytes);
        const unsigned some =
            (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')));

        type = some == 0 ? 16 : (unsigned)__builtin_ctz(some);
    }
#endif
    while (type < length && bytes[type] != '/')
        type++;
    return type + 1 < length &&
                   label_segment_plain(bytes + type + 1, length - type - 1)
               ? type
               : 0;
}

#endif
