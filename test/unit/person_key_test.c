/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/event.h"

static void
check_key(struct event_person person, uint16_t service, const char *expected)
{
    struct buffer out = {0};

    assert_int_equal(buffer_string(&out, "left over"), OK);
    assert_int_equal(event_person_key(&person, service, &out), OK);
    assert_true(text_is(buffer_as_text(&out), expected));
    buffer_free(&out);
}

static void
a_person_without_any_name_has_no_key(void **state)
{
    struct buffer out = {0};
    const struct event_person person = {.system = TEXT("urn:oid:1.2")};

    (void)state;
    assert_int_equal(event_person_key(&person, 1, &out), E_FORMAT);
    buffer_free(&out);
}

static void
two_identifiers_never_share_a_key(void **state)
{
    (void)state;
    check_key((struct event_person){.system = TEXT("a|b"), .value = TEXT("c")},
              1, "i|a%7Cb|c");
    check_key((struct event_person){.system = TEXT("a"), .value = TEXT("b|c")},
              1, "i|a|b|c");
    check_key(
        (struct event_person){.system = TEXT("a%7Cb"), .value = TEXT("c")}, 1,
        "i|a%257Cb|c");
}

static void
the_identifier_comes_before_the_reference(void **state)
{
    (void)state;
    check_key((struct event_person){.system = TEXT("urn:oid:1.2"),
                                    .value = TEXT("42"),
                                    .reference = TEXT("Patient/7"),
                                    .shown = TEXT("x")},
              3, "i|urn:oid:1.2|42");
}

static void
an_absolute_reference_is_the_same_in_every_service(void **state)
{
    (void)state;
    check_key((struct event_person){.reference =
                                        TEXT("https://s.example.fr/Patient/7"),
                                    .value = TEXT("42")},
              3, "r|https://s.example.fr/Patient/7");
    check_key((struct event_person){.reference = TEXT("urn:uuid:5f1c0b7e")}, 9,
              "r|urn:uuid:5f1c0b7e");
}

static void
relative_references_and_bare_values_stay_within_their_service(void **state)
{
    (void)state;
    check_key((struct event_person){.reference = TEXT("Patient/7")}, 3,
              "s|3|Patient/7");
    check_key((struct event_person){.value = TEXT("0042")}, 4, "b|4|0042");
    check_key((struct event_person){.shown = TEXT("MARTIN")}, 4, "b|4|MARTIN");
}

static void
a_version_is_the_same_person(void **state)
{
    (void)state;
    check_key((struct event_person){.reference = TEXT("Patient/7/_history/2")},
              3, "s|3|Patient/7");
}

static void
other_systems_are_not_ins(void **state)
{
    static const char *const systems[] = {
        "",
        "urn:oid:",
        "urn:oid:1.2.250.1.213.1.4.",
        "urn:oid:1.2.250.1.213.1.4.7",
        "urn:oid:1.2.250.1.213.1.4.80",
        "urn:oid:1.2.250.1.213.1.4.8.1",
        "https://hl7.fr/1.2.250.1.213.1.4.8",
    };
    bool test = true;

    (void)state;
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        assert_false(event_system_is_ins(text_of(systems[i]), &test));
        assert_false(test);
    }
}

static void
every_ins_is_known_and_test_ones_are_flagged(void **state)
{
    static const struct {
        const char *system;
        bool test;
    } systems[] = {
        {"urn:oid:1.2.250.1.213.1.4.8", false},
        {"urn:oid:1.2.250.1.213.1.4.9", false},
        {"urn:oid:1.2.250.1.213.1.4.2", false},
        {"urn:oid:1.2.250.1.213.1.4.10", true},
        {"1.2.250.1.213.1.4.11", true},
    };
    bool test;

    (void)state;
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
        assert_true(event_system_is_ins(text_of(systems[i].system), &test));
        assert_int_equal(test, systems[i].test);
    }
}

