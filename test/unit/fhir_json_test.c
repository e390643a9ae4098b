/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What JSON records come to. Each call of the sink is written down as one
 * line; a test asks for the fields that it is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "ingest/form.h"

static struct event event;
static struct buffer log_text, scratch, values;
static unsigned events;
static int64_t header_us, fallback_us;

/* -- the sink -- */

static struct text
keep(struct text text)
{
    size_t from = values.length;

    assert_int_equal(buffer_text(&values, text), OK);
    return (struct text){values.bytes + from, text.length};
}

static struct event seen; /* the last event, its texts kept */

static enum result
on_event(void *context, const struct event *given, uint64_t offset)
{
    (void)context;
    events++;
    seen = *given;
    seen.professional = keep(given->professional);
    seen.professional_system = keep(given->professional_system);
    seen.session = keep(given->session);
    seen.address = keep(given->address);
    seen.device = keep(given->device);
    seen.request = keep(given->request);
    seen.record = keep(given->record);
    seen.service = keep(given->service);
    seen.source = keep(given->source);
    seen.query = keep(given->query);
    for (uint32_t i = 0; i < given->person_count; i++) {
        seen.persons[i].shown = keep(given->persons[i].shown);
        seen.persons[i].system = keep(given->persons[i].system);
        seen.persons[i].value = keep(given->persons[i].value);
        seen.persons[i].reference = keep(given->persons[i].reference);
    }
    return buffer_format(&log_text, "event@%u ", (unsigned)offset);
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)context;
    return buffer_format(&log_text, "%s@%u ", kind, (unsigned)offset);
}

static enum result
on_refused(void *context, const struct reason *why)
{
    (void)context;
    return buffer_format(&log_text, "!%s:%s@%u ", why->rule, why->field,
                         (unsigned)why->offset);
}

static enum result
read_text(struct text record)
{
    const struct trail_sink sink = {NULL, on_event, on_ignored, on_refused};
    struct trail_options options = {.fallback_time_us = fallback_us};
    struct form_context context = {
        .sink = &sink,
        .options = &options,
        .event = &event,
        .scratch = &scratch,
        .header_time_us = header_us,
    };
    enum result result;

    events = 0;
    buffer_clear(&log_text);
    buffer_clear(&values);
    result = form_json(&context, record, 0);
    assert_int_equal(buffer_byte(&log_text, '\0'), OK);
    log_text.length--;
    return result;
}

static void
told(const char *record, const char *expected)
{
    assert_int_equal(read_text(text_of(record)), OK);
    assert_string_equal(log_text.bytes, expected);
}

static void
same(struct text text, const char *expected)
{
    if (!text_is(text, expected))
        fail_msg("\"%.*s\" is not \"%s\"", (int)text.length, text.bytes,
                 expected);
}

static int
set_up(void **state)
{
    (void)state;
    values.ceiling = 1 << 20;
    assert_int_equal(buffer_reserve(&values, 1 << 19), OK);
    assert_int_equal(time_zone_set("Europe/Paris"), OK);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    buffer_free(&values);
    buffer_free(&log_text);
    buffer_free(&scratch);
    return 0;
}

/* -- fixtures: a record is HEAD, agents, SOURCE, entities, the end -- */

#define TYPE(code) "\"type\":{\"system\":\"s\",\"code\":\"" code "\"},"
#define REST(verb)                                    \
    TYPE("rest")                                      \
    "\"subtype\":[{\"system\":\"http://hl7.org/fhir/" \
    "restful-interaction\",\"code\":\"" verb "\"}],"
#define TIME "\"recorded\":\"2026-03-02T09:14:07.120Z\","
#define HEAD "{\"resourceType\":\"AuditEvent\",\"id\":\"e-1\","
#define READ HEAD REST("read") "\"action\":\"R\",\"outcome\":\"0\"," TIME
#define SEARCH HEAD REST("search") "\"action\":\"E\",\"outcome\":\"0\"," TIME
#define AGENT(code, rest)                                                   \
    "{\"type\":{\"coding\":[{\"code\":\"" code "\"}]},\"requestor\":false," \
    "" rest "}"
#define PERSON_AGENT(rest) \
    "{\"type\":{\"coding\":[{\"code\":\"IRCP\"}]},\"requestor\":true," rest "}"
#define AT(address, type) \
    "\"network\":{\"address\":\"" address "\",\"type\":\"" type "\"}"
#define WHO_VALUE(system, value)                                            \
    "\"who\":{\"identifier\":{\"system\":\"" system "\",\"value\":\"" value \
    "\"}}"
