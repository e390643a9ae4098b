/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One window of an answer: what stands is looked at first; then it is
 * recorded and judged by core_accept, with its rows held; then what stands is
 * looked at again, since the window itself may have raised the alert; then the
 * rows go to the ledger, marked where the window does not leave.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/live_inside.h"

/* A clock of an identity provider may be so far ahead of ours. */
#define AUTHENTICATION_AHEAD_US (5 * TIME_MINUTE_US)
#define MEMBERS_LOOKED_AT 64

struct judging {
    struct live *live;
    const struct live_part *parts;
    size_t part_count;
    uint64_t number;
    uint32_t flags; /* of all parts */
    enum ask_phase phase;
    uint64_t worst_case;
    uint32_t attempts;
    struct event event; /* of the part that is being read, without persons */
    struct names names;
    struct names resolved; /* without the session */
    struct showing showing;
    struct text part; /* bytes of it */
    char address[ADDRESS_TEXT_BYTES];
};

/* When they first saw the person, under any id that the person has. */
static void
look_back(struct live *live, uint64_t who, struct shown_person *shown)
{
    uint64_t ids[MEMBERS_LOOKED_AT];
    size_t count = 0;

    shown->known =
        contain_first(live->contain, who, shown->person, &shown->first_us);
    shown->told = contain_told(live->contain, who, shown->person, live->now_us);
    if (shown->known || lookup_members(live->core->lookup, shown->person, ids,
                                       MEMBERS_LOOKED_AT, &count) != OK)
        return;
    for (size_t i = 0; i < count && i < MEMBERS_LOOKED_AT && !shown->known; i++)
        shown->known =
            contain_first(live->contain, who, ids[i], &shown->first_us);
}

static enum result
add_shown(struct live *live, const struct shown_person *shown)
{
    if (live->shown_count == live->shown_room) {
        size_t room = live->shown_room * 2 + ASK_PERSONS_MAX;
        struct shown_person *grown =
            realloc(live->shown, room * sizeof(grown[0]));

        if (grown == NULL)
            return E_NOMEM;
        live->shown = grown;
        live->shown_room = room;
    }
    live->shown[live->shown_count++] = *shown;
    return OK;
}

static int
by_person(const void *a, const void *b)
{
    const struct shown_person *left = a, *right = b;

    return (left->person > right->person) - (left->person < right->person);
}

/* Each person once; those whom nobody ever saw have no id to be told by. */
static void
shown_once(struct live *live)
{
    size_t count = 0;

    if (live->shown_count > 1)
        qsort(live->shown, live->shown_count, sizeof(live->shown[0]),
              by_person);
    for (size_t i = 0; i < live->shown_count; i++) {
        if (count == 0 || live->shown[i].person == 0 ||
            live->shown[i].person != live->shown[count - 1].person)
            live->shown[count++] = live->shown[i];
    }
    live->shown_count = count;
}

/* The key of the person's name, in live->text. */
static enum result
key_of(struct judging *judging, const struct ask_person *person)
{
    struct live *live = judging->live;
    struct event_person named;

    buffer_clear(&live->identifier);
    return live_person(person, &live->identifier, &named)
               ? event_person_key(&named, judging->names.person_space,
                                  &live->text)
               : E_NOTFOUND;
}

static enum result
find_person(struct judging *judging, const struct ask_person *person,
            struct hash128 expected, uint64_t *ret_person)
{
    struct live *live = judging->live;
    struct alias alias;
    enum result result = OK;

    if (!lookup_expected(live->core->lookup, expected, &alias)) {
        result = key_of(judging, person);
        if (result == OK)
            result = lookup_find(live->core->lookup, ALIAS_PERSON,
                                 buffer_as_text(&live->text), &alias);
    }
    if (result == OK)
        *ret_person = alias.canonical;
    return result;
}

/* The persons of one part. Each is looked for in several large tables: what
 * of them lies there is fetched for all before the first is looked at. */
static enum result
show_persons(struct judging *judging)
{
    struct live *live = judging->live;
    const struct wire_ask *ask = &live->ask;
    const struct names *names = &judging->names;
    uint64_t who = contain_who(names->professional, names->session);
    size_t first = live->shown_count;
    enum result result = OK;

    sessions_expect(live->core->sessions, names->session);
    live_visit_expect(live, names->session);
    for (uint32_t i = 0; i < ask->person_count && result == OK; i++) {
        struct shown_person shown = {.identified = live->expected[i].high != 0};

        if (shown.identified)
            result = find_person(judging, &ask->persons[i], live->expected[i],
                                 &shown.person);
        if (result == E_NOTFOUND)
            result = OK;
        if (shown.person != 0) {
            contain_expect(live->contain, who, shown.person);
            known_expect(live->visited, names->session, shown.person);
            detect_expect(live->core->detect, who, shown.person);
        }
        if (result == OK)
            result = add_shown(live, &shown);
    }
    for (size_t i = first; i < live->shown_count; i++)
        if (live->shown[i].person != 0)
            look_back(live, who, &live->shown[i]);
    return result;
}

