/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A growing run of bytes with a ceiling. Starts as {0} plus a ceiling;
 * an append that fails leaves what was there. Owned by who declared it.
 */
#ifndef VIGIE_BASE_BUFFER_H
#define VIGIE_BASE_BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

struct buffer {
    char *bytes;
    size_t length;
    size_t room;
    size_t ceiling; /* bytes; 0 means BUFFER_BYTES_MAX */
};

void buffer_free(struct buffer *buffer); /* safe on {0}, leaves {0} */
void buffer_clear(struct buffer *buffer);
/* Makes room for `more` bytes behind length. E_LIMIT over the ceiling. */
enum result buffer_reserve(struct buffer *buffer, size_t more) MUST_USE;
enum result buffer_append(struct buffer *buffer, const void *bytes,
                          size_t length) MUST_USE;
enum result buffer_text(struct buffer *buffer, struct text text) MUST_USE;
enum result buffer_string(struct buffer *buffer, const char *string) MUST_USE;
enum result buffer_byte(struct buffer *buffer, char byte) MUST_USE;
enum result buffer_format(struct buffer *buffer, const char *format, ...)
    MUST_USE __attribute__((format(printf, 2, 3)));
/* "…" with the escapes of RFC 8259; bytes that are not UTF-8 become
 * U+FFFD, so that what we print is always JSON. */
enum result buffer_json_string(struct buffer *buffer, struct text text)
    MUST_USE;
/* For terminals and tables: control bytes and bad UTF-8 become '?'. */
enum result buffer_printable(struct buffer *buffer, struct text text) MUST_USE;
struct text buffer_as_text(const struct buffer *buffer);

#endif
