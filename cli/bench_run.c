/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A day is made, judged, and then counted: the clock runs over detect_row
 * only. What is held is one day of the region, its accounts, and the pairs
 * of the day's and of the rules' counting.
 */
#include "cli/bench_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "demo/region_rows.h"

/* One alert of the day, until the day is counted. */
struct raised {
    uint32_t event;
    struct alert alert;
};

struct trial {
    const struct bench_options *options;
    struct bench_totals *totals;
    uint64_t seed;
    bool calm;
    struct region *region;
    struct region_rows *maker;
    struct detect *detect;
    struct bench_counter *counter;
    struct bench_thefts thefts;
    /* the day: rows, and of which event each is */
    struct row *rows;
    uint32_t *events;
    struct facts *facts;
    size_t row_count, room;
    struct raised *raised;
    size_t raised_count, raised_room;
    int32_t *last_day; /* by professional: counted already */
    int32_t *rule_day; /* by professional and rule */
    bool *told;        /* by professional: a campaign is announced */
    int64_t start_us, warm_us;
};

void
bench_totals_free(struct bench_totals *totals)
{
    free(totals->losses);
    free(totals->wholes);
    free(totals->falses);
    *totals = (struct bench_totals){0};
}

static double
cpu_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum result
day_room(struct trial *t, size_t events)
{
    size_t room = events * REGION_ROWS_MAX;
    struct row *rows;
    uint32_t *numbers;
    struct facts *facts;

    if (room <= t->room)
        return OK;
    rows = reallocarray(t->rows, room, sizeof(*rows));
    if (rows != NULL)
        t->rows = rows;
    numbers = reallocarray(t->events, room, sizeof(*numbers));
    if (numbers != NULL)
        t->events = numbers;
    facts = reallocarray(t->facts, room, sizeof(*facts));
    if (facts != NULL)
        t->facts = facts;
    if (rows == NULL || numbers == NULL || facts == NULL)
        return E_NOMEM;
    t->room = room;
    return OK;
}

static bool
in_campaign(const struct trial *t, uint32_t professional, int64_t time_us)
{
    const struct region_campaign *campaigns;
    size_t count = region_campaigns(t->region, &campaigns);

    for (size_t i = 0; i < count; i++)
        if (campaigns[i].announced &&
            campaigns[i].professional == professional &&
            campaigns[i].from_us <= time_us && time_us < campaigns[i].to_us)
            return true;
    return false;
}

static enum result
make_rows(struct trial *t, const struct region_event *events, size_t count)
{
    enum result result = day_room(t, count);

    t->row_count = 0;
    for (uint32_t i = 0; i < count && result == OK; i++) {
        const struct region_session *session =
            region_session(t->region, events[i].session);
        size_t made = 0;
        struct facts facts = {0};

        if (t->told[session->professional] &&
            in_campaign(t, session->professional, events[i].time_us))
            facts.bits = FACT_CAMPAIGN;
        result = region_rows_make(t->maker, &events[i], &t->rows[t->row_count],
                                  &made);
        for (size_t k = 0; k < made; k++) {
            t->facts[t->row_count] = facts;
            t->events[t->row_count++] = i;
        }
    }
    return result;
}

static enum result
keep_raised(struct trial *t, uint32_t event, const struct alert *alert)
{
    if (t->raised_count == t->raised_room) {
        size_t room = 2 * t->raised_room + 64;
        struct raised *raised = reallocarray(t->raised, room, sizeof(*raised));

        if (raised == NULL)
            return E_NOMEM;
        t->raised = raised;
        t->raised_room = room;
    }
    t->raised[t->raised_count++] =
        (struct raised){.event = event, .alert = *alert};
    return OK;
}

static enum result
judge_day(struct trial *t)
{
    struct alert alert;
    double start = cpu_seconds();
    enum result result = OK;

    t->raised_count = 0;
    for (size_t i = 0; i < t->row_count && result == OK; i++) {
        result = detect_row(t->detect, &t->rows[i], 0, &t->facts[i], &alert);
        if (result == OK && alert.verdict != VERDICT_ALLOW)
            result = keep_raised(t, t->events[i], &alert);
    }
    t->totals->cost.seconds += cpu_seconds() - start;
    t->totals->cost.rows += t->row_count;
    return result;
}

/* The region says at a day's start what its thieves will do in it. */
static enum result
learn_thefts(struct trial *t)
{
    const struct region_theft *truth;
    size_t count = region_thefts(t->region, &truth);
    enum result result = OK;

    for (size_t i = t->thefts.count; i < count && result == OK; i++) {
        const struct region_session *session =
            region_session(t->region, truth[i].session);

        result = bench_thefts_add(&t->thefts, region_rows_session(session),
                                  session->professional);
    }
    return result;
}

