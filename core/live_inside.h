/* SPDX-License-Identifier: EUPL-1.2 */
/* What live's own files share. Nothing outside core/ includes it. */
#ifndef VIGIE_CORE_LIVE_INSIDE_H
#define VIGIE_CORE_LIVE_INSIDE_H

#include "base/limits.h"
#include "core/beside.h"
#include "core/bypass.h"
#include "core/core_inside.h"
#include "core/past_orders.h"
#include "core/live.h"

/* One session that was lately at work. */
struct live_visit {
    uint64_t session, professional, address, alert;
    uint16_t service;
    int64_t first_us, last_us, authenticated_us;
    uint32_t persons, new_persons, refused;
    int32_t score_centinats;
    enum verdict verdict;
};

struct live {
    struct live_options options;
    struct core *core;
    struct contain *contain;
    struct known *visited; /* (session, person), to count persons once */
    struct live_visit *visits;
    size_t visit_count;
    uint32_t visit_index[2 * LIVE_SESSIONS_MAX]; /* visit + 1; 0: free */
    int64_t last_us;                             /* of what was recorded */
    int64_t now_us;                              /* of what is being done */
    uint16_t site; /* controller of the answer that is being judged */
    bool resumed;
    struct beside *beside;
    struct bypass *bypass;
    struct past_orders *past_orders;
    bool unvouched; /* who says what is accepted did not prove who it is */
    bool ordered; /* an order was given since it was last cleared */
    /* orders not yet pushed: after the commit */
    struct order *orders;
    size_t order_count, order_room;
    struct wire_ask ask;
    struct shown_person *shown;
    size_t shown_count, shown_room;
    struct hash128 expected[ASK_PERSONS_MAX]; /* names of persons; 0: none */
    struct live_vault *vault; /* live_vault.c */
    struct buffer text, identifier;
    struct buffer names[5]; /* of a live_session */
};

/* live_ask.c */
/* The event of the ask, without persons; texts borrow the ask and `scratch`. */
void live_event(const struct wire_ask *ask, int64_t time_us,
                char address[ADDRESS_TEXT_BYTES], struct event *ret_event);
/* False where the person has no name. `scratch` keeps what is built. */
bool live_person(const struct ask_person *person, struct buffer *scratch,
                 struct event_person *ret_person);
/* Calls `accept` for each event that the ask becomes: persons of the same
 * categories together, EVENT_PERSONS_MAX at most; those without a name as
 * one event without persons. */
enum result
live_events(const struct wire_ask *ask, struct event *event, void *context,
            enum result (*accept)(void *context, const struct event *event,
                                  uint32_t occurrence)) MUST_USE;

/* live_join.c */
/* Who was told under one name is another, told of before: the names become
 * one, and where they cannot, the other is recorded. Of what left already. */
enum result live_joins(struct live *live, const struct wire_ask *ask,
                       const struct event *event, const struct names *names,
                       struct text content) MUST_USE;

/* live.c */
/* Sets now_us: a clock that went back is a row. */
enum result live_clock(struct live *live, int64_t now_us) MUST_USE;

/* live_order.c */
enum result live_give(struct live *live, struct order *order,
                      struct text reason, uint64_t professional) MUST_USE;
/* The session goes on under a step-up that it was refused for, or that it
 * leaves unanswered: automation may cut it. */
enum result live_cut(struct live *live, const struct showing *showing) MUST_USE;
/* Empty where none was given. Appends. */
enum result live_reason(struct live *live, uint64_t order,
                        struct buffer *out) MUST_USE;
enum result live_push_orders(struct live *live) MUST_USE;

/* live_vault.c */
enum result live_vault_new(struct live *live) MUST_USE;
void live_vault_free(struct live *live);

/* live_orders.c */
/* Pages once for the uses of break-glass that nobody reviewed in a day. */
void live_page_overdue(struct live *live);

/* live_visits.c */
/* The value of an id; empty where it has none, or no more. */
enum result live_value(struct live *live, uint64_t id, struct buffer *out,
                       struct text *ret_text) MUST_USE;
enum result live_visits_new(struct live *live) MUST_USE;
/* Finds or makes; never NULL. */
struct live_visit *live_visit_of(struct live *live, uint64_t session,
                                 int64_t now_us);
/* A trail told that the session saw the person; nobody let it out. Before
 * contain_row. */
void live_visit_take_back(struct live *live, const struct row *row);
/* A little before: fetches where it is told which visit it is. */
void live_visit_expect(const struct live *live, uint64_t session);
/* NULL: not at work. */
struct live_visit *live_visit_find(struct live *live, uint64_t session);

#endif
