/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/sources.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS 4

struct sources {
    char *text;
    struct source_entry *entries;
    size_t count;
};

/* One field: bare, or in double quotes without quotes inside. */
static struct text
field_next(struct text *line, char separator)
{
    struct text field;

    (void)text_split(*line, separator, &field, line);
    field = text_trim(field);
    if (field.length >= 2 && field.bytes[0] == '"' &&
        field.bytes[field.length - 1] == '"')
        field = (struct text){field.bytes + 1, field.length - 2};
    return field;
}

static bool
is_yes(struct text field)
{
    static const char *const words[] = {"1", "yes", "oui", "true", "vrai"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_is_nocase(field, words[i]))
            return true;
    }
    return false;
}

static bool
is_no(struct text field)
{
    static const char *const words[] = {"", "0", "no", "non", "false", "faux"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_is_nocase(field, words[i]))
            return true;
    }
    return false;
}

/* Host of a URL, or the name without "urn:oid:" and port. */
static struct text
plain_name(struct text name)
{
    size_t scheme = text_find(name, "://");
    size_t colon;

    name = text_trim(name);
    if (scheme < name.length) {
        name = text_after(name, scheme + 3);
        name.length = text_find_byte(name, '/');
    }
    if (text_starts(name, "urn:oid:"))
        return text_after(name, 8);
    colon = text_find_byte(name, ':');
    /* more than one colon is an IPv6 address, not a port */
    if (colon < name.length &&
        text_find_byte(text_after(name, colon + 1), ':') ==
            name.length - colon - 1)
        name.length = colon;
    return name;
}

static enum result
parse_line(struct sources *sources, struct text line, size_t number,
           struct reason *why)
{
    char separator = text_find_byte(line, ';') < line.length ? ';' : ',';
    struct source_entry entry, *entries;
    struct text context;

    entry.match = plain_name(field_next(&line, separator));
    entry.service = field_next(&line, separator);
    entry.controller = field_next(&line, separator);
    context = field_next(&line, separator);
    if (entry.match.length == 0 || entry.service.length == 0)
        return reason_set(why, E_FORMAT, "sources-field-missing",
                          entry.match.length == 0 ? "match" : "service",
                          number);
    if (!is_yes(context) && !is_no(context))
        return reason_set(why, E_FORMAT, "sources-not-yes-or-no",
                          "context_reveals_health", number);
    entry.context_reveals_health = is_yes(context);
    entries = realloc(sources->entries,
                      (sources->count + 1) * sizeof(entries[0]));
    if (entries == NULL)
        return E_NOMEM;
    sources->entries = entries;
    sources->entries[sources->count++] = entry;
    return OK;
}

enum result
sources_parse(struct text text, struct reason *why,
              struct sources **ret_sources)
{
    struct sources *sources = calloc(1, sizeof(*sources));
    struct text rest, line;
    size_t number = 0;
    enum result result = OK;

    if (sources == NULL)
        return E_NOMEM;
    sources->text = malloc(text.length + 1);
    if (sources->text == NULL) {
        free(sources);
        return E_NOMEM;
    }
    if (text.length > 0)
        memcpy(sources->text, text.bytes, text.length);
    rest = (struct text){sources->text, text.length};
    if (text_starts(rest, "\xef\xbb\xbf"))
        rest = text_after(rest, 3);
    while (rest.length > 0 && result == OK) {
        (void)text_split(rest, '\n', &line, &rest);
        line = text_trim(line);
        number++;
        if (line.length == 0 || line.bytes[0] == '#' ||
            text_starts(line, "match"))
            continue;
        result = parse_line(sources, line, number, why);
    }
    if (result != OK) {
        sources_free(sources);
        return result;
    }
    *ret_sources = sources;
    return OK;
}

void
sources_free(struct sources *sources)
{
    if (sources == NULL)
        return;
    free(sources->entries);
    free(sources->text);
    free(sources);
}

static bool
equal_nocase(struct text a, struct text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++) {
        char x = a.bytes[i], y = b.bytes[i];

        x = x >= 'A' && x <= 'Z' ? (char)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (char)(y + 32) : y;
        if (x != y)
            return false;
    }
    return true;
}

const struct source_entry *
sources_find(const struct sources *sources, struct text name)
{
    if (sources == NULL || name.length == 0)
        return NULL;
    name = plain_name(name);
    for (size_t i = 0; i < sources->count; i++) {
        if (equal_nocase(sources->entries[i].match, name))
            return &sources->entries[i];
    }
    return NULL;
}
