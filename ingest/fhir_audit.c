/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each object of the AuditEvent has a table of the keys that are read; the
 * rest is passed over, checked. `seen` holds a bit a key: other readers take
 * the first or the last of two equal keys, so a record that has two says
 * different things to different people and is refused.
 */
#include "ingest/fhir_audit.h"

#include <string.h>

#include "codec/json.h"

#define NO_PATIENT_PROFILE \
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."

struct fhir {
    struct json_reader json;
    struct buffer *scratch;
    struct audit *audit;
    struct text text;
    const char *field; /* where we are, for a refusal */
    struct reason why; /* of a refusal that is not the reader's */
};

#define KEY(literal)                   \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef enum result member_reader(struct fhir *fhir, void *into, size_t key);

static enum result __attribute__((cold, noinline))
refuse(struct fhir *fhir, enum result code, const char *rule)
{
    return reason_set(&fhir->why, code, rule, fhir->field,
                      json_offset(&fhir->json));
}

/* Index of the key, count where it is not in the table. */
static inline size_t
find_key(struct json_string key, const struct text *keys, size_t count)
{
    if (key.escaped) {
        for (size_t i = 0; i < count; i++)
            if (json_key_is(key, keys[i].bytes))
                return i;
        return count;
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].length == key.raw.length &&
            memcmp(keys[i].bytes, key.raw.bytes, key.raw.length) == 0)
            return i;
    return count;
}

/* An object: each known member goes to `read`, once. */
static enum result
read_object(struct fhir *fhir, const struct text *keys, size_t count,
            member_reader *read, void *into)
{
    uint32_t seen = 0;
    enum result result = json_enter_object(&fhir->json);

    while (result == OK) {
        struct json_string key;
        bool more;
        size_t index;
        result = json_next_member(&fhir->json, &key, &more);
        if (result != OK || !more)
            break;
        index = find_key(key, keys, count);
        if (index == count) {
            result = json_skip(&fhir->json);
            continue;
        }
        if (seen & 1u << index) {
            fhir->field = keys[index].bytes;
            return refuse(fhir, E_FORMAT, "json-duplicate-key");
        }
        seen |= 1u << index;
        result = read(fhir, into, index);
    }
    return result;
}

/* A string; null is the same as nothing. */
static enum result
read_text(struct fhir *fhir, struct text *ret_text)
{
    struct json_string string;
    bool present;
    enum result result = json_read_optional(&fhir->json, &string, &present);

    if (result != OK || !present)
        return result;
    if (!string.escaped) {
        *ret_text = string.raw;
        return OK;
    }
    /* unescaped is never longer than escaped: reserved once for the whole
     * record, the scratch buffer never moves under the texts before */
    if (fhir->scratch->length == 0) {
        result = buffer_reserve(fhir->scratch, fhir->text.length);
        if (result != OK)
            return result;
    }
    return json_unescape(string, fhir->scratch, ret_text);
}

/* -- datatypes -- */

static enum result
coding_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit_code *code = into;

    return read_text(fhir, key == 0 ? &code->code : &code->system);
}

static enum result
read_coding(struct fhir *fhir, struct audit_code *ret_code)
{
    static const struct text keys[] = {KEY("code"), KEY("system")};

    *ret_code = (struct audit_code){0};
    return read_object(fhir, keys, COUNT(keys), coding_member, ret_code);
}

struct codes {
    struct audit_code *codes; /* room for AUDIT_CODES_MAX */
    uint32_t *count;
};

static enum result
read_codings(struct fhir *fhir, struct codes codes)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        if (*codes.count == AUDIT_CODES_MAX)
            result = json_skip(&fhir->json);
        else
            result = read_coding(fhir, &codes.codes[(*codes.count)++]);
    }
    return result;
}

static enum result
concept_member(struct fhir *fhir, void *into, size_t key)
{
    (void)key;
    return read_codings(fhir, *(struct codes *)into);
}

static enum result
read_concept(struct fhir *fhir, struct codes codes)
{
    static const struct text keys[] = {KEY("coding")};

    return read_object(fhir, keys, COUNT(keys), concept_member, &codes);
}

/* An array of CodeableConcept into one list of codes. */
static enum result
read_concepts(struct fhir *fhir, struct codes codes)
{
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = read_concept(fhir, codes);
    }
    return result;
}

/* v3-ActReason: ETREAT, BTG; the Swiss EPR and XUA write EMER. */
static enum result
read_purpose(struct fhir *fhir, bool *emergency)
{
    struct audit_code codes[AUDIT_CODES_MAX];
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        uint32_t count = 0;
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = read_concept(fhir, (struct codes){codes, &count});
        for (uint32_t i = 0; i < count; i++)
            if (text_is(codes[i].code, "ETREAT") ||
                text_is(codes[i].code, "BTG") || text_is(codes[i].code, "EMER"))
                *emergency = true;
    }
    return result;
}

