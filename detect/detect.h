/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From rows to verdicts, online: one pass, memory bounded per account and
 * per known (account, person) pair. The row stream is the only input, so that
 * the state can be rebuilt from the ledger and gives the same verdicts. No
 * I/O, no clock, no names: ids in, signs out. See docs/detection.md.
 */
#ifndef VIGIE_DETECT_DETECT_H
#define VIGIE_DETECT_DETECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"
#include "model/facts.h"
#include "model/row.h"
#include "model/verdict.h"

struct detect;

/* Every number can be set by the operator; detect_options_default() gives
 * the documented values. Ceilings no habit can raise. */
struct detect_options {
    uint32_t warm_up_days;         /* history before "habitude" is said */
    uint32_t unfamiliar_new_max;   /* new persons in an unfamiliar context
                                      (device and network together) */
    uint32_t cold_row_max; /* strangers in a row, sans habitude */
    uint32_t ceiling_new_per_hour; /* accounts sans habitude */
    uint32_t ceiling_new_per_day;
    uint32_t ceiling_persons_per_hour; /* every account */
    uint32_t ceiling_persons_per_day;
    double pace_z; /* deviations over the account's own largest day or hour */
    uint32_t signs_off; /* bit 1 << enum sign_code: not looked at */
    double watch_score; /* natural log of the likelihood ratio */
    double step_up_score;
};
void detect_options_default(struct detect_options *ret_options);
/* One of them by its name: "unfamiliar-new-max" "30", "pace-z" "2.5"; a
 * sign's name (sign_name) "on" or "off"; "sign-off" with names or numbers of
 * signs, "regular-step,7". E_NOTFOUND for another name, E_FORMAT or E_LIMIT
 * for a senseless value; *options is then as it was. */
enum result detect_options_set(struct detect_options *options, struct text name,
                               struct text value) MUST_USE;
/* What differs from the documented values, as detect_options_set() takes it:
 * "pace-z=2.50 sign-off=device-new,regular-step"; nothing where nothing does.
 * Kept with the alerts, so that who audits knows with what they were made. */
enum result detect_options_text(const struct detect_options *options,
                                struct buffer *out) MUST_USE;

enum result detect_new(const struct detect_options *options,
                       struct detect **ret_detect) MUST_USE;
void detect_free(struct detect *detect);

/* A little before a row of that account (or session, where it has none) and
 * person: what of it lies in large tables is fetched meanwhile. */
void detect_expect(const struct detect *detect, uint64_t who, uint64_t person);

/* Judges one row, in event time (rows of an import come sorted). Rows that
 * are not of an access, sighting, login, logout, refusal are passed over.
 * ret_alert->verdict is VERDICT_ALLOW where nothing new is to be said; at
 * most one alert a session and verdict. `session_alias` 0: take the row's
 * session. `facts` NULL: nobody told anything. E_NOMEM only. */
enum result detect_row(struct detect *detect, const struct row *row,
                       uint64_t session_alias, const struct facts *facts,
                       struct alert *ret_alert) MUST_USE;

/* The accounts to look at first, worst first, with the signs of their worst
 * moment. Returns how many were written. */
struct suspect {
    uint64_t professional; /* 0 where only the session is known */
    uint64_t session;      /* the session of the worst moment */
    int64_t time_us;
    int32_t score_centinats;
    enum verdict verdict;
    uint32_t persons, new_persons; /* in that session so far */
    uint32_t sign_count;
    struct sign signs[ALERT_SIGNS_MAX];
};
size_t detect_suspects(const struct detect *detect, struct suspect *ret,
                       size_t room);

struct detect_statistics {
    uint64_t accounts, pairs, sessions, bytes; /* anonymous memory held */
    uint64_t professional_days;
};
void detect_statistics(const struct detect *detect,
                       struct detect_statistics *ret_statistics);

/* sign.window of SIGN_PACE_*: all persons, not only new ones; of
 * SIGN_CEILING: an account sans habitude, whose known days stand in bits
 * 16 … 23. The minutes stand below. */
#define SIGN_WINDOW_ALL_PERSONS (1u << 24)
#define SIGN_WINDOW_COLD (1u << 25)
#define SIGN_WINDOW_ROLE (1u << 26)  /* SIGN_PEERS: of the role */
#define SIGN_WINDOW_PLACE (1u << 27) /* of the place; neither: everybody */
#define SIGN_WINDOW_ODD_WAY (1u << 28) /* SIGN_STRANGERS: at another hour,
                                          or searched for in an order */
#define SIGN_WINDOW_MINUTES(window) ((window)&0xffffu)
#define SIGN_WINDOW_DAYS(window) ((window) >> 16 & 0xffu)

/* sign.observed of SIGN_ADDRESS_KIND */
#define SIGN_ADDRESS_HOSTING 1u
#define SIGN_ADDRESS_VPN 2u
#define SIGN_ADDRESS_ABROAD 4u

/* A sign in words, in the language of base/say.h ("92 personnes jamais vues
 * en 40 min ; habitude : 6 au plus"), hours in its local zone: `time_us` is
 * the alert's. */
enum result sign_text(const struct sign *sign, int64_t time_us,
                      struct buffer *out) MUST_USE;
/* Its stable code for JSON ("new-persons-unfamiliar-context"). */
const char *sign_name(uint16_t code);

#endif
