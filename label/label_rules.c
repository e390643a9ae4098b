/* SPDX-License-Identifier: EUPL-1.2 */
#include "label/label_rules.h"

#include <string.h>

#include "codec/conf.h"
#include "model/category.h"
#include "model/event.h"

uint8_t
label_rules_child(const struct label_rules *rules, uint8_t step,
                  struct text name)
{
    uint8_t any = 0;

    for (uint32_t i = 1; i < rules->count; i++) {
        const struct label_rule *rule = &rules->steps[i];

        if (rule->parent != step)
            continue;
        if (rule->length == name.length &&
            (name.length == 0 ||
             memcmp(rule->name, name.bytes, name.length) == 0))
            return (uint8_t)i;
        if (rule->length == 1 && rule->name[0] == '*')
            any = (uint8_t)i;
    }
    return any;
}

/* The step by exactly that name, made where it is not there. */
static enum result
step_of(struct label_rules *rules, uint8_t parent, struct text name,
        uint8_t *ret_step)
{
    struct label_rule *rule;

    for (uint32_t i = 1; i < rules->count; i++) {
        rule = &rules->steps[i];
        if (rule->parent == parent && rule->length == name.length &&
            memcmp(rule->name, name.bytes, name.length) == 0) {
            *ret_step = (uint8_t)i;
            return OK;
        }
    }
    if (rules->count >= LABEL_RULE_NODES_MAX)
        return E_LIMIT;
    rule = &rules->steps[rules->count];
    memcpy(rule->name, name.bytes, name.length);
    rule->length = (uint8_t)name.length;
    rule->parent = parent;
    *ret_step = (uint8_t)rules->count++;
    return OK;
}

static enum result
step_of_path(struct label_rules *rules, struct text path, uint8_t *ret_step)
{
    uint8_t step = 0;
    bool more = true;

    while (more) {
        struct text name, rest;
        enum result result;

        more = text_split(path, '.', &name, &rest);
        if (name.length == 0 || name.length > LABEL_RULE_NAME_BYTES_MAX)
            return E_FORMAT;
        result = step_of(rules, step, name, &step);
        if (result != OK)
            return result;
        path = rest;
    }
    *ret_step = step;
    return OK;
}

static enum result
refuse_path(struct reason *why, const struct conf_directive *directive,
            enum result result)
{
    (void)conf_refuse(why, directive,
                      result == E_LIMIT ? "label-rule-nodes-max"
                                        : "label-rule-path");
    return result;
}

static enum result
read_person(const struct conf_directive *directive, struct reason *why,
            struct label_rules *rules)
{
    const struct text system = conf_word(directive, 1);
    enum result result;
    uint8_t step = 0;
    bool test;

    if (directive->word_count < 1 || directive->word_count > 2 ||
        directive->block || system.length > LABEL_RULE_SYSTEM_BYTES_MAX)
        return conf_refuse(why, directive, "label-rule-words");
    result = step_of_path(rules, conf_word(directive, 0), &step);
    if (result != OK)
        return refuse_path(why, directive, result);
    struct label_rule *rule = &rules->steps[step];
    rule->person = 1;
    rule->system_length = (uint8_t)system.length;
    if (system.length > 0)
        memcpy(rule->system, system.bytes, system.length);
    rule->ins = event_system_is_ins(system, &test);
    rules->steps[rule->parent].record = 1;
    return OK;
}

static enum result
read_category(const struct conf_directive *directive, struct reason *why,
              struct label_rules *rules)
{
    uint16_t bit = 0;

    if (directive->word_count < 2 || directive->block)
        return conf_refuse(why, directive, "label-rule-words");
    if (category_parse(conf_word(directive, 0), &bit) != OK)
        return conf_refuse(why, directive, "label-rule-category");
    for (uint32_t i = 1; i < directive->word_count; i++) {
        uint8_t step = 0;
        const enum result result =
            step_of_path(rules, conf_word(directive, i), &step);

        if (result != OK)
            return refuse_path(why, directive, result);
        rules->steps[step].shows |= bit;
    }
    return OK;
}

enum result
label_rules_read(const struct conf_directive *directive, struct reason *why,
                 struct label_rules *rules)
{
    memset(rules, 0, sizeof(*rules));
    rules->count = 1;
    for (; directive != NULL; directive = directive->next) {
        enum result result;

        if (text_is(directive->name, "person"))
            result = read_person(directive, why, rules);
        else if (text_is(directive->name, "category"))
            result = read_category(directive, why, rules);
        else
            result = conf_refuse(why, directive, "conf-unknown");
        if (result != OK)
            return result;
    }
    return OK;
}

enum result
label_rules_parse(struct text text, struct reason *why,
                  struct label_rules *rules)
{
    struct conf *conf = NULL;
    enum result result = conf_parse(text, why, &conf);

    if (result == OK)
        result = label_rules_read(conf_first(conf), why, rules);
    conf_free(conf);
    return result;
}
