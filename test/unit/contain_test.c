/* SPDX-License-Identifier: EUPL-1.2 */
/* What may still be shown to whom, with the time given. */
#include "contain/contain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

#define NOON (20000 * TIME_DAY_US + 12 * TIME_HOUR_US)
#define SECOND TIME_SECOND_US
#define DOCTOR 77u
#define SESSION 88u

static struct contain_options options;

static int
setup(void **state)
{
    struct contain *contain = NULL;

    contain_options_default(&options);
    options.pairs_max = 4096;
    options.standings_max = 8;
    options.keys_max = 64;
    assert_int_equal(contain_new(&options, &contain), OK);
    *state = contain;
    return 0;
}

static int
teardown(void **state)
{
    contain_free(*state);
    return 0;
}

static void
show(struct contain *contain, uint64_t person, int64_t at_us)
{
    struct row row = {.kind = ROW_DISCLOSURE,
                      .professional = DOCTOR,
                      .session = SESSION,
                      .person = person,
                      .service = 3,
                      .time_source_us = at_us};

    assert_int_equal(contain_row(contain, &row), OK);
}

static void
order(struct contain *contain, enum order_target target, uint64_t id,
      enum verdict verdict, enum order_by by, int64_t at_us)
{
    struct order given = {.target = target,
                          .id = id,
                          .verdict = verdict,
                          .by = by,
                          .alert = 5,
                          .number = 9,
                          .time_us = at_us};
    struct row row;

    order_row(&given, &row);
    assert_int_equal(contain_row(contain, &row), OK);
}

static void
posture(struct contain *contain, enum posture which, enum order_by by,
        int64_t at_us)
{
    struct order given = {.target = ORDER_ON_EVERYBODY,
                          .posture = which,
                          .by = by,
                          .time_us = at_us};
    struct row row;

    order_row(&given, &row);
    assert_int_equal(contain_row(contain, &row), OK);
}

/* Asks for `count` persons from `first` on, all identified. */
static struct contain_decision
ask(struct contain *contain, uint64_t first, size_t count, uint32_t flags,
    int64_t now_us, int64_t authenticated_us)
{
    struct shown_person persons[300] = {{0}};
    struct showing showing = {.professional = DOCTOR,
                              .session = SESSION,
                              .service = 3,
                              .flags = flags,
                              .now_us = now_us,
                              .authenticated_us = authenticated_us,
                              .persons = persons,
                              .person_count = count};
    struct contain_decision decision;

    for (size_t i = 0; i < count; i++) {
        persons[i].person = first + i;
        persons[i].identified = true;
        persons[i].known =
            contain_first(contain, DOCTOR, first + i, &persons[i].first_us);
    }
    contain_decide(contain, &showing, &decision);
    return decision;
}

static void
a_row_that_says_no_order_is_passed_over(void **state)
{
    struct row row = {.kind = ROW_ORDER, .service = 9, .source = 1};

    assert_int_equal(contain_row(*state, &row), OK);
    row.service = ORDER_ON_SESSION; /* on nobody */
    assert_int_equal(contain_row(*state, &row), OK);
    row = (struct row){.kind = ROW_ORDER,
                       .service = ORDER_ON_EVERYBODY,
                       .source = ORDER_BY_OPERATOR,
                       .categories = 256};
    assert_int_equal(contain_row(*state, &row), OK);
    assert_int_equal(standings_count(contain_standings(*state)), 0);
    assert_int_equal(contain_posture(*state, NULL), POSTURE_NORMAL);
}

static void
without_a_verdict_everything_is_released_under_the_budget(void **state)
{
    assert_int_equal(ask(*state, 1, 10, SHOWING_LIST, NOON, 0).answer,
                     CONTAIN_RELEASE);
}

