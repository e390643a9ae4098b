/* SPDX-License-Identifier: EUPL-1.2 */
#include "test/unit/ledger_fixture.h"

#include "scope/scope_run.h"

static struct scope
asked(struct fixture *fixture, struct walk_query *query, bool by_controller)
{
    struct scope scope = {0};

    assert_int_equal(scope_run(fixture->ledger, fixture->lookup, query,
                               by_controller, &scope),
                     OK);
    walk_query_free(query);
    return scope;
}

static struct walk_query
of_sessions(struct fixture *fixture, const char *first, const char *second)
{
    struct walk_query query;

    walk_query_start(&query);
    assert_int_equal(id_list_add(&query.sessions,
                                 fixture_name(fixture, ALIAS_SESSION, first)),
                     OK);
    if (second != NULL)
        assert_int_equal(
            id_list_add(&query.sessions,
                        fixture_name(fixture, ALIAS_SESSION, second)),
            OK);
    return query;
}

static void
a_session_without_rows_gives_no_person_and_medical_unknown(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    unsigned doubts = 0;
    struct scope scope;

    fixture_see(fixture, "b1", 1, "P1", CATEGORY_IDENTITY);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 0);
    assert_int_equal(scope.whole.sessions.count, 0);
    assert_int_equal(tally_medical(&scope.whole, &doubts), MEDICAL_UNKNOWN);
    assert_int_equal(doubts, DOUBT_NO_ROW);
    scope_free(&scope);
}

static void
persons_count_once_with_the_categories_of_all_their_accesses(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query = of_sessions(fixture, "a1", "a2");
    uint64_t counts[TALLY_GRADES + 1];
    struct scope scope;

    fixture_see(fixture, "a1", 5, "P1",
                CATEGORY_IDENTITY | CATEGORY_POSSIBLE(CATEGORY_NIR));
    fixture_see(fixture, "a2", 1, "P1", CATEGORY_CONTACT);
    fixture_see(fixture, "a1", 9, "P2", CATEGORY_NIR);
    fixture_see(fixture, "b1", 2, "P3", CATEGORY_MEDICAL);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 2);
    assert_int_equal(scope.whole.disclosures, 3);
    assert_int_equal(scope.whole.sessions.count, 2);
    assert_int_equal(scope.whole.professionals.count, 1);
    assert_int_equal(tally_seen(&scope.whole.persons[0]),
                     CATEGORY_IDENTITY | CATEGORY_CONTACT);
    assert_int_equal(scope.whole.persons[0].first_us, TIME_MINUTE_US);
    assert_int_equal(scope.whole.persons[0].last_us, 5 * TIME_MINUTE_US);
    assert_int_equal(tally_disclosures(&scope.whole.persons[0]), 2);
    tally_by_category(&scope.whole, CATEGORY_NIR, counts);
    assert_int_equal(counts[TALLY_GRADES], 1);
    assert_int_equal(counts[GRADE_DECLARED - 1], 1);
    assert_int_equal(tally_possible_count(&scope.whole, CATEGORY_NIR), 1);
    scope_free(&scope);
}

static void
joined_persons_count_once_under_the_older_name(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    uint64_t older = fixture_name(fixture, ALIAS_PERSON, "P1");
    uint64_t younger = fixture_name(fixture, ALIAS_PERSON, "P2");
    struct scope scope;

    fixture_see(fixture, "a1", 1, "P2", CATEGORY_IDENTITY);
    fixture_see(fixture, "a1", 2, "P1", CATEGORY_CONTACT);
    assert_int_equal(lookup_join(fixture->lookup, older, younger), OK);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 1);
    assert_int_equal(scope.whole.persons[0].person, older);
    scope_free(&scope);
}

static void
an_address_gives_only_what_was_seen_from_there(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query;
    struct scope scope;

    fixture_sight(fixture, "a1", 1, "192.0.2.1", "D");
    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    fixture_sight(fixture, "a1", 2, "192.0.2.2", "D");
    fixture_see(fixture, "a1", 2, "P2", CATEGORY_IDENTITY);
    fixture_sight(fixture, "a1", 3, "192.0.2.1", "D");
    fixture_see(fixture, "a1", 3, "P3", CATEGORY_IDENTITY);
    walk_query_start(&query);
    assert_int_equal(
        id_list_add(&query.addresses,
                    fixture_name(fixture, ALIAS_ADDRESS, "192.0.2.1")),
        OK);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 2);
    assert_int_equal(scope.whole.persons[0].person,
                     fixture_name(fixture, ALIAS_PERSON, "P1"));
    assert_int_equal(scope.whole.persons[1].person,
                     fixture_name(fixture, ALIAS_PERSON, "P3"));
    scope_free(&scope);
}

