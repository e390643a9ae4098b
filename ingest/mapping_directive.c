/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One directive of a mapping to a rule or a pattern. Whatever is not
 * understood is an error with its line, so that a typing mistake never
 * becomes a column that is silently not read.
 */
#include "ingest/mapping_rules.h"

#include <string.h>

struct parse {
    struct mapping *mapping;
    const struct conf_directive *directive;
    struct reason *why;
    uint32_t at; /* the word to read next */
};

static enum result
refuse(struct parse *parse, const char *rule)
{
    (void)conf_refuse(parse->why, parse->directive, rule);
    return E_FORMAT;
}

static const struct conf_word *
next_word(struct parse *parse)
{
    return parse->at < parse->directive->word_count
               ? &parse->directive->words[parse->at]
               : NULL;
}

static bool
take_word(struct parse *parse, const char *word)
{
    const struct conf_word *const next = next_word(parse);

    if (next == NULL || next->quoted || !text_is(next->text, word)) {
        return false;
    }
    parse->at++;
    return true;
}

/* Words that end a list of column names, unless they are quoted. */
static bool
is_option(const struct conf_word *word)
{
    static const char *const options[] = {"optional", "compact", "http",
                                          "token",    "split",   "system",
                                          "format",   "zone",    "is"};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (!word->quoted && text_is(word->text, options[i])) {
            return true;
        }
    }
    return false;
}

static enum result
take_value(struct parse *parse, struct text *ret_value)
{
    const struct conf_word *const next = next_word(parse);

    if (next == NULL) {
        return refuse(parse, "mapping-value-missing");
    }
    parse->at++;
    *ret_value = next->text;
    return OK;
}

static enum result
parse_position(struct parse *parse, struct mapping_rule *rule)
{
    struct text value;
    uint64_t number;
    enum result result = take_value(parse, &value);

    if (result != OK) {
        return result;
    }
    if (text_to_u64(value, CSV_COLUMNS_MAX, &number) != OK || number == 0) {
        return refuse(parse, "mapping-position");
    }
    rule->place = PLACE_POSITION;
    rule->number = (uint32_t)number - 1;
    return OK;
}

static enum result
parse_columns(struct parse *parse, struct mapping_rule *rule)
{
    const struct conf_word *next;

    rule->place = PLACE_COLUMN;
    rule->names = parse->directive->words + parse->at;
    while ((next = next_word(parse)) != NULL && !is_option(next)) {
        rule->name_count++;
        parse->at++;
    }
    return rule->name_count == 0 ? refuse(parse, "mapping-value-missing") : OK;
}

/* Where the value stands; each kind of place belongs to one format. */
static enum result
parse_place(struct parse *parse, struct mapping_rule *rule, bool *ret_found)
{
    const enum mapping_format format = parse->mapping->format;
    struct text value = {"", 0};
    enum result result;

    *ret_found = true;
    if (take_word(parse, "value")) {
        rule->place = PLACE_VALUE;
        return take_value(parse, &rule->constant);
    }
    if (take_word(parse, "column")) {
        result = parse_columns(parse, rule);
        return result == OK &&
                       (format != MAPPING_CSV || parse->mapping->no_header)
                   ? refuse(parse, "mapping-place-format")
                   : result;
    }
    if (take_word(parse, "position")) {
        result = parse_position(parse, rule);
        return result == OK && format != MAPPING_CSV
                   ? refuse(parse, "mapping-place-format")
                   : result;
    }
    if (take_word(parse, "path")) {
        rule->place = PLACE_PATH;
        result = take_value(parse, &value);
        if (result == OK && mapping_path_parse(value, &parse->mapping->names,
                                               &rule->path) != OK) {
            result = refuse(parse, "mapping-path");
        }
        return result == OK && format != MAPPING_JSON
                   ? refuse(parse, "mapping-place-format")
                   : result;
    }
    if (take_word(parse, "field")) {
        rule->place = PLACE_FIELD;
        result = take_value(parse, &value);
        if (result == OK && combined_field_number(value, &rule->number) != OK) {
            result = refuse(parse, "mapping-field-name");
        }
        return result == OK && format != MAPPING_COMBINED
                   ? refuse(parse, "mapping-place-format")
                   : result;
    }
    *ret_found = false;
    return OK;
}

static bool
is_time(enum mapping_field field)
{
    return field == MAPPING_TIME || field == MAPPING_DATE ||
           field == MAPPING_HOUR;
}

static enum result
parse_time_option(struct parse *parse, struct mapping_rule *rule, bool zone)
{
    static const char *const formats[] = {"day-first", "month-first", "epoch",
                                          "epoch-ms"};
    struct text value;
    enum result result = take_value(parse, &value);

    if (result != OK) {
        return result;
    }
    if (!is_time(rule->field)) {
        return refuse(parse, "mapping-option");
    }
    if (zone) {
        rule->time.zone_given = !text_is(value, "local");
        return !rule->time.zone_given ||
                       table_time_zone(value, &rule->time.zone_minutes) == OK
                   ? OK
                   : refuse(parse, "mapping-zone");
    }
    for (unsigned i = 0; i < 4; i++) {
        if (text_is(value, formats[i])) {
            rule->time.order = (enum table_time_order)i;
            return OK;
        }
    }
    return refuse(parse, "mapping-time-format");
}

