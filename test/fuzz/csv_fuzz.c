/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * CSV, query strings, dates and whole tables by the shipped mappings. What
 * holds for every input is asserted: the end of a record and its cells agree
 * about quotes, cells lie within what they were cut from, every record of a
 * table is told to the sink exactly once.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "codec/csv.h"
#include "codec/query.h"
#include "ingest/form.h"
#include "ingest/mapping.h"
#include "ingest/table_time.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct csv_row row;
static struct event event;
static struct query query;
static unsigned told;

static enum result
on_event(void *context, const struct event *given, uint64_t offset)
{
    struct buffer packed = {0};

    (void)context;
    (void)offset;
    told++;
    assert(given->kind >= EVENT_ACCESS && given->kind <= EVENT_REFUSAL);
    assert(given->person_count <= EVENT_PERSONS_MAX);
    assert(given->kind != EVENT_ACCESS || given->person_count > 0 ||
           given->query.length > 0);
    const enum result result = event_pack(given, &packed);

    assert(result == OK || result == E_LIMIT);
    buffer_free(&packed);
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)context;
    (void)offset;
    told += kind[0] != '\0';
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    (void)context;
    told += why->rule[0] != '\0';
    return OK;
}

static void
try_cells(struct text text)
{
    const char separator = csv_separator(text);
    const size_t end = csv_record_end(text, separator);
    struct buffer scratch = {0}, utf8 = {0};
    struct text converted;
    struct reason why = {.rule = ""};

    assert(end <= text.length);
    const struct text record = {text.bytes, end == 0 ? text.length : end};

    if (csv_split(record, separator, &scratch, &why, &row) == OK) {
        size_t total = 0;

        assert(row.count >= 1 && row.count <= CSV_COLUMNS_MAX);
        for (uint32_t i = 0; i < row.count; i++) {
            total += row.cells[i].length;
        }
        assert(total <= record.length);
    } else {
        assert(why.rule[0] != '\0' && why.offset <= record.length);
    }
    assert(csv_utf8(text, &utf8, &converted) == OK);
    assert(text_utf8_check(converted) == converted.length);
    buffer_free(&scratch);
    buffer_free(&utf8);
}

static void
try_query(struct text text)
{
    struct buffer scratch = {0};
    struct table_time_rule rule = {.order = TABLE_TIME_DAY_FIRST};
    int64_t time_us;
    uint32_t flags;

    if (query_read(text, NULL, &scratch, &query) == OK) {
        assert(query.person_count <= QUERY_PERSONS_MAX);
        for (uint32_t i = 0; i < query.person_count; i++) {
            assert(query.persons[i].reference.length > 0 ||
                   query.persons[i].identifier.length > 0);
            /* reads each byte: none may have moved */
            (void)text_utf8_check(query.persons[i].reference);
            (void)text_utf8_check(query.persons[i].identifier);
        }
    }
    for (unsigned order = 0; order < 4; order++) {
        rule.order = (enum table_time_order)order;
        if (table_time_read(text, &rule, 0, &time_us, &flags) == OK &&
            order < 2 && (flags & EVENT_TIME_FROM_FILE) == 0) {
            assert(time_us > INT64_C(631000000) * TIME_SECOND_US);
        }
    }
    buffer_free(&scratch);
}

static void
try_table(struct text text, const struct trail_options *options)
{
    const struct trail_sink sink = {NULL, on_event, on_ignored, on_refused};
    struct buffer scratch = {0}, proposal = {0};
    struct form_context context = {&sink,    options, &event,
                                   &scratch, 0,       {"", 0}};
    struct table *table = NULL;

    assert(table_new(options, &table) == OK);
    if (table_open(table, text) == OK) {
        while (text.length > 0) {
            size_t end = table_record_end(table, text);

            end = end == 0 ? text.length : end;
            assert(end <= text.length);
            told = 0;
            assert(table_record(table, &context, (struct text){text.bytes, end},
                                0) == OK);
            assert(told == 1);
            text = text_after(text, end);
        }
    } else if (table_propose(text, &proposal) == OK) {
        assert(proposal.length > 0);
    }
    told = 0;
    const enum result result = table_json(table, &context, text, 0);

    assert(result == E_NOTFOUND ? told == 0 : told == 1);
    table_free(table);
    buffer_free(&scratch);
    buffer_free(&proposal);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct mapping *mappings[8];
    static struct trail_options options;
    const struct text text = {(const char *)bytes, length};

    if (options.mapping_count == 0) {
        assert(time_zone_set("Europe/Paris") == OK);
        assert(mapping_shipped(mappings, 8, &options.mapping_count) == OK);
        options.mappings = (const struct mapping *const *)mappings;
        options.fallback_time_us = INT64_C(1772442847000000);
    }
    try_cells(text);
    try_query(text);
    try_table(text, &options);
    return 0;
}
