/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The start, its contexts and rhythm, then which of what the log holds is
 * kept, and how strongly. Strengths only rank; the words say why.
 */
#include "scope/hunt_run.h"

#include <stdlib.h>

#include "base/time.h"
#include "scope/grow.h"
#include "scope/hunt_inside.h"
#include "scope/rhythm.h"
#include "scope/step.h"

#define STRENGTH_ADDRESS 40
#define STRENGTH_DEVICE 30
#define STRENGTH_BROWSER 10
#define STRENGTH_FEW 20 /* the context has three accounts at most */
#define STRENGTH_HABITUAL 5
#define STRENGTH_RHYTHM 25
#define FEW_ACCOUNTS 3
/* Sessions from which on one can tell what is usual for an account, and the
 * share of them that makes a context so. */
#define HABIT_SESSIONS_MIN 8
#define HABIT_SHARE 4

void
hunt_free(struct hunt *hunt)
{
    free(hunt->contexts);
    free(hunt->sessions);
    free(hunt->accounts);
    free(hunt->lines);
    *hunt = (struct hunt){0};
}

static void
run_free(struct hunt_run *run)
{
    id_list_free(&run->start_sessions);
    id_map_free(&run->contexts);
    id_map_free(&run->context_sessions);
    id_map_free(&run->context_accounts);
    free(run->times);
    id_list_free(&run->candidates);
    free(run->candidate_accounts);
    free(run->shares);
    id_list_free(&run->all_accounts);
    id_list_free(&run->pulse_sessions);
    free(run->pulses);
}

static enum result
start_session(void *context, const struct walk_row *at)
{
    struct hunt_run *run = context;

    return at->row->session == 0
               ? OK
               : id_list_add(&run->start_sessions, at->row->session);
}

static enum result
start_device(void *context, uint64_t number, const struct row *row)
{
    struct hunt_run *run = context;

    (void)number;
    if (row->kind != ROW_SIGHTING || row->session == 0 ||
        row->time_source_us >= run->start->to_us ||
        !id_list_has(run->devices, row->request))
        return OK;
    return id_list_add(&run->start_sessions, row->session);
}

/* The rows of one kind of start: the lists of the query are lent, so that
 * the kinds unite here instead of intersecting. */
static enum result
start_by(struct hunt_run *run, const struct walk_query *part)
{
    struct walk_query query = *part;

    if (part->sessions.count + part->professionals.count +
            part->addresses.count ==
        0)
        return OK;
    query.from_us = run->start->from_us;
    query.to_us = run->start->to_us;
    return walk_rows(run->ledger, &query, start_session, run);
}

static enum result
find_start(struct hunt_run *run)
{
    const struct walk_query *start = run->start;
    enum result result =
        start_by(run, &(struct walk_query){.sessions = start->sessions});

    STEP(start_by(run,
                  &(struct walk_query){.professionals = start->professionals}));
    STEP(start_by(run, &(struct walk_query){.addresses = start->addresses}));
    if (run->devices->count > 0)
        STEP(walk_log(run->ledger, start_device, run));
    return result;
}

static enum result
context_note(struct hunt_run *run, uint64_t id, bool device, uint64_t session)
{
    struct hunt *hunt = run->hunt;
    uint32_t place;
    bool is_new = false;
    enum result result = OK;

    if (id == 0)
        return OK;
    if (!id_map_find(&run->contexts, id, device, &place)) {
        result = grow(&hunt->contexts, &hunt->context_room, hunt->context_count,
                      sizeof(*hunt->contexts));
        STEP(id_map_put(&run->contexts, id, device,
                        (uint32_t)hunt->context_count));
        if (result != OK)
            return result;
        place = (uint32_t)hunt->context_count++;
        hunt->contexts[place] = (struct hunt_context){
            .id = id,
            .device = device,
            .asked = device ? id_list_has(run->devices, id)
                            : id_list_has(&run->start->addresses, id),
        };
    }
    STEP(id_map_once(&run->context_sessions, session, place, 0, &is_new));
    if (result == OK && is_new)
        hunt->contexts[place].start_sessions++;
    return result;
}