static void
an_identifier_without_a_value_is_refused(void **state)
{
    static const char *const given[] = {
        "", "  ", "urn:oid:1.2.3|", "urn:oid:1.2.3|  ", "^^^&1.2&ISO", " ^",
    };
    char *large = malloc(EVENT_VALUE_BYTES_MAX + 1);
    struct buffer scratch = {0};
    struct text system = TEXT("s"), value = TEXT("v");

    (void)state;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        assert_int_equal(event_identifier_parse(text_of(given[i]), &scratch,
                                                &system, &value),
                         E_FORMAT);
    }
    assert_non_null(large);
    memset(large, 'a', EVENT_VALUE_BYTES_MAX + 1);
    assert_int_equal(
        event_identifier_parse((struct text){large, EVENT_VALUE_BYTES_MAX + 1},
                               &scratch, &system, &value),
        E_LIMIT);
    assert_true(text_is(system, "s") && text_is(value, "v"));
    free(large);
    buffer_free(&scratch);
}

static void
check_identifier(const char *given, const char *system, const char *value)
{
    struct buffer scratch = {0};
    struct text got_system, got_value;

    assert_int_equal(event_identifier_parse(text_of(given), &scratch,
                                            &got_system, &got_value),
                     OK);
    assert_true(text_is(got_system, system));
    assert_true(text_is(got_value, value));
    buffer_free(&scratch);
}

static void
identifiers_in_every_form_come_to_system_and_value(void **state)
{
    static const char ins[] = "urn:oid:1.2.250.1.213.1.4.10";

    (void)state;
    check_identifier("279035121518989^^^&1.2.250.1.213.1.4.10&ISO", ins,
                     "279035121518989");
    check_identifier("279035121518989^^^&1.2.250.1.213.1.4.10&ISO^INS-NIR", ins,
                     "279035121518989");
    check_identifier("urn:oid:1.2.250.1.213.1.4.10|279035121518989", ins,
                     "279035121518989");
    check_identifier("1.2.250.1.213.1.4.10|279035121518989", ins,
                     "279035121518989");
    check_identifier("42^^^CHU", "CHU", "42");
    check_identifier("42^^^CHU&1.2.3&ISO^PI", "urn:oid:1.2.3", "42");
    check_identifier("42^^^CHU&&^PI", "CHU", "42");
    check_identifier("42^", "", "42");
    check_identifier(" 42 ^^^ CHU ", "CHU", "42");
    check_identifier("https://chu.example.fr/ipp|0042",
                     "https://chu.example.fr/ipp", "0042");
    check_identifier("|42", "", "42");
    check_identifier(" 42 ", "", "42");
    check_identifier("1.2.", "", "1.2.");
    check_identifier("1.2.|x", "1.2.", "x");
}

static void
of_several_repetitions_the_ins_is_taken(void **state)
{
    (void)state;
    check_identifier("42^^^CHU&1.2.3&ISO~279035121518989^^^&1.2.250.1.213.1."
                     "4.8&ISO^INS-NIR~9^^^X",
                     "urn:oid:1.2.250.1.213.1.4.8", "279035121518989");
    check_identifier("42^^^CHU&1.2.3&ISO~43^^^X", "urn:oid:1.2.3", "42");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_without_any_name_has_no_key),
        cmocka_unit_test(two_identifiers_never_share_a_key),
        cmocka_unit_test(the_identifier_comes_before_the_reference),
        cmocka_unit_test(an_absolute_reference_is_the_same_in_every_service),
        cmocka_unit_test(
            relative_references_and_bare_values_stay_within_their_service),
        cmocka_unit_test(a_version_is_the_same_person),
        cmocka_unit_test(other_systems_are_not_ins),
        cmocka_unit_test(every_ins_is_known_and_test_ones_are_flagged),
        cmocka_unit_test(an_identifier_without_a_value_is_refused),
        cmocka_unit_test(identifiers_in_every_form_come_to_system_and_value),
        cmocka_unit_test(of_several_repetitions_the_ins_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