#define WHO_NAMED(value) "\"who\":{\"identifier\":{\"value\":\"" value "\"}}"
#define WHO_SHOWN(value) "\"who\":{\"display\":\"" value "\"}"
#define WHO_REF(value) "\"who\":{\"reference\":\"" value "\"}"
#define CLIENT AGENT("110152", WHO_NAMED("poste-3") "," AT("192.0.2.10", "2"))
#define SERVER      \
    AGENT("110153", \
          WHO_SHOWN("srv01") "," AT("https://srv.example.fr:8443/fhir", "5"))
#define DOCTOR                                                               \
    PERSON_AGENT(WHO_VALUE("https://auth.example.fr",                        \
                           "899700427869") ",\"policy\":[\"urn:ietf:params:" \
                                           "oauth:jti:0cc00f99\"]")
#define AGENTS "\"agent\":[" CLIENT "," SERVER "," DOCTOR "],"
#define SOURCE                                                              \
    "\"source\":{\"site\":\"site-1\",\"observer\":{\"display\":\"vigie\"}," \
    "\"type\":[{\"code\":\"4\"}]},"
#define PATIENT(id)                                                   \
    "{\"type\":{\"code\":\"1\"},\"role\":{\"code\":\"1\"},\"what\":{" \
    "\"reference\":\"Patient/" id "\"}}"
#define OBJECT(reference)                                             \
    "{\"type\":{\"code\":\"2\"},\"role\":{\"code\":\"4\"},\"what\":{" \
    "\"reference\":\"" reference "\"}}"
#define QUERY(base64)                                                  \
    "{\"type\":{\"code\":\"2\"},\"role\":{\"code\":\"24\"},\"query\":" \
    "\"" base64 "\"}"
#define ENTITIES(list) "\"entity\":[" list "]}"
#define WHOLE \
    READ AGENTS SOURCE ENTITIES(OBJECT("Observation/7") "," PATIENT("42"))

static void
reads(const char *record)
{
    told(record, "event@0 ");
    assert_int_equal(events, 1);
}

/* -- refused -- */

static void
broken_records_are_refused(void **state)
{
    (void)state;
    told("{\"resourceType\":\"AuditEvent\",\"id\":\"x",
         "!record-truncated:id@0 ");
    told("{\"resourceType\":\"AuditEvent\",\"id\":\"x\"} y",
         "!json-trailing:@38 ");
    told("{\"resourceType\":\"AuditEvent\",\"agent\":{}}",
         "!json-type:agent@37 ");
    told("{\"resourceType\":\"AuditEvent\",\"recorded\":12}",
         "!json-type:recorded@40 ");
    told("17", "!json-type:@0 ");
    told("{\"a\":01}", "!json-number:@6 ");
}

static void
keys_that_stand_twice_are_refused(void **state)
{
    (void)state;
    told("{\"resourceType\":\"AuditEvent\",\"agent\":[],\"agent\":[]}",
         "!json-duplicate-key:agent@48 ");
    told("{\"resourceType\":\"AuditEvent\",\"outcome\":\"8\","
         "\"out\\u0063ome\":\"0\"}",
         "!json-duplicate-key:outcome@58 ");
    told("{\"resourceType\":\"AuditEvent\",\"resourceType\":\"Patient\"}",
         "!json-duplicate-key:resourceType@44 ");
    told("{\"resourceType\":\"Patient\",\"resourceType\":\"AuditEvent\"}",
         "!json-duplicate-key:resourceType@0 ");
    told(READ "\"agent\":[{\"who\":{\"reference\":\"Practitioner/1\"},"
              "\"who\":{}}]}",
         "!json-duplicate-key:who@273 ");
}

static void
times_outside_the_believed_years_are_refused(void **state)
{
    (void)state;
    told(HEAD REST("read") "\"recorded\":\"1899-01-01T00:00:00Z\"," AGENTS
             ENTITIES(PATIENT("1")),
         "!time-year:recorded@0 ");
    told(HEAD REST("read") "\"recorded\":\"2999-01-01T00:00:00Z\"," AGENTS
             ENTITIES(PATIENT("1")),
         "!time-year:recorded@0 ");
    told(HEAD REST("read") "\"recorded\":\"yesterday\"," AGENTS ENTITIES(
             PATIENT("1")),
         "!time-format:recorded@0 ");
    told(HEAD REST("read") AGENTS ENTITIES(PATIENT("1")),
         "!time-missing:recorded@0 ");
}

static struct text
repeated(const char *head, const char *item, unsigned count, const char *tail)
{
    struct buffer out = {0};

    assert_int_equal(buffer_string(&out, head), OK);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(
            buffer_format(&out, "%s%s%u\"}}", i > 0 ? "," : "", item, i), OK);
    assert_int_equal(buffer_string(&out, tail), OK);
    return buffer_as_text(&out);
}

