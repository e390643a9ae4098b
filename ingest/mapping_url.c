/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Named patterns over URLs: "/fhir/Patient/{person}", "/dossier?ipp={person}".
 * A segment is literal, a star, or literal text around one variable; two
 * stars stand for any segments before the first or behind the last. So that
 * matching is a walk, segment by segment, and a hostile URL costs its own
 * length once for each place where it may start.
 */
#include <string.h>

#include "codec/query.h"
#include "ingest/mapping_rules.h"

static enum pattern_variable
variable_kind(struct text name)
{
    if (text_is(name, "person")) {
        return PATTERN_PERSON;
    }
    if (text_is(name, "professional")) {
        return PATTERN_PROFESSIONAL;
    }
    if (text_is(name, "session")) {
        return PATTERN_SESSION;
    }
    return text_is(name, "service") ? PATTERN_SERVICE : PATTERN_NONE;
}

/* "dossier-{person}.html", "*", or plain text */
static enum result
parse_part(struct text text, struct pattern_part *part)
{
    struct text name, behind;

    if (text_is(text, "*")) {
        part->variable = true;
        return OK;
    }
    if (!text_split(text, '{', &part->prefix, &behind)) {
        part->prefix = text;
        return text_find_byte(text, '}') == text.length ? OK : E_FORMAT;
    }
    if (!text_split(behind, '}', &name, &part->suffix) || name.length == 0 ||
        text_find_byte(part->suffix, '{') < part->suffix.length) {
        return E_FORMAT; /* one variable a segment */
    }
    part->variable = true;
    part->kind = variable_kind(name);
    return OK;
}

static enum result
parse_path(struct text path, struct mapping_pattern *pattern)
{
    struct text segment;
    enum result result = OK;

    while (result == OK && query_next_segment(&path, &segment)) {
        if (pattern->any_end) {
            return E_FORMAT; /* "**" in the middle */
        }
        if (text_is(segment, "**")) {
            if (pattern->segment_count == 0 && path.length > 0) {
                pattern->any_start = true;
            } else {
                pattern->any_end = true;
            }
            continue;
        }
        if (pattern->segment_count == PATTERN_PARTS) {
            return E_LIMIT;
        }
        result =
            parse_part(segment, &pattern->segments[pattern->segment_count++]);
    }
    return result;
}

enum result
mapping_pattern_parse(struct text text, struct mapping_pattern *ret_pattern)
{
    struct mapping_pattern *const pattern = ret_pattern;
    struct text path, parameters, name, value;
    enum result result;

    (void)text_split(text, '?', &path, &parameters);
    result = parse_path(path, pattern);
    while (result == OK && query_next_parameter(&parameters, &name, &value)) {
        if (pattern->parameter_count == PATTERN_PARTS) {
            return E_LIMIT;
        }
        struct pattern_part *const part =
            &pattern->parameters[pattern->parameter_count++];

        result = name.length == 0 ? E_FORMAT : parse_part(value, part);
        part->name = name;
    }
    if (result == OK && pattern->segment_count == 0 &&
        pattern->parameter_count == 0 && !pattern->any_end) {
        result = E_FORMAT;
    }
    return result;
}

static void
keep(struct pattern_found *found, const struct pattern_part *part,
     struct text value)
{
    switch (part->kind) {
    case PATTERN_PERSON:
        for (uint32_t i = 0; i < found->person_count; i++) {
            if (text_equal(found->persons[i], value)) {
                return;
            }
        }
        if (found->person_count == EVENT_PERSONS_MAX) {
            found->overflow = true;
            return;
        }
        found->persons[found->person_count++] = value;
        return;
    case PATTERN_PROFESSIONAL:
        found->professional = value;
        return;
    case PATTERN_SESSION:
        found->session = value;
        return;
    case PATTERN_SERVICE:
        found->service = value;
        return;
    case PATTERN_NONE:
        return;
    }
}

