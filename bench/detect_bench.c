/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The detector alone on simulated regions: what it misses, whom it disturbs,
 * what a row costs. Seeds that no threshold was chosen on; docs/detection.md
 * quotes these lines. Arguments: first seed, seeds, thieves, days.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demo/region_rows.h"
#include "detect/detect.h"

#define KINDS REGION_THIEF_KINDS
#define STOPS_MAX 4096

struct totals {
    unsigned thieves[KINDS], caught[KINDS];
    uint64_t lost[KINDS], worst[KINDS];
    uint64_t false_stops, false_watches, cold_stops;
    uint64_t days, warm_days; /* professional-days; after the warm-up */
    uint64_t rows, accounts, pairs, bytes;
    double seconds;
};

struct stop {
    uint64_t session;
    int64_t time_us;
};

struct trial {
    struct region *region;
    struct region_rows *maker;
    struct detect *detect;
    struct row *rows;
    uint32_t *sessions;
    size_t room;
    unsigned day, warm_up;
    struct stop stops[STOPS_MAX];
    size_t stop_count;
};

static void
must(enum result result)
{
    if (result == OK)
        return;
    (void)fprintf(stderr, "detect_bench: %s\n", result_name(result));
    exit(2);
}

static double
cpu_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static size_t
make_rows(struct trial *t, const struct region_event *events, size_t count)
{
    size_t rows = 0, made;
    if (t->room < REGION_ROWS_MAX * count) {
        t->room = REGION_ROWS_MAX * count;
        t->rows = realloc(t->rows, t->room * sizeof(*t->rows));
        t->sessions = realloc(t->sessions, t->room * sizeof(*t->sessions));
        if (t->rows == NULL || t->sessions == NULL)
            must(E_NOMEM);
    }
    for (size_t i = 0; i < count; i++) {
        must(region_rows_make(t->maker, &events[i], &t->rows[rows], &made));
        for (size_t k = 0; k < made; k++)
            t->sessions[rows++] = events[i].session;
    }
    return rows;
}

static void
note(struct trial *t, struct totals *to, uint32_t session,
     const struct alert *alert)
{
    bool stop = alert->verdict == VERDICT_STEP_UP;
    bool warm = t->day >= t->warm_up;
    if (region_session(t->region, session)->thief == THIEF_NONE) {
        to->false_stops += stop && warm;
        to->cold_stops += stop && !warm;
        to->false_watches += !stop && warm;
    } else if (stop && t->stop_count < STOPS_MAX) {
        t->stops[t->stop_count++] =
            (struct stop){alert->session, alert->time_us};
    }
}

static void
judge_day(struct trial *t, struct totals *to, size_t rows)
{
    struct alert alert;
    double start = cpu_seconds();
    for (size_t i = 0; i < rows; i++) {
        must(detect_row(t->detect, &t->rows[i], 0, NULL, &alert));
        if (alert.verdict != VERDICT_ALLOW)
            note(t, to, t->sessions[i], &alert);
    }
    to->seconds += cpu_seconds() - start;
    to->rows += rows;
}

static uint32_t
holder_of(const struct trial *t, const struct region_theft *theft)
{
    return region_session(t->region, theft->session)->professional;
}

static int64_t
stop_of(const struct trial *t, const struct region_theft *theft)
{
    uint64_t session =
        region_rows_session(region_session(t->region, theft->session));
    for (size_t i = 0; i < t->stop_count; i++)
        if (t->stops[i].session == session)
            return t->stops[i].time_us;
    return INT64_MAX;
}

/* A thief is one account: lost until its first stopped session's alert. */
static void
sum_thief(const struct trial *t, struct totals *to,
          const struct region_theft *thefts, size_t count, size_t first)
{
    uint32_t holder = holder_of(t, &thefts[first]);
    enum region_thief kind = thefts[first].thief;
    uint64_t lost = 0;
    bool caught = false;
    for (size_t i = 0; i < first; i++)
        if (holder_of(t, &thefts[i]) == holder)
            return;
    for (size_t i = first; i < count && !caught; i++) {
        int64_t stop_us = stop_of(t, &thefts[i]);
        if (holder_of(t, &thefts[i]) != holder)
            continue;
        for (uint32_t p = 0; p < thefts[i].person_count; p++)
            lost += thefts[i].times_us[p] <= stop_us;
        caught = stop_us != INT64_MAX;
    }
    to->thieves[kind]++;
    to->caught[kind] += caught;
    to->lost[kind] += lost;
    if (lost > to->worst[kind])
        to->worst[kind] = lost;
}

