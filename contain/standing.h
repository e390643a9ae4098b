/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The verdicts that stand on sessions and professionals: since when, by whom,
 * for which alert, and which new persons were let through meanwhile. Bounded.
 * Knows no name and no clock.
 */
#ifndef VIGIE_CONTAIN_STANDING_H
#define VIGIE_CONTAIN_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "model/standing_order.h"
#include "model/verdict.h"

/* New persons that are remembered for one verdict; a further one takes the
 * place of the oldest, which then counts as new again. */
#define STANDING_ADMITTED_MAX 32

struct standing {
    enum order_target target;
    uint64_t id;
    enum verdict verdict;
    int64_t since_us;
    enum order_by by;
    uint32_t operator_uid;   /* by an operator */
    uint64_t alert;          /* 0: none */
    uint64_t order;          /* names the reason; 0: none */
    uint32_t admitted_count; /* ever */
    int64_t admitted_us;     /* the last one; only where there is one */
    uint64_t admitted[STANDING_ADMITTED_MAX];
};

struct standings;

enum result standings_new(size_t most, struct standings **ret) MUST_USE;
void standings_free(struct standings *standings);
/* NULL: nothing stands. Holds until the next change. */
const struct standing *standings_find(const struct standings *standings,
                                      enum order_target target, uint64_t id);
/* Takes the place of what stood on the same target; VERDICT_ALLOW lifts it.
 * E_LIMIT where the table is full of what may not be dropped: an operator's
 * verdicts and cuts never are; the oldest automatic one makes room. */
enum result standings_set(struct standings *standings,
                          const struct standing *standing) MUST_USE;
/* A new person was shown to the target under its verdict. */
void standings_admit(struct standings *standings, enum order_target target,
                     uint64_t id, uint64_t person, int64_t time_us);
/* The clock went back to then: nothing stands since later. */
void standings_clock(struct standings *standings, int64_t time_us);
bool standing_has_admitted(const struct standing *standing, uint64_t person);
/* All of them, in no order: index 0 … count - 1. */
size_t standings_count(const struct standings *standings);
const struct standing *standings_at(const struct standings *standings,
                                    size_t index);

#endif
