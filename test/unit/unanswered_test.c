/* SPDX-License-Identifier: EUPL-1.2 */
/* Whom automation cuts after a step-up, and whom it never does. */
#include "contain/unanswered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../help/live_place.h"

#define ask live_place_ask
#define LOGIN (PLACE_START / TIME_SECOND_US - 3600)

/* One ask, `seconds` after the one before; lists are refused under a
 * step-up, single persons are let in now and then. */
static enum answer_decision
read_one(struct place *place, unsigned person, uint32_t flags, unsigned seconds)
{
    place->now_us += seconds * TIME_SECOND_US;
    live_place_fill(person, 1, flags);
    ask.auth_time_s = LOGIN;
    return live_place_send(place).answer.decision;
}

/* The account knows persons 1 to 9, then automation asks for a newer
 * authentication. */
static void
step_up(struct place *place, enum order_by by)
{
    struct live_command command = {.target = ORDER_ON_PROFESSIONAL,
                                   .name = TEXT("80000000001"),
                                   .verdict = VERDICT_STEP_UP,
                                   .reason = TEXT("asked")};

    for (unsigned i = 1; i < 10; i++)
        assert_int_equal(read_one(place, i, 0, 600), ANSWER_RELEASE);
    if (by == ORDER_BY_OPERATOR) {
        assert_int_equal(live_order(place->live, &command, place->now_us), OK);
        assert_int_equal(live_commit(place->live), OK);
        return;
    }
    for (unsigned i = 100; place->pushes == 0; i++) {
        assert_true(i < 160);
        (void)read_one(place, i, ASK_SEARCH, 0);
    }
    assert_int_equal(place->last.verdict, VERDICT_STEP_UP);
}

static bool
is_cut(struct place *place)
{
    return place->last.verdict == VERDICT_CUT &&
           place->last.scope == ORDER_SESSION;
}

static void
who_reads_only_known_persons_is_never_cut(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 300; i++)
        assert_int_equal(read_one(place, 1 + i % 9, 0, 60), ANSWER_RELEASE);
    assert_false(is_cut(place));
}

static void
a_screen_that_asks_for_the_same_list_is_never_cut(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 300; i++) {
        place->now_us += 30 * TIME_SECOND_US;
        live_place_fill(200, 12, ASK_SEARCH);
        ask.auth_time_s = LOGIN;
        assert_int_equal(live_place_send(place).answer.decision,
                         ANSWER_STEP_UP);
    }
    assert_false(is_cut(place));
}

static void
a_page_that_opens_many_at_once_asks_once(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 8; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 0);
    assert_false(is_cut(place));
}

static void
the_fifth_refused_ask_cuts_the_session_and_says_why(void **state)
{
    struct place *place = *state;
    struct buffer why = {0};
    char name[32];
    struct row row;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(read_one(place, 200 + i, ASK_SEARCH, 20),
                         ANSWER_STEP_UP);
    assert_false(is_cut(place));
    (void)read_one(place, 204, ASK_SEARCH, 20);
    assert_true(is_cut(place));
    assert_string_equal(place->page, "cut-after-refusals");
    assert_int_equal(read_one(place, 1, 0, 1), ANSWER_CUT);
    (void)live_place_rows(place, ROW_ORDER, 0, &row);
    assert_int_equal(row.source, ORDER_BY_AUTOMATION);
    assert_int_equal(row.service, ORDER_ON_SESSION);
    (void)snprintf(name, sizeof(name), "order.%016llx",
                   (unsigned long long)row.request);
    assert_int_equal(
        lookup_setting_get(core_lookup(live_core(place->live)), name, &why),
        OK);
    assert_true(text_starts(buffer_as_text(&why), "step-up refused: 5"));
    buffer_free(&why);
    /* the account itself is not cut: its holder signs in anew */
    live_place_fill(300, 1, 0);
    ask.session = TEXT("new");
    ask.auth_time_s = place->now_us / TIME_SECOND_US;
    assert_int_equal(live_place_send(place).answer.decision, ANSWER_RELEASE);
}

static void
what_was_refused_counts_across_a_restart(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 4; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 20);
    live_free(place->live);
    live_place_open(place);
    assert_false(is_cut(place));
    (void)read_one(place, 204, ASK_SEARCH, 20);
    assert_true(is_cut(place));
}

