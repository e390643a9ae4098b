/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * No cell is ever part of what is told: a file without a header would have
 * its first professional shown as a column.
 */
#include "core/context_csv.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "codec/csv.h"
#include "ingest/table_time.h"
#include "model/event.h"

#define NOT_ASKED_FOR UINT8_MAX

struct reading {
    const struct context_form *form;
    const struct context_sink *sink;
    const struct context_teller *teller;
    const char *path;
    struct text rest;
    struct buffer scratch;
    uint64_t line; /* of the record being read */
    uint64_t next_line;
    size_t refused;
    char separator;
    uint8_t form_column[CSV_COLUMNS_MAX]; /* by the file's column */
    uint32_t columns;
};

void
context_tell(const struct context_teller *teller, const char *path,
             const struct reason *why, bool warning)
{
    if (teller != NULL && teller->tell != NULL)
        teller->tell(teller->context, path, why, warning);
}

static void
refuse(struct reading *reading, const char *rule, const char *column)
{
    struct reason why;

    (void)reason_set(&why, E_FORMAT, rule, column, reading->line);
    context_tell(reading->teller, reading->path, &why, false);
    reading->refused++;
}

/* The base letter of what U+00C0 … U+00FF writes in French. */
static char
base_letter(unsigned char second)
{
    static const struct {
        unsigned char from, to;
        char letter;
    } ranges[] = {{0xa0, 0xa5, 'a'}, {0x87, 0x87, 'c'}, {0xa7, 0xa7, 'c'},
                  {0x80, 0x85, 'a'}, {0x88, 0x8b, 'e'}, {0xa8, 0xab, 'e'},
                  {0x8c, 0x8f, 'i'}, {0xac, 0xaf, 'i'}, {0x92, 0x96, 'o'},
                  {0xb2, 0xb6, 'o'}, {0x99, 0x9c, 'u'}, {0xb9, 0xbc, 'u'}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (second >= ranges[i].from && second <= ranges[i].to)
            return ranges[i].letter;
    }
    return '?';
}

/* "Début " → "debut", "Personnes / heure" → "personnes_/_heure" */
static struct text
header_word(struct text cell, char out[64])
{
    size_t length = 0;

    cell = text_trim(cell);
    for (size_t i = 0; i < cell.length && length < 63; i++) {
        char byte = cell.bytes[i];

        if ((unsigned char)byte == 0xc3 && i + 1 < cell.length)
            byte = base_letter((unsigned char)cell.bytes[++i]);
        else if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte + 32);
        else if (byte == ' ' || byte == '-')
            byte = '_';
        out[length++] = byte;
    }
    return (struct text){out, length};
}

static bool
names_column(const struct context_column *column, struct text word)
{
    struct text rest = text_of(column->other), one;

    if (text_is(word, column->name))
        return true;
    while (rest.length > 0) {
        (void)text_split(rest, ' ', &one, &rest);
        if (text_equal(one, word))
            return true;
    }
    return false;
}

static uint8_t
column_of(const struct context_form *form, struct text cell)
{
    char room[64];
    struct text word = header_word(cell, room);

    for (uint8_t i = 0;
         i < CONTEXT_COLUMNS_MAX && form->columns[i].name != NULL; i++) {
        if (names_column(&form->columns[i], word))
            return i;
    }
    return NOT_ASKED_FOR;
}

/* What precedes the cells: quotes may hold newlines. */
static enum result
next_record(struct reading *reading, struct text *ret_record)
{
    size_t end;

    if (reading->rest.length == 0)
        return E_END;
    end = csv_record_end(reading->rest, reading->separator);
    if (end == 0)
        end = reading->rest.length;
    *ret_record = (struct text){reading->rest.bytes, end};
    reading->rest = text_after(reading->rest, end);
    reading->line = reading->next_line;
    for (size_t i = 0; i < end; i++)
        reading->next_line += ret_record->bytes[i] == '\n';
    return OK;
}

static bool
is_passed_over(struct text record)
{
    record = text_trim(record);
    return record.length == 0 || record.bytes[0] == '#';
}

static char
separator_of(struct text bytes)
{
    struct text line, rest = bytes;

    do {
        (void)text_split(rest, '\n', &line, &rest);
    } while (is_passed_over(line) && rest.length > 0);
    for (size_t i = 0; i < line.length; i++) {
        char byte = line.bytes[i];

        if (byte == ';' || byte == ',' || byte == '\t')
            return byte;
    }
    return ',';
}

static void
take_header(struct reading *reading, const struct csv_row *row)
{
    const struct context_column *columns = reading->form->columns;
    uint32_t seen = 0;
    char number[16];

    reading->columns = row->count;
    for (uint32_t i = 0; i < row->count; i++) {
        uint8_t column = column_of(reading->form, row->cells[i]);

        reading->form_column[i] = column;
        if (column == NOT_ASKED_FOR && row->cells[i].length > 0) {
            struct reason why;

            (void)snprintf(number, sizeof(number), "%u", i + 1);
            (void)reason_set(&why, E_FORMAT, "column-unknown", number,
                             reading->line);
            context_tell(reading->teller, reading->path, &why, true);
        } else if (column != NOT_ASKED_FOR && (seen >> column & 1)) {
            refuse(reading, "column-twice", columns[column].name);
        } else if (column != NOT_ASKED_FOR) {
            seen |= 1u << column;
        }
    }
    for (uint8_t i = 0; i < CONTEXT_COLUMNS_MAX && columns[i].name; i++) {
        if (columns[i].column_needed && !(seen >> i & 1))
            refuse(reading, "column-missing", columns[i].name);
    }
}

static bool
has_control(struct text cell)
{
    for (size_t i = 0; i < cell.length; i++) {
        unsigned char byte = (unsigned char)cell.bytes[i];

        if (byte < 0x20 || byte == 0x7f)
            return true;
    }
    return false;
}

