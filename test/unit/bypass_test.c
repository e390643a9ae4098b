/* SPDX-License-Identifier: EUPL-1.2 */
/* What the trail of a service behind the door tells, and the door did not. */
#include "core/bypass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../help/live_place.h"
#include "core/live.h"
#include "core/sources.h"
#include "scope/alert_read.h"
#include "scope/scope_run.h"

#define show live_place_show
#define tell live_place_record
#define pass live_place_wait
#define ask live_place_ask

static const char *const services[] = {"dossier"};

static struct sources *sources;

static int
setup(void **state)
{
    struct reason why;
    struct place *place;

    assert_int_equal(sources_parse(TEXT("match,service,controller,"
                                        "context_reveals_health\n"
                                        "dossier,dossier,,\n"
                                        "agenda,agenda,,\n"),
                                   &why, &sources),
                     OK);

    assert_int_equal(live_place_setup(state), 0);
    place = *state;
    live_free(place->live);
    place->options.core.sources = sources;
    place->options.behind_door = services;
    place->options.behind_door_count = 1;
    live_place_open(place);
    return 0;
}

static int
teardown(void **state)
{
    int result = live_place_teardown(state);

    sources_free(sources);
    return result;
}

static void
what_no_row_of_the_door_answers_is_an_alert_after_60_seconds(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");
    struct row row;

    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 59);
    assert_int_equal(place->alerts, 0);
    pass(place, 3);
    assert_int_equal(place->alerts, 1);
    assert_int_equal(place->alert.verdict, VERDICT_STEP_UP);
    assert_int_equal(place->alert.decided, DECIDED_BYPASS);
    assert_int_equal(place->alert.signs[0].code, SIGN_BYPASS);
    assert_string_equal(place->page, "bypass");
    assert_int_equal(live_place_rows(place, ROW_VERDICT, 0, &row), 1);
    assert_int_equal(row.source, DECIDED_BYPASS);
    assert_int_equal(place->last.verdict, VERDICT_STEP_UP);
    /* said once a session, and never as a cut */
    event = live_place_event(place, "Patient/2");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 70);
    assert_int_equal(place->alerts, 1);
}

static void
a_sender_that_proves_nothing_raises_watch_and_no_order(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");

    assert_true(tell(place, &event, 0));
    pass(place, 65);
    assert_int_equal(place->alerts, 1);
    assert_int_equal(place->alert.verdict, VERDICT_WATCH);
    assert_int_equal(place->pages, 1);
    assert_int_equal(live_place_rows(place, ROW_ORDER, 0, NULL), 0);
}

static void
a_row_of_the_door_before_or_soon_after_answers(void **state)
{
    struct place *place = *state;
    struct event event;

    (void)show(place, 1, 1, 0);
    pass(place, 30);
    event = live_place_event(place, "Patient/1");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    event = live_place_event(place, "Patient/2");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 50);
    (void)show(place, 2, 1, 0);
    pass(place, 90);
    assert_int_equal(place->alerts, 0);
    /* but not one that is older, or of somebody else */
    pass(place, 180);
    event = live_place_event(place, "Patient/1");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 10);
    live_place_fill(1, 1, 0);
    ask.professional = TEXT("80000000002");
    ask.session = TEXT("other");
    (void)live_place_send(place);
    pass(place, 60);
    assert_int_equal(place->alerts, 1);
}

static void
the_request_answers_whoever_it_was(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");

    event.request = TEXT("r-1");
    event.professional = TEXT("");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    live_place_fill(1, 1, 0);
    ask.professional = TEXT("");
    ask.request = TEXT("r-1");
    (void)live_place_send(place);
    pass(place, 90);
    assert_int_equal(place->alerts, 0);
}

/* Cut: the service answered and says so, the door kept it back. */
static void
what_the_door_refused_is_no_bypass_and_not_in_scope(void **state)
{
    struct place *place = *state;
    struct live_command command = {.target = ORDER_ON_PROFESSIONAL,
                                   .name = TEXT("80000000001"),
                                   .verdict = VERDICT_CUT,
                                   .reason = TEXT("called")};
    struct event event;
    struct row row;

    (void)show(place, 1, 1, 0);
    assert_int_equal(live_order(place->live, &command, place->now_us), OK);
    live_place_fill(2, 1, 0);
    ask.request = TEXT("r-2");
    assert_int_equal(live_place_send(place).answer.decision, ANSWER_CUT);
    event = live_place_event(place, "Patient/2");
    event.request = TEXT("r-2");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    assert_int_equal(live_place_rows(place, ROW_DISCLOSURE, 0, &row), 2);
    assert_true((row.flags & ROW_WITHHELD) != 0);
    event = live_place_event(place, "Patient/3");
    assert_true(tell(place, &event, RECORD_VOUCHED)); /* without a request */
    (void)show(place, 3, 1, 0);
    pass(place, 90);
    assert_int_equal(place->alerts, 0);
}

