/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the detector remembers, and for how many bytes. An account with its
 * session costs under 300 bytes with its places in the tables: 168 here, 88
 * the session, the rest in detect/slots.h. Private to detect/.
 *
 * Times are minutes since 1970 and days of UTC, from the event's own time:
 * there is no clock here.
 */
#ifndef VIGIE_DETECT_STATE_H
#define VIGIE_DETECT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detect.h"
#include "detect/pool.h"
#include "detect/slots.h"

#define MINUTES_A_DAY 1440u
#define SPAN_MINUTES 10u /* what a pair remembers of its last time */
#define SPANS_AN_HOUR 6u
#define SPANS_A_DAY (MINUTES_A_DAY / SPAN_MINUTES)
#define SPAN_BITS 17u /* 910 days before spans come round */
#define SPAN_MASK ((1u << SPAN_BITS) - 1)
#define PAIR_ODD (1u << SPAN_BITS) /* seen from unfamiliar places only */
#define PAIR_BITS (SPAN_BITS + 1)

/* Centinats from which a new device, or network, is a surprise. */
#define ALONE_WEIGHT 100

#define THINGS 4 /* devices, and networks, remembered of an account */

/* A device or a network of one account: 30 bits of its id. */
#define THING_PRINT_MASK 0x3fffffffu
struct thing {
    uint16_t print_low;
    uint16_t print_high : 14;
    uint16_t standing : 2; /* enum standing */
    uint16_t last_day;
};

enum standing {
    STANDING_NONE = 0, /* slot free; or not known to the account */
    STANDING_ODD = 1,  /* seen, in quarantine */
    STANDING_ASKED = 2, /* in quarantine; a step_up was given there */
    STANDING_OWN = 3,   /* the account's: read persons it already knew */
};

static inline uint32_t
thing_print(const struct thing *thing)
{
    return (uint32_t)thing->print_high << 16 | thing->print_low;
}

/* One number a day, learnt: largest (eighths), mean and deviation
 * (sixteenths). */
struct measure {
    uint16_t largest8, mean16, deviation16;
};

enum measure_kind {
    DAY_PERSONS = 0,
    DAY_FRESH = 1,
    HOUR_PERSONS = 2, /* the fullest 60 minutes of the day */
    HOUR_FRESH = 3,
    DAY_RUN = 4, /* strangers one after another, without a known person */
    MEASURES = 5,
};

enum account_flag {
    ACCOUNT_NEW_DEVICE_TODAY = 1,
    ACCOUNT_NEW_NETWORK_TODAY = 2,
    ACCOUNT_ASKED_TODAY = 8, /* a step_up was given */
    ACCOUNT_OWNERLESS = 4, /* professional unknown: the id is a session's */
    ACCOUNT_TURNED = 16,   /* its first day has begun */
};

struct account {
    uint64_t id;
    uint32_t minute;      /* of its last access */
    uint8_t hours_today[3]; /* one bit an hour */
    uint8_t odd_known; /* as odd_fresh: followed before, or by the place */
    uint16_t first_day;
    uint16_t active_days;    /* complete ones */
    uint16_t today[MEASURES];
    uint16_t ring_persons[SPANS_AN_HOUR], ring_fresh[SPANS_AN_HOUR];
    struct measure habit[MEASURES];
    uint8_t hours[12]; /* four bits an hour: days active in it, aged */
    uint16_t changes_device, changes_network;
    uint16_t odd_fresh; /* persons first seen from unfamiliar places, aged */
    uint16_t idle_days; /* before the day being counted */
    /* of its largest session today, in fours, upwards */
    uint8_t lead_persons, lead_fresh;
    uint16_t refusal_minute; /* low bits; refusals end with the day */
    int16_t worst;      /* highest score so far; INT16_MIN: none */
    uint8_t share_fresh, share_identity, share_search; /* of 255 */
    uint8_t refusals;
    uint8_t flags;
    uint8_t role; /* of its peers, under PEER_ROLES; 0: unknown */
    uint32_t latest; /* its session of the last access, from 1; 0: over */
    struct thing devices[THINGS], networks[THINGS];
};

