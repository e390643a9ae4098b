/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/past_orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/time.h"

struct past_orders {
    struct past_order_entry *entries;
    size_t count, room;
    uint64_t older;
    /* target → its last order, number → order: entry's place */
    struct id_set targets, numbers;
};

enum result
past_orders_new(struct past_orders **ret_orders)
{
    struct past_orders *orders = calloc(1, sizeof(*orders));

    if (orders == NULL)
        return E_NOMEM;
    *ret_orders = orders;
    return OK;
}

void
past_orders_free(struct past_orders *orders)
{
    if (orders == NULL)
        return;
    free(orders->entries);
    id_set_free(&orders->targets);
    id_set_free(&orders->numbers);
    free(orders);
}

/* What an order is on, in one number: ids are random. */
static uint64_t
target_of(const struct order *order)
{
    return order->target == ORDER_ON_EVERYBODY
               ? 1
               : order->id ^ (uint64_t)order->target << 56;
}

static enum result
put(struct id_set *set, uint64_t id, size_t place)
{
    bool made;
    enum result result = id == 0 ? OK : id_set_add(set, id, &made);

    if (result == OK && id != 0)
        *id_set_number(set, id) = (uint32_t)place;
    return result;
}

static struct past_order_entry *
get(struct past_orders *orders, struct id_set *set, uint64_t id)
{
    const uint32_t *place = id == 0 ? NULL : id_set_number(set, id);

    return place == NULL ? NULL : &orders->entries[*place];
}

static enum result
index_entry(struct past_orders *orders, size_t place)
{
    const struct order *order = &orders->entries[place].order;
    enum result result = put(&orders->numbers, order->number, place);

    if (result == OK && order->target <= ORDER_ON_EVERYBODY)
        result = put(&orders->targets, target_of(order), place);
    return result;
}

/* The older half goes at once, so that making room is seldom. */
static enum result
make_room(struct past_orders *orders)
{
    size_t room = orders->room * 2 + 64, half = orders->count / 2;
    struct past_order_entry *entries;
    enum result result = OK;

    if (orders->count < orders->room)
        return OK;
    if (room > ORDERS_KEPT_MAX)
        room = ORDERS_KEPT_MAX;
    if (orders->count < ORDERS_KEPT_MAX) {
        entries = realloc(orders->entries, room * sizeof(entries[0]));
        if (entries == NULL)
            return E_NOMEM;
        orders->entries = entries;
        orders->room = room;
        return OK;
    }
    orders->older += half;
    orders->count -= half;
    memmove(orders->entries, orders->entries + half,
            orders->count * sizeof(orders->entries[0]));
    id_set_free(&orders->targets);
    id_set_free(&orders->numbers);
    orders->targets = orders->numbers = (struct id_set){0};
    for (size_t i = 0; i < orders->count && result == OK; i++)
        result = index_entry(orders, i);
    return result;
}

static void
mark(struct past_order_entry *earlier, const struct order *order)
{
    if (earlier == NULL)
        return;
    if (order->target == ORDER_REVIEW)
        earlier->reviewed = true;
    else
        earlier->undone = true;
    earlier->later = order->number;
    earlier->later_us = order->time_us;
}

enum result
past_orders_row(struct past_orders *orders, const struct row *row)
{
    struct past_order_entry entry = {.session = row->session,
                                     .professional = row->professional};
    enum result result;

    if (row->kind != ROW_ORDER || order_of_row(row, &entry.order) != OK)
        return OK;
    result = make_room(orders);
    if (result != OK)
        return result;
    if (entry.order.target == ORDER_REVIEW)
        mark(get(orders, &orders->numbers, entry.order.alert), &entry.order);
    else if (entry.order.target != ORDER_GLASS)
        mark(get(orders, &orders->targets, target_of(&entry.order)),
             &entry.order);
    orders->entries[orders->count] = entry;
    return index_entry(orders, orders->count++);
}

size_t
past_orders_count(const struct past_orders *orders)
{
    return orders->count;
}

struct past_order_entry *
past_orders_at(struct past_orders *orders, size_t index)
{
    return &orders->entries[index];
}

struct past_order_entry *
past_orders_find(struct past_orders *orders, uint64_t number)
{
    return get(orders, &orders->numbers, number);
}

uint64_t
past_orders_older(const struct past_orders *orders)
{
    return orders->older;
}
