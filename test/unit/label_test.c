/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What single bodies disclose, the windows, the limits, declared rules. The
 * real files are label_pieces_test's and test/e2e/label_test.py's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/help/label_told.h"

static struct label *label;

/* The lines of a body, whole and byte by byte by every scanner. */
static void
tells(enum label_body body, const char *json, const char *lines)
{
    for (int scan = LABEL_SCAN_PLAIN; scan <= LABEL_SCAN_AVX512; scan++) {
        for (size_t piece = 0; piece <= 1; piece++) {
            struct label_told told;
            label_begin(label, body, NULL);
            if (!label_scan_choose(label, (enum label_scan)scan))
                continue;
            label_told(label, body, NULL, (enum label_scan)scan, text_of(json),
                       piece, 0, &told);
            assert_int_equal(told.result, OK);
            assert_int_equal(buffer_byte(&told.lines, '\0'), OK);
            assert_string_equal(told.lines.bytes, lines);
            label_told_free(&told);
        }
    }
}

static void
refuses(enum label_body body, struct text json, const char *rule,
        uint64_t offset)
{
    for (int scan = LABEL_SCAN_PLAIN; scan <= LABEL_SCAN_AVX512; scan++) {
        for (size_t piece = 0; piece <= 1; piece++) {
            struct label_told told;
            label_begin(label, body, NULL);
            if (!label_scan_choose(label, (enum label_scan)scan))
                continue;
            label_told(label, body, NULL, (enum label_scan)scan, json, piece, 0,
                       &told);
            assert_int_not_equal(told.result, OK);
            assert_string_equal(told.why.rule, rule);
            if (offset != UINT64_MAX)
                assert_int_equal(told.why.offset, offset);
            label_told_free(&told);
        }
    }
}

/* -- refused -- */

static void
what_is_not_json_is_refused_with_its_offset(void **state)
{
    (void)state;
    refuses(LABEL_FHIR, TEXT("<html>"), "json-syntax", 0);
    refuses(LABEL_FHIR, TEXT(""), "json-truncated", 0);
    refuses(LABEL_FHIR, TEXT("{\"a\":1,}"), "json-syntax", 7);
    refuses(LABEL_FHIR, TEXT("{\"a\":01}"), "json-syntax", 6);
    refuses(LABEL_FHIR, TEXT("{\"a\":\"\xc3(\"}"), "json-utf8", 7);
    refuses(LABEL_FHIR, TEXT("{\"a\":1} {\"a\":1}"), "json-syntax", 8);
    refuses(LABEL_FHIR_LINES, TEXT("{\"a\":1} {\"a\":1}"), "json-syntax", 8);
    refuses(LABEL_FHIR, TEXT("{\"resourceType\":\"Patient\",\"id\":\"1\""),
            "json-truncated", 34);
}

