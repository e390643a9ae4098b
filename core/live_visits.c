/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The sessions lately at work, for `vigie sessions`. Only shown, never
 * decided on: what does not fit takes the place of the longest idle one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/live_inside.h"

#define INDEX_ROOM (2 * LIVE_SESSIONS_MAX)

enum result
live_visits_new(struct live *live)
{
    live->visits = calloc(LIVE_SESSIONS_MAX, sizeof(live->visits[0]));
    return live->visits == NULL ? E_NOMEM : OK;
}

/* Session ids are random numbers: their low bits serve as they are. */
static uint32_t *
slot_of(struct live *live, uint64_t session)
{
    size_t at = (size_t)session & (INDEX_ROOM - 1);

    while (live->visit_index[at] != 0 &&
           live->visits[live->visit_index[at] - 1].session != session)
        at = (at + 1) & (INDEX_ROOM - 1);
    return &live->visit_index[at];
}

/* The older half goes at once, so that making room is seldom. */
static int
latest_first(const void *a, const void *b)
{
    const struct live_visit *left = a, *right = b;

    return (left->last_us < right->last_us) - (left->last_us > right->last_us);
}

static void
make_room(struct live *live)
{
    if (live->visit_count < LIVE_SESSIONS_MAX)
        return;
    qsort(live->visits, live->visit_count, sizeof(live->visits[0]),
          latest_first);
    live->visit_count /= 2;
    memset(live->visit_index, 0, sizeof(live->visit_index));
    for (size_t i = 0; i < live->visit_count; i++)
        *slot_of(live, live->visits[i].session) = (uint32_t)i + 1;
}

void
live_visit_expect(const struct live *live, uint64_t session)
{
    __builtin_prefetch(&live->visit_index[session & (INDEX_ROOM - 1)]);
}

struct live_visit *
live_visit_find(struct live *live, uint64_t session)
{
    uint32_t visit = *slot_of(live, session);

    return visit == 0 ? NULL : &live->visits[visit - 1];
}

struct live_visit *
live_visit_of(struct live *live, uint64_t session, int64_t now_us)
{
    struct live_visit *visit = live_visit_find(live, session);

    if (visit != NULL)
        return visit;
    make_room(live);
    visit = &live->visits[live->visit_count++];
    *visit = (struct live_visit){.session = session, .first_us = now_us};
    *slot_of(live, session) = (uint32_t)live->visit_count;
    return visit;
}

void
live_visit_take_back(struct live *live, const struct row *row)
{
    struct live_visit *visit = live_visit_find(live, row->session);
    uint64_t who = contain_who(row->professional, row->session);

    if (visit == NULL ||
        !known_is_told(live->visited, row->session, row->person))
        return;
    (void)known_forget(live->visited, row->session, row->person);
    visit->persons -= visit->persons > 0 ? 1 : 0;
    if (visit->new_persons > 0 &&
        contain_told(live->contain, who, row->person, live->now_us))
        visit->new_persons--;
}

enum result
live_value(struct live *live, uint64_t id, struct buffer *out,
           struct text *ret_text)
{
    enum result result = OK;

    buffer_clear(out);
    if (id != 0)
        result = lookup_value(live->core->lookup, id, out);
    /* what has no value (any more) is shown without one */
    if (result == E_NOTFOUND || result == E_DENIED)
        result = OK;
    if (result == OK)
        *ret_text = buffer_as_text(out);
    return result;
}

static enum result
say_order(struct live *live, const struct standing *standing,
          struct live_session *s)
{
    enum result result;

    buffer_clear(&live->names[4]);
    result = live_reason(live, standing->order, &live->names[4]);
    s->by = standing->by;
    s->uid = standing->operator_uid;
    s->since_us = standing->since_us;
    s->reason = buffer_as_text(&live->names[4]);
    return result;
}

