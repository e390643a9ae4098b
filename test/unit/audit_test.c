/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The meaning of DICOM's words, put to audit_report() as the XML parser fills
 * them in. FHIR's are in fhir_json_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/audit.h"

#define T(literal)                     \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }
#define CODE(literal)      \
    {                      \
        .code = T(literal) \
    }
#define ISSUER "https://auth.example.fr/realms/wallet"

static struct audit audit;
static struct event event;
static unsigned calls;

/* The answers, copied out of the sink. */
static char professional[128], issuer[128], device[64], service[64],
    address[64], query[128];
static char shown[4][96], systems[4][64], values[4][64], references[4][64];
static char ignored[64];

static void
copy(char *out, size_t room, struct text text)
{
    assert_true(text.length < room);
    if (text.length > 0)
        memcpy(out, text.bytes, text.length);
    out[text.length] = '\0';
}

static enum result
on_event(void *context, const struct event *given, uint64_t offset)
{
    (void)context;
    (void)offset;
    calls++;
    copy(professional, sizeof(professional), given->professional);
    copy(issuer, sizeof(issuer), given->professional_system);
    copy(device, sizeof(device), given->device);
    copy(service, sizeof(service), given->service);
    copy(address, sizeof(address), given->address);
    copy(query, sizeof(query), given->query);
    for (uint32_t i = 0; i < given->person_count && i < 4; i++) {
        copy(shown[i], sizeof(shown[i]), given->persons[i].shown);
        copy(systems[i], sizeof(systems[i]), given->persons[i].system);
        copy(values[i], sizeof(values[i]), given->persons[i].value);
        copy(references[i], sizeof(references[i]), given->persons[i].reference);
    }
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)context;
    (void)offset;
    copy(ignored, sizeof(ignored), text_of(kind));
    return OK;
}

static enum result
on_refused(void *context, const struct reason *why)
{
    (void)context;
    fail_msg("refused: %s", why->rule);
    return OK;
}

static void
report(unsigned expected)
{
    const struct trail_sink sink = {NULL, on_event, on_ignored, on_refused};
    struct form_context context = {.sink = &sink, .event = &event};

    calls = 0;
    ignored[0] = '\0';
    assert_int_equal(audit_report(&context, &audit, 0), OK);
    assert_int_equal(calls, expected);
}

/* A query by one participant from an address, answered at a URL. */
static int
fresh(void **state)
{
    (void)state;
    memset(&audit, 0, sizeof(audit));
    audit.dicom = true;
    audit.type = (struct audit_code)CODE("110112");
    audit.subtypes[0] = (struct audit_code)CODE("ITI-18");
    audit.subtype_count = 1;
    audit.action = 'E';
    audit.outcome = '0';
    audit.recorded = (struct text)T("2026-03-02T09:14:07Z");
    audit.agents[0] = (struct audit_agent){
        .types = {CODE("110153")},
        .type_count = 1,
        .requestor = true,
        .who_value = T("899700427869"),
        .network_address = T("192.0.2.10"),
        .network_type = '2',
    };
    audit.agents[1] = (struct audit_agent){
        .types = {CODE("110152")},
        .type_count = 1,
        .who_value = T("https://xds.example.fr:8443/registry"),
        .alternative = T("4711"),
        .network_address = T("198.51.100.7"),
        .network_type = '2',
    };
    audit.agent_count = 2;
    audit.entities[0] = (struct audit_entity){
        .type = CODE("1"),
        .role = CODE("1"),
        .value = T("279035121518989^^^&1.2.250.1.213.1.4.10&ISO"),
    };
    audit.entity_count = 1;
    return 0;
}

static void
userid_that_is_no_account_is_no_professional(void **state)
{
    static const char *const nobody[] = {
        "http://www.w3.org/2005/08/addressing/anonymous",
        "https://portal.example.fr/reply",
        "/gateway/fhir/Patient",
        "MESA_DEPARTMENT|MESA_PIX_CLIENT",
        "unknown",
        "Anonymous",
        "WDF-LAP-1237$",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        audit.agents[0].who_value = text_of(nobody[i]);
        report(1);
        assert_string_equal(professional, "");
    }
}

