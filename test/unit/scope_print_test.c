/* SPDX-License-Identifier: EUPL-1.2 */
#include "test/unit/ledger_fixture.h"

#include "base/say.h"
#include "scope/alias_print.h"
#include "scope/scope_print.h"
#include "scope/scope_run.h"
#include "scope/who_print.h"

static void
has(const struct buffer *out, const char *part)
{
    struct text text = buffer_as_text(out);

    if (text_find(text, part) == text.length)
        fail_msg("%.*s\nlacks %s", (int)text.length, text.bytes, part);
}

static void
is(struct buffer *out, const char *whole)
{
    assert_true(buffer_byte(out, '\0') == OK);
    assert_string_equal(out->bytes, whole);
    buffer_free(out);
}

static void
field(const char *given, const char *wanted)
{
    struct buffer out = {0};

    assert_int_equal(csv_field(&out, text_of(given)), OK);
    is(&out, wanted);
}

static void
a_csv_field_never_becomes_a_formula_or_two_fields(void **state)
{
    (void)state;
    field("=1+1", "'=1+1");
    field("+33 1", "'+33 1");
    field("-2", "'-2");
    field("@SUM(A1)", "'@SUM(A1)");
    field("\tx", "'\tx");
    field("\r=1", "\"'\r=1\"");
    field("=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\"");
    field("a,b", "\"a,b\"");
    field("a\"b", "\"a\"\"b\"");
    field("a\nb", "\"a\nb\"");
    field("Patient/42", "Patient/42");
    field("", "");
}

static struct scope
everything(struct fixture *fixture)
{
    struct walk_query query;
    struct scope scope = {0};

    walk_query_start(&query);
    assert_int_equal(
        scope_run(fixture->ledger, fixture->lookup, &query, false, &scope), OK);
    walk_query_free(&query);
    return scope;
}

static void
the_summary_holds_the_members_of_the_contract(void **state)
{
    struct fixture *fixture = *state;
    struct buffer out = {0};
    struct scope scope;

    fixture_see(fixture, "a1", 1, "P1",
                CATEGORY_IDENTITY | CATEGORY_POSSIBLE(CATEGORY_NIR));
    scope = everything(fixture);
    assert_int_equal(
        scope_summary_json(fixture->lookup, &scope.whole, NULL, 2, &out), OK);
    has(&out, "{\"patients\":1,\"by_category\":{\"identity\":1,\"nir\":0,");
    has(&out, "\"possible\":{\"identity\":0,\"nir\":1,");
    has(&out, "\"graded\":{\"identity\":{\"sent\":0,\"declared\":1,"
              "\"requested\":0}");
    has(&out, ",\"sessions\":1,");
    has(&out, ",\"disclosures\":1,\"medical\":\"unknown\",\"coverage\":{");
    has(&out, "\"unknown_values\":2");
    has(&out, "\"medical_reasons\":[{\"code\":\"not-sent\",\"text\":\"");
    has(&out, "\"first\":\"1970-01-01T00:01:00Z\"");
    assert_int_equal(out.bytes[out.length - 1], '\n');
    buffer_free(&out);
    scope_free(&scope);
}

static void
an_empty_scope_has_no_times(void **state)
{
    struct fixture *fixture = *state;
    struct buffer out = {0};
    struct scope scope = everything(fixture);

    assert_int_equal(
        scope_summary_json(fixture->lookup, &scope.whole, NULL, 0, &out), OK);
    has(&out, "\"patients\":0");
    has(&out, "\"first\":null,\"last\":null");
    buffer_free(&out);
    scope_free(&scope);
}

