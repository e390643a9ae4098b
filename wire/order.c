/* SPDX-License-Identifier: EUPL-1.2 */
#include "wire/order.h"

enum result
wire_order_write(const struct wire_order *order, void *bytes,
                 size_t *ret_length)
{
    struct packet p;
    packet_start(&p, bytes, WIRE_ORDER);
    packet_put(&p, order->scope, 1);
    packet_put(&p, order->verdict, 1);
    packet_put(&p, order->last_standing, 1);
    packet_put(&p, order->tag, 8);
    packet_put(&p, (uint64_t)order->since_s, 8);
    return packet_end(&p, ret_length);
}

enum result
wire_order_read(const void *bytes, size_t length, struct wire_order *ret_order)
{
    struct unpacked p;
    struct wire_order order;
    unpack_start(&p, bytes, length, WIRE_ORDER);
    order.scope = (enum order_scope)unpack_most(&p, 1, ORDER_NOBODY);
    order.verdict = (enum verdict)unpack_most(&p, 1, VERDICT_CUT);
    order.last_standing = unpack_most(&p, 1, 1) != 0;
    order.tag = unpack(&p, 8);
    order.since_s = (int64_t)unpack_most(&p, 8, INT64_MAX);
    if (order.scope == 0 || (order.tag == 0) != (order.scope == ORDER_NOBODY))
        return E_FORMAT;
    enum result r = unpack_end(&p);
    if (r == OK)
        *ret_order = order;
    return r;
}