/* Reference and its Identifier, as where each text goes. */
struct reference {
    struct text *reference, *system, *value, *display;
};

static enum result
identifier_member(struct fhir *fhir, void *into, size_t key)
{
    struct reference *reference = into;

    return read_text(fhir, key == 0 ? reference->value : reference->system);
}

static enum result
reference_member(struct fhir *fhir, void *into, size_t key)
{
    static const struct text keys[] = {KEY("value"), KEY("system")};
    struct reference *reference = into;
    struct text unused;

    switch (key) {
    case 0:
        return read_text(fhir, reference->reference);
    case 1:
        return read_object(fhir, keys, COUNT(keys), identifier_member, into);
    default:
        return read_text(fhir, reference->display != NULL ? reference->display
                                                          : &unused);
    }
}

static enum result
read_reference(struct fhir *fhir, struct reference reference)
{
    static const struct text keys[] = {KEY("reference"), KEY("identifier"),
                                       KEY("display")};

    return read_object(fhir, keys, COUNT(keys), reference_member, &reference);
}

/* -- agent -- */

static enum result
network_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit_agent *agent = into;
    struct text type = {0};
    enum result result;

    if (key == 0)
        return read_text(fhir, &agent->network_address);
    result = read_text(fhir, &type);
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
        result = read_text(fhir, &policy);
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
    [AGENT_TYPE] = KEY("type"),
    [AGENT_ROLE] = KEY("role"),
    [AGENT_WHO] = KEY("who"),
    [AGENT_ALT_ID] = KEY("altId"),
    [AGENT_NAME] = KEY("name"),
    [AGENT_REQUESTOR] = KEY("requestor"),
    [AGENT_POLICY] = KEY("policy"),
    [AGENT_NETWORK] = KEY("network"),
    [AGENT_PURPOSE] = KEY("purposeOfUse"),
};

static enum result
agent_member(struct fhir *fhir, void *into, size_t key)
{
    static const struct text network_keys[] = {KEY("address"), KEY("type")};
    struct audit_agent *agent = into;

    switch ((enum agent_key)key) {
    case AGENT_TYPE:
        return read_concept(fhir,
                            (struct codes){agent->types, &agent->type_count});
    case AGENT_ROLE:
        return read_concepts(fhir,
                             (struct codes){agent->roles, &agent->role_count});
    case AGENT_WHO:
        return read_reference(
            fhir, (struct reference){&agent->who_reference, &agent->who_system,
                                     &agent->who_value, &agent->who_display});
    case AGENT_ALT_ID:
        return read_text(fhir, &agent->alternative);
    case AGENT_NAME:
        return read_text(fhir, &agent->name);
    case AGENT_REQUESTOR:
        return json_read_bool(&fhir->json, &agent->requestor);
    case AGENT_POLICY:
        return read_policies(fhir, &agent->policy);
    case AGENT_NETWORK:
        return read_object(fhir, network_keys, COUNT(network_keys),
                           network_member, agent);
    case AGENT_PURPOSE:
        return read_purpose(fhir, &agent->emergency);
    }
    return OK;
}

static enum result
read_agents(struct fhir *fhir)
{
    struct audit *audit = fhir->audit;
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        struct audit_agent *agent;
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        if (audit->agent_count == AUDIT_AGENTS_MAX)
            return refuse(fhir, E_LIMIT, "audit-agents-max");
        agent = &audit->agents[audit->agent_count++];
        *agent = (struct audit_agent){0};
        result = read_object(fhir, agent_keys, COUNT(agent_keys), agent_member,
                             agent);
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
    [ENTITY_WHAT] = KEY("what"),   [ENTITY_TYPE] = KEY("type"),
    [ENTITY_ROLE] = KEY("role"),   [ENTITY_NAME] = KEY("name"),
    [ENTITY_QUERY] = KEY("query"),
};

static enum result
entity_member(struct fhir *fhir, void *into, size_t key)
{
    struct audit_entity *entity = into;

    switch ((enum entity_key)key) {
    case ENTITY_WHAT:
        return read_reference(fhir, (struct reference){&entity->reference,
                                                       &entity->system,
                                                       &entity->value, NULL});
    case ENTITY_TYPE:
        return read_coding(fhir, &entity->type);
    case ENTITY_ROLE:
        return read_coding(fhir, &entity->role);
    case ENTITY_NAME:
        return read_text(fhir, &entity->name);
    case ENTITY_QUERY:
        return read_text(fhir, &entity->query_base64);
    }
    return OK;
}

