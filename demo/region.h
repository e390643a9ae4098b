/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An invented region at work: professionals of thirteen kinds, their practices,
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
#include "model/query_step.h"

#define REGION_THIEVES_MAX 64
#define REGION_NOBODY UINT32_MAX /* the person of a login */
#define REGION_PROFESSIONALS_MAX 200000
#define REGION_DAYS_MAX 3660

/* How an account is misused. region_thief_class() says how loudly. */
enum region_thief {
    THIEF_NONE = 0,
    THIEF_NIGHT,       /* a script at night, a person every few seconds */
    THIEF_PAGED,       /* searches of 20 or 50 hits, page after page */
    THIEF_QUIET,       /* eight persons an hour in the day, for days */
    THIEF_FAST,        /* by day, a person every 10 to 25 s */
    THIEF_SLOW_PAGES,  /* a page of 10 to 20 every 10 to 20 min */
    THIEF_RING,        /* three accounts from one device and network */
    THIEF_HIJACK,      /* the holder's live token, from elsewhere */
    THIEF_EXITS,       /* another address every session or few persons */
    THIEF_DORMANT,     /* an account that nobody had used for long */
    THIEF_OWN_MACHINE, /* the holder's own device and line, evenings */
    THIEF_POISONER,    /* a week of few persons first, then 15 to 40 an hour */
    THIEF_NEWCOMER,    /* an account that is two days old */
    THIEF_MIMIC,       /* the holder's hours, pace and town */
    THIEF_INSIDER,     /* the holder, some strangers a day */
    REGION_THIEF_KINDS,
};

enum region_thief_class {
    REGION_HONEST = 0,
    REGION_LOUD,     /* loud or medium */
    REGION_QUIET,    /* slow, still unlike the holder */
    REGION_REPORTED, /* hardly unlike the holder: measured, no bar */
};

struct region_options {
    uint64_t seed;
    unsigned days, professionals;
    int32_t start_day; /* days since 1970-01-01 */
    /* Thefts begin from this day of the region on; 0: 22, or the middle of a
     * region that is shorter. What a poisoner does to be trusted lies before
     * it. */
    unsigned first_theft_day;
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
    KIND_EMERGENCY,  /* patients nearly all new */
    KIND_REGULATOR,  /* a call room's account: very many persons */
    KIND_RECORDS,    /* codes stays: hundreds of charts a day, read only */
    KIND_IMAGING,    /* a list of examinations, nearly all new */
    KIND_POLLER,     /* software that goes through its own list */
    KIND_COUNT,
};

enum region_action {
    ACTION_READ = 0,
    ACTION_SEARCH = 1,
    ACTION_CREATE = 2,
    ACTION_UPDATE = 3,
    ACTION_LOGIN = 4, /* refused, before there is a token */
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
    uint64_t query;           /* what a search asked for (region_query.c) */
    struct query_place place; /* of a search: its place in an order */
    uint32_t session;
    uint32_t person;
    uint16_t hit;   /* which of the search's; 0: the first */
    uint8_t search; /* enum query_kind of what was asked, page aside */
    uint8_t page;   /* hits that the search asked for; 0: all */
    uint8_t action, resource;
    bool refused;
    bool stolen; /* a thief's; the trail does not tell */
};

struct region_session {
    uint64_t token;   /* 0: wrong passwords, before there is one */
    uint64_t device;  /* number of the machine; 0: the shared client */
    uint32_t address; /* IPv4, host order */
    uint32_t professional;
    uint8_t software; /* what the device field shows of the machine */
    uint8_t version;  /* of browser or installation */
    uint32_t twin;    /* the session that first had the token, which may have
                         changed lines or hands since; else itself */
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

/* The truth so far, one JSON line a thief's session: thief, class,
 * professional, session, first, last, persons in their order, times.
 * region_truth.c */
enum result region_truth(const struct region *region,
                         struct buffer *out) MUST_USE;
/* What a thief's session saw, in order; for comparing. A hijacked session and
 * an insider's are the holder's own: only what the thief saw counts. */
struct region_theft {
    uint32_t session;
    uint32_t number; /* of the thief in the options: one for all accounts and
                        sessions of the same */
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
enum region_thief_class region_thief_class(enum region_thief thief);
/* "loud", "quiet", "reported", "honest" */
const char *region_class_name(enum region_thief_class class);
/* A name of region_thief_name(); E_NOTFOUND. */
enum result region_thief_parse(struct text word,
                               enum region_thief *ret_thief) MUST_USE;

/* Recall and vaccination campaigns of the whole region, known from
 * region_new() on; borrowed, in no order. */
struct region_campaign {
    int64_t from_us, to_us;
    uint32_t professional;
    bool announced; /* an operator was told */
    const char *reason;
};
size_t region_campaigns(const struct region *region,
                        const struct region_campaign **ret_campaigns);

/* What an operator knows of the region and can tell (docs/context.md): CSV
 * files, never the truth about thieves. region_context.c */
enum region_context {
    REGION_ROSTER = 0,
    REGION_ABSENCES,
    REGION_SITES,
    REGION_STAFF,
    REGION_ROLES,
    REGION_SHARED,
    REGION_CAMPAIGNS,
    REGION_LURES,
    REGION_FILES,
};
/* "roster.csv", … */
const char *region_context_name(enum region_context file);
enum result region_context(const struct region *region,
                           enum region_context file,
                           struct buffer *out) MUST_USE;

#endif