static enum result
expect_persons(struct judging *judging)
{
    struct live *live = judging->live;

    for (uint32_t i = 0; i < live->ask.person_count; i++) {
        enum result result = key_of(judging, &live->ask.persons[i]);

        live->expected[i] = (struct hash128){0};
        if (result == OK)
            live->expected[i] = lookup_expect(live->core->lookup, ALIAS_PERSON,
                                              buffer_as_text(&live->text));
        else if (result != E_NOTFOUND)
            return result;
    }
    return OK;
}

/* Reads a part into live->ask. All parts speak of one window. */
static enum result
read_part(struct judging *judging, size_t index)
{
    const struct live_part *part = &judging->parts[index];
    struct wire_ask *ask = &judging->live->ask;
    bool last = index + 1 == judging->part_count;
    enum result result = wire_ask_read(part->bytes, part->length, ask);

    judging->part = (struct text){(const char *)part->bytes, part->length};
    if (result == OK && ((ask->flags & ASK_MORE) == 0) != last)
        result = E_FORMAT;
    return result;
}

static enum result
collect_part(struct judging *judging, size_t index)
{
    struct live *live = judging->live;
    struct wire_ask *ask = &live->ask;
    enum result result = read_part(judging, index);

    if (result != OK)
        return result;
    judging->flags |= ask->flags;
    judging->number = ask->number;
    judging->phase = ask->phase;
    judging->worst_case += ask->worst_case;
    judging->attempts = ask->attempts;
    if (index == 0 && bypass_late_of(live->bypass) != NULL)
        bypass_late_asked(bypass_late_of(live->bypass), ask->request,
                          live->now_us);
    if (index == 0) {
        live->core->controller = ask->controller;
        live_event(ask, live->now_us, judging->address, &judging->event);
        result = core_resolve(live->core, &judging->event, &judging->names);
        judging->resolved = judging->names;
        if (result == OK)
            result = expect_persons(judging);
        if (result == OK)
            result = core_resolve_session(live->core, &judging->event,
                                          &judging->names);
        judging->showing.authenticated_us =
            ask->auth_time_s > INT64_MAX / TIME_SECOND_US
                ? 0
                : ask->auth_time_s * TIME_SECOND_US;
        if (ask->interaction == INTERACTION_EXPORT)
            judging->showing.flags |= SHOWING_EXPORT;
        if (ask->interaction == INTERACTION_SEARCH)
            judging->showing.flags |= SHOWING_LIST;
    }
    if (result == OK && index > 0)
        result = expect_persons(judging);
    if (result == OK && ask->join_count > 0)
        result = live_joins(live, ask, &judging->event, &judging->names,
                            judging->part);
    return result == OK ? show_persons(judging) : result;
}

/* What the operator told of the professional's role. */
static enum result
look_at_role(struct judging *judging)
{
    struct core *core = judging->live->core;
    struct row row = {.kind = ROW_DISCLOSURE,
                      .session = judging->names.session,
                      .professional = judging->names.professional,
                      .time_source_us = judging->live->now_us};
    struct facts facts = {0};
    enum result result = OK;

    if (core->facts != NULL)
        result = context_facts_row(core->facts, &row, judging->names.address,
                                   &facts);
    judging->showing.role =
        (struct ceiling){facts.ceiling_hour, facts.ceiling_day};
    return result;
}

static enum result
collect(struct judging *judging)
{
    struct live *live = judging->live;
    struct showing *showing = &judging->showing;
    enum result result = OK;

    live->shown_count = 0;
    for (size_t i = 0; i < judging->part_count && result == OK; i++)
        result = collect_part(judging, i);
    shown_once(live);
    if (result == OK)
        result = look_at_role(judging);
    if (showing->authenticated_us > live->now_us + AUTHENTICATION_AHEAD_US)
        showing->authenticated_us = 0;
    showing->professional = judging->names.professional;
    showing->session = judging->names.session;
    showing->service = judging->names.service;
    showing->now_us = live->now_us;
    showing->worst_case = judging->worst_case > UINT32_MAX
                              ? UINT32_MAX
                              : (uint32_t)judging->worst_case;
    showing->persons = live->shown;
    showing->person_count = live->shown_count;
    if ((judging->flags & ASK_SEARCH) != 0)
        showing->flags |= SHOWING_LIST;
    if ((judging->flags & ASK_UNLABELLED) != 0)
        showing->flags |= SHOWING_UNREADABLE;
    if ((judging->flags & ASK_BREAK_GLASS) != 0)
        showing->flags |= SHOWING_GLASS;
    if ((judging->flags & ASK_WRITE) != 0 && judging->phase != ASK_BEFORE)
        showing->flags |= SHOWING_WRITTEN;
    live->site = judging->names.controller;
    return result;
}