static uint64_t
persons_in_scope(struct place *place)
{
    struct walk_query query;
    struct scope scope;
    uint64_t persons;

    walk_query_start(&query);
    assert_int_equal(scope_run(core_ledger(live_core(place->live)),
                               core_lookup(live_core(place->live)), &query,
                               false, &scope),
                     OK);
    persons = scope.whole.person_count;
    scope_free(&scope);
    return persons;
}

static void
order(struct place *place, enum verdict verdict)
{
    const struct live_command command = {.target = ORDER_ON_PROFESSIONAL,
                                         .name = TEXT("80000000001"),
                                         .verdict = verdict,
                                         .reason = TEXT("called")};

    assert_int_equal(live_order(place->live, &command, place->now_us), OK);
}

/* The service tells its trail before its answer comes to the door. */
static struct live_asked
told_then_asked(struct place *place, unsigned person, const char *request)
{
    static char name[32];
    struct event event;

    (void)snprintf(name, sizeof(name), "Patient/%u", person);
    event = live_place_event(place, name);
    event.request = text_of(request);
    assert_true(tell(place, &event, RECORD_VOUCHED));
    live_place_fill(person, 1, 0);
    ask.request = text_of(request);
    return live_place_send(place);
}

static void
what_a_trail_told_before_the_door_refused_is_taken_back(void **state)
{
    struct place *place = *state;
    struct event event;
    struct row row;

    (void)show(place, 1, 1, 0);
    order(place, VERDICT_CUT);
    assert_int_equal(told_then_asked(place, 2, "r-2").answer.decision,
                     ANSWER_CUT);
    assert_int_equal(persons_in_scope(place), 1);
    /* the other trail's report of it neither */
    event = live_place_event(place, "Patient/2");
    event.request = TEXT("r-2");
    event.time_us += TIME_SECOND_US;
    event.categories |= CATEGORY_MEDICAL;
    assert_true(tell(place, &event, RECORD_VOUCHED));
    assert_int_equal(persons_in_scope(place), 1);
    /* another request is another disclosure */
    event.request = TEXT("r-3");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    assert_int_equal(persons_in_scope(place), 2);
    pass(place, 90);
    live_free(place->live);
    live_place_open(place);
    assert_int_equal(persons_in_scope(place), 2);
    assert_int_equal(live_place_rows(place, ROW_REFUSAL, 0, &row), 1);
}

/* The window that raises the alert is a row that was withheld. */
static void
what_a_trail_told_before_the_door_withheld_it_is_taken_back(void **state)
{
    struct place *place = *state;
    struct live_asked asked = {0};
    unsigned shown = 0;
    struct row row;

    for (unsigned i = 0; i < 60 && !asked.withheld; i += 5) {
        char name[32], request[32];

        (void)snprintf(request, sizeof(request), "r-%u", i);
        for (unsigned k = i; k < i + 5; k++) {
            struct event event;

            (void)snprintf(name, sizeof(name), "Patient/%u", k);
            event = live_place_event(place, name);
            event.request = text_of(request);
            event.professional = event.session = TEXT("");
            assert_true(tell(place, &event, RECORD_VOUCHED));
        }
        live_place_fill(i, 5, ASK_SEARCH);
        ask.request = text_of(request);
        asked = live_place_send(place);
        shown += asked.withheld ? 0 : 5;
    }
    assert_true(asked.withheld);
    assert_int_equal(live_place_rows(place, ROW_REFUSAL, 0, NULL), 0);
    assert_int_equal(live_place_rows(place, ROW_DISCLOSURE, ROW_WITHHELD, &row),
                     10);
    assert_int_equal(row.grade, GRADE_DECLARED);
    assert_int_equal(persons_in_scope(place), shown);
}

