/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/sources.h"

static void
lines_that_lack_a_field_are_refused_by_number(void **state)
{
    struct sources *sources = NULL;
    struct reason why;

    (void)state;
    assert_int_equal(
        sources_parse(TEXT("match,service\na.fr,rri,1,non\nb.fr\n"), &why,
                      &sources),
        E_FORMAT);
    assert_string_equal(why.field, "service");
    assert_int_equal(why.offset, 3);
    assert_int_equal(
        sources_parse(TEXT("a.fr,rri,750712184,perhaps\n"), &why, &sources),
        E_FORMAT);
    assert_string_equal(why.rule, "sources-not-yes-or-no");
    assert_null(sources);
}

static void
hosts_sites_and_oids_are_found_in_every_spelling(void **state)
{
    static const char *const same[] = {
        "srv.example.fr", "SRV.example.FR", "https://srv.example.fr/fhir",
        "srv.example.fr:8443", "http://srv.example.fr:80/x",
    };
    struct sources *sources = NULL;
    struct reason why;
    const struct source_entry *entry;

    (void)state;
    assert_int_equal(
        sources_parse(TEXT("\xef\xbb\xbfmatch;service;controller;"
                           "context_reveals_health\r\n"
                           "# a comment\r\n"
                           "srv.example.fr;rri;750712184;non\r\n"
                           "1.2.250.1.999.1;psy;590780193;oui\r\n"
                           "2001:db8::1;six;;\r\n"),
                      &why, &sources),
        OK);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        entry = sources_find(sources, text_of(same[i]));
        assert_non_null(entry);
        assert_true(text_is(entry->service, "rri"));
        assert_true(text_is(entry->controller, "750712184"));
        assert_false(entry->context_reveals_health);
    }
    entry = sources_find(sources, TEXT("urn:oid:1.2.250.1.999.1"));
    assert_non_null(entry);
    assert_true(entry->context_reveals_health);
    assert_non_null(sources_find(sources, TEXT("2001:db8::1")));
    assert_null(sources_find(sources, TEXT("other.example.fr")));
    assert_null(sources_find(sources, TEXT("")));
    assert_null(sources_find(NULL, TEXT("srv.example.fr")));
    sources_free(sources);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_lack_a_field_are_refused_by_number),
        cmocka_unit_test(hosts_sites_and_oids_are_found_in_every_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
