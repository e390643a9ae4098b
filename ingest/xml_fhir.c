/* SPDX-License-Identifier: EUPL-1.2 */
/* FHIR R4 AuditEvent in XML: every primitive is an element with a `value`
 * attribute (FHIR R4 §2.6.1), so a path and an attribute are all there is. */
#include "ingest/fhir_audit.h"
#include "ingest/xml_audit.h"

#include <stddef.h>

enum tag {
    OTHER = 0xff, /* never 0: an unknown parent must not look like the root */
    TYPE = 1,
    SUBTYPE,
    SYSTEM,
    CODE,
    CODING,
    ACTION,
    PERIOD,
    START,
    RECORDED,
    OUTCOME,
    PURPOSE_OF_EVENT,
    PURPOSE_OF_USE,
    AGENT,
    ROLE,
    WHO,
    REFERENCE,
    IDENTIFIER,
    VALUE,
    DISPLAY,
    ALT_ID,
    NAME,
    REQUESTOR,
    POLICY,
    NETWORK,
    ADDRESS,
    SOURCE,
    SITE,
    OBSERVER,
    ENTITY,
    WHAT,
    QUERY,
    ID,
    META,
    PROFILE,
};

static const struct {
    const char *name;
    enum tag tag;
} tags[] = {
    {"type", TYPE},         {"subtype", SUBTYPE},
    {"system", SYSTEM},     {"code", CODE},
    {"coding", CODING},     {"action", ACTION},
    {"period", PERIOD},     {"start", START},
    {"recorded", RECORDED}, {"outcome", OUTCOME},
    {"agent", AGENT},       {"purposeOfEvent", PURPOSE_OF_EVENT},
    {"role", ROLE},         {"purposeOfUse", PURPOSE_OF_USE},
    {"who", WHO},           {"reference", REFERENCE},
    {"value", VALUE},       {"identifier", IDENTIFIER},
    {"display", DISPLAY},   {"altId", ALT_ID},
    {"name", NAME},         {"requestor", REQUESTOR},
    {"policy", POLICY},     {"network", NETWORK},
    {"address", ADDRESS},   {"source", SOURCE},
    {"site", SITE},         {"observer", OBSERVER},
    {"entity", ENTITY},     {"what", WHAT},
    {"query", QUERY},       {"id", ID},
    {"meta", META},         {"profile", PROFILE},
};

#define P1(a) ((xml_path)(a))
#define P2(a, b) (P1(a) << 8 | (b))
#define P3(a, b, c) (P2(a, b) << 8 | (c))
#define P4(a, b, c, d) (P3(a, b, c) << 8 | (d))

enum place { IN_AUDIT, IN_AGENT, IN_ENTITY };

#define AUDIT(member) IN_AUDIT, offsetof(struct audit, member), #member
#define IAGENT(member) IN_AGENT, offsetof(struct audit_agent, member), "agent"
#define IENTITY(member) \
    IN_ENTITY, offsetof(struct audit_entity, member), "entity"

/* Where the plain texts go. */
static const struct {
    xml_path path;
    enum place place;
    size_t member;
    const char *field;
} texts[] = {
    {P1(ID), AUDIT(id)},
    {P1(RECORDED), AUDIT(recorded)},
    {P2(PERIOD, START), AUDIT(period_start)},
    {P2(TYPE, SYSTEM), AUDIT(type.system)},
    {P2(TYPE, CODE), AUDIT(type.code)},
    {P2(SOURCE, SITE), AUDIT(source_site)},
    {P3(SOURCE, OBSERVER, REFERENCE), AUDIT(source_observer_reference)},
    {P4(SOURCE, OBSERVER, IDENTIFIER, SYSTEM), AUDIT(source_observer_system)},
    {P4(SOURCE, OBSERVER, IDENTIFIER, VALUE), AUDIT(source_observer_value)},
    {P3(SOURCE, OBSERVER, DISPLAY), AUDIT(source_observer_display)},
    {P3(AGENT, WHO, REFERENCE), IAGENT(who_reference)},
    {P4(AGENT, WHO, IDENTIFIER, SYSTEM), IAGENT(who_system)},
    {P4(AGENT, WHO, IDENTIFIER, VALUE), IAGENT(who_value)},
    {P3(AGENT, WHO, DISPLAY), IAGENT(who_display)},
    {P2(AGENT, ALT_ID), IAGENT(alternative)},
    {P2(AGENT, NAME), IAGENT(name)},
    {P3(AGENT, NETWORK, ADDRESS), IAGENT(network_address)},
    {P3(ENTITY, TYPE, SYSTEM), IENTITY(type.system)},
    {P3(ENTITY, TYPE, CODE), IENTITY(type.code)},
    {P3(ENTITY, ROLE, SYSTEM), IENTITY(role.system)},
    {P3(ENTITY, ROLE, CODE), IENTITY(role.code)},
    {P3(ENTITY, WHAT, REFERENCE), IENTITY(reference)},
    {P4(ENTITY, WHAT, IDENTIFIER, SYSTEM), IENTITY(system)},
    {P4(ENTITY, WHAT, IDENTIFIER, VALUE), IENTITY(value)},
    {P2(ENTITY, NAME), IENTITY(name)},
    {P2(ENTITY, QUERY), IENTITY(query_base64)},
};

