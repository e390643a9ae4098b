/* SPDX-License-Identifier: EUPL-1.2 */
/* form_xml with an audit_report of our own, which writes down what it is
 * given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "ingest/audit.h"

static struct buffer seen;
static char *memory; /* the record, freed before it is looked at */

void
audit_reset(struct audit *audit)
{
    memset(audit, 0, sizeof *audit);
}

static void
put(const char *name, struct text text)
{
    if (text.bytes != NULL)
        assert_int_equal(buffer_format(&seen, " %s=%.*s", name,
                                       (int)text.length, text.bytes),
                         OK);
}

static void
put_code(const char *name, const struct audit_code *code)
{
    if (code->code.bytes != NULL)
        assert_int_equal(
            buffer_format(&seen, " %s=%.*s|%.*s", name,
                          (int)code->system.length, code->system.bytes,
                          (int)code->code.length, code->code.bytes),
            OK);
}

static void
put_agent(const struct audit_agent *agent)
{
    assert_int_equal(
        buffer_format(&seen, "; agent%s%s%s%c", agent->requestor ? "!" : "",
                      agent->emergency ? "E" : "",
                      agent->network_type != 0 ? ":" : "",
                      agent->network_type != 0 ? agent->network_type : ' '),
        OK);
    for (uint32_t i = 0; i < agent->type_count; i++)
        put_code("type", &agent->types[i]);
    for (uint32_t i = 0; i < agent->role_count; i++)
        put_code("role", &agent->roles[i]);
    put("ref", agent->who_reference);
    put("sys", agent->who_system);
    put("val", agent->who_value);
    put("dis", agent->who_display);
    put("alt", agent->alternative);
    put("name", agent->name);
    put("policy", agent->policy);
    put("addr", agent->network_address);
}

static void
put_entity(const struct audit_entity *entity)
{
    assert_int_equal(buffer_string(&seen, "; entity"), OK);
    put_code("type", &entity->type);
    put_code("role", &entity->role);
    put_code("id", &entity->id_type);
    put("ref", entity->reference);
    put("sys", entity->system);
    put("val", entity->value);
    put("name", entity->name);
    put("query", entity->query_base64);
}

enum result
audit_report(struct form_context *context, const struct audit *audit,
             uint64_t at)
{
    (void)context;
    assert_int_equal(buffer_format(&seen, "%s@%u %s %c%c%s",
                                   seen.length > 0 ? "\n" : "", (unsigned)at,
                                   audit->dicom ? "dicom" : "fhir",
                                   audit->action != 0 ? audit->action : '-',
                                   audit->outcome != 0 ? audit->outcome : '-',
                                   audit->emergency    ? "E"
                                   : audit->no_patient ? "N"
                                                       : ""),
                     OK);
    put_code("type", &audit->type);
    for (uint32_t i = 0; i < audit->subtype_count; i++)
        put_code("sub", &audit->subtypes[i]);
    put("id", audit->id);
    put("recorded", audit->recorded);
    put("start", audit->period_start);
    put("site", audit->source_site);
    put("oref", audit->source_observer_reference);
    put("osys", audit->source_observer_system);
    put("oval", audit->source_observer_value);
    put("odis", audit->source_observer_display);
    put("stype", audit->source_type);
    for (uint32_t i = 0; i < audit->agent_count; i++)
        put_agent(&audit->agents[i]);
    for (uint32_t i = 0; i < audit->entity_count; i++)
        put_entity(&audit->entities[i]);
    return OK;
}

static enum result
on_event(void *context, const struct event *event, uint64_t offset)
{
    (void)context;
    (void)event;
    (void)offset;
    return OK;
}

static enum result
on_ignored(void *context, const char *kind, uint64_t offset)
{
    (void)context;
    return buffer_format(&seen, "%s@%u ignored %s", seen.length > 0 ? "\n" : "",
                         (unsigned)offset, kind);
}

static enum result
on_refused(void *context, const struct reason *why)
{
    (void)context;
    return buffer_format(&seen, "%s@%u refused %s %s",
                         seen.length > 0 ? "\n" : "", (unsigned)why->offset,
                         why->rule, why->field);
}

/* What one document comes to; it stands in memory of its exact size, so
 * that a sanitizer sees any step outside. */
