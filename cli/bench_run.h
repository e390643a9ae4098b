/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Simulated regions through the detector and through the plain rules, in one
 * pass: region → rows → detect_row, the truth laid beside. What a detector
 * is told here is what core tells it, and nothing of the truth.
 */
#ifndef VIGIE_CLI_BENCH_RUN_H
#define VIGIE_CLI_BENCH_RUN_H

#include "cli/bench_loss.h"
#include "detect/detect.h"

/* Kept for measuring: nothing is tuned on 30001 and what follows. */
#define BENCH_FIRST_SEED 30001
/* Regions without thieves have seeds that much higher. */
#define BENCH_CALM_SEED 100
#define BENCH_SEEDS_MAX 100

struct bench_options {
    uint64_t first_seed;
    unsigned seeds, professionals, days;
    unsigned warm_up;   /* days that the measure leaves out */
    unsigned theft_day; /* 0: as the region has it */
    size_t thief_count;
    enum region_thief thieves[REGION_THIEVES_MAX];
    bool campaigns; /* announced ones are told to the detector */
    struct detect_options detect;
};

/* One alert on a session that no thief used. */
struct bench_false {
    uint64_t seed;
    int64_t time_us;
    uint32_t professional;
    enum region_kind kind;
    enum verdict verdict;
    int32_t score;
    uint32_t signs; /* bit 1 << code */
    bool warm;      /* after the warm-up */
    bool calm;      /* in a region without thieves */
    bool beside;    /* on an account with a theft, once it had begun */
};

/* Counted on regions without thieves; [0] in the warm-up, [1] after it. */
struct bench_calm {
    uint64_t days[2]; /* professional-days */
    uint64_t step_ups[2], watches[2];
    uint64_t rule_days[2][BENCH_RULES]; /* with a false alert at least */
    uint64_t kind_days[KIND_COUNT], kind_step_ups[KIND_COUNT],
        kind_watches[KIND_COUNT]; /* after the warm-up */
};

struct bench_cost {
    uint64_t events, rows, accounts, pairs, bytes;
    double seconds; /* of the processor, in detect_row alone */
};

/* {0} at the start; bench_totals_free() at the end. */
struct bench_totals {
    struct bench_loss *losses; /* an account each */
    size_t loss_count;
    struct bench_loss *wholes; /* a thief each, of several accounts only */
    size_t whole_count;
    struct bench_false *falses;
    size_t false_count;
    struct bench_calm calm;
    uint64_t theft_days, theft_step_ups; /* of holders beside thieves */
    struct bench_cost cost;
};

void bench_totals_free(struct bench_totals *totals);
/* One region of that seed; `calm`: without the thieves. */
enum result bench_region(const struct bench_options *options, uint64_t seed,
                         bool calm, struct bench_totals *totals) MUST_USE;

#endif
