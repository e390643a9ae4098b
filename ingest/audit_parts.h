/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The parts of audit_report(), each a question put to one struct audit:
 * what kind of act it was (audit_act.c), who did it from where to whom
 * (audit_agent.c), whose data of which kind (audit_entity.c). Only audit*.c
 * includes this. Sources: see docs/ingest.md.
 */
#ifndef VIGIE_INGEST_AUDIT_PARTS_H
#define VIGIE_INGEST_AUDIT_PARTS_H

#include "ingest/audit.h"

/* -- audit_act.c -- */

enum audit_act_kind {
    AUDIT_ACCESS,
    AUDIT_LOGIN,
    AUDIT_LOGOUT,
    AUDIT_DENIAL, /* an authorization that was not given */
    AUDIT_IGNORED,
};

struct audit_act {
    enum audit_act_kind kind;
    const char *ignored; /* the sink's word where AUDIT_IGNORED */
    bool failed;         /* an outcome other than success */
    enum interaction interaction;
    /* of the transaction, where it is one that names what is shown;
     * RESOURCE_UNKNOWN and 0 otherwise */
    uint16_t resource;
    uint16_t categories;
    bool search_words; /* the subtype or transaction says search */
};

void audit_act_of(const struct audit *audit, struct audit_act *ret_act);
/* True where one of the codes is this word, in whatever system. */
bool audit_codes_hold(const struct audit_code *codes, uint32_t count,
                      const char *word);

/* -- audit_agent.c, audit_ends.c -- */

enum agent_bit {
    AGENT_HUMAN = 1 << 0,       /* by type or role */
    AGENT_MACHINE = 1 << 1,     /* application, organisation */
    AGENT_APPLICATION = 1 << 2, /* DCM 110150 */
    AGENT_CITIZEN = 1 << 3,     /* patient or representative */
    AGENT_SOURCE = 1 << 4,      /* DCM 110153 */
    AGENT_DESTINATION = 1 << 5, /* DCM 110152 */
    AGENT_PARTY = AGENT_SOURCE | AGENT_DESTINATION,
    AGENT_PERSON = 1 << 6, /* who refers to a Practitioner … */
    AGENT_THING = 1 << 7,  /* who refers to a Device … */
};

struct audit_choice {
    const struct audit_agent *professional; /* NULL: none */
    const struct audit_agent *client;       /* NULL: none */
    const struct audit_agent *server;       /* NULL: none */
    bool citizen; /* the requestor is a patient or a representative */
    unsigned bits[AUDIT_AGENTS_MAX];  /* enum agent_bit by agent */
    char address[ADDRESS_TEXT_BYTES]; /* of the client, or "" */
};

void audit_choose(const struct audit *audit, enum interaction interaction,
                  struct audit_choice *ret_choice);
/* Fills professional, session, address, device, service, source, side of
 * the event; its texts borrow the audit and the choice. */
void audit_fill_agents(const struct audit *audit,
                       const struct audit_choice *choice, struct event *event);

/* The steps of these two that audit_agent.c does: bits, professional and
 * citizen of the choice; professional and its system of the event. */
void audit_choose_professional(const struct audit *audit,
                               struct audit_choice *choice);
void audit_name_professional(const struct audit *audit,
                             const struct audit_choice *choice,
                             struct event *event);
/* Resource type that a reference names, RESOURCE_UNKNOWN for none of R4. */
uint16_t audit_type_of(struct text reference);
/* Holds "://". */
bool audit_is_url(struct text value);

/* -- audit_entity.c -- */

/* Room in a buffer for every text that audit_fill_entities may build. */
size_t audit_entities_room(const struct audit *audit);
/* Fills persons, resource, categories, grade, query, request and the flags
 * that go with them. `built` has audit_entities_room() bytes and never
 * moves. E_LIMIT, E_NOMEM with *why filled (rule persons-max). */
enum result audit_fill_entities(const struct audit *audit,
                                struct audit_act *act, struct buffer *built,
                                struct event *event,
                                struct reason *why) MUST_USE;

#endif
