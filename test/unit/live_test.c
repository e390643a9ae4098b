/* SPDX-License-Identifier: EUPL-1.2 */
/* core while it is live: a real ledger in a temporary folder, the time given.
 * test/e2e/run_test.py has the rest, from outside. */
#include "core/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "codec/query_place.h"
#include "base/time.h"
#include "../help/live_place.h"

#define START PLACE_START
#define SECOND TIME_SECOND_US
#define ask live_place_ask
#define fill live_place_fill
#define send live_place_send
#define show live_place_show
#define count_rows live_place_rows
#define place_open live_place_open

static uint8_t packet[4][WIRE_PACKET_BYTES_MAX];

static void
parts_that_do_not_end_or_go_on_are_refused(void **state)
{
    struct place *place = *state;
    struct live_part parts[2] = {{packet[0], 0}, {packet[1], 0}};
    struct live_asked asked;

    fill(1, 1, ASK_MORE);
    assert_int_equal(wire_ask_write(&ask, packet[0], &parts[0].length), OK);
    fill(2, 1, 0);
    assert_int_equal(wire_ask_write(&ask, packet[1], &parts[1].length), OK);
    assert_int_equal(live_ask(place->live, parts, 0, START, &asked), E_LIMIT);
    assert_int_equal(live_ask(place->live, parts, 1, START, &asked), E_FORMAT);
    struct live_part turned[2] = {parts[1], parts[0]};
    assert_int_equal(live_ask(place->live, turned, 2, START, &asked), E_FORMAT);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, NULL), 0);
    assert_int_equal(live_ask(place->live, parts, 2, START, &asked), OK);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, NULL), 2);
}

static void
persons_of_several_categories_become_rows_with_their_own(void **state)
{
    struct place *place = *state;
    struct row row;

    fill(1, 3, 0);
    ask.persons[1].categories = CATEGORY_MEDICAL;
    ask.persons[2] = ask.persons[0]; /* the same, with more */
    ask.persons[2].categories = CATEGORY_CONTACT;
    assert_int_equal(send(place).answer.decision, ANSWER_RELEASE);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, &row), 2);
    assert_int_equal(row.categories, CATEGORY_MEDICAL);
    assert_int_equal(row.grade, GRADE_SENT);
}

static void
what_only_the_request_names_is_not_graded_sent(void **state)
{
    struct place *place = *state;
    struct row row;

    (void)show(place, 1, 1, ASK_REQUESTED);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, &row), 1);
    assert_int_equal(row.grade, GRADE_REQUESTED);
}

/* A window with these persons, then one that says who the first was. */
static void
show_and_join(struct place *place, const char *name, const char *as)
{
    fill(0, 1, 0);
    ask.phase = ASK_WINDOW;
    ask.persons[0].name = text_of(name);
    (void)send(place);
    fill(0, 0, 0);
    ask.join_count = 1;
    ask.joins[0] = (struct ask_join){.name = text_of(name),
                                     .as = text_of(as),
                                     .categories = CATEGORY_IDENTITY};
    (void)send(place);
}

/* Distinct persons of the disclosures, as scope counts them. */
static unsigned
count_persons(struct place *place)
{
    struct core *core = live_core(place->live);
    uint64_t seen[64];
    unsigned count = 0;

    for (uint64_t i = 0; i < ledger_count(core_ledger(core)); i++) {
        unsigned at = 0;
        struct row row;

        assert_int_equal(ledger_read(core_ledger(core), i, 1, &row), OK);
        if (row.kind != ROW_DISCLOSURE)
            continue;
        row.person = lookup_canonical(core_lookup(core), row.person);
        while (at < count && seen[at] != row.person)
            at++;
        if (at == count)
            seen[count++] = row.person;
    }
    return count;
}

static void
who_turns_out_to_be_another_is_one_person(void **state)
{
    struct place *place = *state;

    show_and_join(place, "urn:uuid:1", "Patient/1");
    assert_int_equal(count_rows(place, ROW_JOIN, 0, NULL), 1);
    assert_int_equal(count_persons(place), 1);
    (void)show(place, 1, 1, 0); /* Patient/1 */
    assert_int_equal(count_persons(place), 1);
    show_and_join(place, "https://s/fhir/Patient/2", "Patient/2");
    show_and_join(place, "urn:uuid:1", "Patient/1");
    assert_int_equal(count_rows(place, ROW_JOIN, 0, NULL), 2);
    assert_int_equal(count_persons(place), 2);
}