static enum result
parse_split(struct parse *parse, struct mapping_rule *rule)
{
    struct text value;
    const enum result result = take_value(parse, &value);

    if (result != OK) {
        return result;
    }
    if (value.length != 1 || rule->field != MAPPING_PERSON) {
        return refuse(parse, "mapping-split");
    }
    rule->split = value.bytes[0];
    return OK;
}

/* Options behind the place, in any order. */
static enum result
parse_options(struct parse *parse, struct mapping_rule *rule)
{
    enum result result = OK;

    while (result == OK && next_word(parse) != NULL) {
        if (take_word(parse, "optional")) {
            rule->optional = true;
        } else if (take_word(parse, "compact")) {
            rule->compact = true;
        } else if (take_word(parse, "http")) {
            rule->http = true;
            result = rule->field == MAPPING_OUTCOME
                         ? OK
                         : refuse(parse, "mapping-option");
        } else if (take_word(parse, "token")) {
            rule->token = true;
            result = rule->field == MAPPING_SESSION
                         ? OK
                         : refuse(parse, "mapping-option");
        } else if (take_word(parse, "split")) {
            result = parse_split(parse, rule);
        } else if (take_word(parse, "system")) {
            result = take_value(parse, &rule->system);
        } else if (take_word(parse, "format")) {
            result = parse_time_option(parse, rule, false);
        } else if (take_word(parse, "zone")) {
            result = parse_time_option(parse, rule, true);
        } else {
            result = refuse(parse, "mapping-option");
        }
    }
    return result;
}

static bool
has_values(enum mapping_field field)
{
    return field == MAPPING_ACTION || field == MAPPING_OUTCOME ||
           field == MAPPING_RESOURCE || field == MAPPING_CATEGORIES;
}

/* { read "Consultation" "Lecture*"; default read; } */
static enum result
parse_values(struct parse *parse, struct mapping_rule *rule)
{
    const struct conf_directive *entry = parse->directive->first;
    enum result result = OK;

    if (!has_values(rule->field)) {
        return refuse(parse, "mapping-block");
    }
    for (; result == OK && entry != NULL; entry = entry->next) {
        const bool fallback = text_is(entry->name, "default");
        const struct text word = fallback ? conf_word(entry, 0) : entry->name;
        uint32_t number;

        if (entry->block || entry->word_count == 0 ||
            (fallback && entry->word_count != 1)) {
            return conf_refuse(parse->why, entry, "mapping-value-missing");
        }
        if (mapping_word_number(rule->field, word, &number) != OK) {
            return conf_refuse(parse->why, entry, "mapping-word");
        }
        if (fallback) {
            rule->values.has_default = true;
            rule->values.fallback = number;
            continue;
        }
        for (uint32_t i = 0; result == OK && i < entry->word_count; i++) {
            result =
                mapping_values_add(&rule->values, conf_word(entry, i), number);
        }
    }
    return result;
}

/* `resource Patient;`, `categories identity contact;`: no place, a word. */
static enum result
parse_constant_words(struct parse *parse, struct mapping_rule *rule)
{
    const bool several = rule->field == MAPPING_CATEGORIES;
    uint32_t number = 0, one;

    if (!has_values(rule->field) || next_word(parse) == NULL) {
        return refuse(parse, "mapping-place");
    }
    do {
        if (mapping_word_number(rule->field,
                                conf_word(parse->directive, parse->at),
                                &one) != OK) {
            return refuse(parse, "mapping-word");
        }
        number |= one;
        parse->at++;
    } while (several && next_word(parse) != NULL);
    rule->place = PLACE_VALUE;
    rule->values.has_default = true;
    rule->values.fallback = number;
    return OK;
}

/* match path type is "connect" "send"; ignore column "Type" is "Sauvegarde";
 */
static enum result
parse_conditions(struct parse *parse, struct mapping_rule *rule)
{
    enum result result = OK;

    if (take_word(parse, "optional")) {
        rule->optional = true;
    }
    if (!take_word(parse, "is")) {
        return rule->field != MAPPING_MATCH
                   ? refuse(parse, "mapping-value-missing")
                   : OK;
    }
    while (result == OK && next_word(parse) != NULL) {
        result = mapping_values_add(&rule->values,
                                    conf_word(parse->directive, parse->at), 1);
        parse->at++;
    }
    return result == OK && rule->values.count == 0
               ? refuse(parse, "mapping-value-missing")
               : result;
}

