/* SPDX-License-Identifier: EUPL-1.2 */
#include "scope/alias_print.h"

#include <stdbool.h>

#include "base/say.h"

#define ALIAS_TEXT_BYTES_MAX (8u << 10) /* EVENT_VALUE_BYTES_MAX and some */

static enum result
alias_value(struct lookup *lookup, uint64_t id, struct buffer *value)
{
    value->ceiling = ALIAS_TEXT_BYTES_MAX;
    return id == 0 ? E_NOTFOUND : lookup_value(lookup, id, value);
}

enum result
alias_json(struct lookup *lookup, uint64_t id, struct buffer *out)
{
    struct buffer value = {0};
    enum result result = alias_value(lookup, id, &value);

    if (result == OK)
        result = buffer_json_string(out, buffer_as_text(&value));
    else if (result == E_NOTFOUND || result == E_DENIED)
        result = buffer_string(out, "null");
    buffer_free(&value);
    return result;
}

enum result
alias_member(struct lookup *lookup, const char *name, uint64_t id,
             struct buffer *out)
{
    enum result result = buffer_format(out, ",\"%s\":", name);

    return result == OK ? alias_json(lookup, id, out) : result;
}

enum result
alias_text(struct lookup *lookup, uint64_t id, struct buffer *out)
{
    struct buffer value = {0};
    enum result result = alias_value(lookup, id, &value);

    if (result == OK)
        result = buffer_printable(out, buffer_as_text(&value));
    else if (result == E_DENIED)
        result = buffer_string(out, _("(vault shut)"));
    else if (result == E_NOTFOUND)
        result = buffer_string(out, id == 0 ? "-" : _("(erased)"));
    buffer_free(&value);
    return result;
}

enum result
csv_field(struct buffer *out, struct text text)
{
    bool formula =
        text.length > 0 && (text.bytes[0] == '=' || text.bytes[0] == '+' ||
                            text.bytes[0] == '-' || text.bytes[0] == '@' ||
                            text.bytes[0] == '\t' || text.bytes[0] == '\r');
    bool quoted = false;
    enum result result = OK;

    for (size_t i = 0; i < text.length && !quoted; i++)
        quoted = text.bytes[i] == '"' || text.bytes[i] == ',' ||
                 text.bytes[i] == '\n' || text.bytes[i] == '\r';
    if (quoted)
        result = buffer_byte(out, '"');
    if (result == OK && formula)
        result = buffer_byte(out, '\'');
    for (size_t i = 0; result == OK && i < text.length; i++) {
        if (text.bytes[i] == '"')
            result = buffer_byte(out, '"');
        if (result == OK)
            result = buffer_byte(out, text.bytes[i]);
    }
    if (result == OK && quoted)
        result = buffer_byte(out, '"');
    return result;
}

enum result
alias_csv(struct lookup *lookup, uint64_t id, struct buffer *out)
{
    struct buffer value = {0};
    enum result result = alias_value(lookup, id, &value);

    if (result == OK)
        result = csv_field(out, buffer_as_text(&value));
    else if (result == E_NOTFOUND || result == E_DENIED)
        result = OK;
    buffer_free(&value);
    return result;
}

static enum result
number_value(struct lookup *lookup, enum name_kind kind, uint16_t number,
             struct buffer *name)
{
    name->ceiling = ALIAS_TEXT_BYTES_MAX;
    return number == 0 ? E_NOTFOUND
                       : lookup_number_name(lookup, kind, number, name);
}

enum result
number_json(struct lookup *lookup, enum name_kind kind, uint16_t number,
            struct buffer *out)
{
    struct buffer name = {0};
    enum result result;

    /* the word of the contracts for what no --sources named */
    if (number == 0)
        return buffer_string(out, "\"unknown\"");
    result = number_value(lookup, kind, number, &name);
    if (result == OK)
        result = buffer_json_string(out, buffer_as_text(&name));
    else if (result == E_NOTFOUND)
        result = buffer_string(out, "null");
    buffer_free(&name);
    return result;
}

enum result
number_text(struct lookup *lookup, enum name_kind kind, uint16_t number,
            struct buffer *out)
{
    struct buffer name = {0};
    enum result result = number_value(lookup, kind, number, &name);

    if (result == OK)
        result = buffer_printable(out, buffer_as_text(&name));
    else if (result == E_NOTFOUND)
        result = buffer_string(out, "-");
    buffer_free(&name);
    return result;
}