static void
a_name_that_all_bundles_use_joins_no_two_persons(void **state)
{
    struct place *place = *state;
    struct row row;

    show_and_join(place, "urn:1", "Patient/1");
    show_and_join(place, "urn:1", "Patient/2");
    show_and_join(place, "urn:1", "Patient/3");
    assert_int_equal(count_rows(place, ROW_JOIN, 0, NULL), 1);
    assert_int_equal(count_persons(place), 3);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, &row), 5);
    assert_int_equal(row.categories, CATEGORY_IDENTITY);
    assert_int_equal(row.flags & ROW_WITHHELD, 0);
}

static void
who_was_never_told_joins_nobody(void **state)
{
    struct place *place = *state;

    fill(0, 0, 0);
    ask.join_count = 1;
    ask.joins[0] =
        (struct ask_join){.name = TEXT("urn:uuid:9"), .as = TEXT("Patient/9")};
    assert_int_equal(send(place).answer.decision, ANSWER_RELEASE);
    assert_int_equal(count_rows(place, ROW_JOIN, 0, NULL), 0);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, NULL), 0);
}

static void
attempts_of_a_cut_session_are_a_row_and_a_number(void **state)
{
    struct place *place = *state;
    struct row row;

    fill(0, 0, ASK_REFUSED);
    ask.phase = ASK_BEFORE;
    ask.attempts = 1;
    assert_int_not_equal(send(place).answer.decision, ANSWER_RELEASE);
    assert_int_equal(count_rows(place, ROW_UNLABELLED, ROW_WITHHELD, &row), 1);
    assert_true(row.session != 0 && row.professional != 0);
    assert_int_equal(count_rows(place, ROW_GAP, 0, NULL), 0);
    fill(0, 0, ASK_REFUSED);
    ask.phase = ASK_BEFORE;
    ask.attempts = 5000;
    (void)send(place);
    assert_int_equal(count_rows(place, ROW_UNLABELLED, ROW_WITHHELD, NULL), 2);
    assert_int_equal(count_rows(place, ROW_GAP, 0, &row), 1);
    assert_int_equal(row.detail, 4999);
    assert_true(row.session != 0 && row.professional != 0);
    assert_int_equal(count_rows(place, ROW_UNLABELLED, 0, NULL), 2);
}

static void
an_answer_that_broke_off_is_a_row_that_left_nothing(void **state)
{
    struct place *place = *state;

    fill(0, 0, ASK_CUT_SHORT);
    (void)send(place);
    assert_int_equal(count_rows(place, ROW_UNLABELLED, ROW_WITHHELD, NULL), 1);
}

static void
the_window_that_raises_the_alert_does_not_leave(void **state)
{
    struct place *place = *state;
    struct live_asked asked = {0};
    struct row order;
    unsigned released = 0;

    for (unsigned i = 0; i < 60; i += 5) {
        asked = show(place, i, 5, ASK_SEARCH);
        if (asked.answer.decision != ANSWER_RELEASE)
            break;
        released += 5;
    }
    assert_int_equal(asked.answer.decision, ANSWER_STEP_UP);
    assert_true(asked.withheld);
    assert_true(asked.answer.alert != 0);
    assert_int_equal(place->alerts, 1);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, ROW_WITHHELD, NULL), 5);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, NULL), released + 5);
    assert_int_equal(count_rows(place, ROW_ORDER, 0, &order), 1);
    assert_int_equal(order.person, asked.answer.alert);
    assert_int_equal(place->pushes, 1);
    assert_int_equal(place->last.verdict, VERDICT_STEP_UP);
    assert_int_equal(place->last.scope, ORDER_PROFESSIONAL);
    /* and after a start it stands as it stood */
    live_free(place->live);
    place_open(place);
    assert_int_equal(show(place, 100, 5, ASK_SEARCH).answer.decision,
                     ANSWER_STEP_UP);
    assert_int_equal(show(place, 0, 1, 0).answer.decision, ANSWER_RELEASE);
}

static void
a_clock_that_goes_back_is_said_once_and_stops_nothing(void **state)
{
    struct place *place = *state;
    struct row row;

    (void)show(place, 1, 1, 0);
    place->now_us -= TIME_HOUR_US;
    assert_int_equal(show(place, 2, 1, 0).answer.decision, ANSWER_RELEASE);
    assert_int_equal(show(place, 3, 1, 0).answer.decision, ANSWER_RELEASE);
    assert_int_equal(count_rows(place, ROW_CLOCK_JUMP, 0, NULL), 1);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, &row), 3);
    assert_int_equal(row.time_source_us, place->now_us);
}

