/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Orders: as a row, as what stands, and, once the row is durable, as a push
 * to all workers. The reason stands sealed in the look-up, under the number
 * of the order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/say.h"
#include "base/time.h"
#include "core/live_inside.h"

#define MEMBERS_MAX 256 /* tokens of one session */

#define REASON_NAME_BYTES 32

static const char *
reason_name(uint64_t order, char out[REASON_NAME_BYTES])
{
    (void)snprintf(out, REASON_NAME_BYTES, "order.%016" PRIx64, order);
    return out;
}

static enum result
keep_reason(struct live *live, const struct order *order, struct text reason)
{
    char name[REASON_NAME_BYTES];

    return reason.length == 0
               ? OK
               : lookup_setting_set(live->core->lookup,
                                    reason_name(order->number, name), reason);
}

enum result
live_reason(struct live *live, uint64_t order, struct buffer *out)
{
    char name[REASON_NAME_BYTES];
    enum result result =
        lookup_setting_get(live->core->lookup, reason_name(order, name), out);

    return result == E_NOTFOUND ? OK : result;
}

static enum result
queue(struct live *live, const struct order *order)
{
    if (live->order_count == live->order_room) {
        size_t room = live->order_room * 2 + 16;
        struct order *orders = realloc(live->orders, room * sizeof(orders[0]));

        if (orders == NULL)
            return E_NOMEM;
        live->orders = orders;
        live->order_room = room;
    }
    live->orders[live->order_count++] = *order;
    return OK;
}

enum result
live_give(struct live *live, struct order *order, struct text reason,
          uint64_t professional)
{
    struct row row;
    enum result result;

    order->number = hash_random_u64();
    order_row(order, &row);
    if (order->target == ORDER_GLASS || order->target == ORDER_REVIEW)
        row.professional = professional;
    row.time_received_us = live->now_us;
    result = keep_reason(live, order, reason);
    if (result == OK)
        result = core_append(live->core, &row, 1, NULL);
    if (result == OK)
        result = contain_row(live->contain, &row);
    if (result == OK)
        result = past_orders_row(live->past_orders, &row);
    if (result == OK)
        result = queue(live, order);
    live->ordered = true;
    return result;
}

enum result
live_cut(struct live *live, const struct showing *showing)
{
    struct contain_cut cut;
    enum contain_cut_cause cause =
        contain_cut(live->contain, showing, live->site, &cut);
    struct buffer reason = {0};
    char since[TIME_TEXT_BYTES];
    enum result result;

    if (cause == CUT_NOT)
        return OK;
    result = buffer_format(
        &reason,
        cause == CUT_REFUSED
            ? _("step-up refused: %u asks for new persons since %s, and no "
                "newer authentication (%u persons)")
            : _("step-up unanswered: still asking for new persons, refused "
                "%u times since %s (%u persons)"),
        cut.refused, time_format_utc(cut.since_us, since), cut.persons);
    if (result == OK)
        result = live_give(live, &cut.order, buffer_as_text(&reason), 0);
    buffer_free(&reason);
    if (result != OK)
        return result;
    if (!cut.stop)
        contain_stopped(live->contain, live->site, showing->professional,
                        live->now_us);
    live->options.page(live->options.context,
                       cut.stop               ? "automation-stopped"
                       : cause == CUT_REFUSED ? "cut-after-refusals"
                                              : "cut-unanswered",
                       cut.order.alert);
    return OK;
}

typedef void pusher(void *context, const struct live_push *push);

/* Workers know a session by any of its tokens. */
static enum result
push_names(struct live *live, const struct standing *standing, pusher *push,
           void *context)
{
    struct live_push told = {.scope = standing->target == ORDER_ON_SESSION
                                          ? ORDER_SESSION
                                          : ORDER_PROFESSIONAL,
                             .verdict = standing->verdict,
                             .since_us = standing->since_us};
    uint64_t ids[MEMBERS_MAX];
    size_t count = 0;
    enum result result = lookup_members(live->core->lookup, standing->id, ids,
                                        MEMBERS_MAX, &count);

    if (result == E_NOTFOUND) {
        ids[0] = standing->id;
        count = 1;
        result = OK;
    }
    for (size_t i = 0; i < count && i < MEMBERS_MAX && result == OK; i++) {
        buffer_clear(&live->text);
        result = lookup_value(live->core->lookup, ids[i], &live->text);
        if (result == E_NOTFOUND || result == E_DENIED) {
            result = OK; /* erased: no worker is asked by that name again */
            continue;
        }
        told.name = buffer_as_text(&live->text);
        if (result == OK && told.name.length > 0)
            push(context, &told);
    }
    return result;
}

enum result
live_push_orders(struct live *live)
{
    enum result result = OK;

    for (size_t i = 0; i < live->order_count && result == OK; i++) {
        const struct order *order = &live->orders[i];
        struct standing standing = {.target = order->target,
                                    .id = order->id,
                                    .verdict = order->verdict,
                                    .since_us = order->time_us};

        if (order->target == ORDER_ON_SESSION ||
            order->target == ORDER_ON_PROFESSIONAL)
            result = push_names(live, &standing, live->options.push,
                                live->options.context);
    }
    live->order_count = 0;
    return result;
}

enum result
live_standing(struct live *live, pusher *push, void *context)
{
    const struct standings *standings = contain_standings(live->contain);
    enum result result = OK;

    for (size_t i = 0; i < standings_count(standings) && result == OK; i++)
        result = push_names(live, standings_at(standings, i), push, context);
    return result;
}

enum result
live_order(struct live *live, const struct live_command *command,
           int64_t now_us)
{
    struct order order = {.target = command->target,
                          .verdict = command->verdict,
                          .posture = command->posture,
                          .by = ORDER_BY_OPERATOR,
                          .uid = command->uid};
    struct alias alias = {0};
    enum result result = live_clock(live, now_us);

    order.time_us = live->now_us;
    if (result == OK && command->target != ORDER_ON_EVERYBODY) {
        result = lookup_find(live->core->lookup,
                             command->target == ORDER_ON_SESSION
                                 ? ALIAS_SESSION
                                 : ALIAS_PROFESSIONAL,
                             command->name, &alias);
        order.id = alias.canonical;
    }
    if (result != OK)
        return result;
    if (order.verdict == VERDICT_ALLOW && order.id != 0) {
        const struct standing *stands = standings_find(
            contain_standings(live->contain), order.target, order.id);

        order.alert = stands == NULL ? 0 : stands->order;
    }
    return live_give(live, &order, command->reason, 0);
}
