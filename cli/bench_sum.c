/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/bench_sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_of(const struct bench_loss *loss, enum region_thief kind,
      enum region_thief_class class)
{
    return kind != THIEF_NONE ? loss->kind == kind
                              : region_thief_class(loss->kind) == class;
}

enum result
bench_sum(const struct bench_loss *losses, size_t count, enum region_thief kind,
          enum region_thief_class class, struct bench_sum *ret_sum)
{
    struct bench_sum sum = {0};
    uint32_t *lost = calloc(count + 1, sizeof(*lost));

    if (lost == NULL)
        return E_NOMEM;
    for (unsigned w = 0; w < BENCH_WATCHERS; w++) {
        sum.number = 0;
        for (size_t i = 0; i < count; i++) {
            if (!is_of(&losses[i], kind, class))
                continue;
            lost[sum.number++] = losses[i].lost[w];
            sum.stopped[w] += losses[i].stopped[w];
            if (w == BENCH_VIGIE)
                sum.watched_only += losses[i].watched && !losses[i].stopped[w];
        }
        sum.lost[w] = bench_spread(lost, sum.number);
    }
    free(lost);
    *ret_sum = sum;
    return OK;
}

bool
bench_is_absent(const struct bench_options *options,
                const struct bench_totals *totals, enum region_thief kind)
{
    bool asked = false;

    for (size_t i = 0; i < options->thief_count; i++)
        asked = asked || options->thieves[i] == kind;
    for (size_t i = 0; i < totals->loss_count && asked; i++)
        asked = totals->losses[i].kind != kind;
    return asked;
}

struct bench_rate
bench_rate(uint64_t count, uint64_t days)
{
    struct bench_rate rate = {.count = count, .days = days};
    double thousands = (double)days / 1000;

    if (days == 0)
        return rate;
    bench_poisson(count, &rate.least, &rate.most);
    rate.rate = (double)count / thousands;
    rate.least /= thousands;
    rate.most /= thousands;
    return rate;
}

bool
bench_figure_ok(const struct bench_figure *figure)
{
    return figure->exists &&
           (figure->at_least ? figure->value >= figure->target
                             : figure->value <= figure->target);
}

static void
thief_figures(const struct bench_sum *loud, const struct bench_sum *quiet,
              struct bench_figure *figures)
{
    const struct bench_spread *lost = &loud->lost[BENCH_VIGIE];
    bool any = loud->number > 0, some = quiet->number > 0;
    double stopped =
        some ? (double)quiet->stopped[BENCH_VIGIE] / (double)quiet->number : 0;

    figures[0] = (struct bench_figure){
        "loud_missed", "of-all",
        (double)(loud->number - loud->stopped[BENCH_VIGIE]), 0, .exists = any};
    (void)snprintf(figures[0].remark, sizeof(figures[0].remark), "of %zu",
                   loud->number);
    figures[1] = (struct bench_figure){"loud_lost_mean", "persons", lost->mean,
                                       25, .exists = any};
    figures[2] = (struct bench_figure){"loud_lost_worst", "persons",
                                       lost->worst, 60, .exists = any};
    figures[3] =
        (struct bench_figure){"quiet_stopped",  "share",       stopped, 0.95,
                              .at_least = true, .exists = some};
    (void)snprintf(figures[3].remark, sizeof(figures[3].remark), "%zu of %zu",
                   quiet->stopped[BENCH_VIGIE], quiet->number);
    figures[4] = (struct bench_figure){"quiet_lost_mean", "persons",
                                       quiet->lost[BENCH_VIGIE].mean, 35,
                                       .exists = some};
}

static void
other_figures(const struct bench_totals *totals, struct bench_figure *figures)
{
    const struct bench_cost *cost = &totals->cost;
    struct bench_rate rate =
        bench_rate(totals->calm.step_ups[1], totals->calm.days[1]);
    double allowed =
        24.0 * (double)cost->pairs + 300.0 * (double)cost->accounts;

    figures[0] =
        (struct bench_figure){"false_step_ups", "per-1000-professional-days",
                              rate.rate, 3, .exists = rate.days > 0};
    (void)snprintf(figures[0].remark, sizeof(figures[0].remark),
                   "95 %% %.2f to %.2f", rate.least, rate.most);
    figures[1] = (struct bench_figure){
        "false_measured_on", "professional-days",    (double)rate.days, 15000,
        .at_least = true,    .exists = rate.days > 0};
    figures[2] = (struct bench_figure){
        "detect_row", "ns-an-event",
        cost->events == 0 ? 0 : 1e9 * cost->seconds / (double)cost->events,
        2000, .exists = cost->events > 0};
    figures[3] = (struct bench_figure){
        "detect_memory", "of-24-bytes-a-pair-and-300-an-account",
        allowed > 0 ? (double)cost->bytes / allowed : 0, 1,
        .exists = allowed > 0};
    (void)snprintf(
        figures[3].remark, sizeof(figures[3].remark),
        "%.1f bytes a pair, accounts included",
        cost->pairs == 0 ? 0 : (double)cost->bytes / (double)cost->pairs);
}

enum result
bench_figures(const struct bench_totals *totals,
              struct bench_figure ret_figures[BENCH_FIGURES])
{
    struct bench_sum loud, quiet;
    enum result result = bench_sum(totals->losses, totals->loss_count,
                                   THIEF_NONE, REGION_LOUD, &loud);

    if (result == OK)
        result = bench_sum(totals->losses, totals->loss_count, THIEF_NONE,
                           REGION_QUIET, &quiet);
    if (result != OK)
        return result;
    thief_figures(&loud, &quiet, ret_figures);
    other_figures(totals, ret_figures + 5);
    return OK;
}

enum result
bench_span(const struct bench_ceiling *ceiling, enum bench_place place,
           unsigned way, struct bench_span *ret_span)
{
    struct bench_span span = {0};
    struct bench_spread spread;
    uint32_t *reached = calloc(ceiling->count + 1, sizeof(*reached));

    if (reached == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < ceiling->count; i++) {
        const struct bench_patient *p = &ceiling->accounts[i];

        reached[i] = way < BENCH_WAYS ? p->day[place][way] : p->hour[place];
        if (i > 0 && reached[i] <= span.most)
            continue;
        span.most = reached[i];
        span.most_kind = p->kind;
    }
    spread = bench_spread(reached, ceiling->count); /* sorts */
    span.least = reached[0];
    span.median = spread.median;
    for (size_t i = 0; i < BENCH_CEILING_THIEVES && i < ceiling->count; i++) {
        span.ten_least += reached[i];
        span.ten_most += reached[ceiling->count - 1 - i];
    }
    free(reached);
    *ret_span = span;
    return OK;
}
