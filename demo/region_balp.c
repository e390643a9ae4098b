/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Events as FHIR R4 AuditEvents after IHE BALP 1.1.4 (PatientRead,
 * PatientQuery, PatientCreate, PatientUpdate), as a server records them: one
 * AuditEvent a person, the hits of one search under one X-Request-Id. In
 * reads the client is the destination, in queries and writes the source.
 * Refused logins are plain User Authentication events.
 */
#include "demo/region_pen.h"

#include <assert.h>

#define LINE_BYTES_MAX 4096
#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define HL7 "http://terminology.hl7.org/CodeSystem/"
#define BALP "https://profiles.ihe.net/ITI/BALP/"

/* What differs by action. Indices: enum region_action. */
static const struct {
    const char *profile, *subtype, *action, *user;
    bool query_side; /* client is the source */
} forms[] = {
    {"PatientRead", "read", "R", "IRCP", false},
    {"PatientQuery", "search", "E", "IRCP", true},
    {"PatientCreate", "create", "C", "AUT", true},
    {"PatientUpdate", "update", "U", "AUT", true},
};

static const char *const resources[REGION_RESOURCES] = {
    "Patient",           "Observation", "DocumentReference", "Appointment",
    "MedicationRequest", "Condition",   "Encounter",
};

static void
put_side(struct pen *pen, bool source)
{
    PEN(pen, "{\"type\":{\"coding\":[{\"system\":\"" DCM "\",\"code\":\"");
    if (source)
        PEN(pen, "110153\",\"display\":\"Source Role ID\"}]},");
    else
        PEN(pen, "110152\",\"display\":\"Destination Role ID\"}]},");
}

static void
put_client(struct pen *pen, const struct region_session *session, bool source)
{
    put_side(pen, source);
    PEN(pen, "\"who\":{\"identifier\":{\"value\":\"");
    pen_device(pen, session);
    PEN(pen, "\"}},\"requestor\":false,\"network\":{\"address\":\"");
    pen_address(pen, session->address);
    PEN(pen, "\",\"type\":\"2\"}}");
}

static void
put_server(struct pen *pen, bool source)
{
    put_side(pen, source);
    PEN(pen, "\"who\":{\"reference\":\"Device/portail-regional\",\"display\":"
             "\"Portail r\xc3\xa9gional\"},\"requestor\":false,\"network\":"
             "{\"address\":\"https://fhir.region.example.fr/r4\",\"type\":"
             "\"5\"}}");
}

static void
put_user(struct pen *pen, const struct region_session *session,
         const char *role)
{
    PEN(pen, "{\"type\":{\"coding\":[{\"system\":\"" HL7
             "v3-ParticipationType\",\"code\":\"");
    pen_string(pen, role);
    PEN(pen, "\"}]},\"who\":{\"identifier\":{\"system\":\"https://auth.esw."
             "esante.gouv.fr/auth/realms/esante-wallet\",\"value\":\"");
    pen_professional(pen, session->professional);
    PEN(pen, "\"}},\"requestor\":true");
    if (session->token != 0) {
        PEN(pen, ",\"policy\":[\"urn:ietf:params:oauth:jti:");
        pen_token(pen, session->token);
        PEN(pen, "\"]");
    }
    PEN(pen, "}");
}

static void
put_agents(struct pen *pen, const struct region_session *session,
           unsigned action)
{
    bool query = forms[action].query_side;
    PEN(pen, "\"agent\":[");
    put_client(pen, session, query);
    PEN(pen, ",");
    put_server(pen, !query);
    PEN(pen, ",");
    put_user(pen, session, forms[action].user);
    PEN(pen, "],\"source\":{\"site\":\"fhir.region.example.fr\",\"observer\":"
             "{\"reference\":\"Device/portail-regional\"},\"type\":[{"
             "\"system\":\"" HL7 "security-source-type\",\"code\":\"4\","
             "\"display\":\"Application Server\"}]},");
}

static void
put_entity_kind(struct pen *pen, const char *type, const char *type_display,
                const char *role, const char *role_display)
{
    PEN(pen, "\"type\":{\"system\":\"" HL7 "audit-entity-type\",\"code\":\"");
    pen_string(pen, type);
    PEN(pen, "\",\"display\":\"");
    pen_string(pen, type_display);
    PEN(pen, "\"},\"role\":{\"system\":\"" HL7 "object-role\",\"code\":\"");
    pen_string(pen, role);
    PEN(pen, "\",\"display\":\"");
    pen_string(pen, role_display);
    PEN(pen, "\"}");
}

/* What the search asked for, but for the page. */
static void
put_asked(struct pen *pen, const struct region_event *event)
{
    switch (event->search) {
    case QUERY_NAME:
        PEN(pen, "?family=");
        for (int shift = 56; shift >= 0 && event->query >> shift & 255;
             shift -= 8)
            *pen->at++ = (char)(event->query >> shift & 255);
        break;
    case QUERY_DATE:
        PEN(pen, "?birthdate=");
        pen_date(pen, (int64_t)event->query);
        break;
    case QUERY_IDENTIFIER:
        PEN(pen, "?identifier=urn:oid:1.2.250.1.999.1.4.8%7C");
        pen_plain(pen, event->query);
        break;
    default:
        if (event->resource == REGION_PATIENT)
            PEN(pen, "?_list=");
        else
            PEN(pen, "?location=");
        pen_decimal(pen, event->query, 12);
        break;
    }
}

