/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands behind a syslog header reaches its form, with the header's time
 * and host beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/time.h"
#include "ingest/syslog_message.h"

static struct buffer seen;
static struct form_context context;

static enum result
on_event(void *unused, const struct event *event, uint64_t offset)
{
    char time[TIME_TEXT_BYTES];
    (void)unused;
    return buffer_format(
        &seen, "event@%u kind %d %s%s %.*s %.*s %.*s\n", (unsigned)offset,
        (int)event->kind, time_format_utc(event->time_us, time),
        event->flags & EVENT_TIME_DISAGREES ? "!" : "",
        (int)event->professional.length, event->professional.bytes,
        (int)event->address.length, event->address.bytes,
        event->person_count > 0 ? (int)event->persons[0].value.length : 0,
        event->person_count > 0 ? event->persons[0].value.bytes : "");
}

static enum result
on_ignored(void *unused, const char *kind, uint64_t offset)
{
    (void)unused;
    return buffer_format(&seen, "ignored %s@%u\n", kind, (unsigned)offset);
}

static enum result
on_refused(void *unused, const struct reason *why)
{
    (void)unused;
    return buffer_format(&seen, "refused %s@%u\n", why->rule,
                         (unsigned)why->offset);
}

typedef enum result form(struct form_context *form_context, struct text record,
                         uint64_t at);

static enum result
told(form *reader, const char *message)
{
    static const struct trail_sink sink = {
        .event = on_event, .ignored = on_ignored, .refused = on_refused};
    static const struct trail_options options = {.fallback_time_us =
                                                     INT64_C(1772442847000000)};
    static struct event event;
    struct buffer scratch = {.bytes = NULL};
    context = (struct form_context){.sink = &sink,
                                    .options = &options,
                                    .event = &event,
                                    .scratch = &scratch};
    buffer_clear(&seen);
    enum result result = reader(&context, text_of(message), 100);
    buffer_free(&scratch);
    assert_int_equal(buffer_byte(&seen, '\0'), OK);
    assert_int_equal(context.header_time_us, 0);
    assert_int_equal(context.header_host.length, 0);
    return result;
}

static void
assert_told(const char *message, const char *expected)
{
    assert_int_equal(told(form_syslog, message), OK);
    assert_string_equal(seen.bytes, expected);
}

#define AUDIT(time)                                                      \
    "<AuditMessage><EventIdentification EventActionCode='R' "            \
    "EventDateTime='" time                                               \
    "' EventOutcomeIndicator='0'><EventID csd-code='110110' "            \
    "codeSystemName='DCM'/></EventIdentification><ActiveParticipant "    \
    "UserID='899700000001' UserIsRequestor='true' "                      \
    "NetworkAccessPointID='192.0.2.10' NetworkAccessPointTypeCode='2'/>" \
    "<AuditSourceIdentification AuditSourceID='rri'/>"                   \
    "<ParticipantObjectIdentification "                                  \
    "ParticipantObjectID='42^^^&amp;1.2.3&amp;ISO' "                     \
    "ParticipantObjectTypeCode='1' ParticipantObjectTypeCodeRole='1'/>"  \
    "</AuditMessage>"
#define HEADER "<85>1 2026-03-02T09:14:07Z srv rri 1 IHE+RFC-3881 - "
#define BOM "\xef\xbb\xbf"

static void
a_broken_header_refuses_the_message(void **state)
{
    (void)state;
    assert_told("<999>1 - - - - - - x", "refused syslog-priority@100\n");
    assert_told("<85>1 - h", "refused syslog-header@109\n");
    assert_told("<85>1 - - - - - [x", "refused syslog-structured-data@116\n");
}

static void
words_are_ignored_as_a_line(void **state)
{
    (void)state;
    assert_told(HEADER "words", "ignored other-line@152\n");
    assert_told("<85>1 - - - - - -", "ignored other-line@100\n");
    assert_told("<13>Mar  2 09:14:07 h sshd[1]: words",
                "ignored other-line@131\n");
    assert_told(HEADER "{\"level\":\"info\"}", "ignored other-line@152\n");
}

static void
broken_contents_are_refused_at_their_place(void **state)
{
    (void)state;
    assert_told(HEADER BOM "<AuditMessage>", "refused xml-truncated@169\n");
    assert_told(HEADER "<!DOCTYPE a><a/>", "refused xml-doctype@163\n");
}

static void
an_audit_message_is_read_behind_any_header(void **state)
{
    static const char expected[] =
        "event@%d kind 1 2026-03-02T09:14:07Z 899700000001 192.0.2.10 42\n";
    char line[200];
    (void)state;
    (void)snprintf(line, sizeof line, expected, 155);
    assert_told(HEADER BOM AUDIT("2026-03-02T09:14:07Z"), line);
    (void)snprintf(line, sizeof line, expected, 156);
    assert_told(HEADER BOM "\n" AUDIT("2026-03-02T09:14:07Z") "\n", line);
    assert_told(HEADER "\n" BOM AUDIT("2026-03-02T09:14:07Z"), line);
    (void)snprintf(line, sizeof line, expected, 127);
    assert_told("<85>Mar  2 10:14:07 h rri: " AUDIT("2026-03-02T09:14:07Z"),
                line);
}

