/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/event.h"
#include "model/verdict.h"

static void
what_is_no_address_is_refused(void **state)
{
    static const char *const given[] = {
        "",
        "srv01",
        "https://srv.example.fr/fhir",
        "192.0.2",
        "192.0.2.1.5",
        "192.0.2.256",
        "192.0.02.1",
        "192..2.1",
        ".192.0.2.1",
        "192.0.2.1.",
        "192.0.2.1:",
        "192.0.2.1:65536",
        "192.0.2.1:80:80",
        "192.0.2.-1",
        "1111111111111111111",
        "[2001:db8::1",
        "[2001:db8::1]x",
        "[2001:db8::1]:x",
        "[192.0.2.1]",
        "2001:db8::g",
        "2001:db8:::1",
        "%eth0",
        "::1\n::2",
        "user@192.0.2.1",
    };
    char address[ADDRESS_TEXT_BYTES] = "as it was";

    (void)state;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        assert_int_equal(event_address_parse(text_of(given[i]), address),
                         E_FORMAT);
    }
    assert_int_equal(event_address_parse((struct text){"::1\0::2", 7}, address),
                     E_FORMAT);
    assert_string_equal(address, "as it was");
}

static void
check_address(const char *given, const char *normal, const char *network)
{
    char address[ADDRESS_TEXT_BYTES], got[ADDRESS_TEXT_BYTES];

    assert_int_equal(event_address_parse(text_of(given), address), OK);
    assert_string_equal(address, normal);
    assert_int_equal(event_address_network(text_of(address), got), OK);
    assert_string_equal(got, network);
}

static void
addresses_come_to_one_form_and_one_network(void **state)
{
    (void)state;
    check_address("192.0.2.10", "192.0.2.10", "192.0.2.0/24");
    check_address(" 192.0.2.10\t", "192.0.2.10", "192.0.2.0/24");
    check_address("192.0.2.10:443", "192.0.2.10", "192.0.2.0/24");
    check_address("255.255.255.255", "255.255.255.255", "255.255.255.0/24");
    check_address("0.0.0.0", "0.0.0.0", "0.0.0.0/24");
    check_address("::ffff:192.0.2.10", "192.0.2.10", "192.0.2.0/24");
    check_address("[::FFFF:c000:20a]:8443", "192.0.2.10", "192.0.2.0/24");
    check_address("2001:DB8:1:2:0:0:0:1", "2001:db8:1:2::1", "2001:db8:1::/48");
    check_address("[2001:db8::1]", "2001:db8::1", "2001:db8::/48");
    check_address("fe80::1%eth0", "fe80::1", "fe80::/48");
    check_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                  "ffff:ffff:ffff::/48");
    check_address("::", "::", "::/48");
}

static void
a_host_name_has_no_network(void **state)
{
    char network[ADDRESS_TEXT_BYTES] = "as it was";

    (void)state;
    assert_int_equal(event_address_network(TEXT("srv01"), network), E_FORMAT);
    assert_int_equal(event_address_network(TEXT(""), network), E_FORMAT);
    assert_string_equal(network, "as it was");
}

static void
verdicts_have_the_words_of_the_contract(void **state)
{
    (void)state;
    assert_string_equal(verdict_name(VERDICT_ALLOW), "allow");
    assert_string_equal(verdict_name(VERDICT_WATCH), "watch");
    assert_string_equal(verdict_name(VERDICT_STEP_UP), "step_up");
    assert_string_equal(verdict_name(VERDICT_CUT), "cut");
    assert_string_equal(verdict_name((enum verdict)7), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(addresses_come_to_one_form_and_one_network),
        cmocka_unit_test(a_host_name_has_no_network),
        cmocka_unit_test(verdicts_have_the_words_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