static void
a_person_is_named_as_the_input_did(void **state)
{
    struct fixture *fixture = *state;
    struct buffer out = {0};
    struct row row = fixture_of(fixture, "a1", 1);
    struct scope scope;

    row.person = fixture_name(fixture, ALIAS_PERSON, "Patient/\"4\"");
    row.service = fixture_number(fixture, NAME_SERVICE, "portail");
    fixture_row(fixture, &row);
    scope = everything(fixture);
    assert_int_equal(scope_person_json(fixture->lookup, &scope.whole,
                                       &scope.whole.persons[0], NULL, &out),
                     OK);
    is(&out,
       "{\"patient\":\"Patient/\\\"4\\\"\",\"service\":\"portail\","
       "\"categories\":[\"identity\"],\"possible\":[],"
       "\"grade\":\"declared\",\"disclosures\":1,\"by_grade\":{\"sent\":0,"
       "\"declared\":1,\"requested\":0},\"first\":\"1970-01-01T00:01:00Z\","
       "\"last\":\"1970-01-01T00:01:00Z\"}\n");
    assert_int_equal(scope_person_csv(fixture->lookup, &scope.whole,
                                      &scope.whole.persons[0],
                                      &(struct scope_label){0}, &out),
                     OK);
    is(&out, ",\"Patient/\"\"4\"\"\",portail,identity,,declared,1,0,1,0,"
             "1970-01-01T00:01:00Z,1970-01-01T00:01:00Z\r\n");
    scope_free(&scope);
}

static void
a_name_that_is_gone_is_null_and_said_to_people(void **state)
{
    struct fixture *fixture = *state;
    struct buffer out = {0};

    assert_int_equal(alias_json(fixture->lookup, 12345, &out), OK);
    is(&out, "null");
    assert_int_equal(alias_text(fixture->lookup, 12345, &out), OK);
    is(&out, "(erased)");
    assert_int_equal(alias_text(fixture->lookup, 0, &out), OK);
    is(&out, "-");
    assert_int_equal(alias_csv(fixture->lookup, 0, &out), OK);
    is(&out, "");
}

static void
who_tells_each_place_of_a_session_that_moved(void **state)
{
    struct fixture *fixture = *state;
    struct id_list persons = {0};
    struct buffer out = {0};
    struct who who = {0};

    fixture_sight(fixture, "a1", 1, "192.0.2.1", "D1");
    fixture_see(fixture, "a1", 2, "P1", CATEGORY_IDENTITY);
    fixture_sight(fixture, "a1", 3, "192.0.2.2", "D1");
    fixture_see(fixture, "a1", 4, "P1", CATEGORY_CONTACT);
    assert_int_equal(
        id_list_add(&persons, fixture_name(fixture, ALIAS_PERSON, "P1")), OK);
    assert_int_equal(
        who_run(fixture->ledger, &persons, INT64_MIN, INT64_MAX, &who), OK);
    assert_int_equal(
        who_entry_json(fixture->lookup, &who, &who.entries[0], &out), OK);
    has(&out, "{\"session\":\"a1\",\"professional\":\"a\","
              "\"address\":\"192.0.2.1\",\"device\":\"D1\",\"service\":\"unknown\",");
    has(&out, "\"categories\":[\"identity\",\"contact\"]");
    has(&out, "\"places\":[{\"address\":\"192.0.2.1\",\"device\":\"D1\"},"
              "{\"address\":\"192.0.2.2\",\"device\":\"D1\"}]}\n");
    buffer_free(&out);
    assert_int_equal(
        who_entry_csv(fixture->lookup, &who, &who.entries[0], &out), OK);
    is(&out, "a1,a,192.0.2.1; 192.0.2.2,D1,,identity contact,,declared,2,no,"
             "1970-01-01T00:02:00Z,1970-01-01T00:04:00Z\r\n");
    who_free(&who);
    id_list_free(&persons);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_csv_field_never_becomes_a_formula_or_two_fields),
        FIXTURE_TEST(the_summary_holds_the_members_of_the_contract),
        FIXTURE_TEST(an_empty_scope_has_no_times),
        FIXTURE_TEST(a_person_is_named_as_the_input_did),
        FIXTURE_TEST(a_name_that_is_gone_is_null_and_said_to_people),
        FIXTURE_TEST(who_tells_each_place_of_a_session_that_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