static const char *
told(const char *document, uint64_t at)
{
    const struct trail_sink sink = {
        .event = on_event, .ignored = on_ignored, .refused = on_refused};
    const struct trail_options options = {.fallback_time_us = 0};
    struct buffer scratch = {.bytes = NULL};
    struct form_context context = {
        .sink = &sink, .options = &options, .scratch = &scratch};
    size_t length = strlen(document);
    buffer_clear(&seen);
    free(memory);
    memory = malloc(length > 0 ? length : 1);
    assert_non_null(memory);
    memcpy(memory, document, length);
    assert_int_equal(form_xml(&context, (struct text){memory, length}, at), OK);
    buffer_free(&scratch);
    assert_int_equal(buffer_byte(&seen, '\0'), OK);
    return seen.bytes;
}

static void
assert_told(const char *document, const char *expected)
{
    assert_string_equal(told(document, 0), expected);
}

#define FHIR(inside) \
    "<AuditEvent xmlns='http://hl7.org/fhir'>" inside "</AuditEvent>"
#define DICOM(inside) "<AuditMessage>" inside "</AuditMessage>"

static void
a_broken_document_is_refused_and_nothing_of_it_reported(void **state)
{
    (void)state;
    assert_told(FHIR("<id value='1'/>") "x", "@68 refused xml-after-root ");
    assert_told("<AuditMessage><EventIdentification/>",
                "@36 refused xml-truncated ");
    assert_told("<!DOCTYPE AuditMessage><AuditMessage/>",
                "@22 refused xml-doctype ");
}

static void
what_is_said_twice_is_refused(void **state)
{
    (void)state;
    assert_told(FHIR("<recorded value='1'/><recorded value='2'/>"),
                "@61 refused xml-element-twice recorded");
    assert_told(FHIR("<outcome value='0'/><outcome value='8'/>"),
                "@60 refused xml-element-twice outcome");
    assert_told(FHIR("<agent><requestor value='true'/>"
                     "<requestor value='false'/></agent>"),
                "@72 refused xml-element-twice agent.requestor");
    assert_told(DICOM("<EventIdentification EventDateTime='1'/>"
                      "<EventIdentification EventDateTime='2'/>"),
                "@54 refused xml-element-twice EventDateTime");
    assert_told(DICOM("<ParticipantObjectIdentification>"
                      "<ParticipantObjectName>a</ParticipantObjectName>"
                      "<ParticipantObjectName>b</ParticipantObjectName>"
                      "</ParticipantObjectIdentification>"),
                "@95 refused xml-element-twice ParticipantObjectName");
}

static void
too_many_agents_or_entities_refuse_the_record(void **state)
{
    struct buffer document = {.bytes = NULL};
    (void)state;
    assert_int_equal(buffer_string(&document, "<AuditMessage>"), OK);
    for (unsigned i = 0; i <= AUDIT_AGENTS_MAX; i++)
        assert_int_equal(buffer_string(&document, "<ActiveParticipant/>"), OK);
    assert_int_equal(buffer_string(&document, "</AuditMessage>"), OK);
    assert_int_equal(buffer_byte(&document, '\0'), OK);
    assert_told(document.bytes,
                "@334 refused audit-agents-max ActiveParticipant");
    buffer_clear(&document);
    assert_int_equal(
        buffer_string(&document, "<AuditEvent xmlns='http://hl7.org/fhir'>"),
        OK);
    for (unsigned i = 0; i <= AUDIT_ENTITIES_MAX; i++)
        assert_int_equal(
            buffer_string(&document, "<entity><name value='x'/></entity>"), OK);
    assert_int_equal(buffer_string(&document, "</AuditEvent>"), OK);
    assert_int_equal(buffer_byte(&document, '\0'), OK);
    assert_told(document.bytes, "@2760 refused audit-entities-max entity");
    buffer_free(&document);
}

static void
documents_that_are_no_record_are_ignored_by_kind(void **state)
{
    (void)state;
    assert_told("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>",
                "@0 ignored other-document");
    assert_told("<html><AuditMessage/></html>", "@0 ignored other-document");
    assert_told(
        "<Patient xmlns='http://hl7.org/fhir'><id value='1'/></Patient>",
        "@0 ignored other-resource");
    assert_told("<AuditEvent xmlns='urn:other'/>", "@0 ignored other-document");
    assert_told("<Bundle xmlns='http://hl7.org/fhir'/>",
                "@0 ignored empty-bundle");
}

static void
values_in_other_places_are_not_taken(void **state)
{
    (void)state;
    assert_told(
        FHIR("<contained><AuditEvent><recorded value='no'/></AuditEvent>"
             "</contained>"
             "<extension url='u'><recorded value='no'/></extension>"
             "<agent><extension url='u'><name value='no'/></extension>"
             "<who><name value='no'/></who></agent>"
             "<x><x><x><x><x><x><x><x><recorded value='no'/></x></x></x></x>"
             "</x></x></x></x>"),
        "@0 fhir --; agent ");
    assert_told(DICOM("<x><ActiveParticipant UserID='no'/></x>"
                      "<EventID code='no'/>"),
                "@0 dicom --");
}