static void
who_authenticates_anew_is_never_cut(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 4; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 20);
    for (unsigned i = 0; i < 40; i++) {
        place->now_us += 120 * TIME_SECOND_US;
        live_place_fill(210 + i, 1, ASK_SEARCH);
        ask.auth_time_s = place->now_us / TIME_SECOND_US - 60;
        assert_true(live_place_send(place).answer.decision != ANSWER_CUT);
        if (place->last.verdict == VERDICT_STEP_UP && place->pushes > 1)
            break; /* alerted anew: another step-up */
    }
    assert_false(is_cut(place));
}

static void
whose_authentication_is_not_told_is_never_cut(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 20; i++) {
        place->now_us += 60 * TIME_SECOND_US;
        (void)live_place_show(place, 200 + i, 1, ASK_SEARCH);
    }
    assert_false(is_cut(place));
}

/* One person every six minutes is let in, one list was refused. */
static void
going_on_for_half_an_hour_cuts(void **state)
{
    struct place *place = *state;
    unsigned i;

    step_up(place, ORDER_BY_AUTOMATION);
    assert_int_equal(read_one(place, 200, ASK_SEARCH, 1), ANSWER_STEP_UP);
    for (i = 0; i < 10 && !is_cut(place); i++)
        (void)read_one(place, 201 + i, 0, 360);
    assert_true(is_cut(place));
    assert_int_equal(i, 5);
    assert_string_equal(place->page, "cut-unanswered");
}

static void
one_slip_an_hour_later_cuts_nobody(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_AUTOMATION);
    (void)read_one(place, 200, ASK_SEARCH, 1);
    (void)read_one(place, 201, ASK_SEARCH, 3600);
    assert_false(is_cut(place));
}

static void
both_may_be_switched_off(void **state)
{
    struct place *place = *state;

    place->options.contain.cut_refusals = place->options.contain.cut_minutes =
        0;
    live_options_set(place->live, &place->options.contain);
    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 40; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 60);
    assert_false(is_cut(place));
}

static void
an_operators_order_is_never_gone_beyond(void **state)
{
    struct place *place = *state;

    step_up(place, ORDER_BY_OPERATOR);
    for (unsigned i = 0; i < 40; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 60);
    assert_false(is_cut(place));
}

static void
whom_an_operator_restored_is_not_cut_again(void **state)
{
    struct place *place = *state;
    struct live_command command = {.target = ORDER_ON_SESSION,
                                   .name = TEXT("s"),
                                   .verdict = VERDICT_ALLOW,
                                   .reason = TEXT("called")};

    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 5; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 20);
    assert_true(is_cut(place));
    assert_int_equal(live_order(place->live, &command, place->now_us), OK);
    assert_int_equal(live_commit(place->live), OK);
    for (unsigned i = 0; i < 40; i++)
        (void)read_one(place, 300 + i, ASK_SEARCH, 60);
    assert_false(is_cut(place));
}

static void
automation_that_stops_more_than_its_share_stops_itself(void **state)
{
    struct place *place = *state;

    place->options.contain.stop_least = 1;
    live_options_set(place->live, &place->options.contain);
    step_up(place, ORDER_BY_AUTOMATION);
    for (unsigned i = 0; i < 5; i++)
        (void)read_one(place, 200 + i, ASK_SEARCH, 20);
    assert_false(is_cut(place));
    assert_string_equal(place->page, "automation-stopped");
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, live_place_setup, live_place_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_reads_only_known_persons_is_never_cut),
        TEST(a_screen_that_asks_for_the_same_list_is_never_cut),
        TEST(a_page_that_opens_many_at_once_asks_once),
        TEST(the_fifth_refused_ask_cuts_the_session_and_says_why),
        TEST(what_was_refused_counts_across_a_restart),
        TEST(who_authenticates_anew_is_never_cut),
        TEST(whose_authentication_is_not_told_is_never_cut),
        TEST(going_on_for_half_an_hour_cuts),
        TEST(one_slip_an_hour_later_cuts_nobody),
        TEST(both_may_be_switched_off),
        TEST(an_operators_order_is_never_gone_beyond),
        TEST(whom_an_operator_restored_is_not_cut_again),
        TEST(automation_that_stops_more_than_its_share_stops_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
