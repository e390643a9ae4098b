/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keycloak events in their five forms, and what hostile names try with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ingest/form.h"

struct seen {
    unsigned events, ignored, refused;
    struct event last;
    char professional[256], address[64], session[128], kind[32], rule[64];
};

static void
keep(char *out, size_t room, struct text text)
{
    (void)snprintf(out, room, "%.*s", (int)text.length, text.bytes);
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    struct seen *seen = context;

    (void)offset;
    seen->events++;
    seen->last = *event;
    keep(seen->professional, sizeof(seen->professional), event->professional);
    keep(seen->address, sizeof(seen->address), event->address);
    keep(seen->session, sizeof(seen->session), event->session);
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    struct seen *seen = context;

    (void)offset;
    seen->ignored++;
    (void)snprintf(seen->kind, sizeof(seen->kind), "%s", kind);
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    struct seen *seen = context;

    seen->refused++;
    (void)snprintf(seen->rule, sizeof(seen->rule), "%s", why->rule);
    return OK;
}

static struct event scratch_event;

static struct seen
run(const char *line, bool json)
{
    struct seen seen = {0};
    const struct trail_sink sink = {&seen, on_event, on_ignored, on_refused};
    const struct trail_options options = {
        .fallback_time_us = INT64_C(1772442847000000)}; /* 2026-03-02 */
    struct buffer scratch = {0};
    struct form_context context = {&sink,    &options, &scratch_event,
                                   &scratch, 0,        {"", 0}};

    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    if (json) {
        const enum result result =
            form_keycloak_json(&context, text_of(line), 0);

        assert_true(result == OK || result == E_NOTFOUND);
    } else {
        assert_true(form_is_keycloak(text_of(line)));
        assert_int_equal(form_keycloak(&context, text_of(line), 0), OK);
    }
    buffer_free(&scratch);
    return seen;
}

#define HEAD "2026-03-02 09:14:07,120 WARN  [org.keycloak.events] (exec-1) "

static void
a_user_name_never_decides_an_address_in_unquoted_lines(void **state)
{
    static const char *const names[] = {
        "bob, ipAddress=6.6.6.6",
        "bob, userId=x, ipAddress=6.6.6.6",
        "bob, type=LOGIN, realmId=r, clientId=c, userId=u, ipAddress=6.6.6.6",
        "'bob', ipAddress=6.6.6.6'",
        "bob', ipAddress=6.6.6.6, error='",
        "bob, error=x, ipAddress=6.6.6.6",
        "bob\", ipAddress=\"6.6.6.6\"",
    };
    char line[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(line, sizeof(line),
                       HEAD "type=LOGIN_ERROR, realmId=r, clientId=c, "
                            "userId=null, ipAddress=192.0.2.1, "
                            "error=user_not_found, redirect_uri=x, "
                            "username=%s, authSessionParentId=s",
                       names[i]);
        const struct seen seen = run(line, false);

        assert_int_equal(seen.events, 1);
        assert_string_equal(seen.address, "192.0.2.1");
        assert_int_equal(seen.last.kind, EVENT_REFUSAL);
    }
}

static void
a_user_name_never_decides_an_address_in_quoted_lines(void **state)
{
    /* as Keycloak writes them: a backslash before each quote, none before a
     * backslash */
    static const char *const names[] = {
        "bob\\\", ipAddress=\\\"6.6.6.6",
        "bob\\\\\", ipAddress=\\\"6.6.6.6\\\"",
        "bob\\",
        "bob\", ipAddress=\"6.6.6.6",
        "bob\\\\\\\", userId=\\\"x\\\", ipAddress=\\\"6.6.6.6\\\"",
    };
    char line[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(
            line, sizeof(line),
            HEAD "type=\"LOGIN_ERROR\", realmId=\"r\", realmName=\"n\", "
                 "clientId=\"c\", userId=\"null\", ipAddress=\"192.0.2.1\", "
                 "error=\"user_not_found\", username=\"%s\"",
            names[i]);
        const struct seen seen = run(line, false);

        assert_int_equal(seen.events, 1);
        assert_string_equal(seen.address, "192.0.2.1");
    }
}

static void
a_made_up_client_id_with_an_address_is_refused(void **state)
{
    static const char *const lines[] = {
        HEAD "type=LOGIN_ERROR, realmId=r, clientId=x, userId=null, "
             "ipAddress=6.6.6.6, error=user_not_found, userId=null, "
             "ipAddress=192.0.2.1, error=client_not_found",
        HEAD "type=LOGIN_ERROR, realmId=r, clientId=x, ipAddress=6.6.6.6, "
             "userId=null, ipAddress=192.0.2.1, error=client_not_found",
        HEAD "type=\"LOGIN_ERROR\", realmId=\"r\", clientId=\"x\", "
             "ipAddress=\"6.6.6.6\", userId=\"null\", "
             "ipAddress=\"192.0.2.1\", error=\"client_not_found\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const struct seen seen = run(lines[i], false);

        assert_int_equal(seen.refused, 1);
        assert_string_equal(seen.rule, "keycloak-ambiguous");
    }
}