static enum result
accept_event(void *context, const struct event *event, uint32_t occurrence)
{
    struct judging *judging = context;

    return core_accept(judging->live->core, event, judging->part, occurrence);
}

/* The window's events; `kind` EVENT_REFUSAL where it does not leave. One
 * without any person would be taken for a refused login. */
static enum result
accept_parts(struct judging *judging, enum event_kind kind)
{
    struct live *live = judging->live;
    enum result result = OK;

    /* the only part is still there, as collect_part has read it */
    if (judging->part_count == 1)
        live->core->resolved = &judging->resolved;
    for (size_t i = 0; i < judging->part_count && result == OK; i++) {
        struct event event;

        if (judging->part_count > 1)
            result = read_part(judging, i);
        if (result != OK)
            break;
        live_event(&live->ask, live->now_us, judging->address, &event);
        event.kind = kind;
        if (kind == EVENT_REFUSAL && live->ask.person_count == 0)
            continue;
        result = live_events(&live->ask, &event, judging, accept_event);
    }
    live->core->resolved = NULL;
    return result;
}

/* Other than orders, which contain/ has already taken in. */
static enum result
take_in_rows(struct judging *judging)
{
    struct live *live = judging->live;
    const struct core *core = live->core;
    struct live_visit *visit = live_visit_find(live, judging->names.session);
    uint64_t who =
        contain_who(judging->names.professional, judging->names.session);
    enum result result = OK;

    for (size_t i = 0; i < core->held_count && result == OK; i++) {
        const struct row *row = &core->held[i];
        bool is_new = false;
        int64_t first_us;

        if (row->kind == ROW_ORDER)
            continue;
        if (row_is_taken_back(row))
            live_visit_take_back(live, row);
        if (row->kind == ROW_DISCLOSURE && row->person != 0 &&
            (row->flags & ROW_WITHHELD) == 0 && visit != NULL) {
            if (known_add(live->visited, row->session, row->person, 0,
                          &is_new) == E_LIMIT)
                known_clear(live->visited);
            known_tell(live->visited, row->session, row->person, false);
            visit->persons += is_new ? 1 : 0;
            visit->new_persons +=
                contain_first(live->contain, who, row->person, &first_us) ? 0
                                                                          : 1;
        }
        result = contain_row(live->contain, row);
    }
    return result;
}

/* The row says what is billed: a restart reads it there. */
static void
bill_unreadable(struct judging *judging)
{
    struct core *core = judging->live->core;

    if ((judging->flags & ASK_UNLABELLED) == 0)
        return;
    for (size_t i = 0; i < core->held_count; i++) {
        if (core->held[i].kind != ROW_UNLABELLED)
            continue;
        core->held[i].person = judging->showing.worst_case;
        return;
    }
}

static enum result
use_glass(struct judging *judging)
{
    struct live *live = judging->live;
    struct order order = {.target = ORDER_GLASS,
                          .id = judging->names.session,
                          .by = ORDER_BY_HOLDER,
                          .time_us = live->now_us};

    if (order.id == 0)
        return OK;
    live->options.page(live->options.context, "break-glass", 0);
    return live_give(live, &order, live->ask.reason,
                     judging->names.professional);
}

static void
note_visit(struct judging *judging, bool refused)
{
    struct live *live = judging->live;
    const struct names *names = &judging->names;
    struct live_visit *visit;

    contain_active(live->contain, names->controller, names->professional,
                   live->now_us);
    if (names->session == 0)
        return;
    visit = live_visit_of(live, names->session, live->now_us);
    visit->professional = names->professional;
    visit->address = names->address != 0 ? names->address : visit->address;
    visit->service = names->service;
    visit->last_us = live->now_us;
    visit->authenticated_us = judging->showing.authenticated_us;
    visit->refused += refused ? 1 : 0;
}

static void
fill_answer(const struct judging *judging,
            const struct contain_decision *decision, bool withheld,
            struct live_asked *ret_asked)
{
    static const enum answer_decision answers[] = {
        [CONTAIN_RELEASE] = ANSWER_RELEASE,
        [CONTAIN_STEP_UP] = ANSWER_STEP_UP,
        [CONTAIN_CUT] = ANSWER_CUT,
        [CONTAIN_REFUSE] = ANSWER_REFUSE,
    };

