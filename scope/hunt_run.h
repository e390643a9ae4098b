/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What else the same hands touched: from some sessions to the accounts and
 * sessions that share their addresses, their devices, their rhythm, or that
 * work one behind the other with them; and the timeline of all of it. Knows
 * ids only, prints nothing.
 *
 * Cost: the sessions of the start and of what is found, through the index,
 * and one reading of the whole log (sightings by device and the rhythm of
 * other sessions have no index). Memory: about 100 bytes a session that was
 * active within the times asked.
 */
#ifndef VIGIE_SCOPE_HUNT_RUN_H
#define VIGIE_SCOPE_HUNT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "scope/id_map.h"
#include "scope/walk.h"

/* More accounts than this behind one address or device: a portal, a kiosk,
 * a hospital's exit. About ten accounts were usurped together in September
 * 2025; a ring of twice that is still followed. */
#define HUNT_SHARED_ACCOUNTS 20

/* Sessions under this are listed, and left out of what people read as the
 * timeline: a common browser, a usual place. */
#define HUNT_STRENGTH_WEAK 25

enum hunt_reason {
    HUNT_START = 1 << 0,
    HUNT_ADDRESS = 1 << 1,
    HUNT_DEVICE = 1 << 2,
    HUNT_RHYTHM = 1 << 3,     /* the same step between requests */
    HUNT_ALTERNATES = 1 << 4, /* begins when one of the start ends, or ends
                                 when one begins */
    HUNT_HABITUAL = 1 << 5,   /* what it shares is usual for the start */
};

/* An address or device of the start. */
struct hunt_context {
    uint64_t id;
    bool device;
    bool asked;    /* named by the operator: its sessions are the start */
    bool shared;   /* by too many accounts: not followed */
    bool habitual; /* the start's accounts use it all the time */
    bool browser;  /* a User-Agent: a kind of machine, not one machine */
    uint32_t start_sessions;
    uint32_t accounts; /* in the times asked */
};

struct hunt_session {
    uint64_t session, professional;
    unsigned reasons;  /* enum hunt_reason */
    uint32_t strength; /* 0 for the start */
    int64_t first_us, last_us;
    uint32_t persons, accesses;
    uint64_t step_us;          /* median between requests; 0 where too few */
    uint32_t accesses_regular; /* steps within 15 % of it, per hundred */
};

struct hunt_account {
    uint64_t professional;
    unsigned reasons;
    uint32_t strength;
    uint32_t sessions, persons, accesses;
    int64_t first_us, last_us;
};

/* What one session did within one hour, from one place. */
struct hunt_line {
    uint32_t session; /* place in sessions */
    uint64_t address, device;
    int64_t hour_us, first_us, last_us;
    uint32_t persons, accesses, unlabelled, refusals, logins, logouts, writes;
    uint8_t categories;
};

struct hunt {
    struct hunt_context *contexts;
    size_t context_count, context_room;
    struct hunt_session *sessions; /* start first, then by strength */
    size_t session_count, session_room;
    struct hunt_account *accounts; /* likewise */
    size_t account_count, account_room;
    struct hunt_line *lines; /* by time */
    size_t line_count, line_room;
    uint32_t persons;      /* of everything listed */
    uint32_t all_accounts; /* active in the times asked */
};

/* `start`: sessions, professionals, addresses as one asks for rows; devices
 * beside it. Its times bound everything. */
enum result hunt_run(struct ledger *ledger, struct lookup *lookup,
                     const struct walk_query *start,
                     const struct id_list *devices,
                     struct hunt *ret_hunt) MUST_USE;
void hunt_free(struct hunt *hunt);

#endif
