/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * DICOM audit message (PS3.15 A.5) in its two dialects: coded values as
 * `csd-code` with `originalText` (DICOM since 2011), or as `code` with
 * `displayName` (RFC 3881). Values are attributes, but for three elements.
 */
#include "ingest/xml_audit.h"

enum tag {
    OTHER = 0xff,
    EVENT = 1,
    EVENT_ID,
    EVENT_TYPE,
    PURPOSE_OF_USE,
    PARTICIPANT,
    ROLE_ID,
    SOURCE,
    SOURCE_TYPE,
    OBJECT,
    OBJECT_ID_TYPE,
    OBJECT_NAME,
    OBJECT_QUERY,
};

static const struct {
    const char *name;
    enum tag tag;
} tags[] = {
    {"EventIdentification", EVENT},
    {"EventID", EVENT_ID},
    {"EventTypeCode", EVENT_TYPE},
    {"PurposeOfUse", PURPOSE_OF_USE},
    {"ActiveParticipant", PARTICIPANT},
    {"RoleIDCode", ROLE_ID},
    {"AuditSourceIdentification", SOURCE},
    {"AuditSourceTypeCode", SOURCE_TYPE},
    {"ParticipantObjectIdentification", OBJECT},
    {"ParticipantObjectIDTypeCode", OBJECT_ID_TYPE},
    {"ParticipantObjectName", OBJECT_NAME},
    {"ParticipantObjectQuery", OBJECT_QUERY},
};

#define P1(a) ((xml_path)(a))
#define P2(a, b) (P1(a) << 8 | (b))

static enum tag
tag_of(struct text name)
{
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        if (text_is(name, tags[i].name))
            return tags[i].tag;
    }
    return OTHER;
}

/* Copies one attribute into an empty slot, where it is there. */
static enum result
take(struct xml_record *record, const struct xml_element *element,
     const char *attribute, struct text *slot)
{
    struct text value = xml_value(element, attribute);
    if (value.bytes == NULL)
        return OK;
    return xml_record_set(record, slot, value, attribute, element->offset);
}

static enum result
take_code(struct xml_record *record, const struct xml_element *element,
          struct audit_code *code)
{
    const char *name =
        xml_value(element, "csd-code").bytes != NULL ? "csd-code" : "code";
    enum result result = take(record, element, name, &code->code);
    if (result == OK)
        result = take(record, element, "codeSystemName", &code->system);
    return result;
}

static enum result
take_next_code(struct xml_record *record, const struct xml_element *element,
               struct audit_code *codes, uint32_t *count)
{
    if (*count >= AUDIT_CODES_MAX)
        return OK; /* the first ones are kept, as in JSON */
    codes[*count] = (struct audit_code){{NULL, 0}, {NULL, 0}};
    return take_code(record, element, &codes[(*count)++]);
}

static char
one_character(struct text value)
{
    return value.length == 1 ? value.bytes[0] : 0;
}

static enum result
take_event(struct xml_record *record, const struct xml_element *element)
{
    struct audit *audit = record->audit;
    audit->action = one_character(xml_value(element, "EventActionCode"));
    audit->outcome = xml_outcome(xml_value(element, "EventOutcomeIndicator"));
    return take(record, element, "EventDateTime", &audit->recorded);
}

static enum result
take_participant(struct xml_record *record, const struct xml_element *element)
{
    struct audit *audit = record->audit;
    if (audit->agent_count >= AUDIT_AGENTS_MAX) {
        xml_record_refuse(record, "audit-agents-max", "ActiveParticipant",
                          element->offset);
        return OK;
    }
    struct audit_agent *agent = &audit->agents[audit->agent_count++];
    *agent = (struct audit_agent){0};
    /* RFC 3881 §5.2.4: true where it is left out */
    struct text requestor = xml_value(element, "UserIsRequestor");
    agent->requestor = requestor.bytes == NULL || text_is(requestor, "true") ||
                       text_is(requestor, "1");
    agent->network_type =
        one_character(xml_value(element, "NetworkAccessPointTypeCode"));
    enum result result = take(record, element, "UserID", &agent->who_value);
    if (result == OK)
        result =
            take(record, element, "AlternativeUserID", &agent->alternative);
    if (result == OK)
        result = take(record, element, "UserName", &agent->name);
    if (result == OK)
        result = take(record, element, "NetworkAccessPointID",
                      &agent->network_address);
    return result;
}