static void
a_fhir_event_is_read_whole(void **state)
{
    (void)state;
    assert_told(
        FHIR("<id value='i'/><meta><profile value='p'/></meta>"
             "<type><system value='ts'/><code value='rest'/></type>"
             "<subtype><system value='ss'/><code value='read'/></subtype>"
             "<subtype><code value='vread'/></subtype>"
             "<action value='R'/><period><start value='s'/></period>"
             "<recorded value='r'/><outcome value='12'/>"
             "<purposeOfEvent><coding><code value='BTG'/></coding>"
             "</purposeOfEvent>"),
        "@0 fhir RcE type=ts|rest sub=ss|read sub=|vread id=i recorded=r "
        "start=s");
    assert_told(
        FHIR(
            "<agent><type><coding><system value='a'/><code value='b'/>"
            "</coding></type><role><coding><code value='c'/></coding></role>"
            "<who><reference value='Practitioner/1'/><identifier>"
            "<system value='iss'/><value value='899'/></identifier>"
            "<display value='d'/></who><altId value='alt'/><name value='n'/>"
            "<requestor value='true'/><policy value='other'/>"
            "<policy value='urn:ietf:params:oauth:jti:1'/>"
            "<network><address value='192.0.2.1'/><type value='2'/></network>"
            "<purposeOfUse><coding><code value='ETREAT'/></coding>"
            "</purposeOfUse></agent><agent><requestor value='false'/></agent>"),
        "@0 fhir --; agent!E:2 type=a|b role=|c ref=Practitioner/1 sys=iss "
        "val=899 dis=d alt=alt name=n policy=urn:ietf:params:oauth:jti:1 "
        "addr=192.0.2.1; agent ");
    assert_told(
        FHIR("<source><site value='s'/><observer><reference value='Device/1'/>"
             "<identifier><system value='os'/><value value='ov'/></identifier>"
             "<display value='od'/></observer><type><code value='4'/></type>"
             "<type><code value='9'/></type></source>"
             "<entity><what><reference value='Patient/1'/><identifier>"
             "<system value='es'/><value value='ev'/></identifier></what>"
             "<type><system value='t'/><code value='1'/></type>"
             "<role><code value='1'/></role><name value='n'/>"
             "<query value='cQ=='/></entity>"),
        "@0 fhir -- site=s oref=Device/1 osys=os oval=ov odis=od stype=4; "
        "entity type=t|1 role=|1 ref=Patient/1 sys=es val=ev name=n "
        "query=cQ==");
}

static void
the_profile_may_say_that_no_patient_is_concerned(void **state)
{
#define BALP "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
    (void)state;
    assert_told(FHIR("<meta><profile value='" BALP "IHE.BasicAudit.Read'/>"
                     "<profile value='other'/></meta>"),
                "@0 fhir --N");
    assert_told(FHIR("<meta><profile value='" BALP
                     "IHE.BasicAudit.PatientRead'/></meta>"),
                "@0 fhir --");
}

static void
a_prefix_reads_like_the_default_namespace(void **state)
{
    (void)state;
    assert_told("<f:AuditEvent xmlns:f='http://hl7.org/fhir'>"
                "<f:id value='i'/></f:AuditEvent>",
                "@0 fhir -- id=i");
    assert_told("<AuditEvent><id value='i'/></AuditEvent>", "@0 fhir -- id=i");
}

static void
an_unknown_outcome_is_no_success(void **state)
{
    (void)state;
    assert_told(FHIR("<outcome value='success'/>"), "@0 fhir -?");
    assert_told(FHIR("<outcome value='c'/>"), "@0 fhir -?");
    assert_told(DICOM("<EventIdentification EventOutcomeIndicator='12'/>"),
                "@0 dicom -c");
}