static void
a_fault_far_inside_is_refused_at_its_byte(void **state)
{
    static const struct {
        const char *bad;
        const char *rule;
        uint64_t behind;
    } faults[] = {
        {"[1 2]", "json-syntax", 3},
        {"{\"a\" 1}", "json-syntax", 5},
        {"[\"a\":1]", "json-syntax", 4},
        {"{\"a\",\"b\":1}", "json-syntax", 4},
        {"{\"a\":1]", "json-syntax", 6},
        {"[tru]", "json-syntax", 4},
        {"[\"\\x\"]", "json-escape", 3},
        {"[\"\\u12G4\"]", "json-escape", 6},
        {"[\"\t\"]", "json-string-control", 2},
        {"[1.]", "json-number", 3},
        {"{1:2}", "json-syntax", 1},
        {"[,1]", "json-syntax", 1},
        {"[1,]", "json-syntax", 3},
        {"{\"a\":}", "json-syntax", 5},
        {"[\"a\"\"b\"]", "json-syntax", 4},
        {"{\"a\":1:2}", "json-syntax", 6},
        {"{\"a\":\"b\":2}", "json-syntax", 8},
        {"{\"a\"::2}", "json-syntax", 5},
        {"[\"\xc3(\"]", "json-utf8", 3},
        {"[\"\xc3\xa9\xc3\"]", "json-utf8", 5},
        {"[\"\xa9\"]", "json-utf8", 2},
        {"[\"\xc0\x80\"]", "json-utf8", 2},
        {"[\"\xe2\x82(\"]", "json-utf8", 4},
        {"[\"\xed\xa0\x80\"]", "json-utf8", 3},
        {"[\"\xf4\x90\x80\x80\"]", "json-utf8", 3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        /* over every place in a block, and where eight blocks end */
        for (unsigned pad = 0; pad < 460; pad += pad == 129 ? 200 : 1) {
            char json[2048];
            const int before = snprintf(
                json, sizeof(json),
                "{\"resourceType\":\"Basic\",\"pad\":\"%0*u\",\"b\":", pad + 80,
                0u);
            (void)snprintf(json + before, sizeof(json) - (size_t)before,
                           "%s,\"tail\":\"%0900u\"}", faults[i].bad, 0u);
            refuses(LABEL_FHIR, text_of(json), faults[i].rule,
                    (uint64_t)before + faults[i].behind);
        }
    }
}

static void
a_decisive_member_twice_leaves_no_label(void **state)
{
    (void)state;
    refuses(LABEL_FHIR,
            TEXT("{\"resourceType\":\"Basic\",\"resourceType\":\"Patient\"}"),
            "label-member-twice", UINT64_MAX);
    refuses(LABEL_FHIR, TEXT("{\"id\":\"1\",\"id\":\"2\"}"),
            "label-member-twice", UINT64_MAX);
    refuses(LABEL_FHIR,
            TEXT("{\"subject\":{\"reference\":\"Patient/1\","
                 "\"reference\":\"Patient/2\"}}"),
            "label-member-twice", UINT64_MAX);
}

static void
every_limit_leaves_no_label(void **state)
{
    struct buffer json = {0};

    (void)state;
    for (int i = 0; i < LABEL_DEPTH_MAX + 1; i++)
        assert_int_equal(buffer_byte(&json, '['), OK);
    refuses(LABEL_FHIR, buffer_as_text(&json), "label-depth-max",
            LABEL_DEPTH_MAX);
    buffer_clear(&json);
    assert_int_equal(
        buffer_format(&json, "{\"id\":\"%0*d\"}", LABEL_ID_BYTES_MAX + 1, 1),
        OK);
    refuses(LABEL_FHIR, buffer_as_text(&json), "label-id-bytes-max",
            UINT64_MAX);
    buffer_clear(&json);
    assert_int_equal(buffer_format(&json,
                                   "{\"subject\":{\"reference\":\"%0*d\"}}",
                                   LABEL_VALUE_BYTES_MAX + 1, 1),
                     OK);
    refuses(LABEL_FHIR, buffer_as_text(&json), "label-value-bytes-max",
            UINT64_MAX);
    buffer_clear(&json);
    assert_int_equal(
        buffer_string(&json, "{\"resourceType\":\"Group\",\"member\":["), OK);
    for (int i = 0; i <= LABEL_REFERENCES_MAX; i++)
        assert_int_equal(
            buffer_format(&json,
                          "%s{\"entity\":{\"reference\":\"Patient/%d\"}}",
                          i == 0 ? "" : ",", i),
            OK);
    assert_int_equal(buffer_string(&json, "]}"), OK);
    refuses(LABEL_FHIR, buffer_as_text(&json), "label-references-max",
            UINT64_MAX);
    buffer_clear(&json);
    for (int i = 0; i < LABEL_RESOURCES_MAX; i++)
        assert_int_equal(buffer_string(&json, "{\"entry\":{\"resource\":"), OK);
    assert_int_equal(buffer_string(&json, "{"), OK);
    refuses(LABEL_FHIR, buffer_as_text(&json), "label-resources-max",
            UINT64_MAX);
    buffer_clear(&json);
    for (int i = 0; i <= LABEL_NAMES_MAX; i++)
        assert_int_equal(
            buffer_format(&json,
                          "{\"resourceType\":\"Patient\",\"id\":\"%d\"}\n", i),
            OK);
    refuses(LABEL_FHIR_LINES, buffer_as_text(&json), "label-names-max",
            UINT64_MAX);
    buffer_free(&json);
}

/* -- categories -- */

#define P "{\"resourceType\":\"Patient\",\"id\":\"1\""

static void
a_patient_is_told_by_its_elements(void **state)
{
    (void)state;
    tells(LABEL_FHIR, P "}", "Patient/1=0001+0\n");
    tells(LABEL_FHIR, P ",\"birthDate\":\"1984\",\"telecom\":[]}",
          "Patient/1=0005+0\n");
    tells(LABEL_FHIR, P ",\"_birthDate\":{\"extension\":[]}}",
          "Patient/1=0001+0\n");
    tells(LABEL_FHIR, P ",\"managingOrganization\":{}}", "Patient/1=0010+0\n");
    tells(LABEL_FHIR, P ",\"text\":{\"div\":\"x\"}}", "Patient/1=0020+0\n");
    tells(LABEL_FHIR, P ",\"notOfR4\":1}", "Patient/1=00a0+0\n");
    tells(LABEL_FHIR, P ",\"contact\":[{\"name\":{}},{}]}",
          "Patient/1=0004+2\n");
    tells(LABEL_FHIR,
          P ",\"extension\":[{\"url\":\"http://hl7.org/fhir/"
            "StructureDefinition/patient-birthPlace\"}]}",
          "Patient/1=0001+0\n");
    tells(LABEL_FHIR, P ",\"extension\":[{\"url\":\"http://x/y\"}]}",
          "Patient/1=00a0+0\n");
}

#define INS "\"system\":\"urn:oid:1.2.250.1.213.1.4.8\""
#define CODE(code) "\"type\":{\"coding\":[{\"code\":\"" code "\"}]}"

static void
a_nir_is_found_by_system_and_type(void **state)
{
    (void)state;
    tells(LABEL_FHIR,
          P ",\"identifier\":[{" INS
            ",\"value\":\"284058832102532\"," CODE("INS-NIR") "}]}",
          "Patient/1=0002+0\n");
    /* the billing number, and one without a system */
    tells(LABEL_FHIR,
          P ",\"identifier\":[{" INS
            ",\"value\":\"2840588321025\"," CODE("NH") "}]}",
          "Patient/1=0002+0\n");
    tells(LABEL_FHIR,
          P ",\"identifier\":[{\"value\":\"284058832102532\"," CODE(
              "INS-NIA") "}]}",
          "Patient/1=0002+0\n");
    /* an IPP is identity, also beside it */
    tells(LABEL_FHIR,
          P ",\"identifier\":[{\"system\":\"urn:oid:1.2.3\",\"value\":"
            "\"8\"," CODE("PI") "}]}",
          "Patient/1=0001+0\n");
    tells(LABEL_FHIR,
          P ",\"identifier\":[{" INS ",\"value\":\"284058832102532\"},"
            "{\"system\":\"urn:oid:1.2.3\",\"value\":\"8\"}]}",
          "Patient/1=0003+0\n");
    /* Mon espace santé: the address is the NIR */
    tells(LABEL_FHIR,
          P ",\"telecom\":[{\"value\":\"284052A32102552@patient.mssante.fr\"}"
            "]}",
          "Patient/1=0006+0\n");
    tells(LABEL_FHIR,
          P ",\"telecom\":[{\"value\":\"jean@medecin.mssante.fr\"}]}",
          "Patient/1=0004+0\n");
    tells(LABEL_FHIR,
          "{\"resourceType\":\"Coverage\",\"subscriberId\":\"2\","
          "\"beneficiary\":{\"reference\":\"Patient/1\"}}",
          "Patient/1=000a+0\n");
}

static void
other_types_are_told_by_type_and_element(void **state)
{
    (void)state;
    tells(LABEL_FHIR,
          "{\"resourceType\":\"Encounter\",\"status\":\"finished\","
          "\"subject\":{\"reference\":\"Patient/1\"}}",
          "Patient/1=0010+0\n");
    tells(LABEL_FHIR,
          "{\"resourceType\":\"Encounter\",\"subject\":{\"reference\":"
          "\"Patient/1\",\"display\":\"X\"},\"reasonCode\":[]}",
          "Patient/1=0130+0\n");
    tells(LABEL_FHIR,
          "{\"resourceType\":\"DocumentReference\",\"subject\":{"
          "\"reference\":\"Patient/1\"},\"content\":[{\"attachment\":{"
          "\"url\":\"u\"}}]}",
          "Patient/1=0040+0\n");
    tells(LABEL_FHIR,
          "{\"resourceType\":\"DocumentReference\",\"subject\":{"
          "\"reference\":\"Patient/1\"},\"content\":[{\"attachment\":{"
          "\"data\":\"QUJD\"}}]}",
          "Patient/1=0060+0\n");
    tells(LABEL_FHIR, "{\"resourceType\":\"Organization\",\"id\":\"1\"}", "");
    tells(LABEL_FHIR, "{\"resourceType\":\"NotOfR4\",\"id\":\"1\"}",
          "=00a0+0\n");
    tells(LABEL_FHIR, "{\"a\":1}", "=00a0+0\n");
    tells(LABEL_FHIR, "[1,2]", "=00a0+0\n");
    tells(LABEL_FHIR, "{\"resourceType\":\"Binary\",\"data\":\"QUJD\"}",
          "=0060+0\n");
}

/* -- persons -- */

static void
references_of_every_form_name_the_person(void **state)
{
    (void)state;
#define OBSERVATION(reference) \
    "{\"subject\":{" reference "},\"resourceType\":\"Observation\"}"
    tells(LABEL_FHIR, OBSERVATION("\"reference\":\"Patient/1/_history/2\""),
          "Patient/1=0020+0\n");
    tells(LABEL_FHIR, OBSERVATION("\"reference\":\"https://s/r4/Patient/1\""),
          "https://s/r4/Patient/1=0020+0\n");
    tells(LABEL_FHIR, OBSERVATION("\"reference\":\"urn:uuid:7\""),
          "urn:uuid:7=0020+0\n");
    tells(LABEL_FHIR, OBSERVATION("\"reference\":\"Group/1\""), "=0020+0\n");
    tells(LABEL_FHIR,
          OBSERVATION("\"identifier\":{\"system\":\"s\",\"value\":\"v\"}"),
          "s|v=0020+0\n");
    tells(LABEL_FHIR,
          OBSERVATION("\"type\":\"Group\",\"identifier\":{\"value\":\"v\"}"),
          "=0020+0\n");
    tells(LABEL_FHIR, OBSERVATION("\"r\\u0065ference\":\"Patient\\/1\""),
          "Patient/1=0020+0\n");
    /* an author by number alone is rather a professional */
    tells(LABEL_FHIR,
          "{\"resourceType\":\"Observation\",\"performer\":[{\"identifier\":{"
          "\"system\":\"urn:oid:1.2.250.1.71.4.2.1\",\"value\":\"8\"}}]}",
          "=0020+0\n");
}

static void
a_contained_patient_is_named_by_its_identifier(void **state)
{
    (void)state;
    tells(LABEL_FHIR,
          "{\"subject\":{\"reference\":\"#p\"},\"contained\":[{\"id\":\"p\","
          "\"identifier\":[{\"system\":\"s\",\"value\":\"v\"}],"
          "\"resourceType\":\"Patient\"}],\"id\":\"9\",\"resourceType\":"
          "\"Observation\"}",
          "s|v=0021+0\n");
    tells(LABEL_FHIR,
          "{\"subject\":{\"reference\":\"#p\"},\"contained\":[{\"id\":\"p\","
          "\"resourceType\":\"Patient\"}],\"id\":\"9\",\"resourceType\":"
          "\"Observation\"}",
          "Observation/9#p=0021+0\n");
}

#define ENTRY(url, resource) \
    "{\"resource\":" resource ",\"fullUrl\":\"" url "\"}"
#define OF(url)                                                  \
    "{\"subject\":{\"reference\":\"" url "\"},\"resourceType\":" \
    "\"Condition\"}"
#define BUNDLE(entries) "{\"entry\":[" entries "],\"resourceType\":\"Bundle\"}"

static void
a_bundle_resolves_its_references(void **state)
{
    (void)state;
    tells(LABEL_FHIR,
          BUNDLE(ENTRY("urn:uuid:2", OF("urn:uuid:1")) "," ENTRY("urn:uuid:1",
                                                                 P "}")),
          "Patient/1=0021+0\n");
    tells(
        LABEL_FHIR,
        BUNDLE(ENTRY("https://s/Condition/2",
                     OF("https://s/Patient/1")) "," ENTRY("https://s/Patient/1",
                                                          P "}")),
        "Patient/1=0021+0\n");
    /* a subject that turns out to be a group is nobody's name */
    tells(LABEL_FHIR,
          BUNDLE(ENTRY("urn:uuid:2", OF("urn:uuid:1")) "," ENTRY(
              "urn:uuid:1", "{\"resourceType\":\"Group\"}")),
          "=00a0+0\n");
    /* two servers, one id: two persons */
    tells(LABEL_FHIR,
          BUNDLE(ENTRY("https://s/Patient/1", P "}") "," ENTRY(
              "https://t/Patient/1", P "}") "," ENTRY("https://t/Condition/1",
                                                      OF("Patient/1"))),
          "Patient/1=0001+0\nhttps://t/Patient/1=0021+0\n");
    tells(LABEL_FHIR,
          BUNDLE(ENTRY("urn:uuid:1", P "}") "," ENTRY("urn:uuid:2", P "}")),
          "Patient/1=0001+0\nurn:uuid:2=0001+0\n");
}

/* -- windows -- */

struct heard {
    char lines[1024];
};

static enum result
hear_person(void *context, const struct label_person *person)
{
    struct heard *heard = context;
    char line[256];

    (void)snprintf(line, sizeof(line), "%.*s=%04x ", (int)person->name.length,
                   person->name.bytes, person->categories);
    (void)strncat(heard->lines, line,
                  sizeof(heard->lines) - strlen(heard->lines) - 1);
    return OK;
}

static enum result
hear_join(void *context, struct text name, const struct label_person *as)
{
    struct heard *heard = context;
    char line[256];

    (void)snprintf(line, sizeof(line), "%.*s>%.*s=%04x ", (int)name.length,
                   name.bytes, (int)as->name.length, as->name.bytes,
                   as->categories);
    (void)strncat(heard->lines, line,
                  sizeof(heard->lines) - strlen(heard->lines) - 1);
    return OK;
}

static void
window_is(enum label_reach reach, const char *lines)
{
    struct heard heard = {""};
    const struct label_sink sink = {&heard, hear_person, hear_join};

    assert_int_equal(label_window(label, reach, &sink), OK);
    assert_string_equal(heard.lines, lines);
}

static void
feed(const char *json)
{
    assert_int_equal(label_feed(label, json, strlen(json)), OK);
}

static void
a_window_tells_what_came_since_the_last(void **state)
{
    (void)state;
    label_begin(label, LABEL_FHIR, NULL);
    feed("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":" OF(
        "Patient/1") "},");
    window_is(LABEL_SETTLED, "Patient/1=0020 ");
    feed("{\"resource\":" P "}},{\"resource\":" OF("Patient/1") "}");
    window_is(LABEL_SETTLED, "Patient/1=0001 ");
    window_is(LABEL_SETTLED, "");
    feed("]}");
    assert_int_equal(label_end(label), OK);
    window_is(LABEL_ALL, "");
}