/* Closes the session whose times were gathered: a regular step is noted. */
static void
step_note(struct hunt_run *run)
{
    uint32_t share = 0;
    uint64_t step = rhythm_median(run->times, run->time_count, &share);

    run->time_count = 0;
    if (!rhythm_regular(step, share) || run->step_count == HUNT_STEPS_MAX)
        return;
    for (size_t i = 0; i < run->step_count; i++)
        if (rhythm_near(step, run->steps[i]))
            return;
    run->steps[run->step_count++] = step;
}

static enum result
start_row(void *context, const struct walk_row *at)
{
    struct hunt_run *run = context;
    const struct row *row = at->row;
    enum result result = context_note(run, at->address, false, row->session);

    STEP(context_note(run, at->device, true, row->session));
    if (row->time_source_us < run->start_first_us)
        run->start_first_us = row->time_source_us;
    if (row->time_source_us > run->start_last_us)
        run->start_last_us = row->time_source_us;
    if (row->kind != ROW_DISCLOSURE && row->kind != ROW_UNLABELLED)
        return result;
    if (row->session != run->time_session) {
        step_note(run);
        run->time_session = row->session;
    }
    STEP(grow(&run->times, &run->time_room, run->time_count,
              sizeof(*run->times)));
    if (result == OK)
        run->times[run->time_count++] = row->time_source_us;
    return result;
}

static enum result
learn_start(struct hunt_run *run)
{
    struct walk_query query;
    enum result result;

    walk_query_start(&query);
    query.sessions = run->start_sessions; /* lent */
    query.from_us = run->start->from_us;
    query.to_us = run->start->to_us;
    result = walk_rows(run->ledger, &query, start_row, run);
    if (result == OK)
        step_note(run);
    return result;
}

/* Values that name a kind of machine: browsers call themselves "Mozilla/…".
 * A value that cannot be read is taken for a machine. */
static enum result
is_browser(struct hunt_run *run, uint64_t device, bool *ret_browser)
{
    struct buffer value = {0};
    enum result result = lookup_value(run->lookup, device, &value);

    if (result == E_NOTFOUND || result == E_DENIED)
        result = OK;
    if (result == OK)
        *ret_browser = text_starts(buffer_as_text(&value), "Mozilla/");
    buffer_free(&value);
    return result;
}

static enum result
decide_contexts(struct hunt_run *run)
{
    enum result result = OK;
    struct hunt *hunt = run->hunt;
    size_t starts = run->start_sessions.count;
    /* what is usual is only told of accounts as a whole: sessions that an
     * operator picked are the odd ones */
    bool habits = run->start->professionals.count > 0 &&
                  run->start->sessions.count + run->start->addresses.count +
                          run->devices->count ==
                      0 &&
                  starts >= HABIT_SESSIONS_MIN;

    for (size_t i = 0; i < hunt->context_count; i++) {
        struct hunt_context *context = &hunt->contexts[i];

        context->shared =
            context->accounts > HUNT_SHARED_ACCOUNTS ||
            (context->accounts > FEW_ACCOUNTS &&
             (uint64_t)context->accounts * 3 > hunt->all_accounts);
        context->habitual =
            habits && (size_t)context->start_sessions * HABIT_SHARE >= starts;
        if (context->device)
            STEP(is_browser(run, context->id, &context->browser));
    }
    return result;
}

static uint32_t
share_strength(const struct hunt_context *context)
{
    uint32_t strength = context->device ? STRENGTH_DEVICE : STRENGTH_ADDRESS;

    if (context->habitual)
        return STRENGTH_HABITUAL;
    if (context->browser)
        return STRENGTH_BROWSER;
    return strength + (context->accounts <= FEW_ACCOUNTS ? STRENGTH_FEW : 0);
}

/* Sessions found by what they share: the strongest address and the strongest
 * device count. */
struct merit {
    unsigned reasons;
    uint32_t by_address, by_device, by_rhythm;
};

