/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An order on somebody, or on everybody: what it says, who gave it, and how
 * it stands in a row. Stored numbers: never renumber.
 */
#ifndef VIGIE_MODEL_STANDING_ORDER_H
#define VIGIE_MODEL_STANDING_ORDER_H

#include "base/result.h"
#include "base/text.h"
#include "model/row.h"
#include "model/verdict.h"

enum order_target {
    ORDER_ON_SESSION = 1,
    ORDER_ON_PROFESSIONAL = 2,
    ORDER_ON_EVERYBODY = 3, /* a posture */
    ORDER_GLASS = 4,        /* break-glass was used: session and professional */
    ORDER_REVIEW = 5,       /* of such a use, by an operator */
};

enum order_by {
    ORDER_BY_AUTOMATION = 1,
    ORDER_BY_OPERATOR = 2,
    ORDER_BY_HOLDER = 3
};

enum posture {
    POSTURE_NORMAL = 1,  /* automation goes as far as step_up */
    POSTURE_OBSERVE = 2, /* automation says, and does nothing */
    POSTURE_NARROW = 3,  /* everybody is under step_up until they
                            authenticate anew */
};

struct order {
    enum order_target target;
    uint64_t id; /* of the session or the professional; 0 for everybody */
    enum verdict verdict; /* VERDICT_ALLOW: restored */
    enum posture posture; /* ORDER_ON_EVERYBODY */
    enum order_by by;
    uint32_t uid;    /* Unix user of the operator */
    uint64_t alert;  /* 0: none; of a restore: number of the order that it
                        undoes; of a review: of the use that it is about */
    uint64_t number; /* random; names the reason in the look-up */
    int64_t time_us;
};

/* "normal", "observe", "narrow" */
const char *posture_name(enum posture posture);
enum result posture_parse(struct text word, enum posture *ret) MUST_USE;

/* ROW_ORDER: session or professional = id, person = alert, request = number,
 * categories = verdict, or 256 + posture, service = order_target,
 * source = order_by, detail = uid. */
void order_row(const struct order *order, struct row *ret_row);
/* E_CORRUPT where the row says no order. */
enum result order_of_row(const struct row *row, struct order *ret) MUST_USE;

#endif