static void
a_header_far_from_the_event_is_flagged(void **state)
{
    (void)state;
    assert_told(HEADER AUDIT("2026-03-01T20:00:00Z"),
                "event@152 kind 1 2026-03-01T20:00:00Z! 899700000001 "
                "192.0.2.10 42\n");
}

static void
keycloak_and_json_are_found_behind_a_header(void **state)
{
    (void)state;
    assert_told("<13>1 2026-03-02T09:14:07Z h keycloak 1 - - 2026-03-02 "
                "10:14:07,000 WARN  [org.keycloak.events] (e-1) "
                "type=\"LOGIN_ERROR\", realmId=\"r\", clientId=\"c\", "
                "userId=\"u\", ipAddress=\"192.0.2.1\", error=\"x\"",
                "event@144 kind 4 2026-03-02T09:14:07Z u 192.0.2.1 \n");
    assert_int_equal(told(form_syslog, HEADER "{\"resourceType\":\"Patient\"}"),
                     OK);
    assert_string_equal(seen.bytes, "ignored other-resource@152\n");
}

static void
an_object_that_is_no_syslog_message_is_left_to_others(void **state)
{
    (void)state;
    assert_int_equal(told(form_syslog_json, "{\"a\":1}"), E_NOTFOUND);
    assert_int_equal(told(form_syslog_json, "{\"Msg\":1}"), E_NOTFOUND);
    assert_int_equal(told(form_syslog_json, "{\"Msg\":\"\"}"), E_NOTFOUND);
    assert_int_equal(told(form_syslog_json, "{\"Msg\":\"a\",\"msg\":\"b\"}"),
                     E_NOTFOUND);
    assert_int_equal(told(form_syslog_json, "{\"Msg\":\"a\""), E_NOTFOUND);
    assert_string_equal(seen.bytes, "");
}

static void
a_message_in_json_is_read_with_its_header(void **state)
{
    (void)state;
    assert_int_equal(
        told(form_syslog_json,
             "{\"Pri\":\"85\",\"Timestamp\":\"2026-03-02T23:00:00Z\","
             "\"Hostname\":\"srv\",\"Msg\":\"\\ufeff" AUDIT(
                 "2026-03-02T09:14:07Z") "\"}"),
        OK);
    assert_string_equal(seen.bytes, "event@103 kind 1 2026-03-02T09:14:07Z! "
                                    "899700000001 192.0.2.10 42\n");
}

static void
a_line_of_a_log_file_is_read_where_a_record_stands_in_it(void **state)
{
    (void)state;
    assert_int_equal(told(form_syslog_line, "words"), E_NOTFOUND);
    assert_int_equal(told(form_syslog_line, AUDIT("2026-03-02T09:14:07Z")),
                     E_NOTFOUND);
    assert_int_equal(told(form_syslog_line,
                          "Mar  2 10:14:07 h sshd[1]: user <AuditMessage>"),
                     E_NOTFOUND);
    assert_string_equal(seen.bytes, "");
    assert_int_equal(told(form_syslog_line, "Mar  2 23:14:07 h rri: " AUDIT(
                                                "2026-03-02T09:14:07Z")),
                     OK);
    assert_string_equal(seen.bytes, "event@123 kind 1 2026-03-02T09:14:07Z! "
                                    "899700000001 192.0.2.10 42\n");
    assert_int_equal(told(form_syslog_line,
                          "2026-03-02T10:14:07+01:00 h rri[1]: "
                          "{\"resourceType\":\"Patient\"}"),
                     OK);
    assert_string_equal(seen.bytes, "ignored other-resource@136\n");
}

static int
set_up(void **state)
{
    (void)state;
    return time_zone_set("Europe/Paris") == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    buffer_free(&seen);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_header_refuses_the_message),
        cmocka_unit_test(words_are_ignored_as_a_line),
        cmocka_unit_test(broken_contents_are_refused_at_their_place),
        cmocka_unit_test(an_audit_message_is_read_behind_any_header),
        cmocka_unit_test(a_header_far_from_the_event_is_flagged),
        cmocka_unit_test(keycloak_and_json_are_found_behind_a_header),
        cmocka_unit_test(an_object_that_is_no_syslog_message_is_left_to_others),
        cmocka_unit_test(
            a_line_of_a_log_file_is_read_where_a_record_stands_in_it),
        cmocka_unit_test(a_message_in_json_is_read_with_its_header),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
