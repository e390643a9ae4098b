/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * AuditEvent by tables: one a kind of object, in which the rest is passed
 * over.
 */
#include "ingest/fhir_audit.h"

#include <string.h>

#include "ingest/fhir_read.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NO_PATIENT_PROFILE \
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."

/* -- agent -- */

static enum result
network_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit_agent *agent = into;
    struct text type = {0};
    enum result result;

    if (key == 0)
        return fhir_read_text(fhir, &agent->network_address);
    result = fhir_read_text(fhir, &type);
    if (result == OK && type.length == 1)
        agent->network_type = type.bytes[0];
    return result;
}

/* The first, or the first that says it is a token's. */
static enum result
read_policies(struct fhir *fhir, struct text *ret_policy)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        struct text policy = {0};
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = fhir_read_text(fhir, &policy);
        if (ret_policy->length == 0 ||
            (text_starts(policy, "urn:ietf:params:oauth:jti:") &&
             !text_starts(*ret_policy, "urn:ietf:params:oauth:jti:")))
            *ret_policy = policy;
    }
    return result;
}

enum agent_key {
    AGENT_TYPE,
    AGENT_ROLE,
    AGENT_WHO,
    AGENT_ALT_ID,
    AGENT_NAME,
    AGENT_REQUESTOR,
    AGENT_POLICY,
    AGENT_NETWORK,
    AGENT_PURPOSE,
};
static const struct text agent_keys[] = {
    [AGENT_TYPE] = FHIR_KEY("type"),
    [AGENT_ROLE] = FHIR_KEY("role"),
    [AGENT_WHO] = FHIR_KEY("who"),
    [AGENT_ALT_ID] = FHIR_KEY("altId"),
    [AGENT_NAME] = FHIR_KEY("name"),
    [AGENT_REQUESTOR] = FHIR_KEY("requestor"),
    [AGENT_POLICY] = FHIR_KEY("policy"),
    [AGENT_NETWORK] = FHIR_KEY("network"),
    [AGENT_PURPOSE] = FHIR_KEY("purposeOfUse"),
};

static enum result
agent_member(struct fhir *fhir, void *into, size_t key)
{
    static const struct text network_keys[] = {FHIR_KEY("address"),
                                               FHIR_KEY("type")};
    struct audit_agent *agent = into;

    switch ((enum agent_key)key) {
    case AGENT_TYPE:
        return fhir_read_concept(
            fhir, (struct fhir_codes){agent->types, &agent->type_count});
    case AGENT_ROLE:
        return fhir_read_concepts(
            fhir, (struct fhir_codes){agent->roles, &agent->role_count});
    case AGENT_WHO:
        return fhir_read_reference(
            fhir,
            (struct fhir_reference){&agent->who_reference, &agent->who_system,
                                    &agent->who_value, &agent->who_display});
    case AGENT_ALT_ID:
        return fhir_read_text(fhir, &agent->alternative);
    case AGENT_NAME:
        return fhir_read_text(fhir, &agent->name);
    case AGENT_REQUESTOR:
        return json_read_bool(&fhir->json, &agent->requestor);
    case AGENT_POLICY:
        return read_policies(fhir, &agent->policy);
    case AGENT_NETWORK:
        return fhir_read_object(fhir, network_keys, COUNT(network_keys),
                                network_member, agent);
    case AGENT_PURPOSE:
        return fhir_read_purpose(fhir, &agent->emergency);
    }
    return OK;
}

static enum result
read_agents(struct fhir *fhir, struct audit *audit)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        struct audit_agent *agent;
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        if (audit->agent_count == AUDIT_AGENTS_MAX)
            return fhir_refuse(fhir, E_LIMIT, "audit-agents-max");
        agent = &audit->agents[audit->agent_count++];
        *agent = (struct audit_agent){0};
        result = fhir_read_object(fhir, agent_keys, COUNT(agent_keys),
                                  agent_member, agent);
    }
    return result;
}

/* -- entity, source -- */