static enum tag
tag_of(struct text name)
{
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (text_is(name, tags[i].name))
            return tags[i].tag;
    }
    return OTHER;
}

static struct text *
slot_of(struct audit *audit, enum place place, size_t member)
{
    char *base = (char *)audit;
    if (place == IN_AGENT)
        base = (char *)&audit->agents[audit->agent_count - 1];
    else if (place == IN_ENTITY)
        base = (char *)&audit->entities[audit->entity_count - 1];
    return (struct text *)(void *)(base + member);
}

static enum result
set_text(struct xml_record *record, xml_path path, struct text value,
         uint64_t offset)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].path == path)
            return xml_record_set(
                record, slot_of(record->audit, texts[i].place, texts[i].member),
                value, texts[i].field, offset);
    }
    return OK;
}

/* A repeated coding: the first AUDIT_CODES_MAX are kept, as in JSON. */
static struct audit_code *
next_code(struct audit_code *codes, uint32_t *count)
{
    if (*count >= AUDIT_CODES_MAX)
        return NULL;
    codes[*count] = (struct audit_code){{NULL, 0}, {NULL, 0}};
    return &codes[(*count)++];
}

/* Values that are no texts, once each: bits of record->seen. */
enum {
    SEEN_ACTION = 1 << 0,
    SEEN_OUTCOME = 1 << 1,
    SEEN_REQUESTOR = 1 << 2,
    SEEN_NETWORK_TYPE = 1 << 3,
    SEEN_OF_AGENT = SEEN_REQUESTOR | SEEN_NETWORK_TYPE,
};

static void
open_agent(struct xml_record *record, uint64_t offset)
{
    struct audit *audit = record->audit;
    if (audit->agent_count >= AUDIT_AGENTS_MAX) {
        xml_record_refuse(record, "audit-agents-max", "agent", offset);
        return;
    }
    audit->agents[audit->agent_count++] = (struct audit_agent){0};
    record->seen &= ~(unsigned)SEEN_OF_AGENT;
}

static void
open_entity(struct xml_record *record, uint64_t offset)
{
    struct audit *audit = record->audit;
    if (audit->entity_count >= AUDIT_ENTITIES_MAX) {
        xml_record_refuse(record, "audit-entities-max", "entity", offset);
        return;
    }
    audit->entities[audit->entity_count++] = (struct audit_entity){0};
}

/* What begins here; values of it come with its children. */
static void
open_part(struct xml_record *record, xml_path path, uint64_t offset)
{
    struct audit *audit = record->audit;
    struct audit_agent *agent =
        audit->agent_count > 0 ? &audit->agents[audit->agent_count - 1] : NULL;

    switch (path) {
    case P1(AGENT):
        open_agent(record, offset);
        break;
    case P1(ENTITY):
        open_entity(record, offset);
        break;
    case P1(SUBTYPE):
        record->code = next_code(audit->subtypes, &audit->subtype_count);
        break;
    case P3(AGENT, TYPE, CODING):
        if (agent != NULL)
            record->code = next_code(agent->types, &agent->type_count);
        break;
    case P3(AGENT, ROLE, CODING):
        if (agent != NULL)
            record->code = next_code(agent->roles, &agent->role_count);
        break;
    default:
        break;
    }
}