static void
more_agents_or_persons_than_fit_are_refused_never_cut(void **state)
{
    struct text agents =
        repeated(READ "\"agent\":[", "{\"who\":{\"display\":\"a", 17, "]}");
    struct text entities = repeated(
        READ AGENTS "\"entity\":[",
        "{\"type\":{\"code\":\"1\"},\"what\":{\"reference\":\"Patient/", 81,
        "]}");
    struct text persons = repeated(
        READ AGENTS "\"entity\":[",
        "{\"type\":{\"code\":\"1\"},\"what\":{\"reference\":\"Patient/", 65,
        "]}");

    (void)state;
    assert_int_equal(read_text(agents), OK);
    assert_non_null(strstr(log_text.bytes, "!audit-agents-max:agent@"));
    assert_int_equal(read_text(entities), OK);
    assert_non_null(strstr(log_text.bytes, "!audit-entities-max:entity@"));
    assert_int_equal(read_text(persons), OK);
    assert_string_equal(log_text.bytes, "!persons-max:entity@0 ");
    free((void *)(uintptr_t)agents.bytes);
    free((void *)(uintptr_t)entities.bytes);
    free((void *)(uintptr_t)persons.bytes);
}

static void
a_value_longer_than_any_is_refused(void **state)
{
    char *record = malloc(8000);

    (void)state;
    assert_non_null(record);
    strcpy(record, READ "\"agent\":[" CLIENT
                        ",{\"requestor\":true,\"who\":{\"display\":\"");
    size_t at = strlen(record);
    memset(record + at, 'x', EVENT_VALUE_BYTES_MAX + 1);
    strcpy(record + at + EVENT_VALUE_BYTES_MAX + 1,
           "\"}}]," ENTITIES(PATIENT("1")));
    told(record, "!value-bytes-max:agent.who@0 ");
    free(record);
}

/* -- ignored -- */

static void
valid_records_that_are_no_access_are_ignored_by_kind(void **state)
{
    (void)state;
    told("{\"resourceType\":\"Patient\",\"id\":\"1\"}", "other-resource@0 ");
    told("{\"resourceType\":\"Bundle\",\"entry\":[]}", "empty-bundle@0 ");
    told(HEAD TYPE("110100") "\"subtype\":[{\"code\":\"110120\"}]}",
         "start-stop@0 ");
    told(HEAD TYPE("110100") "\"subtype\":[{\"code\":\"poke\"}]}",
         "application-activity@0 ");
    told(HEAD TYPE("110101") TIME "\"agent\":[]}", "audit-log-used@0 ");
    told(HEAD TYPE("110113") "\"subtype\":[{\"code\":\"AuthZ-Consent\"}],"
                             "\"outcome\":\"0\"}",
         "authorization-decision@0 ");
    told(HEAD TYPE("110114") "\"subtype\":[{\"code\":\"110126\"}]}",
         "node-authentication@0 ");
    told(READ AGENTS ENTITIES(""), "event@0 ");
    told(READ AGENTS ENTITIES(OBJECT("Practitioner/3")), "no-person@0 ");
    told(HEAD REST("create") "\"action\":\"C\"," TIME AGENTS ENTITIES(
             OBJECT("Observation/3")),
         "no-person@0 ");
}

static void
a_patient_who_reads_is_no_professional(void **state)
{
    (void)state;
    told(READ "\"agent\":[" CLIENT ",{\"requestor\":true," WHO_REF(
             "Patient/42") "}]," ENTITIES(PATIENT("42")),
         "patient-self-access@0 ");
    told(READ "\"agent\":[{\"requestor\":true,\"role\":[{\"coding\":[{"
              "\"code\":\"REP\"}]}],\"name\":\"J. Aidant\"}]," ENTITIES(
                  PATIENT("42")),
         "patient-self-access@0 ");
}

static void
objects_that_are_neither_fhir_nor_keycloak_are_left_to_others(void **state)
{
    (void)state;
    assert_int_equal(read_text(TEXT("{\"a\":1}")), E_NOTFOUND);
    assert_string_equal(log_text.bytes, "");
    assert_int_equal(read_text(TEXT("{\"resource\":{\"name\":\"x\"}}")),
                     E_NOTFOUND);
    assert_int_equal(read_text(TEXT("{\"resource\":\"x\"}")), E_NOTFOUND);
}

/* -- the professional -- */

