/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Every showing of the last 24 hours stands in one queue, of all accounts;
 * it leaves the hour's count when the hour's mark passes it and the day's
 * when it is taken out. A person shown again since then stays counted: the
 * pair remembers its last time, and only the showing of that time takes the
 * person out.
 */
#include "cli/bench_rule.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/time.h"
#include "cli/bench_pairs.h"

const struct bench_rule bench_rules[BENCH_RULES] = {
    {20, 1}, {40, 1}, {100, 1}, {300, 24}};

struct showing {
    int64_t time_us;
    uint32_t account, person;
    bool again; /* the same pair was shown again later */
};

struct bench_counter {
    struct bench_pairs pairs; /* value: number of the last showing */
    struct showing *queue;    /* a ring */
    size_t room;
    /* numbers of showings: next one, oldest of the hour, of the day */
    uint64_t next, hour_from, day_from;
    uint32_t account_count;
    uint32_t *in_hour, *in_day; /* by account */
};

enum result
bench_counter_new(uint32_t accounts, struct bench_counter **ret_counter)
{
    struct bench_counter *counter = calloc(1, sizeof(*counter));

    if (counter == NULL)
        return E_NOMEM;
    counter->account_count = accounts;
    counter->in_hour = calloc(accounts, sizeof(*counter->in_hour));
    counter->in_day = calloc(accounts, sizeof(*counter->in_day));
    if (counter->in_hour == NULL || counter->in_day == NULL) {
        bench_counter_free(counter);
        return E_NOMEM;
    }
    *ret_counter = counter;
    return OK;
}

void
bench_counter_free(struct bench_counter *counter)
{
    if (counter == NULL)
        return;
    bench_pairs_free(&counter->pairs);
    free(counter->queue);
    free(counter->in_hour);
    free(counter->in_day);
    free(counter);
}

static struct showing *
showing_at(const struct bench_counter *counter, uint64_t number)
{
    return &counter->queue[number & (counter->room - 1)];
}

static enum result
grow_queue(struct bench_counter *counter)
{
    size_t room = counter->room == 0 ? 4096 : 2 * counter->room;
    struct showing *queue = calloc(room, sizeof(*queue));

    if (queue == NULL)
        return E_NOMEM;
    for (uint64_t n = counter->day_from; n != counter->next; n++)
        queue[n & (room - 1)] = *showing_at(counter, n);
    free(counter->queue);
    counter->queue = queue;
    counter->room = room;
    return OK;
}

/* Is the pair's last showing before this one still inside a window? */
static void
replace(struct bench_counter *counter, uint64_t before, bool *ret_in_hour,
        bool *ret_in_day)
{
    *ret_in_hour = before >= counter->hour_from;
    *ret_in_day = before >= counter->day_from;
    if (*ret_in_day)
        showing_at(counter, before)->again = true;
}

static void
forget(struct bench_counter *counter, int64_t now_us)
{
    for (; counter->hour_from != counter->next; counter->hour_from++) {
        struct showing *old = showing_at(counter, counter->hour_from);

        if (old->time_us + TIME_HOUR_US > now_us)
            break;
        counter->in_hour[old->account] -= !old->again;
    }
    for (; counter->day_from != counter->hour_from; counter->day_from++) {
        struct showing *old = showing_at(counter, counter->day_from);

        if (old->time_us + TIME_DAY_US > now_us)
            break;
        counter->in_day[old->account] -= !old->again;
    }
}

static unsigned
over(const struct bench_counter *counter, uint32_t account)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < BENCH_RULES; i++) {
        const uint32_t *in =
            bench_rules[i].hours == 1 ? counter->in_hour : counter->in_day;

        if (in[account] > bench_rules[i].persons)
            bits |= 1u << i;
    }
    return bits;
}

enum result
bench_counter_add(struct bench_counter *counter, uint32_t account,
                  uint32_t person, int64_t time_us, unsigned *ret_over)
{
    struct bench_pair *pair;
    bool made, in_hour = false, in_day = false;
    enum result result = OK;

    if (account >= counter->account_count)
        return E_ARGUMENT;
    forget(counter, time_us);
    if (counter->next - counter->day_from == counter->room)
        result = grow_queue(counter);
    if (result == OK)
        result = bench_pairs_put(
            &counter->pairs, bench_pair_key(account, person), 0, &made, &pair);
    if (result != OK)
        return result;
    if (!made)
        replace(counter, pair->value, &in_hour, &in_day);
    pair->value = counter->next;
    *showing_at(counter, counter->next++) = (struct showing){
        .time_us = time_us, .account = account, .person = person};
    counter->in_hour[account] += !in_hour;
    counter->in_day[account] += !in_day;
    *ret_over = over(counter, account);
    return OK;
}
