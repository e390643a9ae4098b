/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * RFC 8259 by hand. Three things carry the speed: strings are run over 16
 * bytes at a time (one signed comparison finds control bytes and non-ASCII
 * bytes together), separators without white space cost one comparison, and
 * json_skip() keeps its position in registers.
 *
 * Invariants: start <= at <= end; open[0..depth) holds the closing bracket
 * of each open level, with FRESH set until its first member or element.
 */
#include "codec/json.h"

#include <string.h>

#include "codec/json_reader.h"
#include "codec/json_scan.h"

#define FRESH 0x80u /* nothing stands yet in this object or array */

/* The few functions that every token passes through. */
#define HOT static inline __attribute__((always_inline))

void
json_start(struct json_reader *reader, struct text text)
{
    reader->start =
        text.length > 0 ? (const uint8_t *)text.bytes : (const uint8_t *)"";
    reader->at = reader->start;
    reader->end = reader->start + text.length;
    reader->depth = 0;
    reader->failed = OK;
    if (text_starts(text, "\xef\xbb\xbf"))
        (void)json_fail(reader, E_FORMAT, "json-bom", reader->start);
}

/* -- scalars: each takes the position, gives the one behind, or NULL with
 * the failure noted -- */

/* From behind the opening quote to the closing quote itself. */
HOT const uint8_t *
string_end(struct json_reader *reader, const uint8_t *p, bool *escaped)
{
    const uint8_t *const end = reader->end;

    for (;;) {
        p = json_scan_string(p, end);
        if (p == end) {
            (void)json_unexpected(reader, end);
            return NULL;
        }
        if (*p == '"')
            return p;
        struct json_odd odd = json_scan_odd(p, end);
        if (odd.rule != NULL) {
            (void)json_fail(reader, odd.code, odd.rule, odd.next);
            return NULL;
        }
        *escaped |= *p == '\\';
        p = odd.next;
    }
}

static inline const uint8_t *
scalar_end(struct json_reader *reader, const uint8_t *p)
{
    bool escaped = false;

    switch (*p) {
    case '"':
        p = string_end(reader, p + 1, &escaped);
        return p == NULL ? NULL : p + 1;
    case 't':
        return json_literal_end(reader, p, "true");
    case 'f':
        return json_literal_end(reader, p, "false");
    case 'n':
        return json_literal_end(reader, p, "null");
    default:
        if (*p == '-' || (*p >= '0' && *p <= '9'))
            return json_number_end(reader, p);
        (void)json_unexpected(reader, p);
        return NULL;
    }
}

/* A key and its colon; gives the position of the value. */
HOT const uint8_t *
key_end(struct json_reader *reader, const uint8_t *p, struct json_string *key)
{
    const uint8_t *from;

    p = json_scan_space(p, reader->end);
    if (p == reader->end || *p != '"') {
        (void)json_unexpected(reader, p);
        return NULL;
    }
    from = p + 1;
    key->escaped = false;
    p = string_end(reader, from, &key->escaped);
    if (p == NULL)
        return NULL;
    key->raw.bytes = (const char *)from;
    key->raw.length = (size_t)(p - from);
    p = json_scan_space(p + 1, reader->end);
    if (p == reader->end || *p != ':') {
        (void)json_unexpected(reader, p);
        return NULL;
    }
    return p + 1;
}

static inline bool
push(struct json_reader *reader, uint32_t *depth, uint8_t closer,
     const uint8_t *at)
{
    if (*depth >= JSON_DEPTH_MAX) {
        (void)json_fail(reader, E_LIMIT, "json-depth-max", at);
        return false;
    }
    reader->open[(*depth)++] = closer;
    return true;
}

/* -- the pull interface -- */

/* Stands on the first byte of the next value, or fails. */
HOT const uint8_t *
value_start(struct json_reader *reader)
{
    const uint8_t *p;

    if (reader->failed != OK)
        return NULL;
    p = json_scan_space(reader->at, reader->end);
    if (p == reader->end) {
        (void)json_unexpected(reader, p);
        return NULL;
    }
    reader->at = p;
    return p;
}