static void
professional(const char *agents, const char *system, const char *value)
{
    char record[4096];

    (void)snprintf(record, sizeof(record), "%s\"agent\":[%s],%s", READ, agents,
                   ENTITIES(PATIENT("42")));
    reads(record);
    same(seen.professional, value);
    same(seen.professional_system, system);
}

static void
a_machine_is_not_the_professional(void **state)
{
    (void)state;
    professional(CLIENT "," SERVER, "", "");
    professional("{\"type\":{\"coding\":[{\"code\":\"110150\"}]},"
                 "\"requestor\":true," WHO_NAMED("app") "}",
                 "", "");
    professional("{\"requestor\":true," WHO_REF("Device/9") "}", "", "");
    professional(
        "{\"type\":{\"coding\":[{\"code\":\"110153\"}]},"
        "\"requestor\":true," WHO_SHOWN("srv") "," AT("192.0.2.1", "2") "}",
        "", "");
    professional("{\"requestor\":true," WHO_NAMED(
                     "http://www.w3.org/2005/08/addressing/anonymous") "}",
                 "", "");
}

static void
the_identifier_comes_before_reference_and_display(void **state)
{
    (void)state;
    professional(CLIENT "," SERVER "," DOCTOR, "https://auth.example.fr",
                 "899700427869");
    professional(PERSON_AGENT("\"who\":{\"reference\":\"Practitioner/7\","
                              "\"identifier\":{\"value\":\"01234\"},"
                              "\"display\":\"Dr X\"}"),
                 "", "01234");
    professional(PERSON_AGENT("\"who\":{\"reference\":\"Practitioner/7\","
                              "\"display\":\"Dr X\"}"),
                 "", "Practitioner/7");
    professional(PERSON_AGENT(WHO_SHOWN("Dr X") ",\"name\":\"N\""), "", "Dr X");
    professional(PERSON_AGENT("\"altId\":\"a7\",\"name\":\"N\""), "", "a7");
    professional(PERSON_AGENT("\"name\":\"N\""), "", "N");
    /* the French "trace des evenements" gives who and requestor only */
    professional("{\"requestor\":true," WHO_REF("Practitioner/8") "}", "",
                 "Practitioner/8");
}

static void
user_and_issuer_are_taken_out_of_a_saml_name(void **state)
{
    (void)state;
    professional("{\"requestor\":true,\"name\":\"dr<899700427869@https://"
                 "auth.example.fr>\"," WHO_NAMED("http://x/y") "}",
                 "https://auth.example.fr", "899700427869");
}

/* -- client, device, session, service -- */

static void
the_client_is_the_agent_with_an_address_whatever_its_role(void **state)
{
    (void)state;
    /* BALP turns the roles round in a query: the kind of point decides */
    reads(SEARCH "\"agent\":[" AGENT(
        "110152", WHO_SHOWN("srv01") "," AT(
                      "https://srv.example.fr/fhir",
                      "5")) "," AGENT("110153",
                                      WHO_NAMED("poste-4") "," AT(
                                          "2001:DB8::1",
                                          "2")) "," DOCTOR
                                                "]," ENTITIES(PATIENT("42")));
    same(seen.address, "2001:db8::1");
    same(seen.device, "poste-4");
    same(seen.service, "srv.example.fr");
    /* an address behind a URI is the server's, never the client's */
    reads(READ "\"agent\":[" AGENT(
        "110152", WHO_NAMED("a") "," AT(
                      "http://192.0.2.9/fhir",
                      "5")) "," AGENT("110153",
                                      WHO_NAMED("b") "," AT(
                                          "192.0.2.8",
                                          "2")) "]," ENTITIES(PATIENT("42")));
    same(seen.address, "192.0.2.8");
    same(seen.device, "b");
}

#define BOTH(verb)                                           \
    HEAD REST(verb) TIME "\"agent\":[" AGENT(                \
        "110152", WHO_NAMED("d") "," AT(                     \
                      "192.0.2.2",                           \
                      "2")) "," AGENT("110153",              \
                                      WHO_NAMED("s") "," AT( \
                                          "192.0.2.3",       \
                                          "2")) "]," ENTITIES(PATIENT("42"))

static void
where_both_ends_have_addresses_roles_decide(void **state)
{
    (void)state;
    reads(BOTH("read"));
    same(seen.address, "192.0.2.2");
    same(seen.device, "d");
    same(seen.service, "192.0.2.3");
    reads(BOTH("search"));
    same(seen.address, "192.0.2.3");
    same(seen.service, "192.0.2.2");
}