static void
a_saml_name_gives_user_and_issuer(void **state)
{
    (void)state;
    /* nothing before '<', or no '@': no such name */
    audit.agents[0].who_value = (struct text)T("http://x.example/reply");
    audit.agents[0].name = (struct text)T("Dr Martin");
    report(1);
    assert_string_equal(professional, "");
    audit.agents[0].name = (struct text)T("dr<@" ISSUER ">");
    report(1);
    assert_string_equal(professional, "");
    audit.agents[0].name = (struct text)T("dr<899700427869@" ISSUER ">");
    report(1);
    assert_string_equal(professional, "899700427869");
    assert_string_equal(issuer, ISSUER);
    /* a user may be a mail address */
    audit.agents[0].name = (struct text)T("<a@b.example@" ISSUER ">");
    report(1);
    assert_string_equal(professional, "a@b.example");
    assert_string_equal(issuer, ISSUER);
}

static void
userid_stands_where_it_is_an_account_and_takes_the_issuer(void **state)
{
    (void)state;
    report(1);
    assert_string_equal(professional, "899700427869");
    assert_string_equal(issuer, "");
    audit.agents[2] = (struct audit_agent){
        .who_value = T("http://x.example/"),
        .name = T("<899700427869@" ISSUER ">"),
    };
    audit.agent_count = 3;
    audit.agents[0].types[0] = (struct audit_code)CODE("HCP");
    report(1);
    assert_string_equal(professional, "899700427869");
    assert_string_equal(issuer, ISSUER);
}

static void
a_participant_apart_from_the_exchange_comes_first(void **state)
{
    (void)state;
    audit.agents[2] = (struct audit_agent){
        .who_value = T("smitty@hospital.example"),
        .requestor = true,
    };
    audit.agent_count = 3;
    report(1);
    assert_string_equal(professional, "smitty@hospital.example");
}

static void
with_two_addresses_the_requestor_is_the_client(void **state)
{
    (void)state;
    report(1);
    assert_string_equal(address, "192.0.2.10");
    assert_string_equal(service, "xds.example.fr");
    /* against the roles of a retrieval, too, and where it is no person */
    audit.agents[0].who_value = (struct text)T("unknown");
    audit.subtypes[0] = (struct audit_code)CODE("ITI-43");
    report(1);
    assert_string_equal(address, "192.0.2.10");
    /* nobody is said to have asked: destination reads, source queries */
    audit.subtypes[0] = (struct audit_code)CODE("ITI-18");
    audit.agents[0].requestor = false;
    report(1);
    assert_string_equal(address, "192.0.2.10");
    audit.subtypes[0] = (struct audit_code)CODE("ITI-43");
    report(1);
    assert_string_equal(address, "198.51.100.7");
}

static void
a_process_number_is_no_device(void **state)
{
    (void)state;
    audit.agents[0].alternative = (struct text)T("4711");
    report(1);
    assert_string_equal(device, ""); /* UserID is the professional's */
    audit.agents[0].alternative = (struct text)T("smith@nema");
    report(1);
    assert_string_equal(device, "");
    audit.agents[0].alternative = (struct text)T("AETITLE=AEFOO");
    report(1);
    assert_string_equal(device, "AETITLE=AEFOO");
    audit.agents[0].alternative = (struct text){0};
    audit.agents[0].who_value = (struct text)T("PKL|SAP-ISH");
    report(1);
    assert_string_equal(device, "PKL|SAP-ISH");
}

static void
the_anonymous_address_is_no_service(void **state)
{
    (void)state;
    audit.agents[1].who_value =
        (struct text)T("http://www.w3.org/2005/08/addressing/anonymous");
    report(1);
    assert_string_equal(service, "198.51.100.7");
    /* the other end is another address than the client's, where there is */
    audit.agents[1].network_address = (struct text)T("192.0.2.10");
    audit.agents[2] = audit.agents[1];
    audit.agents[2].network_address = (struct text)T("203.0.113.5");
    audit.agent_count = 3;
    report(1);
    assert_string_equal(service, "203.0.113.5");
}

