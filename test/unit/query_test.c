/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * URLs, and whom a FHIR request names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "codec/query.h"

static struct query query;

/* "Type/id [$op] [s] [h] [c] person…" */
static const char *
read_as(const char *given)
{
    static char out[1024];
    struct buffer scratch = {0};
    size_t length;

    assert_int_equal(query_read(text_of(given), NULL, &scratch, &query), OK);
    length = (size_t)snprintf(
        out, sizeof(out), "%.*s/%.*s%.*s%s%s%s", (int)query.type.length,
        query.type.bytes, (int)query.id.length, query.id.bytes,
        (int)query.operation.length, query.operation.bytes,
        query.search ? " search" : "", query.history ? " history" : "",
        query.criteria ? " criteria" : "");
    for (uint32_t i = 0; i < query.person_count; i++) {
        const struct query_person *person = &query.persons[i];
        const bool reference = person->reference.length > 0;
        const struct text text =
            reference ? person->reference : person->identifier;

        length += (size_t)snprintf(out + length, sizeof(out) - length,
                                   " %s%.*s", reference ? "" : "=",
                                   (int)text.length, text.bytes);
    }
    buffer_free(&scratch);
    return out;
}

static void
what_names_nobody_gives_nobody(void **state)
{
    (void)state;
    assert_string_equal(read_as(""), "/");
    assert_string_equal(read_as("/"), "/");
    assert_string_equal(read_as("/metadata?x=%zz&=&;;&a"), "/ criteria");
    assert_string_equal(read_as("GET /fhir/Patient?family=X&_count=5"),
                        "Patient/ search criteria");
    assert_string_equal(read_as("/Observation?subject=Group/7"),
                        "Observation/ search criteria");
    assert_string_equal(read_as("/Observation?performer=Practitioner/7"),
                        "Observation/ search criteria");
    assert_string_equal(read_as("/Appointment?actor=7"),
                        "Appointment/ search criteria");
    assert_string_equal(read_as("/Observation/9"), "Observation/9");
}

static void
persons_of_paths_and_parameters_are_named(void **state)
{
    (void)state;
    assert_string_equal(read_as("/fhir/Patient/42"), "Patient/42 Patient/42");
    assert_string_equal(read_as("/fhir/Patient/42/_history/3"),
                        "Patient/42 history Patient/42");
    assert_string_equal(read_as("/fhir/Patient/42/Observation?code=x"),
                        "Observation/ search criteria Patient/42");
    assert_string_equal(read_as("/fhir/Patient/42/$everything"),
                        "Patient/42$everything Patient/42");
    assert_string_equal(read_as("/Patient?_id=42,43"),
                        "Patient/ search Patient/42 Patient/43");
    assert_string_equal(read_as("/Patient?identifier=urn:oid:1.2%7C7,8"),
                        "Patient/ search =urn:oid:1.2|7 =8");
    assert_string_equal(read_as("/Observation?patient=42"),
                        "Observation/ search Patient/42");
    assert_string_equal(read_as("/Observation?subject:Patient=42"),
                        "Observation/ search Patient/42");
    assert_string_equal(read_as("/Observation?subject:Patient=Patient/42"),
                        "Observation/ search Patient/42");
    assert_string_equal(read_as("/Observation?patient:identifier=s%7Cv"),
                        "Observation/ search =s|v");
    assert_string_equal(read_as("/Observation?patient.identifier=s|v"),
                        "Observation/ search =s|v");
    assert_string_equal(
        read_as("/Coverage?beneficiary=https%3A%2F%2Fs%2FPatient%2F4"),
        "Coverage/ search https://s/Patient/4");
    assert_string_equal(read_as("/Appointment?actor=Patient/7"),
                        "Appointment/ search Patient/7");
    assert_string_equal(read_as("patient=ex&_count=10"), "/ Patient/ex");
}

static void
an_escaped_comma_parts_nothing(void **state)
{
    (void)state;
    assert_string_equal(read_as("/Patient?identifier=s%7Ca%5C,b,c"),
                        "Patient/ search =s|a,b =c");
}

static void
whole_requests_are_read_with_their_body(void **state)
{
    (void)state;
    assert_string_equal(
        read_as("GET test.fhir.org/r4/Observation?patient=ex-patient"
                "&_sort=_lastUpdated\nAccept: x\nX-Request-Id: y"),
        "Observation/ search Patient/ex-patient");
    assert_string_equal(read_as("POST /r4/Observation/_search HTTP/1.1\nHost: "
                                "x\n\npatient=ex-patient&_count=10\n\n\n\n"),
                        "Observation/ search Patient/ex-patient");
    assert_true(text_is(query.method, "POST"));
    assert_string_equal(read_as("https://srv.example.fr/fhir/Patient/42#x"),
                        "Patient/42 Patient/42");
    assert_true(text_is(query.base, "https://srv.example.fr/fhir/"));
}

static void
one_person_named_often_is_one(void **state)
{
    char many[4096] = "/Patient?_id=";
    size_t length = strlen(many);

    (void)state;
    while (length + 3 < sizeof(many)) {
        many[length++] = '1';
        many[length++] = ',';
    }
    assert_string_equal(read_as(many), "Patient/ search Patient/1");
}

static void
more_persons_than_there_is_room_for_are_refused(void **state)
{
    char many[1024] = "/Patient?_id=0";
    struct buffer scratch = {0};
    size_t length = strlen(many);

    (void)state;
    for (int i = 1; i <= QUERY_PERSONS_MAX; i++) {
        length +=
            (size_t)snprintf(many + length, sizeof(many) - length, ",%d", i);
    }
    assert_int_equal(query_read(text_of(many), NULL, &scratch, &query),
                     E_LIMIT);
    buffer_free(&scratch);
}

static void
a_percent_sign_alone_stands_for_itself(void **state)
{
    struct buffer scratch = {0};
    struct text text;

    (void)state;
    assert_int_equal(query_decode(TEXT("a%2+%41%"), true, &scratch, &text), OK);
    assert_true(text_is(text, "a%2 A%"));
    assert_int_equal(query_decode(TEXT("a+b"), false, &scratch, &text), OK);
    assert_true(text_is(text, "a+b"));
    buffer_free(&scratch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_names_nobody_gives_nobody),
        cmocka_unit_test(persons_of_paths_and_parameters_are_named),
        cmocka_unit_test(an_escaped_comma_parts_nothing),
        cmocka_unit_test(whole_requests_are_read_with_their_body),
        cmocka_unit_test(one_person_named_often_is_one),
        cmocka_unit_test(more_persons_than_there_is_room_for_are_refused),
        cmocka_unit_test(a_percent_sign_alone_stands_for_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
