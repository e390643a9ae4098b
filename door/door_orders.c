/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The standing verdicts that core pushed, by tag. A bounded table; a second
 * one gathers those of a new connection until they are complete, so that a
 * cut never lapses while core comes back.
 */
#include "door/door.h"

#define DOOR_ORDERS_SLOTS (2 * DOOR_ORDERS_MAX)

typedef struct {
    uint64_t tag; /* 0: free */
    int64_t since_s;
    uint8_t scope, verdict;
} door_order_t;

typedef struct {
    uint8_t key[WIRE_TAG_KEY_BYTES];
    ngx_uint_t used, overflown;
    door_order_t *slots;
} door_orders_t;

static door_orders_t door_orders[2];
static ngx_uint_t door_orders_live, door_orders_gathering;


ngx_int_t
door_orders_start(ngx_log_t *log)
{
    ngx_uint_t i;

    for (i = 0; i < 2; i++) {
        door_orders[i].slots = ngx_calloc(DOOR_ORDERS_SLOTS
                                          * sizeof(door_order_t), log);
        if (door_orders[i].slots == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
door_orders_begin(const uint8_t *key)
{
    door_orders_t *next = &door_orders[!door_orders_live];

    ngx_memcpy(next->key, key, WIRE_TAG_KEY_BYTES);
    next->used = 0;
    next->overflown = 0;
    ngx_memzero(next->slots, DOOR_ORDERS_SLOTS * sizeof(door_order_t));
    door_orders_gathering = 1;
}


/* The one of that tag, or the free one where it would stand. */
static door_order_t *
door_orders_slot(const door_orders_t *orders, uint64_t tag, uint8_t scope)
{
    ngx_uint_t i = tag % DOOR_ORDERS_SLOTS;
    door_order_t *slot = &orders->slots[i];

    while (slot->tag != 0 && (slot->tag != tag || slot->scope != scope)) {
        i = (i + 1) % DOOR_ORDERS_SLOTS;
        slot = &orders->slots[i];
    }

    return slot;
}


static void
door_orders_put(door_orders_t *orders, const struct wire_order *order)
{
    door_order_t *slot = door_orders_slot(orders, order->tag,
                                          (uint8_t) order->scope);

    if (slot->tag == 0) {
        if (order->verdict < VERDICT_STEP_UP) {
            return;
        }

        if (orders->used == DOOR_ORDERS_MAX) {
            orders->overflown = 1;
            return;
        }

        orders->used++;
    }

    /* a lifted one keeps its place: others are found past it */
    slot->tag = order->tag;
    slot->scope = (uint8_t) order->scope;
    slot->verdict = (uint8_t) order->verdict;
    slot->since_s = order->since_s;
}


/* Lifted ones make room; all the others are put again. */
static void
door_orders_sweep(door_orders_t *orders, ngx_log_t *log)
{
    ngx_uint_t i;
    door_order_t *old = orders->slots, *slots;

    slots = ngx_calloc(DOOR_ORDERS_SLOTS * sizeof(door_order_t), log);
    if (slots == NULL) {
        return;
    }

    orders->slots = slots;
    orders->used = 0;
    for (i = 0; i < DOOR_ORDERS_SLOTS; i++) {
        if (old[i].tag != 0 && old[i].verdict >= VERDICT_STEP_UP) {
            *door_orders_slot(orders, old[i].tag, old[i].scope) = old[i];
            orders->used++;
        }
    }

    ngx_free(old);
}


void
door_orders_add(const struct wire_order *order, ngx_log_t *log)
{
    door_orders_t *orders = &door_orders[door_orders_gathering
                                         ? !door_orders_live
                                         : door_orders_live];

    if (order->scope != ORDER_NOBODY) {
        if (orders->used == DOOR_ORDERS_MAX) {
            door_orders_sweep(orders, log);
        }

        door_orders_put(orders, order);
        if (orders->overflown) {
            ngx_log_error(NGX_LOG_ALERT, log, 0,
                          "vigie: more than %ud standing orders: without core "
                          "nothing is served", DOOR_ORDERS_MAX);
        }
    }

    if (order->last_standing && door_orders_gathering) {
        door_orders_live = !door_orders_live;
        door_orders_gathering = 0;
    }

    if (!door_orders_gathering
        && (order->verdict == VERDICT_CUT || order->last_standing))
    {
        door_flight_cut();
    }
}


static enum verdict
door_orders_of(struct text name, uint8_t scope, int64_t *ret_since_s)
{
    door_orders_t *orders = &door_orders[door_orders_live];
    door_order_t *slot;

    if (name.length == 0 || orders->used == 0) {
        return VERDICT_ALLOW;
    }

    slot = door_orders_slot(orders, wire_tag(orders->key, name), scope);
    if (slot->tag == 0) {
        return VERDICT_ALLOW;
    }

    *ret_since_s = slot->since_s;

    return (enum verdict) slot->verdict;
}


enum verdict
door_orders_verdict(const door_ctx_t *ctx, int64_t *ret_since_s)
{
    int64_t session_since_s = 0, professional_since_s = 0;
    enum verdict session, professional;

    session = door_orders_of(ctx->session, ORDER_SESSION, &session_since_s);
    professional = door_orders_of(ctx->professional, ORDER_PROFESSIONAL,
                                  &professional_since_s);
    *ret_since_s = ngx_max(session_since_s, professional_since_s);

    return session > professional ? session : professional;
}


ngx_uint_t
door_orders_overflown(void)
{
    return door_orders[door_orders_live].overflown;
}
