/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How many persons a thief saw before somebody stopped him. Lays the
 * region's truth beside alerts; knows no detector and no rule.
 *
 * Persons lost: distinct persons in the thief's sessions up to and including
 * the alerting event. A search is one event: what it showed in the same
 * instant as the hit that raised the alert has left too. A thief is all the
 * sessions of one stolen account; one with several accounts (a ring) is that
 * many thieves, and can be taken as a whole beside.
 */
#ifndef VIGIE_CLI_BENCH_LOSS_H
#define VIGIE_CLI_BENCH_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/bench_pairs.h"
#include "cli/bench_rule.h"
#include "demo/region.h"

/* Who raises alerts: vigie, then the plain rules. */
#define BENCH_WATCHERS (1 + BENCH_RULES)
#define BENCH_VIGIE 0
#define BENCH_NEVER INT64_MAX

/* When a theft (one session) was first stopped, by whom, or only watched. */
struct bench_stop {
    uint32_t account; /* professional whose account it is */
    int64_t stop_us[BENCH_WATCHERS];
    int64_t watch_us;
    uint32_t signs; /* bit 1 << code: those of vigie's step_up */
};

/* The thefts that are known so far, by session as alerts name it. {0} is
 * empty. */
struct bench_thefts {
    struct bench_pairs sessions; /* value: number of the theft */
    struct bench_stop *stops;    /* by number of the theft */
    size_t count;
};

void bench_thefts_free(struct bench_thefts *thefts);
/* The next theft, whose session alerts call `session` (not 0). E_NOMEM. */
enum result bench_thefts_add(struct bench_thefts *thefts, uint64_t session,
                             uint32_t account) MUST_USE;
/* The stop of the theft that an alert on `session` at `time_us` names: one
 * that has begun by then. NULL: it names a holder's session, before or
 * beside a theft. Borrowed until the next add. */
struct bench_stop *bench_thefts_named(const struct bench_thefts *thefts,
                                      const struct region_theft *truth,
                                      uint64_t session, int64_t time_us);

struct bench_loss {
    uint64_t seed;
    uint32_t number, account, accounts;
    enum region_thief kind;
    int64_t first_us, stop_us; /* of vigie */
    uint32_t persons;          /* had nobody stopped him */
    uint32_t lost[BENCH_WATCHERS];
    bool stopped[BENCH_WATCHERS];
    bool watched;
    uint32_t signs;
};
/* One loss an account, or with `whole` one a thief (stopped when all its
 * accounts are). The caller frees *ret_losses. E_NOMEM. */
enum result bench_losses(const struct bench_thefts *thefts,
                         const struct region_theft *truth, bool whole,
                         struct bench_loss **ret_losses,
                         size_t *ret_count) MUST_USE;

#endif
