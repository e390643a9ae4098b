/* SPDX-License-Identifier: EUPL-1.2 */
/* The commands are not in the library: their sources are taken in here. */
#include "test/unit/ledger_fixture.h"

#include "base/say.h"
#include "cli/query_names.c"
#include "cli/query_person.c"
#include "cli/table_print.c"

static void
time_refused(const char *given)
{
    int64_t time_us = 7;

    assert_int_equal(query_time(given, &time_us), E_FORMAT);
}

static void
time_is(const char *given, const char *wanted)
{
    char text[TIME_TEXT_BYTES];
    int64_t time_us = 0;

    assert_int_equal(query_time(given, &time_us), OK);
    assert_string_equal(time_format_utc(time_us, text), wanted);
}

static void
times_are_read_as_french_operators_and_programs_write_them(void **state)
{
    (void)state;
    time_refused("");
    time_refused("yesterday");
    time_refused("31/02/2026");
    time_refused("02/03/1789");
    time_refused("02/03/2026 10");
    time_refused("02/03/2026 25:00");
    time_refused("02/03/2026 10:14:07x");
    time_is("02/03/2026", "2026-03-01T23:00:00Z");
    time_is("02/03/2026 10:14", "2026-03-02T09:14:00Z");
    time_is("02/07/2026T10:14:07", "2026-07-02T08:14:07Z");
    time_is("2026-03-02", "2026-03-01T23:00:00Z");
    time_is("2026-03-02T09:14:07Z", "2026-03-02T09:14:07Z");
    time_is("2026-03-02T09:14:07+01:00", "2026-03-02T08:14:07Z");
}

static enum result
named(struct fixture *fixture, const char **items, size_t count,
      struct query *query, struct walk_query *walk)
{
    *query = (struct query){.command = "scope",
                            .lookup = fixture->lookup,
                            .sessions = {items, count}};
    return query_select(query, walk);
}

static void
unknown_names_never_ask_for_everything(void **state)
{
    struct fixture *fixture = *state;
    const char *unknown[] = {"nobody", "a,b"};
    struct walk_query walk;
    struct query query;

    assert_int_equal(named(fixture, unknown, 2, &query, &walk), E_NOTFOUND);
    assert_int_equal(query.unknown_values, 3);
    walk_query_free(&walk);
}

static void
lists_and_repeated_options_unite_and_what_is_unknown_is_counted(void **state)
{
    struct fixture *fixture = *state;
    const char *given[] = {"s1,s2,none", "urn:ietf:params:oauth:jti:s3",
                           "s4,with comma"};
    struct walk_query walk;
    struct query query;

    fixture_name(fixture, ALIAS_SESSION, "s1");
    fixture_name(fixture, ALIAS_SESSION, "s2");
    fixture_name(fixture, ALIAS_SESSION, "s3");
    fixture_name(fixture, ALIAS_SESSION, "s4,with comma");
    assert_int_equal(named(fixture, given, 3, &query, &walk), OK);
    assert_int_equal(walk.sessions.count, 4);
    assert_int_equal(query.unknown_values, 1);
    walk_query_free(&walk);
}

static void
a_token_finds_the_whole_session(void **state)
{
    struct fixture *fixture = *state;
    const char *given[] = {"second"};
    struct alias alias;
    struct walk_query walk;
    struct query query;
    uint64_t first = fixture_name(fixture, ALIAS_SESSION, "first");

    assert_int_equal(lookup_add(fixture->lookup, ALIAS_SESSION, TEXT("second"),
                                TEXT("second"), first, &alias, NULL),
                     OK);
    assert_int_equal(named(fixture, given, 1, &query, &walk), OK);
    assert_true(id_list_has(&walk.sessions, first));
    walk_query_free(&walk);
}

static void
add_person(struct fixture *fixture, const char *key, uint64_t canonical)
{
    struct alias alias;

    assert_int_equal(lookup_add(fixture->lookup, ALIAS_PERSON, text_of(key),
                                text_of(key), canonical, &alias, NULL),
                     OK);
}

static enum result
person(struct fixture *fixture, const char *given, uint64_t *ret_id)
{
    struct query query = {
        .command = "who", .lookup = fixture->lookup, .argument = given};
    struct id_list ids = {0};
    enum result result = query_person(&query, &ids);

    if (result == OK)
        *ret_id = ids.ids[0];
    id_list_free(&ids);
    return result;
}

