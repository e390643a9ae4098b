/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One CSV file of the operator's: header line, then lines whose cells come in
 * the order of a form. Says which line and column is wrong, and goes on, so
 * that one reading tells all. Knows no meaning of a cell.
 */
#ifndef VIGIE_CORE_CONTEXT_CSV_H
#define VIGIE_CORE_CONTEXT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"

/* Told for each refused line (why->offset: the line, why->field: the column,
 * as the form names it) and for each warning. */
struct context_teller {
    void *context;
    void (*tell)(void *context, const char *path, const struct reason *why,
                 bool warning);
};
void context_tell(const struct context_teller *teller, const char *path,
                  const struct reason *why, bool warning);

struct context_column {
    const char *name;   /* as documented */
    const char *other;  /* more header names, a blank between, in lower case
                           without accents */
    bool column_needed; /* in the header */
    bool cell_needed;
    bool free_text; /* for people: lines in it do not matter */
};

struct context_form {
    struct context_column columns[CONTEXT_COLUMNS_MAX];
    bool header_optional; /* then the first column alone */
};

struct context_line {
    uint64_t number;
    struct text cells[CONTEXT_COLUMNS_MAX]; /* empty where not given */
};

struct context_sink {
    void *context;
    /* E_FORMAT or E_LIMIT with *why filled (field: the column's name):
     * refused, the next line is read. Anything else ends the reading. */
    enum result (*line)(void *context, const struct context_line *line,
                        struct reason *why);
};

/* E_FORMAT where anything was refused. `bytes` as the file holds them. */
enum result context_csv_read(struct text bytes, const char *path,
                             const struct context_form *form,
                             const struct context_sink *sink,
                             const struct context_teller *teller) MUST_USE;
/* A moment as the operator writes it (ISO 8601, or French: 02/03/2026 09:14);
 * without a zone it is local. `end`: where a day alone is given, its end; of
 * an hour that happens twice, the second. E_FORMAT, E_LIMIT. */
enum result context_csv_time(struct text cell, bool end,
                             int64_t *ret_time_us) MUST_USE;

#endif
