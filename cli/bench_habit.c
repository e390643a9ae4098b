/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/bench_habit.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "demo/region_rows.h"

/* Two blocks of the region hold every kind of holder; a year of them costs
 * as much as some regions of the benchmark. */
#define HABIT_PROFESSIONALS 80
#define ACCOUNTS_A_KIND 2

/* An hour is a usual one where it has a fifth of the busiest one's events. */
#define USUAL_SHARE 5

void
bench_habits_free(struct bench_habits *habits)
{
    detect_free(habits->detect);
    free(habits->items);
    *habits = (struct bench_habits){0};
}

/* Majority by votes: the one place that more than half of the sightings
 * name wins; where there is none, a frequent or recent one. */
static void
vote(struct bench_habit *habit, const struct row *row)
{
    if (habit->votes > 0 && habit->sighting.request == row->request &&
        habit->sighting.detail == row->detail) {
        habit->votes++;
    } else if (habit->votes > 0) {
        habit->votes--;
    } else {
        habit->sighting = *row;
        habit->votes = 1;
    }
}

static void
note(struct bench_habit *habit, const struct row *row)
{
    if (row->kind == ROW_SIGHTING)
        vote(habit, row);
    if (row->kind != ROW_DISCLOSURE || row->person == 0)
        return;
    habit->active[row->time_source_us / TIME_HOUR_US % 24]++;
    habit->persons[habit->person_next] = row->person;
    habit->person_next = (habit->person_next + 1) % HABIT_PERSONS_MAX;
    if (habit->person_count < HABIT_PERSONS_MAX)
        habit->person_count++;
}

static void
settle(struct bench_habit *habit)
{
    uint32_t busiest = 1;

    for (unsigned h = 0; h < 24; h++)
        if (habit->active[h] > busiest)
            busiest = habit->active[h];
    for (unsigned h = 0; h < 24; h++)
        if (habit->active[h] * USUAL_SHARE >= busiest)
            habit->hours[habit->hour_count++] = (uint8_t)h;
}

/* Which of the region's accounts are looked at: slot by professional. */
static enum result
choose(struct bench_habits *habits, const struct region *region, int32_t *slots)
{
    unsigned taken[KIND_COUNT] = {0};

    habits->items = calloc(habits->professionals, sizeof(*habits->items));
    if (habits->items == NULL)
        return E_NOMEM;
    for (uint32_t p = 0; p < habits->professionals; p++) {
        enum region_kind kind = region_kind(region, p);

        slots[p] = -1;
        if (taken[kind]++ >= ACCOUNTS_A_KIND)
            continue;
        slots[p] = (int32_t)habits->count;
        habits->items[habits->count].professional = p;
        habits->items[habits->count++].kind = kind;
    }
    return OK;
}

static enum result
live_day(struct bench_habits *habits, const struct region *region,
         struct region_rows *maker, const int32_t *slots,
         const struct region_event *events, size_t count)
{
    struct row rows[REGION_ROWS_MAX];
    struct alert alert;
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        uint32_t professional =
            region_session(region, events[i].session)->professional;
        size_t made = 0;

        result = region_rows_make(maker, &events[i], rows, &made);
        for (size_t k = 0; k < made && result == OK; k++) {
            if (slots[professional] >= 0)
                note(&habits->items[slots[professional]], &rows[k]);
            result = detect_row(habits->detect, &rows[k], 0, NULL, &alert);
        }
    }
    return result;
}

static enum result
live(struct bench_habits *habits, struct region *region, int32_t *slots)
{
    struct region_rows *maker = NULL;
    const struct region_event *events;
    size_t count;
    enum result result = region_rows_new(region, &maker);

    while (result == OK) {
        result = region_day(region, &events, &count);
        if (result == OK)
            result = live_day(habits, region, maker, slots, events, count);
    }
    region_rows_free(maker);
    return result == E_END ? OK : result;
}

enum result
bench_habits_make(const struct bench_options *options, unsigned days,
                  struct bench_habits *ret_habits)
{
    struct bench_habits habits = {.professionals = options->professionals};
    struct region_options o;
    struct region *region = NULL;
    int32_t *slots = NULL;
    size_t kept = 0;
    enum result result;

    if (habits.professionals > HABIT_PROFESSIONALS)
        habits.professionals = HABIT_PROFESSIONALS;
    region_options_default(&o);
    o.seed = options->first_seed + 2 * BENCH_CALM_SEED;
    o.professionals = habits.professionals;
    o.days = days;
    /* a day between: a night on call ends after midnight */
    habits.day_us = ((int64_t)o.start_day + days + 1) * TIME_DAY_US;
    slots = calloc(habits.professionals, sizeof(*slots));
    result = slots == NULL ? E_NOMEM : region_new(&o, &region);
    if (result == OK)
        result = detect_new(&options->detect, &habits.detect);
    if (result == OK)
        result = choose(&habits, region, slots);
    if (result == OK)
        result = live(&habits, region, slots);
    /* who never worked has no habit to hide in */
    for (size_t i = 0; i < habits.count && result == OK; i++) {
        settle(&habits.items[i]);
        if (habits.items[i].person_count > 0)
            habits.items[kept++] = habits.items[i];
    }
    habits.count = kept;
    free(slots);
    region_free(region);
    if (result != OK)
        bench_habits_free(&habits);
    else
        *ret_habits = habits;
    return result;
}