static void
an_application_names_the_device_only_where_the_client_does_not(void **state)
{
    (void)state;
    reads(READ "\"agent\":[" AGENT("110150", WHO_NAMED("app-1")) "," AGENT(
        "110152", AT("192.0.2.2", "2")) "," DOCTOR
                                        "]," ENTITIES(PATIENT("42")));
    same(seen.address, "192.0.2.2");
    same(seen.device, "app-1");
    reads(READ "\"agent\":[" AGENT(
        "110150", WHO_NAMED("app-1") "," AT("192.0.2.2",
                                            "2")) "," CLIENT "," DOCTOR
                                                  "]," ENTITIES(PATIENT("42")));
    same(seen.device, "poste-3");
}

static void
the_session_is_the_tokens_id_without_its_prefix(void **state)
{
    (void)state;
    reads(READ "\"agent\":[" PERSON_AGENT(
        WHO_NAMED("1") ",\"policy\":[\"http:/"
                       "/consent.example/"
                       "p\"]") "]," ENTITIES(PATIENT("42")));
    same(seen.session, "");
    assert_int_equal(seen.session_kind, SESSION_NONE);
    reads(WHOLE);
    same(seen.session, "0cc00f99");
    assert_int_equal(seen.session_kind, SESSION_TOKEN);
    /* opaque tokens: BALP keeps their last 32 characters */
    reads(READ
          "\"agent\":[{\"type\":{\"coding\":[{\"code\":"
          "\"UserOauthAgent\"}]},\"requestor\":true,\"policy\":["
          "\"C187CC480FAC40A0936902D8BC324F5F\"]}]," ENTITIES(PATIENT("42")));
    same(seen.session, "C187CC480FAC40A0936902D8BC324F5F");
    same(seen.professional, "");
    reads(READ "\"agent\":[" PERSON_AGENT(WHO_NAMED(
        "1") ",\"policy\":[\"urn:x:other\","
             "\"urn:ietf:params:oauth:jti:j2\"]") "]," ENTITIES(PATIENT("42")));
    same(seen.session, "j2");
}

static void
service_source_side_request_and_record_are_told(void **state)
{
    (void)state;
    reads(READ AGENTS SOURCE ENTITIES(
        PATIENT("42") ",{\"type\":{\"code\":\"XrequestId\"},\"what\":{"
                      "\"identifier\":{\"value\":\"r-77\"}}}"));
    same(seen.service, "srv.example.fr");
    same(seen.source, "vigie");
    same(seen.request, "r-77");
    same(seen.record, "e-1");
    assert_int_equal(seen.side, SIDE_SERVER);
    reads(READ AGENTS "\"source\":{\"observer\":{\"identifier\":{\"value\":"
                      "\"poste-3\"}},\"type\":[{\"code\":\"4\"}]}," ENTITIES(
                          PATIENT("42")));
    assert_int_equal(seen.side, SIDE_CLIENT);
    reads(READ "\"agent\":[" DOCTOR "]," SOURCE ENTITIES(PATIENT("42")));
    same(seen.service, "site-1");
}

/* -- kind and time -- */

static void
a_failed_outcome_is_a_refusal_and_discloses_nothing(void **state)
{
    static const char *const failed[] = {"4", "8", "12", "ok"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char record[4096];
        (void)snprintf(record, sizeof(record), "%s\"outcome\":\"%s\",%s",
                       HEAD REST("read") TIME, failed[i],
                       AGENTS ENTITIES(PATIENT("42")));
        reads(record);
        assert_int_equal(seen.kind, EVENT_REFUSAL);
        assert_int_equal(seen.grade, GRADE_NONE);
        assert_int_equal(seen.categories, 0);
        assert_int_equal(seen.person_count, 1);
    }
    reads(HEAD TYPE("110113") "\"subtype\":[{\"code\":\"AuthZ-Consent\"}],"
                              "\"outcome\":\"8\"," TIME AGENTS ENTITIES(
                                  PATIENT("42")));
    assert_int_equal(seen.kind, EVENT_REFUSAL);
    /* no outcome is a success: an access is never hidden by what lacks */
    reads(HEAD REST("read") TIME AGENTS ENTITIES(PATIENT("42")));
    assert_int_equal(seen.kind, EVENT_ACCESS);
    assert_int_equal(seen.grade, GRADE_DECLARED);
}