/* A trail that is quicker than the door must open nothing. */
static void
what_a_trail_told_first_lets_nobody_past_a_step_up_or_a_ceiling(void **state)
{
    struct place *place = *state;
    struct contain_options few = place->options.contain;
    char request[16];

    (void)show(place, 100, 1, 0);
    order(place, VERDICT_STEP_UP);
    assert_int_equal(told_then_asked(place, 1, "r-1").answer.decision,
                     ANSWER_RELEASE); /* one new person at a time */
    assert_int_equal(told_then_asked(place, 2, "r-2").answer.decision,
                     ANSWER_STEP_UP);
    assert_int_equal(told_then_asked(place, 2, "r-3").answer.decision,
                     ANSWER_STEP_UP);
    assert_int_equal(persons_in_scope(place), 2);
    order(place, VERDICT_ALLOW);
    few.ceilings[BUDGET_PROFESSIONAL] = (struct ceiling){6, 0};
    live_options_set(place->live, &few);
    for (unsigned i = 2; i < 12; i++) {
        (void)snprintf(request, sizeof(request), "q-%u", i);
        assert_int_equal(told_then_asked(place, i, request).answer.decision,
                         i <= 5 ? ANSWER_RELEASE : ANSWER_REFUSE);
    }
    assert_int_equal(persons_in_scope(place), 6);
    /* what was refused is not spent */
    few.ceilings[BUDGET_PROFESSIONAL] = (struct ceiling){7, 0};
    live_options_set(place->live, &few);
    assert_int_equal(told_then_asked(place, 20, "q-20").answer.decision,
                     ANSWER_RELEASE);
    live_free(place->live); /* nor after a restart */
    place->options.contain.ceilings[BUDGET_PROFESSIONAL] =
        (struct ceiling){8, 0};
    live_place_open(place);
    assert_int_equal(told_then_asked(place, 21, "q-21").answer.decision,
                     ANSWER_RELEASE);
    assert_int_equal(told_then_asked(place, 22, "q-22").answer.decision,
                     ANSWER_REFUSE);
}

static void
writes_late_ones_and_other_services_are_not_looked_at(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");

    event.flags |= EVENT_WRITE;
    assert_true(tell(place, &event, RECORD_VOUCHED));
    event = live_place_event(place, "Patient/2");
    event.time_us -= TIME_HOUR_US;
    assert_true(tell(place, &event, RECORD_VOUCHED));
    event = live_place_event(place, "Patient/3");
    event.service = TEXT("agenda");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 90);
    assert_int_equal(place->alerts, 0);
}

static void
what_waits_outlasts_a_restart(void **state)
{
    struct place *place = *state;
    struct event event;

    (void)show(place, 1, 1, 0);
    event = live_place_event(place, "Patient/1");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 10);
    event = live_place_event(place, "Patient/2");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 10);
    live_free(place->live);
    live_place_open(place);
    pass(place, 70);
    assert_int_equal(place->alerts, 1);
    live_free(place->live); /* said once, also after another one */
    live_place_open(place);
    pass(place, 90);
    assert_int_equal(place->alerts, 1);
}

static void
what_a_worker_served_by_itself_is_no_bypass(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");
    struct wire_missed missed = {.number = 1,
                                 .from_us = place->now_us - TIME_SECOND_US,
                                 .to_us = place->now_us,
                                 .released = 1,
                                 .persons = 1,
                                 .service = TEXT("dossier")};

    assert_true(tell(place, &event, RECORD_VOUCHED));
    assert_int_equal(live_missed(place->live, &missed, place->now_us), OK);
    pass(place, 90);
    assert_int_equal(place->alerts, 0);
}

/* More persons than the table holds: those forgotten are searched. */
static void
what_the_table_forgot_is_found_in_the_ledger(void **state)
{
    struct place *place = *state;
    struct event event;

    (void)show(place, 1, 1, 0);
    event = live_place_event(place, "Patient/1");
    pass(place, 5);
    assert_true(tell(place, &event, RECORD_VOUCHED));
    for (unsigned i = 0; i < 12; i++) { /* its place goes to later ones */
        live_place_fill(1, 1, 0);
        ask.professional = (struct text){"123456789abcdef" + i, 3};
        ask.session = ask.professional;
        (void)live_place_send(place);
    }
    pass(place, 70);
    assert_int_equal(place->alerts, 0);
}

/* A long download: the door is asked about its windows one by one. */
static void
a_request_that_the_door_was_asked_about_is_waited_for(void **state)
{
    struct place *place = *state;
    struct event event;

    live_place_fill(1, 1, 0);
    ask.request = TEXT("r-slow");
    (void)live_place_send(place);
    for (unsigned i = 1; i < 4; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "Patient/%u", i);
        event = live_place_event(place, name);
        event.professional = event.session = TEXT("");
        event.request = TEXT("r-slow");
        assert_true(tell(place, &event, RECORD_VOUCHED));
    }
    pass(place, 300);
    assert_int_equal(place->alerts, 0);
    live_place_fill(2, 1, 0);
    ask.request = TEXT("r-slow");
    (void)live_place_send(place);
    pass(place, 3000);
    live_free(place->live); /* what waits outlasts it */
    live_place_open(place);
    assert_int_equal(place->alerts, 0);
    pass(place, 400); /* the third one never came */
    assert_int_equal(place->alerts, 1);
}

