/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cells lie one behind the other in one buffer; `ends` says where each
 * stops.
 */
#include "cli/table_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "scope/step.h"

#define TABLE_COLUMNS_MAX 16

struct table_print {
    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t column_count;
    struct buffer cells;
    size_t *ends;
    size_t cell_count, cell_room;
};

/* One character: its bytes, and the places it takes. */
static size_t
character(struct text text, size_t *ret_places)
{
    unsigned char lead = (unsigned char)text.bytes[0];
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    uint32_t code = lead;
    int places;

    *ret_places = 1;
    if (lead < 0xc0)
        return 1;
    if (length > text.length || lead >= 0xf8)
        return 1;
    code &= 0x7fu >> length;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text.bytes[i] & 0xc0) != 0x80)
            return 1;
        code = code << 6 | ((unsigned char)text.bytes[i] & 0x3fu);
    }
    places = wcwidth((wchar_t)code);
    *ret_places = places < 0 ? 1 : (size_t)places;
    return length;
}

/* Bytes of the longest beginning that takes at most `places`. */
static size_t
fitting(struct text text, size_t places, size_t *ret_width)
{
    size_t at = 0, width = 0;

    while (at < text.length) {
        size_t step = 0;
        size_t length = character(text_after(text, at), &step);

        if (width + step > places)
            break;
        width += step;
        at += length;
    }
    *ret_width = width;
    return at;
}

size_t
table_text_width(struct text text)
{
    size_t width = 0;

    (void)fitting(text, SIZE_MAX / 2, &width);
    return width;
}

enum result
table_print_new(const struct table_column *columns, size_t count,
                struct table_print **ret_table)
{
    struct table_print *table;

    if (count == 0 || count > TABLE_COLUMNS_MAX)
        return E_ARGUMENT;
    table = calloc(1, sizeof(*table));
    if (table == NULL)
        return E_NOMEM;
    memcpy(table->columns, columns, count * sizeof(*columns));
    table->column_count = count;
    *ret_table = table;
    return OK;
}

void
table_print_free(struct table_print *table)
{
    if (table == NULL)
        return;
    buffer_free(&table->cells);
    free(table->ends);
    free(table);
}

/* The bytes behind the last end become the next cell. */
static enum result
close_cell(struct table_print *table)
{
    if (table->cell_count == table->cell_room) {
        size_t room = table->cell_room == 0 ? 64 : 2 * table->cell_room;
        size_t *ends = reallocarray(table->ends, room, sizeof(*ends));

        if (ends == NULL)
            return E_NOMEM;
        table->ends = ends;
        table->cell_room = room;
    }
    table->ends[table->cell_count++] = table->cells.length;
    return OK;
}

enum result
table_print_cell(struct table_print *table, struct text text)
{
    enum result result = buffer_printable(&table->cells, text);

    STEP(close_cell(table));
    return result;
}

enum result
table_print_format(struct table_print *table, const char *format, ...)
{
    char text[512];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        return E_LIMIT;
    return table_print_cell(table, (struct text){text, (size_t)length});
}

enum result
table_print_buffer(struct table_print *table, struct buffer *cell)
{
    enum result result = table_print_cell(table, buffer_as_text(cell));

    buffer_clear(cell);
    return result;
}

static struct text
cell_text(const struct table_print *table, size_t cell)
{
    size_t start = cell == 0 ? 0 : table->ends[cell - 1];

    return (struct text){table->cells.bytes + start, table->ends[cell] - start};
}

static enum result
spaces(struct buffer *out, size_t count)
{
    enum result result = OK;

    while (count-- > 0)
        STEP(buffer_byte(out, ' '));
    return result;
}

/* The last column is not filled up, so that lines end with their text. */
static enum result
print_cell(const struct table_column *column, struct text text, size_t width,
           bool last, struct buffer *out)
{
    size_t places = 0;
    size_t length = fitting(text, width, &places);
    bool cut = length < text.length;
    enum result result = OK;

    if (cut)
        length = fitting(text, width - 1, &places);
    places += cut;
    if (column->right)
        STEP(spaces(out, width - places));
    STEP(buffer_append(out, text.bytes, length));
    if (cut)
        STEP(buffer_string(out, "…"));
    if (!column->right && !last)
        STEP(spaces(out, width - places));
    STEP(buffer_string(out, last ? "\n" : "  "));
    return result;
}

static void
measure(const struct table_print *table, size_t widths[TABLE_COLUMNS_MAX])
{
    size_t columns = table->column_count;
    size_t cells = table->cell_count - table->cell_count % columns;

    for (size_t i = 0; i < columns; i++)
        widths[i] = table_text_width(text_of(table->columns[i].title));
    for (size_t i = 0; i < cells; i++) {
        size_t width = table_text_width(cell_text(table, i));
        size_t maximum = table->columns[i % columns].width_max;

        if (maximum != 0 && width > maximum)
            width = maximum;
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
}

enum result
table_print_end(const struct table_print *table, struct buffer *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    size_t columns = table->column_count;
    enum result result = OK;

    measure(table, widths);
    for (size_t i = 0; i < columns; i++)
        STEP(print_cell(&table->columns[i], text_of(table->columns[i].title),
                        widths[i], i + 1 == columns, out));
    for (size_t i = 0; i < table->cell_count - table->cell_count % columns; i++)
        STEP(print_cell(&table->columns[i % columns], cell_text(table, i),
                        widths[i % columns], i % columns + 1 == columns, out));
    return result;
}
