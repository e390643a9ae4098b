/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How many new persons were shown under a key (a session, a professional, a
 * service, the region) in the last hour and the last day. The hour slides by
 * 5 minutes, the day by an hour, so that a window is never shorter than said.
 */
#ifndef VIGIE_CONTAIN_BUDGET_H
#define VIGIE_CONTAIN_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

enum budget_of {
    BUDGET_SESSION = 0,
    BUDGET_PROFESSIONAL,
    BUDGET_SERVICE,
    BUDGET_REGION,
};
#define BUDGET_COUNT 4

/* 0: no ceiling. */
struct ceiling {
    uint32_t hour, day;
};

struct budgets;

/* At most `keys` keys; the longest idle one makes room. */
enum result budgets_new(size_t keys, struct budgets **ret_budgets) MUST_USE;
void budgets_free(struct budgets *budgets);
void budgets_spend(struct budgets *budgets, enum budget_of of, uint64_t id,
                   int64_t time_us, uint32_t persons);
/* What was spent then was not. */
void budgets_refund(struct budgets *budgets, enum budget_of of, uint64_t id,
                    int64_t time_us, uint32_t persons);
struct ceiling budgets_spent(const struct budgets *budgets, enum budget_of of,
                             uint64_t id, int64_t time_us);
/* The clock went back to then: what was spent later was spent before. */
void budgets_clock(struct budgets *budgets, int64_t time_us);

#endif