static uint32_t
signs_of(const struct alert *alert)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < alert->sign_count; i++)
        bits |= 1u << alert->signs[i].code;
    return bits;
}

static bool
is_beside(const struct trial *t, uint32_t professional, int64_t time_us)
{
    const struct region_theft *truth;

    (void)region_thefts(t->region, &truth);
    for (size_t i = 0; i < t->thefts.count; i++)
        if (t->thefts.stops[i].account == professional &&
            truth[i].first_us <= time_us)
            return true;
    return false;
}

static enum result
count_false(struct trial *t, uint32_t professional, const struct alert *alert)
{
    struct bench_totals *to = t->totals;
    bool stop = alert->verdict >= VERDICT_STEP_UP;
    bool warm = alert->time_us >= t->warm_us;
    enum region_kind kind = region_kind(t->region, professional);
    struct bench_false *falses =
        reallocarray(to->falses, to->false_count + 1, sizeof(*to->falses));

    if (falses == NULL)
        return E_NOMEM;
    to->falses = falses;
    falses[to->false_count++] = (struct bench_false){
        .seed = t->seed,
        .time_us = alert->time_us,
        .professional = professional,
        .kind = kind,
        .verdict = alert->verdict,
        .score = alert->score_centinats,
        .signs = signs_of(alert),
        .warm = warm,
        .calm = t->calm,
        .beside = is_beside(t, professional, alert->time_us)};
    if (!t->calm) {
        to->theft_step_ups += stop && warm;
        return OK;
    }
    to->calm.step_ups[warm] += stop;
    to->calm.watches[warm] += !stop;
    to->calm.kind_step_ups[kind] += stop && warm;
    to->calm.kind_watches[kind] += !stop && warm;
    return OK;
}

static enum result
count_alerts(struct trial *t, const struct region_event *events)
{
    const struct region_theft *truth;
    enum result result = OK;

    (void)region_thefts(t->region, &truth);
    for (size_t i = 0; i < t->raised_count && result == OK; i++) {
        const struct alert *alert = &t->raised[i].alert;
        uint32_t session = events[t->raised[i].event].session;
        struct bench_stop *stop = bench_thefts_named(
            &t->thefts, truth, alert->session, alert->time_us);

        if (stop == NULL) {
            result = count_false(
                t, region_session(t->region, session)->professional, alert);
        } else if (alert->verdict < VERDICT_STEP_UP) {
            if (alert->time_us < stop->watch_us)
                stop->watch_us = alert->time_us;
        } else if (alert->time_us < stop->stop_us[BENCH_VIGIE]) {
            stop->stop_us[BENCH_VIGIE] = alert->time_us;
            stop->signs = signs_of(alert);
        }
    }
    return result;
}

static void
count_day(struct trial *t, uint32_t professional, int64_t time_us)
{
    int32_t day = (int32_t)(time_us / TIME_DAY_US);
    bool warm = time_us >= t->warm_us;

    if (t->last_day[professional] == day)
        return;
    t->last_day[professional] = day;
    if (!t->calm) {
        t->totals->theft_days += warm;
        return;
    }
    t->totals->calm.days[warm]++;
    if (warm)
        t->totals->calm.kind_days[region_kind(t->region, professional)]++;
}

static void
count_rules(struct trial *t, const struct region_session *session,
            int64_t time_us, unsigned over)
{
    const struct region_theft *truth;
    int32_t day = (int32_t)(time_us / TIME_DAY_US);
    struct bench_stop *stop;

    (void)region_thefts(t->region, &truth);
    stop = bench_thefts_named(&t->thefts, truth, region_rows_session(session),
                              time_us);
    for (unsigned i = 0; i < BENCH_RULES; i++) {
        int32_t *counted =
            &t->rule_day[session->professional * BENCH_RULES + i];

        if (!(over >> i & 1))
            continue;
        if (stop != NULL) {
            if (time_us < stop->stop_us[1 + i])
                stop->stop_us[1 + i] = time_us;
        } else if (t->calm && *counted != day) {
            *counted = day;
            t->totals->calm.rule_days[time_us >= t->warm_us][i]++;
        }
    }
}

