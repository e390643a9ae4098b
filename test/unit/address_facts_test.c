/* SPDX-License-Identifier: EUPL-1.2 */
/* Exits of sites, and address databases made by test/help/mmdb_write.py:
 * whole ones, and every way of breaking one byte of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "core/address_facts.h"
#include "model/facts.h"

/* libmaxminddb 1.7.1 keeps some kilobytes of a file whose metadata it refuses:
 * once a refused file, after which vigie ends. Read by the sanitizers. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:libmaxminddb";
}

static struct address
address_of(const char *text)
{
    struct address address;

    assert_true(address_parse(text_of(text), &address));
    return address;
}

static uint32_t
site_of(const struct address_facts *facts, const char *text, uint32_t nth)
{
    struct address address = address_of(text);

    return address_facts_site(facts, &address, nth);
}

static void
networks_hold_their_addresses_and_no_others(void **state)
{
    static const struct {
        const char *exit;
        uint32_t site;
    } exits[] = {{"192.0.2.0/24", 1}, {"192.0.2.128/25", 2},
                 {"198.51.100.7", 3}, {"2001:db8:1::/48", 4},
                 {"192.0.2.0/24", 5}, {"2001:db8:1:2::9", 6},
                 {"[2001:db8::1]", 7}};
    struct address_facts *facts;
    const char *rule;

    (void)state;
    assert_int_equal(address_facts_new(&facts), OK);
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
        assert_int_equal(address_facts_exit(facts, text_of(exits[i].exit),
                                            exits[i].site, &rule),
                         OK);
    address_facts_finish(facts);
    assert_int_equal(site_of(facts, "192.0.1.255", 0), 0);
    assert_int_equal(site_of(facts, "192.0.2.0", 0), 1);
    assert_int_equal(site_of(facts, "192.0.2.0", 1), 5);
    assert_int_equal(site_of(facts, "192.0.2.127", 2), 0);
    assert_int_equal(site_of(facts, "192.0.2.255", 2), 2);
    assert_int_equal(site_of(facts, "::ffff:192.0.2.255", 2), 2);
    assert_int_equal(site_of(facts, "192.0.3.0", 0), 0);
    assert_int_equal(site_of(facts, "198.51.100.7", 0), 3);
    assert_int_equal(site_of(facts, "198.51.100.6", 0), 0);
    assert_int_equal(site_of(facts, "2001:db8:1:ffff::1", 0), 4);
    assert_int_equal(site_of(facts, "2001:db8:2::1", 0), 0);
    assert_int_equal(site_of(facts, "2001:db8:1:2::9", 1), 6);
    assert_int_equal(site_of(facts, "2001:db8::1", 0), 7);
    address_facts_free(facts);
}

#define NETWORKS                                              \
    "\"networks\":{"                                          \
    "\"192.0.2.0/24\":{\"country\":{\"iso_code\":\"DE\"}},"   \
    "\"198.51.100.0/25\":{\"country\":{\"iso_code\":\"FR\"}," \
    "\"is_hosting_provider\":true},"                          \
    "\"203.0.113.9/32\":{\"is_anonymous_vpn\":false,"         \
    "\"is_tor_exit_node\":true},"                             \
    "\"10.0.0.0/8\":{\"country\":\"nowhere\",\"is_anonymous_vpn\":\"yes\"}"

static void
make_database(const char *path, const char *head, const char *more)
{
    char command[1024];
    FILE *pipe;

    (void)snprintf(command, sizeof(command),
                   "python3 test/help/mmdb_write.py %s", path);
    pipe = popen(command, "w");
    assert_non_null(pipe);
    assert_true(fprintf(pipe, "{%s,%s%s}}", head, NETWORKS, more) > 0);
    assert_int_equal(pclose(pipe), 0);
}

static struct address_fact
look(struct address_facts *facts, const char *text)
{
    struct address address = address_of(text);
    struct address_fact fact;

    address_facts_look(facts, &address, &fact);
    return fact;
}

static void
databases_tell_country_and_kind_in_all_record_sizes(void **state)
{
    static const char *const heads[] = {"\"type\":\"T\",\"record_size\":24",
                                        "\"type\":\"T\",\"record_size\":28",
                                        "\"type\":\"T\",\"record_size\":32"};
    char path[] = "/tmp/vigie-mmdb-XXXXXX";
    struct address_facts *facts;
    bool says;

    (void)state;
    close(mkstemp(path));
    for (int i = 0; i < 3; i++) {
        make_database(path, heads[i],
                      ",\"2001:db8::/32\":{\"country\":{\"iso_code\":"
                      "\"RE\"}},\"2001:db9::/32\":{\"country\":"
                      "{\"iso_code\":\"US\"}}");
        assert_int_equal(address_facts_new(&facts), OK);
        assert_int_equal(address_facts_mmdb(facts, path, &says), OK);
        assert_true(says);
        address_facts_finish(facts);
        assert_int_equal(look(facts, "192.0.2.1").bits, FACT_ABROAD);
        assert_memory_equal(look(facts, "192.0.2.1").country, "DE", 2);
        assert_int_equal(look(facts, "198.51.100.1").bits, FACT_HOSTING);
        assert_int_equal(look(facts, "198.51.100.200").bits, 0);
        assert_int_equal(look(facts, "203.0.113.9").bits, FACT_VPN);
        assert_int_equal(look(facts, "203.0.113.8").bits, 0);
        assert_int_equal(look(facts, "10.1.1.1").bits, 0);
        assert_int_equal(look(facts, "2001:db8::1").bits, 0);
        assert_int_equal(look(facts, "2001:db9::1").bits, FACT_ABROAD);
        assert_int_equal(address_facts_errors(facts), 0);
        assert_int_equal(address_facts_country(facts, TEXT("de")), OK);
        assert_int_equal(look(facts, "192.0.2.1").bits, 0);
        assert_int_equal(look(facts, "198.51.100.1").bits,
                         FACT_HOSTING | FACT_ABROAD);
        address_facts_free(facts);
    }
    assert_int_equal(unlink(path), 0);
}

static void
a_database_of_ipv4_alone_says_nothing_of_ipv6_and_one_of_asn_nothing(
    void **state)
{
    char path[] = "/tmp/vigie-mmdb-XXXXXX";
    struct address_facts *facts;
    bool says;

    (void)state;
    close(mkstemp(path));
    make_database(path, "\"type\":\"T-ASN\",\"ip_version\":4", "");
    assert_int_equal(address_facts_new(&facts), OK);
    assert_int_equal(address_facts_mmdb(facts, path, &says), OK);
    assert_false(says);
    address_facts_finish(facts);
    assert_int_equal(look(facts, "192.0.2.1").bits, FACT_ABROAD);
    assert_int_equal(look(facts, "2001:db9::1").bits, 0);
    assert_int_equal(address_facts_errors(facts), 0);
    address_facts_free(facts);
    assert_int_equal(unlink(path), 0);
}

/* Opened and asked, whatever is in it. */
static void
try_database(const char *path)
{
    struct address_facts *facts;
    bool says;

    assert_int_equal(address_facts_new(&facts), OK);
    if (address_facts_mmdb(facts, path, &says) == OK) {
        address_facts_finish(facts);
        (void)look(facts, "192.0.2.1");
        (void)look(facts, "198.51.100.1");
        (void)look(facts, "203.0.113.9");
        (void)look(facts, "10.1.1.1");
        (void)look(facts, "2001:db9::1");
    }
    address_facts_free(facts);
}