/* A record of next year must not set the clock, nor keep the judge waiting. */
static void
an_import_from_the_future_stops_no_judging(void **state)
{
    struct place *place = *state;
    struct event event = {.kind = EVENT_ACCESS,
                          .grade = GRADE_DECLARED,
                          .categories = CATEGORY_IDENTITY,
                          .time_us = START + 400 * TIME_DAY_US,
                          .professional = TEXT("80000000009"),
                          .session = TEXT("future"),
                          .session_kind = SESSION_SID,
                          .person_count = 1};
    struct live_asked asked = {0};
    struct row row;

    event.persons[0].shown = event.persons[0].reference = TEXT("Patient/9");
    assert_int_equal(core_accept(live_core(place->live), &event, TEXT("x"), 1),
                     OK);
    assert_int_equal(live_commit(place->live), OK);
    live_free(place->live);
    place_open(place);
    for (unsigned i = 0; i < 60 && asked.cause == CAUSE_NONE; i += 5)
        asked = show(place, i, 5, ASK_SEARCH);
    assert_int_equal(asked.answer.decision, ANSWER_STEP_UP);
    assert_true(asked.answer.since_s <= place->now_us / SECOND + 1);
    (void)count_rows(place, ROW_DISCLOSURE, ROW_WITHHELD, &row);
    assert_int_equal(row.time_source_us, place->now_us);
}

static void
a_step_up_is_lifted_after_the_clock_went_back_too(void **state)
{
    struct place *place = *state;
    struct live_asked asked = {0};

    for (unsigned i = 0; i < 60 && asked.cause == CAUSE_NONE; i += 5)
        asked = show(place, i, 5, ASK_SEARCH);
    assert_int_equal(asked.answer.decision, ANSWER_STEP_UP);
    place->now_us -= TIME_DAY_US;
    asked = show(place, 200, 5, ASK_SEARCH);
    assert_int_equal(asked.answer.decision, ANSWER_STEP_UP);
    fill(200, 5, ASK_SEARCH);
    ask.auth_time_s = asked.answer.since_s;
    assert_int_equal(send(place).answer.decision, ANSWER_RELEASE);
}

static void
what_was_missed_is_a_row_with_its_counts(void **state)
{
    struct place *place = *state;
    struct wire_missed missed = {.number = 1,
                                 .from_us = START - SECOND,
                                 .to_us = START,
                                 .released = 12,
                                 .refused = 3,
                                 .persons = 30,
                                 .service = TEXT("dossier")};
    struct row row;

    assert_int_equal(live_missed(place->live, &missed, START), OK);
    assert_int_equal(count_rows(place, ROW_GAP, 0, &row), 1);
    assert_int_equal(row.time_source_us, START - SECOND);
    assert_int_equal(row.request, 12);
    assert_int_equal(row.person, 30);
    assert_int_equal(row.detail, 3);
    missed.from_us = INT64_MAX;
    assert_int_equal(live_missed(place->live, &missed, START), OK);
    assert_int_equal(count_rows(place, ROW_GAP, 0, &row), 2);
    assert_int_equal(row.time_source_us, START);
}

static void
an_order_on_nobody_is_refused_and_no_row(void **state)
{
    struct place *place = *state;
    struct live_command command = {.target = ORDER_ON_PROFESSIONAL,
                                   .name = TEXT("80000000001"),
                                   .verdict = VERDICT_CUT,
                                   .uid = 1000,
                                   .reason = TEXT("called")};
    struct buffer reason = {0};
    struct row row;
    char name[32];

    assert_int_equal(live_order(place->live, &command, START), E_NOTFOUND);
    assert_int_equal(count_rows(place, ROW_ORDER, 0, NULL), 0);
    (void)show(place, 1, 1, 0);
    assert_int_equal(live_order(place->live, &command, place->now_us), OK);
    assert_int_equal(count_rows(place, ROW_ORDER, 0, &row), 1);
    assert_int_equal(row.detail, 1000);
    (void)snprintf(name, sizeof(name), "order.%016llx",
                   (unsigned long long)row.request);
    assert_int_equal(
        lookup_setting_get(core_lookup(live_core(place->live)), name, &reason),
        OK);
    assert_true(text_is(buffer_as_text(&reason), "called"));
    buffer_free(&reason);
    assert_int_equal(show(place, 1, 1, 0).answer.decision, ANSWER_CUT);
}

static void
what_could_not_be_read_costs_the_same_after_a_restart(void **state)
{
    struct place *place = *state;
    struct row row;

    place->options.contain.ceilings[BUDGET_SESSION] = (struct ceiling){100, 0};
    live_options_set(place->live, &place->options.contain);
    fill(1, 0, ASK_UNLABELLED);
    ask.worst_case = 60;
    assert_int_equal(send(place).answer.decision, ANSWER_RELEASE);
    assert_int_equal(count_rows(place, ROW_UNLABELLED, 0, &row), 1);
    assert_int_equal(row.person, 60);
    live_free(place->live);
    place_open(place);
    fill(1, 0, ASK_UNLABELLED);
    ask.worst_case = 41;
    assert_int_equal(send(place).answer.decision, ANSWER_REFUSE);
    fill(1, 0, ASK_UNLABELLED);
    ask.worst_case = 40;
    assert_int_equal(send(place).answer.decision, ANSWER_RELEASE);
}