static void
who_is_resolved_in_a_later_window_is_billed_at_once_and_joined(void **state)
{
    (void)state;
    label_begin(label, LABEL_FHIR, NULL);
    feed("{\"resourceType\":\"Bundle\",\"entry\":[" ENTRY(
        "urn:uuid:2", OF("urn:uuid:1")) ",");
    window_is(LABEL_SETTLED, "urn:uuid:1=0020 ");
    feed(ENTRY("urn:uuid:1", P "}") "]}");
    assert_int_equal(label_end(label), OK);
    window_is(LABEL_ALL, "Patient/1=0001 urn:uuid:1>Patient/1=0021 ");
}

static void
a_resource_that_is_cut_by_a_window_is_billed_by_what_left(void **state)
{
    (void)state;
    label_begin(label, LABEL_FHIR, NULL);
    feed("{\"subject\":{\"reference\":\"Patient/1\"},\"note\":[");
    window_is(LABEL_SETTLED, "");
    assert_int_equal(label_settled(label), 0);
    window_is(LABEL_ALL, "Patient/1=00a0 ");
    feed("],\"resourceType\":\"Encounter\"}");
    assert_int_equal(label_end(label), OK);
    window_is(LABEL_ALL, "Patient/1=0010 ");
}

static void
lines_without_end_need_no_more_room(void **state)
{
    struct heard heard = {""};
    const struct label_sink sink = {&heard, hear_person, NULL};
    char line[128];

    (void)state;
    label_begin(label, LABEL_FHIR_LINES, NULL);
    for (int i = 0; i < 5 * LABEL_NAMES_MAX; i++) {
        (void)snprintf(line, sizeof(line),
                       "{\"resourceType\":\"Patient\",\"id\":\"%d\"}\n", i);
        feed(line);
        if (label_pressed(label)) {
            heard.lines[0] = '\0';
            assert_int_equal(label_window(label, LABEL_SETTLED, &sink), OK);
        }
    }
    assert_int_equal(label_end(label), OK);
}

