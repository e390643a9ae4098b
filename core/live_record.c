/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An audit record beside the door → rows. The record's own time stays in its
 * rows, so that reading it again finds it there; it is judged at core's time,
 * which never goes back. One outside its source's usual skew is stored and
 * flagged, and not judged.
 */
#include <string.h>

#include "base/time.h"
#include "core/live_inside.h"

/* What no parser of ours would have let through. */
static bool
has_sense(const struct event *event)
{
    const int64_t first = (int64_t)(EVENT_YEAR_MIN - 1970) * 365 * TIME_DAY_US;
    const int64_t last = (int64_t)(EVENT_YEAR_MAX - 1969) * 366 * TIME_DAY_US;

    /* nobody but the door has read what left */
    return event->grade != GRADE_SENT && event->time_us >= first &&
           event->time_us <= last && !text_is(event->source, "door");
}

static void
note_visit(struct live *live, const struct row *row)
{
    struct live_visit *visit;
    uint64_t who = contain_who(row->professional, row->session);
    int64_t first_us;
    bool is_new = false;

    if (row->session == 0)
        return;
    visit = live_visit_of(live, row->session, live->now_us);
    if (row->professional != 0)
        visit->professional = row->professional;
    if (row->kind == ROW_SIGHTING && row->person != 0)
        visit->address = row->person;
    if (row->service != 0)
        visit->service = row->service;
    visit->last_us = live->now_us;
    if (row->kind != ROW_DISCLOSURE || row->person == 0 ||
        (row->flags & ROW_WITHHELD) != 0)
        return;
    if (known_add(live->visited, row->session, row->person, 0, &is_new) ==
        E_LIMIT)
        known_clear(live->visited);
    if (is_new)
        known_tell(live->visited, row->session, row->person, true);
    visit->persons += is_new ? 1 : 0;
    visit->new_persons +=
        contain_first(live->contain, who, row->person, &first_us) ? 0 : 1;
}

static enum result
take_in(struct live *live, const struct event *event)
{
    const struct core *core = live->core;
    struct bypass_late *late = bypass_late_of(live->bypass);
    enum result result = OK;

    for (size_t i = 0; i < core->held_count && result == OK; i++) {
        const struct row *row = &core->held[i];

        if (row->kind == ROW_ORDER)
            continue;
        if (late != NULL && row->kind == ROW_DISCLOSURE)
            bypass_late_told(late, event->request, row);
        if ((row->flags & ROW_LATE) == 0 && row->kind != ROW_SIGN &&
            row->kind != ROW_VERDICT)
            note_visit(live, row);
        result = contain_row(live->contain, row);
    }
    return result;
}

static enum result
accept_record(struct live *live, const struct wire_record *record,
              const struct event *event, bool *ret_stored)
{
    struct core *core = live->core;
    struct names names;
    int64_t skew_us;
    enum result accepted, result = core_resolve(core, event, &names);

    if (result == E_LIMIT || result == E_FORMAT) {
        *ret_stored = false;
        return OK;
    }
    if (result != OK)
        return result;
    core->late = beside_late(live->beside, names.source, event->time_us,
                             live->now_us, &skew_us);
    live->site = names.controller;
    if (!core->late)
        contain_active(live->contain, names.controller, names.professional,
                       live->now_us);
    core_hold(core);
    accepted = core_accept(core, event, record->content, record->occurrence);
    *ret_stored = accepted == OK;
    if (accepted == E_LIMIT || accepted == E_FORMAT)
        accepted = OK;
    result = accepted == OK ? core_let(core, false) : accepted;
    return result == OK ? take_in(live, event) : result;
}

enum result
live_record(struct live *live, const struct wire_record *record, int64_t now_us,
            bool *ret_stored)
{
    struct core *core = live->core;
    struct event event;
    bool stored = true;
    enum result result = live_clock(live, now_us);

    if (result != OK)
        return result;
    if (record->refused > 0) {
        result = core_refused(core, record->refused, record->content);
    } else if (event_unpack(record->content, &event) != OK ||
               !has_sense(&event)) {
        return E_FORMAT;
    } else {
        core->beside = true;
        core->beside_us = live->now_us;
        core->controller = (struct text){0};
        live->unvouched = (record->flags & RECORD_VOUCHED) == 0;
        core->unvouched = live->unvouched;
        result = accept_record(live, record, &event, &stored);
        live->unvouched = core->unvouched = false;
        core->late = core->beside = false;
    }
    if (result == OK)
        *ret_stored = stored;
    return result;
}