static bool
check_cell(struct reading *reading, uint8_t column, struct text cell)
{
    const struct context_column *asked = &reading->form->columns[column];

    if (cell.length == 0 && asked->cell_needed)
        refuse(reading, "cell-empty", asked->name);
    else if (cell.length > CONTEXT_NAME_BYTES_MAX)
        refuse(reading, "cell-too-long", asked->name);
    else if (!asked->free_text && has_control(cell))
        refuse(reading, "cell-control-byte", asked->name);
    else
        return true;
    return false;
}

static enum result
take_line(struct reading *reading, const struct csv_row *row)
{
    struct context_line line = {.number = reading->line};
    struct reason why = {0};
    bool good = true, empty = true;
    enum result result;

    for (uint32_t i = 0; i < row->count; i++)
        empty = empty && row->cells[i].length == 0;
    if (empty)
        return OK; /* ";;;": what a spreadsheet leaves behind the last line */
    for (uint32_t i = 0; i < row->count; i++) {
        if (i >= reading->columns && row->cells[i].length > 0) {
            refuse(reading, "cells-too-many", "");
            return OK;
        }
        if (i < reading->columns && reading->form_column[i] != NOT_ASKED_FOR)
            line.cells[reading->form_column[i]] = text_trim(row->cells[i]);
    }
    for (uint8_t i = 0; good && i < CONTEXT_COLUMNS_MAX &&
                        reading->form->columns[i].name != NULL;
         i++)
        good = check_cell(reading, i, line.cells[i]);
    if (!good)
        return OK;
    result = reading->sink->line(reading->sink->context, &line, &why);
    if (result != E_FORMAT && result != E_LIMIT)
        return result;
    refuse(reading, why.rule == NULL ? result_name(result) : why.rule,
           why.field);
    return OK;
}

static enum result
read_all(struct reading *reading)
{
    struct csv_row row;
    struct text record;
    bool header = false;
    enum result result = OK;

    while (result == OK && reading->refused < CONTEXT_REFUSALS_MAX &&
           next_record(reading, &record) == OK) {
        struct reason why = {0};

        if (is_passed_over(record))
            continue;
        buffer_clear(&reading->scratch);
        result = csv_split(record, reading->separator, &reading->scratch, &why,
                           &row);
        if (result == E_FORMAT || result == E_LIMIT) {
            refuse(reading, why.rule == NULL ? "csv" : why.rule, "");
            result = OK;
            continue;
        }
        if (result == OK && !header) {
            header = true;
            if (!reading->form->header_optional ||
                column_of(reading->form, row.cells[0]) != NOT_ASKED_FOR) {
                take_header(reading, &row);
                if (reading->refused > 0)
                    break;
                continue;
            }
            reading->columns = 1;
            reading->form_column[0] = 0;
        }
        if (result == OK)
            result = take_line(reading, &row);
    }
    if (result == OK && !header && reading->refused == 0)
        refuse(reading, "header-missing", "");
    return result;
}

enum result
context_csv_read(struct text bytes, const char *path,
                 const struct context_form *form,
                 const struct context_sink *sink,
                 const struct context_teller *teller)
{
    struct reading reading = {
        .form = form,
        .sink = sink,
        .teller = teller,
        .path = path,
        .next_line = 1,
    };
    struct buffer decoded = {0};
    enum result result = csv_utf8(bytes, &decoded, &reading.rest);

    if (result == OK) {
        reading.separator = separator_of(reading.rest);
        result = read_all(&reading);
    }
    if (result == OK && reading.refused > 0)
        result = E_FORMAT;
    buffer_free(&decoded);
    buffer_free(&reading.scratch);
    return result;
}

/* Digits and date separators, or words, but no hour. */
static bool
is_day_alone(struct text cell)
{
    struct buffer with_hour = {0};
    const struct table_time_rule rule = {0};
    int64_t time_us;
    uint32_t flags;
    bool alone = false;

    if (cell.length == 8 && text_find_byte(cell, '/') == 8 &&
        text_find_byte(cell, '.') == 8 && text_find_byte(cell, '-') == 8)
        return true; /* 20260302 */
    if (buffer_text(&with_hour, cell) == OK &&
        buffer_string(&with_hour, " 00:00:00") == OK)
        alone = table_time_read(buffer_as_text(&with_hour), &rule, 0, &time_us,
                                &flags) == OK;
    buffer_free(&with_hour);
    return alone;
}

/* The same wall clock an hour later: the hour happens twice. */
static bool
is_twice(int64_t time_us)
{
    struct civil first, second;

    time_to_civil_local(time_us, &first);
    time_to_civil_local(time_us + TIME_HOUR_US, &second);
    return first.hour == second.hour && first.day == second.day;
}

enum result
context_csv_time(struct text cell, bool end, int64_t *ret_time_us)
{
    const struct table_time_rule rule = {0};
    struct civil civil;
    int64_t time_us;
    uint32_t flags;
    bool doubtful;
    enum result result = table_time_read(cell, &rule, 0, &time_us, &flags);

    if (result == OK && (flags & EVENT_TIME_FROM_FILE))
        result = E_FORMAT; /* an hour without its day */
    if (result != OK)
        return result;
    if (end && is_day_alone(cell)) {
        time_to_civil_local(time_us, &civil);
        civil.hour = 23;
        civil.minute = civil.second = 59;
        result = time_from_civil_local(&civil, &time_us, &doubtful);
        time_us += TIME_SECOND_US;
    } else if (end && (flags & EVENT_TIME_DOUBTFUL) && is_twice(time_us)) {
        time_us += TIME_HOUR_US;
    }
    if (result == OK)
        *ret_time_us = time_us;
    return result;
}
