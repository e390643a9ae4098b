/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Counting once: is there a row already for this person of this record, or
 * for the request that it reports? A note of the look-up is believed only if
 * the row is there.
 */
#include <string.h>

#include "base/limits.h"
#include "base/time.h"
#include "core/core_inside.h"

int32_t
core_day(int64_t time_us)
{
    int64_t day = time_us / TIME_DAY_US;

    return (int32_t)(time_us % TIME_DAY_US < 0 ? day - 1 : day);
}

/* The row noted under the digest, if it is really there. */
enum result
core_noted_row(struct core *core, int32_t day, uint64_t digest,
               struct row *ret_row)
{
    uint64_t number;
    struct row row;
    enum result result = lookup_seen(core->lookup, day, digest, &number);

    if (result != OK)
        return result;
    if (number >= ledger_count(core->ledger))
        return E_NOTFOUND;
    result = ledger_read(core->ledger, number, 1, &row);
    if (result != OK)
        return result;
    if (row.request != digest && (row.flags & ROW_SAME_REQUEST) == 0)
        return E_NOTFOUND;
    *ret_row = row;
    return OK;
}

/* The same request may have been noted under the day before or after, where
 * the two sides' clocks lie on either side of midnight. */
static enum result
noted_request(struct core *core, int64_t time_us, uint64_t digest,
              struct row *ret_row)
{
    int32_t day = core_day(time_us);
    enum result result = core_noted_row(core, day, digest, ret_row);

    if (result == E_NOTFOUND && core_day(time_us - EVENT_SIDES_APART_US) < day)
        result = core_noted_row(core, day - 1, digest, ret_row);
    if (result == E_NOTFOUND && core_day(time_us + EVENT_SIDES_APART_US) > day)
        result = core_noted_row(core, day + 1, digest, ret_row);
    return result;
}

uint64_t
core_record_digest(const struct core *core, const struct record_name *name)
{
    struct {
        char mark[8];
        uint64_t content, occurrence, person;
    } words = {"record", 0, name->occurrence, name->person};

    words.content =
        lookup_digest(core->lookup, name->content.bytes, name->content.length);
    return lookup_digest(core->lookup, &words, sizeof(words));
}

/* Told apart by their request id; what the door kept back the service may
 * tell of as shown. */
static bool
is_by_request(const struct event *event)
{
    return event->request.length > 0 &&
           (event->kind == EVENT_ACCESS ||
            (event->kind == EVENT_REFUSAL && event->grade == GRADE_SENT));
}

static enum result
request_digest(struct core *core, const struct event *event, unsigned use,
               struct text person_key, uint64_t *ret_digest)
{
    enum result result;
    /* the first byte tells these digests from those of whole records */
    char head[4] = {'q', (char)use, '|', '|'};

    buffer_clear(&core->text);
    result = buffer_append(&core->text, head, sizeof(head));
    if (result == OK)
        result = buffer_text(&core->text, event->request);
    if (result == OK)
        result = buffer_byte(&core->text, '|');
    if (result == OK)
        result = buffer_text(&core->text, person_key);
    if (result == OK)
        *ret_digest =
            lookup_digest(core->lookup, core->text.bytes, core->text.length);
    return result;
}

/* Digests of reports to come lie far apart in a large filter: all are fetched
 * before the first is looked at. */
void
core_plan_expect(struct core *core, const struct event *event,
                 const struct names *names)
{
    memset(core->expected, 0, event->person_count * sizeof(core->expected[0]));
    if (!is_by_request(event))
        return;
    for (size_t i = 0; i < event->person_count; i++) {
        uint64_t digest = 0;

        if (event_person_key(&event->persons[i], names->person_space,
                             &core->key) != OK ||
            request_digest(core, event, 1, buffer_as_text(&core->key),
                           &digest) != OK)
            continue; /* core_plan_person says it */
        core->expected[i] = digest;
        lookup_seen_expect(core->lookup, core_day(event->time_us), digest);
    }
}

/* The row says all that the event says. */
static bool
row_covers(const struct row *row, const struct event *event,
           uint64_t professional, uint64_t session)
{
    uint16_t seen = event->categories & CATEGORY_SEEN_MASK;

    return (professional == 0 || professional == row->professional) &&
           (session == 0 || session == row->session) &&
           (row->categories & seen) == seen && event->grade >= row->grade;
}

/* What the door read in the bytes that left, and what a trail says of the
 * same request: two reports of one thing. */
static bool
is_door_and_trail(const struct row *row, const struct event *event)
{
    bool row_sent = row->grade == GRADE_SENT;

    /* only the door's refusals are noted by their request */
    if (row->kind == ROW_REFUSAL ||
        (row_is_taken_back(row) && event->grade != GRADE_SENT))
        return event->grade != GRADE_SENT;
    return row->kind == ROW_DISCLOSURE &&
           row_sent != (event->grade == GRADE_SENT);
}