enum entity_key {
    ENTITY_WHAT,
    ENTITY_TYPE,
    ENTITY_ROLE,
    ENTITY_NAME,
    ENTITY_QUERY,
};
static const struct text entity_keys[] = {
    [ENTITY_WHAT] = FHIR_KEY("what"),   [ENTITY_TYPE] = FHIR_KEY("type"),
    [ENTITY_ROLE] = FHIR_KEY("role"),   [ENTITY_NAME] = FHIR_KEY("name"),
    [ENTITY_QUERY] = FHIR_KEY("query"),
};

static enum result
entity_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit_entity *entity = into;

    switch ((enum entity_key)key) {
    case ENTITY_WHAT:
        return fhir_read_reference(
            fhir, (struct fhir_reference){&entity->reference, &entity->system,
                                          &entity->value, NULL});
    case ENTITY_TYPE:
        return fhir_read_coding(fhir, &entity->type);
    case ENTITY_ROLE:
        return fhir_read_coding(fhir, &entity->role);
    case ENTITY_NAME:
        return fhir_read_text(fhir, &entity->name);
    case ENTITY_QUERY:
        return fhir_read_text(fhir, &entity->query_base64);
    }
    return OK;
}

static enum result
read_entities(struct fhir *fhir, struct audit *audit)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        struct audit_entity *entity;
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        if (audit->entity_count == AUDIT_ENTITIES_MAX)
            return fhir_refuse(fhir, E_LIMIT, "audit-entities-max");
        entity = &audit->entities[audit->entity_count++];
        *entity = (struct audit_entity){0};
        result = fhir_read_object(fhir, entity_keys, COUNT(entity_keys),
                                  entity_member, entity);
    }
    return result;
}

static enum result
source_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit *audit = into;
    struct audit_code codes[AUDIT_CODES_MAX];
    uint32_t count = 0;
    enum result result;

    switch (key) {
    case 0:
        return fhir_read_text(fhir, &audit->source_site);
    case 1:
        return fhir_read_reference(
            fhir, (struct fhir_reference){&audit->source_observer_reference,
                                          &audit->source_observer_system,
                                          &audit->source_observer_value,
                                          &audit->source_observer_display});
    default:
        result = fhir_read_codings(fhir, (struct fhir_codes){codes, &count});
        if (result == OK && count > 0)
            audit->source_type = codes[0].code;
        return result;
    }
}

/* -- AuditEvent -- */

/* BALP names its profiles for events that concern no patient without the
 * word: IHE.BasicAudit.Read beside IHE.BasicAudit.PatientRead. */
bool
fhir_audit_no_patient(struct text profile)
{
    struct text word;

    if (!text_starts(profile, NO_PATIENT_PROFILE))
        return false;
    word = text_after(profile, sizeof(NO_PATIENT_PROFILE) - 1);
    return text_is(word, "Create") || text_is(word, "Read") ||
           text_is(word, "Update") || text_is(word, "Delete") ||
           text_is(word, "Query");
}

static enum result
meta_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit *audit = into;
    bool more;
    enum result result = json_enter_array(&fhir->json);

    (void)key;
    while (result == OK) {
        struct text profile = {0};
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = fhir_read_text(fhir, &profile);
        if (result == OK && fhir_audit_no_patient(profile))
            audit->no_patient = true;
    }
    return result;
}

static enum result
period_member(struct fhir *fhir, void *into, size_t key)
{
    (void)key;
    return fhir_read_text(fhir, into);
}

/* "0", "4", "8", "12"; whatever else stands there is no success. */
static enum result
read_outcome(struct fhir *fhir, struct audit *audit)
{
    struct text outcome = {0};
    enum result result = fhir_read_text(fhir, &outcome);

    if (result != OK || outcome.length == 0)
        return result;
    if (outcome.length == 1 && outcome.bytes[0] != 'c')
        audit->outcome = outcome.bytes[0];
    else
        audit->outcome = text_is(outcome, "12") ? 'c' : '?';
    return OK;
}

