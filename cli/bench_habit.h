/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Accounts with a long habit: a region without thieves through the detector,
 * and what a patient thief would have learnt of some of its holders. Private
 * to cli/bench_ceiling.c.
 */
#ifndef VIGIE_CLI_BENCH_HABIT_H
#define VIGIE_CLI_BENCH_HABIT_H

#include "cli/bench_run.h"

#define HABIT_PERSONS_MAX 256

struct bench_habit {
    uint32_t professional;
    enum region_kind kind;
    struct row sighting; /* the place it is seen in most often */
    int32_t votes;
    uint32_t active[24]; /* events by hour of the day, UTC */
    uint8_t hours[24];   /* its usual ones, in order */
    unsigned hour_count;
    uint64_t persons[HABIT_PERSONS_MAX]; /* the last ones that it opened */
    uint32_t person_count, person_next;
};

struct bench_habits {
    struct detect *detect; /* as it stands behind the last day */
    int64_t day_us;        /* the day that comes next */
    unsigned professionals;
    struct bench_habit *items; /* some accounts of every kind of holder */
    size_t count;
};

enum result bench_habits_make(const struct bench_options *options,
                              unsigned days,
                              struct bench_habits *ret_habits) MUST_USE;
void bench_habits_free(struct bench_habits *habits);

#endif