static void
put_query(struct pen *pen, const struct region_event *event)
{
    char request[256];
    struct pen query = {request};

    PEN(&query, "GET /r4/");
    pen_string(&query, resources[event->resource]);
    put_asked(&query, event);
    PEN(&query, "&_count=");
    pen_plain(&query, event->page == 0 ? 50 : event->page);
    if (event->place.kind == QUERY_OFFSET) {
        PEN(&query, "&_offset=");
        pen_plain(&query, event->place.at);
    }
    PEN(&query, "\nAccept: application/fhir+json\n");
    PEN(pen, "{");
    put_entity_kind(pen, "2", "System Object", "24", "Query");
    PEN(pen, ",\"query\":\"");
    pen_base64(pen, request, (size_t)(query.at - request));
    PEN(pen, "\"},");
}

/* The last entity, and the line's end. */
static void
put_request(struct pen *pen, const struct region_event *event)
{
    PEN(pen, "{\"what\":{\"identifier\":{\"value\":\"");
    pen_hex(pen, event->request, 16);
    PEN(pen, "\"}},\"type\":{\"system\":\"" BALP
             "CodeSystem/BasicAuditEntityType\",\"code\":\"XrequestId\"}}]}"
             "\n");
}

static void
put_entities(struct pen *pen, const struct region *region,
             const struct region_event *event)
{
    PEN(pen, "\"entity\":[");
    if (event->action == ACTION_SEARCH) {
        put_query(pen, event);
    } else if (event->resource != REGION_PATIENT) {
        PEN(pen, "{\"what\":{\"reference\":\"");
        pen_string(pen, resources[event->resource]);
        PEN(pen, "/");
        pen_hex(pen, event->query, 12);
        PEN(pen, "\"},");
        put_entity_kind(pen, "2", "System Object", "4", "Domain Resource");
        PEN(pen, "},");
    }
    PEN(pen, "{\"what\":{\"reference\":\"Patient/");
    pen_person(pen, region, event->person);
    PEN(pen, "\"},");
    put_entity_kind(pen, "1", "Person", "1", "Patient");
    PEN(pen, "},");
    put_request(pen, event);
}

/* Wrong credentials: no session, no person. */
static void
put_login(struct pen *pen, const struct region_session *session,
          const struct region_event *event)
{
    PEN(pen, "\",\"type\":{\"system\":\"" DCM "\",\"code\":\"110114\","
             "\"display\":\"User Authentication\"},\"subtype\":[{"
             "\"system\":\"" DCM "\",\"code\":\"110122\",\"display\":"
             "\"Login\"}],\"action\":\"E\",\"recorded\":\"");
    pen_time(pen, event->time_us);
    PEN(pen, "\",\"outcome\":\"8\",");
    put_agents(pen, session, ACTION_SEARCH);
    PEN(pen, "\"entity\":[");
    put_request(pen, event);
}

static void
put_access(struct pen *pen, const struct region *region,
           const struct region_session *session,
           const struct region_event *event)
{
    PEN(pen, "\",\"meta\":{\"profile\":[\"" BALP
             "StructureDefinition/IHE.BasicAudit.");
    pen_string(pen, forms[event->action].profile);
    PEN(pen, "\"]},\"type\":{\"system\":\"" HL7
             "audit-event-type\",\"code\":\"rest\",\"display\":\"Restful "
             "Operation\"},\"subtype\":[{\"system\":\"http://hl7.org/fhir/"
             "restful-interaction\",\"code\":\"");
    pen_string(pen, forms[event->action].subtype);
    PEN(pen, "\",\"display\":\"");
    pen_string(pen, forms[event->action].subtype);
    PEN(pen, "\"}],\"action\":\"");
    pen_string(pen, forms[event->action].action);
    PEN(pen, "\",\"recorded\":\"");
    pen_time(pen, event->time_us);
    PEN(pen, "\",\"outcome\":\"");
    pen_string(pen, event->refused ? "8" : "0");
    PEN(pen, "\",");
    put_agents(pen, session, event->action);
    put_entities(pen, region, event);
}

enum result
region_balp(const struct region *region, const struct region_event *event,
            struct buffer *out)
{
    enum result r = buffer_reserve(out, LINE_BYTES_MAX);
    if (r != OK)
        return r;
    const struct region_session *session = &region->sessions[event->session];
    struct pen pen = {out->bytes + out->length};
    PEN(&pen, "{\"resourceType\":\"AuditEvent\",\"id\":\"");
    /* of the event alone: a thief beside changes no id */
    pen_hex(&pen, chance_mix(event->request, event->hit), 16);
    if (event->action == ACTION_LOGIN)
        put_login(&pen, session, event);
    else
        put_access(&pen, region, session, event);
    size_t length = (size_t)(pen.at - out->bytes) - out->length;
    assert(length <= LINE_BYTES_MAX);
    out->length += length;
    return OK;
}