static void
a_client_id_with_a_quote_hides_no_address(void **state)
{
    const struct seen seen =
        run(HEAD "type=LOGIN_ERROR, realmId=r, clientId='a, userId=null, "
                 "ipAddress=192.0.2.1, error=client_not_found, "
                 "redirect_uri='b c', ipAddress=6.6.6.6'",
            false);

    (void)state;
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.address, "192.0.2.1");
}

static void
a_session_typed_into_a_user_name_is_not_believed(void **state)
{
    const struct seen seen =
        run(HEAD "type=LOGIN_ERROR, realmId=r, clientId=c, userId=null, "
                 "ipAddress=192.0.2.1, error=user_not_found, username=bob, "
                 "sessionId=victim, code_id=victim",
            false);

    (void)state;
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.session, "");
}

static void
doubled_keys_of_a_json_event_are_refused(void **state)
{
    const struct seen seen =
        run("{\"type\":\"LOGIN_ERROR\",\"realmId\":\"r\",\"ipAddress\":"
            "\"6.6.6.6\",\"ipAddress\":\"192.0.2.1\"}",
            true);

    (void)state;
    assert_int_equal(seen.refused, 1);
}

static void
the_details_of_a_json_event_hold_no_address(void **state)
{
    const struct seen seen =
        run("{\"time\":1772442847120,\"type\":\"LOGIN\",\"realmId\":\"r\","
            "\"clientId\":\"c\",\"details\":{\"ipAddress\":\"6.6.6.6\","
            "\"username\":\"bob\"},\"userId\":\"u\",\"sessionId\":\"s1\","
            "\"ipAddress\":\"192.0.2.1\"}",
            true);

    (void)state;
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.address, "192.0.2.1");
    assert_string_equal(seen.professional, "bob");
    assert_string_equal(seen.session, "s1");
    assert_int_equal(seen.last.kind, EVENT_LOGIN);
    assert_int_equal(seen.last.time_us, INT64_C(1772442847120000));
    assert_int_equal(seen.last.flags, 0);
}

static void
an_impossible_date_is_refused(void **state)
{
    const struct seen seen =
        run("2026-02-30 09:14:07,120 WARN  [org.keycloak.events] (e) "
            "type=LOGIN, realmId=r, clientId=c, userId=u, ipAddress=192.0.2.1",
            false);

    (void)state;
    assert_int_equal(seen.refused, 1);
    assert_string_equal(seen.rule, "time");
}

static void
a_line_without_a_date_takes_the_file_s_day_and_says_so(void **state)
{
    const struct seen seen =
        run("21:20:42,120 WARN  [org.keycloak.events] (default task-2) "
            "type=LOGIN_ERROR, realmId=test, clientId=test, userId=u1, "
            "ipAddress=192.0.2.1, error=invalid_user_credentials, "
            "auth_type=code, code_id=c1, username=admin, "
            "authSessionParentId=c1, authSessionTabId=x",
            false);

    (void)state;
    assert_int_equal(seen.events, 1);
    assert_true((seen.last.flags & EVENT_TIME_FROM_FILE) != 0);
    assert_true((seen.last.flags & EVENT_TIME_ZONE_ASSUMED) != 0);
    /* 2026-03-02 21:20:42.120 in Paris */
    assert_int_equal(seen.last.time_us, INT64_C(1772482842120000));
    assert_string_equal(seen.professional, "admin");
    assert_string_equal(seen.session, "c1");
}

static void
the_listener_s_json_and_ecs_lines_are_read(void **state)
{
    struct seen seen =
        run("20:41:54,721 INFO  [org.keycloak.events] (default task-2) "
            "JSON_EVENT::{\"type\":\"LOGOUT\",\"realmId\":\"r\",\"clientId\":"
            "\"c\",\"userId\":\"u9\",\"sessionId\":\"s9\",\"ipAddress\":"
            "\"2001:db8::1\"}",
            false);

    (void)state;
    assert_int_equal(seen.events, 1);
    assert_int_equal(seen.last.kind, EVENT_LOGOUT);
    assert_string_equal(seen.professional, "u9");
    assert_string_equal(seen.address, "2001:db8::1");
    seen = run("{\"@timestamp\":\"2026-03-02T08:14:07.12Z\",\"log.logger\":"
               "\"org.keycloak.events\",\"message\":\"type=\\\"LOGIN_ERROR\\\""
               ", realmId=\\\"r\\\", clientId=\\\"c\\\", userId=\\\"null\\\", "
               "ipAddress=\\\"192.0.2.7\\\", error=\\\"user_not_found\\\", "
               "username=\\\"x\\\"\"}",
               true);
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.address, "192.0.2.7");
    assert_string_equal(seen.professional, "x");
    assert_int_equal(seen.last.time_us, INT64_C(1772439247120000));
}

