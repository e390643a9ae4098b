/* SPDX-License-Identifier: EUPL-1.2 */
#include "codec/http_request.h"
#include "codec/syslog_frame.h"
#include "core/beside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/time.h"

static enum result
frame(const char *bytes, bool lines, struct syslog_frame *ret_frame)
{
    struct reason why = {0};

    return syslog_frame_read(text_of(bytes), lines, &why, ret_frame);
}

static void
what_is_no_frame_is_refused(void **state)
{
    struct syslog_frame f;

    (void)state;
    assert_int_equal(frame("<34>x\n", false, &f), E_FORMAT);
    assert_int_equal(frame("05 <34>x", false, &f), E_FORMAT);
    assert_int_equal(frame("5x<34>x", true, &f), E_FORMAT);
    assert_int_equal(frame("5  ", true, &f), E_END);
    assert_int_equal(frame("99999999", true, &f), E_LIMIT);
    assert_int_equal(frame("99999999999999999999999999 ", true, &f), E_LIMIT);
    assert_int_equal(frame("", true, &f), E_END);
}

static void
frames_follow_each_other(void **state)
{
    struct syslog_frame f;

    (void)state;
    assert_int_equal(frame("5 <34>", false, &f), E_END);
    assert_int_equal(frame("5 <34>x7 <34>", false, &f), OK);
    assert_int_equal(f.used, 7);
    assert_true(text_is(f.message, "<34>x"));
    assert_int_equal(frame("<34>x", true, &f), E_END);
    assert_int_equal(frame("<34>x\r\n<34>y", true, &f), OK);
    assert_int_equal(f.used, 7);
    assert_true(text_is(f.message, "<34>x"));
    assert_int_equal(frame("4 a\nbcd", true, &f), OK);
    assert_true(text_is(f.message, "a\nbc"));
}

static enum result
request(const char *bytes, const char **ret_rule, struct http_request *ret)
{
    struct reason why = {.rule = ""};
    enum result result = http_request_read(text_of(bytes), &why, ret);

    *ret_rule = why.rule;
    return result;
}

static void
a_head_that_two_readers_could_read_apart_is_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"GET  / HTTP/1.1\r\n\r\n", "http-request-line"},
        {"GET /\r\n\r\n", "http-request-line"},
        {"G(T / HTTP/1.1\r\n\r\n", "http-request-line"},
        {"GET / HTTP/2.0\r\n\r\n", "http-version"},
        {"GET / HTTP/1.1\r\nA : b\r\n\r\n", "http-field"},
        {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "http-field"},
        {"GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", "http-field"},
        {"GET / HTTP/1.1\r\nContent-Length: +2\r\n\r\n", "http-length"},
        {"GET / HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\n", "http-length"},
        {"GET / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
         "http-length"},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "http-transfer-encoding"},
    };
    struct http_request r;
    const char *rule;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(request(wrong[i][0], &rule, &r), E_FORMAT);
        assert_string_equal(rule, wrong[i][1]);
    }
    assert_int_equal(request("GET / HTTP/1.1\r\nContent-Length: "
                             "99999999999\r\n\r\n",
                             &rule, &r),
                     E_LIMIT);
    assert_int_equal(request("GET / HTTP/1.1\r\nA: b\r\n", &rule, &r), E_END);
}

static void
a_head_is_read(void **state)
{
    struct http_request r;
    const char *rule;

    (void)state;
    assert_int_equal(request("POST /fhir/AuditEvent HTTP/1.1\r\n"
                             "content-length: 12\r\n"
                             "Content-Type:application/fhir+json \r\n\r\n{",
                             &rule, &r),
                     OK);
    assert_true(text_is(r.method, "POST") &&
                text_is(r.target, "/fhir/AuditEvent") &&
                text_is(r.content_type, "application/fhir+json"));
    assert_true(r.keep_alive && r.body_bytes == 12 && r.head_bytes > 80);
    assert_int_equal(request("POST / HTTP/1.0\r\n\r\n", &rule, &r), OK);
    assert_false(r.keep_alive);
    assert_int_equal(
        request("POST / HTTP/1.1\r\nConnection: close\r\n\r\n", &rule, &r), OK);
    assert_false(r.keep_alive);
}

static void
a_source_is_judged_by_its_usual_skew(void **state)
{
    struct beside *beside = NULL;
    const int64_t wrong_us = 2 * TIME_HOUR_US; /* its clock is behind */
    int64_t now_us = 20000 * TIME_DAY_US, skew_us = -1;

    (void)state;
    assert_int_equal(beside_new(&beside), OK);
    assert_false(beside_late(beside, 1, now_us, now_us, &skew_us));
    for (int i = 0; i < 8; i++) {
        now_us += TIME_MINUTE_US;
        assert_int_equal(
            beside_late(beside, 2, now_us - wrong_us, now_us, &skew_us), i < 5);
    }
    assert_true(skew_us == wrong_us);
    /* right, it is now out of what is usual; a burst changes nothing */
    for (int i = 0; i < 1000; i++)
        assert_true(beside_late(beside, 2, now_us, now_us, &skew_us));
    assert_false(beside_late(beside, 2, now_us - wrong_us, now_us, &skew_us));
    /* another source is another clock */
    assert_true(beside_late(beside, 1, now_us - wrong_us, now_us, &skew_us));
    beside_free(beside);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(frames_follow_each_other),
        cmocka_unit_test(a_head_that_two_readers_could_read_apart_is_refused),
        cmocka_unit_test(a_head_is_read),
        cmocka_unit_test(a_source_is_judged_by_its_usual_skew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
