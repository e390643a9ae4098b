/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The rule that every peer can express, "more than N distinct persons in a
 * window": of one account, over a sliding hour and over sliding 24 hours,
 * exactly. Shares no code with detect/.
 */
#ifndef VIGIE_CLI_BENCH_RULE_H
#define VIGIE_CLI_BENCH_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

struct bench_rule {
    uint32_t persons; /* more than that many raise an alert */
    unsigned hours;   /* 1 or 24 */
};

#define BENCH_RULES 4
extern const struct bench_rule bench_rules[BENCH_RULES];

struct bench_counter;

enum result bench_counter_new(uint32_t accounts,
                              struct bench_counter **ret_counter) MUST_USE;
void bench_counter_free(struct bench_counter *counter);
/* One person shown to an account; times never go back. *ret_over: bit i for
 * each rule whose number the account is over now. E_NOMEM, E_ARGUMENT. */
enum result bench_counter_add(struct bench_counter *counter, uint32_t account,
                              uint32_t person, int64_t time_us,
                              unsigned *ret_over) MUST_USE;

#endif
