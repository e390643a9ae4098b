/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The orders of the ledger in their order: what each undid, and what undid
 * it; uses of break-glass and their review. Fed by rows alone. Keeps the
 * latest ones; how many older ones there are it knows. No names, no clock.
 */
#ifndef VIGIE_CORE_PAST_ORDERS_H
#define VIGIE_CORE_PAST_ORDERS_H

#include "core/core_inside.h"
#include "model/standing_order.h"

/* A use of break-glass is to be reviewed within a day. */
#define PAST_ORDERS_REVIEW_US TIME_DAY_US

struct past_orders;

struct past_order_entry {
    struct order order;
    uint64_t session, professional; /* 0: not said */
    bool undone;                    /* by a later order on the same target */
    uint64_t later;                 /* its number, or that of the review */
    int64_t later_us;
    bool reviewed, paged; /* break-glass */
};

enum result past_orders_new(struct past_orders **ret_orders) MUST_USE;
void past_orders_free(struct past_orders *orders);
/* Rows of other kinds are passed over. */
enum result past_orders_row(struct past_orders *orders,
                            const struct row *row) MUST_USE;
size_t past_orders_count(const struct past_orders *orders);
/* Oldest first; until the next row. */
struct past_order_entry *past_orders_at(struct past_orders *orders,
                                        size_t index);
/* By number, which 0 never is; NULL. */
struct past_order_entry *past_orders_find(struct past_orders *orders,
                                          uint64_t number);
/* Orders that are in the ledger, and not here. */
uint64_t past_orders_older(const struct past_orders *orders);

#endif