static void
logins_and_logouts_are_told_apart(void **state)
{
    (void)state;
    reads(HEAD TYPE("110114") "\"subtype\":[{\"code\":\"110122\"}],"
                              "\"outcome\":\"4\"," TIME AGENTS SOURCE ENTITIES(
                                  ""));
    assert_int_equal(seen.kind, EVENT_REFUSAL);
    reads(HEAD TYPE("110114") "\"subtype\":[{\"code\":\"110122\"}],"
                              "\"outcome\":\"0\"," TIME AGENTS SOURCE ENTITIES(
                                  ""));
    assert_int_equal(seen.kind, EVENT_LOGIN);
    same(seen.professional, "899700427869");
    reads(HEAD TYPE("110114") "\"subtype\":[{\"code\":\"110123\"}]," TIME AGENTS
              SOURCE ENTITIES(""));
    assert_int_equal(seen.kind, EVENT_LOGOUT);
}

static int64_t
utc(int hour, int minute, int second)
{
    struct civil civil = {2026, 3, 2, hour, minute, second, 0};

    return time_from_civil_utc(&civil);
}

static void
the_time_is_the_activitys_own(void **state)
{
    (void)state;
    reads(HEAD REST(
        "read") "\"period\":{\"start\":\"2026-03-02T08:00:00Z\"}," TIME AGENTS
              ENTITIES(PATIENT("42")));
    assert_int_equal(seen.time_us, utc(8, 0, 0));
    /* a partial date of FHIR says less than `recorded` */
    reads(HEAD REST("read") "\"period\":{\"start\":\"2026-03\"}," TIME AGENTS
              ENTITIES(PATIENT("42")));
    assert_int_equal(seen.time_us, utc(9, 14, 7) + 120000);
    assert_int_equal(seen.flags, 0);
    reads(HEAD REST("read") "\"recorded\":\"2026-03-02T10:00:00\"," AGENTS
              ENTITIES(PATIENT("42")));
    assert_int_equal(seen.time_us, utc(9, 0, 0));
    assert_int_equal(seen.flags, EVENT_TIME_ZONE_ASSUMED);
    reads(HEAD REST("read") "\"recorded\":\"2025-10-26T02:30:00\"," AGENTS
              ENTITIES(PATIENT("42")));
    assert_int_equal(seen.flags, EVENT_TIME_ZONE_ASSUMED | EVENT_TIME_DOUBTFUL);
}

static void
a_header_twelve_hours_off_is_flagged_and_does_not_win(void **state)
{
    (void)state;
    header_us = utc(9, 14, 7) + 120000 + 12 * TIME_HOUR_US;
    reads(WHOLE);
    assert_int_equal(seen.flags & EVENT_TIME_DISAGREES, 0);
    header_us += TIME_SECOND_US;
    reads(WHOLE);
    assert_int_equal(seen.flags & EVENT_TIME_DISAGREES, EVENT_TIME_DISAGREES);
    assert_int_equal(seen.time_us, utc(9, 14, 7) + 120000);
    reads(HEAD REST("read") AGENTS ENTITIES(PATIENT("42")));
    assert_int_equal(seen.time_us, header_us);
    header_us = 0;
    fallback_us = utc(1, 0, 0);
    reads(HEAD REST("read") AGENTS ENTITIES(PATIENT("42")));
    assert_int_equal(seen.time_us, fallback_us);
    assert_int_equal(seen.flags, EVENT_TIME_FROM_FILE);
    fallback_us = 0;
}

static void
emergency_access_is_flagged(void **state)
{
    (void)state;
    reads(READ "\"agent\":[" PERSON_AGENT(
        WHO_NAMED("1") ",\"purposeOfUse\":[{\"coding\":[{\"code\":"
                       "\"TREAT\"}]},{\"coding\":[{\"code\":"
                       "\"ETREAT\"}]}]") "]," ENTITIES(PATIENT("42")));
    assert_int_equal(seen.flags, EVENT_EMERGENCY);
    reads(HEAD REST("read") TIME
          "\"purposeOfEvent\":[{\"coding\":[{\"code\":"
          "\"EMER\"}]}]," AGENTS ENTITIES(PATIENT("42")));
    assert_int_equal(seen.flags, EVENT_EMERGENCY);
}

/* -- persons, resources, queries -- */

