/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every session that saw one person (right of access, GDPR article 15; which
 * accounts to ask about an access). Prints nothing, knows ids only.
 */
#ifndef VIGIE_SCOPE_WHO_RUN_H
#define VIGIE_SCOPE_WHO_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "model/event.h"
#include "scope/id_map.h"

struct who_entry {
    uint64_t session, professional;
    uint64_t address, device; /* when it saw the person first */
    int64_t first_us, last_us;
    uint32_t disclosures;
    uint16_t service; /* of the first disclosure */
    uint16_t controller;
    uint8_t seen, possible; /* categories */
    uint8_t grade;          /* the strongest: smallest enum grade */
    bool writes;            /* something was written too */
    bool moved;             /* it saw the person from more places */
};

/* A further address and device of a session that moved. */
struct who_place {
    uint64_t session, address, device;
};

struct who {
    struct who_entry *entries; /* by first time */
    size_t count, room;
    struct who_place *places; /* in the order of the log by session */
    size_t place_count, place_room;
    uint64_t disclosures;
    size_t professionals;
};

/* `persons`: every id under which the person stands. Times as walk_query. */
enum result who_run(struct ledger *ledger, const struct id_list *persons,
                    int64_t from_us, int64_t to_us,
                    struct who *ret_who) MUST_USE;
void who_free(struct who *who);

#endif