static bool
is_other_side(const struct row *row, const struct event *event)
{
    int64_t apart = row->time_source_us - event->time_us;
    unsigned side = ROW_DETAIL_SIDE(row->detail);

    return (is_door_and_trail(row, event) ||
            (side != SIDE_UNKNOWN && event->side != SIDE_UNKNOWN &&
             side != (unsigned)event->side)) &&
           apart <= EVENT_SIDES_APART_US && -apart <= EVENT_SIDES_APART_US;
}

static void
plan_repeat(struct plan *plan, const struct event *event, const struct row *row)
{
    plan->duplicate = true;
    /* not the report of the other side, whose clock is another */
    if (row->time_source_us == event->time_us)
        plan->again = row->session;
}

/* By its own content. */
static enum result
plan_noted(struct core *core, const struct event *event, struct plan *plan)
{
    struct row row;
    enum result result =
        core_noted_row(core, core_day(event->time_us), plan->note, &row);

    if (result == OK && row.time_source_us == event->time_us)
        plan_repeat(plan, event, &row);
    return result == E_NOTFOUND ? OK : result;
}

/* Under which the event's session was told before; nobody's where it was
 * not. */
static enum result
told_session(struct core *core, const struct event *event,
             uint64_t *ret_session)
{
    struct alias alias;
    enum result result;

    *ret_session = 0;
    if (event->session.length == 0)
        return OK;
    result = lookup_find(core->lookup, ALIAS_SESSION, event->session, &alias);
    *ret_session = result == OK ? alias.canonical : UINT64_MAX;
    return result == E_NOTFOUND ? OK : result;
}

static enum result
use_digest(struct core *core, const struct event *event,
           const struct names *names, unsigned use, size_t person,
           uint64_t *ret_digest)
{
    enum result result;

    if (use == 1 && core->expected[person] != 0) {
        *ret_digest = core->expected[person];
        return OK;
    }
    result = event_person_key(&event->persons[person], names->person_space,
                              &core->key);
    return result == OK ? request_digest(core, event, use,
                                         buffer_as_text(&core->key), ret_digest)
                        : result;
}

/* Accesses that carry a request id: the reports of both sides count once;
 * an id that a client uses again and again hides nothing. */
static enum result
plan_request(struct core *core, const struct event *event,
             const struct names *names, size_t person, struct plan *plan)
{
    struct row row;
    enum result result = OK;

    for (unsigned use = 1; use <= REQUEST_USES_MAX; use++) {
        uint64_t digest = 0, session = 0;

        result = use_digest(core, event, names, use, person, &digest);
        if (result == OK)
            result = noted_request(core, event->time_us, digest, &row);
        if (result == E_NOTFOUND) {
            plan->request = plan->note = digest;
            return OK;
        }
        if (result != OK)
            return result;
        if (row.time_source_us != event->time_us && !is_other_side(&row, event))
            continue;
        result = told_session(core, event, &session);
        if (result != OK)
            return result;
        if (row_covers(&row, event, names->professional, session)) {
            plan_repeat(plan, event, &row);
            return OK;
        }
        /* it adds something: a row of its own, noted as this record */
        plan->same_request = true;
        /* what the door kept back, the trail does not let out */
        plan->withheld =
            event->grade != GRADE_SENT &&
            (row.kind == ROW_REFUSAL || (row.flags & ROW_WITHHELD) != 0);
        plan->request = digest;
        plan->note = core_record_digest(core, &plan->record);
        return plan_noted(core, event, plan);
    }
    /* told apart often enough: from here on only by its own content */
    plan->request = plan->note = core_record_digest(core, &plan->record);
    return plan_noted(core, event, plan);
}

enum result
core_take_back(struct core *core, const struct row *kept)
{
    struct row row;
    uint64_t number;
    int64_t apart;
    enum result result;

    if ((kept->flags & ROW_SAME_REQUEST) == 0 || kept->grade != GRADE_SENT ||
        kept->person == 0)
        return OK;
    result = noted_request(core, kept->time_source_us, kept->request, &row);
    if (result != OK)
        return result == E_NOTFOUND ? OK : result;
    apart = row.time_source_us - kept->time_source_us;
    if (row.kind != ROW_DISCLOSURE || row.grade == GRADE_SENT ||
        (row.flags & ROW_WITHHELD) != 0 || apart > EVENT_SIDES_APART_US ||
        -apart > EVENT_SIDES_APART_US)
        return OK;
    row.time_received_us = kept->time_received_us;
    row.flags |= ROW_WITHHELD | ROW_SAME_REQUEST;
    result = core_append(core, &row, 1, &number);
    /* from here on the trail's other reports find this one */
    return result == OK
               ? lookup_note(core->lookup, core_day(row.time_source_us),
                             kept->request, number)
               : result;
}

enum result
core_plan_person(struct core *core, const struct event *event,
                 const struct names *names, struct text content,
                 uint32_t occurrence, size_t person, struct plan *plan)
{
    *plan = (struct plan){.record = {content, occurrence, person}};
    if (is_by_request(event) && person < event->person_count)
        return plan_request(core, event, names, person, plan);
    plan->request = plan->note = core_record_digest(core, &plan->record);
    return plan_noted(core, event, plan);
}