static void
run(struct totals *to, uint64_t seed, unsigned thieves, unsigned days)
{
    static struct trial t;
    struct region_options options;
    struct detect_options judge;
    struct detect_statistics s;
    const struct region_event *events;
    const struct region_theft *thefts;
    size_t count;
    uint64_t cold_days = 0;
    region_options_default(&options);
    detect_options_default(&judge);
    options.seed = seed;
    options.days = days;
    options.thief_count = thieves;
    for (unsigned i = 0; i < thieves; i++)
        options.thieves[i] = (enum region_thief)(1 + i % 3);
    t.warm_up = judge.warm_up_days;
    t.stop_count = 0;
    must(region_new(&options, &t.region));
    must(region_rows_new(t.region, &t.maker));
    must(detect_new(&judge, &t.detect));
    for (t.day = 0; region_day(t.region, &events, &count) == OK; t.day++) {
        judge_day(&t, to, make_rows(&t, events, count));
        detect_statistics(t.detect, &s);
        if (t.day < t.warm_up)
            cold_days = s.professional_days;
    }
    to->days += s.professional_days;
    to->warm_days += s.professional_days - cold_days;
    to->accounts += s.accounts;
    to->pairs += s.pairs;
    to->bytes += s.bytes;
    count = region_thefts(t.region, &thefts);
    for (size_t i = 0; i < count; i++)
        sum_thief(&t, to, thefts, count, i);
    detect_free(t.detect);
    region_rows_free(t.maker);
    region_free(t.region);
}

static void
print_thieves(const struct totals *to)
{
    for (unsigned k = 1; k < KINDS; k++)
        if (to->thieves[k] > 0)
            printf("       %-6s %u of %u stopped, persons lost %.1f on "
                   "average, %" PRIu64 " at worst\n",
                   region_thief_name((enum region_thief)k), to->caught[k],
                   to->thieves[k], (double)to->lost[k] / to->thieves[k],
                   to->worst[k]);
}

static double
per_thousand(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 1000.0 * (double)part / (double)whole;
}

static void
print_false(const struct totals *to)
{
    printf("       without thieves: %" PRIu64 " step_up and %" PRIu64
           " watch in %" PRIu64 " professional-days after the warm-up; %" PRIu64
           " step_up in %" PRIu64 " of it\n",
           to->false_stops, to->false_watches, to->warm_days, to->cold_stops,
           to->days - to->warm_days);
}

static void
print_figures(const struct totals *with, const struct totals *calm)
{
    double ns = 1e9 * (with->seconds + calm->seconds) /
                (double)(with->rows + calm->rows);
    double wrong = per_thousand(calm->false_stops, calm->warm_days);
    double pair = (double)calm->bytes / (double)calm->pairs;
    unsigned missed = 0;
    for (unsigned k = 1; k < KINDS; k++)
        missed += with->thieves[k] - with->caught[k];
    printf("figure detect_row %.0f ns (target 1000) %s\n", ns,
           ns <= 1000 ? "ok" : "short");
    printf("figure detect_false_step_ups %.2f per-1000-professional-days "
           "(target 3) %s\n",
           wrong, wrong <= 3 ? "ok" : "short");
    printf("figure detect_thieves_missed %u of-all (target 0) %s\n", missed,
           missed == 0 ? "ok" : "short");
    printf("figure detect_bytes_a_pair %.1f bytes, accounts included "
           "(target 24 + 300 an account) %s\n",
           pair,
           calm->bytes <= 24 * calm->pairs + 300 * calm->accounts ? "ok"
                                                                  : "short");
}

int
main(int argc, char **argv)
{
    struct totals with = {0}, calm = {0};
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    unsigned seeds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 12;
    unsigned thieves = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 15;
    unsigned days = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 28;
    for (unsigned i = 0; i < seeds; i++) {
        run(&with, (first != 0 ? first : 301) + i, thieves, days);
        run(&calm, (first != 0 ? first : 101) + i, 0, days);
    }
    printf("       %u regions of 400 professionals, %u days, %u thieves "
           "each\n",
           seeds, days, thieves);
    print_thieves(&with);
    print_false(&calm);
    print_figures(&with, &calm);
    return 0;
}