static enum result
take_source(struct xml_record *record, const struct xml_element *element)
{
    struct audit *audit = record->audit;
    /* 1..*: the first one is the system that wrote the message */
    if (audit->source_observer_value.bytes != NULL)
        return OK;
    enum result result =
        take(record, element, "AuditSourceID", &audit->source_observer_value);
    if (result == OK)
        result =
            take(record, element, "AuditEnterpriseSiteID", &audit->source_site);
    if (result == OK && audit->source_type.bytes == NULL)
        result = take(record, element, "code", &audit->source_type);
    return result;
}

static enum result
take_object(struct xml_record *record, const struct xml_element *element)
{
    struct audit *audit = record->audit;
    if (audit->entity_count >= AUDIT_ENTITIES_MAX) {
        xml_record_refuse(record, "audit-entities-max",
                          "ParticipantObjectIdentification", element->offset);
        return OK;
    }
    struct audit_entity *entity = &audit->entities[audit->entity_count++];
    *entity = (struct audit_entity){0};
    enum result result =
        take(record, element, "ParticipantObjectID", &entity->value);
    if (result == OK)
        result = take(record, element, "ParticipantObjectTypeCode",
                      &entity->type.code);
    if (result == OK)
        result = take(record, element, "ParticipantObjectTypeCodeRole",
                      &entity->role.code);
    return result;
}

static enum result
take_source_type(struct xml_record *record, const struct xml_element *element)
{
    struct audit_code code = {{NULL, 0}, {NULL, 0}};
    if (record->audit->source_type.bytes != NULL)
        return OK;
    enum result result = take_code(record, element, &code);
    if (result == OK && code.code.bytes != NULL)
        record->audit->source_type = code.code;
    return result;
}

/* Inside ParticipantObjectIdentification. */
static enum result
take_object_part(struct xml_record *record, const struct xml_element *element,
                 enum tag tag)
{
    struct audit *audit = record->audit;
    struct audit_entity *entity = &audit->entities[audit->entity_count - 1];
    struct text *slot =
        tag == OBJECT_NAME ? &entity->name : &entity->query_base64;

    if (tag == OBJECT_ID_TYPE)
        return take_code(record, element, &entity->id_type);
    if (slot->bytes != NULL) {
        xml_record_refuse(record, "xml-element-twice",
                          tag == OBJECT_NAME ? "ParticipantObjectName"
                                             : "ParticipantObjectQuery",
                          element->offset);
        return OK;
    }
    record->text_slot = slot;
    return OK;
}

enum result
xml_dicom_start(struct xml_record *record, const struct xml_element *element)
{
    struct audit *audit = record->audit;
    xml_path above = record->level > 1 ? record->paths[record->level - 2] : 0;
    enum tag tag = tag_of(element->name.local);
    xml_path path = above << 8 | (xml_path)tag;
    record->paths[record->level - 1] = path;
    record->text_slot = NULL;
    if (record->refused.rule != NULL)
        return OK;

    switch (path) {
    case P1(EVENT):
        return take_event(record, element);
    case P2(EVENT, EVENT_ID):
        return take_code(record, element, &audit->type);
    case P2(EVENT, EVENT_TYPE):
        return take_next_code(record, element, audit->subtypes,
                              &audit->subtype_count);
    case P2(EVENT, PURPOSE_OF_USE):
        audit->emergency =
            audit->emergency ||
            xml_code_is_emergency(xml_value(element, "csd-code")) ||
            xml_code_is_emergency(xml_value(element, "code"));
        return OK;
    case P1(PARTICIPANT):
        return take_participant(record, element);
    case P2(PARTICIPANT, ROLE_ID): {
        struct audit_agent *agent = &audit->agents[audit->agent_count - 1];
        return take_next_code(record, element, agent->types,
                              &agent->type_count);
    }
    case P1(SOURCE):
        return take_source(record, element);
    case P2(SOURCE, SOURCE_TYPE):
        return take_source_type(record, element);
    case P1(OBJECT):
        return take_object(record, element);
    case P2(OBJECT, OBJECT_ID_TYPE):
    case P2(OBJECT, OBJECT_NAME):
    case P2(OBJECT, OBJECT_QUERY):
        return take_object_part(record, element, tag);
    default:
        return OK;
    }
}

enum result
xml_dicom_text(struct xml_record *record, struct text text)
{
    struct text *slot = record->text_slot;
    if (slot == NULL || record->refused.rule != NULL)
        return OK;
    /* pieces of one run follow each other in the buffer: nothing else is
     * copied there while the slot is open */
    const char *place = record->values.bytes + record->values.length;
    enum result result = buffer_text(&record->values, text);
    if (result != OK)
        return result;
    if (slot->bytes == NULL)
        slot->bytes = place;
    slot->length += text.length;
    return OK;
}
