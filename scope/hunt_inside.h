/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The stages of one hunt and what they hand on: hunt_run.c (start, decisions),
 * hunt_scan.c (the log read once), hunt_lines.c (what is found, counted).
 */
#ifndef VIGIE_SCOPE_HUNT_INSIDE_H
#define VIGIE_SCOPE_HUNT_INSIDE_H

#include "scope/hunt_run.h"

/* Different steps of the start that are looked for elsewhere. */
#define HUNT_STEPS_MAX 4

/* A session met in the log that shares a context with the start. */
struct hunt_share {
    uint32_t candidate; /* place in candidates */
    uint32_t context;   /* place in hunt->contexts */
};

/* The steps of a session that is active at the time of the start. */
struct hunt_pulse {
    int64_t last_us;
    uint64_t professional;
    uint32_t steps;
    uint32_t near[HUNT_STEPS_MAX];
};

struct hunt_run {
    struct ledger *ledger;
    struct lookup *lookup;
    const struct walk_query *start;
    const struct id_list *devices;
    struct hunt *hunt;

    struct id_list start_sessions;
    int64_t start_first_us, start_last_us;
    struct id_map contexts; /* (id, device?) → place in hunt->contexts */
    struct id_map context_sessions, context_accounts;
    uint64_t steps[HUNT_STEPS_MAX];
    size_t step_count;
    int64_t *times; /* of the session being walked */
    size_t time_count, time_room;
    uint64_t time_session;

    struct id_list candidates; /* sessions */
    uint64_t *candidate_accounts;
    size_t candidate_room;
    struct hunt_share *shares;
    size_t share_count, share_room;
    struct id_list all_accounts;
    struct id_list pulse_sessions;
    struct hunt_pulse *pulses;
    size_t pulse_room;
};

/* Reads the log once: candidates, shares, accounts, pulses. */
enum result hunt_scan(struct hunt_run *run) MUST_USE;
/* Walks hunt->sessions (reasons and strengths set): spans, persons, lines,
 * then accounts; sorts. */
enum result hunt_count(struct hunt_run *run) MUST_USE;

#endif