    *ret_asked = (struct live_asked){
        .answer = {.number = judging->number,
                   .decision = answers[decision->answer],
                   .alert = decision->alert},
        .cause = decision->cause,
        .withheld = withheld,
        .durable = (judging->flags & ASK_DURABLE) != 0,
    };
    if (decision->answer == CONTAIN_STEP_UP)
        ret_asked->answer.since_s = decision->since_us / TIME_SECOND_US + 1;
}

/* The last attempt of a cut session has its row; the others are a number. */
static enum result
count_attempts(struct judging *judging)
{
    const struct names *names = &judging->names;
    const struct row row = {
        .kind = ROW_GAP,
        .time_source_us = judging->live->now_us,
        .time_received_us = judging->live->now_us,
        .session = names->session,
        .professional = names->professional,
        .service = names->service,
        .controller = names->controller,
        .detail = judging->attempts - 1,
    };

    return judging->attempts < 2
               ? OK
               : core_append(judging->live->core, &row, 1, NULL);
}

/* Recorded as what it is, and not judged as a disclosure. */
static enum result
refuse(struct judging *judging)
{
    struct live *live = judging->live;
    bool unreadable = live->shown_count == 0;
    enum result result;

    core_hold(live->core);
    result = accept_parts(judging, unreadable ? EVENT_ACCESS : EVENT_REFUSAL);
    if (result == OK || result == E_LIMIT || result == E_FORMAT)
        result = core_let(live->core, true);
    if (result == OK)
        result = take_in_rows(judging);
    return result == OK ? count_attempts(judging) : result;
}

static enum result
record(struct judging *judging, struct contain_decision *decision,
       bool *ret_withheld)
{
    struct live *live = judging->live;
    bool leaves = (judging->flags & ASK_OBSERVE) != 0 ||
                  (judging->showing.flags & SHOWING_WRITTEN) != 0;
    enum result result, accepted;

    live->ordered = false;
    core_hold(live->core);
    accepted = accept_parts(judging, EVENT_ACCESS);
    result = accepted == E_LIMIT || accepted == E_FORMAT ? OK : accepted;
    if (result == OK && live->ordered && decision->answer == CONTAIN_RELEASE)
        contain_decide(live->contain, &judging->showing, decision);
    if (accepted != OK && decision->answer == CONTAIN_RELEASE)
        decision->answer = CONTAIN_REFUSE; /* what has no row does not leave */
    *ret_withheld = decision->answer != CONTAIN_RELEASE && !leaves;
    if (result == OK && decision->answer == CONTAIN_RELEASE &&
        (judging->flags & ASK_BREAK_GLASS) != 0)
        result = use_glass(judging);
    if (result == OK && !*ret_withheld)
        bill_unreadable(judging);
    if (result == OK)
        result = core_let(live->core, *ret_withheld);
    return result == OK ? take_in_rows(judging) : result;
}

enum result
live_ask(struct live *live, const struct live_part *parts, size_t part_count,
         int64_t now_us, struct live_asked *ret_asked)
{
    struct judging judging = {
        .live = live, .parts = parts, .part_count = part_count};
    struct contain_decision decision;
    bool withheld = false, before, leaves, stopped;
    enum result result;

    if (part_count == 0 || part_count > LIVE_PARTS_MAX)
        return E_LIMIT;
    result = live_clock(live, now_us);
    if (result == OK)
        result = collect(&judging);
    if (result != OK)
        return result;
    contain_decide(live->contain, &judging.showing, &decision);
    before = judging.phase == ASK_BEFORE;
    leaves = (judging.flags & ASK_OBSERVE) != 0 ||
             (judging.showing.flags & SHOWING_WRITTEN) != 0;
    stopped = (judging.flags & (ASK_CUT_SHORT | ASK_REFUSED)) != 0;
    if (stopped && decision.answer == CONTAIN_RELEASE)
        decision.answer = CONTAIN_REFUSE; /* nothing left, whatever is said */
    note_visit(&judging, decision.answer != CONTAIN_RELEASE);
    if (stopped || (decision.answer != CONTAIN_RELEASE && !leaves)) {
        withheld = true;
        result = refuse(&judging);
    } else if (!before) {
        result = record(&judging, &decision, &withheld);
    }
    if (result == OK && !leaves)
        result = live_cut(live, &judging.showing);
    if (result == OK)
        fill_answer(&judging, &decision, withheld, ret_asked);
    return result;
}