static enum result
read_entities(struct fhir *fhir)
{
    struct audit *audit = fhir->audit;
    bool more;
    enum result result = json_enter_array(&fhir->json);

    while (result == OK) {
        struct audit_entity *entity;
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        if (audit->entity_count == AUDIT_ENTITIES_MAX)
            return refuse(fhir, E_LIMIT, "audit-entities-max");
        entity = &audit->entities[audit->entity_count++];
        *entity = (struct audit_entity){0};
        result = read_object(fhir, entity_keys, COUNT(entity_keys),
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
        return read_text(fhir, &audit->source_site);
    case 1:
        return read_reference(
            fhir, (struct reference){&audit->source_observer_reference,
                                     &audit->source_observer_system,
                                     &audit->source_observer_value,
                                     &audit->source_observer_display});
    default:
        result = read_codings(fhir, (struct codes){codes, &count});
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
    bool more;
    enum result result = json_enter_array(&fhir->json);

    (void)into;
    (void)key;
    while (result == OK) {
        struct text profile = {0};
        result = json_next_element(&fhir->json, &more);
        if (result != OK || !more)
            break;
        result = read_text(fhir, &profile);
        if (result == OK && fhir_audit_no_patient(profile))
            fhir->audit->no_patient = true;
    }
    return result;
}

static enum result
period_member(struct fhir *fhir, void *into, size_t key)
{
    (void)key;
    return read_text(fhir, into);
}

/* "0", "4", "8", "12"; whatever else stands there is no success. */
static enum result
read_outcome(struct fhir *fhir)
{
    struct text outcome = {0};
    enum result result = read_text(fhir, &outcome);

    if (result != OK || outcome.length == 0)
        return result;
    if (outcome.length == 1 && outcome.bytes[0] != 'c')
        fhir->audit->outcome = outcome.bytes[0];
    else
        fhir->audit->outcome = text_is(outcome, "12") ? 'c' : '?';
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
    [EVENT_RESOURCE_TYPE] = KEY("resourceType"),
    [EVENT_ID] = KEY("id"),
    [EVENT_META] = KEY("meta"),
    [EVENT_TYPE] = KEY("type"),
    [EVENT_SUBTYPE] = KEY("subtype"),
    [EVENT_ACTION] = KEY("action"),
    [EVENT_PERIOD] = KEY("period"),
    [EVENT_RECORDED] = KEY("recorded"),
    [EVENT_OUTCOME] = KEY("outcome"),
    [EVENT_PURPOSE] = KEY("purposeOfEvent"),
    [EVENT_AGENT] = KEY("agent"),
    [EVENT_SOURCE] = KEY("source"),
    [EVENT_ENTITY] = KEY("entity"),
};

static enum result
read_action(struct fhir *fhir)
{
    struct text action = {0};
    enum result result = read_text(fhir, &action);

    if (result == OK && action.length == 1)
        fhir->audit->action = action.bytes[0];
    return result;
}

static enum result
event_member(struct fhir *fhir, void *into, size_t key)
{
    static const struct text meta_keys[] = {KEY("profile")};
    static const struct text period_keys[] = {KEY("start")};
    static const struct text source_keys[] = {KEY("site"), KEY("observer"),
                                              KEY("type")};
    struct audit *audit = into;
    struct text unused;

    fhir->field = event_keys[key].bytes;
    switch ((enum event_key)key) {
    case EVENT_RESOURCE_TYPE:
        return read_text(fhir, &unused);
    case EVENT_ID:
        return read_text(fhir, &audit->id);
    case EVENT_META:
        return read_object(fhir, meta_keys, COUNT(meta_keys), meta_member,
                           audit);
    case EVENT_TYPE:
        return read_coding(fhir, &audit->type);
    case EVENT_SUBTYPE:
        return read_codings(
            fhir, (struct codes){audit->subtypes, &audit->subtype_count});
    case EVENT_ACTION:
        return read_action(fhir);
    case EVENT_PERIOD:
        return read_object(fhir, period_keys, COUNT(period_keys), period_member,
                           &audit->period_start);
    case EVENT_RECORDED:
        return read_text(fhir, &audit->recorded);
    case EVENT_OUTCOME:
        return read_outcome(fhir);
    case EVENT_PURPOSE:
        return read_purpose(fhir, &audit->emergency);
    case EVENT_AGENT:
        return read_agents(fhir);
    case EVENT_SOURCE:
        return read_object(fhir, source_keys, COUNT(source_keys), source_member,
                           audit);
    case EVENT_ENTITY:
        return read_entities(fhir);
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
    fhir.audit = ret_audit;
    fhir.text = text;
    fhir.field = "";
    fhir.why.rule = NULL;
    buffer_clear(scratch);
    audit_reset(ret_audit);
    json_start(&fhir.json, text);
    result = read_object(&fhir, event_keys, COUNT(event_keys), event_member,
                         ret_audit);
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