/* -- declared rules -- */

static void
other_json_is_told_by_declared_rules(void **state)
{
    static struct label_rules rules;
    struct label_told told;
    const struct text text =
        TEXT("person patients.ipp urn:oid:1.2.3;\n"
             "category identity patients.nom patients.prenom;\n"
             "category medical patients.sejours.*.motif;\n");
    const struct text body =
        TEXT("{\"patients\":[{\"nom\":\"A\",\"ipp\":\"8\",\"sejours\":[{\"x\":{"
             "\"motif\":\"b\"}}]},{\"ipp\":9},{\"nom\":\"C\"}]}");

    (void)state;
    assert_int_equal(label_rules_parse(text, NULL, &rules), OK);
    for (size_t piece = 0; piece <= 1; piece++) {
        label_told(label, LABEL_JSON, &rules, LABEL_SCAN_BEST, body, piece, 0,
                   &told);
        assert_int_equal(told.result, OK);
        assert_int_equal(buffer_byte(&told.lines, '\0'), OK);
        assert_string_equal(told.lines.bytes,
                            "=0001+0\nurn:oid:1.2.3|8=0021+0\n"
                            "urn:oid:1.2.3|9=0001+0\n");
        label_told_free(&told);
    }
    label_told(label, LABEL_JSON, &rules, LABEL_SCAN_BEST, TEXT("{\"a\":1}"), 0,
               0, &told);
    assert_int_equal(buffer_byte(&told.lines, '\0'), OK);
    assert_string_equal(told.lines.bytes, "=00a0+0\n");
    label_told_free(&told);
}

