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
    SIGN_LAST = SIGN_STRANGERS, /* below 32: options keep a bit each */
};

/* One observed reason. Positive weights speak against the session, negative
 * ones for it. */
struct sign {
    uint16_t code;           /* enum sign_code */
    int16_t weight_centinats; /* natural log of the likelihood ratio × 100 */
    uint32_t observed;
    uint32_t usual;  /* what it was compared with */
    uint32_t window; /* minutes, or another extra number of this sign */
};

/* One alert as people and JSON see it. */
struct alert {
    uint64_t id; /* shown as 16 hex digits */
    int64_t time_us;
    uint64_t professional; /* row ids */
    uint64_t session;      /* the whole session */
    uint64_t session_alias; /* the value on the triggering event */
    enum verdict verdict;
    int32_t score_centinats;
    uint32_t sign_count;
    struct sign signs[ALERT_SIGNS_MAX];
};

#endif
