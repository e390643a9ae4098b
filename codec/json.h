/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A bounded pull reader over one whole JSON text (RFC 8259, UTF-8): no tree,
 * no heap, no recursion. Everything that is passed over is checked as
 * strictly as what is read.
 *
 * Use: json_start(&r, text); then ask for values where they stand:
 *   json_enter_object / json_next_member / json_leave … see below.
 * A call that fails sets reader->why and every later call fails the same.
 */
#ifndef VIGIE_CODEC_JSON_H
#define VIGIE_CODEC_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"

enum json_type {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* A string as it stands between its quotes. */
struct json_string {
    struct text raw;
    bool escaped; /* holds at least one backslash */
};

struct json_reader {
    const uint8_t *start, *at, *end;
    uint32_t depth;
    enum result failed; /* OK while all is well */
    struct reason why;
    uint8_t open[JSON_DEPTH_MAX]; /* 'o' or 'a' by level, and state */
};

void json_start(struct json_reader *reader, struct text text);
/* Type of the value that stands next (nothing is consumed). */
enum result json_peek(struct json_reader *reader,
                      enum json_type *ret_type) MUST_USE;
/* The value that stands next is an object (array): steps inside. E_FORMAT
 * with rule "json-type" where it is another type. */
enum result json_enter_object(struct json_reader *reader) MUST_USE;
enum result json_enter_array(struct json_reader *reader) MUST_USE;
/* Next member: its key, the reader then stands before its value, which must
 * be consumed before the next call. *ret_more false at the closing brace
 * (consumed). */
enum result json_next_member(struct json_reader *reader,
                             struct json_string *ret_key,
                             bool *ret_more) MUST_USE;
enum result json_next_element(struct json_reader *reader,
                              bool *ret_more) MUST_USE;
enum result json_read_string(struct json_reader *reader,
                             struct json_string *ret_string) MUST_USE;
/* The same, or null: then *ret_present is false. */
enum result json_read_optional(struct json_reader *reader,
                               struct json_string *ret_string,
                               bool *ret_present) MUST_USE;
/* The number's text, checked against the grammar, not converted. */
enum result json_read_number(struct json_reader *reader,
                             struct text *ret_number) MUST_USE;
enum result json_read_bool(struct json_reader *reader,
                           bool *ret_value) MUST_USE;
/* Passes over one whole value of any type. */
enum result json_skip(struct json_reader *reader) MUST_USE;
/* Only white space may follow. */
enum result json_finish(struct json_reader *reader) MUST_USE;
/* Byte offset where the reader stands. */
uint64_t json_offset(const struct json_reader *reader);

/* Key against a literal; escaped keys are compared unescaped. */
bool json_key_is(struct json_string key, const char *literal);
/* Unescaped: borrowed as it stands where nothing is escaped, else written
 * into `scratch` (appended; the text holds until scratch grows or is
 * cleared — reserve enough beforehand, or read one at a time). Lone
 * surrogates become U+FFFD. */
enum result json_unescape(struct json_string string, struct buffer *scratch,
                          struct text *ret_text) MUST_USE;

/* Whole-text check. */
enum result json_check(struct text text, struct reason *why) MUST_USE;

#endif