/* The one that decides. */
static const struct standing *
standing_of(struct live *live, const struct live_visit *visit)
{
    const struct standings *all = contain_standings(live->contain);
    const struct standing *session =
        standings_find(all, ORDER_ON_SESSION, visit->session);
    const struct standing *professional =
        standings_find(all, ORDER_ON_PROFESSIONAL, visit->professional);

    if (session == NULL ||
        (professional != NULL && professional->verdict > session->verdict))
        return professional;
    return session;
}

static enum result
tell(struct live *live, const struct live_visit *visit, void *context,
     enum result (*visitor)(void *context, const struct live_session *s))
{
    struct live_session s = {
        .first_us = visit->first_us,
        .last_us = visit->last_us,
        .authenticated_us = visit->authenticated_us,
        .persons = visit->persons,
        .new_persons = visit->new_persons,
        .refused = visit->refused,
        .score_centinats = visit->score_centinats,
        .alert = visit->alert,
    };
    enum verdict stands =
        contain_verdict(live->contain, visit->professional, visit->session,
                        visit->authenticated_us);
    enum result result =
        live_value(live, visit->session, &live->names[0], &s.session);

    s.verdict = stands != VERDICT_ALLOW          ? stands
                : visit->verdict > VERDICT_WATCH ? VERDICT_WATCH
                                                 : visit->verdict;
    if (result == OK)
        result = live_value(live, visit->professional, &live->names[1],
                            &s.professional);
    if (result == OK)
        result = live_value(live, visit->address, &live->names[2], &s.address);
    buffer_clear(&live->names[3]);
    if (result == OK && visit->service != 0)
        result = lookup_number_name(live->core->lookup, NAME_SERVICE,
                                    visit->service, &live->names[3]);
    s.service = buffer_as_text(&live->names[3]);
    if (result == OK && standing_of(live, visit) != NULL)
        result = say_order(live, standing_of(live, visit), &s);
    return result == OK ? visitor(context, &s) : result;
}

/* What a verdict stands on, and is not at work. */
static enum result
tell_standing(struct live *live, const struct standing *standing, void *context,
              enum result (*visitor)(void *context,
                                     const struct live_session *s))
{
    struct live_session s = {.first_us = standing->since_us,
                             .last_us = standing->since_us,
                             .verdict = standing->verdict,
                             .alert = standing->alert};
    bool session = standing->target == ORDER_ON_SESSION;
    enum result result = live_value(live, standing->id, &live->names[0],
                                    session ? &s.session : &s.professional);

    if (result == OK)
        result = say_order(live, standing, &s);
    return result == OK ? visitor(context, &s) : result;
}

static bool
is_listed(struct live *live, const struct standing *standing, int64_t from_us)
{
    for (size_t i = 0; i < live->visit_count; i++) {
        const struct live_visit *visit = &live->visits[i];

        if (visit->last_us >= from_us &&
            (standing->target == ORDER_ON_SESSION
                 ? visit->session == standing->id
                 : visit->professional == standing->id))
            return true;
    }
    return false;
}

enum result
live_sessions(struct live *live, int64_t now_us, void *context,
              enum result (*visitor)(void *context,
                                     const struct live_session *s))
{
    const struct standings *standings = contain_standings(live->contain);
    int64_t from_us = now_us - SESSION_IDLE_MINUTES * TIME_MINUTE_US;
    enum result result = OK;

    qsort(live->visits, live->visit_count, sizeof(live->visits[0]),
          latest_first);
    memset(live->visit_index, 0, sizeof(live->visit_index));
    for (size_t i = 0; i < live->visit_count; i++)
        *slot_of(live, live->visits[i].session) = (uint32_t)i + 1;
    for (size_t i = 0; i < live->visit_count && result == OK; i++) {
        if (live->visits[i].last_us >= from_us)
            result = tell(live, &live->visits[i], context, visitor);
    }
    for (size_t i = 0; i < standings_count(standings) && result == OK; i++) {
        const struct standing *standing = standings_at(standings, i);

        if (!is_listed(live, standing, from_us))
            result = tell_standing(live, standing, context, visitor);
    }
    return result;
}
