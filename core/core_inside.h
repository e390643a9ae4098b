/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What core's own files share: the state, and the steps between event and
 * verdict. Nothing outside core/ includes this.
 */
#ifndef VIGIE_CORE_CORE_INSIDE_H
#define VIGIE_CORE_CORE_INSIDE_H

#include "core/context_facts.h"
#include "core/core.h"
#include "core/queries.h"
#include "core/sessions.h"
#include "core/sources.h"

/* A set of 64-bit ids with a number each; ids are never 0. */
struct id_set {
    uint64_t *ids;
    uint32_t *numbers;
    size_t room, count;
};
enum result id_set_add(struct id_set *set, uint64_t id,
                       bool *ret_made) MUST_USE;
uint32_t *id_set_number(struct id_set *set, uint64_t id); /* NULL: absent */
bool id_set_has(const struct id_set *set, uint64_t id);
void id_set_free(struct id_set *set);

/* The names of one event as ids. */
struct names {
    int64_t received_us;
    uint16_t service, controller, source, person_space;
    bool context_health;
    uint64_t professional, address, device;
    uint32_t network;
    uint64_t session; /* whole session, 0: none */
    uint64_t token;   /* alias id of the name on the event */
    bool session_derived, session_joined, session_sid;
};

/* Who, from where, with what: the three names of an event that come back
 * together, resolved at one look. Of a fixed size; what does not fit is
 * resolved again. */
#define CONTEXTS_KEPT 4096
struct kept_context {
    struct hash128 hash; /* of the three names; 0: free */
    uint64_t professional, address, device;
    uint32_t network;
};

struct core {
    struct core_options options;
    uint8_t context_key[16];
    struct kept_context *contexts;
    struct ledger *ledger;
    struct lookup *lookup;
    struct detect *detect;
    struct sessions *sessions;
    struct context_facts *facts; /* NULL: the operator told nothing */
    uint64_t configuration; /* digest in the ledger's last such row; 0 none */
    struct queries *queries;
    struct checkpoints *checkpoints; /* NULL until the first is made */
    uint64_t queries_saved;          /* how often: two places take turns */
    bool queries_changed;
    struct row unanswered; /* a query that a crash left at the very end */
    struct core_statistics statistics;
    uint16_t service_number;      /* of --service, 0 where not given */
    uint16_t first_space_service; /* of relative references, for the warning */
    bool fresh; /* the ledger was empty: new names are distinct names */
    bool rejudge;
    int64_t judged_us;    /* latest time judged when the ledger was opened */
    struct id_set alerts; /* alert id → its sign rows in the ledger */
    struct id_set seen_persons, seen_professionals, seen_sessions;
    struct buffer key, text;
    /* of the event's persons, at the first use of their request; 0: not told */
    uint64_t expected[EVENT_PERSONS_MAX];
    struct buffer last_source;
    uint16_t last_source_number;
    /* live: rows wait until it is known whether their answer leaves */
    bool live, holding;
    struct text controller; /* of the answer that is being judged */
    /* what core_resolve said of the events that are accepted now; NULL */
    const struct names *resolved;
    bool beside;       /* what is accepted is an audit record, not an answer */
    bool late;         /* it is stored, and not judged */
    bool unvouched;    /* who tells it did not prove who it is */
    int64_t beside_us; /* when it is judged */
    int64_t now_us;    /* live: of what is being done; 0: the clock's */
    struct row *held;
    size_t held_count, held_room;
};

/* held.c */
/* To the ledger, or to the rows that are held. *ret_first (NULL ok): the
 * number that the first one has, or will have. */
enum result core_append(struct core *core, const struct row *rows, size_t count,
                        uint64_t *ret_first) MUST_USE;
/* From here on rows are held; the judge sees them as they come. */
void core_hold(struct core *core);
/* They go to the ledger as one; `withheld`: what they say was not let out.
 * The rows stay readable in held[] until the next core_hold. */
enum result core_let(struct core *core, bool withheld) MUST_USE;

/* names.c */
enum result core_resolve(struct core *core, const struct event *event,
                         struct names *ret_names) MUST_USE;
enum result core_resolve_session(struct core *core, const struct event *event,
                                 struct names *names) MUST_USE;
/* The person's canonical id, made where new; rows of kind ROW_JOIN that must
 * be written are appended to `rows`. */
enum result core_resolve_person(struct core *core, const struct event *event,
                                const struct names *names,
                                const struct event_person *person,
                                struct row *rows, size_t *row_count,
                                uint64_t *ret_person) MUST_USE;

/* Which record, and which person of it. */
struct record_name {
    struct text content;
    uint64_t occurrence, person;
};

/* What is to be written for one person (or for none) of an event. */
struct plan {
    struct record_name record;
    bool duplicate;
    bool same_request;
    bool withheld;  /* the door did not let out what this request showed */
    uint64_t again; /* session of the very record, where it is in the ledger */
    uint64_t request; /* row.request */
    uint64_t note;    /* digest under which the row is noted */
};

/* once.c */
int32_t core_day(int64_t time_us);
/* Before the persons of an event are planned one by one. */
void core_plan_expect(struct core *core, const struct event *event,
                      const struct names *names);
/* The row noted under the digest, if it is really there. */
enum result core_noted_row(struct core *core, int32_t day, uint64_t digest,
                           struct row *ret_row) MUST_USE;
uint64_t core_record_digest(const struct core *core,
                            const struct record_name *name);
enum result core_plan_person(struct core *core, const struct event *event,
                             const struct names *names, struct text content,
                             uint32_t occurrence, size_t person,
                             struct plan *plan) MUST_USE;

/* The door kept back what the row says: what a trail told before of the same
 * request and person is taken back. Appends. */
enum result core_take_back(struct core *core, const struct row *kept) MUST_USE;

/* searches.c */
/* The row that says how the event's search follows its session's last one:
 * *ret_count is 1, or 0 where there is nothing to say. `request` is that of
 * the first row of what the search showed. */
enum result core_search_row(struct core *core, const struct event *event,
                            const struct row *common, uint64_t request,
                            struct row *ret_row, size_t *ret_count) MUST_USE;
/* The same record was read before, into that session. */
enum result core_search_again(struct core *core, const struct event *event,
                              uint64_t session) MUST_USE;
enum result core_searches_save(struct core *core) MUST_USE;
enum result core_searches_load(struct core *core) MUST_USE;

/* core.c */
int64_t core_now(const struct core *core);

/* judge.c */
/* Writes and tells the alert, once for all: *alert gets its id. */
enum result core_alert(struct core *core, struct alert *alert) MUST_USE;
/* The alert of one sign was cleared, by a row of its own: it may be raised
 * again. `about`: a row of its session and account. */
enum result core_clear_alert(struct core *core, uint64_t alert,
                             const struct row *about) MUST_USE;
/* Says in the ledger under what the operator told the rows are judged, where
 * its last row about that says another thing. */
enum result core_configuration(struct core *core) MUST_USE;
enum result core_judge(struct core *core, const struct row *row) MUST_USE;
/* Feeds the whole ledger, in event time, to a new judge; alerts that have no
 * rows yet are written and told. */
enum result core_rebuild(struct core *core) MUST_USE;

#endif
