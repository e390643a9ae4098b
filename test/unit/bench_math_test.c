/* SPDX-License-Identifier: EUPL-1.2 */
/* The commands are not in the library: their sources are taken in here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/bench_loss.c"
#include "cli/bench_math.c"
#include "cli/bench_pairs.c"
#include "cli/bench_rule.c"

#define MINUTE TIME_MINUTE_US

static void
interval_is(uint64_t count, double least, double most)
{
    double low, high;

    bench_poisson(count, &low, &high);
    assert_true(fabs(low - least) < 5e-4);
    assert_true(fabs(high - most) < 5e-4);
}

/* Garwood's table (Biometrika 28, 1936), and chi-squared quantiles. */
static void
the_poisson_interval_is_the_published_one(void **state)
{
    (void)state;
    interval_is(0, 0, 3.6889);
    interval_is(1, 0.0253, 5.5716);
    interval_is(2, 0.2422, 7.2247);
    interval_is(5, 1.6235, 11.6683);
    interval_is(10, 4.7954, 18.3904);
    interval_is(50, 37.1110, 65.9183);
    interval_is(100, 81.3640, 121.6272);
}

/* Far from any table: both tails must hold a fortieth. */
static void
the_poisson_interval_has_its_tails_for_large_counts(void **state)
{
    double low, high;

    (void)state;
    bench_poisson(1000000, &low, &high);
    assert_true(low > 998000 && low < 998100);
    assert_true(high > 1001900 && high < 1002000);
    assert_true(fabs(at_least(1e6, low) - TAIL) < 1e-6);
    assert_true(fabs(at_most(1e6, high) - TAIL) < 1e-6);
}

static void
a_spread_has_mean_median_and_worst(void **state)
{
    uint32_t odd[] = {9, 1, 2}, even[] = {4, 1, 2, 100};
    struct bench_spread spread = bench_spread(odd, 0);

    (void)state;
    assert_true(spread.worst == 0 && spread.median == 0);
    spread = bench_spread(odd, 3);
    assert_true(spread.mean == 4 && spread.median == 2 && spread.worst == 9);
    spread = bench_spread(even, 4);
    assert_true(spread.median == 3 && spread.worst == 100);
}

static unsigned
shown(struct bench_counter *counter, uint32_t account, uint32_t person,
      int64_t time_us)
{
    unsigned over = 0;

    assert_int_equal(
        bench_counter_add(counter, account, person, time_us, &over), OK);
    return over;
}

static void
the_plain_rule_counts_distinct_persons_of_one_account(void **state)
{
    struct bench_counter *counter;
    unsigned over;

    (void)state;
    assert_int_equal(bench_counter_new(2, &counter), OK);
    assert_int_equal(bench_counter_add(counter, 2, 1, 0, &over), E_ARGUMENT);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(shown(counter, 0, i, i * MINUTE), 0);
    assert_int_equal(shown(counter, 0, 19, 20 * MINUTE), 0); /* again */
    assert_int_equal(shown(counter, 1, 77, 21 * MINUTE), 0); /* another's */
    assert_int_equal(shown(counter, 0, 20, 22 * MINUTE), 1); /* the 21st */
    bench_counter_free(counter);
}

static void
the_plain_rule_forgets_what_left_its_window(void **state)
{
    struct bench_counter *counter;

    (void)state;
    assert_int_equal(bench_counter_new(1, &counter), OK);
    for (uint32_t i = 0; i < 20; i++)
        (void)shown(counter, 0, i, i * MINUTE);
    /* the first person has gone, but for being shown again since */
    assert_int_equal(shown(counter, 0, 100, 60 * MINUTE), 0);
    (void)shown(counter, 0, 2, 60 * MINUTE);
    assert_int_equal(shown(counter, 0, 101, 61 * MINUTE), 0);
    assert_int_equal(shown(counter, 0, 102, 61 * MINUTE), 1);
    assert_int_equal(shown(counter, 0, 102, 62 * MINUTE), 1);
    /* 21 after 3 … 19 have begun to go */
    assert_int_equal(shown(counter, 0, 2, 70 * MINUTE), 0);
    bench_counter_free(counter);
}

static void
the_day_rule_looks_back_over_24_hours(void **state)
{
    struct bench_counter *counter;

    (void)state;
    assert_int_equal(bench_counter_new(1, &counter), OK);
    for (uint32_t i = 0; i < 300; i++)
        assert_int_equal(shown(counter, 0, i, i * 4 * MINUTE) & 8, 0);
    assert_int_equal(shown(counter, 0, 300, 1439 * MINUTE) & 8, 8);
    assert_int_equal(shown(counter, 0, 301, 1445 * MINUTE) & 8, 0);
    bench_counter_free(counter);
}