static void
a_step_up_leaves_known_persons_readable_and_no_list(void **state)
{
    show(*state, 1, NOON);
    show(*state, 2, NOON);
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_STEP_UP,
          ORDER_BY_AUTOMATION, NOON + 1);
    assert_int_equal(ask(*state, 1, 1, 0, NOON + 2, 0).answer, CONTAIN_RELEASE);
    assert_int_equal(ask(*state, 1, 2, 0, NOON + 2, 0).answer, CONTAIN_RELEASE);
    assert_int_equal(ask(*state, 1, 1, SHOWING_LIST, NOON + 2, 0).answer,
                     CONTAIN_RELEASE);
    assert_int_equal(ask(*state, 1, 2, SHOWING_LIST, NOON + 2, 0).cause,
                     CAUSE_LIST);
    assert_int_equal(ask(*state, 1, 1, SHOWING_EXPORT, NOON + 2, 0).cause,
                     CAUSE_EXPORT);
    assert_int_equal(ask(*state, 1, 0, SHOWING_UNREADABLE, NOON, 0).cause,
                     CAUSE_UNREADABLE);
    struct contain_decision decision =
        ask(*state, 1, 1, SHOWING_EXPORT, NOON, 0);
    assert_int_equal(decision.answer, CONTAIN_STEP_UP);
    assert_int_equal(decision.since_us, NOON + 1);
    assert_int_equal(decision.alert, 5);
}

static void
a_step_up_lets_one_new_person_through_at_a_time(void **state)
{
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_STEP_UP,
          ORDER_BY_AUTOMATION, NOON);
    assert_int_equal(ask(*state, 5, 2, 0, NOON, 0).cause, CAUSE_SEVERAL_NEW);
    assert_int_equal(ask(*state, 5, 1, SHOWING_LIST, NOON, 0).cause,
                     CAUSE_LIST);
    assert_int_equal(ask(*state, 5, 1, 0, NOON, 0).answer, CONTAIN_RELEASE);
    show(*state, 5, NOON + SECOND);
    assert_int_equal(ask(*state, 6, 1, 0, NOON + 2 * SECOND, 0).cause,
                     CAUSE_NEW_TOO_SOON);
    /* the one admitted stays readable */
    assert_int_equal(ask(*state, 5, 1, 0, NOON + 2 * SECOND, 0).answer,
                     CONTAIN_RELEASE);
    assert_int_equal(
        ask(*state, 6, 1, 0, NOON + (options.new_every_s + 1) * SECOND, 0)
            .answer,
        CONTAIN_RELEASE);
}

static void
a_person_without_a_name_is_not_shown_under_a_step_up(void **state)
{
    struct shown_person nobody = {0};
    struct showing showing = {.professional = DOCTOR,
                              .now_us = NOON,
                              .persons = &nobody,
                              .person_count = 1};
    struct contain_decision decision;

    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_STEP_UP,
          ORDER_BY_OPERATOR, NOON);
    contain_decide(*state, &showing, &decision);
    assert_int_equal(decision.cause, CAUSE_UNNAMED);
}

static void
a_newer_authentication_lifts_a_step_up_and_never_a_cut(void **state)
{
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_STEP_UP,
          ORDER_BY_AUTOMATION, NOON);
    assert_int_equal(ask(*state, 1, 9, SHOWING_LIST, NOON, NOON).answer,
                     CONTAIN_STEP_UP);
    assert_int_equal(ask(*state, 1, 9, SHOWING_LIST, NOON, NOON + 1).answer,
                     CONTAIN_RELEASE);
    order(*state, ORDER_ON_SESSION, SESSION, VERDICT_CUT, ORDER_BY_OPERATOR,
          NOON);
    assert_int_equal(ask(*state, 1, 0, 0, NOON, NOON + 1).answer, CONTAIN_CUT);
    assert_int_equal(ask(*state, 1, 1, SHOWING_GLASS, NOON, 0).answer,
                     CONTAIN_CUT);
    /* what was written was written: hiding the answer helps nobody */
    assert_int_equal(ask(*state, 1, 1, SHOWING_WRITTEN, NOON, 0).answer,
                     CONTAIN_RELEASE);
}

static void
a_cut_of_the_account_is_said_before_a_step_up_of_the_session(void **state)
{
    order(*state, ORDER_ON_SESSION, SESSION, VERDICT_STEP_UP,
          ORDER_BY_AUTOMATION, NOON);
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_CUT, ORDER_BY_OPERATOR,
          NOON);
    assert_int_equal(ask(*state, 1, 2, SHOWING_LIST, NOON, 0).answer,
                     CONTAIN_CUT);
}

static void
restore_undoes(void **state)
{
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_CUT, ORDER_BY_OPERATOR,
          NOON);
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_ALLOW,
          ORDER_BY_OPERATOR, NOON + 1);
    assert_int_equal(ask(*state, 1, 9, SHOWING_LIST, NOON + 2, 0).answer,
                     CONTAIN_RELEASE);
    assert_int_equal(standings_count(contain_standings(*state)), 0);
}