/* `value` is decoded. An empty variable fits nothing. */
static bool
part_fits(const struct pattern_part *part, struct text value,
          struct pattern_found *found)
{
    const size_t around = part->prefix.length + part->suffix.length;

    if (!part->variable) {
        return text_equal(part->prefix, value);
    }
    if (value.length <= around ||
        (part->prefix.length > 0 &&
         memcmp(value.bytes, part->prefix.bytes, part->prefix.length) != 0) ||
        (part->suffix.length > 0 &&
         memcmp(value.bytes + value.length - part->suffix.length,
                part->suffix.bytes, part->suffix.length) != 0)) {
        return false;
    }
    keep(found, part,
         (struct text){value.bytes + part->prefix.length,
                       value.length - around});
    return true;
}

/* OK where all segments fit from here on. */
static enum result
path_fits(const struct mapping_pattern *pattern, struct text path,
          struct buffer *scratch, struct pattern_found *found)
{
    struct text segment;
    bool patient = false;
    enum result result;

    for (uint32_t i = 0; i < pattern->segment_count; i++) {
        const struct pattern_part *const part = &pattern->segments[i];

        if (!query_next_segment(&path, &segment)) {
            return E_NOTFOUND;
        }
        result = query_decode(segment, false, scratch, &segment);
        if (result != OK) {
            return result;
        }
        if (!part_fits(part, segment, found)) {
            return E_NOTFOUND;
        }
        found->reference |= part->kind == PATTERN_PERSON && patient;
        patient = text_is(segment, "Patient");
    }
    return pattern->any_end || !query_next_segment(&path, &segment)
               ? OK
               : E_NOTFOUND;
}

/* Every parameter of the pattern must stand in the URL; one that stands
 * several times gives each of its values. */
static enum result
parameters_fit(const struct mapping_pattern *pattern, struct text given,
               struct buffer *scratch, struct pattern_found *found)
{
    for (uint32_t i = 0; i < pattern->parameter_count; i++) {
        const struct pattern_part *const part = &pattern->parameters[i];
        struct text rest = given, name, value;
        bool fits = false;

        while (query_next_parameter(&rest, &name, &value)) {
            const size_t kept = scratch->length;
            enum result result = query_decode(name, true, scratch, &name);

            if (result != OK) {
                return result;
            }
            const bool same = text_equal(name, part->name);

            scratch->length = kept; /* a name is not kept */
            if (!same) {
                continue;
            }
            result = query_decode(value, true, scratch, &value);
            if (result != OK) {
                return result;
            }
            fits |= part_fits(part, value, found);
        }
        if (!fits) {
            return E_NOTFOUND;
        }
    }
    return OK;
}

/* Texts of a start that failed further on must not stay. */
static void
found_reset(struct pattern_found *found, const struct mapping_pattern *pattern)
{
    found->pattern = pattern;
    found->professional = found->session = found->service =
        (struct text){"", 0};
    found->person_count = 0;
    found->reference = found->overflow = false;
}

/* Starts tried behind "**": a URL has some tens of segments. */
#define STARTS_MAX 64

enum result
mapping_pattern_find(const struct mapping_pattern *pattern, struct text url,
                     struct buffer *scratch, struct pattern_found *ret_found)
{
    struct text base, path, parameters, segment;
    const size_t kept = scratch->length;
    enum result result =
        buffer_reserve(scratch, (2 + pattern->parameter_count) * url.length);

    if (result != OK) {
        return result;
    }
    query_split(url, &base, &path, &parameters);
    for (int start = 0; start < STARTS_MAX; start++) {
        scratch->length = kept;
        found_reset(ret_found, pattern);
        result = path_fits(pattern, path, scratch, ret_found);
        if (result != E_NOTFOUND || !pattern->any_start ||
            !query_next_segment(&path, &segment)) {
            break;
        }
    }
    return result == OK
               ? parameters_fit(pattern, parameters, scratch, ret_found)
               : result;
}
