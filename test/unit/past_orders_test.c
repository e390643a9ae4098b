/* SPDX-License-Identifier: EUPL-1.2 */
/* Orders told again, and break-glass with its review. */
#include "core/past_orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../help/live_place.h"
#include "base/limits.h"

#define ask live_place_ask

struct told {
    size_t count;
    struct live_order_told last;
    struct order order;
    char reason[32];
};

static enum result
on_told(void *context, const struct live_order_told *order)
{
    struct told *told = context;

    told->count++;
    told->last = *order;
    told->order = *order->order;
    memset(told->reason, 0, sizeof(told->reason));
    memcpy(told->reason, order->reason.bytes, order->reason.length);
    return OK;
}

static struct told
tell(struct place *place, bool glass)
{
    struct live_orders which = {.glass = glass};
    struct told told = {0};
    uint64_t older;

    assert_int_equal(
        live_orders(place->live, &which, place->now_us, &told, on_told, &older),
        OK);
    assert_int_equal(older, 0);
    return told;
}

static void
order(struct place *place, enum order_target target, enum verdict verdict)
{
    struct live_command command = {
        .target = target,
        .name = target == ORDER_ON_SESSION ? TEXT("s") : TEXT("80000000001"),
        .verdict = verdict,
        .uid = 7,
        .reason = TEXT("because")};

    assert_int_equal(live_order(place->live, &command, place->now_us), OK);
    assert_int_equal(live_commit(place->live), OK);
}

static enum answer_decision
break_glass(struct place *place, unsigned person)
{
    live_place_fill(person, 1, ASK_BREAK_GLASS);
    ask.reason = TEXT("urgent");
    return live_place_send(place).answer.decision;
}

static void
an_order_and_what_undid_it_name_each_other(void **state)
{
    struct place *place = *state;
    struct told told;

    (void)live_place_show(place, 1, 1, 0);
    assert_int_equal(tell(place, false).count, 0);
    order(place, ORDER_ON_PROFESSIONAL, VERDICT_CUT);
    told = tell(place, false);
    assert_int_equal(told.count, 1);
    assert_false(told.last.undone);
    assert_string_equal(told.reason, "because");
    assert_int_equal(told.order.uid, 7);
    uint64_t number = told.order.number;
    order(place, ORDER_ON_SESSION, VERDICT_CUT); /* another target */
    order(place, ORDER_ON_PROFESSIONAL, VERDICT_ALLOW);
    live_free(place->live);
    live_place_open(place); /* from rows alone */
    told = tell(place, false);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.order.alert, number);
}

static void
break_glass_waits_for_a_review_and_is_paged_once_after_a_day(void **state)
{
    struct place *place = *state;
    struct live_review review = {.number = 5, .uid = 8, .reason = TEXT("seen")};
    uint32_t open, overdue;

    assert_int_equal(live_review(place->live, &review, place->now_us),
                     E_NOTFOUND);
    assert_int_equal(break_glass(place, 1), ANSWER_RELEASE);
    assert_int_equal(break_glass(place, 2), ANSWER_RELEASE);
    assert_int_equal(place->pages, 2);
    assert_int_equal(tell(place, true).last.glass, GLASS_OPEN);
    live_place_wait(place, 1);
    place->now_us += TIME_DAY_US - 10 * TIME_SECOND_US;
    live_place_wait(place, 1);
    assert_int_equal(place->pages, 2);
    place->now_us += 10 * TIME_SECOND_US;
    live_place_wait(place, 5);
    assert_int_equal(place->pages, 3); /* both in one */
    assert_string_equal(place->page, "break-glass-unreviewed");
    live_glasses(place->live, place->now_us, &open, &overdue);
    assert_int_equal(open, 2);
    assert_int_equal(overdue, 2);
    review.number = tell(place, true).order.number;
    assert_int_equal(live_review(place->live, &review, place->now_us), OK);
    assert_int_equal(live_review(place->live, &review, place->now_us),
                     E_NOTFOUND);
    assert_int_equal(live_commit(place->live), OK);
    live_free(place->live);
    live_place_open(place);
    assert_int_equal(tell(place, true).last.glass, GLASS_REVIEWED);
    live_glasses(place->live, place->now_us, &open, &overdue);
    assert_int_equal(open, 1);
}

static void
a_confirmed_thief_gets_no_break_glass_in_any_session(void **state)
{
    struct place *place = *state;

    (void)live_place_show(place, 1, 1, 0);
    order(place, ORDER_ON_PROFESSIONAL, VERDICT_CUT);
    live_place_fill(1, 1, ASK_BREAK_GLASS);
    ask.session = TEXT("another");
    ask.auth_time_s = place->now_us / TIME_SECOND_US + 10;
    assert_int_equal(live_place_send(place).answer.decision, ANSWER_CUT);
    assert_int_equal(tell(place, true).count, 0);
    order(place, ORDER_ON_PROFESSIONAL, VERDICT_STEP_UP);
    assert_int_equal(break_glass(place, 50), ANSWER_RELEASE);
}

static void
only_the_latest_orders_are_kept_and_older_ones_counted(void **state)
{
    struct past_orders *orders;
    struct row row;

    (void)state;
    assert_int_equal(past_orders_new(&orders), OK);
    for (uint64_t i = 1; i <= ORDERS_KEPT_MAX + 10; i++) {
        struct order given = {.target = ORDER_ON_SESSION,
                              .id = 100 + i % 7,
                              .verdict = VERDICT_CUT,
                              .by = ORDER_BY_OPERATOR,
                              .number = i};

        order_row(&given, &row);
        assert_int_equal(past_orders_row(orders, &row), OK);
    }
    assert_int_equal(past_orders_count(orders) + past_orders_older(orders),
                     ORDERS_KEPT_MAX + 10);
    assert_null(past_orders_find(orders, 1));
    assert_int_equal(past_orders_find(orders, ORDERS_KEPT_MAX)->later,
                     ORDERS_KEPT_MAX + 7);
    assert_false(past_orders_find(orders, ORDERS_KEPT_MAX + 10)->undone);
    past_orders_free(orders);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, live_place_setup, live_place_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_order_and_what_undid_it_name_each_other),
        TEST(break_glass_waits_for_a_review_and_is_paged_once_after_a_day),
        TEST(a_confirmed_thief_gets_no_break_glass_in_any_session),
        cmocka_unit_test(
            only_the_latest_orders_are_kept_and_older_ones_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
