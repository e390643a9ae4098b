/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The long region is judged once. Each trial is a child process that has the
 * detector as it stood then, and answers by its exit code: the same state
 * for every trial, without a way to copy a detector that only a benchmark
 * would need.
 */
#include "cli/bench_ceiling.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/bench_habit.h"
#include "demo/region_random.h"
#include "model/category.h"
#include "model/event.h"
#include "model/resource.h"

#define STRANGERS_A_SESSION 4
#define EXIT_PASSED 0
#define EXIT_ASKED 1

struct drive {
    const struct bench_habits *habits;
    const struct bench_habit *habit;
    enum bench_place place;
    struct bench_way way;
    int64_t from_us; /* the day; or the hour, where `hour` */
    bool hour;
    uint64_t session;
    int64_t now_us;
    bool asked;
    enum result result;
};

static void
feed(struct drive *d, const struct row *row)
{
    struct alert alert;

    if (d->result == OK)
        d->result = detect_row(d->habits->detect, row, 0, NULL, &alert);
    if (d->result == OK && alert.verdict >= VERDICT_STEP_UP)
        d->asked = true;
}

static void
show(struct drive *d, const char *type, unsigned interaction, uint64_t person)
{
    uint16_t resource = resource_number(text_of(type));
    struct row row = {.time_received_us = d->now_us,
                      .time_source_us = d->now_us,
                      .session = d->session,
                      .professional = d->habit->sighting.professional,
                      .person = person,
                      .request = chance_mix((uint64_t)d->now_us, person) | 1,
                      .categories = resource_categories(resource),
                      .grade = GRADE_DECLARED,
                      .kind = ROW_DISCLOSURE,
                      .flags = interaction == INTERACTION_READ ? 0 : ROW_WRITE,
                      .detail = ROW_DETAIL(resource, interaction, SIDE_SERVER)};

    feed(d, &row);
}

static void
arrive(struct drive *d, uint32_t nth)
{
    struct row row = d->habit->sighting;

    d->session = chance_mix(0x70617469656e74, nth) | 1;
    row.session = d->session;
    row.time_received_us = row.time_source_us = d->now_us;
    if (d->place == BENCH_UNKNOWN) {
        row.person = chance_mix(row.professional, 0x61646472) | 1;
        row.request = chance_mix(row.professional, 0x646576) | 1;
        row.detail =
            (uint32_t)(chance_mix(row.professional, 0x6e6574) >> 33) | 1;
    }
    feed(d, &row);
}

/* Where in the thief's time the nth of `count` strangers comes: evenly, a
 * little off each time, as people are. */
static int64_t
moment(const struct drive *d, uint32_t nth, uint32_t count)
{
    int64_t span_us = TIME_DAY_US, at_us;
    uint64_t off = chance_mix(nth, 0x6f6666) >> 40; /* of 2^24 */

    if (d->hour)
        span_us = TIME_HOUR_US - TIME_MINUTE_US;
    else if (d->way.own_hours)
        span_us = d->habit->hour_count * TIME_HOUR_US;
    at_us = (int64_t)(((double)nth + (double)off / (1 << 24)) *
                      (double)span_us / (double)count);
    if (!d->hour && d->way.own_hours)
        at_us = d->habit->hours[at_us / TIME_HOUR_US] * TIME_HOUR_US +
                at_us % TIME_HOUR_US;
    return d->from_us + at_us;
}

static bool
is_asked(struct drive *d, uint32_t count)
{
    int64_t before_us = 0;

    for (uint32_t i = 0; i < count && !d->asked && d->result == OK; i++) {
        const struct bench_habit *h = d->habit;

        d->now_us = moment(d, i, count);
        if (i == 0 || (!d->way.one_session && i % STRANGERS_A_SESSION == 0))
            arrive(d, i);
        else if (d->now_us - before_us >= SESSION_IDLE_MINUTES * TIME_MINUTE_US)
            arrive(d, d->way.one_session
                          ? 0
                          : i / STRANGERS_A_SESSION * STRANGERS_A_SESSION);
        before_us = d->now_us;
        if (d->way.cover == COVER_KNOWN && h->person_count > 0)
            show(d, "Patient", INTERACTION_READ,
                 h->persons[i % h->person_count]);
        show(d, "Patient", INTERACTION_READ,
             chance_mix(0x737472616e676572, i) | 1);
        if (d->way.cover == COVER_NONE)
            continue;
        show(d, "Observation", INTERACTION_READ,
             chance_mix(0x737472616e676572, i) | 1);
        show(d, "Observation", INTERACTION_CREATE,
             chance_mix(0x737472616e676572, i) | 1);
    }
    return d->asked;
}

