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
    bool over_pace, over_calm, over_row;
    bool campaign_said;
    uint32_t persons, fresh;           /* of the whole session */
    uint32_t hour_persons, hour_fresh; /* of it, at most */
    uint32_t day_persons, day_fresh;
};

/* Not where the operator turned the sign off. */
void scoring_add(struct scoring *s, enum sign_code code, int32_t weight,
                 uint32_t observed, uint32_t usual, uint32_t window);
void scoring_raise(struct scoring *s, enum verdict verdict,
                   enum decision by);
bool scoring_is_on(const struct scoring *s, enum sign_code code);

static inline int32_t
scoring_between(int32_t value, int32_t least, int32_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* sign_since.c: what the sign was compared with, and since when that is
 * known. */
void sign_since(const struct scoring *s, struct sign *sign);

/* enumerate.c */
void enumerate_judge(struct scoring *s);

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
