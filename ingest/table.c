/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One table through its lines: a mapping is chosen by the header (CSV) or the
 * first line (access logs) and kept. A row with more cells than the header
 * has names is refused: a separator inside a value would move every cell
 * behind it, and give one person's data to another.
 */
#include <stdlib.h>
#include <string.h>

#include "ingest/table_event.h"

#define NOT_THERE UINT32_MAX
/* Titles and "sep=;" that exports write above their header. */
#define LINES_BEFORE_HEADER_MAX 10

enum result
table_new(const struct trail_options *options, struct table **ret_table)
{
    struct table *const table = calloc(1, sizeof(*table));

    if (table == NULL) {
        return E_NOMEM;
    }
    table->options = options;
    table->line = 1;
    *ret_table = table;
    return OK;
}

void
table_free(struct table *table)
{
    if (table == NULL) {
        return;
    }
    buffer_free(&table->header);
    buffer_free(&table->utf8);
    buffer_free(&table->cells);
    buffer_free(&table->moment);
    buffer_free(&table->url);
    buffer_free(&table->ids);
    free(table);
}

const char *
table_name(const struct table *table)
{
    const struct mapping *const mapping =
        table->mapping != NULL ? table->mapping : table->json_mapping;

    return mapping == NULL ? NULL : mapping->name;
}

size_t
table_record_end(const struct table *table, struct text bytes)
{
    if (table->mapping != NULL && table->mapping->format == MAPPING_CSV) {
        return csv_record_end(bytes, table->separator);
    }
    const size_t end = text_find_byte(bytes, '\n');

    return end < bytes.length ? end + 1 : 0;
}

enum result
table_failure(const struct table *table, struct reason *ret_why)
{
    if (!table->has_failed || table->events > 0) {
        return E_NOTFOUND;
    }
    *ret_why = table->failed;
    return OK;
}

/* Without the mark that may stand before the first, and without its end. */
static struct text
line_of(struct text record)
{
    return text_trim(text_starts(record, "\xef\xbb\xbf") ? text_after(record, 3)
                                                         : record);
}

/* How a header meets a mapping. */
struct fit {
    uint32_t column_of[MAPPING_RULES_MAX];
    uint32_t bound; /* rules whose column is there */
    const struct conf_directive *missing;
};

static uint32_t
find_column(const struct table *table, const struct mapping_rule *rule)
{
    char wanted[MAPPING_FOLD_BYTES];

    for (uint32_t k = 0; k < rule->name_count; k++) {
        const size_t length = mapping_fold(rule->names[k].text, wanted);

        for (uint32_t i = 0; i < table->row.count; i++) {
            if (table->folded_length[i] == length &&
                memcmp(table->folded[i], wanted, length) == 0) {
                return i;
            }
        }
    }
    return NOT_THERE;
}

/* A directive may stand several times: one of them must be there, unless all
 * of them are optional. Each `match` must. */
static void
find_missing(const struct mapping *mapping, struct fit *fit)
{
    bool there[MAPPING_FIELDS] = {false}, needed[MAPPING_FIELDS] = {false};

    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        const struct mapping_rule *const rule = &mapping->rules[i];
        const bool found =
            fit->column_of[i] != NOT_THERE || rule->place == PLACE_VALUE;

        there[rule->field] |= found;
        needed[rule->field] |= !rule->optional;
        if (rule->field == MAPPING_MATCH && !found && fit->missing == NULL) {
            fit->missing = rule->directive;
        }
    }
    for (uint32_t i = 0; fit->missing == NULL && i < mapping->rule_count; i++) {
        const struct mapping_rule *const rule = &mapping->rules[i];

        if (needed[rule->field] && !there[rule->field] && !rule->optional) {
            fit->missing = rule->directive;
        }
    }
}

/* table->row is the header. */
static void
fit_header(struct table *table, const struct mapping *mapping, struct fit *fit)
{
    const struct csv_row *const header = &table->row;

    for (uint32_t i = 0; i < header->count; i++) {
        table->folded_length[i] =
            mapping_fold(header->cells[i], table->folded[i]);
    }
    fit->bound = 0;
    fit->missing = NULL;
    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        const struct mapping_rule *const rule = &mapping->rules[i];

        fit->column_of[i] = NOT_THERE;
        if (rule->place == PLACE_COLUMN) {
            fit->column_of[i] = find_column(table, rule);
        } else if (rule->place == PLACE_POSITION &&
                   rule->number < header->count) {
            fit->column_of[i] = rule->number;
        }
        fit->bound += fit->column_of[i] != NOT_THERE;
    }
    find_missing(mapping, fit);
}

