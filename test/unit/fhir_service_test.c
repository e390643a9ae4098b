/* SPDX-License-Identifier: EUPL-1.2 */
/* The live demo's FHIR service: what it refuses, what it shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/json.h"
#include "demo/fhir_service.h"

static struct fhir_book book;
static struct buffer out;

static int
open_book(void **state)
{
    static const uint64_t persons[] = {300000000003, 100000000001,
                                       200000000002};
    uint64_t *numbers = malloc(sizeof(persons));
    (void)state;
    if (numbers == NULL)
        return -1;
    memcpy(numbers, persons, sizeof(persons));
    return fhir_book_open(numbers, 3, &book) == OK ? 0 : -1;
}

static int
close_book(void **state)
{
    (void)state;
    fhir_book_close(&book);
    buffer_free(&out);
    return 0;
}

static unsigned
ask(const char *method, const char *target, const char *body)
{
    struct reason why;
    unsigned status = fhir_service_answer(&book, text_of(method),
                                          text_of(target), text_of(body), &out);

    assert_int_equal(json_check(buffer_as_text(&out), &why), OK);
    return status;
}

static unsigned
shown(const char *word)
{
    struct text rest = buffer_as_text(&out);
    unsigned count = 0;

    for (size_t at; (at = text_find(rest, word)) < rest.length; count++)
        rest = text_after(rest, at + strlen(word));
    return count;
}

static void
what_it_does_not_hold_is_not_found(void **state)
{
    static const char *const targets[] = {
        "",
        "/",
        "/fhir",
        "/fhir/",
        "/Patient/100000000001",
        "/fhir/Patient/100000000009",
        "/fhir/Patient/1",
        "/fhir/Patient/100000000001x",
        "/fhir/Patient/-1",
        "/fhir/Patient/100000000001-0",
        "/fhir/Patient/100000000001/",
        "/fhir/Patient/100000000001/$every",
        "/fhir/Observation/100000000001/$everything",
        "/fhir/Observation/100000000001-99",
        "/fhir/Observation/100000000001-",
        "/fhir/Observation",
        "/fhir/Observation?patient=",
        "/fhir/Observation?patient=100000000009",
        "/fhir/Account/1"};
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        assert_int_equal(ask("GET", targets[i], ""), 404);
        assert_int_equal(shown("Patient/"), 0);
    }
}

static void
other_methods_and_wrong_writes_are_refused(void **state)
{
    (void)state;
    assert_int_equal(ask("DELETE", "/fhir/Patient/100000000001", ""), 405);
    assert_int_equal(ask("POST", "/fhir/Patient", "{}"), 405);
    assert_int_equal(ask("POST", "/fhir/Observation/1", "{}"), 405);
    assert_int_equal(ask("POST", "/fhir/Observation", ""), 422);
    assert_int_equal(ask("POST", "/fhir/Observation", "Patient/1"), 422);
    assert_int_equal(ask("POST", "/fhir/Observation", "Patient/100000000009"),
                     422);
}

static void
a_page_has_as_many_as_were_asked_for(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/fhir/Patient?_count=2", ""), 200);
    assert_int_equal(shown("\"resourceType\":\"Patient\""), 2);
    assert_int_equal(ask("GET", "/fhir/Patient?_count=2&_offset=2", ""), 200);
    assert_int_equal(shown("\"resourceType\":\"Patient\""), 1);
    assert_int_equal(shown("300000000003"), 2);
    assert_int_equal(
        ask("GET", "/fhir/Patient?_offset=99999999999999999999", ""), 200);
    assert_int_equal(shown("\"resourceType\":\"Patient\""), 3);
}

static void
everything_is_one_persons(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/fhir/Patient/200000000002/$everything", ""),
                     200);
    assert_int_equal(shown("\"resourceType\":\"Patient\""), 1);
    assert_true(shown("\"resourceType\":\"DocumentReference\"") > 0);
    assert_true(shown("\"resourceType\":\"Observation\"") > 0);
    assert_int_equal(shown("Patient/1"), 0);
    assert_int_equal(shown("Patient/3"), 0);
}

static void
what_is_written_is_read_again(void **state)
{
    unsigned before;
    (void)state;
    assert_int_equal(ask("GET", "/fhir/Observation?patient=100000000001", ""),
                     200);
    before = shown("\"resourceType\":\"Observation\"");
    assert_int_equal(
        ask("POST", "/fhir/Observation",
            "{\"subject\":{\"reference\":\"Patient/100000000001\"}}"),
        201);
    assert_int_equal(shown("Patient/100000000001"), 1);
    assert_int_equal(ask("GET", "/fhir/Observation?patient=100000000001", ""),
                     200);
    assert_int_equal(shown("\"resourceType\":\"Observation\""), before + 1);
    for (unsigned i = 0; i < UINT8_MAX; i++)
        (void)ask("POST", "/fhir/Observation", "Patient/300000000003");
    assert_int_equal(ask("POST", "/fhir/Observation", "Patient/300000000003"),
                     422);
}

static void
a_request_in_pieces_is_whole_when_all_of_it_is_there(void **state)
{
    static const char request[] = "POST /fhir/Observation HTTP/1.1\r\n"
                                  "content-LENGTH: 4\r\n\r\nabcd";
    struct text method, target, body;
    (void)state;
    for (size_t i = 0; i + 1 < sizeof(request) - 1; i++)
        assert_int_equal(fhir_service_split((struct text){request, i}, &method,
                                            &target, &body),
                         E_END);
    assert_int_equal(
        fhir_service_split(text_of(request), &method, &target, &body), OK);
    assert_true(text_is(method, "POST") && text_is(body, "abcd") &&
                text_is(target, "/fhir/Observation"));
    assert_int_equal(
        fhir_service_split(TEXT("GET /\r\n\r\n"), &method, &target, &body),
        E_FORMAT);
    assert_int_equal(
        fhir_service_split(
            TEXT("GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"),
            &method, &target, &body),
        E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_does_not_hold_is_not_found),
        cmocka_unit_test(other_methods_and_wrong_writes_are_refused),
        cmocka_unit_test(a_page_has_as_many_as_were_asked_for),
        cmocka_unit_test(everything_is_one_persons),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_request_in_pieces_is_whole_when_all_of_it_is_there),
    };
    return cmocka_run_group_tests(tests, open_book, close_book);
}
