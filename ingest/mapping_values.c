/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Words that people write in a hundred ways ("Date d'accès", "DATE ACCES",
 * "date_acces") brought to one form, and maps from such words to numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "ingest/mapping_rules.h"

static const char *const field_names[MAPPING_FIELDS] = {
    [MAPPING_MATCH] = "match",
    [MAPPING_IGNORE] = "ignore",
    [MAPPING_EMERGENCY] = "emergency",
    [MAPPING_TIME] = "time",
    [MAPPING_DATE] = "date",
    [MAPPING_HOUR] = "hour",
    [MAPPING_PROFESSIONAL] = "professional",
    [MAPPING_PERSON] = "person",
    [MAPPING_SESSION] = "session",
    [MAPPING_ADDRESS] = "address",
    [MAPPING_DEVICE] = "device",
    [MAPPING_REQUEST] = "request",
    [MAPPING_RECORD] = "record",
    [MAPPING_SERVICE] = "service",
    [MAPPING_SOURCE] = "source",
    [MAPPING_URL] = "url",
    [MAPPING_METHOD] = "method",
    [MAPPING_RESOURCE] = "resource",
    [MAPPING_ACTION] = "action",
    [MAPPING_OUTCOME] = "outcome",
    [MAPPING_CATEGORIES] = "categories",
};

enum mapping_field
mapping_field_number(struct text name)
{
    unsigned field = 0;

    while (field < MAPPING_FIELDS && !text_is(name, field_names[field])) {
        field++;
    }
    return (enum mapping_field)field;
}

const char *
mapping_field_name(enum mapping_field field)
{
    return field < MAPPING_FIELDS ? field_names[field] : "";
}

/* Letters of Latin-1 and Latin Extended-A that French writes, by their
 * second UTF-8 byte (first 0xc3), 0x80 to 0xbf. */
static const char latin_1[65] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
                                "aaaaaaaceeeeiiiidnooooo ouuuuyty";

size_t
mapping_fold(struct text given, char ret_folded[MAPPING_FOLD_BYTES])
{
    size_t length = 0;

    for (size_t i = 0; i < given.length && length < MAPPING_FOLD_BYTES; i++) {
        const uint8_t byte = (uint8_t)given.bytes[i];
        const uint8_t next =
            i + 1 < given.length ? (uint8_t)given.bytes[i + 1] : 0;
        char folded = 0;

        if (byte >= 'A' && byte <= 'Z') {
            folded = (char)(byte | 0x20);
        } else if ((byte >= 'a' && byte <= 'z') ||
                   (byte >= '0' && byte <= '9')) {
            folded = (char)byte;
        } else if (byte == 0xc3 && next >= 0x80 && next <= 0xbf) {
            folded = latin_1[next - 0x80];
            i++;
        } else if (byte == 0xc5 && (next == 0x92 || next == 0x93)) {
            folded = 'o'; /* œ */
            i++;
        } else if (byte >= 0xc2 && byte <= 0xdf) {
            i++; /* nº, no-break space */
        }
        if (folded != 0 && folded != ' ') {
            ret_folded[length++] = folded;
        }
    }
    if (length == 0 && given.length > 0) {
        length = given.length < MAPPING_FOLD_BYTES ? given.length
                                                   : MAPPING_FOLD_BYTES;
        memcpy(ret_folded, given.bytes, length);
    }
    return length;
}

enum result
mapping_values_add(struct mapping_values *values, struct text pattern,
                   uint32_t result)
{
    struct mapping_value *grown =
        realloc(values->values, (values->count + 1) * sizeof(*grown));

    if (grown == NULL) {
        return E_NOMEM;
    }
    values->values = grown;
    struct mapping_value *const value = &grown[values->count++];

    memset(value, 0, sizeof(*value));
    value->open_start = pattern.length > 1 && text_starts(pattern, "*");
    value->open_end = pattern.length > 1 && text_ends(pattern, "*");
    pattern = text_after(pattern, value->open_start ? 1 : 0);
    pattern.length -= value->open_end ? 1 : 0;
    value->length = mapping_fold(pattern, value->folded);
    value->result = result;
    return OK;
}

static bool
value_fits(const struct mapping_value *value, struct text given)
{
    if (value->length > given.length) {
        return false;
    }
    if (value->open_start && value->open_end) {
        return value->length == 0 ||
               memmem(given.bytes, given.length, value->folded, value->length);
    }
    if (!value->open_start && !value->open_end &&
        value->length != given.length) {
        return false;
    }
    const size_t at = value->open_start ? given.length - value->length : 0;

    return memcmp(given.bytes + at, value->folded, value->length) == 0;
}

enum result
mapping_value_find(const struct mapping_values *values, struct text given,
                   uint32_t *ret_result)
{
    char folded[MAPPING_FOLD_BYTES];
    const struct text text = {folded, mapping_fold(given, folded)};

    for (uint32_t i = 0; i < values->count; i++) {
        if (value_fits(&values->values[i], text)) {
            *ret_result = values->values[i].result;
            return OK;
        }
    }
    if (!values->has_default) {
        return E_NOTFOUND;
    }
    *ret_result = values->fallback;
    return OK;
}

struct word_number {
    const char *word;
    uint32_t number;
};

static enum result
look_up(const struct word_number *words, size_t count, struct text word,
        uint32_t *ret_number)
{
    for (size_t i = 0; i < count; i++) {
        if (text_is(word, words[i].word)) {
            *ret_number = words[i].number;
            return OK;
        }
    }
    return E_FORMAT;
}

static enum result
action_number(struct text word, uint32_t *ret_number)
{
    static const struct word_number words[] = {
        {"read", INTERACTION_READ},     {"search", INTERACTION_SEARCH},
        {"create", INTERACTION_CREATE}, {"update", INTERACTION_UPDATE},
        {"delete", INTERACTION_DELETE}, {"export", INTERACTION_EXPORT},
        {"other", INTERACTION_OTHER},   {"login", ACTION_LOGIN},
        {"logout", ACTION_LOGOUT},      {"refusal", ACTION_REFUSAL},
        {"ignore", ACTION_IGNORE}};

    return look_up(words, sizeof(words) / sizeof(words[0]), word, ret_number);
}

static enum result
outcome_number(struct text word, uint32_t *ret_number)
{
    static const struct word_number words[] = {{"access", OUTCOME_ACCESS},
                                               {"refusal", OUTCOME_REFUSAL},
                                               {"ignore", OUTCOME_IGNORE}};

    return look_up(words, sizeof(words) / sizeof(words[0]), word, ret_number);
}

/* "identity+contact" */
static enum result
categories_number(struct text words, uint32_t *ret_number)
{
    uint32_t set = 0;

    while (words.length > 0) {
        struct text word;
        uint16_t bit;

        (void)text_split(words, '+', &word, &words);
        if (category_parse(word, &bit) != OK) {
            return E_FORMAT;
        }
        set |= bit;
    }
    *ret_number = set;
    return set == 0 ? E_FORMAT : OK;
}

enum result
mapping_word_number(enum mapping_field field, struct text word,
                    uint32_t *ret_number)
{
    switch (field) {
    case MAPPING_ACTION:
        return action_number(word, ret_number);
    case MAPPING_OUTCOME:
        return outcome_number(word, ret_number);
    case MAPPING_CATEGORIES:
        return categories_number(word, ret_number);
    case MAPPING_RESOURCE:
        *ret_number = resource_number(word);
        return *ret_number == RESOURCE_UNKNOWN ? E_FORMAT : OK;
    default:
        return E_FORMAT;
    }
}