static enum result
read_row(struct table *table, struct text record, char separator,
         struct reason *why)
{
    struct text utf8;
    enum result result = csv_utf8(record, &table->utf8, &utf8);

    if (result != OK) {
        return result;
    }
    buffer_clear(&table->cells);
    return csv_split(utf8, separator, &table->cells, why, &table->row);
}

static void
keep_fit(struct table *table, const struct mapping *mapping,
         const struct fit *fit, char separator, uint32_t before)
{
    table->mapping = mapping;
    table->separator = separator;
    table->before_header = mapping->no_header ? 0 : before;
    table->header_passed = mapping->no_header;
    table->header_count = table->row.count;
    memcpy(table->column_of, fit->column_of, sizeof(table->column_of));
    table->has_failed = false;
}

/* The failure of the mapping that came nearest is the one to tell. */
static void
note_failure(struct table *table, const struct fit *fit, uint64_t line,
             uint32_t *best)
{
    if (fit->bound + 1 <= *best) {
        return;
    }
    *best = fit->bound + 1;
    table->has_failed = true;
    table->failed.rule = "mapping-column";
    table->failed.offset = line;
    mapping_rule_words(fit->missing, table->failed.field);
}

static uint64_t
count_newlines(struct text text)
{
    uint64_t count = 0;

    for (size_t i = 0; i < text.length; i++) {
        count += text.bytes[i] == '\n';
    }
    return count;
}

/* A table without header fits where its first record gives a time. */
static bool
time_fits(const struct table *table, const struct mapping *mapping,
          const struct fit *fit)
{
    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        const struct mapping_rule *const rule = &mapping->rules[i];
        int64_t time_us;
        uint32_t flags;

        if ((rule->field == MAPPING_TIME || rule->field == MAPPING_DATE) &&
            fit->column_of[i] != NOT_THERE &&
            table_time_read(table->row.cells[fit->column_of[i]], &rule->time, 0,
                            &time_us, &flags) != OK) {
            return false;
        }
    }
    return true;
}

static enum result
open_csv(struct table *table, const struct mapping *mapping, struct text lines,
         uint32_t *best)
{
    uint64_t line = 1;
    uint32_t before = 0;

    while (before < LINES_BEFORE_HEADER_MAX && lines.length > 0) {
        const char separator =
            mapping->separator != 0 ? mapping->separator : csv_separator(lines);
        const size_t end = csv_record_end(lines, separator);
        const struct text record = {lines.bytes, end == 0 ? lines.length : end};
        struct fit fit;

        if (separator != 0 && read_row(table, record, separator, NULL) == OK) {
            fit_header(table, mapping, &fit);
            if (fit.missing == NULL &&
                (!mapping->no_header || time_fits(table, mapping, &fit))) {
                keep_fit(table, mapping, &fit, separator, before);
                buffer_clear(&table->header);
                return buffer_text(&table->header, line_of(record));
            }
            if (fit.missing != NULL) {
                note_failure(table, &fit, line, best);
            }
        }
        before += line_of(record).length > 0; /* blank lines are no records */
        line += count_newlines(record);
        lines = text_after(lines, record.length);
        if (mapping->no_header) {
            break;
        }
    }
    return E_NOTFOUND;
}

static enum result
open_combined(struct table *table, const struct mapping *mapping,
              struct text lines, uint32_t *best)
{
    struct text line, utf8;

    (void)text_split(lines, '\n', &line, &lines);
    if (csv_utf8(line, &table->utf8, &utf8) != OK ||
        combined_split(utf8, &table->cells, table->row.cells) != OK) {
        if (*best == 0) {
            *best = 1;
            table->has_failed = true;
            (void)reason_set(&table->failed, OK, "combined-form",
                             "format combined", 1);
        }
        return E_NOTFOUND;
    }
    table->mapping = mapping;
    table->has_failed = false;
    table->header_passed = true;
    return OK;
}