static void
merit_share(struct merit *merit, const struct hunt_context *context)
{
    uint32_t strength = share_strength(context);
    uint32_t *best = context->device ? &merit->by_device : &merit->by_address;

    if (context->shared)
        return;
    merit->reasons |= context->device ? HUNT_DEVICE : HUNT_ADDRESS;
    if (context->habitual)
        merit->reasons |= HUNT_HABITUAL;
    if (strength > *best)
        *best = strength;
}

static bool
pulse_matches(const struct hunt_run *run, const struct hunt_pulse *pulse)
{
    if (pulse->steps < RHYTHM_STEPS_MIN)
        return false;
    for (size_t i = 0; i < run->step_count; i++)
        if ((uint64_t)pulse->near[i] * 100 >=
            (uint64_t)pulse->steps * RHYTHM_SHARE_MIN)
            return true;
    return false;
}

static enum result
session_add(struct hunt *hunt, uint64_t session, uint64_t professional,
            const struct merit *merit)
{
    enum result result = grow(&hunt->sessions, &hunt->session_room,
                              hunt->session_count, sizeof(*hunt->sessions));

    if (result != OK)
        return result;
    hunt->sessions[hunt->session_count++] = (struct hunt_session){
        .session = session,
        .professional = professional,
        .reasons = merit->reasons,
        .strength = merit->by_address + merit->by_device + merit->by_rhythm,
        .first_us = INT64_MAX,
        .last_us = INT64_MIN,
    };
    return OK;
}

/* Candidates and pulses meet in one list of sessions. */
static enum result
decide_sessions(struct hunt_run *run)
{
    size_t candidates = run->candidates.count;
    struct merit *merits = calloc(candidates + 1, sizeof(*merits));
    enum result result = merits == NULL ? E_NOMEM : OK;

    for (size_t i = 0; result == OK && i < run->share_count; i++)
        merit_share(&merits[run->shares[i].candidate],
                    &run->hunt->contexts[run->shares[i].context]);
    for (size_t i = 0; result == OK && i < run->start_sessions.count; i++)
        result = session_add(run->hunt, run->start_sessions.ids[i], 0,
                             &(struct merit){.reasons = HUNT_START});
    for (size_t i = 0; i < run->pulse_sessions.count; i++) {
        const struct hunt_pulse *pulse = &run->pulses[i];
        uint64_t session = run->pulse_sessions.ids[i];
        struct merit alone = {.reasons = HUNT_RHYTHM,
                              .by_rhythm = STRENGTH_RHYTHM};
        uint32_t place;

        if (result != OK || id_list_has(&run->start_sessions, session) ||
            !pulse_matches(run, pulse))
            continue;
        if (id_list_place(&run->candidates, session, &place)) {
            merits[place].reasons |= HUNT_RHYTHM;
            merits[place].by_rhythm = STRENGTH_RHYTHM;
        } else {
            result =
                session_add(run->hunt, session, pulse->professional, &alone);
        }
    }
    for (size_t i = 0; result == OK && i < candidates; i++)
        if (merits[i].reasons != 0 &&
            !id_list_has(&run->start_sessions, run->candidates.ids[i]))
            result = session_add(run->hunt, run->candidates.ids[i],
                                 run->candidate_accounts[i], &merits[i]);
    free(merits);
    return result;
}

enum result
hunt_run(struct ledger *ledger, struct lookup *lookup,
         const struct walk_query *start, const struct id_list *devices,
         struct hunt *ret_hunt)
{
    struct hunt hunt = {0};
    struct hunt_run run = {
        .ledger = ledger,
        .lookup = lookup,
        .start = start,
        .devices = devices,
        .hunt = &hunt,
        .start_first_us = INT64_MAX,
        .start_last_us = INT64_MIN,
    };
    enum result result = find_start(&run);

    if (result == OK && run.start_sessions.count > 0) {
        STEP(learn_start(&run));
        STEP(hunt_scan(&run));
        STEP(decide_contexts(&run));
        STEP(decide_sessions(&run));
        STEP(hunt_count(&run));
    }
    run_free(&run);
    if (result != OK) {
        hunt_free(&hunt);
        return result;
    }
    *ret_hunt = hunt;
    return OK;
}
