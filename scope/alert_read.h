/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Alerts put together again from their rows (ROW_VERDICT, ROW_SIGN), and
 * what an explanation needs of the account's past. Knows ids only.
 */
#ifndef VIGIE_SCOPE_ALERT_READ_H
#define VIGIE_SCOPE_ALERT_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "ledger/ledger.h"
#include "model/verdict.h"
#include "scope/walk.h"

struct alert_list {
    struct alert *alerts; /* by time */
    size_t count, room;
    struct id_map places; /* alert id → place, while reading */
};

/* By session, account or address through the index; without any of them (or
 * with a time alone) the whole ledger is read. `only` not 0: that alert alone.
 */
enum result alert_read(struct ledger *ledger, const struct walk_query *query,
                       uint64_t only, struct alert_list *ret_list) MUST_USE;
void alert_list_free(struct alert_list *list);

/* What was known of the account when the alert was raised. */
struct alert_past {
    uint64_t address, device; /* of the alert's session at that time */
    int64_t account_since_us; /* first row of the account; INT64_MAX: none */
    int64_t address_since_us; /* first seen with this account before the
                                 session; INT64_MAX: never */
    int64_t device_since_us;
    int64_t network_since_us;
    uint32_t network;         /* number of the address's network; 0: none */
    uint32_t days;            /* with at least one access, UTC, before */
    uint32_t persons;         /* seen before this session began */
    uint32_t session_persons; /* seen in the session up to the alert */
    uint32_t session_new;     /* of them never seen before */
};
enum result alert_past(struct ledger *ledger, const struct alert *alert,
                       struct alert_past *ret_past) MUST_USE;

#endif