static void
persons_are_named_as_the_record_names_them(void **state)
{
    (void)state;
    reads(READ AGENTS ENTITIES(
        "{\"type\":{\"code\":\"1\"},\"role\":{\"code\":\"1\"},\"what\":{"
        "\"reference\":\"Patient/42\",\"identifier\":{\"system\":\"urn:oid:"
        "1.2.250.1.213.1.4.10\",\"value\":\"279035121518989\"}}},"
        "{\"type\":{\"code\":\"1\"},\"role\":{\"code\":\"1\"},\"what\":{"
        "\"identifier\":{\"system\":\"urn:oid:1.2.3\",\"value\":\"7\"}}}"
        "," PATIENT("42") "," PATIENT("42")));
    assert_int_equal(seen.person_count, 3); /* the last two are one */
    same(seen.persons[0].shown, "Patient/42");
    same(seen.persons[0].system, "urn:oid:1.2.250.1.213.1.4.10");
    same(seen.persons[0].value, "279035121518989");
    same(seen.persons[1].shown, "urn:oid:1.2.3|7");
    same(seen.persons[1].value, "7");
    same(seen.persons[1].reference, "");
    assert_int_equal(seen.flags, EVENT_TEST_INS);
    /* a doctor who is an entity is no person whose data was seen */
    told(READ AGENTS ENTITIES("{\"type\":{\"code\":\"1\"},\"role\":{\"code\":"
                              "\"8\"},\"what\":{\"reference\":"
                              "\"Practitioner/1\"}}"),
         "no-person@0 ");
}

static void
categories(const char *record, const char *resource, unsigned set)
{
    reads(record);
    assert_string_equal(resource_name(seen.resource), resource);
    assert_int_equal(seen.categories, set);
}

#define PERSON_SET \
    (CATEGORY_IDENTITY | CATEGORY_CONTACT | CATEGORY_POSSIBLE(CATEGORY_NIR))

static void
the_resource_decides_the_categories(void **state)
{
    (void)state;
    categories(WHOLE, "Observation", CATEGORY_MEDICAL);
    categories(READ AGENTS ENTITIES(OBJECT("Patient/42") "," PATIENT("42")),
               "Patient", PERSON_SET);
    /* what is not named cannot be excluded */
    categories(READ AGENTS ENTITIES(PATIENT("42")), "Patient",
               PERSON_SET | CATEGORY_POSSIBLE(CATEGORY_MEDICAL));
    categories(READ AGENTS ENTITIES(OBJECT("Chose/1") "," PATIENT("42")), "",
               CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED);
    categories(SEARCH AGENTS ENTITIES(PATIENT("42")), "",
               CATEGORY_MEDICAL | CATEGORY_UNCLASSIFIED);
}

/* GET /fhir/Patient?family=MARTIN&_count=50 */
#define PATIENT_SEARCH \
    "R0VUIC9maGlyL1BhdGllbnQ/ZmFtaWx5PU1BUlRJTiZfY291bnQ9NTA="
/* GET /fhir/Observation?patient=42&code=x */
#define OBSERVATION_SEARCH \
    "R0VUIC9maGlyL09ic2VydmF0aW9uP3BhdGllbnQ9NDImY29kZT14"
/* GET /fhir/Patient/42/$everything */
#define EVERYTHING "R0VUIC9maGlyL1BhdGllbnQvNDIvJGV2ZXJ5dGhpbmc="

static void
a_search_discloses_its_hits(void **state)
{
    (void)state;
    categories(SEARCH AGENTS ENTITIES(QUERY(PATIENT_SEARCH) "," PATIENT("42")),
               "Patient", PERSON_SET);
    assert_int_equal(seen.flags, EVENT_SEARCH);
    assert_int_equal(seen.grade, GRADE_DECLARED);
    same(seen.query, "GET /fhir/Patient?family=MARTIN&_count=50");
    assert_int_equal(seen.place.kind, QUERY_NAME);
    assert_true(seen.place.at == UINT64_C(0x6d617274696e0000));
    categories(
        SEARCH AGENTS ENTITIES(QUERY(OBSERVATION_SEARCH) "," PATIENT("42")),
        "Observation", CATEGORY_MEDICAL);
    assert_int_equal(seen.place.kind, QUERY_NONE);
}

static void
a_search_without_hits_names_whom_it_asked_for(void **state)
{
    (void)state;
    categories(SEARCH AGENTS ENTITIES(QUERY(OBSERVATION_SEARCH)), "Observation",
               CATEGORY_MEDICAL);
    assert_int_equal(seen.grade, GRADE_REQUESTED);
    assert_int_equal(seen.person_count, 1);
    same(seen.persons[0].reference, "Patient/42");
    reads(SEARCH AGENTS ENTITIES(QUERY(PATIENT_SEARCH)));
    assert_int_equal(seen.person_count, 0); /* a row "unlabelled" */
    assert_int_equal(seen.kind, EVENT_ACCESS);
    same(seen.query, "GET /fhir/Patient?family=MARTIN&_count=50");
    reads(SEARCH AGENTS ENTITIES(QUERY(EVERYTHING)));
    assert_int_equal(seen.interaction, INTERACTION_EXPORT);
    assert_true(seen.categories & CATEGORY_DOCUMENT);
    same(seen.persons[0].reference, "Patient/42");
}