static void
kinds_intersect_and_the_end_of_the_time_is_not_included(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query;
    struct scope scope;

    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    fixture_see(fixture, "a1", 2, "P2", CATEGORY_IDENTITY);
    fixture_see(fixture, "a2", 2, "P3", CATEGORY_IDENTITY);
    fixture_see(fixture, "a1", 3, "P4", CATEGORY_IDENTITY);
    query = of_sessions(fixture, "a1", NULL);
    assert_int_equal(
        id_list_add(&query.professionals,
                    fixture_name(fixture, ALIAS_PROFESSIONAL, "a")),
        OK);
    query.from_us = 2 * TIME_MINUTE_US;
    query.to_us = 3 * TIME_MINUTE_US;
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 1);
    scope_free(&scope);
    query = of_sessions(fixture, "a1", NULL);
    assert_int_equal(
        id_list_add(&query.professionals,
                    fixture_name(fixture, ALIAS_PROFESSIONAL, "b")),
        OK);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 0);
    scope_free(&scope);
}

/* One request reported by both sides, in two sessions. */
static void
report_twice(struct fixture *fixture)
{
    struct row row = fixture_of(fixture, "a1", 1);

    row.person = fixture_name(fixture, ALIAS_PERSON, "P1");
    row.request = 77;
    row.grade = GRADE_REQUESTED;
    fixture_row(fixture, &row);
    row.session = fixture_name(fixture, ALIAS_SESSION, "a2");
    row.flags = ROW_SAME_REQUEST;
    row.grade = GRADE_DECLARED;
    row.categories = CATEGORY_CONTACT;
    fixture_row(fixture, &row);
}

static void
two_reports_of_one_request_are_one_disclosure(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query;
    struct scope scope;

    report_twice(fixture);
    query = of_sessions(fixture, "a2", "a1");
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.disclosures, 1);
    assert_int_equal(tally_disclosures(&scope.whole.persons[0]), 1);
    assert_int_equal(tally_seen(&scope.whole.persons[0]),
                     CATEGORY_IDENTITY | CATEGORY_CONTACT);
    assert_int_equal(tally_grade(&scope.whole.persons[0]), GRADE_DECLARED);
    scope_free(&scope);
}

static void
a_second_report_counts_where_the_first_lies_outside(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query;
    struct scope scope;

    report_twice(fixture);
    query = of_sessions(fixture, "a2", NULL);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.disclosures, 1);
    assert_int_equal(tally_disclosures(&scope.whole.persons[0]), 1);
    scope_free(&scope);
}

static void
each_controller_has_its_own_count_and_the_whole_counts_once(void **state)
{
    struct fixture *fixture = *state;
    struct row row = fixture_of(fixture, "a1", 1);
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    struct scope scope;

    row.person = fixture_name(fixture, ALIAS_PERSON, "P1");
    row.controller = 2;
    fixture_row(fixture, &row);
    row.controller = 1;
    fixture_row(fixture, &row);
    row.person = fixture_name(fixture, ALIAS_PERSON, "P2");
    fixture_row(fixture, &row);
    scope = asked(fixture, &query, true);
    assert_int_equal(scope.whole.person_count, 2);
    assert_int_equal(scope.part_count, 2);
    assert_int_equal(scope.parts[0].controller, 1);
    assert_int_equal(scope.parts[0].tally.person_count, 2);
    assert_int_equal(scope.parts[1].tally.person_count, 1);
    scope_free(&scope);
}

static void
every_service_of_a_person_is_kept_once(void **state)
{
    struct fixture *fixture = *state;
    struct row row = fixture_of(fixture, "a1", 1);
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    const struct tally_service *more = NULL;
    struct scope scope;

    row.person = fixture_name(fixture, ALIAS_PERSON, "P1");
    for (uint16_t i = 0; i < 9; i++) {
        row.service = (uint16_t)(4 - i % 3);
        fixture_row(fixture, &row);
    }
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.persons[0].service, 4);
    assert_int_equal(
        tally_more_services(&scope.whole, &scope.whole.persons[0], &more), 2);
    assert_int_equal(more[0].service, 2);
    assert_int_equal(more[1].service, 3);
    scope_free(&scope);
}

static void
medical_is_none_only_for_sent_and_labelled_rows_without_a_gap(void **state)
{
    struct fixture *fixture = *state;
    struct row row = fixture_of(fixture, "a1", 1);
    struct row gap = {.kind = ROW_GAP, .time_source_us = TIME_MINUTE_US};
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    unsigned doubts = 0;
    struct scope scope;

    row.person = fixture_name(fixture, ALIAS_PERSON, "P1");
    row.grade = GRADE_SENT;
    fixture_row(fixture, &row);
    scope = asked(fixture, &query, false);
    assert_int_equal(tally_medical(&scope.whole, &doubts), MEDICAL_NONE);
    scope_free(&scope);

    fixture_row(fixture, &gap);
    query = of_sessions(fixture, "a1", NULL);
    scope = asked(fixture, &query, false);
    assert_int_equal(tally_medical(&scope.whole, &doubts), MEDICAL_UNKNOWN);
    assert_int_equal(doubts, DOUBT_GAP);
    assert_int_equal(scope.whole.coverage.gaps, 1);
    scope_free(&scope);
}