static void
object_ids_are_read_in_every_form(void **state)
{
    (void)state;
    audit.entities[1] = audit.entities[0];
    audit.entities[1].value = (struct text)T("Patient/42");
    audit.entities[2] = audit.entities[0];
    audit.entities[2].value = (struct text)T("urn:oid:1.2.3|77");
    audit.entities[3] = audit.entities[0];
    audit.entities[3].value = (struct text)T("ptid12345");
    audit.entities[4] = audit.entities[0];
    audit.entities[4].value = (struct text){0}; /* names nobody */
    audit.entity_count = 5;
    report(1);
    assert_int_equal(event.person_count, 4);
    assert_string_equal(shown[0],
                        "279035121518989^^^&1.2.250.1.213.1.4.10&ISO");
    assert_string_equal(systems[0], "urn:oid:1.2.250.1.213.1.4.10");
    assert_string_equal(values[0], "279035121518989");
    assert_int_equal(event.flags & EVENT_TEST_INS, EVENT_TEST_INS);
    assert_string_equal(references[1], "Patient/42");
    assert_string_equal(values[1], "");
    assert_string_equal(systems[2], "urn:oid:1.2.3");
    assert_string_equal(values[2], "77");
    assert_string_equal(values[3], "ptid12345");
    assert_string_equal(systems[3], "");
}

static void
repeated_ids_are_one_person_by_its_ins(void **state)
{
    (void)state;
    audit.entities[0].value =
        (struct text)T("~A1^^^NS&1.2.3&ISO^PI~"
                       "279035121518989^^^&1.2.250.1.213.1.4.8&ISO~B2^^^&4.5"
                       "&ISO");
    report(1);
    assert_int_equal(event.person_count, 1);
    assert_string_equal(systems[0], "urn:oid:1.2.250.1.213.1.4.8");
    assert_string_equal(values[0], "279035121518989");
    audit.entities[0].value =
        (struct text)T("A1^^^NS&1.2.3&ISO^PI~B2^^^&4.5&ISO");
    report(1);
    assert_string_equal(systems[0], "urn:oid:1.2.3");
    assert_string_equal(values[0], "A1");
}

static void
transaction(const char *code, const char *resource,
            enum interaction interaction, unsigned categories)
{
    audit.subtypes[0].code = text_of(code);
    report(1);
    assert_string_equal(resource_name(event.resource), resource);
    assert_int_equal(event.interaction, interaction);
    assert_int_equal(event.categories, categories);
}

static void
the_transaction_says_what_was_shown(void **state)
{
    const unsigned content = CATEGORY_MEDICAL | CATEGORY_DOCUMENT;
    const unsigned list =
        CATEGORY_DOCUMENT | CATEGORY_POSSIBLE(CATEGORY_MEDICAL);
    const unsigned person =
        CATEGORY_IDENTITY | CATEGORY_CONTACT | CATEGORY_POSSIBLE(CATEGORY_NIR);

    (void)state;
    transaction("ITI-43", "Binary", INTERACTION_READ, content);
    transaction("ITI-68", "Binary", INTERACTION_READ, content);
    transaction("ITI-18", "DocumentReference", INTERACTION_SEARCH, list);
    transaction("ITI-67", "DocumentReference", INTERACTION_SEARCH, list);
    transaction("ITI-41", "DocumentReference", INTERACTION_CREATE, content);
    transaction("ITI-42", "DocumentReference", INTERACTION_CREATE, list);
    transaction("ITI-45", "Patient", INTERACTION_SEARCH, person);
    transaction("ITI-47", "Patient", INTERACTION_SEARCH, person);
    transaction("ITI-9", "Patient", INTERACTION_SEARCH, person);
    transaction("ITI-21", "Patient", INTERACTION_SEARCH, person);
    transaction("ITI-78", "Patient", INTERACTION_SEARCH, person);
    transaction("ITI-83", "Patient", INTERACTION_SEARCH, person);
    transaction("ITI-55", "Patient", INTERACTION_SEARCH, person);
    audit.action = 'U';
    transaction("ITI-8", "Patient", INTERACTION_UPDATE, person);
}

