/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/time.h"

#define IDLE_US (SESSION_IDLE_MINUTES * TIME_MINUTE_US)

struct context {
    uint64_t key; /* 0: free */
    uint64_t professional, address, device;
    uint64_t session;
    int64_t last_us;
    bool derived;
};

struct sessions {
    struct session_state *states;
    size_t state_room, state_count;
    struct context *contexts;
    size_t context_room, context_count;
    int64_t latest_us;
};

enum result
sessions_new(struct sessions **ret_sessions)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));

    if (sessions == NULL)
        return E_NOMEM;
    sessions->state_room = sessions->context_room = SESSIONS_SWEEP_MIN;
    sessions->states = calloc(sessions->state_room, sizeof(*sessions->states));
    sessions->contexts =
        calloc(sessions->context_room, sizeof(*sessions->contexts));
    sessions->latest_us = INT64_MIN;
    if (sessions->states == NULL || sessions->contexts == NULL) {
        sessions_free(sessions);
        return E_NOMEM;
    }
    *ret_sessions = sessions;
    return OK;
}

void
sessions_free(struct sessions *sessions)
{
    if (sessions == NULL)
        return;
    free(sessions->states);
    free(sessions->contexts);
    free(sessions);
}

void
sessions_clear(struct sessions *sessions)
{
    memset(sessions->states, 0,
           sessions->state_room * sizeof(*sessions->states));
    memset(sessions->contexts, 0,
           sessions->context_room * sizeof(*sessions->contexts));
    sessions->state_count = sessions->context_count = 0;
    sessions->latest_us = INT64_MIN;
}

static bool
is_idle(int64_t last_us, int64_t time_us)
{
    /* both ways: a late import looks back at what came after it */
    return time_us - last_us > IDLE_US || last_us - time_us > IDLE_US;
}

static uint64_t
mix(uint64_t value)
{
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    return value;
}

static uint64_t
context_key(uint64_t professional, uint64_t address, uint64_t device,
            bool derived)
{
    uint64_t key = mix(professional + (derived ? 1 : 0));

    key = mix(key ^ address);
    key = mix(key ^ device);
    return key == 0 ? 1 : key;
}

/* The slot that holds the session, or the free one where it would go. */
static struct session_state *
state_slot(struct session_state *states, size_t room, uint64_t session)
{
    size_t at = (size_t)mix(session) & (room - 1);

    while (states[at].session != 0 && states[at].session != session)
        at = (at + 1) & (room - 1);
    return &states[at];
}

static bool
same_context(const struct context *a, const struct context *b)
{
    return a->key == b->key && a->professional == b->professional &&
           a->address == b->address && a->device == b->device &&
           a->derived == b->derived;
}

static struct context *
context_slot(struct context *contexts, size_t room, const struct context *like)
{
    size_t at = (size_t)like->key & (room - 1);

    while (contexts[at].key != 0 && !same_context(&contexts[at], like))
        at = (at + 1) & (room - 1);
    return &contexts[at];
}

/* Drops what is idle; doubles where little was. */
static enum result
sweep_states(struct sessions *sessions)
{
    size_t room = sessions->state_room, alive = 0;
    struct session_state *states;

    for (size_t i = 0; i < room; i++) {
        if (sessions->states[i].session != 0 &&
            !is_idle(sessions->states[i].last_us, sessions->latest_us))
            alive++;
    }
    if (alive > room / 4)
        room *= 2;
    states = calloc(room, sizeof(*states));
    if (states == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < sessions->state_room; i++) {
        const struct session_state *state = &sessions->states[i];

        if (state->session != 0 &&
            !is_idle(state->last_us, sessions->latest_us))
            *state_slot(states, room, state->session) = *state;
    }
    free(sessions->states);
    sessions->states = states;
    sessions->state_room = room;
    sessions->state_count = alive;
    return OK;
}