static enum result
count_events(struct trial *t, const struct region_event *events, size_t count)
{
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        const struct region_session *session =
            region_session(t->region, events[i].session);
        unsigned over = 0;

        count_day(t, session->professional, events[i].time_us);
        if (events[i].refused || events[i].person == REGION_NOBODY)
            continue;
        result = bench_counter_add(t->counter, session->professional,
                                   events[i].person, events[i].time_us, &over);
        if (over != 0)
            count_rules(t, session, events[i].time_us, over);
    }
    t->totals->cost.events += count;
    return result;
}

static enum result
open_trial(struct trial *t)
{
    const struct bench_options *o = t->options;
    struct region_options options;
    enum result result;

    region_options_default(&options);
    options.seed = t->seed;
    options.days = o->days;
    options.professionals = o->professionals;
    options.first_theft_day = o->theft_day;
    options.thief_count = t->calm ? 0 : (unsigned)o->thief_count;
    memcpy(options.thieves, o->thieves, sizeof(options.thieves));
    t->start_us = options.start_day * TIME_DAY_US;
    t->warm_us = t->start_us + o->warm_up * TIME_DAY_US;
    t->last_day = calloc(o->professionals, sizeof(*t->last_day));
    t->rule_day =
        calloc((size_t)o->professionals * BENCH_RULES, sizeof(*t->rule_day));
    t->told = calloc(o->professionals, sizeof(*t->told));
    if (t->last_day == NULL || t->rule_day == NULL || t->told == NULL)
        return E_NOMEM;
    result = region_new(&options, &t->region);
    if (result == OK)
        result = region_rows_new(t->region, &t->maker);
    if (result == OK)
        result = detect_new(&o->detect, &t->detect);
    if (result == OK)
        result = bench_counter_new(o->professionals, &t->counter);
    return result;
}

static void
learn_campaigns(struct trial *t)
{
    const struct region_campaign *campaigns;
    size_t count = region_campaigns(t->region, &campaigns);

    for (size_t i = 0; i < count && t->options->campaigns; i++)
        if (campaigns[i].announced)
            t->told[campaigns[i].professional] = true;
}

static void
close_trial(struct trial *t)
{
    bench_thefts_free(&t->thefts);
    bench_counter_free(t->counter);
    detect_free(t->detect);
    region_rows_free(t->maker);
    region_free(t->region);
    free(t->rows);
    free(t->events);
    free(t->facts);
    free(t->raised);
    free(t->last_day);
    free(t->rule_day);
    free(t->told);
}

/* Appends `more` losses; those of one account alone are no whole. */
static enum result
keep_losses(struct trial *t, bool whole, struct bench_loss **losses,
            size_t *count)
{
    const struct region_theft *truth;
    struct bench_loss *more = NULL, *all;
    size_t more_count = 0;
    enum result result;

    (void)region_thefts(t->region, &truth);
    result = bench_losses(&t->thefts, truth, whole, &more, &more_count);
    if (result != OK)
        return result;
    all = reallocarray(*losses, *count + more_count + 1, sizeof(*all));
    if (all == NULL) {
        free(more);
        return E_NOMEM;
    }
    *losses = all;
    for (size_t i = 0; i < more_count; i++) {
        if (whole && more[i].accounts < 2)
            continue;
        more[i].seed = t->seed;
        all[(*count)++] = more[i];
    }
    free(more);
    return OK;
}

static enum result
sum_up(struct trial *t)
{
    struct bench_totals *to = t->totals;
    struct detect_statistics s;
    enum result result;

    detect_statistics(t->detect, &s);
    to->cost.accounts += s.accounts;
    to->cost.pairs += s.pairs;
    to->cost.bytes += s.bytes;
    result = keep_losses(t, false, &to->losses, &to->loss_count);
    if (result == OK)
        result = keep_losses(t, true, &to->wholes, &to->whole_count);
    return result;
}

enum result
bench_region(const struct bench_options *options, uint64_t seed, bool calm,
             struct bench_totals *totals)
{
    struct trial t = {
        .options = options, .totals = totals, .seed = seed, .calm = calm};
    const struct region_event *events;
    size_t count;
    enum result result = open_trial(&t);

    if (result == OK)
        learn_campaigns(&t);
    while (result == OK) {
        result = region_day(t.region, &events, &count);
        if (result == OK)
            result = learn_thefts(&t);
        if (result == OK)
            result = make_rows(&t, events, count);
        if (result == OK)
            result = judge_day(&t);
        if (result == OK)
            result = count_alerts(&t, events);
        if (result == OK)
            result = count_events(&t, events, count);
    }
    if (result == E_END)
        result = sum_up(&t);
    close_trial(&t);
    return result;
}
