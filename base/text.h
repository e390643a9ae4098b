/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A borrowed run of bytes: the only way in which outside strings travel.
 * Not NUL-terminated; may hold any byte. A zero text is empty.
 */
#ifndef VIGIE_BASE_TEXT_H
#define VIGIE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/result.h"

struct text {
    const char *bytes;
    size_t length;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

struct text text_of(const char *c_string); /* NULL gives the empty text */

/* The three that parsers ask for every word are inline: against a literal
 * they become a comparison of a known length. */
static inline bool
text_equal(struct text a, struct text b)
{
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static inline bool
text_is(struct text a, const char *c_string)
{
    size_t length = strlen(c_string);

    return a.length == length &&
           (length == 0 || memcmp(a.bytes, c_string, length) == 0);
}

static inline bool
text_starts(struct text a, const char *prefix)
{
    size_t length = strlen(prefix);

    return a.length >= length &&
           (length == 0 || memcmp(a.bytes, prefix, length) == 0);
}

bool text_is_nocase(struct text a, const char *c_string); /* ASCII */
bool text_ends(struct text a, const char *suffix);
int text_compare(struct text a, struct text b); /* bytes, as memcmp */
struct text text_trim(struct text a);           /* ASCII white space */
struct text text_after(struct text a, size_t n);
/* Offset of the byte, or a.length. */
size_t text_find_byte(struct text a, char byte);
/* Offset of the string, or a.length. */
size_t text_find(struct text a, const char *needle);
/* Splits at the first `byte`: head before it, tail behind it (empty where
 * there is none). False where the byte does not occur (head = a). */
bool text_split(struct text a, char byte, struct text *head,
                struct text *tail);
/* Decimal, the whole text, no sign, no blanks. E_FORMAT, or E_LIMIT over
 * `maximum`. */
enum result text_to_u64(struct text a, uint64_t maximum, uint64_t *ret_value)
    MUST_USE;
/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). Returns
 * the offset of the first bad byte, or a.length. */
size_t text_utf8_check(struct text a);

#endif
