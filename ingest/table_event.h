/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the values that a record has at the places of a mapping's rules to
 * one call of the sink. For table*.c; knows no syntax of records.
 */
#ifndef VIGIE_INGEST_TABLE_EVENT_H
#define VIGIE_INGEST_TABLE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "codec/csv.h"
#include "ingest/form.h"
#include "ingest/mapping_rules.h"

/* Values beyond a rule's first: "[*]" of a path. */
#define TABLE_MORE_MAX 256

struct table_values {
    struct text of_rule[MAPPING_RULES_MAX];
    uint32_t more_count;
    struct {
        uint32_t rule;
        struct text text;
    } more[TABLE_MORE_MAX];
    bool overflow; /* more values than there is room */
};

struct table {
    const struct trail_options *options;
    const struct mapping *mapping;      /* of lines; NULL: none fits */
    const struct mapping *json_mapping; /* the last that fitted a record */
    char separator;
    uint32_t before_header; /* records to ignore before the header */
    bool header_passed;
    uint32_t header_count;                 /* columns */
    uint32_t column_of[MAPPING_RULES_MAX]; /* UINT32_MAX: not there */
    struct buffer header;                  /* the header record, to know it
                                              where it comes again */
    uint64_t line;                         /* of the record, from 1 */
    uint64_t events;
    bool has_failed;
    struct reason failed;
    struct table_values values;
    struct csv_row row;
    size_t folded_length[CSV_COLUMNS_MAX]; /* of a header's cells */
    char folded[CSV_COLUMNS_MAX][MAPPING_FOLD_BYTES];
    struct buffer utf8, cells;      /* of the record */
    struct buffer moment, url, ids; /* built by table_event.c */
};

/* Tells the sink: one event, ignored or refused; counts events, and keeps
 * the first failure. `mapping` is one of table's two. */
enum result table_event(struct table *table, const struct mapping *mapping,
                        struct form_context *context, uint64_t at) MUST_USE;
/* Keeps it where it is the first. */
void table_fail(struct table *table, const char *rule,
                const struct conf_directive *directive);
/* The rule's value: its constant, or what the record had there; "" for "-"
 * and null. */
struct text table_value(const struct table *table,
                        const struct mapping *mapping, uint32_t rule);

/* A combined log line, cut into its fields; "\xhh" and "\"" of quoted fields
 * are resolved into `scratch` (cleared first). E_FORMAT. */
enum result combined_split(struct text line, struct buffer *scratch,
                           struct text ret_fields[COMBINED_FIELDS]) MUST_USE;

#endif