static void
a_document_retrieved_for_nobody_named_is_not_lost(void **state)
{
    (void)state;
    audit.subtypes[0] = (struct audit_code)CODE("ITI-43");
    audit.entities[0] = (struct audit_entity){
        .type = CODE("2"), .role = CODE("3"), .value = T("1.2.3.4.5")};
    report(1);
    assert_int_equal(event.kind, EVENT_ACCESS);
    assert_int_equal(event.person_count, 0);
    assert_int_equal(event.grade, GRADE_REQUESTED);
    assert_string_equal(query, "1.2.3.4.5");
    /* a write of it shows nobody's data to anybody */
    audit.subtypes[0] = (struct audit_code)CODE("ITI-42");
    report(0);
    assert_string_equal(ignored, "no-person");
}

static void
studies_and_reports_are_known_by_their_id_type(void **state)
{
    (void)state;
    audit.subtype_count = 0;
    audit.type = (struct audit_code)CODE("110110");
    audit.action = 'R';
    audit.entities[1] = (struct audit_entity){.type = CODE("2"),
                                              .role = CODE("3"),
                                              .id_type = CODE("110180"),
                                              .value = T("1.2.840.1")};
    audit.entity_count = 2;
    report(1);
    assert_string_equal(resource_name(event.resource), "ImagingStudy");
    audit.entities[1].id_type = (struct audit_code)CODE("9");
    report(1);
    assert_string_equal(resource_name(event.resource), "Binary");
    assert_int_equal(event.categories, CATEGORY_MEDICAL | CATEGORY_DOCUMENT);
}

static void
the_persons_of_a_query_are_requested(void **state)
{
    (void)state;
    /* status=current&patient.identifier=urn:oid:1.1|215503 */
    audit.subtypes[0] = (struct audit_code)CODE("ITI-67");
    audit.entities[0] = (struct audit_entity){
        .type = CODE("2"),
        .role = CODE("24"),
        .query_base64 = T("c3RhdHVzPWN1cnJlbnQmcGF0aWVudC5pZGVudGlmaWVyPXVybj"
                          "pvaWQ6MS4xfDIxNTUwMw=="),
    };
    report(1);
    assert_int_equal(event.grade, GRADE_REQUESTED);
    assert_int_equal(event.person_count, 1);
    assert_string_equal(shown[0], "urn:oid:1.1|215503");
    assert_string_equal(systems[0], "urn:oid:1.1");
    assert_string_equal(values[0], "215503");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(userid_that_is_no_account_is_no_professional,
                               fresh),
        cmocka_unit_test_setup(a_saml_name_gives_user_and_issuer, fresh),
        cmocka_unit_test_setup(
            userid_stands_where_it_is_an_account_and_takes_the_issuer, fresh),
        cmocka_unit_test_setup(
            a_participant_apart_from_the_exchange_comes_first, fresh),
        cmocka_unit_test_setup(with_two_addresses_the_requestor_is_the_client,
                               fresh),
        cmocka_unit_test_setup(a_process_number_is_no_device, fresh),
        cmocka_unit_test_setup(the_anonymous_address_is_no_service, fresh),
        cmocka_unit_test_setup(object_ids_are_read_in_every_form, fresh),
        cmocka_unit_test_setup(repeated_ids_are_one_person_by_its_ins, fresh),
        cmocka_unit_test_setup(the_transaction_says_what_was_shown, fresh),
        cmocka_unit_test_setup(
            a_document_retrieved_for_nobody_named_is_not_lost, fresh),
        cmocka_unit_test_setup(studies_and_reports_are_known_by_their_id_type,
                               fresh),
        cmocka_unit_test_setup(the_persons_of_a_query_are_requested, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
