/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * JSON records by mapping: one pass over the record with the set of rules
 * whose path leads through where the reader stands. No recursion: a path has
 * at most MAPPING_PATH_STEPS steps, and nothing deeper is entered.
 */
#include <string.h>

#include "codec/json.h"
#include "ingest/table_event.h"

#define SET_WORDS (MAPPING_RULES_MAX / 64)

struct rule_set {
    uint64_t words[SET_WORDS];
};

struct level {
    bool is_array;
    uint32_t index; /* of the next element */
    struct rule_set rules;
};

struct walk {
    struct table *table;
    const struct mapping *mapping;
    struct buffer *scratch;
    struct json_reader reader;
    struct rule_set seen; /* rules whose place was there, null or not */
    uint32_t depth;       /* steps taken */
    struct level levels[MAPPING_PATH_STEPS + 1];
};

static bool
set_has(const struct rule_set *set, uint32_t rule)
{
    return (set->words[rule / 64] >> (rule % 64) & 1) != 0;
}

static void
set_add(struct rule_set *set, uint32_t rule)
{
    set->words[rule / 64] |= UINT64_C(1) << (rule % 64);
}

static bool
step_fits(const struct mapping_step *step, const struct level *level,
          struct text key)
{
    if (step->is_index != level->is_array) {
        return false;
    }
    return level->is_array
               ? step->index == MAPPING_ANY_INDEX || step->index == level->index
               : text_equal(step->key, key);
}

/* The rules that lead to the member or element that stands next: *ret_here
 * those that end there, *ret_on those that go on. */
static void
split_rules(const struct walk *walk, struct text key, struct rule_set *ret_here,
            struct rule_set *ret_on, bool *ret_any_here, bool *ret_any_on)
{
    const struct level *const level = &walk->levels[walk->depth];

    *ret_here = *ret_on = (struct rule_set){{0}};
    *ret_any_here = *ret_any_on = false;
    for (uint32_t i = 0; i < walk->mapping->rule_count; i++) {
        const struct mapping_path *const path = &walk->mapping->rules[i].path;

        if (!set_has(&level->rules, i) ||
            !step_fits(&path->steps[walk->depth], level, key)) {
            continue;
        }
        if (path->count == walk->depth + 1) {
            set_add(ret_here, i);
            *ret_any_here = true;
        } else {
            set_add(ret_on, i);
            *ret_any_on = true;
        }
    }
}

static void
keep_value(struct walk *walk, uint32_t rule, struct text value)
{
    struct table_values *const values = &walk->table->values;

    if (!set_has(&walk->seen, rule)) {
        values->of_rule[rule] = value;
    } else if (walk->mapping->rules[rule].field == MAPPING_PERSON) {
        if (values->more_count == TABLE_MORE_MAX) {
            values->overflow = true;
            return;
        }
        values->more[values->more_count].rule = rule;
        values->more[values->more_count++].text = value;
    }
    set_add(&walk->seen, rule);
}

static enum result
read_scalar(struct walk *walk, enum json_type type, const struct rule_set *here)
{
    struct json_string string;
    struct text value = {"", 0};
    enum result result = OK;

    switch (type) {
    case JSON_STRING:
        result = json_read_string(&walk->reader, &string);
        result = result == OK ? json_unescape(string, walk->scratch, &value)
                              : result;
        break;
    case JSON_NUMBER:
        result = json_read_number(&walk->reader, &value);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        value = type == JSON_TRUE ? TEXT("true") : TEXT("false");
        result = json_skip(&walk->reader);
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_NULL:
        result = json_skip(&walk->reader);
        break;
    }
    for (uint32_t i = 0; result == OK && i < walk->mapping->rule_count; i++) {
        if (set_has(here, i)) {
            keep_value(walk, i, value);
        }
    }
    return result;
}

static enum result
enter(struct walk *walk, enum json_type type, const struct rule_set *on)
{
    const enum result result = type == JSON_OBJECT
                                   ? json_enter_object(&walk->reader)
                                   : json_enter_array(&walk->reader);

    if (result == OK) {
        struct level *const level = &walk->levels[++walk->depth];

        level->is_array = type == JSON_ARRAY;
        level->index = 0;
        level->rules = *on;
    }
    return result;
}

