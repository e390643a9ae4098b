/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files that weigh signs share (score*.c). Private to detect/. */
#ifndef VIGIE_DETECT_SCORING_H
#define VIGIE_DETECT_SCORING_H

#include "detect/state.h"

/* The more signs hang together, the less their sum may be believed. */
#define SIGN_WEIGHT_MAX 500

struct scoring {
    const struct detect *detect;
    const struct account *account;
    const struct session_state *session;
    const struct facts *facts; /* never NULL */
    struct judgement *out;
    bool habit;
    bool ledger_warm; /* old enough for a habit, if not of this account */
    bool over_pace, over_calm, over_row, over_cold_row;
    bool campaign_said;
    uint32_t persons, fresh;           /* of the whole session */
    uint32_t hour_persons, hour_fresh; /* of it, at most */
    uint32_t day_persons, day_fresh;
};

/* Not where the operator turned the sign off. */
void scoring_add(struct scoring *s, enum sign_code code, int32_t weight,
                 uint32_t observed, uint32_t usual, uint32_t window);
void scoring_raise(struct scoring *s, enum verdict verdict, enum decision by);
bool scoring_is_on(const struct scoring *s, enum sign_code code);

static inline int32_t
scoring_between(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* sign_since.c: what the sign was compared with, and since when that is
 * known. */
void sign_since(const struct scoring *s, struct sign *sign);

/* How far x lies beyond m for counts that vary three times as much as
 * Poisson's: the bound on the tail, in centinats. */
int32_t scoring_beyond(uint32_t x, double m);

/* enumerate.c */
void enumerate_judge(struct scoring *s);
/* Of the session's longest run in an order; 0: none. */
int32_t enumerate_weight(const struct scoring *s);

/* score_strangers.c */
void score_strangers(struct scoring *s);
/* Lists of strangers: more of them than were asked for one by one. */
bool scoring_shows_lists(const struct scoring *s);
/* Neither the account's own place nor one that says nothing. */
bool scoring_is_elsewhere(const struct scoring *s);
/* The own place; or the trail names no place at all, and accuses nobody. */
bool scoring_is_home(const struct scoring *s);
/* Without a habit, known for so many days. */
uint32_t scoring_cold_window(const struct scoring *s);

/* The hour of UTC, days active around it and at the account's
 * busiest one; the weight is 0 where nothing is to be said. */
struct hour_habit {
    int32_t weight;
    uint32_t hour, near, busiest;
};
struct hour_habit score_hour(const struct scoring *s);

/* score_facts.c: what the operator told us */
void score_facts(struct scoring *s);
/* An announced campaign excuses what is over the pace, or beyond peers: not
 * in an unknown place, and no ceiling. Says so once where it is asked. */
bool score_facts_excuse_pace(struct scoring *s);
/* Weights of the place: where several hands use an account they say half as
 * much, and the exit of an own site is no new network. */
int32_t score_facts_device_weight(const struct scoring *s);
int32_t score_facts_network_weight(const struct scoring *s);

#endif