static void
a_person_is_found_by_each_way_of_writing_an_identifier(void **state)
{
    struct fixture *fixture = *state;
    const char *key = "i|urn:oid:1.2.250.1.213.1.4.8|279035121518989";
    uint64_t id = fixture_name(fixture, ALIAS_PERSON, key);
    uint64_t found = 0;

    assert_int_equal(person(fixture, "Patient/1", &found), E_NOTFOUND);
    assert_int_equal(person(fixture, "279035121518989", &found), OK);
    assert_int_equal(found, id);
    assert_int_equal(
        person(fixture, "1.2.250.1.213.1.4.8|279035121518989", &found), OK);
    assert_int_equal(
        person(fixture, "279035121518989^^^&1.2.250.1.213.1.4.8&ISO^INS-NIR",
               &found),
        OK);
    assert_int_equal(found, id);
    add_person(fixture, "s|0|Patient/42", id);
    assert_int_equal(person(fixture, "Patient/42", &found), OK);
    assert_int_equal(found, id);
}

static void
a_reference_that_two_services_use_needs_its_space(void **state)
{
    struct fixture *fixture = *state;
    const char *service = "portail";
    uint16_t number = fixture_number(fixture, NAME_SERVICE, service);
    struct query query = {.command = "who",
                          .lookup = fixture->lookup,
                          .argument = "Patient/42",
                          .services = {&service, 1}};
    struct id_list ids = {0};
    uint64_t found = 0;

    assert_int_equal(number, 1);
    add_person(fixture, "s|0|Patient/42", 0);
    add_person(fixture, "s|1|Patient/42", 0);
    assert_int_equal(person(fixture, "Patient/42", &found), E_ARGUMENT);
    assert_int_equal(query_person(&query, &ids), OK);
    assert_int_equal(ids.ids[0],
                     fixture_name(fixture, ALIAS_PERSON, "s|1|Patient/42"));
    id_list_free(&ids);
}

static void
columns_are_measured_in_places_on_the_terminal(void **state)
{
    const struct table_column columns[] = {
        {"Nom", false, 0}, {"n", true, 0}, {"long", false, 5}};
    struct table_print *table = NULL;
    struct buffer out = {0};

    (void)state;
    assert_int_equal(table_text_width(TEXT("é")), 1);
    assert_int_equal(table_text_width(TEXT("e\xcc\x81")), 1); /* combining */
    assert_int_equal(table_text_width(TEXT("日本")), 4);
    assert_int_equal(table_text_width(TEXT("\xff\xc3")), 2);
    assert_int_equal(table_print_new(columns, 3, &table), OK);
    assert_int_equal(table_print_cell(table, TEXT("Élève")), OK);
    assert_int_equal(table_print_format(table, "%d", 12), OK);
    assert_int_equal(table_print_cell(table, TEXT("abcdefgh")), OK);
    assert_int_equal(table_print_cell(table, TEXT("b\n")), OK);
    assert_int_equal(table_print_format(table, "%d", 3), OK);
    assert_int_equal(table_print_cell(table, TEXT("")), OK);
    assert_int_equal(table_print_cell(table, TEXT("left out")), OK);
    assert_int_equal(table_print_end(table, &out), OK);
    assert_int_equal(buffer_byte(&out, '\0'), OK);
    assert_string_equal(out.bytes, "Nom     n  long\n"
                                   "Élève  12  abcd…\n"
                                   "b?      3  \n");
    buffer_free(&out);
    table_print_free(table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(
            times_are_read_as_french_operators_and_programs_write_them),
        FIXTURE_TEST(unknown_names_never_ask_for_everything),
        FIXTURE_TEST(
            lists_and_repeated_options_unite_and_what_is_unknown_is_counted),
        FIXTURE_TEST(a_token_finds_the_whole_session),
        FIXTURE_TEST(a_person_is_found_by_each_way_of_writing_an_identifier),
        FIXTURE_TEST(a_reference_that_two_services_use_needs_its_space),
        FIXTURE_TEST(columns_are_measured_in_places_on_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