static void
relatives_shown_with_a_person_are_in_the_row(void **state)
{
    struct place *place = *state;
    struct row row;

    fill(1, 2, 0);
    ask.persons[0].third_persons = 1;
    ask.persons[1] = ask.persons[0];
    ask.persons[1].third_persons = 3; /* another mention of the same one */
    (void)send(place);
    assert_int_equal(count_rows(place, ROW_DISCLOSURE, 0, &row), 1);
    assert_int_equal(ROW_DETAIL_THIRD(row.detail), 3);
    assert_int_equal(ROW_DETAIL_SIDE(row.detail), SIDE_UNKNOWN);
    fill(2, 1, 0);
    ask.persons[0].third_persons = 1000;
    (void)send(place);
    (void)count_rows(place, ROW_DISCLOSURE, 0, &row);
    assert_int_equal(ROW_DETAIL_THIRD(row.detail), ROW_DETAIL_THIRD_MAX);
}

/* Names in their order, one hit each: what the door asks, and what a trail of
 * the same requests tells. */
static unsigned
search_steps(struct place *place, bool told, uint32_t details[32])
{
    struct ledger *ledger = core_ledger(live_core(place->live));
    unsigned count = 0;
    struct row row;

    for (unsigned i = 0; i < 20; i++) {
        char query[32], person[32];
        struct query_place at;

        (void)snprintf(query, sizeof(query), "Patient?family=d%c",
                       (char)('a' + i));
        (void)snprintf(person, sizeof(person), "Patient/%u", i);
        query_place_of(text_of(query), &at);
        fill(i, 1, ASK_SEARCH);
        ask.interaction = INTERACTION_SEARCH;
        ask.place = at;
        if (told) {
            struct event event = live_place_event(place, person);

            event.flags |= EVENT_SEARCH;
            event.interaction = INTERACTION_SEARCH;
            event.place = at;
            event.time_us = place->now_us += SECOND;
            assert_true(live_place_record(place, &event, RECORD_VOUCHED));
        } else {
            (void)send(place);
        }
    }
    for (uint64_t i = 0; i < ledger_count(ledger); i++) {
        assert_int_equal(ledger_read(ledger, i, 1, &row), OK);
        if (row.kind == ROW_QUERY && count < 32)
            details[count++] = row.detail;
    }
    return count;
}

static void
searches_in_an_order_are_seen_live_as_in_a_trail(void **state)
{
    struct place *place = *state;
    uint32_t live_details[32], told_details[32];
    unsigned live_count = search_steps(place, false, live_details);
    int alerts = place->alerts;
    enum verdict verdict = place->alert.verdict;

    assert_true(live_count > 15);
    live_place_teardown(state);
    live_place_setup(state);
    place = *state;
    assert_int_equal(search_steps(place, true, told_details), live_count);
    assert_memory_equal(live_details, told_details,
                        live_count * sizeof(told_details[0]));
    assert_int_equal(place->alerts, alerts);
    assert_int_equal(place->alert.verdict, verdict);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, live_place_setup,                    \
                                    live_place_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parts_that_do_not_end_or_go_on_are_refused),
        TEST(persons_of_several_categories_become_rows_with_their_own),
        TEST(what_only_the_request_names_is_not_graded_sent),
        TEST(who_turns_out_to_be_another_is_one_person),
        TEST(a_name_that_all_bundles_use_joins_no_two_persons),
        TEST(who_was_never_told_joins_nobody),
        TEST(attempts_of_a_cut_session_are_a_row_and_a_number),
        TEST(an_answer_that_broke_off_is_a_row_that_left_nothing),
        TEST(the_window_that_raises_the_alert_does_not_leave),
        TEST(a_clock_that_goes_back_is_said_once_and_stops_nothing),
        TEST(an_import_from_the_future_stops_no_judging),
        TEST(a_step_up_is_lifted_after_the_clock_went_back_too),
        TEST(what_was_missed_is_a_row_with_its_counts),
        TEST(an_order_on_nobody_is_refused_and_no_row),
        TEST(what_could_not_be_read_costs_the_same_after_a_restart),
        TEST(relatives_shown_with_a_person_are_in_the_row),
        TEST(searches_in_an_order_are_seen_live_as_in_a_trail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