enum result
table_open(struct table *table, struct text first_lines)
{
    const struct trail_options *const options = table->options;
    uint32_t best = 0;
    enum result result = E_NOTFOUND;

    for (size_t i = 0; result == E_NOTFOUND && i < options->mapping_count;
         i++) {
        const struct mapping *const mapping = options->mappings[i];

        if (options->mapping_forced && mapping->shipped) {
            continue; /* a typing mistake must not be guessed away */
        }
        if (mapping->format == MAPPING_CSV) {
            result = open_csv(table, mapping, first_lines, &best);
        } else if (mapping->format == MAPPING_COMBINED) {
            result = open_combined(table, mapping, first_lines, &best);
        }
    }
    return result;
}

/* The cells at the rules' columns; true where the row has more than the
 * header names. */
static bool
bind_cells(struct table *table, uint32_t header_count)
{
    const struct mapping *const mapping = table->mapping;
    const struct csv_row *const row = &table->row;

    table->values.more_count = 0;
    table->values.overflow = false;
    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        const uint32_t column = table->column_of[i];

        table->values.of_rule[i] =
            column < row->count ? row->cells[column] : (struct text){"", 0};
    }
    for (uint32_t i = header_count; i < row->count; i++) {
        if (row->cells[i].length > 0) {
            return true;
        }
    }
    return false;
}

static enum result
refuse(struct form_context *context, struct table *table,
       const struct reason *why)
{
    table_fail(table, why->rule, NULL);
    return context->sink->refused(context->sink->context, why);
}

static enum result
csv_record(struct table *table, struct form_context *context,
           struct text record, uint64_t at)
{
    const struct trail_sink *const sink = context->sink;
    struct reason why = {.rule = "csv"};
    enum result result;

    if (!table->mapping->no_header &&
        text_equal(line_of(record), buffer_as_text(&table->header))) {
        table->header_passed = true;
        return sink->ignored(sink->context, "table-header", at);
    }
    if (!table->header_passed && table->before_header > 0) {
        table->before_header--;
        return sink->ignored(sink->context, "table-preamble", at);
    }
    result = read_row(table, record, table->separator, &why);
    if (result == E_NOMEM) {
        return result;
    }
    if (result != OK) {
        why.offset += at;
        return refuse(context, table, &why);
    }
    if (bind_cells(table, table->header_count)) {
        (void)reason_set(&why, E_FORMAT, "csv-columns", "", at);
        return refuse(context, table, &why);
    }
    return table_event(table, table->mapping, context, at);
}

static enum result
combined_record(struct table *table, struct form_context *context,
                struct text record, uint64_t at)
{
    const struct mapping *const mapping = table->mapping;
    struct text utf8;
    enum result result = csv_utf8(record, &table->utf8, &utf8);

    if (result == OK) {
        result = combined_split(utf8, &table->cells, table->row.cells);
    }
    if (result == E_FORMAT) {
        struct reason why;

        (void)reason_set(&why, E_FORMAT, "combined-form", "", at);
        return refuse(context, table, &why);
    }
    if (result != OK) {
        return result;
    }
    table->values.more_count = 0;
    table->values.overflow = false;
    for (uint32_t i = 0; i < mapping->rule_count; i++) {
        const struct mapping_rule *const rule = &mapping->rules[i];

        table->values.of_rule[i] = rule->place == PLACE_FIELD
                                       ? table->row.cells[rule->number]
                                       : (struct text){"", 0};
    }
    return table_event(table, mapping, context, at);
}

enum result
table_record(struct table *table, struct form_context *context,
             struct text record, uint64_t at)
{
    const struct trail_sink *const sink = context->sink;
    enum result result;

    if (table->mapping == NULL) {
        struct reason why;

        (void)reason_set(&why, E_FORMAT, "mapping-none", "", at);
        return sink->refused(sink->context, &why);
    }
    if (text_trim(record).length == 0) {
        result = sink->ignored(sink->context, "other-line", at);
    } else if (table->mapping->format == MAPPING_CSV) {
        result = csv_record(table, context, record, at);
    } else {
        result = combined_record(table, context, record, at);
    }
    table->line += count_newlines(record) + (text_ends(record, "\n") ? 0 : 1);
    return result;
}