static enum result
sweep_contexts(struct sessions *sessions)
{
    size_t room = sessions->context_room, alive = 0;
    struct context *contexts;

    for (size_t i = 0; i < room; i++) {
        if (sessions->contexts[i].key != 0 &&
            !is_idle(sessions->contexts[i].last_us, sessions->latest_us))
            alive++;
    }
    if (alive > room / 4)
        room *= 2;
    contexts = calloc(room, sizeof(*contexts));
    if (contexts == NULL)
        return E_NOMEM;
    for (size_t i = 0; i < sessions->context_room; i++) {
        const struct context *context = &sessions->contexts[i];

        if (context->key != 0 &&
            !is_idle(context->last_us, sessions->latest_us))
            *context_slot(contexts, room, context) = *context;
    }
    free(sessions->contexts);
    sessions->contexts = contexts;
    sessions->context_room = room;
    sessions->context_count = alive;
    return OK;
}

static enum result
note_context(struct sessions *sessions, const struct session_state *state,
             const struct row *row)
{
    struct context like = {
        .professional = state->professional,
        .address = state->address,
        .device = state->device,
        .session = state->session,
        .last_us = row->time_source_us,
        .derived = (row->flags & ROW_SESSION_DERIVED) != 0,
    };
    struct context *slot;
    enum result result;

    if ((row->flags & ROW_SESSION_SID) != 0)
        return OK;
    like.key = context_key(like.professional, like.address, like.device,
                           like.derived);
    if (sessions->context_count >= sessions->context_room / 2) {
        result = sweep_contexts(sessions);
        if (result != OK)
            return result;
    }
    slot = context_slot(sessions->contexts, sessions->context_room, &like);
    if (slot->key == 0)
        sessions->context_count++;
    *slot = like;
    return OK;
}

enum result
sessions_row(struct sessions *sessions, const struct row *row)
{
    struct session_state *state;
    enum result result;

    if (row->session == 0 || row->kind == ROW_VERDICT ||
        row->kind == ROW_SIGN || row->kind == ROW_ORDER)
        return OK;
    if (row->time_source_us > sessions->latest_us)
        sessions->latest_us = row->time_source_us;
    if (sessions->state_count >= sessions->state_room / 2) {
        result = sweep_states(sessions);
        if (result != OK)
            return result;
    }
    state = state_slot(sessions->states, sessions->state_room, row->session);
    if (state->session == 0)
        sessions->state_count++;
    if (state->session == 0 || is_idle(state->last_us, row->time_source_us))
        *state = (struct session_state){.session = row->session,
                                        .token = row->session};
    state->last_us = row->time_source_us;
    if (row->professional != 0)
        state->professional = row->professional;
    if (row->kind == ROW_SIGHTING) {
        state->address = row->person;
        state->device = row->request;
        state->network = row->detail;
    } else if (row->kind == ROW_TOKEN) {
        state->token = row->person;
    }
    return note_context(sessions, state, row);
}

void
sessions_expect(const struct sessions *sessions, uint64_t session)
{
    __builtin_prefetch(
        &sessions->states[(size_t)mix(session) & (sessions->state_room - 1)]);
}

bool
sessions_find(const struct sessions *sessions, uint64_t session,
              int64_t time_us, struct session_state *ret_state)
{
    const struct session_state *state =
        state_slot(sessions->states, sessions->state_room, session);

    if (state->session == 0 || is_idle(state->last_us, time_us))
        return false;
    *ret_state = *state;
    return true;
}

uint64_t
sessions_of_context(const struct sessions *sessions, uint64_t professional,
                    uint64_t address, uint64_t device, bool derived,
                    int64_t time_us)
{
    struct context like = {
        .key = context_key(professional, address, device, derived),
        .professional = professional,
        .address = address,
        .device = device,
        .derived = derived,
    };
    const struct context *slot =
        context_slot(sessions->contexts, sessions->context_room, &like);

    if (slot->key == 0 || is_idle(slot->last_us, time_us))
        return 0;
    return slot->session;
}