static void
what_was_withheld_is_not_known_and_costs_nothing(void **state)
{
    struct row row = {.kind = ROW_DISCLOSURE,
                      .professional = DOCTOR,
                      .person = 4,
                      .flags = ROW_WITHHELD,
                      .time_source_us = NOON};
    int64_t first_us;

    assert_int_equal(contain_row(*state, &row), OK);
    assert_false(contain_first(*state, DOCTOR, 4, &first_us));
}

static void
the_budget_counts_new_persons_and_slides(void **state)
{
    options.ceilings[BUDGET_SESSION] = (struct ceiling){10, 0};
    options.ceilings[BUDGET_PROFESSIONAL] = (struct ceiling){0, 0};
    contain_options_set(*state, &options);
    for (uint64_t person = 1; person <= 10; person++) {
        show(*state, person, NOON);
        show(*state, person, NOON); /* again: nobody new */
    }
    assert_int_equal(ask(*state, 1, 10, 0, NOON, 0).answer, CONTAIN_RELEASE);
    struct contain_decision decision = ask(*state, 11, 1, 0, NOON, 0);
    assert_int_equal(decision.answer, CONTAIN_REFUSE);
    assert_int_equal(decision.budget, BUDGET_SESSION);
    assert_int_equal(ask(*state, 1, 0, SHOWING_UNREADABLE, NOON, 0).cause,
                     CAUSE_BUDGET);
    assert_int_equal(ask(*state, 11, 1, 0, NOON + 59 * 60 * SECOND, 0).cause,
                     CAUSE_BUDGET);
    assert_int_equal(ask(*state, 11, 1, 0, NOON + 66 * 60 * SECOND, 0).answer,
                     CONTAIN_RELEASE);
}

static void
what_was_spent_is_remembered_when_the_clock_goes_back(void **state)
{
    struct row jump = {.kind = ROW_CLOCK_JUMP,
                       .time_source_us = NOON - TIME_DAY_US};

    options.ceilings[BUDGET_SESSION] = (struct ceiling){10, 20};
    options.ceilings[BUDGET_PROFESSIONAL] = (struct ceiling){0, 0};
    contain_options_set(*state, &options);
    for (uint64_t person = 1; person <= 10; person++)
        show(*state, person, NOON);
    assert_int_equal(contain_row(*state, &jump), OK);
    assert_int_equal(ask(*state, 11, 1, 0, NOON - TIME_DAY_US, 0).cause,
                     CAUSE_BUDGET);
    assert_int_equal(
        ask(*state, 11, 1, 0, NOON - TIME_DAY_US + 2 * TIME_HOUR_US, 0).answer,
        CONTAIN_RELEASE);
}

static void
a_role_has_a_ceiling_of_its_own(void **state)
{
    struct shown_person persons[5] = {{0}};
    struct showing showing = {.professional = DOCTOR,
                              .now_us = NOON,
                              .persons = persons,
                              .person_count = 5};
    struct contain_decision decision;

    contain_decide(*state, &showing, &decision);
    assert_int_equal(decision.answer, CONTAIN_RELEASE);
    showing.role = (struct ceiling){4, 0};
    contain_decide(*state, &showing, &decision);
    assert_int_equal(decision.budget, BUDGET_PROFESSIONAL);
    assert_int_equal(decision.answer, CONTAIN_REFUSE);
    showing.role = (struct ceiling){0, 4};
    contain_decide(*state, &showing, &decision);
    assert_int_equal(decision.answer, CONTAIN_REFUSE);
    showing.role = (struct ceiling){5, 5};
    contain_decide(*state, &showing, &decision);
    assert_int_equal(decision.answer, CONTAIN_RELEASE);
}

static void
the_region_has_a_budget_over_all_accounts(void **state)
{
    options.ceilings[BUDGET_REGION] = (struct ceiling){0, 3};
    contain_options_set(*state, &options);
    for (uint64_t doctor = 1; doctor <= 3; doctor++) {
        struct row row = {.kind = ROW_DISCLOSURE,
                          .professional = doctor,
                          .person = 1,
                          .time_source_us = NOON};
        assert_int_equal(contain_row(*state, &row), OK);
    }
    assert_int_equal(ask(*state, 9, 1, 0, NOON, 0).budget, BUDGET_REGION);
    assert_int_equal(ask(*state, 9, 1, 0, NOON + 25 * TIME_HOUR_US, 0).answer,
                     CONTAIN_RELEASE);
}

