/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One record of an access trail, as ingest understood it: names and values
 * still in clear, not yet ids. Texts are borrowed from the parser and hold
 * until its next record; event_pack() makes bytes that stand alone.
 */
#ifndef VIGIE_MODEL_EVENT_H
#define VIGIE_MODEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "model/category.h"
#include "model/query_step.h"
#include "model/resource.h"

enum event_kind {
    EVENT_ACCESS = 1,  /* data of persons was shown, or written */
    EVENT_LOGIN = 2,   /* an authentication that succeeded */
    EVENT_LOGOUT = 3,
    EVENT_REFUSAL = 4, /* an access or a login that was refused */
};

enum grade {
    GRADE_NONE = 0,
    GRADE_SENT = 1,      /* read in the bytes that left, by the door */
    GRADE_DECLARED = 2,  /* a trail names the person and the resource */
    GRADE_REQUESTED = 3, /* only a request, URL or query is known */
};

enum session_kind {
    SESSION_NONE = 0,
    SESSION_SID = 1,   /* sid or session_state: one whole session */
    SESSION_TOKEN = 2, /* a jti or opaque token: may rotate */
};

/* Bits of event.flags; the low ones are stored in the row's flags as they
 * stand (model/row.h names the same numbers). */
enum event_flag {
    EVENT_TIME_FROM_FILE = 1 << 0,    /* no date in the record */
    EVENT_TIME_ZONE_ASSUMED = 1 << 1, /* no zone: --tz was taken */
    EVENT_TIME_DOUBTFUL = 1 << 2,     /* the hour happens twice, or never */
    EVENT_TIME_DISAGREES = 1 << 3, /* transport header far from the event */
    EVENT_EMERGENCY = 1 << 4,      /* purpose of use: emergency access */
    EVENT_TEST_INS = 1 << 5,       /* a person under a test or demo INS OID */
    EVENT_WRITE = 1 << 6,          /* create, update, delete */
    EVENT_SEARCH = 1 << 7,         /* shown as a hit of a search */
};

/* Which side of the exchange wrote the record (BALP: both may). */
enum event_side { SIDE_UNKNOWN = 0, SIDE_CLIENT = 1, SIDE_SERVER = 2 };

/* How far the clocks of the two sides of one exchange may differ. */
#define EVENT_SIDES_APART_US (15 * 60 * INT64_C(1000000))

/* One person, by all the names that the record gives. `shown` is what the
 * input wrote, for people and JSON ("Patient/42", a CX string); `system` and
 * `value` are the identifier in normal form ("urn:oid:1.2.250…", "2790…");
 * `reference` is "Patient/42" or absolute. Any may be empty, not all. */
struct event_person {
    struct text shown;
    struct text system;
    struct text value;
    struct text reference;
    uint16_t third_persons; /* relatives shown with them, by the door; lives
                               in no packed event */
};

struct event {
    enum event_kind kind;
    enum grade grade;
    enum interaction interaction;
    enum session_kind session_kind;
    enum event_side side;
    uint16_t resource;   /* model/resource.h */
    uint16_t categories; /* of every person in it; possible bits too */
    uint32_t flags;
    int64_t time_us; /* the event's own time, UTC */

    struct text professional_system; /* issuer or OID; may be empty */
    struct text professional; /* the national id, sub or user as given;
                                 empty: unknown */
    struct text session;      /* without its URN prefix */
    struct text address;      /* an IP address in normal text form */
    struct text device;       /* the client agent's `who`, or User-Agent */
    struct text request;      /* X-Request-Id and the like */
    struct text record;       /* the record's own id */
    struct text service;      /* host, site or OID that was asked */
    struct text source;       /* who wrote the trail: observer, realm */
    struct text query;        /* the raw search, decoded; never stored */
    struct query_place place; /* all that outlives it */

    uint32_t person_count;
    struct event_person persons[EVENT_PERSONS_MAX];
};

/* An access whose persons are not known (a search whose hits were not
 * recorded, a trail that names no object): person_count is 0. It becomes a
 * row "unlabelled", never nothing. */

/* Appends the event as bytes of its own, without what no row keeps: the query
 * and the professional's system. E_LIMIT over EVENT_PACKED_BYTES_MAX. */
enum result event_pack(const struct event *event, struct buffer *out) MUST_USE;
/* The texts of *ret_event borrow `bytes`. E_CORRUPT. */
enum result event_unpack(struct text bytes, struct event *ret_event) MUST_USE;

/* Person key in normal form, written into `out` (cleared first):
 * "i|system|value", else "r|absolute reference", else
 * "s|service number|Type/id". See docs/design.md, Person. */
enum result event_person_key(const struct event_person *person,
                             uint16_t service, struct buffer *out) MUST_USE;
/* True where the identifier's system is an INS one (production, test, demo,
 * INS-C); *ret_test for the test and demo ones. */
bool event_system_is_ins(struct text system, bool *ret_test);
/* A bare value with the shape of an INS (15 characters; Corsica: 2A, 2B). */
bool event_value_is_ins(struct text value);
/* The INS systems that such a value may stand under; NULL past the last. */
const char *event_ins_system(size_t index);

/* HL7 v2 CX ("id^^^ns&oid&ISO^type"), "urn:oid:…|value", "system|value" or a
 * bare value, to system and value in normal form. `scratch` keeps what has
 * to be built. */
enum result event_identifier_parse(struct text given, struct buffer *scratch,
                                   struct text *ret_system,
                                   struct text *ret_value) MUST_USE;

/* IPv4 or IPv6 text (brackets and port allowed, ::ffff: forms become IPv4)
 * to its normal form; E_FORMAT for host names and the rest. */
#define ADDRESS_TEXT_BYTES 48
enum result event_address_parse(struct text given,
                                char ret_address[ADDRESS_TEXT_BYTES]) MUST_USE;
/* The network of a normal address: "192.0.2.0/24", "2001:db8:1::/48". */
enum result event_address_network(struct text address,
                                  char ret_network[ADDRESS_TEXT_BYTES])
    MUST_USE;

#endif
