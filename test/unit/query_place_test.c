/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "codec/query_place.h"

static struct query_place
place(const char *query)
{
    struct query_place found = {.kind = 9, .at = 9, .rest = 9};

    query_place_of(text_of(query), &found);
    return found;
}

static void
assert_none(const char *query)
{
    struct query_place found = place(query);

    if (found.kind != QUERY_NONE || found.at != 0 || found.rest != 0)
        fail_msg("\"%s\" has kind %u", query, found.kind);
}

static void
assert_name(const char *query, const char *letters)
{
    struct query_place found = place(query);
    char got[9] = {0};

    for (unsigned i = 0; i < 8; i++)
        got[i] = (char)(found.at >> (56 - 8 * i) & 0xff);
    if (found.kind != QUERY_NAME || strcmp(got, letters) != 0)
        fail_msg("\"%s\" has kind %u, \"%s\"", query, found.kind, got);
    assert_int_equal(found.rest, 0);
}

static void
assert_number(const char *query, unsigned kind, uint64_t at)
{
    struct query_place found = place(query);

    if (found.kind != kind || found.at != at)
        fail_msg("\"%s\" has kind %u at %llu", query, found.kind,
                 (unsigned long long)found.at);
}

static uint64_t
day(const char *query)
{
    struct query_place found = place(query);

    if (found.kind != QUERY_DATE)
        fail_msg("\"%s\" has kind %u", query, found.kind);
    return found.at;
}

static void
what_is_no_search_in_an_order_has_no_place(void **state)
{
    static const char *const none[] = {
        "",
        "=",
        "&&;;&",
        "?",
        "Patient/42",
        "GET /fhir/Patient/42 HTTP/1.1",
        "/fhir/Observation?code=1234-5",
        "patient=Patient/42",
        "family=",
        "family",
        "family=%20-%27",
        "family=%CE%91%CE%B2", /* no Latin letter */
        "birthdate=",
        "birthdate=1980-02-31",
        "birthdate=ge",
        "birthdate=12/1980/03",
        "birthdate=0001-01-01",
        "identifier=urn:oid:1.2.250|",
        "ipp=-",
        "page=",
        "page=-1",
        "page=deux",
        "page=1234567890123",
        "_offset=%",
        "<AdhocQuery name=\"family=dupont\"/>",
        "{\"family\":\"a=b\"}",
        "MSH|^~\\&|family=dupont",
        "familyfamilyfamilyfamilyfamilyfamilyfamily=dupont",
        "select * from patients where lastnames = 'x'",
        "grand_famille=dupont",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_none(none[i]);
}

static void
every_way_to_ask_for_a_name_gives_its_letters(void **state)
{
    (void)state;
    assert_name("family=Dupont", "dupont");
    assert_name("GET https://srv.example.fr/fhir/Patient?family=Dupont&_count=5"
                " HTTP/1.1",
                "dupont");
    assert_name("/fhir/Patient?family:contains=dup", "dup");
    assert_name("Patient?family%3Aexact=DUPONT", "dupont");
    assert_name("Observation?patient.family=Dupont", "dupont");
    assert_name("Observation?subject:Patient.family:exact=Dupont", "dupont");
    assert_name("name=Dupont+Jean", "dupontje");
    assert_name("phonetic=dupon", "dupon");
    assert_name("given=Jean", "jean");
    assert_name("recherche.php?NOM=Dupont&PRENOM=Jean", "dupont");
    assert_name("?prenom=Jean&nom_naissance=Dupont", "dupont");
    assert_name("given=Jean&name=Durand&family=Dupont", "dupont");
    assert_name("last-name=Dupont", "dupont");
    assert_name("POST /fhir/Patient/_search HTTP/1.1\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
                "family=Dupont&birthdate=1980-01-01",
                "dupont");
    assert_name("family=Dupont,Durand", "dupont");
    assert_name("family=%2A%25dup%25", "dup");
}

static void
accents_case_and_separators_play_no_part(void **state)
{
    (void)state;
    assert_name("family=L%27H%C3%A9ritier", "lheritie");
    assert_name("family=L'H\xc3\xa9ritier", "lheritie");
    assert_name("family=H%E9rault", "herault");     /* Latin-1 */
    assert_name("family=He%CC%81rault", "herault"); /* a combining accent */
    assert_name("nom=LE+GO%C3%8B-LE", "legoele");
    assert_name("nom=%C5%92uvrard", "oeuvrard");
    assert_name("nom=%C3%86bi", "aebi");
    assert_name("nom=%C3%87elik", "celik");
    assert_name("nom=%C5%81uczak", "luczak");
    assert_name("nom=%C3%9Fa%C3%97b", "sab");
    assert_name("nom=d%E2%80%99Arc", "darc");
    assert_name("nom=a%C3", "aa"); /* cut in the middle: Latin-1's Ã */
}

static void
every_way_to_write_a_birth_date_gives_its_day(void **state)
{
    uint64_t march = day("birthdate=1980-03-25");

    (void)state;
    assert_int_equal(day("Patient?birthdate=eq1980-03-25"), march);
    assert_int_equal(day("Patient?birthdate=ge1980-03-25&birthdate=le1981"),
                     march);
    assert_int_equal(day("Observation?patient.birthdate=1980-03-25"), march);
    assert_int_equal(day("birthdate=1980-03-25T00:00:00Z"), march);
    assert_int_equal(day("ddn=25/03/1980"), march);
    assert_int_equal(day("ddn=25%2F03%2F1980"), march);
    assert_int_equal(day("dateNaissance=25.3.1980+00:00"), march);
    assert_int_equal(day("date_naissance=19800325"), march);
    assert_int_equal(day("date_naissance=25031980"), march);
    assert_int_equal(day("birthdate=1980-03"), march - 24);
    assert_int_equal(day("birthdate=1980"), march - 84);
    assert_int_equal(day("birthdate=1980-03-26"), march + 1);
    assert_true(day("birthdate=1901-01-01") > 0);
}

static void
an_identifier_gives_its_digits(void **state)
{
    (void)state;
    assert_number("identifier=urn:oid:1.2.250.1.213.1.4.8%7C279035121518989",
                  QUERY_IDENTIFIER, UINT64_C(279035121518989));
    assert_number("identifier=urn:oid:1.2|2 79 03-5,urn:oid:1.3|99",
                  QUERY_IDENTIFIER, 27903 * 10 + 5);
    assert_number("patient.identifier=http://hopital.fr/ipp|0008001234",
                  QUERY_IDENTIFIER, 8001234);
    assert_number("patient:identifier=sys|42", QUERY_IDENTIFIER, 42);
    assert_number("IPP=8001234", QUERY_IDENTIFIER, 8001234);
    assert_number("ins=8001234%5E%5E%5E9", QUERY_IDENTIFIER, 8001234);
    assert_number("telecom=phone%7C%2B33612345678", QUERY_IDENTIFIER,
                  UINT64_C(33612345678));
    assert_number("identifier=9999999999999999999999999", QUERY_IDENTIFIER,
                  UINT64_C(999999999999999999));
    assert_number("phone=0612&identifier=s|77", QUERY_IDENTIFIER, 77);
}

static void
pages_behind_the_first_have_their_number(void **state)
{
    static const char *const names[] = {
        "_offset", "_getpagesoffset", "page", "_page",      "start", "offset",
        "skip",    "_skip",           "p",    "pageNumber", "Page",
    };
    char query[64];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(query, sizeof(query), "Patient?a=b&%s=40", names[i]);
        assert_number(query, QUERY_OFFSET, 40);
    }
    assert_number("?_getpages=0b1e-77&_getpagesoffset=40&_count=20",
                  QUERY_OFFSET, 40);
    assert_number("Patient?_offset=0", QUERY_OFFSET, 0);
    assert_number("family=Dupont&_offset=20", QUERY_OFFSET, 20);
}

