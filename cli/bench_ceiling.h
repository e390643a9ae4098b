/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The mimicry ceiling: how many strangers a perfectly patient thief can open
 * in one day without any step_up, found by trying on the detector itself.
 * Accounts have the habit of a long region; the thief knows the detector,
 * works on a day on which the holder is away, and takes what these ways allow:
 * over all hours or the account's own; one session or a new one every few
 * persons; strangers alone, with care read and written, or each behind a
 * person whom the holder follows.
 */
#ifndef VIGIE_CLI_BENCH_CEILING_H
#define VIGIE_CLI_BENCH_CEILING_H

#include "cli/bench_run.h"

/* As many without a step_up: nothing stands in the way. */
#define BENCH_CEILING_MOST 10000u
#define BENCH_CEILING_THIEVES 10

enum bench_place {
    BENCH_KNOWN = 0,   /* the account's usual machine and network */
    BENCH_UNKNOWN = 1, /* ones that nobody had used */
    BENCH_PLACES = 2,
};

enum bench_cover {
    COVER_NONE = 0,  /* identity of strangers, nothing else */
    COVER_CARE = 1,  /* care of each read and written */
    COVER_KNOWN = 2, /* that, and a person of the holder's before each */
    COVERS = 3,
};

struct bench_way {
    uint8_t cover;    /* enum bench_cover */
    bool own_hours;   /* else around the clock */
    bool one_session; /* else a new one for every four strangers */
};

/* Ways whose hours do not matter: the better of both counts. */
#define BENCH_WAYS (2 * COVERS)
struct bench_way bench_way(unsigned number);

struct bench_patient {
    uint32_t professional;
    enum region_kind kind;
    uint32_t day[BENCH_PLACES][BENCH_WAYS];
    uint32_t hour[BENCH_PLACES]; /* in the best of the ways */
};

struct bench_ceiling {
    unsigned professionals, days; /* of the region that made the habit */
    struct bench_patient *accounts;
    size_t count;
};

void bench_ceiling_free(struct bench_ceiling *ceiling); /* leaves {0} */
/* Some accounts of every kind of holder. */
enum result bench_ceiling(const struct bench_options *options, unsigned days,
                          struct bench_ceiling *ret_ceiling) MUST_USE;

#endif
