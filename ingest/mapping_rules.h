/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A mapping as mapping*.c build it and table*.c read it. For these files and
 * their tests; everybody else uses mapping.h and form.h. Texts are borrowed
 * from the mapping's own configuration tree.
 */
#ifndef VIGIE_INGEST_MAPPING_RULES_H
#define VIGIE_INGEST_MAPPING_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "codec/conf.h"
#include "ingest/mapping.h"
#include "ingest/table_time.h"
#include "model/event.h"

enum mapping_format { MAPPING_CSV, MAPPING_JSON, MAPPING_COMBINED };

/* What a directive fills. */
enum mapping_field {
    MAPPING_MATCH, /* a condition, fills nothing */
    MAPPING_IGNORE,
    MAPPING_EMERGENCY,
    MAPPING_TIME,
    MAPPING_DATE,
    MAPPING_HOUR,
    MAPPING_PROFESSIONAL,
    MAPPING_PERSON,
    MAPPING_SESSION,
    MAPPING_ADDRESS,
    MAPPING_DEVICE,
    MAPPING_REQUEST,
    MAPPING_RECORD,
    MAPPING_SERVICE,
    MAPPING_SOURCE,
    MAPPING_URL,
    MAPPING_METHOD,
    MAPPING_RESOURCE,
    MAPPING_ACTION,
    MAPPING_OUTCOME,
    MAPPING_CATEGORIES,
    MAPPING_FIELDS,
};

/* By the directive's name; MAPPING_FIELDS where there is none. */
enum mapping_field mapping_field_number(struct text name);
const char *mapping_field_name(enum mapping_field field);

enum mapping_place {
    PLACE_COLUMN,   /* CSV: by header */
    PLACE_POSITION, /* CSV: by number, from 1 */
    PLACE_PATH,     /* JSON */
    PLACE_FIELD,    /* combined log */
    PLACE_VALUE,    /* a constant */
};

/* Fields of a combined log line, in the order of its format. */
enum combined_field {
    COMBINED_HOST, /* a virtual host before the address, where written */
    COMBINED_ADDRESS,
    COMBINED_USER,
    COMBINED_TIME,
    COMBINED_METHOD,
    COMBINED_URL,
    COMBINED_STATUS,
    COMBINED_BYTES,
    COMBINED_REFERER,
    COMBINED_AGENT,
    COMBINED_FORWARDED, /* nginx's "main": what the client or a proxy says */
    COMBINED_FIELDS,
};
/* E_NOTFOUND */
enum result combined_field_number(struct text name,
                                  uint32_t *ret_number) MUST_USE;

#define MAPPING_PATH_STEPS 12
#define MAPPING_ANY_INDEX UINT32_MAX
struct mapping_step {
    struct text key; /* where is_index is false */
    bool is_index;
    uint32_t index; /* MAPPING_ANY_INDEX for [*] */
};
struct mapping_path {
    uint32_t count;
    struct mapping_step steps[MAPPING_PATH_STEPS];
};
/* "a.b[0].c", "events[*].id", "log\.level" for a key with a dot. Unescaped
 * keys go to `names` (reserved by the caller for all of them). */
enum result mapping_path_parse(struct text text, struct buffer *names,
                               struct mapping_path *ret_path) MUST_USE;

/* Values of a map: what they are turned into is one number, of the meaning
 * that the directive gives it. */
enum mapping_action {
    ACTION_NONE = 0, /* 1 to 7 are enum interaction */
    ACTION_LOGIN = 100,
    ACTION_LOGOUT = 101,
    ACTION_REFUSAL = 102,
    ACTION_IGNORE = 103,
};
enum mapping_outcome {
    OUTCOME_ACCESS = 0,
    OUTCOME_REFUSAL = 1,
    OUTCOME_IGNORE = 2
};
#define MAPPING_FOLD_BYTES 128
struct mapping_value {
    char folded[MAPPING_FOLD_BYTES];
    size_t length;
    bool open_start, open_end; /* '*' before or behind */
    uint32_t result;
};
struct mapping_values {
    struct mapping_value *values;
    uint32_t count;
    bool has_default;
    uint32_t fallback;
};