/* Two sessions of one account, the second with a search of three at once. */
static uint32_t persons_a[] = {1, 2, 3}, persons_b[] = {3, 4, 5, 6, 7};
static int64_t times_a[] = {10, 20, 30}, times_b[] = {100, 110, 110, 110, 120};
static const struct region_theft truth[] = {{.session = 0,
                                             .number = 0,
                                             .thief = THIEF_NIGHT,
                                             .first_us = 10,
                                             .last_us = 30,
                                             .person_count = 3,
                                             .persons = persons_a,
                                             .times_us = times_a},
                                            {.session = 1,
                                             .number = 0,
                                             .thief = THIEF_NIGHT,
                                             .first_us = 100,
                                             .last_us = 120,
                                             .person_count = 5,
                                             .persons = persons_b,
                                             .times_us = times_b}};

static struct bench_loss
loss_with_stop(uint32_t second_account, uint64_t session, int64_t time_us,
               bool whole)
{
    struct bench_thefts thefts = {0};
    struct bench_loss *losses, first;
    struct bench_stop *stop;
    size_t count;

    assert_int_equal(bench_thefts_add(&thefts, 71, 5), OK);
    assert_int_equal(bench_thefts_add(&thefts, 72, second_account), OK);
    stop = bench_thefts_named(&thefts, truth, session, time_us);
    if (stop != NULL)
        stop->stop_us[BENCH_VIGIE] = time_us;
    assert_int_equal(bench_losses(&thefts, truth, whole, &losses, &count), OK);
    assert_int_equal(count, whole || second_account == 5 ? 1 : 2);
    first = losses[0];
    free(losses);
    bench_thefts_free(&thefts);
    return first;
}

static void
an_alert_on_another_session_or_before_the_theft_stops_nobody(void **state)
{
    struct bench_loss loss = loss_with_stop(5, 99, 20, false);

    (void)state;
    assert_false(loss.stopped[BENCH_VIGIE]); /* the holder's own, beside */
    assert_int_equal(loss.lost[BENCH_VIGIE], 7);
    loss = loss_with_stop(5, 71, 9, false); /* before the thief's first */
    assert_false(loss.stopped[BENCH_VIGIE]);
    assert_int_equal(loss.persons, 7);
}

static void
what_is_lost_counts_up_to_and_with_the_alerting_event(void **state)
{
    struct bench_loss loss = loss_with_stop(5, 71, 10, false);

    (void)state;
    assert_true(loss.stopped[BENCH_VIGIE]);
    assert_int_equal(loss.lost[BENCH_VIGIE], 1); /* at the first */
    assert_int_equal(loss_with_stop(5, 71, 20, false).lost[BENCH_VIGIE], 2);
    /* a search leaves whole; a person of both sessions counts once */
    assert_int_equal(loss_with_stop(5, 72, 110, false).lost[BENCH_VIGIE], 6);
    /* after the last one */
    assert_int_equal(loss_with_stop(5, 72, 500, false).lost[BENCH_VIGIE], 7);
}

static void
a_thief_of_two_accounts_is_stopped_when_both_are(void **state)
{
    struct bench_loss loss = loss_with_stop(6, 71, 20, false);

    (void)state;
    assert_true(loss.stopped[BENCH_VIGIE]);
    assert_int_equal(loss.lost[BENCH_VIGIE], 2);
    loss = loss_with_stop(6, 71, 20, true);
    assert_false(loss.stopped[BENCH_VIGIE]);
    assert_int_equal(loss.accounts, 2);
    assert_int_equal(loss.lost[BENCH_VIGIE], 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_poisson_interval_is_the_published_one),
        cmocka_unit_test(the_poisson_interval_has_its_tails_for_large_counts),
        cmocka_unit_test(a_spread_has_mean_median_and_worst),
        cmocka_unit_test(the_plain_rule_counts_distinct_persons_of_one_account),
        cmocka_unit_test(the_plain_rule_forgets_what_left_its_window),
        cmocka_unit_test(the_day_rule_looks_back_over_24_hours),
        cmocka_unit_test(
            an_alert_on_another_session_or_before_the_theft_stops_nobody),
        cmocka_unit_test(what_is_lost_counts_up_to_and_with_the_alerting_event),
        cmocka_unit_test(a_thief_of_two_accounts_is_stopped_when_both_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
