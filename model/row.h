/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The 64 bytes that stand for one fact in the ledger. Drawn byte by byte in
 * row.c. All names are ids; nothing here can be read without the look-up.
 */
#ifndef VIGIE_MODEL_ROW_H
#define VIGIE_MODEL_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define ROW_BYTES 64

/* Stored numbers: never renumber. */
enum row_kind {
    ROW_DISCLOSURE = 1,
    ROW_SIGHTING = 2, /* person = address id, request = device id,
                         detail = network number */
    ROW_LOGIN = 3,
    ROW_LOGOUT = 4,
    ROW_REFUSAL = 5,     /* person set where one was named */
    ROW_VERDICT = 6,     /* person = session alias of the triggering event,
                            request = alert id, categories = enum verdict,
                            detail = score in centinats, source = enum
                            decision, service | controller << 16 = signs
                            turned off */
    ROW_SIGN = 7,        /* request = alert id, person = observed << 32 |
                            usual, categories = sign code, service = weight
                            (int16, centinats), detail = window or extra,
                            controller = since day, source = known days |
                            enum sign_basis << 13; older rows: 0 */
    ROW_ORDER = 8,       /* model/standing_order.h */
    ROW_GAP = 9,         /* served while core was not asked: request = answers
                            released, person = persons in them, at least,
                            detail = answers refused; all 0: core was not
                            there, from time_source_us on. With a session or
                            a professional: further attempts of one that is
                            cut, refused by a worker: detail */
    ROW_UNLABELLED = 10, /* an access whose persons or data are unknown; of
                            the door: person = persons billed; 0: one */
    ROW_CLOCK_JUMP = 11,
    ROW_CONFIGURATION = 12,
    ROW_CONSOLE_READ = 13,
    ROW_ERASURE = 14,
    ROW_JOIN = 15,          /* person and request are one person from now on */
    ROW_REFUSED_INPUT = 16, /* detail = records of this import refused */
    ROW_TOKEN = 17,         /* the session goes on under another token:
                               person = alias id of the token's value */
    ROW_QUERY = 18,         /* how a search follows the session's one before:
                               detail = QUERY_DETAIL (model/query_step.h), request
                               as the rows of what it showed */
    ROW_LINEAGE = 19,       /* this ledger was brought back from a backup and
                               goes on from here: request = a random number,
                               person = rows that the backup had,
                               time_source_us = when it was made */
};

enum row_flag {
    ROW_TIME_FROM_FILE = 1 << 0, /* the first eight are enum event_flag */
    ROW_TIME_ZONE_ASSUMED = 1 << 1,
    ROW_TIME_DOUBTFUL = 1 << 2,
    ROW_TIME_DISAGREES = 1 << 3,
    ROW_EMERGENCY = 1 << 4,
    ROW_TEST_INS = 1 << 5,
    ROW_WRITE = 1 << 6,
    ROW_SEARCH = 1 << 7,
    ROW_LATE = 1 << 8,           /* older than what was already judged */
    ROW_CONTEXT_HEALTH = 1 << 9, /* the service itself reveals health */
    ROW_SESSION_DERIVED = 1 << 10,
    ROW_ALIAS_SESSION = 1 << 11, /* token joined under an earlier session */
    ROW_WITHHELD = 1 << 14,     /* judged, and not let out by the door: it is in
                                   no scope; see row_is_taken_back */
    ROW_SESSION_SID = 1 << 13,  /* the session's name is a sid: tokens are
                                   never joined under it by context */
    ROW_UNVOUCHED = 1 << 15,    /* told by a sender that did not prove who it
                                   is: nothing it says goes beyond watch */
    ROW_SAME_REQUEST = 1 << 12, /* another report of a request that an
                                   earlier row has (same row.request, same
                                   person): it adds what that one lacked and
                                   is not counted as a disclosure of its own
                                   where both are in the scope */
};

/* detail of a disclosure, refusal or unlabelled row */
#define ROW_DETAIL(resource, interaction, side)               \
    ((uint32_t)(resource) | ((uint32_t)(interaction) << 16) | \
     ((uint32_t)(side) << 24))
/* and of a disclosure by the door: relatives shown with the person */
#define ROW_DETAIL_THIRD_MAX 63u /* so many, or more */
#define ROW_DETAIL_OF_THIRD(persons) ((uint32_t)(persons) << 26)
#define ROW_DETAIL_THIRD(detail) ((detail) >> 26)
#define ROW_DETAIL_RESOURCE(detail) ((uint16_t)((detail)&0xffffu))
#define ROW_DETAIL_INTERACTION(detail) (((detail) >> 16) & 0xffu)
#define ROW_DETAIL_SIDE(detail) ((detail) >> 24 & 3u)

struct row {
    int64_t time_received_us; /* never goes back within a ledger */
    int64_t time_source_us;   /* the event's own time */
    uint64_t session;         /* 0: none */
    uint64_t professional;    /* 0: unknown */
    uint64_t person;
    uint64_t request; /* keyed digest of the record, for counting once */
    uint16_t service;
    uint16_t controller;
    uint16_t categories; /* model/category.h */
    uint8_t grade;       /* enum grade */
    uint8_t kind;        /* enum row_kind */
    uint16_t flags;
    uint16_t source;
    uint32_t detail;
};

/* A trail's row again, since the door did not let out what that one told: it
 * takes back what has its request and its person and was not sent. */
bool row_is_taken_back(const struct row *row);
void row_encode(const struct row *row, uint8_t ret_bytes[ROW_BYTES]);
/* E_CORRUPT for a kind or grade that does not exist, or bits that must be
 * zero. */
enum result row_decode(const uint8_t bytes[ROW_BYTES],
                       struct row *ret_row) MUST_USE;
/* "disclosure", "sighting", … */
const char *row_kind_name(unsigned kind);

#endif