enum result
json_peek(struct json_reader *reader, enum json_type *ret_type)
{
    const uint8_t *p = value_start(reader);

    if (p == NULL)
        return reader->failed;
    switch (*p) {
    case '{':
        *ret_type = JSON_OBJECT;
        return OK;
    case '[':
        *ret_type = JSON_ARRAY;
        return OK;
    case '"':
        *ret_type = JSON_STRING;
        return OK;
    case 't':
        *ret_type = JSON_TRUE;
        return OK;
    case 'f':
        *ret_type = JSON_FALSE;
        return OK;
    case 'n':
        *ret_type = JSON_NULL;
        return OK;
    default:
        if (*p != '-' && (*p < '0' || *p > '9'))
            return json_unexpected(reader, p);
        *ret_type = JSON_NUMBER;
        return OK;
    }
}

/* The value is of another type than was asked for; a byte that starts no
 * value at all is a matter of syntax instead. */
static enum result __attribute__((cold, noinline))
wrong_type(struct json_reader *reader, const uint8_t *p)
{
    enum json_type type;

    if (json_peek(reader, &type) != OK)
        return reader->failed;
    return json_fail(reader, E_FORMAT, "json-type", p);
}

static enum result
enter(struct json_reader *reader, uint8_t opener, uint8_t closer)
{
    const uint8_t *p = value_start(reader);

    if (p == NULL)
        return reader->failed;
    if (*p != opener)
        return wrong_type(reader, p);
    if (!push(reader, &reader->depth, (uint8_t)(closer | FRESH), p))
        return reader->failed;
    reader->at = p + 1;
    return OK;
}

enum result
json_enter_object(struct json_reader *reader)
{
    return enter(reader, '{', '}');
}

enum result
json_enter_array(struct json_reader *reader)
{
    return enter(reader, '[', ']');
}

/* Steps over the comma or the closing bracket; NULL on failure. *more says
 * which it was. */
HOT const uint8_t *
next_item(struct json_reader *reader, uint8_t closer, bool *more)
{
    const uint8_t *p;
    uint8_t state;

    if (reader->failed != OK)
        return NULL;
    state = reader->depth == 0 ? 0 : reader->open[reader->depth - 1];
    if ((state & 0x7fu) != closer) {
        (void)json_fail(reader, E_ARGUMENT, "json-type", reader->at);
        return NULL;
    }
    p = json_scan_space(reader->at, reader->end);
    if (p == reader->end) {
        (void)json_unexpected(reader, p);
        return NULL;
    }
    *more = true;
    if (state == closer && *p == ',')
        return p + 1;
    if (*p == closer) {
        reader->depth--;
        reader->at = p + 1;
        *more = false;
        return p + 1;
    }
    if (state & FRESH) {
        reader->open[reader->depth - 1] = closer;
        return p;
    }
    (void)json_unexpected(reader, p);
    return NULL;
}

enum result
json_next_member(struct json_reader *reader, struct json_string *ret_key,
                 bool *ret_more)
{
    struct json_string key;
    bool more;
    const uint8_t *p = next_item(reader, '}', &more);

    if (p == NULL)
        return reader->failed;
    if (more) {
        p = key_end(reader, p, &key);
        if (p == NULL)
            return reader->failed;
        reader->at = p;
        *ret_key = key;
    }
    *ret_more = more;
    return OK;
}

enum result
json_next_element(struct json_reader *reader, bool *ret_more)
{
    bool more;
    const uint8_t *p = next_item(reader, ']', &more);

    if (p == NULL)
        return reader->failed;
    if (more) {
        p = json_scan_space(p, reader->end);
        if (p == reader->end || *p == ']')
            return json_unexpected(reader, p);
        reader->at = p;
    }
    *ret_more = more;
    return OK;
}

/* The string that starts at `from`. */
HOT enum result
read_string_at(struct json_reader *reader, const uint8_t *from,
               struct json_string *ret_string)
{
    const uint8_t *p;
    bool escaped = false;

    if (*from != '"')
        return wrong_type(reader, from);
    p = string_end(reader, from + 1, &escaped);
    if (p == NULL)
        return reader->failed;
    reader->at = p + 1;
    ret_string->raw.bytes = (const char *)from + 1;
    ret_string->raw.length = (size_t)(p - from - 1);
    ret_string->escaped = escaped;
    return OK;
}

