/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * For the tests of tables: a sink that keeps what it was told as short lines
 * of text, and a run of one table by a mapping or the shipped ones.
 */
#ifndef VIGIE_TEST_TABLE_RUN_H
#define VIGIE_TEST_TABLE_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ingest/form.h"
#include "ingest/mapping.h"

#define RUN_FALLBACK_US INT64_C(1772442847000000) /* 2026-03-02 09:14:07 UTC \
                                                   */

struct run {
    struct buffer told; /* one line a call */
    unsigned events, ignored, refused;
    struct event last;
    struct reason failure;
    bool failed;
    bool opened;
    char name[64];
    uint64_t offset;
    struct trail_options options;
    struct event scratch_event;
};

static inline void
run_say(struct run *run, const char *format, ...)
{
    char line[2048];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    assert_int_equal(buffer_string(&run->told, line), OK);
}

#define RUN_TEXT(text) (int)(text).length, (text).bytes

static inline enum result
run_event(void *context, const struct event *event, uint64_t offset)
{
    static const char *const kinds[] = {"", "access", "login", "logout",
                                        "refusal"};
    struct run *run = context;
    char time[TIME_TEXT_BYTES];

    (void)offset;
    run->events++;
    run->last = *event;
    run_say(run, "%s %s %.*s", kinds[event->kind],
            time_format_utc(event->time_us, time),
            RUN_TEXT(event->professional));
    for (uint32_t i = 0; i < event->person_count; i++) {
        const struct event_person *person = &event->persons[i];

        if (person->reference.length > 0) {
            run_say(run, " %.*s", RUN_TEXT(person->reference));
        } else {
            run_say(run, " %.*s|%.*s", RUN_TEXT(person->system),
                    RUN_TEXT(person->value));
        }
    }
    if (event->query.length > 0) {
        run_say(run, " ?%.*s", RUN_TEXT(event->query));
    }
    if (event->address.length > 0) {
        run_say(run, " @%.*s", RUN_TEXT(event->address));
    }
    run_say(run, "\n");
    return OK;
}

static inline enum result
run_ignored(void *context, const char *kind, uint64_t offset)
{
    struct run *run = context;

    (void)offset;
    run->ignored++;
    run_say(run, "ignored %s\n", kind);
    return OK;
}

static inline enum result
run_refused(void *context, const struct reason *why)
{
    struct run *run = context;

    run->refused++;
    run_say(run, "refused %s %s\n", why->rule, why->field);
    return OK;
}

/* `map` NULL: the shipped mappings. Lines go in by table_record_end. */
static inline void
run_table(struct run *run, const char *map, struct text lines, bool json)
{
    static struct mapping *mappings[8];
    const struct trail_sink sink = {run, run_event, run_ignored, run_refused};
    struct buffer scratch = {0};
    struct table *table = NULL;
    struct reason why = {.rule = ""};
    size_t count = 0;

    memset(run, 0, sizeof(*run));
    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    if (map != NULL) {
        const enum result result =
            mapping_parse(text_of(map), "test", &why, &mappings[0]);

        if (result != OK) {
            print_message("%s %s line %d\n", why.rule, why.field,
                          (int)why.offset);
        }
        assert_int_equal(result, OK);
        count = 1;
    } else {
        assert_int_equal(mapping_shipped(mappings, 8, &count), OK);
    }
    run->options.fallback_time_us = RUN_FALLBACK_US;
    run->options.mappings = (const struct mapping *const *)mappings;
    run->options.mapping_count = count;
    run->options.mapping_forced = map != NULL;
    assert_int_equal(table_new(&run->options, &table), OK);
    struct form_context context = {
        &sink, &run->options, &run->scratch_event, &scratch, 0, {"", 0}};

    run->opened = json || table_open(table, lines) == OK;
    while (run->opened && lines.length > 0) {
        size_t end = json ? text_find_byte(lines, '\n') + 1
                          : table_record_end(table, lines);

        end = end == 0 || end > lines.length ? lines.length : end;
        const struct text record = {lines.bytes, end};
        const enum result result =
            json ? table_json(table, &context, record, 0)
                 : table_record(table, &context, record, 0);

        if (result == E_NOTFOUND) {
            run_say(run, "none\n");
        } else {
            assert_int_equal(result, OK);
        }
        lines = text_after(lines, end);
    }
    run->failed = table_failure(table, &run->failure) == OK;
    (void)snprintf(run->name, sizeof(run->name), "%s",
                   table_name(table) == NULL ? "" : table_name(table));
    assert_int_equal(buffer_byte(&run->told, '\0'), OK);
    table_free(table);
    buffer_free(&scratch);
    for (size_t i = 0; i < count; i++) {
        mapping_free(mappings[i]);
    }
}

static inline void
run_expect(struct run *run, const char *told)
{
    assert_string_equal(run->told.bytes, told);
    buffer_free(&run->told);
}

#endif