static void
break_glass_opens_one_person_a_few_times(void **state)
{
    struct order glass = {.target = ORDER_GLASS,
                          .id = SESSION,
                          .by = ORDER_BY_HOLDER,
                          .time_us = NOON};
    struct row row;

    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_STEP_UP,
          ORDER_BY_AUTOMATION, NOON);
    order_row(&glass, &row);
    row.professional = DOCTOR;
    show(*state, 1, NOON + 1); /* admitted: the next new one is too soon */
    for (uint32_t i = 0; i < options.glass_per_hour; i++) {
        assert_int_equal(ask(*state, 9, 1, SHOWING_GLASS, NOON, 0).answer,
                         CONTAIN_RELEASE);
        assert_int_equal(contain_row(*state, &row), OK);
    }
    assert_int_equal(ask(*state, 9, 1, SHOWING_GLASS, NOON, 0).cause,
                     CAUSE_GLASS);
    assert_int_equal(
        ask(*state, 9, 2, SHOWING_GLASS, NOON + 2 * TIME_HOUR_US, 0).cause,
        CAUSE_GLASS);
}

static void
automation_never_cuts_and_never_undoes_an_operator(void **state)
{
    struct alert alert = {.id = 3,
                          .professional = DOCTOR,
                          .session = SESSION,
                          .verdict = VERDICT_CUT};
    struct order given;
    bool stop;

    assert_true(contain_alert(*state, &alert, 0, NOON, &given, &stop));
    assert_int_equal(given.verdict, VERDICT_STEP_UP);
    assert_int_equal(given.target, ORDER_ON_PROFESSIONAL);
    alert.verdict = VERDICT_WATCH;
    assert_false(contain_alert(*state, &alert, 0, NOON, &given, &stop));
    alert.verdict = VERDICT_STEP_UP;
    order(*state, ORDER_ON_PROFESSIONAL, DOCTOR, VERDICT_CUT, ORDER_BY_OPERATOR,
          NOON);
    assert_false(contain_alert(*state, &alert, 0, NOON, &given, &stop));
}

static void
automation_stops_when_it_stops_too_many(void **state)
{
    struct order given;
    bool stop = false;
    uint64_t doctor = 1000;

    for (uint64_t i = 0; i < 100; i++)
        contain_active(*state, 2, doctor + i, NOON);
    for (; !stop && doctor < 1100; doctor++) {
        struct alert alert = {
            .id = doctor, .professional = doctor, .verdict = VERDICT_STEP_UP};
        assert_true(contain_alert(*state, &alert, 2, NOON, &given, &stop));
        if (!stop)
            contain_stopped(*state, 2, doctor, NOON);
    }
    assert_int_equal(doctor - 1000, 6); /* five of a hundred, then the sixth */
    assert_int_equal(given.target, ORDER_ON_EVERYBODY);
    posture(*state, given.posture, given.by, NOON);
    assert_true(contain_automation_stopped(*state));
    struct alert more = {.professional = 5, .verdict = VERDICT_STEP_UP};
    assert_false(contain_alert(*state, &more, 0, NOON, &given, &stop));
    posture(*state, POSTURE_NORMAL, ORDER_BY_OPERATOR, NOON);
    assert_true(
        contain_alert(*state, &more, 0, NOON + TIME_HOUR_US, &given, &stop));
    assert_false(stop);
}

static void
the_posture_narrow_is_a_step_up_for_everybody(void **state)
{
    show(*state, 1, NOON - 1);
    posture(*state, POSTURE_NARROW, ORDER_BY_OPERATOR, NOON);
    assert_int_equal(ask(*state, 1, 1, 0, NOON, 0).answer, CONTAIN_RELEASE);
    assert_int_equal(ask(*state, 2, 5, SHOWING_LIST, NOON, 0).answer,
                     CONTAIN_STEP_UP);
    assert_int_equal(ask(*state, 2, 5, SHOWING_LIST, NOON, NOON + 1).answer,
                     CONTAIN_RELEASE);
}

