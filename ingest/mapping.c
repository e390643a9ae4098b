/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A mapping file as a whole: one table, its directives in order, and what a
 * table must hold to be of use.
 */
#include "ingest/mapping_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const combined_names[COMBINED_FIELDS] = {
    "host",   "address", "user",    "time",  "method",   "url",
    "status", "bytes",   "referer", "agent", "forwarded"};

enum result
combined_field_number(struct text name, uint32_t *ret_number)
{
    for (uint32_t i = 0; i < COMBINED_FIELDS; i++) {
        if (text_is(name, combined_names[i])) {
            *ret_number = i;
            return OK;
        }
    }
    return E_NOTFOUND;
}

void
mapping_rule_words(const struct conf_directive *directive, char ret_words[64])
{
    int length = snprintf(ret_words, 64, "%.*s", (int)directive->name.length,
                          directive->name.bytes);

    for (uint32_t i = 0; i < directive->word_count && i < 2; i++) {
        const struct conf_word *const word = &directive->words[i];
        const char *const quote = word->quoted ? "\"" : "";

        if (length < 0 || length >= 64) {
            return;
        }
        length +=
            snprintf(ret_words + length, (size_t)(64 - length), " %s%.*s%s",
                     quote, (int)word->text.length, word->text.bytes, quote);
    }
}

/* A table that can never give an event is a mistake of whoever wrote it. */
static enum result
check_whole(const struct mapping *mapping, const struct conf_directive *table,
            struct reason *why)
{
    bool fhir = false;

    for (uint32_t i = 0; i < mapping->pattern_count; i++) {
        fhir |= mapping->patterns[i].fhir;
    }
    if (!mapping->has[MAPPING_PERSON] && !fhir &&
        !mapping->has[MAPPING_ACTION]) {
        return conf_refuse(why, table, "mapping-person-missing");
    }
    if (mapping->pattern_count > 0 && !mapping->has[MAPPING_URL] &&
        mapping->format != MAPPING_COMBINED) {
        return conf_refuse(why, table, "mapping-url-missing");
    }
    if (mapping->has[MAPPING_HOUR] && !mapping->has[MAPPING_DATE]) {
        return conf_refuse(why, table, "mapping-date-missing");
    }
    return OK;
}

static enum result
parse_table(struct mapping *mapping, const struct conf_directive *table,
            struct reason *why)
{
    const struct conf_directive *one;
    enum result result = OK;

    if (!text_is(table->name, "table") || !table->block ||
        table->word_count != 1) {
        return conf_refuse(why, table, "mapping-table");
    }
    if (table->next != NULL) {
        return conf_refuse(why, table->next, "mapping-one-table");
    }
    (void)snprintf(mapping->name, sizeof(mapping->name), "%.*s",
                   (int)conf_word(table, 0).length, conf_word(table, 0).bytes);
    for (one = table->first; result == OK && one != NULL; one = one->next) {
        result = mapping_directive_parse(mapping, one, why);
    }
    return result == OK ? check_whole(mapping, table, why) : result;
}

enum result
mapping_parse(struct text text, const char *name, struct reason *why,
              struct mapping **ret_mapping)
{
    struct mapping *mapping = calloc(1, sizeof(*mapping));
    enum result result = E_NOMEM;

    if (mapping == NULL) {
        return E_NOMEM;
    }
    (void)snprintf(mapping->name, sizeof(mapping->name), "%s", name);
    mapping->rules = calloc(MAPPING_RULES_MAX, sizeof(*mapping->rules));
    mapping->patterns = calloc(MAPPING_RULES_MAX, sizeof(*mapping->patterns));
    if (mapping->rules == NULL || mapping->patterns == NULL) {
        goto out;
    }
    result = buffer_reserve(&mapping->names, text.length + 1);
    if (result == OK) {
        result = conf_parse(text, why, &mapping->conf);
    }
    if (result != OK) {
        goto out;
    }
    if (conf_first(mapping->conf) == NULL) {
        result = reason_set(why, E_FORMAT, "mapping-table", "", 1);
        goto out;
    }
    result = parse_table(mapping, conf_first(mapping->conf), why);
out:
    if (result != OK) {
        mapping_free(mapping);
        return result;
    }
    *ret_mapping = mapping;
    return OK;
}

void
mapping_free(struct mapping *mapping)
{
    if (mapping == NULL) {
        return;
    }
    for (uint32_t i = 0; mapping->rules != NULL && i < mapping->rule_count;
         i++) {
        free(mapping->rules[i].values.values);
    }
    free(mapping->rules);
    free(mapping->patterns);
    buffer_free(&mapping->names);
    conf_free(mapping->conf);
    free(mapping);
}

const char *
mapping_name(const struct mapping *mapping)
{
    return mapping->name;
}