static void
a_read_of_personal_data_without_a_person_is_not_lost(void **state)
{
    (void)state;
    reads(READ AGENTS ENTITIES(OBJECT("DocumentReference/d1")));
    assert_int_equal(seen.kind, EVENT_ACCESS);
    assert_int_equal(seen.person_count, 0);
    assert_int_equal(seen.grade, GRADE_REQUESTED);
    same(seen.query, "DocumentReference/d1");
    /* BALP's profile "Read" (not "PatientRead") says: nobody's */
    told(HEAD "\"meta\":{\"profile\":[\"https://profiles.ihe.net/ITI/BALP/"
              "StructureDefinition/IHE.BasicAudit.Read\"]}," REST("read")
                  TIME AGENTS ENTITIES(OBJECT("DocumentReference/d1")),
         "no-person@0 ");
}

static void
writing_is_flagged(void **state)
{
    (void)state;
    reads(HEAD REST("patch")
              TIME AGENTS ENTITIES(OBJECT("Observation/1") "," PATIENT("42")));
    assert_int_equal(seen.interaction, INTERACTION_UPDATE);
    assert_int_equal(seen.flags, EVENT_WRITE);
}

/* -- Bundles -- */

#define SMALL "{\"resourceType\":\"AuditEvent\"," TYPE("110101") "\"id\":\"1\"}"

static void
bundles_and_arrays_are_gone_through(void **state)
{
    (void)state;
    told("{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":["
         "{\"fullUrl\":\"u\",\"resource\":" SMALL "},{\"resource\":{"
         "\"resourceType\":\"Patient\"}},{\"resource\":{\"x\":1}},"
         "{\"resource\":" SMALL ",\"request\":{\"ifNoneExist\":\"x\"}}]}",
         "audit-log-used@79 other-resource@169 !record-unknown:@197 "
         "audit-log-used@230 ");
    told("{\"fullUrl\":\"u\",\"resource\":" SMALL "}", "audit-log-used@26 ");
    told("[" SMALL "," SMALL "]", "audit-log-used@1 audit-log-used@78 ");
    told(SMALL " " SMALL "\n", "audit-log-used@0 audit-log-used@77 ");
    told("{\"id\":\"x\",\"type\":{\"code\":\"110101\"},\"resourceType\":"
         "\"AuditEvent\"}",
         "audit-log-used@0 ");
    told("[[[[[" SMALL "]]]]]", "!bundle-depth-max:entry@4 ");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_records_are_refused),
        cmocka_unit_test(keys_that_stand_twice_are_refused),
        cmocka_unit_test(times_outside_the_believed_years_are_refused),
        cmocka_unit_test(more_agents_or_persons_than_fit_are_refused_never_cut),
        cmocka_unit_test(a_value_longer_than_any_is_refused),
        cmocka_unit_test(valid_records_that_are_no_access_are_ignored_by_kind),
        cmocka_unit_test(a_patient_who_reads_is_no_professional),
        cmocka_unit_test(
            objects_that_are_neither_fhir_nor_keycloak_are_left_to_others),
        cmocka_unit_test(a_machine_is_not_the_professional),
        cmocka_unit_test(the_identifier_comes_before_reference_and_display),
        cmocka_unit_test(user_and_issuer_are_taken_out_of_a_saml_name),
        cmocka_unit_test(
            the_client_is_the_agent_with_an_address_whatever_its_role),
        cmocka_unit_test(where_both_ends_have_addresses_roles_decide),
        cmocka_unit_test(
            an_application_names_the_device_only_where_the_client_does_not),
        cmocka_unit_test(the_session_is_the_tokens_id_without_its_prefix),
        cmocka_unit_test(service_source_side_request_and_record_are_told),
        cmocka_unit_test(a_failed_outcome_is_a_refusal_and_discloses_nothing),
        cmocka_unit_test(logins_and_logouts_are_told_apart),
        cmocka_unit_test(the_time_is_the_activitys_own),
        cmocka_unit_test(a_header_twelve_hours_off_is_flagged_and_does_not_win),
        cmocka_unit_test(emergency_access_is_flagged),
        cmocka_unit_test(persons_are_named_as_the_record_names_them),
        cmocka_unit_test(the_resource_decides_the_categories),
        cmocka_unit_test(a_search_discloses_its_hits),
        cmocka_unit_test(a_search_without_hits_names_whom_it_asked_for),
        cmocka_unit_test(a_read_of_personal_data_without_a_person_is_not_lost),
        cmocka_unit_test(writing_is_flagged),
        cmocka_unit_test(bundles_and_arrays_are_gone_through),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
