/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One record under way from its values to an event, for table_event.c and
 * table_person.c only.
 */
#ifndef VIGIE_INGEST_TABLE_JUDGE_H
#define VIGIE_INGEST_TABLE_JUDGE_H

#include "ingest/table_event.h"

/* One record being judged. */
struct judged {
    struct table *table;
    const struct mapping *mapping;
    struct form_context *context;
    struct event *event;
    uint64_t at;
    const char *ignored; /* why it is passed over, or NULL */
    struct reason refused;
    bool is_refused;
    uint32_t outcome;
    uint32_t action;
    struct text url;
    struct pattern_found found;
    bool by_url; /* a pattern fits */
    bool fhir_read;
    char address[ADDRESS_TEXT_BYTES];
};

/* The first rule of the field that has a value, else the first that has a
 * default; rule_count where none. */
uint32_t judged_rule(const struct judged *judged, enum mapping_field field,
                     struct text *ret_value);
struct text judged_value(const struct judged *judged, enum mapping_field field);
/* The record is refused, or passed over; the first of a table is kept. */
void judged_refuse(struct judged *judged, const char *rule, const char *field,
                   const struct conf_directive *directive);
void judged_pass_over(struct judged *judged, const char *kind,
                      const struct conf_directive *directive);
/* The HTTP method, or empty, and what it does outside FHIR. */
struct text judged_method(const struct judged *judged);
uint32_t judged_method_action(struct text method);

/* Persons by columns or paths; grade declared. */
enum result judge_persons(struct judged *judged) MUST_USE;
/* The first pattern that fits the URL: persons (grade requested unless some
 * are declared), resource, action. */
enum result judge_url(struct judged *judged) MUST_USE;
/* The event's time and its flags. */
enum result judge_time(struct judged *judged) MUST_USE;

#endif