static void
a_full_table_drops_automatic_step_ups_and_no_order(void **state)
{
    for (uint64_t id = 1; id <= 7; id++)
        order(*state, ORDER_ON_SESSION, id, VERDICT_CUT, ORDER_BY_OPERATOR,
              NOON);
    for (uint64_t id = 20; id < 40; id++)
        order(*state, ORDER_ON_SESSION, id, VERDICT_STEP_UP,
              ORDER_BY_AUTOMATION, NOON + (int64_t)id);
    const struct standings *all = contain_standings(*state);
    assert_int_equal(standings_count(all), 8);
    for (uint64_t id = 1; id <= 7; id++)
        assert_non_null(standings_find(all, ORDER_ON_SESSION, id));
    assert_non_null(standings_find(all, ORDER_ON_SESSION, 39));
    assert_null(standings_find(all, ORDER_ON_SESSION, 38));
}

static void
a_full_table_of_pairs_takes_known_persons_for_new_ones(void **state)
{
    struct known *seen = NULL;
    int64_t first_us = 0;
    bool is_new;

    (void)state;
    assert_int_equal(known_new(2000, &seen), OK);
    for (uint64_t i = 1; i <= 2000; i++)
        assert_int_equal(known_add(seen, 1, i, (int64_t)i, &is_new), OK);
    assert_int_equal(known_add(seen, 1, 2001, 1, &is_new), E_LIMIT);
    assert_false(known_first(seen, 1, 2001, &first_us));
    assert_true(known_first(seen, 1, 2000, &first_us));
    assert_int_equal(first_us, 2000);
    assert_int_equal(known_add(seen, 1, 2000, 7, &is_new), OK);
    assert_false(is_new);
    assert_true(known_first(seen, 1, 2000, &first_us));
    assert_int_equal(first_us, 7);
    known_free(seen);
}

/* Also while a full table moves into a larger one. */
static void
a_pair_that_is_forgotten_leaves_all_others(void **state)
{
    struct known *seen = NULL;
    int64_t first_us = 0;

    (void)state;
    assert_int_equal(known_new(100000, &seen), OK);
    for (uint64_t i = 1; i <= 12000; i++) {
        assert_int_equal(known_add(seen, 1, i, (int64_t)i, NULL), OK);
        known_tell(seen, 1, i, i % 2 == 0);
        if (i % 3 == 0) {
            assert_true(known_forget(seen, 1, i / 3));
            assert_false(known_forget(seen, 1, i / 3));
        }
    }
    assert_int_equal(known_count(seen), 8000);
    for (uint64_t i = 1; i <= 12000; i++) {
        assert_int_equal(known_first(seen, 1, i, &first_us), i > 4000);
        assert_int_equal(known_is_told(seen, 1, i), i > 4000 && i % 2 == 0);
        if (i > 4000)
            assert_int_equal(first_us, i);
    }
    known_free(seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_that_is_forgotten_leaves_all_others),
        TEST(a_row_that_says_no_order_is_passed_over),
        TEST(without_a_verdict_everything_is_released_under_the_budget),
        TEST(a_step_up_leaves_known_persons_readable_and_no_list),
        TEST(a_step_up_lets_one_new_person_through_at_a_time),
        TEST(a_person_without_a_name_is_not_shown_under_a_step_up),
        TEST(a_newer_authentication_lifts_a_step_up_and_never_a_cut),
        TEST(a_cut_of_the_account_is_said_before_a_step_up_of_the_session),
        TEST(restore_undoes),
        TEST(what_was_withheld_is_not_known_and_costs_nothing),
        TEST(the_budget_counts_new_persons_and_slides),
        TEST(what_was_spent_is_remembered_when_the_clock_goes_back),
        TEST(a_role_has_a_ceiling_of_its_own),
        TEST(the_region_has_a_budget_over_all_accounts),
        TEST(break_glass_opens_one_person_a_few_times),
        TEST(automation_never_cuts_and_never_undoes_an_operator),
        TEST(automation_stops_when_it_stops_too_many),
        TEST(the_posture_narrow_is_a_step_up_for_everybody),
        TEST(a_full_table_drops_automatic_step_ups_and_no_order),
        TEST(a_full_table_of_pairs_takes_known_persons_for_new_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
