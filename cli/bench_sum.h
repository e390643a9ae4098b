/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a run says in numbers: one sum for a set of thieves, one rate for a
 * count of false alerts, and the figures that are held against a bar.
 */
#ifndef VIGIE_CLI_BENCH_SUM_H
#define VIGIE_CLI_BENCH_SUM_H

#include "cli/bench_ceiling.h"
#include "cli/bench_math.h"
#include "cli/bench_run.h"

struct bench_sum {
    size_t number, watched_only;
    size_t stopped[BENCH_WATCHERS];
    struct bench_spread lost[BENCH_WATCHERS]; /* not stopped: all they took */
};

/* Of one kind; or, where `kind` is THIEF_NONE, of a class. E_NOMEM. */
enum result bench_sum(const struct bench_loss *losses, size_t count,
                      enum region_thief kind, enum region_thief_class class,
                      struct bench_sum *ret_sum) MUST_USE;

/* Was asked for, and no region made one. */
bool bench_is_absent(const struct bench_options *options,
                     const struct bench_totals *totals,
                     enum region_thief kind);

/* Per 1,000 professional-days, with the exact 95 % interval. */
struct bench_rate {
    uint64_t count, days;
    double rate, least, most;
};
struct bench_rate bench_rate(uint64_t count, uint64_t days);

#define BENCH_FIGURES 9
struct bench_figure {
    const char *name, *unit;
    double value, target;
    bool at_least; /* the target is a floor */
    bool exists;   /* there was something to measure */
    char remark[64];
};
enum result
bench_figures(const struct bench_totals *totals,
              struct bench_figure ret_figures[BENCH_FIGURES]) MUST_USE;
bool bench_figure_ok(const struct bench_figure *figure);

/* Over the accounts, of one place and way in a day; or, with `way` at
 * BENCH_WAYS, in an hour. */
struct bench_span {
    uint32_t least, most;
    double median;
    uint32_t ten_least, ten_most; /* accounts together */
    enum region_kind most_kind;
};
enum result bench_span(const struct bench_ceiling *ceiling,
                       enum bench_place place, unsigned way,
                       struct bench_span *ret_span) MUST_USE;

#endif
