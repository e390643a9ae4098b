/* SPDX-License-Identifier: EUPL-1.2 */
/* Syslog headers, broken ones first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "codec/syslog.h"

static void
refused(const char *message, const char *rule)
{
    struct syslog syslog = {.priority = 77};
    struct reason why = {.rule = "none"};
    assert_int_equal(syslog_parse(text_of(message), &why, &syslog), E_FORMAT);
    assert_string_equal(why.rule, rule);
    assert_true(why.offset <= strlen(message));
    assert_int_equal(syslog.priority, 77); /* untouched on failure */
}

static struct syslog
parsed(const char *message)
{
    struct syslog syslog;
    struct reason why = {.rule = NULL};
    assert_int_equal(syslog_parse(text_of(message), &why, &syslog), OK);
    assert_null(why.rule);
    return syslog;
}

static void
a_priority_out_of_range_is_refused(void **state)
{
    (void)state;
    refused("", "syslog-priority");
    refused("hello", "syslog-priority");
    refused("<>1 - - - - - -", "syslog-priority");
    refused("<192>1 - - - - - -", "syslog-priority");
    refused("<1234>1 - - - - - -", "syslog-priority");
    refused("<85", "syslog-priority");
    refused("<-1>1 - - - - - -", "syslog-priority");
    assert_int_equal(parsed("<0>1 - - - - - - x").priority, 0);
    assert_int_equal(parsed("<191>1 - - - - - - x").priority, 191);
}

static void
a_broken_rfc_5424_header_is_refused_by_field(void **state)
{
    struct syslog syslog;
    struct reason why;
    char long_host[400];
    (void)state;
    refused("<85>1 ", "syslog-header");
    refused("<85>1 - h", "syslog-header");
    refused("<85>1 - - - - ", "syslog-header");
    refused("<85>1 - h\x01 - - - -", "syslog-header");
    (void)snprintf(long_host, sizeof long_host, "<85>1 - %0300d - - - -", 0);
    assert_int_equal(syslog_parse(text_of(long_host), &why, &syslog), E_FORMAT);
    assert_string_equal(why.field, "HOSTNAME");
    assert_int_equal(why.offset, 8);
}

static void
broken_structured_data_is_refused(void **state)
{
    (void)state;
    refused("<85>1 - - - - - [", "syslog-structured-data");
    refused("<85>1 - - - - - []", "syslog-structured-data");
    refused("<85>1 - - - - - [a b]", "syslog-structured-data");
    refused("<85>1 - - - - - [a b=c]", "syslog-structured-data");
    refused("<85>1 - - - - - [a b=\"c]", "syslog-structured-data");
    refused("<85>1 - - - - - [a b=\"c\\\"] x", "syslog-structured-data");
    refused("<85>1 - - - - - [a b=\"c\"", "syslog-structured-data");
    refused("<85>1 - - - - - words", "syslog-structured-data");
}

static void
all_fields_of_rfc_5424_are_read(void **state)
{
    (void)state;
    struct syslog syslog =
        parsed("<85>1 2026-03-02T09:14:07.120Z srv01 rri 4711 IHE+RFC-3881 - "
               "\xef\xbb\xbf<a/>");
    assert_int_equal(syslog.priority, 85);
    assert_true(syslog.rfc5424);
    assert_true(text_is(syslog.timestamp, "2026-03-02T09:14:07.120Z"));
    assert_true(text_is(syslog.host, "srv01"));
    assert_true(text_is(syslog.application, "rri"));
    assert_true(text_is(syslog.process, "4711"));
    assert_true(text_is(syslog.message_id, "IHE+RFC-3881"));
    assert_int_equal(syslog.structured.length, 0);
    assert_true(text_is(syslog.message, "<a/>"));

    syslog = parsed("<85>1 - - - - - -");
    assert_int_equal(syslog.host.length, 0);
    assert_int_equal(syslog.message.length, 0);
}

static void
structured_data_ends_where_its_escapes_say(void **state)
{
    (void)state;
    struct syslog syslog = parsed(
        "<85>1 - - - - - [a@1 b=\"x\\\"] <y/> \\\\\" c=\"\\]\"][z] message");
    assert_true(text_is(syslog.structured,
                        "[a@1 b=\"x\\\"] <y/> \\\\\" c=\"\\]\"][z]"));
    assert_true(text_is(syslog.message, "message"));
}