/* One value: kept, entered, or passed over. */
static enum result
take_value(struct walk *walk, struct text key)
{
    struct rule_set here, on;
    bool any_here, any_on;
    enum json_type type;
    enum result result = json_peek(&walk->reader, &type);

    if (result != OK) {
        return result;
    }
    split_rules(walk, key, &here, &on, &any_here, &any_on);
    walk->levels[walk->depth].index++;
    if (any_on && (type == JSON_OBJECT || type == JSON_ARRAY)) {
        return enter(walk, type, &on);
    }
    return any_here ? read_scalar(walk, type, &here) : json_skip(&walk->reader);
}

/* *ret_more false where the level is closed. */
static enum result
next_value(struct walk *walk, struct text *ret_key, bool *ret_more)
{
    struct json_string key;
    enum result result;

    *ret_key = (struct text){"", 0};
    if (walk->levels[walk->depth].is_array) {
        return json_next_element(&walk->reader, ret_more);
    }
    result = json_next_member(&walk->reader, &key, ret_more);
    return result == OK && *ret_more
               ? json_unescape(key, walk->scratch, ret_key)
               : result;
}

static enum result
walk_record(struct walk *walk)
{
    struct text key;
    bool more;
    enum result result = json_enter_object(&walk->reader);

    while (result == OK) {
        result = next_value(walk, &key, &more);
        if (result != OK) {
            break;
        }
        if (more) {
            result = take_value(walk, key);
        } else if (walk->depth == 0) {
            return json_finish(&walk->reader);
        } else {
            walk->depth--;
        }
    }
    return result;
}

static enum result
read_values(struct walk *walk, struct text record)
{
    struct table_values *const values = &walk->table->values;
    enum result result;

    buffer_clear(walk->scratch);
    /* unescaping never makes longer: nothing moves */
    result = buffer_reserve(walk->scratch, record.length);
    if (result != OK) {
        return result;
    }
    values->more_count = 0;
    values->overflow = false;
    walk->depth = 0;
    walk->seen = (struct rule_set){{0}};
    walk->levels[0] = (struct level){.is_array = false};
    for (uint32_t i = 0; i < walk->mapping->rule_count; i++) {
        values->of_rule[i] = (struct text){"", 0};
        if (walk->mapping->rules[i].place == PLACE_PATH) {
            set_add(&walk->levels[0].rules, i);
        }
    }
    json_start(&walk->reader, record);
    return walk_record(walk);
}

/* Every `match` is there and has one of its values; without any, something
 * of the mapping must be there. */
static const struct conf_directive *
find_unmet(const struct walk *walk)
{
    const struct mapping *const mapping = walk->mapping;
    const struct conf_directive *first = NULL;
    bool any = false;
    uint32_t number;

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        const struct mapping_rule *const rule = &mapping->rules[i];
        const bool seen = set_has(&walk->seen, i);

        if (rule->field == MAPPING_MATCH &&
            (!seen ||
             (rule->values.count > 0 &&
              mapping_value_find(&rule->values, walk->table->values.of_rule[i],
                                 &number) != OK))) {
            return rule->directive;
        }
        any |= seen || rule->field == MAPPING_MATCH;
        if (first == NULL && rule->place == PLACE_PATH) {
            first = rule->directive;
        }
    }
    return any ? NULL : first;
}

static enum result
try_mapping(struct walk *walk, struct form_context *context, struct text record,
            uint64_t at)
{
    enum result result = read_values(walk, record);

    if (result == E_NOMEM) {
        return result;
    }
    if (result != OK) {
        struct reason why = walk->reader.why;

        if (why.rule == NULL) {
            why.rule = "json";
        }
        why.offset += at;
        return context->sink->refused(context->sink->context, &why);
    }
    const struct conf_directive *const unmet = find_unmet(walk);

    if (unmet != NULL) {
        table_fail(walk->table, "mapping-path", unmet);
        return E_NOTFOUND;
    }
    walk->table->json_mapping = walk->mapping;
    return table_event(walk->table, walk->mapping, context, at);
}

enum result
table_json(struct table *table, struct form_context *context,
           struct text record, uint64_t at)
{
    const struct trail_options *const options = table->options;
    struct walk walk = {.table = table, .scratch = context->scratch};
    enum result result = E_NOTFOUND;

    table->line++;
    if (table->json_mapping != NULL) {
        walk.mapping = table->json_mapping;
        result = try_mapping(&walk, context, record, at);
    }
    for (size_t i = 0; result == E_NOTFOUND && i < options->mapping_count;
         i++) {
        walk.mapping = options->mappings[i];
        if (walk.mapping->format == MAPPING_JSON &&
            walk.mapping != table->json_mapping &&
            !(options->mapping_forced && walk.mapping->shipped)) {
            result = try_mapping(&walk, context, record, at);
        }
    }
    return result;
}