static void
a_first_page_leaves_the_order_to_the_name(void **state)
{
    (void)state;
    assert_name("family=Dupont&_offset=0", "dupont");
    assert_name("family=Dupont&page=1", "dupont");
    assert_name("family=Dupont&birthdate=1980&identifier=3", "dupont");
    assert_number("birthdate=1980-01-01&identifier=3&page=0", QUERY_DATE,
                  day("birthdate=1980-01-01"));
}

static void
pages_of_one_person_s_data_are_no_order(void **state)
{
    (void)state;
    assert_none("Observation?patient=42&_offset=20");
    assert_none("Observation?subject:Patient=Patient/42&_offset=20");
    assert_none("/fhir/Patient/42/Observation?_offset=20");
    assert_none("/fhir/Patient/42/Observation?_offset=0");
    assert_number("Observation?patient.identifier=s|42&_offset=20",
                  QUERY_IDENTIFIER, 42);
    assert_number("/fhir/Patient/_search?_offset=20", QUERY_OFFSET, 20);
}

static void
the_rest_is_the_same_for_the_pages_of_one_search(void **state)
{
    uint32_t rest = place("/Patient?family=a&_count=20&_offset=20").rest;

    (void)state;
    assert_int_equal(place("/Patient?_offset=40&_count=20&family=a").rest,
                     rest);
    assert_int_equal(
        place("https://srv/Patient?family=a&_count=20&_offset=60&_=17").rest,
        rest);
    assert_int_not_equal(place("/Patient?family=b&_count=20&_offset=40").rest,
                         rest);
    assert_int_not_equal(place("/Person?family=a&_count=20&_offset=40").rest,
                         rest);
    assert_int_not_equal(place("/Patient?familya=&_count=20&_offset=40").rest,
                         rest);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_search_in_an_order_has_no_place),
        cmocka_unit_test(every_way_to_ask_for_a_name_gives_its_letters),
        cmocka_unit_test(accents_case_and_separators_play_no_part),
        cmocka_unit_test(every_way_to_write_a_birth_date_gives_its_day),
        cmocka_unit_test(an_identifier_gives_its_digits),
        cmocka_unit_test(pages_behind_the_first_have_their_number),
        cmocka_unit_test(a_first_page_leaves_the_order_to_the_name),
        cmocka_unit_test(pages_of_one_person_s_data_are_no_order),
        cmocka_unit_test(the_rest_is_the_same_for_the_pages_of_one_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
