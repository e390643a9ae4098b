/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tables for people: columns as wide as their widest cell, measured in
 * places on the terminal, not in bytes (UTF-8; accents, wide characters).
 * Holds all cells until the end; knows nothing of what they say.
 */
#ifndef VIGIE_CLI_TABLE_PRINT_H
#define VIGIE_CLI_TABLE_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

struct table_print;

struct table_column {
    const char *title; /* translated; borrowed until the free */
    bool right;        /* numbers stand at the right */
    size_t width_max;  /* in places; longer cells end in "…"; 0: none */
};

enum result table_print_new(const struct table_column *columns, size_t count,
                            struct table_print **ret_table) MUST_USE;
void table_print_free(struct table_print *table);
/* The next cell of the row; rows fill from left to right. */
enum result table_print_cell(struct table_print *table,
                             struct text text) MUST_USE;
enum result table_print_format(struct table_print *table, const char *format,
                               ...) MUST_USE
    __attribute__((format(printf, 2, 3)));
/* The cell is what was written to the buffer, which is then cleared. */
enum result table_print_buffer(struct table_print *table,
                               struct buffer *cell) MUST_USE;
/* Appends the titles and the full rows. A row that is not full is left
 * out. */
enum result table_print_end(const struct table_print *table,
                            struct buffer *out) MUST_USE;

/* Places that the text takes on a terminal. Control bytes and bad UTF-8 take
 * one, since they are shown as '?'. Needs an UTF-8 LC_CTYPE (say_start). */
size_t table_text_width(struct text text);

#endif