static inline uint32_t
account_day(const struct account *account)
{
    return account->minute / MINUTES_A_DAY;
}

enum place {
    PLACE_UNSURE = 0,  /* nothing that tells accounts apart was given */
    PLACE_OWN = 1,     /* device or network are the account's */
    PLACE_UNKNOWN = 2, /* neither is, and that is rare for this account */
};

/* enumerate.c: searches in a row */
struct enumeration {
    uint8_t size, page_size; /* of the last step; 255: at least */
    uint8_t run;             /* steps of names, dates or numbers going on */
    uint8_t pages;           /* steps of pages going on */
    uint8_t best;            /* steps of the run that weighed most */
    uint8_t kinds; /* of the run, directions, of the best: see there */
};

struct session_state {
    /* of session and professional; four bytes of padding less */
    uint64_t key __attribute__((packed, aligned(4)));
    uint32_t account;
    uint32_t here_minute; /* since when it is in this place */
    uint32_t last_ms;                   /* wraps */
    uint32_t last_minute;
    uint32_t newer, older;             /* by last access */
    uint32_t device, network, address; /* 32 bits of the ids; 0: none */
    float gap_mean_ms, gap_deviation_ms;
    uint16_t start_before; /* its start: minutes before here_minute */
    /* distinct persons since it came to the place */
    uint16_t persons, fresh, known, neighbours, odd;
    uint16_t persons_before, fresh_before;
    uint16_t reads, searches, writes, identity;
    int16_t device_weight, network_weight;
    uint8_t place : 2;
    uint8_t verdict : 2;  /* the highest one given */
    uint8_t run_here : 4; /* strangers in a row of the request being read */
    uint8_t together : 5; /* other accounts with odd persons in this place */
    /* which became the account's by what this session read */
    bool earned_device : 1, earned_network : 1;
    bool started : 1;     /* a place was set */
    struct enumeration enumeration;
    uint32_t network_before; /* of the place it came from; 0: none */
    uint16_t run;            /* strangers since the last known person */
    uint8_t gaps;
    uint8_t returns; /* to the network before: low four bits; with another
                        device too: high four */
};

#define PEER_BINS 64
/* Account-days by how many persons. Counts of persons, not of new persons: a
 * cold start teaches nothing false. */
struct peer_group {
    uint32_t days;
    uint16_t bins[2][PEER_BINS]; /* 0: a day, 1: the fullest hour */
};

/* Everybody, roles, and the places where many are at home. Places beyond the
 * table's room push out those that are seldom seen. */
#define PEER_ROLES 64
#define PEER_PLACES 256
struct peers {
    struct peer_group all;
    struct peer_group roles[PEER_ROLES];
    struct peer_group places[PEER_PLACES];
    uint32_t place_prints[PEER_PLACES]; /* of their networks; 0: free */
};

enum peer_kind { PEERS_ALL = 0, PEERS_PLACE = 1, PEERS_ROLE = 2 };

/* Accounts in unfamiliar places lately, oldest overwritten. */
#define ODD_PLACES 512
struct odd_place {
    uint32_t minute, account, home, device, address;
    uint16_t fresh;
};

/* How long refusals stay with an account. */
#define REFUSAL_MINUTES 120

/* Refused attempts lately, oldest overwritten. */
#define REFUSED_KEPT 256
struct refused {
    uint32_t second, account, address;
};

/* Today, over all accounts: a change that many share is not a sign. */
struct today {
    uint32_t day, active, new_device, new_network;
};

#define SUSPECTS_KEPT 40