static void
the_message_may_follow_a_newline_or_miss_its_structured_data(void **state)
{
    (void)state;
    assert_true(text_is(parsed("<85>1 - - - - - - \n\xef\xbb\xbf<a/>").message,
                        "<a/>"));
    assert_true(text_is(parsed("<85>1 - - - - - <a/>").message, "<a/>"));
    assert_true(
        text_is(parsed("<85>1 - - - - - \xef\xbb\xbf<a/>").message, "<a/>"));
}

static void
rfc_3164_is_read_as_far_as_it_is_there(void **state)
{
    (void)state;
    struct syslog syslog = parsed("<13>Mar  2 09:14:07 srv01 kc[12]: hello x");
    assert_false(syslog.rfc5424);
    assert_true(text_is(syslog.timestamp, "Mar  2 09:14:07"));
    assert_true(text_is(syslog.host, "srv01"));
    assert_true(text_is(syslog.application, "kc"));
    assert_true(text_is(syslog.process, "12"));
    assert_true(text_is(syslog.message, "hello x"));

    syslog = parsed("<13>2026-03-02T09:14:07+01:00 srv01 app: <a/>");
    assert_true(text_is(syslog.timestamp, "2026-03-02T09:14:07+01:00"));
    assert_true(text_is(syslog.message, "<a/>"));

    syslog = parsed("<13>Mar  2 09:14:07 app: hello");
    assert_int_equal(syslog.host.length, 0);
    assert_true(text_is(syslog.application, "app"));

    syslog = parsed("<13>no header at all");
    assert_int_equal(syslog.timestamp.length, 0);
    assert_true(text_is(syslog.message, "no header at all"));
}

static int64_t
utc(const char *time)
{
    int64_t time_us;
    bool zoned;
    assert_int_equal(time_parse(text_of(time), &time_us, &zoned), OK);
    return time_us;
}

static void
a_time_without_a_year_takes_the_last_one_before_the_file(void **state)
{
    struct syslog syslog = parsed("<13>Dec 31 23:30:00 h a: x");
    int64_t time_us = 5;
    (void)state;
    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    assert_int_equal(syslog_time(&syslog, 0, &time_us), E_NOTFOUND);
    assert_int_equal(time_us, 5);
    assert_int_equal(
        syslog_time(&syslog, utc("2026-03-02T00:00:00Z"), &time_us), OK);
    assert_int_equal(time_us, utc("2025-12-31T22:30:00Z"));
    syslog = parsed("<13>Feb 29 12:00:00 h a: x");
    assert_int_equal(
        syslog_time(&syslog, utc("2027-03-02T00:00:00Z"), &time_us), OK);
    assert_int_equal(time_us, utc("2024-02-29T11:00:00Z"));
    syslog = parsed("<13>Foo 29 12:00:00 h a: x");
    assert_int_equal(
        syslog_time(&syslog, utc("2027-03-02T00:00:00Z"), &time_us), E_FORMAT);
}

static void
a_zoned_time_is_taken_as_it_is(void **state)
{
    struct syslog syslog = parsed("<85>1 2026-03-02T10:00:00+01:00 - - - - -");
    int64_t time_us;
    (void)state;
    assert_int_equal(syslog_time(&syslog, 0, &time_us), OK);
    assert_int_equal(time_us, utc("2026-03-02T09:00:00Z"));
    syslog = parsed("<85>1 - - - - - -");
    assert_int_equal(syslog_time(&syslog, 1, &time_us), E_NOTFOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_priority_out_of_range_is_refused),
        cmocka_unit_test(a_broken_rfc_5424_header_is_refused_by_field),
        cmocka_unit_test(broken_structured_data_is_refused),
        cmocka_unit_test(all_fields_of_rfc_5424_are_read),
        cmocka_unit_test(structured_data_ends_where_its_escapes_say),
        cmocka_unit_test(
            the_message_may_follow_a_newline_or_miss_its_structured_data),
        cmocka_unit_test(rfc_3164_is_read_as_far_as_it_is_there),
        cmocka_unit_test(
            a_time_without_a_year_takes_the_last_one_before_the_file),
        cmocka_unit_test(a_zoned_time_is_taken_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
