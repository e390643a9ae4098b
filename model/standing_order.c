/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/standing_order.h"

static const char *const postures[] = {NULL, "normal", "observe", "narrow"};

#define POSTURE_BIT 256u

const char *
posture_name(enum posture posture)
{
    return posture < POSTURE_NORMAL || posture > POSTURE_NARROW
               ? ""
               : postures[posture];
}

enum result
posture_parse(struct text word, enum posture *ret)
{
    for (unsigned i = POSTURE_NORMAL; i <= POSTURE_NARROW; i++) {
        if (text_is(word, postures[i])) {
            *ret = (enum posture)i;
            return OK;
        }
    }
    return E_NOTFOUND;
}

void
order_row(const struct order *order, struct row *ret_row)
{
    bool session = order->target == ORDER_ON_SESSION ||
                   order->target == ORDER_GLASS ||
                   order->target == ORDER_REVIEW;

    *ret_row = (struct row){
        .kind = ROW_ORDER,
        .time_source_us = order->time_us,
        .session = session ? order->id : 0,
        .professional = order->target == ORDER_ON_PROFESSIONAL ? order->id : 0,
        .person = order->alert,
        .request = order->number,
        .categories = (uint16_t)(order->target == ORDER_ON_EVERYBODY
                                     ? POSTURE_BIT + order->posture
                                     : (unsigned)order->verdict),
        .service = (uint16_t)order->target,
        .source = (uint16_t)order->by,
        .detail = order->uid,
    };
}

enum result
order_of_row(const struct row *row, struct order *ret)
{
    struct order order = {
        .target = (enum order_target)row->service,
        .by = (enum order_by)row->source,
        .uid = row->detail,
        .alert = row->person,
        .number = row->request,
        .time_us = row->time_source_us,
    };

    if (row->kind != ROW_ORDER || row->service < ORDER_ON_SESSION ||
        row->service > ORDER_REVIEW || row->source < ORDER_BY_AUTOMATION ||
        row->source > ORDER_BY_HOLDER)
        return E_CORRUPT;
    if (order.target == ORDER_ON_EVERYBODY) {
        if (row->categories <= POSTURE_BIT ||
            row->categories > POSTURE_BIT + POSTURE_NARROW)
            return E_CORRUPT;
        order.posture = (enum posture)(row->categories - POSTURE_BIT);
    } else {
        order.id = order.target == ORDER_ON_PROFESSIONAL ? row->professional
                                                         : row->session;
        if (row->categories > VERDICT_CUT || order.id == 0)
            return E_CORRUPT;
        order.verdict = (enum verdict)row->categories;
    }
    *ret = order;
    return OK;
}