struct detect {
    struct detect_options options;
    struct pool accounts, sessions;
    struct slots account_index, session_index; /* value: index in the pool */
    struct slots pairs;   /* account and network, with person; alerts given */
    struct slots popular; /* device or network: by how many accounts */
    uint32_t newest, oldest; /* sessions by last access */
    uint32_t live_sessions;
    uint32_t first_day; /* of the ledger */
    uint64_t session_count, account_count, pair_count, professional_days;
    struct peers peers;
    struct today today;
    struct odd_place odd_places[ODD_PLACES];
    uint32_t odd_next;
    struct refused refused[REFUSED_KEPT];
    uint32_t refused_next;
    struct suspect suspects[SUSPECTS_KEPT];
    uint32_t suspect_count;
};

/* account.c: finding, the turn of the day, the habit */
enum result account_find(struct detect *detect, uint64_t id, bool ownerless,
                         uint32_t minute, uint32_t *ret_index) MUST_USE;
void account_turn(struct detect *detect, struct account *account,
                  uint32_t minute);
/* False: sans habitude. */
bool account_has_habit(const struct detect *detect,
                       const struct account *account);
uint32_t account_known_days(const struct account *account);
uint32_t account_ring(const uint16_t ring[SPANS_AN_HOUR]);
/* The most it reached in a day of its habit. */
uint32_t account_largest(const struct account *account,
                         enum measure_kind kind);
/* What the account never reaches: largest + z deviations, with a floor. */
uint32_t account_limit(const struct detect *detect,
                       const struct account *account, enum measure_kind kind);
unsigned account_hour_count(const struct account *account, unsigned hour);
/* Print of the network where it was at home last; 0: none. */
uint32_t account_home(const struct account *account);

/* visit.c: sessions */
enum result visit_find(struct detect *detect, const struct row *row,
                       uint32_t account, uint32_t minute,
                       uint32_t *ret_index) MUST_USE;
void visit_end(struct detect *detect, uint32_t index);
void visit_touch(struct detect *detect, uint32_t index, uint32_t minute);

/* context.c: where from */
enum result context_set(struct detect *detect, struct account *account,
                        struct session_state *session, uint32_t device,
                        uint32_t network, uint32_t address,
                        uint32_t minute) MUST_USE;
enum result context_earn(struct detect *detect, struct account *account,
                         struct session_state *session) MUST_USE;
void context_odd(struct detect *detect, const struct account *account,
                 struct session_state *session, uint32_t minute);

/* Accounts at home on a network. */
uint32_t context_sharers(struct detect *detect, uint32_t network);
/* A step_up was given where the session is; was one before? */
void context_asked(struct account *account,
                   const struct session_state *session);
bool context_was_asked(const struct account *account,
                       const struct session_state *session);

/* peers.c */
void peers_learn(struct peers *peers, const struct account *account);
/* The nearest group that is known well enough: role, place, everybody.
 * NULL: none. */
const struct peer_group *peers_of(const struct peers *peers,
                                  const struct account *account,
                                  enum peer_kind *ret_kind);
/* Persons that 1 - 1/share of the group's account-days stay under; `which`
 * 0: a day, 1: an hour. */
uint32_t peers_limit(const struct peer_group *group, unsigned which,
                     uint32_t share);

/* score.c: signs and verdict of a session as it stands */
struct judgement {
    struct sign signs[ALERT_SIGNS_MAX];
    uint32_t sign_count;
    int32_t score;
    enum verdict verdict;
    uint16_t decided; /* enum decision */
};
void score_session(const struct detect *detect, const struct account *account,
                   const struct session_state *session,
                   const struct facts *facts, struct judgement *ret_judgement);
/* Natural logarithm × 100, the same on every machine. */
int32_t score_log(double ratio);

/* guess.c: *ret_judgement is of VERDICT_ALLOW where nothing is to be said */
enum result guess_note(struct detect *detect, uint32_t account,
                       uint32_t address, uint32_t second,
                       struct judgement *ret_judgement) MUST_USE;

/* enumerate.c */
void enumerate_note(struct enumeration *enumeration, uint32_t detail);

/* suspects.c */
void suspects_note(struct detect *detect, struct account *account,
                   const struct session_state *session, const struct row *row,
                   const struct judgement *judgement);

#endif
