/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An audit record between its syntax (FHIR JSON, FHIR XML, DICOM XML) and
 * the event: FHIR R4 AuditEvent in its own words, as flat arrays of texts.
 * DICOM ActiveParticipant fills an agent, ParticipantObjectIdentification an
 * entity (FHIR R4, AuditEvent, mappings to DICOM). The one place that decides
 * who is the professional, which agent is the client, what was shown, is
 * audit_report(). Sources: IHE BALP 1.1.4, DICOM PS3.15 A.5, FHIR R4.
 */
#ifndef VIGIE_INGEST_AUDIT_H
#define VIGIE_INGEST_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "ingest/form.h"

#define AUDIT_AGENTS_MAX 16
#define AUDIT_ENTITIES_MAX 80 /* EVENT_PERSONS_MAX persons and some more */
#define AUDIT_CODES_MAX 4

struct audit_code {
    struct text system; /* URL, or DICOM codeSystemName */
    struct text code;
};

struct audit_agent {
    struct audit_code types[AUDIT_CODES_MAX]; /* agent.type.coding,
                                                 RoleIDCode */
    uint32_t type_count;
    struct audit_code roles[AUDIT_CODES_MAX]; /* agent.role */
    uint32_t role_count;
    bool requestor;
    struct text who_reference;
    struct text who_system, who_value; /* who.identifier; UserID in value */
    struct text who_display;
    struct text alternative; /* altId, AlternativeUserID */
    struct text name;        /* UserName */
    struct text policy;      /* first agent.policy */
    struct text network_address;
    char network_type; /* '1' name, '2' address, '3' phone, '4' mail,
                          '5' URI; 0 not given */
    bool emergency;    /* purposeOfUse ETREAT, BTG or EMER */
};

struct audit_entity {
    struct audit_code type; /* audit-entity-type, BasicAuditEntityType;
                               ParticipantObjectTypeCode in code */
    struct audit_code role; /* object-role; ParticipantObjectTypeCodeRole */
    struct audit_code id_type; /* ParticipantObjectIDTypeCode */
    struct text reference;  /* what.reference */
    struct text system, value; /* what.identifier; ParticipantObjectID raw in
                                  value */
    struct text name;
    struct text query_base64; /* as written */
};

struct audit {
    bool dicom; /* which dialect's words the codes are in */
    struct audit_code type;    /* EventID */
    struct audit_code subtypes[AUDIT_CODES_MAX]; /* EventTypeCode */
    uint32_t subtype_count;
    char action;  /* C R U D E, 0 */
    char outcome; /* '0', '4', '8', 'c' for 12; 0 not given */
    struct text id;
    struct text recorded, period_start; /* times as written */
    bool emergency; /* purposeOfEvent */
    bool no_patient; /* meta.profile: BALP's one for "no patient concerned" */
    struct text source_site, source_observer_reference,
        source_observer_system, source_observer_value,
        source_observer_display;
    struct text source_type; /* "1" user device, "4" application server … */
    uint32_t agent_count, entity_count;
    struct audit_agent agents[AUDIT_AGENTS_MAX];
    struct audit_entity entities[AUDIT_ENTITIES_MAX];
};

/* Empties it without touching the arrays. */
void audit_reset(struct audit *audit);

/* Decides and tells the sink: event, ignored or refused. More agents or entities than the
 * arrays hold: the parser refuses with "audit-agents-max" or
 * "audit-entities-max" before coming here. */
enum result audit_report(struct form_context *context,
                         const struct audit *audit, uint64_t at) MUST_USE;

#endif