#define DIALECT(code, name)                                                   \
    "<EventIdentification EventActionCode='R' EventDateTime='T' "             \
    "EventOutcomeIndicator='0'><EventID " code                                \
    "='110110' codeSystemName='DCM' " name "='x'/><EventTypeCode " code       \
    "='ITI-8' codeSystemName='IHE' " name "='x'/><PurposeOfUse " code         \
    "='EMER'/></EventIdentification>"                                         \
    "<ActiveParticipant UserID='u' AlternativeUserID='a' UserName='n' "       \
    "UserIsRequestor='true' NetworkAccessPointID='192.0.2.1' "                \
    "NetworkAccessPointTypeCode='2'><RoleIDCode " code                        \
    "='110153' codeSystemName='DCM' " name "='x'/></ActiveParticipant>"       \
    "<ActiveParticipant UserID='v' UserIsRequestor='false'/>"                 \
    "<AuditSourceIdentification AuditEnterpriseSiteID='e' AuditSourceID='s'>" \
    "<AuditSourceTypeCode " code "='4'/></AuditSourceIdentification>"         \
    "<ParticipantObjectIdentification "                                       \
    "ParticipantObjectID='1^^^&amp;1.2&amp;ISO' "                             \
    "ParticipantObjectTypeCode='1' ParticipantObjectTypeCodeRole='1'>"        \
    "<ParticipantObjectIDTypeCode " code "='2' codeSystemName='RFC-3881'/>"   \
    "<ParticipantObjectName>A<!-- c -->B &amp; <![CDATA[C]]>"                 \
    "</ParticipantObjectName>"                                                \
    "<ParticipantObjectQuery>cQ==</ParticipantObjectQuery>"                   \
    "</ParticipantObjectIdentification>"

static void
both_dialects_of_dicom_come_out_the_same(void **state)
{
    static const char expected[] =
        "@0 dicom R0E type=DCM|110110 sub=IHE|ITI-8 recorded=T site=e oval=s "
        "stype=4; agent!:2 type=DCM|110153 val=u alt=a name=n "
        "addr=192.0.2.1; agent  val=v; entity type=|1 role=|1 id=RFC-3881|2 "
        "val=1^^^&1.2&ISO name=AB & C query=cQ==";
    (void)state;
    assert_told(DICOM(DIALECT("csd-code", "originalText")), expected);
    assert_told(DICOM(DIALECT("code", "displayName")), expected);
}

static void
a_participant_is_the_requestor_where_it_does_not_say(void **state)
{
    (void)state;
    assert_told(DICOM("<ActiveParticipant UserID='u'/>"),
                "@0 dicom --; agent!  val=u");
}

static void
each_entry_of_a_bundle_is_told_once(void **state)
{
    (void)state;
    assert_string_equal(
        told("<Bundle xmlns='http://hl7.org/fhir'>"
             "<entry><resource><AuditEvent><id value='1'/></AuditEvent>"
             "</resource></entry>"
             "<entry><resource><OperationOutcome><id value='2'/>"
             "</OperationOutcome></resource></entry>"
             "<entry><fullUrl value='u'/></entry>"
             "<entry><resource><AuditEvent><id value='3'/><id value='3'/>"
             "</AuditEvent></resource></entry>"
             "<entry><resource><Bundle><entry><resource><AuditEvent>"
             "<id value='4'/></AuditEvent></resource></entry></Bundle>"
             "</resource></entry></Bundle>",
             1000),
        "@1053 fhir -- id=1\n@1129 ignored other-resource\n"
        "@1200 ignored empty-entry\n@1279 refused xml-element-twice id\n"
        "@1368 fhir -- id=4");
}

static void
a_bundle_that_breaks_off_keeps_what_came_before(void **state)
{
    (void)state;
    assert_told("<Bundle xmlns='http://hl7.org/fhir'>"
                "<entry><resource><AuditEvent><id value='1'/></AuditEvent>"
                "</resource></entry><entry><resource><AuditEvent>",
                "@53 fhir -- id=1\n@141 refused xml-truncated ");
}

static int
tear_down(void **state)
{
    (void)state;
    free(memory);
    buffer_free(&seen);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_broken_document_is_refused_and_nothing_of_it_reported),
        cmocka_unit_test(what_is_said_twice_is_refused),
        cmocka_unit_test(too_many_agents_or_entities_refuse_the_record),
        cmocka_unit_test(documents_that_are_no_record_are_ignored_by_kind),
        cmocka_unit_test(values_in_other_places_are_not_taken),
        cmocka_unit_test(a_fhir_event_is_read_whole),
        cmocka_unit_test(the_profile_may_say_that_no_patient_is_concerned),
        cmocka_unit_test(a_prefix_reads_like_the_default_namespace),
        cmocka_unit_test(an_unknown_outcome_is_no_success),
        cmocka_unit_test(both_dialects_of_dicom_come_out_the_same),
        cmocka_unit_test(a_participant_is_the_requestor_where_it_does_not_say),
        cmocka_unit_test(each_entry_of_a_bundle_is_told_once),
        cmocka_unit_test(a_bundle_that_breaks_off_keeps_what_came_before),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