static void
rules_that_make_no_sense_are_refused_with_their_line(void **state)
{
    static struct label_rules rules;
    static const struct {
        const char *text, *rule;
    } wrong[] = {
        {"person;", "label-rule-words"},
        {"person a..b;", "label-rule-path"},
        {"\ncategory health a;", "label-rule-category"},
        {"persons a;", "conf-unknown"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct reason why = {0};

        assert_int_not_equal(
            label_rules_parse(text_of(wrong[i].text), &why, &rules), OK);
        assert_string_equal(why.rule, wrong[i].rule);
        assert_int_equal(why.offset, i == 2 ? 2 : 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_json_is_refused_with_its_offset),
        cmocka_unit_test(a_fault_far_inside_is_refused_at_its_byte),
        cmocka_unit_test(a_decisive_member_twice_leaves_no_label),
        cmocka_unit_test(every_limit_leaves_no_label),
        cmocka_unit_test(rules_that_make_no_sense_are_refused_with_their_line),
        cmocka_unit_test(a_patient_is_told_by_its_elements),
        cmocka_unit_test(a_nir_is_found_by_system_and_type),
        cmocka_unit_test(other_types_are_told_by_type_and_element),
        cmocka_unit_test(references_of_every_form_name_the_person),
        cmocka_unit_test(a_contained_patient_is_named_by_its_identifier),
        cmocka_unit_test(a_bundle_resolves_its_references),
        cmocka_unit_test(a_window_tells_what_came_since_the_last),
        cmocka_unit_test(
            who_is_resolved_in_a_later_window_is_billed_at_once_and_joined),
        cmocka_unit_test(
            a_resource_that_is_cut_by_a_window_is_billed_by_what_left),
        cmocka_unit_test(lines_without_end_need_no_more_room),
        cmocka_unit_test(other_json_is_told_by_declared_rules),
    };
    int result;

    label = label_told_new();
    if (label == NULL)
        return 1;
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(label);
    return result;
}