static void
a_row_of_the_door_that_comes_late_clears_the_alert(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");
    struct alert_list list;
    struct walk_query query;
    struct row row;

    (void)show(place, 9, 1, 0);
    assert_true(tell(place, &event, RECORD_VOUCHED));
    event = live_place_event(place, "Patient/2");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 100);
    assert_int_equal(place->alerts, 1);
    assert_int_equal(place->last.verdict, VERDICT_STEP_UP);
    live_free(place->live);
    live_place_open(place);
    (void)show(place, 1, 1, 0); /* the one new person of a step-up */
    pass(place, 5);
    assert_int_equal(place->last.verdict, VERDICT_STEP_UP);
    (void)show(place, 2, 1, 0); /* refused: it came to the door */
    pass(place, 5);
    assert_int_equal(place->last.verdict, VERDICT_ALLOW);
    assert_int_equal(live_place_rows(place, ROW_ORDER, 0, &row), 2);
    assert_int_equal(show(place, 30, 2, 0).answer.decision, ANSWER_RELEASE);
    walk_query_start(&query);
    assert_int_equal(
        alert_read(core_ledger(live_core(place->live)), &query, 0, &list), OK);
    assert_int_equal(list.count, 1);
    assert_true(list.alerts[0].cleared_us != 0);
    assert_int_equal(list.alerts[0].sign_count, 1);
    alert_list_free(&list);
    /* and another one of the session is told again */
    live_free(place->live);
    live_place_open(place);
    event = live_place_event(place, "Patient/3");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 100);
    assert_int_equal(place->alerts, 2);
    assert_int_equal(place->last.verdict, VERDICT_STEP_UP);
}

/* What an operator ordered meanwhile stays. */
static void
what_somebody_ordered_is_not_lifted_with_the_alert(void **state)
{
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");

    (void)show(place, 9, 1, 0);
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 100);
    order(place, VERDICT_CUT);
    (void)show(place, 1, 1, 0);
    pass(place, 5);
    assert_int_equal(place->last.verdict, VERDICT_CUT);
}

static void
a_service_that_is_taken_from_behind_the_door_forgets_no_other(void **state)
{
    static const char *const two[] = {"agenda", "dossier"};
    struct place *place = *state;
    struct event event = live_place_event(place, "Patient/1");

    live_free(place->live);
    place->options.behind_door = two;
    place->options.behind_door_count = 2;
    live_place_open(place);
    assert_true(tell(place, &event, RECORD_VOUCHED));
    event = live_place_event(place, "Patient/2");
    event.session = TEXT("jti-2");
    event.professional = TEXT("80000000002");
    event.service = TEXT("agenda");
    assert_true(tell(place, &event, RECORD_VOUCHED));
    pass(place, 10);
    live_free(place->live);
    place->options.behind_door = services;
    place->options.behind_door_count = 1;
    live_place_open(place);
    pass(place, 100);
    assert_int_equal(place->alerts, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_no_row_of_the_door_answers_is_an_alert_after_60_seconds),
        TEST(a_sender_that_proves_nothing_raises_watch_and_no_order),
        TEST(a_row_of_the_door_before_or_soon_after_answers),
        TEST(the_request_answers_whoever_it_was),
        TEST(what_the_door_refused_is_no_bypass_and_not_in_scope),
        TEST(what_a_trail_told_before_the_door_refused_is_taken_back),
        TEST(what_a_trail_told_before_the_door_withheld_it_is_taken_back),
        TEST(what_a_trail_told_first_lets_nobody_past_a_step_up_or_a_ceiling),
        TEST(a_request_that_the_door_was_asked_about_is_waited_for),
        TEST(a_row_of_the_door_that_comes_late_clears_the_alert),
        TEST(what_somebody_ordered_is_not_lifted_with_the_alert),
        TEST(a_service_that_is_taken_from_behind_the_door_forgets_no_other),
        TEST(writes_late_ones_and_other_services_are_not_looked_at),
        TEST(what_waits_outlasts_a_restart),
        TEST(what_a_worker_served_by_itself_is_no_bypass),
        TEST(what_the_table_forgot_is_found_in_the_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
