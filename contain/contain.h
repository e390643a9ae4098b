/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What may still be shown to whom. Rows teach it (contain_row), so that the
 * ledger alone brings it back; what is about to be shown is decided on from
 * them and the time given (contain_decide), without a side effect. No I/O, no
 * clock, no names. docs/run.md says the rules for people.
 */
#ifndef VIGIE_CONTAIN_CONTAIN_H
#define VIGIE_CONTAIN_CONTAIN_H

#include <stdbool.h>

#include "contain/budget.h"
#include "contain/known.h"
#include "contain/share.h"
#include "contain/standing.h"
#include "model/standing_order.h"

struct contain_options {
    struct ceiling ceilings[BUDGET_COUNT]; /* new persons, by budget_of */
    uint32_t new_every_s;    /* under step_up: one new person each … */
    uint32_t stop_percent;   /* of the active professionals, in 10 min */
    uint32_t stop_least;     /* so many may always be stopped */
    uint32_t glass_per_hour; /* break-glass, per professional */
    /* automation cuts a session after so many refused asks under a step-up,
     * or so many minutes of going on; 0: never */
    uint32_t cut_refusals, cut_minutes;
    size_t pairs_max, standings_max, keys_max;
};
void contain_options_default(struct contain_options *ret_options);

struct contain;

enum result contain_new(const struct contain_options *options,
                        struct contain **ret_contain) MUST_USE;
void contain_free(struct contain *contain);
/* From now on; the sizes stay as they were. */
void contain_options_set(struct contain *contain,
                         const struct contain_options *options);

/* Takes in a row as it stands in the ledger: disclosures that were let out,
 * orders. Others are passed over. E_NOMEM. */
enum result contain_row(struct contain *contain,
                        const struct row *row) MUST_USE;
/* A professional, or a session that has none, whose persons are known. */
uint64_t contain_who(uint64_t professional, uint64_t session);
/* A little before contain_first, or a row: fetches what it will look at. */
void contain_expect(const struct contain *contain, uint64_t who,
                    uint64_t person);
/* When they first saw the person; false: never. */
bool contain_first(const struct contain *contain, uint64_t who, uint64_t person,
                   int64_t *ret_first_us);
/* Known by what a trail told lately alone: maybe of what is being asked. */
bool contain_told(const struct contain *contain, uint64_t who, uint64_t person,
                  int64_t now_us);

struct shown_person {
    uint64_t person; /* 0: nobody ever saw them */
    bool identified; /* the answer names them */
    bool known;      /* first_us holds: contain_first, under any of their ids */
    bool told;       /* contain_told */
    int64_t first_us;
};

enum showing_flag {
    SHOWING_LIST = 1 << 0,       /* hits of a search */
    SHOWING_EXPORT = 1 << 1,     /* $everything, bulk */
    SHOWING_UNREADABLE = 1 << 2, /* not all persons are known */
    SHOWING_WRITTEN = 1 << 3,    /* the answer to a write: always released */
    SHOWING_GLASS = 1 << 4,      /* break-glass */
};

struct showing { /* what is about to be shown */
    uint64_t professional, session;
    uint16_t service;
    uint32_t flags;
    int64_t now_us, authenticated_us; /* 0: not told */
    uint32_t worst_case;              /* persons, for the unreadable */
    struct ceiling role; /* of the professional, in the place of the general
                            one; 0: as that */
    const struct shown_person *persons; /* each once */
    size_t person_count;
};

enum contain_answer {
    CONTAIN_RELEASE,
    CONTAIN_STEP_UP,
    CONTAIN_CUT,
    CONTAIN_REFUSE
};

/* Why it was not released; for counting and for tests. */
enum contain_cause {
    CAUSE_NONE,
    CAUSE_CUT,
    CAUSE_LIST,
    CAUSE_EXPORT,
    CAUSE_UNREADABLE,
    CAUSE_UNNAMED,
    CAUSE_SEVERAL_NEW,
    CAUSE_NEW_TOO_SOON,
    CAUSE_BUDGET,
    CAUSE_GLASS,
};

struct contain_decision {
    enum contain_answer answer;
    enum contain_cause cause;
    enum budget_of budget; /* CAUSE_BUDGET */
    int64_t since_us;      /* a newer authentication lifts the step_up */
    uint64_t alert;        /* 0: none */
};

void contain_decide(const struct contain *contain,
                    const struct showing *showing,
                    struct contain_decision *ret_decision);

/* What automation makes of an alert at a site (0: unknown): true where an
 * order comes of it. *ret_stop: too many were stopped; *ret_order is then the
 * posture that ends automation, and nobody is narrowed. */
bool contain_alert(const struct contain *contain, const struct alert *alert,
                   uint16_t site, int64_t now_us, struct order *ret_order,
                   bool *ret_stop);
/* Whether automation cuts a session that was just answered: a step-up stands
 * on it, unlifted by an authentication, and it goes on asking for new persons.
 * `stop` as above. Never where an operator's order stands, or said that it
 * goes on. CUT_NOT: nothing is written. */
enum contain_cut_cause {
    CUT_NOT,
    CUT_REFUSED,    /* refused too often */
    CUT_UNANSWERED, /* for too long */
};
struct contain_cut {
    struct order order;
    uint32_t refused, persons;
    int64_t since_us;
    bool stop;
};
enum contain_cut_cause contain_cut(const struct contain *contain,
                                   const struct showing *showing, uint16_t site,
                                   struct contain_cut *ret_cut);
/* Somebody is at work (also without any alert). */
void contain_active(struct contain *contain, uint16_t site,
                    uint64_t professional, int64_t now_us);
void contain_stopped(struct contain *contain, uint16_t site,
                     uint64_t professional, int64_t now_us);

/* The worse of what stands on the session and on the professional. A step_up
 * that the authentication is newer than does not stand. */
enum verdict contain_verdict(const struct contain *contain,
                             uint64_t professional, uint64_t session,
                             int64_t authenticated_us);
const struct standings *contain_standings(const struct contain *contain);
enum posture contain_posture(const struct contain *contain,
                             int64_t *ret_since_us);
bool contain_automation_stopped(const struct contain *contain);

#endif