static enum result
parse_rule(struct parse *parse, enum mapping_field field)
{
    struct mapping *const mapping = parse->mapping;
    struct mapping_rule *rule;
    bool placed;
    enum result result;

    if (mapping->rule_count == MAPPING_RULES_MAX) {
        return refuse(parse, "mapping-rules-max");
    }
    rule = &mapping->rules[mapping->rule_count++];
    rule->directive = parse->directive;
    rule->field = field;
    mapping->has[field] = true;
    result = parse_place(parse, rule, &placed);
    if (result == OK && !placed) {
        result = parse_constant_words(parse, rule);
    }
    if (result == OK && (field == MAPPING_MATCH || field == MAPPING_IGNORE ||
                         field == MAPPING_EMERGENCY)) {
        result = parse_conditions(parse, rule);
    }
    result = result == OK ? parse_options(parse, rule) : result;
    return result == OK && parse->directive->block ? parse_values(parse, rule)
                                                   : result;
}

static enum result
pattern_options(struct parse *parse, struct mapping_pattern *pattern)
{
    enum result result = OK;
    struct text word;
    uint32_t number;

    while (result == OK && next_word(parse) != NULL) {
        if (take_word(parse, "system")) {
            result = take_value(parse, &pattern->system);
        } else if (take_word(parse, "resource")) {
            result = take_value(parse, &word);
            pattern->resource = result == OK ? resource_number(word) : 0;
            pattern->has_resource = true;
            result = result == OK && pattern->resource == RESOURCE_UNKNOWN
                         ? refuse(parse, "mapping-word")
                         : result;
        } else if (take_word(parse, "action")) {
            result = take_value(parse, &word);
            pattern->has_action = true;
            result = result == OK && mapping_word_number(MAPPING_ACTION, word,
                                                         &pattern->action) != OK
                         ? refuse(parse, "mapping-word")
                         : result;
        } else if (take_word(parse, "categories")) {
            pattern->has_categories = true;
            while (next_word(parse) != NULL &&
                   mapping_word_number(MAPPING_CATEGORIES,
                                       conf_word(parse->directive, parse->at),
                                       &number) == OK) {
                pattern->categories |= (uint16_t)number;
                parse->at++;
            }
            result =
                pattern->categories == 0 ? refuse(parse, "mapping-word") : OK;
        } else {
            result = refuse(parse, "mapping-option");
        }
    }
    return result;
}

/* person url "/fhir/Patient/{person}" …; person url fhir; ignore url "…"; */
static enum result
parse_pattern(struct parse *parse, bool ignore)
{
    struct mapping *const mapping = parse->mapping;
    struct mapping_pattern *pattern;
    struct text text;
    enum result result;

    if (mapping->pattern_count == MAPPING_RULES_MAX) {
        return refuse(parse, "mapping-rules-max");
    }
    pattern = &mapping->patterns[mapping->pattern_count++];
    pattern->directive = parse->directive;
    pattern->ignore = ignore;
    if (!ignore && take_word(parse, "fhir")) {
        pattern->fhir = true;
        return pattern_options(parse, pattern);
    }
    result = take_value(parse, &text);
    if (result == OK && mapping_pattern_parse(text, pattern) != OK) {
        result = refuse(parse, "mapping-pattern");
    }
    mapping->has[MAPPING_PERSON] |= result == OK && !ignore;
    return result == OK ? pattern_options(parse, pattern) : result;
}

static enum result
parse_format(struct parse *parse)
{
    static const char *const formats[] = {"csv", "json", "combined"};
    const struct text word = conf_word(parse->directive, 0);

    if (parse->mapping->rule_count + parse->mapping->pattern_count > 0) {
        return refuse(parse, "mapping-format-first");
    }
    for (unsigned i = 0; i < 3; i++) {
        if (text_is(word, formats[i])) {
            parse->mapping->format = (enum mapping_format)i;
            return OK;
        }
    }
    return refuse(parse, "mapping-format");
}

static enum result
parse_separator(struct parse *parse)
{
    const struct text word = conf_word(parse->directive, 0);
    const bool tab = text_is(word, "tab");

    if (!tab && (word.length != 1 || strchr(";,|\t", word.bytes[0]) == NULL)) {
        return refuse(parse, "mapping-separator");
    }
    parse->mapping->separator = tab ? '\t' : word.bytes[0];
    return OK;
}

enum result
mapping_directive_parse(struct mapping *mapping,
                        const struct conf_directive *directive,
                        struct reason *why)
{
    struct parse state = {mapping, directive, why, 0};
    struct parse *const parse = &state;
    const struct text name = directive->name;

    if (text_is(name, "format")) {
        return parse_format(parse);
    }
    if (text_is(name, "separator")) {
        return parse_separator(parse);
    }
    if (text_is(name, "header")) {
        parse->mapping->no_header =
            text_is(conf_word(parse->directive, 0), "none");
        return parse->mapping->no_header && parse->mapping->rule_count == 0
                   ? OK
                   : refuse(parse, "mapping-header");
    }
    const enum mapping_field field = mapping_field_number(name);

    if (field == MAPPING_FIELDS) {
        return refuse(parse, "mapping-unknown-directive");
    }
    if ((field == MAPPING_PERSON || field == MAPPING_IGNORE) &&
        take_word(parse, "url")) {
        return parse_pattern(parse, field == MAPPING_IGNORE);
    }
    return parse_rule(parse, field);
}
