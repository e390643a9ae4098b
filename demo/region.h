/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An invented region at work: professionals of eight kinds, their practices,
 * machines and patients, and thieves among them, day by day from a seed, the
 * same on every machine. Persons are random numbers; nothing but behaviour
 * tells a thief from a holder. Knows nothing of detection: what it makes is
 * an audit trail (region_balp.c) and the truth about it. No I/O.
 */
#ifndef VIGIE_DEMO_REGION_H
#define VIGIE_DEMO_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/result.h"
#include "base/text.h"

#define REGION_THIEVES_MAX 64
#define REGION_PROFESSIONALS_MAX 200000
#define REGION_DAYS_MAX 3660

enum region_thief {
    THIEF_NONE = 0,
    THIEF_NIGHT = 1, /* a script at night, a person every few seconds */
    THIEF_PAGED = 2, /* searches that page through the region */
    THIEF_QUIET = 3, /* eight persons an hour in the day, for days */
};

struct region_options {
    uint64_t seed;
    unsigned days, professionals;
    int32_t start_day; /* days since 1970-01-01 */
    unsigned thief_count;
    enum region_thief thieves[REGION_THIEVES_MAX];
};

enum region_kind {
    KIND_DOCTOR = 0, /* general practitioner */
    KIND_NURSE,      /* on rounds, by telephone */
    KIND_PHARMACIST, /* two at one counter */
    KIND_HOSPITAL,   /* ward lists */
    KIND_SECRETARY,  /* worklists */
    KIND_ON_CALL,    /* nights and week-ends */
    KIND_SUBSTITUTE, /* another practice every week */
    KIND_PART_TIME,  /* two days a week */
    KIND_COUNT,
};

enum region_action {
    ACTION_READ = 0,
    ACTION_SEARCH = 1,
    ACTION_CREATE = 2,
    ACTION_UPDATE = 3,
};

enum region_resource {
    REGION_PATIENT = 0,
    REGION_OBSERVATION,
    REGION_DOCUMENT,
    REGION_APPOINTMENT,
    REGION_MEDICATION,
    REGION_CONDITION,
    REGION_ENCOUNTER,
    REGION_RESOURCES,
};

/* One person shown once. Hits of one search share time and request. */
struct region_event {
    int64_t time_us;
    uint64_t order; /* among equal times */
    uint64_t request;
    uint64_t query; /* what a search asked for; meaningless number */
    uint32_t session;
    uint32_t person;
    uint8_t action, resource;
    bool refused;
};

struct region_session {
    uint64_t token;
    uint64_t device;  /* number of the machine; 0: the shared client */
    uint32_t address; /* IPv4, host order */
    uint32_t professional;
    uint8_t software; /* what the device field shows of the machine */
    uint8_t browser;  /* version */
    enum region_thief thief;
};

struct region;
void region_options_default(struct region_options *ret_options);
enum result region_new(const struct region_options *options,
                       struct region **ret_region) MUST_USE;
void region_free(struct region *region);

/* The next day's events in time order; E_END after the last. Borrowed until
 * the next call. A day's last events may lie after midnight: they still come
 * in order, with the day in which they lie. */
enum result region_day(struct region *region,
                       const struct region_event **ret_events,
                       size_t *ret_count) MUST_USE;
const struct region_session *region_session(const struct region *region,
                                            uint32_t session);
uint32_t region_sessions(const struct region *region);
enum region_kind region_kind(const struct region *region,
                             uint32_t professional);

#define REGION_NAME_BYTES 96
/* The values as the trail shows them. */
void region_professional_name(const struct region *region,
                              uint32_t professional,
                              char ret_name[REGION_NAME_BYTES]);
void region_person_name(const struct region *region, uint32_t person,
                        char ret_name[REGION_NAME_BYTES]);
void region_session_name(const struct region_session *session,
                         char ret_name[REGION_NAME_BYTES]);
void region_device_name(const struct region_session *session,
                        char ret_name[REGION_NAME_BYTES]);
void region_address_name(const struct region_session *session,
                         char ret_name[REGION_NAME_BYTES]);

/* One AuditEvent of the form IHE BALP, one line. region_balp.c */
enum result region_balp(const struct region *region,
                        const struct region_event *event,
                        struct buffer *out) MUST_USE;

/* The truth so far, one JSON line a thief's session: professional, session,
 * thief, first, last, persons. region_truth.c */
enum result region_truth(const struct region *region,
                         struct buffer *out) MUST_USE;
/* What a thief's session saw, in order; for comparing. */
struct region_theft {
    uint32_t session;
    enum region_thief thief;
    int64_t first_us, last_us;
    uint32_t person_count; /* distinct */
    uint32_t *persons;     /* in the order of their first showing */
    int64_t *times_us;
    uint32_t room;
};
size_t region_thefts(const struct region *region,
                     const struct region_theft **ret_thefts);
const char *region_thief_name(enum region_thief thief);
enum result region_thief_parse(struct text word,
                               enum region_thief *ret_thief) MUST_USE;

#endif