/* Lower case, without accents, blanks and punctuation; the bytes as they
 * stand where that leaves nothing. Cut at MAPPING_FOLD_BYTES. */
size_t mapping_fold(struct text given, char ret_folded[MAPPING_FOLD_BYTES]);
/* E_NOTFOUND where no value fits and there is no default. */
enum result mapping_value_find(const struct mapping_values *values,
                               struct text given,
                               uint32_t *ret_result) MUST_USE;
enum result mapping_values_add(struct mapping_values *values,
                               struct text pattern, uint32_t result) MUST_USE;
/* The word of a map's entry, or of a constant, to its number; E_FORMAT. */
enum result mapping_word_number(enum mapping_field field, struct text word,
                                uint32_t *ret_number) MUST_USE;

struct mapping_rule {
    const struct conf_directive *directive;
    enum mapping_field field;
    enum mapping_place place;
    const struct conf_word *names; /* columns: any of them; match values */
    uint32_t name_count;
    uint32_t number; /* position from 0, or combined_field */
    struct mapping_path path;
    struct text constant;
    bool optional;
    bool compact; /* blanks and dots are taken out of the value */
    bool http;    /* outcome: an HTTP status */
    bool token;   /* session: may rotate */
    char split;   /* several persons in one value; 0: no */
    struct text system;
    struct table_time_rule time;
    struct mapping_values values;
};

/* One URL pattern. */
#define PATTERN_PARTS 16
enum pattern_variable {
    PATTERN_NONE, /* a variable with another name: any value */
    PATTERN_PERSON,
    PATTERN_PROFESSIONAL,
    PATTERN_SESSION,
    PATTERN_SERVICE,
};
struct pattern_part {
    struct text prefix, suffix; /* literal text around the variable */
    bool variable;              /* else prefix is the whole part */
    enum pattern_variable kind;
    struct text name; /* of a query parameter; empty for path segments */
};
struct mapping_pattern {
    const struct conf_directive *directive;
    bool fhir; /* codec/query reads the URL */
    bool ignore;
    bool any_start; /* "**" before the first segment */
    bool any_end;   /* "**" behind the last */
    uint32_t segment_count, parameter_count;
    struct pattern_part segments[PATTERN_PARTS];
    struct pattern_part parameters[PATTERN_PARTS];
    struct text system;
    uint16_t resource;
    bool has_resource, has_categories, has_action;
    uint16_t categories;
    uint32_t action;
};
/* What a URL gave. Texts are decoded, in the caller's scratch. */
struct pattern_found {
    const struct mapping_pattern *pattern;
    struct text professional, session, service;
    uint32_t person_count;
    struct text persons[EVENT_PERSONS_MAX];
    bool reference; /* persons stand behind a segment "Patient" */
    bool overflow;  /* more persons than there is room */
};
enum result mapping_pattern_parse(struct text text,
                                  struct mapping_pattern *ret_pattern) MUST_USE;
/* One pass over the URL for each start that "**" allows; nothing is tried
 * again. `scratch` is for this alone: it may move. E_NOTFOUND where it does
 * not fit. */
enum result mapping_pattern_find(const struct mapping_pattern *pattern,
                                 struct text url, struct buffer *scratch,
                                 struct pattern_found *ret_found) MUST_USE;

struct mapping {
    struct conf *conf;
    char name[64];
    bool shipped;
    enum mapping_format format;
    char separator; /* 0: to be found */
    bool no_header;
    struct buffer names; /* keys of paths */
    struct mapping_rule *rules;
    uint32_t rule_count;
    struct mapping_pattern *patterns;
    uint32_t pattern_count;
    bool has[MAPPING_FIELDS];
};

/* One directive inside a table, as a rule or pattern of the mapping. */
enum result mapping_directive_parse(struct mapping *mapping,
                                    const struct conf_directive *directive,
                                    struct reason *why) MUST_USE;
/* `person column "IPP"`, as far as it has room; for reason.field. */
void mapping_rule_words(const struct conf_directive *directive,
                        char ret_words[64]);

#endif
