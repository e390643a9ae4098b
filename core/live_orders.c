/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Orders as people are told of them, with names and reasons; and the review
 * of break-glass: whoever used it, somebody else has to look at within a day.
 */
#include "base/time.h"
#include "core/live_inside.h"

static enum live_glass
glass_of(const struct past_order_entry *entry, int64_t now_us)
{
    if (entry->order.target != ORDER_GLASS)
        return GLASS_NOT;
    if (entry->reviewed)
        return GLASS_REVIEWED;
    return now_us - entry->order.time_us > PAST_ORDERS_REVIEW_US ? GLASS_OVERDUE
                                                                 : GLASS_OPEN;
}

static bool
is_asked_for(const struct live_orders *which, const struct order *order)
{
    return order->time_us >= which->from_us &&
           (which->to_us == 0 || order->time_us < which->to_us) &&
           (!which->glass || order->target == ORDER_GLASS);
}

static enum result
tell(struct live *live, const struct past_order_entry *entry, int64_t now_us,
     void *context,
     enum result (*visit)(void *context, const struct live_order_told *told))
{
    struct live_order_told told = {
        .order = &entry->order,
        .glass = glass_of(entry, now_us),
        .undone = entry->undone,
        .later = entry->later,
        .later_us = entry->later_us,
    };
    enum result result =
        live_value(live, entry->session, &live->names[0], &told.session);

    if (result == OK)
        result = live_value(live, entry->professional, &live->names[1],
                            &told.professional);
    buffer_clear(&live->names[4]);
    if (result == OK)
        result = live_reason(live, entry->order.number, &live->names[4]);
    told.reason = buffer_as_text(&live->names[4]);
    return result == OK ? visit(context, &told) : result;
}

enum result
live_orders(struct live *live, const struct live_orders *which, int64_t now_us,
            void *context,
            enum result (*visit)(void *context,
                                 const struct live_order_told *told),
            uint64_t *ret_older)
{
    size_t count = past_orders_count(live->past_orders);
    enum result result = OK;

    for (size_t i = 0; i < count && result == OK; i++) {
        const struct past_order_entry *entry =
            past_orders_at(live->past_orders, i);

        if (is_asked_for(which, &entry->order))
            result = tell(live, entry, now_us, context, visit);
    }
    *ret_older = past_orders_older(live->past_orders);
    return result;
}

enum result
live_review(struct live *live, const struct live_review *review, int64_t now_us)
{
    const struct past_order_entry *entry =
        past_orders_find(live->past_orders, review->number);
    struct order order = {.target = ORDER_REVIEW,
                          .by = ORDER_BY_OPERATOR,
                          .uid = review->uid,
                          .alert = review->number};
    uint64_t professional;
    enum result result;

    if (entry == NULL || entry->order.target != ORDER_GLASS || entry->reviewed)
        return E_NOTFOUND;
    order.id = entry->session;
    professional = entry->professional;
    result = live_clock(live, now_us);
    order.time_us = live->now_us;
    return result == OK ? live_give(live, &order, review->reason, professional)
                        : result;
}

void
live_glasses(struct live *live, int64_t now_us, uint32_t *ret_open,
             uint32_t *ret_overdue)
{
    *ret_open = *ret_overdue = 0;
    for (size_t i = 0; i < past_orders_count(live->past_orders); i++) {
        enum live_glass glass =
            glass_of(past_orders_at(live->past_orders, i), now_us);

        *ret_open += glass == GLASS_OPEN || glass == GLASS_OVERDUE;
        *ret_overdue += glass == GLASS_OVERDUE;
    }
}

void
live_page_overdue(struct live *live)
{
    bool overdue = false;

    for (size_t i = 0; i < past_orders_count(live->past_orders); i++) {
        struct past_order_entry *entry = past_orders_at(live->past_orders, i);

        if (entry->paged || glass_of(entry, live->now_us) != GLASS_OVERDUE)
            continue;
        entry->paged = overdue = true;
    }
    if (overdue)
        live->options.page(live->options.context, "break-glass-unreviewed", 0);
}
