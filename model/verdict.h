/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Verdicts and signs: what detection concludes, and why. Sign codes are
 * stored in rows: never renumber, only add.
 */
#ifndef VIGIE_MODEL_VERDICT_H
#define VIGIE_MODEL_VERDICT_H

#include <stdint.h>

#include "base/limits.h"

enum verdict {
    VERDICT_ALLOW = 0,
    VERDICT_WATCH = 1,
    VERDICT_STEP_UP = 2,
    VERDICT_CUT = 3,
};

/* "allow", "watch", "step_up", "cut": the words of the JSON contracts */
const char *verdict_name(enum verdict verdict);

enum sign_code {
    SIGN_NONE = 0,
    SIGN_NEW_PERSONS_UNFAMILIAR = 1, /* new persons, device and network both
                                        unfamiliar: the cap */
    SIGN_PACE_DAY = 2,      /* persons in a day against the account's own */
    SIGN_PACE_HOUR = 3,     /* persons in an hour against its own */
    SIGN_CEILING = 4,       /* fixed ceiling of an account sans habitude */
    SIGN_DEVICE_NEW = 5,
    SIGN_NETWORK_NEW = 6,
    SIGN_HOUR_UNUSUAL = 7,
    SIGN_NEW_SHARE = 8,     /* share of persons never seen before */
    SIGN_IDENTITY_ONLY = 9, /* identity read, no care data, no writing */
    SIGN_SEARCH_SHARE = 10, /* searches against reads */
    SIGN_REGULAR = 11,      /* a constant step between requests */
    SIGN_DORMANT = 12,      /* the account slept for long */
    SIGN_SHARED_CONTEXT = 13, /* one device or network, several accounts,
                                 persons new to them */
    SIGN_LOGIN_FAILURES = 14, /* refused logins just before */
    SIGN_KNOWN_PERSONS = 15,  /* for: persons the account already follows */
    SIGN_FAMILIAR_CONTEXT = 16, /* for: device and network of long standing */
    SIGN_WRITES = 17,           /* for: care is written, not only read */
    SIGN_CONCURRENT = 18,       /* two contexts of the account at once */
    SIGN_ENUMERATION = 19, /* searches that follow each other in an order */
    SIGN_LURE = 20,        /* a lure person was opened */
    SIGN_GONE = 21,        /* the holder has left, or is away for long */
    SIGN_OFF_DUTY = 22,    /* the roster has the holder off duty */
    SIGN_ON_DUTY = 23,     /* for: the roster has the holder on duty */
    SIGN_ADDRESS_KIND = 24, /* hosting, anonymising network, abroad */
    SIGN_OWN_SITE = 25,     /* for: the exit of one of the holder's sites */
    SIGN_CAMPAIGN = 26,     /* for: an announced campaign excuses the pace */
    SIGN_PEERS = 27,        /* beyond what peers of role or place do */
    SIGN_STRANGERS = 28,    /* persons never seen before, one after another */
    SIGN_BYPASS = 29, /* read in a service behind the door, and not through
                         it (core/bypass.h) */
    SIGN_LAST = SIGN_BYPASS, /* below 32: options keep a bit each */
};

/* What a sign was compared with. Stored in rows. */
enum sign_basis {
    BASIS_UNSAID = 0,  /* in a row written before this was kept */
    BASIS_RULE = 1,    /* one rule for everybody */
    BASIS_TOLD = 2,    /* what the operator declared */
    BASIS_ACCOUNT = 3, /* the account's own habit */
    BASIS_COLD = 4,    /* sans habitude: it is too young for one */
    BASIS_PEERS = 5,   /* what colleagues do */
    BASIS_LAST = BASIS_PEERS,
};

/* Activity beyond it is not told apart. */
#define SIGN_KNOWN_DAYS_MAX 8191u

/* One observed reason. Positive weights speak against the session, negative
 * ones for it. */
struct sign {
    uint16_t code;           /* enum sign_code */
    int16_t weight_centinats; /* natural log of the likelihood ratio × 100 */
    uint32_t observed;
    uint32_t usual;  /* what it was compared with */
    uint32_t window; /* minutes, or another extra number of this sign */
    uint16_t since_day; /* since when what it was compared with is known:
                           days since 1970, UTC; 0: not said */
    uint16_t known_days; /* with activity since then, of colleagues: summed
                            over them; at most SIGN_KNOWN_DAYS_MAX */
    uint8_t basis;       /* enum sign_basis */
};

/* What led to a verdict, a bit each. Stored in rows; 0: not said. */
enum decision {
    DECIDED_SCORE = 1 << 0,         /* the sum of the signs */
    DECIDED_UNKNOWN_PLACE = 1 << 1, /* the caps, which no score excuses */
    DECIDED_PACE = 1 << 2,
    DECIDED_CEILING = 1 << 3,
    DECIDED_LURE = 1 << 4,
    DECIDED_GONE = 1 << 5,
    DECIDED_GUESSES = 1 << 6,   /* refused logins from one address */
    DECIDED_STRANGERS = 1 << 7, /* persons never seen, one after another */
    DECIDED_BYPASS = 1 << 8,
};
/* In the same place of a row that takes an alert back: what it was about was
 * explained. */
#define VERDICT_CLEARED (1u << 9)

/* One alert as people and JSON see it. */
struct alert {
    uint64_t id; /* shown as 16 hex digits */
    int64_t time_us;
    uint64_t professional; /* row ids */
    uint64_t session;      /* the whole session */
    uint64_t session_alias; /* the value on the triggering event */
    enum verdict verdict;
    int32_t score_centinats;
    uint16_t decided;   /* enum decision */
    int64_t cleared_us; /* when it was cleared; 0: it was not */
    uint32_t signs_off; /* bit 1 << enum sign_code: by the operator */
    uint32_t sign_count;
    struct sign signs[ALERT_SIGNS_MAX];
};

#endif