enum result
json_read_string(struct json_reader *reader, struct json_string *ret_string)
{
    const uint8_t *from = value_start(reader);

    return from == NULL ? reader->failed
                        : read_string_at(reader, from, ret_string);
}

enum result
json_read_optional(struct json_reader *reader, struct json_string *ret_string,
                   bool *ret_present)
{
    const uint8_t *from = value_start(reader);
    const uint8_t *p;

    if (from == NULL)
        return reader->failed;
    *ret_present = *from != 'n';
    if (*ret_present)
        return read_string_at(reader, from, ret_string);
    p = json_literal_end(reader, from, "null");
    if (p == NULL)
        return reader->failed;
    reader->at = p;
    return OK;
}

enum result
json_read_number(struct json_reader *reader, struct text *ret_number)
{
    const uint8_t *from = value_start(reader);
    const uint8_t *p;

    if (from == NULL)
        return reader->failed;
    if (*from != '-' && (*from < '0' || *from > '9'))
        return wrong_type(reader, from);
    p = json_number_end(reader, from);
    if (p == NULL)
        return reader->failed;
    reader->at = p;
    *ret_number = (struct text){(const char *)from, (size_t)(p - from)};
    return OK;
}

enum result
json_read_bool(struct json_reader *reader, bool *ret_value)
{
    const uint8_t *from = value_start(reader);
    const uint8_t *p;

    if (from == NULL)
        return reader->failed;
    if (*from != 't' && *from != 'f')
        return wrong_type(reader, from);
    p = json_literal_end(reader, from, *from == 't' ? "true" : "false");
    if (p == NULL)
        return reader->failed;
    reader->at = p;
    *ret_value = *from == 't';
    return OK;
}

/* Behind a value: closes every level that ends here, down to `base`, and
 * stands on the next value where one level goes on (*depth > base). */
static inline const uint8_t *
close_levels(struct json_reader *reader, const uint8_t *p, uint32_t base,
             uint32_t *depth)
{
    const uint8_t *const end = reader->end;
    struct json_string key;

    while (*depth > base) {
        uint8_t closer = reader->open[*depth - 1];
        p = json_scan_space(p, end);
        if (p == end) {
            (void)json_unexpected(reader, p);
            return NULL;
        }
        if (*p == ',')
            return closer == '}' ? key_end(reader, p + 1, &key) : p + 1;
        if (*p != closer) {
            (void)json_unexpected(reader, p);
            return NULL;
        }
        (*depth)--;
        p++;
    }
    return p;
}

enum result
json_skip(struct json_reader *reader)
{
    const uint8_t *p = value_start(reader);
    const uint8_t *const end = reader->end;
    const uint32_t base = reader->depth;
    uint32_t depth = base;
    struct json_string key;

    while (p != NULL) {
        p = json_scan_space(p, end);
        if (p == end)
            return json_unexpected(reader, p);
        if (*p == '{' || *p == '[') {
            uint8_t closer = *p == '{' ? '}' : ']';
            if (!push(reader, &depth, closer, p))
                return reader->failed;
            p = json_scan_space(p + 1, end);
            if (p == end || *p != closer) {
                if (closer == '}')
                    p = key_end(reader, p, &key);
                continue;
            }
            depth--;
            p++;
        } else {
            p = scalar_end(reader, p);
            if (p == NULL)
                break;
        }
        p = close_levels(reader, p, base, &depth);
        if (depth == base)
            break;
    }
    if (p == NULL)
        return reader->failed;
    reader->at = p;
    return OK;
}

enum result
json_finish(struct json_reader *reader)
{
    const uint8_t *p;

    if (reader->failed != OK)
        return reader->failed;
    p = json_scan_space(reader->at, reader->end);
    if (p != reader->end)
        return json_fail(reader, E_FORMAT, "json-trailing", p);
    reader->at = p;
    return OK;
}

uint64_t
json_offset(const struct json_reader *reader)
{
    return (uint64_t)(reader->at - reader->start);
}
