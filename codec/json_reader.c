/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The reader's failures, its less frequent values, and the check of a whole
 * text.
 */
#include "codec/json_reader.h"

#include <string.h>

#include "codec/json_scan.h"

enum result
json_fail(struct json_reader *reader, enum result code, const char *rule,
          const uint8_t *at)
{
    if (reader->failed == OK) {
        reader->failed = code;
        reader->at = at;
        (void)reason_set(&reader->why, code, rule, "",
                         (uint64_t)(at - reader->start));
    }
    return reader->failed;
}

/* What stands at `at` is not what the grammar wants there. */
enum result
json_unexpected(struct json_reader *reader, const uint8_t *at)
{
    if (at >= reader->end)
        return json_fail(reader, E_END, "json-truncated", reader->end);
    return json_fail(reader, E_FORMAT, "json-syntax", at);
}

const uint8_t *
json_number_end(struct json_reader *reader, const uint8_t *p)
{
    const uint8_t *stop = json_scan_number(&p, reader->end);

    if (stop == NULL) {
        (void)(p >= reader->end
                   ? json_fail(reader, E_END, "json-truncated", reader->end)
                   : json_fail(reader, E_FORMAT, "json-number", p));
    }
    return stop;
}

const uint8_t *
json_literal_end(struct json_reader *reader, const uint8_t *p,
                 const char *literal)
{
    size_t length = strlen(literal);
    size_t left = (size_t)(reader->end - p);

    if (left >= length && memcmp(p, literal, length) == 0)
        return p + length;
    if (left < length && memcmp(p, literal, left) == 0)
        (void)json_fail(reader, E_END, "json-truncated", reader->end);
    else
        (void)json_fail(reader, E_FORMAT, "json-literal", p);
    return NULL;
}

enum result
json_check(struct text text, struct reason *why)
{
    struct json_reader reader;

    json_start(&reader, text);
    if (json_skip(&reader) == OK && json_finish(&reader) == OK)
        return OK;
    return reason_set(why, reader.failed, reader.why.rule, reader.why.field,
                      reader.why.offset);
}