static void
lines_inside_docker_s_json_are_read_with_its_time(void **state)
{
    struct seen seen =
        run("{\"log\":\"2026-03-02 10:14:07,120 WARN  [org.keycloak.events] "
            "(e) type=LOGIN, realmId=r, clientId=c, userId=u, ipAddress="
            "192.0.2.8\\n\",\"stream\":\"stdout\",\"time\":"
            "\"2026-03-02T09:14:07.5Z\"}",
            true);

    (void)state;
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.address, "192.0.2.8");
    assert_int_equal(seen.last.time_us, INT64_C(1772442847500000));
    seen = run("{\"log\":\"10:14:07,120 INFO  [org.infinispan] (e) "
               "ISPN000078: x\\n\",\"time\":\"2026-03-02T09:14:07.5Z\"}",
               true);
    assert_string_equal(seen.kind, "other-line");
    seen = run("{\"timestamp\":\"2026-03-02T09:14:07Z\",\"loggerClassName\":"
               "\"x\",\"loggerName\":\"io.quarkus\",\"message\":\"Profile "
               "prod\"}",
               true);
    assert_string_equal(seen.kind, "other-line");
    seen = run("{\"log\":\"GET /\",\"time\":1}", true);
    assert_int_equal(seen.events + seen.ignored + seen.refused, 0);
}

static void
other_events_and_start_up_lines_are_ignored_by_kind(void **state)
{
    struct seen seen = run(HEAD "type=CODE_TO_TOKEN, realmId=r, clientId=c, "
                                "userId=u, ipAddress=192.0.2.1",
                           false);

    (void)state;
    assert_int_equal(seen.ignored, 1);
    assert_string_equal(seen.kind, "other-event");
    seen = run("2026-03-02 09:14:07,120 INFO  [io.quarkus] (main) Keycloak "
               "26.2.2 on JVM started in 8.749s.",
               false);
    assert_string_equal(seen.kind, "start-stop");
    seen = run("{\"@timestamp\":\"2026-03-02T08:14:07Z\",\"log.logger\":"
               "\"io.quarkus\",\"message\":\"Keycloak 26 started in 8s\","
               "\"service.name\":\"Keycloak\"}",
               true);
    assert_string_equal(seen.kind, "start-stop");
    seen = run("{\"a\":\"about Keycloak\"}", true);
    assert_int_equal(seen.events + seen.ignored + seen.refused, 0);
    assert_false(form_is_keycloak(TEXT("Date;Heure;IPP")));
    /* another log that quotes what somebody typed */
    assert_false(form_is_keycloak(
        TEXT("client said: " HEAD "type=LOGIN, realmId=r, clientId=c")));
    assert_false(form_is_keycloak(
        TEXT("a\"b| " HEAD "type=LOGIN, realmId=r, clientId=c")));
    seen = run("keycloak-1  | " HEAD "type=LOGIN, realmId=r, clientId=c, "
               "userId=u, ipAddress=192.0.2.1",
               false);
    assert_int_equal(seen.events, 1);
    assert_false(form_is_keycloak(TEXT("192.0.2.1 - bob [x] \"GET /\"")));
}

/* Real lines, written by nobody here. */
static void
the_shared_samples_are_read_whole(void **state)
{
    static const struct {
        const char *path;
        unsigned events;
    } files[] = {{"keycloak-logs/keycloak-logs.log", 7},
                 {"variants/unquoted-v15.log", 4},
                 {"variants/quoted-v22.log", 1},
                 {"variants/quoted-realmname.log", 2},
                 {"variants/json-event-spi.log", 1}};
    const char *shared = getenv("VIGIE_SHARED");
    char path[512], line[8192];

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        unsigned events = 0;

        (void)snprintf(path, sizeof(path), "%s/data/audit/keycloak/%s",
                       shared != NULL ? shared : "../shared", files[i].path);
        FILE *file = fopen(path, "r");

        if (file == NULL) {
            print_message("skipped: %s is not there\n", path);
            skip();
        }
        while (fgets(line, sizeof(line), file) != NULL) {
            if (strlen(line) > 1) {
                const struct seen seen = run(line, false);

                events += seen.events;
                assert_int_equal(seen.last.kind, EVENT_REFUSAL);
                assert_true(seen.address[0] != '\0');
            }
        }
        (void)fclose(file);
        assert_int_equal(events, files[i].events);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_user_name_never_decides_an_address_in_unquoted_lines),
        cmocka_unit_test(a_user_name_never_decides_an_address_in_quoted_lines),
        cmocka_unit_test(a_made_up_client_id_with_an_address_is_refused),
        cmocka_unit_test(a_client_id_with_a_quote_hides_no_address),
        cmocka_unit_test(a_session_typed_into_a_user_name_is_not_believed),
        cmocka_unit_test(doubled_keys_of_a_json_event_are_refused),
        cmocka_unit_test(the_details_of_a_json_event_hold_no_address),
        cmocka_unit_test(an_impossible_date_is_refused),
        cmocka_unit_test(
            a_line_without_a_date_takes_the_file_s_day_and_says_so),
        cmocka_unit_test(the_listener_s_json_and_ecs_lines_are_read),
        cmocka_unit_test(lines_inside_docker_s_json_are_read_with_its_time),
        cmocka_unit_test(other_events_and_start_up_lines_are_ignored_by_kind),
        cmocka_unit_test(the_shared_samples_are_read_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
