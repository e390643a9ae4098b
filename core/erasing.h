/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One person is erased: one operator asks, another approves, the names of all
 * ids that are this person go, and each of it is a row. The rows of what was
 * seen stay, and so does the tree over them. Knows no socket.
 */
#ifndef VIGIE_CORE_ERASING_H
#define VIGIE_CORE_ERASING_H

#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"
#include "model/secrecy.h"

/* What was asked and not approved is forgotten after a week. */
#define ERASING_DAYS_MAX 7
/* Asked at once, before more have to be approved. */
#define ERASING_WAITING_MAX 64

/* Where rows go: core's own way live, a ledger of one's own offline. */
struct erasing {
    struct lookup *lookup;
    void *context;
    enum result (*append)(void *context, const struct row *row);
    enum result (*commit)(void *context);
    int64_t now_us;
};

struct erasing_request {
    uint64_t number, person;
    int64_t time_us;
    uint32_t uid, zero;
};

/* *ret_number names it. E_LIMIT, E_ARGUMENT without a reason. Durable. */
enum result erasing_ask(struct erasing *erasing, uint64_t person, uint32_t uid,
                        struct text reason, uint64_t *ret_number) MUST_USE;
/* E_NOTFOUND: nothing of that number waits; E_EXISTS: uid asked for it, and
 * cannot approve it too. *ret_names: how many names went. What was approved
 * is in the ledger before the names go: a crash between leaves it waiting. */
enum result erasing_approve(struct erasing *erasing, uint64_t number,
                            uint32_t uid, size_t *ret_names) MUST_USE;
/* What waits; ret_requests has ERASING_WAITING_MAX places. */
enum result erasing_waiting(struct erasing *erasing,
                            struct erasing_request *ret_requests,
                            size_t *ret_count) MUST_USE;
/* Both at once, where two operators are known otherwise. */
enum result erasing_do(struct erasing *erasing, uint64_t person, uint32_t uid,
                       uint32_t second, struct text reason,
                       size_t *ret_names) MUST_USE;
/* The names of everybody whom the ledger says to be erased: after a look-up
 * came back from a backup. */
enum result erasing_again(struct ledger *ledger, struct lookup *lookup,
                          size_t *ret_names) MUST_USE;

#endif
