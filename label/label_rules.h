/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rules for JSON that is not FHIR, as the configuration declares them:
 *
 *   person patients.ipp [system];       path to a person's identifier
 *   category identity patients.nom …;   paths of what a category shows
 *
 * A path is the members' names from the top, parted by dots; arrays are
 * passed through; `*` is any name. What stands in the same object as the
 * identifier, or below it, is that person's. Knows no body.
 */
#ifndef VIGIE_LABEL_LABEL_RULES_H
#define VIGIE_LABEL_LABEL_RULES_H

#include <stdint.h>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"

struct conf_directive; /* codec/conf.h: only who reads rules needs it */

#define LABEL_RULE_NAME_BYTES_MAX 64
#define LABEL_RULE_SYSTEM_BYTES_MAX 128

/* One step of a path; 0 is the top. Steps are found by their parent. */
struct label_rule {
    char name[LABEL_RULE_NAME_BYTES_MAX];
    uint8_t length;
    uint8_t parent;
    uint8_t person; /* its value identifies one */
    uint8_t ins;    /* under a system of the INS */
    uint8_t record; /* an object of its own person: has such a child */
    uint16_t shows; /* categories */
    uint8_t system_length;
    char system[LABEL_RULE_SYSTEM_BYTES_MAX];
};

struct label_rules {
    uint32_t count; /* steps, the top included */
    struct label_rule steps[LABEL_RULE_NODES_MAX + 1];
};

/* Reads the directives into *rules (cleared first). E_FORMAT with the line:
 * conf-unknown, label-rule-words, label-rule-category, label-rule-path;
 * E_LIMIT over LABEL_RULE_NODES_MAX. */
enum result label_rules_read(const struct conf_directive *directive,
                             struct reason *why,
                             struct label_rules *rules) MUST_USE;
/* The same from the bytes of a file of rules; also the rules of codec/conf.h
 * ("conf-…"). The offset of *why is the line. */
enum result label_rules_parse(struct text text, struct reason *why,
                              struct label_rules *rules) MUST_USE;
/* The step below `step` by that name; 0 where there is none. */
uint8_t label_rules_child(const struct label_rules *rules, uint8_t step,
                          struct text name);

#endif
