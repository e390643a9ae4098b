/* SPDX-License-Identifier: EUPL-1.2 */
#include "test/unit/ledger_fixture.h"

#include "scope/alert_read.h"
#include "scope/who_run.h"

static struct who
asked(struct fixture *fixture, const char *first, const char *second)
{
    struct id_list persons = {0};
    struct who who = {0};

    assert_int_equal(
        id_list_add(&persons, fixture_name(fixture, ALIAS_PERSON, first)), OK);
    if (second != NULL)
        assert_int_equal(
            id_list_add(&persons, fixture_name(fixture, ALIAS_PERSON, second)),
            OK);
    assert_int_equal(
        who_run(fixture->ledger, &persons, INT64_MIN, INT64_MAX, &who), OK);
    id_list_free(&persons);
    return who;
}

static void
a_person_whom_nobody_saw_has_no_session(void **state)
{
    struct fixture *fixture = *state;
    struct who who;

    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    who = asked(fixture, "P2", NULL);
    assert_int_equal(who.count, 0);
    who_free(&who);
}

static void
each_session_is_told_once_with_where_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct who who;

    fixture_sight(fixture, "a1", 1, "192.0.2.1", "D1");
    fixture_see(fixture, "a1", 2, "P1", CATEGORY_IDENTITY);
    fixture_see(fixture, "a1", 2, "P9", CATEGORY_MEDICAL);
    fixture_sight(fixture, "a1", 3, "192.0.2.2", "D1");
    fixture_see(fixture, "a1", 4, "P1", CATEGORY_CONTACT);
    fixture_see(fixture, "a1", 5, "P1", CATEGORY_CONTACT);
    fixture_see(fixture, "b1", 0, "P1", CATEGORY_IDENTITY);
    fixture_see(fixture, "c1", 0, "P9", CATEGORY_IDENTITY);
    who = asked(fixture, "P1", NULL);
    assert_int_equal(who.count, 2);
    assert_int_equal(who.professionals, 2);
    assert_int_equal(who.disclosures, 4);
    assert_int_equal(who.entries[0].session,
                     fixture_name(fixture, ALIAS_SESSION, "b1"));
    assert_int_equal(who.entries[0].address, 0);
    assert_int_equal(who.entries[1].disclosures, 3);
    assert_int_equal(who.entries[1].seen, CATEGORY_IDENTITY | CATEGORY_CONTACT);
    assert_int_equal(who.entries[1].address,
                     fixture_name(fixture, ALIAS_ADDRESS, "192.0.2.1"));
    assert_true(who.entries[1].moved);
    assert_int_equal(who.place_count, 1);
    assert_int_equal(who.places[0].address,
                     fixture_name(fixture, ALIAS_ADDRESS, "192.0.2.2"));
    who_free(&who);
}

static void
every_name_of_the_person_is_looked_for(void **state)
{
    struct fixture *fixture = *state;
    struct who who;

    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    fixture_see(fixture, "b1", 2, "P2", CATEGORY_IDENTITY);
    who = asked(fixture, "P1", "P2");
    assert_int_equal(who.count, 2);
    who_free(&who);
}

/* As core writes it: the signs, then the verdict. */
static void
raise_alert(struct fixture *fixture, uint64_t id, const char *session,
            int minute, bool with_verdict)
{
    struct row row = fixture_of(fixture, session, minute);

    row.grade = GRADE_NONE;
    row.kind = ROW_SIGN;
    row.request = id;
    row.categories = SIGN_PACE_DAY;
    row.person = (uint64_t)92 << 32 | 6;
    row.service = (uint16_t)(int16_t)-120;
    row.detail = 40;
    fixture_row(fixture, &row);
    if (!with_verdict)
        return;
    row.kind = ROW_VERDICT;
    row.categories = VERDICT_STEP_UP;
    row.person = fixture_name(fixture, ALIAS_SESSION, "token");
    row.service = 0;
    row.detail = 931;
    fixture_row(fixture, &row);
}

static void
alerts_are_put_together_again_and_come_in_time(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query;
    struct alert_list list = {0};

    raise_alert(fixture, 7, "a1", 9, true);
    raise_alert(fixture, 8, "b1", 5, true);
    raise_alert(fixture, 9, "c1", 1, false);
    walk_query_start(&query);
    assert_int_equal(alert_read(fixture->ledger, &query, 0, &list), OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.alerts[0].id, 8);
    assert_int_equal(list.alerts[1].id, 7);
    assert_int_equal(list.alerts[1].verdict, VERDICT_STEP_UP);
    assert_int_equal(list.alerts[1].score_centinats, 931);
    assert_int_equal(list.alerts[1].session_alias,
                     fixture_name(fixture, ALIAS_SESSION, "token"));
    assert_int_equal(list.alerts[1].sign_count, 1);
    assert_int_equal(list.alerts[1].signs[0].observed, 92);
    assert_int_equal(list.alerts[1].signs[0].usual, 6);
    assert_int_equal(list.alerts[1].signs[0].weight_centinats, -120);
    assert_int_equal(list.alerts[1].signs[0].window, 40);
    alert_list_free(&list);
    assert_int_equal(alert_read(fixture->ledger, &query, 7, &list), OK);
    assert_int_equal(list.count, 1);
    alert_list_free(&list);
    assert_int_equal(
        id_list_add(&query.professionals,
                    fixture_name(fixture, ALIAS_PROFESSIONAL, "b")),
        OK);
    assert_int_equal(alert_read(fixture->ledger, &query, 0, &list), OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.alerts[0].id, 8);
    alert_list_free(&list);
    walk_query_free(&query);
}

static void
the_past_of_an_account_stops_where_the_session_begins(void **state)
{
    struct fixture *fixture = *state;
    struct alert alert = {0};
    struct alert_past past;
    struct row row = fixture_of(fixture, "a2", 3000);

    fixture_sight(fixture, "a1", 1, "192.0.2.1", "D1");
    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    fixture_see(fixture, "a1", 1500, "P2", CATEGORY_IDENTITY);
    fixture_sight(fixture, "a2", 3000, "192.0.2.66", "D1");
    fixture_see(fixture, "a2", 3000, "P1", CATEGORY_IDENTITY);
    fixture_see(fixture, "a2", 3001, "P3", CATEGORY_IDENTITY);
    fixture_see(fixture, "a3", 3001, "P3", CATEGORY_IDENTITY);
    fixture_see(fixture, "a2", 3009, "P4", CATEGORY_IDENTITY);
    alert.session = row.session;
    alert.professional = row.professional;
    alert.time_us = 3001 * TIME_MINUTE_US;
    assert_int_equal(alert_past(fixture->ledger, &alert, &past), OK);
    assert_int_equal(past.account_since_us, TIME_MINUTE_US);
    assert_int_equal(past.days, 2);
    assert_int_equal(past.persons, 2);
    assert_int_equal(past.session_persons, 2);
    assert_int_equal(past.session_new, 1);
    assert_int_equal(past.address_since_us, INT64_MAX);
    assert_int_equal(past.device_since_us, TIME_MINUTE_US);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_person_whom_nobody_saw_has_no_session),
        FIXTURE_TEST(each_session_is_told_once_with_where_it_was),
        FIXTURE_TEST(every_name_of_the_person_is_looked_for),
        FIXTURE_TEST(alerts_are_put_together_again_and_come_in_time),
        FIXTURE_TEST(the_past_of_an_account_stops_where_the_session_begins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