/* *ret_asked: whether so many strangers raise a step_up. */
static enum result
try_count(const struct drive *drive, uint32_t count, bool *ret_asked)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        return E_IO;
    if (child == 0) {
        struct drive d = *drive;
        bool asked = is_asked(&d, count);

        _exit(d.result != OK ? EXIT_ASKED + 1
                             : (asked ? EXIT_ASKED : EXIT_PASSED));
    }
    while (waitpid(child, &status, 0) < 0)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) > EXIT_ASKED)
        return E_NOMEM;
    *ret_asked = WEXITSTATUS(status) == EXIT_ASKED;
    return OK;
}

/* Raises *reach where this way goes further than those before it. */
static enum result
try_way(const struct drive *drive, uint32_t *reach)
{
    uint32_t passed = *reach, asked = passed + 1;
    bool stopped = false;
    enum result result = OK;

    if (passed >= BENCH_CEILING_MOST)
        return OK;
    result = try_count(drive, asked, &stopped);
    while (result == OK && !stopped && asked < BENCH_CEILING_MOST) {
        passed = asked;
        asked =
            2 * passed < BENCH_CEILING_MOST ? 2 * passed : BENCH_CEILING_MOST;
        result = try_count(drive, asked, &stopped);
    }
    if (result == OK && !stopped)
        passed = asked;
    while (result == OK && passed + 1 < asked && stopped) {
        uint32_t middle = passed + (asked - passed) / 2;
        bool here = false;

        result = try_count(drive, middle, &here);
        if (here)
            asked = middle;
        else
            passed = middle;
    }
    if (result == OK)
        *reach = passed;
    return result;
}

struct bench_way
bench_way(unsigned number)
{
    return (struct bench_way){.cover = (uint8_t)(number / 2),
                              .own_hours = true,
                              .one_session = number % 2 == 0};
}

/* Where it pays most first: a way that goes no further costs one trial. */
static enum result
try_place(struct drive *drive, struct bench_patient *patient)
{
    const struct bench_habit *habit = drive->habit;
    int64_t hour = habit->hours[habit->hour_count / 2];
    enum result result = OK;

    for (unsigned i = BENCH_WAYS; i-- > 0 && result == OK;) {
        uint32_t *day = &patient->day[drive->place][i];

        drive->way = bench_way(i);
        drive->hour = false;
        drive->from_us = drive->habits->day_us;
        result = try_way(drive, day);
        drive->way.own_hours = false;
        if (result == OK)
            result = try_way(drive, day);
        drive->hour = true;
        drive->from_us += hour * TIME_HOUR_US;
        if (result == OK)
            result = try_way(drive, &patient->hour[drive->place]);
    }
    return result;
}

static enum result
try_account(const struct bench_habits *habits, const struct bench_habit *habit,
            struct bench_patient *patient)
{
    struct drive drive = {.habits = habits, .habit = habit};
    enum result result = OK;

    patient->professional = habit->professional;
    patient->kind = habit->kind;
    for (unsigned p = 0; p < BENCH_PLACES && result == OK; p++) {
        drive.place = (enum bench_place)p;
        result = try_place(&drive, patient);
    }
    return result;
}

void
bench_ceiling_free(struct bench_ceiling *ceiling)
{
    free(ceiling->accounts);
    *ceiling = (struct bench_ceiling){0};
}

enum result
bench_ceiling(const struct bench_options *options, unsigned days,
              struct bench_ceiling *ret_ceiling)
{
    struct bench_habits habits = {0};
    struct bench_patient *accounts = NULL;
    enum result result = bench_habits_make(options, days, &habits);

    if (result == OK) {
        accounts = calloc(habits.count + 1, sizeof(*accounts));
        result = accounts == NULL ? E_NOMEM : OK;
    }
    for (size_t i = 0; i < habits.count && result == OK; i++)
        result = try_account(&habits, &habits.items[i], &accounts[i]);
    if (result == OK)
        *ret_ceiling =
            (struct bench_ceiling){.professionals = habits.professionals,
                                   .days = days,
                                   .accounts = accounts,
                                   .count = habits.count};
    else
        free(accounts);
    bench_habits_free(&habits);
    return result;
}