static bool
once(struct xml_record *record, unsigned bit, const char *field,
     uint64_t offset)
{
    if ((record->seen & bit) != 0) {
        xml_record_refuse(record, "xml-element-twice", field, offset);
        return false;
    }
    record->seen |= bit;
    return true;
}

static enum result
set_code(struct xml_record *record, bool system, struct text value,
         uint64_t offset)
{
    struct audit_code *code = record->code;
    if (code == NULL)
        return OK;
    return xml_record_set(record, system ? &code->system : &code->code, value,
                          "coding", offset);
}

/* The first, or the first that says it is a token's; as in JSON. */
static enum result
set_policy(struct xml_record *record, struct audit_agent *agent,
           struct text value, uint64_t offset)
{
    static const char token[] = "urn:ietf:params:oauth:jti:";
    if (agent->policy.length > 0 &&
        (!text_starts(value, token) || text_starts(agent->policy, token)))
        return OK;
    agent->policy = (struct text){NULL, 0};
    return xml_record_set(record, &agent->policy, value, "agent.policy",
                          offset);
}

static enum result
set_agent_value(struct xml_record *record, xml_path path, struct text value,
                uint64_t offset)
{
    struct audit *audit = record->audit;
    struct audit_agent *agent = &audit->agents[audit->agent_count - 1];

    switch (path) {
    case P2(AGENT, REQUESTOR):
        if (once(record, SEEN_REQUESTOR, "agent.requestor", offset))
            agent->requestor = text_is(value, "true");
        return OK;
    case P3(AGENT, NETWORK, TYPE):
        if (once(record, SEEN_NETWORK_TYPE, "agent.network.type", offset))
            agent->network_type = value.length == 1 ? value.bytes[0] : 0;
        return OK;
    case P2(AGENT, POLICY):
        return set_policy(record, agent, value, offset);
    case P4(AGENT, PURPOSE_OF_USE, CODING, CODE):
        agent->emergency = agent->emergency || xml_code_is_emergency(value);
        return OK;
    default:
        return set_text(record, path, value, offset);
    }
}

static enum result
set_value(struct xml_record *record, xml_path path, struct text value,
          uint64_t offset)
{
    struct audit *audit = record->audit;

    switch (path) {
    case P2(SUBTYPE, SYSTEM):
    case P4(AGENT, TYPE, CODING, SYSTEM):
    case P4(AGENT, ROLE, CODING, SYSTEM):
        return set_code(record, true, value, offset);
    case P2(SUBTYPE, CODE):
    case P4(AGENT, TYPE, CODING, CODE):
    case P4(AGENT, ROLE, CODING, CODE):
        return set_code(record, false, value, offset);
    case P2(META, PROFILE):
        audit->no_patient = audit->no_patient || fhir_audit_no_patient(value);
        return OK;
    case P1(ACTION):
        if (once(record, SEEN_ACTION, "action", offset))
            audit->action = value.length == 1 ? value.bytes[0] : 0;
        return OK;
    case P1(OUTCOME):
        if (once(record, SEEN_OUTCOME, "outcome", offset))
            audit->outcome = xml_outcome(value);
        return OK;
    case P3(PURPOSE_OF_EVENT, CODING, CODE):
        audit->emergency = audit->emergency || xml_code_is_emergency(value);
        return OK;
    case P3(SOURCE, TYPE, CODE):
        if (audit->source_type.bytes != NULL)
            return OK; /* 0..*: the first says it */
        return xml_record_set(record, &audit->source_type, value, "source.type",
                              offset);
    default:
        return audit->agent_count > 0
                   ? set_agent_value(record, path, value, offset)
                   : set_text(record, path, value, offset);
    }
}

enum result
xml_fhir_start(struct xml_record *record, const struct xml_element *element)
{
    xml_path above = record->level > 1 ? record->paths[record->level - 2] : 0;
    xml_path path = above << 8 | (xml_path)tag_of(element->name.local);
    record->paths[record->level - 1] = path;
    if (record->refused.rule != NULL)
        return OK;

    open_part(record, path, element->offset);
    struct text value = xml_value(element, "value");
    if (value.bytes == NULL || record->refused.rule != NULL)
        return OK;
    return set_value(record, path, value, element->offset);
}
