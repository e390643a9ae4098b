/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mapping files, and what they make of records: the input is a mapping, a
 * line "----", and the records that it is tried on.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ingest/form.h"
#include "ingest/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct event event;
static unsigned told;

static enum result
on_event(void *context, const struct event *given, uint64_t offset)
{
    (void)context;
    (void)offset;
    told++;
    for (uint32_t i = 0; i < given->person_count; i++) {
        /* reads each byte: none may have moved */
        (void)text_utf8_check(given->persons[i].value);
        (void)text_utf8_check(given->persons[i].system);
        (void)text_utf8_check(given->persons[i].reference);
    }
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
try_records(const struct mapping *mapping, struct text records)
{
    const struct mapping *const mappings[1] = {mapping};
    const struct trail_options options = {INT64_C(1772442847000000), mappings,
                                          1, true};
    const struct trail_sink sink = {NULL, on_event, on_ignored, on_refused};
    struct buffer scratch = {0};
    struct form_context context = {&sink,    &options, &event,
                                   &scratch, 0,        {"", 0}};
    struct reason why = {.rule = ""};
    struct table *table = NULL;
    bool open;

    assert(table_new(&options, &table) == OK);
    open = table_open(table, records) == OK;
    while (records.length > 0) {
        size_t end = table_record_end(table, records);

        end = end == 0 ? records.length : end;
        const struct text record = {records.bytes, end};

        told = 0;
        if (open) {
            assert(table_record(table, &context, record, 0) == OK);
            assert(told == 1);
        } else {
            const enum result result = table_json(table, &context, record, 0);

            assert(result == E_NOTFOUND ? told == 0 : told == 1);
        }
        records = text_after(records, end);
    }
    if (table_failure(table, &why) == OK) {
        assert(why.rule != NULL);
    }
    table_free(table);
    buffer_free(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct text text = {(const char *)bytes, length};
    const size_t cut = text_find(text, "\n----\n");
    struct mapping *mapping = NULL;
    struct reason why = {.rule = ""};

    assert(time_zone_set("Europe/Paris") == OK);
    const enum result result =
        mapping_parse((struct text){text.bytes, cut}, "fuzz", &why, &mapping);

    if (result != OK) {
        assert(result == E_FORMAT || result == E_LIMIT);
        assert(why.rule[0] != '\0' && why.offset >= 1);
        return 0;
    }
    try_records(mapping, text_after(text, cut + 6));
    mapping_free(mapping);
    return 0;
}