static void
a_broken_database_never_breaks_us(void **state)
{
    char path[] = "/tmp/vigie-mmdb-XXXXXX";
    struct buffer whole = {0};

    (void)state;
    close(mkstemp(path));
    make_database(path, "\"type\":\"T\"", "");
    assert_int_equal(file_load(path, 1 << 20, &whole), OK);
    /* the tree is long and alike: its start, and all of the data */
    for (size_t i = 0; i<whole.length; i += whole.length - i> 700 ? 13 : 1) {
        static const uint8_t other[] = {0x00, 0xff, 0x20, 0xe0};

        for (size_t k = 0; k < sizeof(other); k++) {
            char kept = whole.bytes[i];

            whole.bytes[i] = (char)other[k];
            assert_int_equal(
                file_replace(path, whole.bytes, whole.length, 0600), OK);
            try_database(path);
            whole.bytes[i] = kept;
        }
    }
    for (size_t length = 0; length < whole.length;
         length += length < 600 || whole.length - length < 700 ? 7 : 97) {
        assert_int_equal(file_replace(path, whole.bytes, length, 0600), OK);
        try_database(path);
    }
    buffer_free(&whole);
    assert_int_equal(unlink(path), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_hold_their_addresses_and_no_others),
        cmocka_unit_test(databases_tell_country_and_kind_in_all_record_sizes),
        cmocka_unit_test(
            a_database_of_ipv4_alone_says_nothing_of_ipv6_and_one_of_asn_nothing),
        cmocka_unit_test(a_broken_database_never_breaks_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
