/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a worker is about to let out, or to let in: an unsafe request before
 * it is proxied, a window of an answer, or the end of one. Core records it,
 * judges it, and answers (wire/answer.h).
 */
#ifndef VIGIE_WIRE_ASK_H
#define VIGIE_WIRE_ASK_H

#include "model/query_step.h"
#include "wire/packet.h"

/* Never renumber. */
enum ask_phase {
    ASK_BEFORE = 1, /* an unsafe method, before proxying: may it pass? */
    ASK_WINDOW = 2, /* a part of the answer, held; more comes */
    ASK_LAST = 3,   /* the rest of the answer, held */
};

enum ask_flag {
    ASK_WRITE = 1 << 0,      /* an unsafe method */
    ASK_SEARCH = 1 << 1,     /* the answer is a list of hits */
    ASK_UNLABELLED = 1 << 2, /* not all of it could be read: worst_case */
    ASK_DURABLE = 1 << 3,    /* answer after the fsync */
    ASK_OBSERVE = 1 << 4,    /* it leaves whatever is answered */
    ASK_BREAK_GLASS = 1 << 5,
    ASK_MORE = 1 << 6,      /* the same window goes on in the next ask: answered
                               once, after the last of them */
    ASK_CUT_SHORT = 1 << 7, /* the upstream broke off */
    ASK_REQUESTED = 1 << 8, /* persons by the request, not read in bytes */
    ASK_REFUSED = 1 << 9,   /* the worker refused it by itself, on a cut that
                               stands: attempts */
};
#define ASK_FLAGS 0x3ffu

/* Limits of an ask. A window with more persons is several asks. */
#define ASK_PERSONS_MAX 256
#define ASK_JOINS_MAX 64
#define ASK_NAME_BYTES_MAX 512
#define ASK_DEVICE_BYTES_MAX 1024
#define ASK_PERSON_BYTES_MAX 512

/* One person, as label/label.h tells it. */
struct ask_person {
    struct text name;       /* as the body named it; empty: not nameable */
    struct text identifier; /* "system|value" of an INS, or empty */
    uint16_t categories, third_persons;
};

/* `name` was told in a window before, and turned out to be another person,
 * who has these categories by now. */
struct ask_join {
    struct text name;
    struct text as, identifier; /* as those of an ask_person */
    uint16_t categories;
};

struct wire_ask {
    uint64_t number; /* the worker's own, quoted by the answer; never 0 */
    enum ask_phase phase;
    uint32_t flags;
    uint16_t status;     /* of HTTP; 0 before proxying */
    int64_t time_us;     /* when it was held */
    int64_t auth_time_s; /* of the session's authentication; 0: not told */
    uint32_t worst_case; /* persons billed for what could not be read */
    uint32_t attempts;   /* of ASK_REFUSED, since it was said last; else 0 */
    uint8_t interaction; /* enum interaction of model/resource.h */
    uint16_t resource;   /* model/resource.h; 0: several or unknown */
    struct query_place place; /* of a search, in an order: never its text */
    struct text professional, session; /* one of them may be empty */
    struct text address, device;       /* as the connection shows them */
    struct text request; /* the request's id, of nginx or given on */
    struct text service, controller; /* as the location names them */
    struct text reason;              /* break-glass: the holder's words */
    uint32_t person_count;
    struct ask_person persons[ASK_PERSONS_MAX];
    uint32_t join_count;
    struct ask_join joins[ASK_JOINS_MAX];
};

/* E_LIMIT where it does not fit: fewer persons, and ASK_MORE. */
enum result wire_ask_write(const struct wire_ask *ask, void *bytes,
                           size_t *ret_length) MUST_USE;
/* Texts borrow `bytes`. */
enum result wire_ask_read(const void *bytes, size_t length,
                          struct wire_ask *ret_ask) MUST_USE;

#endif