static void
a_context_that_reveals_health_and_an_unlabelled_row_leave_doubt(void **state)
{
    struct fixture *fixture = *state;
    struct row row = fixture_of(fixture, "a1", 1);
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    unsigned doubts = 0;
    struct scope scope;

    row.person = fixture_name(fixture, ALIAS_PERSON, "P1");
    row.grade = GRADE_SENT;
    row.service = 3;
    row.flags = ROW_CONTEXT_HEALTH;
    fixture_row(fixture, &row);
    row.kind = ROW_UNLABELLED;
    row.person = 0;
    fixture_row(fixture, &row);
    scope = asked(fixture, &query, false);
    assert_int_equal(tally_medical(&scope.whole, &doubts), MEDICAL_UNKNOWN);
    assert_int_equal(doubts, DOUBT_CONTEXT | DOUBT_UNLABELLED);
    assert_int_equal(scope.whole.coverage.context_services.count, 1);
    assert_int_equal(scope.whole.disclosures, 1);
    scope_free(&scope);
}

static void
one_document_is_enough_for_some(void **state)
{
    struct fixture *fixture = *state;
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    unsigned doubts = 0;
    struct scope scope;

    fixture_see(fixture, "a1", 1, "P1", CATEGORY_DOCUMENT);
    scope = asked(fixture, &query, false);
    assert_int_equal(tally_medical(&scope.whole, &doubts), MEDICAL_SOME);
    scope_free(&scope);
}

static void
gaps_are_found_in_sealed_segments_too(void **state)
{
    struct fixture *fixture = *state;
    struct row gap = {.kind = ROW_GAP, .time_source_us = TIME_MINUTE_US};
    struct row refused = {.kind = ROW_REFUSED_INPUT, .detail = 12};
    struct walk_query query = of_sessions(fixture, "a1", NULL);
    struct scope scope;

    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    fixture_row(fixture, &gap);
    fixture_row(fixture, &refused);
    assert_int_equal(ledger_seal(fixture->ledger), OK);
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.coverage.gaps, 1);
    assert_int_equal(scope.whole.coverage.refused_input, 12);
    assert_int_equal(scope.whole.person_count, 1);
    scope_free(&scope);
}

static void
without_a_session_account_or_address_the_whole_log_is_read(void **state)
{
    struct fixture *fixture = *state;
    struct row bare = {.kind = ROW_DISCLOSURE,
                       .grade = GRADE_REQUESTED,
                       .categories = CATEGORY_IDENTITY,
                       .time_source_us = 2 * TIME_MINUTE_US};
    struct walk_query query;
    struct scope scope;

    fixture_see(fixture, "a1", 1, "P1", CATEGORY_IDENTITY);
    bare.person = fixture_name(fixture, ALIAS_PERSON, "P2");
    fixture_row(fixture, &bare);
    walk_query_start(&query);
    query.to_us = 3 * TIME_MINUTE_US;
    scope = asked(fixture, &query, false);
    assert_int_equal(scope.whole.person_count, 2);
    assert_int_equal(scope.whole.sessions.count, 1);
    scope_free(&scope);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(
            a_session_without_rows_gives_no_person_and_medical_unknown),
        FIXTURE_TEST(
            persons_count_once_with_the_categories_of_all_their_accesses),
        FIXTURE_TEST(joined_persons_count_once_under_the_older_name),
        FIXTURE_TEST(an_address_gives_only_what_was_seen_from_there),
        FIXTURE_TEST(kinds_intersect_and_the_end_of_the_time_is_not_included),
        FIXTURE_TEST(two_reports_of_one_request_are_one_disclosure),
        FIXTURE_TEST(a_second_report_counts_where_the_first_lies_outside),
        FIXTURE_TEST(
            each_controller_has_its_own_count_and_the_whole_counts_once),
        FIXTURE_TEST(every_service_of_a_person_is_kept_once),
        FIXTURE_TEST(
            medical_is_none_only_for_sent_and_labelled_rows_without_a_gap),
        FIXTURE_TEST(
            a_context_that_reveals_health_and_an_unlabelled_row_leave_doubt),
        FIXTURE_TEST(one_document_is_enough_for_some),
        FIXTURE_TEST(gaps_are_found_in_sealed_segments_too),
        FIXTURE_TEST(
            without_a_session_account_or_address_the_whole_log_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
