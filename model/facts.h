/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the operator told us about a row's account, address and person
 * (`--context`, `--campaigns`, `--lures`, MMDB files): core looks it up,
 * detect weighs it. Nothing here is known where nobody told it.
 */
#ifndef VIGIE_MODEL_FACTS_H
#define VIGIE_MODEL_FACTS_H

#include <stdint.h>

enum fact {
    FACT_LURE = 1 << 0,     /* the row's person is a lure: nobody's patient */
    FACT_CAMPAIGN = 1 << 1, /* an announced campaign of this professional or
                               site is on: excuses pace, nothing else */
    FACT_ROSTERED = 1 << 2, /* a roster is known for this professional */
    FACT_ON_DUTY = 1 << 3,  /* and has them on duty, or on call, now */
    FACT_DEPARTED = 1 << 4, /* has left */
    FACT_ABSENT = 1 << 5,   /* long absence announced */
    FACT_OWN_SITE = 1 << 6, /* the address is an exit of one of their sites */
    FACT_OTHER_SITE = 1 << 7,     /* or of another known site */
    FACT_SHARED_ACCOUNT = 1 << 8, /* several hands use it: places say less */
    FACT_HOSTING = 1 << 9,        /* address of a hosting company */
    FACT_VPN = 1 << 10,           /* of an anonymising network */
    FACT_ABROAD = 1 << 11,        /* of a country not declared as usual */
    FACT_LURE_LISTED = 1 << 12,   /* a lure, among the results of a search for
                                     persons only */
};

struct facts {
    uint32_t bits;         /* enum fact */
    uint16_t role;         /* number of the role; 0: unknown */
    char country[2];       /* ISO 3166-1 alpha-2; 0: unknown */
    uint32_t ceiling_hour; /* persons, of the role; 0: the general one */
    uint32_t ceiling_day;
};

#endif
