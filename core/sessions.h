/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What core keeps in mind of the sessions that are alive: where and with
 * what each was last seen, under which token, and which session a context
 * (professional, address, device) was last in. Fed by rows only, so that the
 * ledger rebuilds it. Idle sessions are swept out; what is answered never
 * depends on when.
 */
#ifndef VIGIE_CORE_SESSIONS_H
#define VIGIE_CORE_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "model/row.h"

struct sessions;

struct session_state {
    uint64_t session;
    uint64_t professional, address, device;
    uint64_t token; /* alias id of the name now used; the session's own id
                       until a row says otherwise */
    int64_t last_us;
    uint32_t network;
};

enum result sessions_new(struct sessions **ret_sessions) MUST_USE;
void sessions_free(struct sessions *sessions);
void sessions_clear(struct sessions *sessions);
/* Takes in a row of any kind. */
enum result sessions_row(struct sessions *sessions,
                         const struct row *row) MUST_USE;
/* A little before: fetches where the session's state is. */
void sessions_expect(const struct sessions *sessions, uint64_t session);
/* False where the session is unknown or has been idle at that time for more
 * than SESSION_IDLE_MINUTES. */
bool sessions_find(const struct sessions *sessions, uint64_t session,
                   int64_t time_us, struct session_state *ret_state);
/* The session in which this context was at most SESSION_IDLE_MINUTES before
 * (or after) that time; 0: none. `derived`: among the derived ones. */
uint64_t sessions_of_context(const struct sessions *sessions,
                             uint64_t professional, uint64_t address,
                             uint64_t device, bool derived, int64_t time_us);

#endif
