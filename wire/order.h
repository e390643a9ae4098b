/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Pushed to every worker: a standing verdict on a session or a professional.
 * A later order on the same tag takes the place of the one before. The worker
 * obeys a cut by itself, also for answers that are on their way, and asks as
 * ever for the rest: core alone knows who may still be shown.
 */
#ifndef VIGIE_WIRE_ORDER_H
#define VIGIE_WIRE_ORDER_H

#include "model/verdict.h"
#include "wire/packet.h"

enum order_scope {
    ORDER_SESSION = 1,
    ORDER_PROFESSIONAL = 2,
    ORDER_NOBODY = 3, /* only to mark the end of the standing orders */
};

struct wire_order {
    enum order_scope scope;
    enum verdict verdict; /* VERDICT_ALLOW: lifted */
    bool last_standing;   /* the standing orders end here */
    uint64_t tag;         /* wire_tag(); 0 for ORDER_NOBODY */
    int64_t since_s;      /* an authentication since then lifts a step_up */
};

enum result wire_order_write(const struct wire_order *order, void *bytes,
                             size_t *ret_length) MUST_USE;
enum result wire_order_read(const void *bytes, size_t length,
                            struct wire_order *ret_order) MUST_USE;

#endif
