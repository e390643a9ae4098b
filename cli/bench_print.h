/* SPDX-License-Identifier: EUPL-1.2 */
/* What the benchmark found, in words and tables, or as JSON lines. */
#ifndef VIGIE_CLI_BENCH_PRINT_H
#define VIGIE_CLI_BENCH_PRINT_H

#include "base/buffer.h"
#include "cli/bench_sum.h"

struct bench_report {
    const struct bench_options *options;
    const struct bench_totals *totals;
    const struct bench_ceiling *ceiling; /* NULL: not looked for */
    bool list; /* every thief and every false alert too */
};

/* bench_print.c: tables. In the language of base/say.h; the figure lines are
 * the same in both. */
enum result bench_print(const struct bench_report *report,
                        struct buffer *out) MUST_USE;
/* bench_json.c: one object a line, docs in the man page. */
enum result bench_json(const struct bench_report *report,
                       struct buffer *out) MUST_USE;

/* bench_words.c */
const char *bench_holder_name(enum region_kind kind);  /* "doctor" */
const char *bench_holder_title(enum region_kind kind); /* translated */
const char *bench_class_title(enum region_thief_class class);
const char *bench_place_title(enum bench_place place);
/* "one session, care written for each" */
enum result bench_way_title(const struct bench_way *way,
                            struct buffer *out) MUST_USE;
/* ">40 in 1 h" */
enum result bench_rule_title(const struct bench_rule *rule,
                             struct buffer *out) MUST_USE;
/* Codes of the bits, separated by commas. */
enum result bench_signs(uint32_t signs, struct buffer *out) MUST_USE;

#endif