enum event_key {
    EVENT_RESOURCE_TYPE,
    EVENT_ID,
    EVENT_META,
    EVENT_TYPE,
    EVENT_SUBTYPE,
    EVENT_ACTION,
    EVENT_PERIOD,
    EVENT_RECORDED,
    EVENT_OUTCOME,
    EVENT_PURPOSE,
    EVENT_AGENT,
    EVENT_SOURCE,
    EVENT_ENTITY,
};
static const struct text event_keys[] = {
    [EVENT_RESOURCE_TYPE] = FHIR_KEY("resourceType"),
    [EVENT_ID] = FHIR_KEY("id"),
    [EVENT_META] = FHIR_KEY("meta"),
    [EVENT_TYPE] = FHIR_KEY("type"),
    [EVENT_SUBTYPE] = FHIR_KEY("subtype"),
    [EVENT_ACTION] = FHIR_KEY("action"),
    [EVENT_PERIOD] = FHIR_KEY("period"),
    [EVENT_RECORDED] = FHIR_KEY("recorded"),
    [EVENT_OUTCOME] = FHIR_KEY("outcome"),
    [EVENT_PURPOSE] = FHIR_KEY("purposeOfEvent"),
    [EVENT_AGENT] = FHIR_KEY("agent"),
    [EVENT_SOURCE] = FHIR_KEY("source"),
    [EVENT_ENTITY] = FHIR_KEY("entity"),
};

static enum result
read_action(struct fhir *fhir, struct audit *audit)
{
    struct text action = {0};
    enum result result = fhir_read_text(fhir, &action);

    if (result == OK && action.length == 1)
        audit->action = action.bytes[0];
    return result;
}

static enum result
event_member(struct fhir *fhir, void *into, size_t key)
{
    static const struct text meta_keys[] = {FHIR_KEY("profile")};
    static const struct text period_keys[] = {FHIR_KEY("start")};
    static const struct text source_keys[] = {
        FHIR_KEY("site"), FHIR_KEY("observer"), FHIR_KEY("type")};
    struct audit *audit = into;
    struct text unused;

    fhir->field = event_keys[key].bytes;
    switch ((enum event_key)key) {
    case EVENT_RESOURCE_TYPE:
        return fhir_read_text(fhir, &unused);
    case EVENT_ID:
        return fhir_read_text(fhir, &audit->id);
    case EVENT_META:
        return fhir_read_object(fhir, meta_keys, COUNT(meta_keys), meta_member,
                                audit);
    case EVENT_TYPE:
        return fhir_read_coding(fhir, &audit->type);
    case EVENT_SUBTYPE:
        return fhir_read_codings(
            fhir, (struct fhir_codes){audit->subtypes, &audit->subtype_count});
    case EVENT_ACTION:
        return read_action(fhir, audit);
    case EVENT_PERIOD:
        return fhir_read_object(fhir, period_keys, COUNT(period_keys),
                                period_member, &audit->period_start);
    case EVENT_RECORDED:
        return fhir_read_text(fhir, &audit->recorded);
    case EVENT_OUTCOME:
        return read_outcome(fhir, audit);
    case EVENT_PURPOSE:
        return fhir_read_purpose(fhir, &audit->emergency);
    case EVENT_AGENT:
        return read_agents(fhir, audit);
    case EVENT_SOURCE:
        return fhir_read_object(fhir, source_keys, COUNT(source_keys),
                                source_member, audit);
    case EVENT_ENTITY:
        return read_entities(fhir, audit);
    }
    return OK;
}

enum result
fhir_audit_read(struct text text, struct buffer *scratch,
                struct audit *ret_audit, size_t *ret_used, struct reason *why)
{
    struct fhir fhir;
    enum result result;

    fhir.scratch = scratch;
    fhir.text = text;
    fhir.field = "";
    fhir.why.rule = NULL;
    buffer_clear(scratch);
    audit_reset(ret_audit);
    json_start(&fhir.json, text);
    result = fhir_read_object(&fhir, event_keys, COUNT(event_keys),
                              event_member, ret_audit);
    if (result == OK) {
        *ret_used = (size_t)json_offset(&fhir.json);
        return OK;
    }
    if (fhir.json.failed != OK)
        return reason_set(why, fhir.json.failed, fhir.json.why.rule, fhir.field,
                          fhir.json.why.offset);
    if (fhir.why.rule != NULL)
        *why = fhir.why;
    return result;
}
