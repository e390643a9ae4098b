/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Events as FHIR R4 AuditEvents after IHE BALP 1.1.4 (PatientRead,
 * PatientQuery, PatientCreate, PatientUpdate), as a server records them: one
 * AuditEvent a person, the hits of one search under one X-Request-Id. In
 * reads the client is the destination, in queries and writes the source.
 *
 * Written by copying, since a bench wants gigabytes: no printf here.
 */
#include "demo/region_state.h"

#include <assert.h>
#include <string.h>

#define LINE_BYTES_MAX 4096
#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define HL7 "http://terminology.hl7.org/CodeSystem/"
#define BALP "https://profiles.ihe.net/ITI/BALP/"

struct pen {
    char *at;
};

static void
put(struct pen *pen, const char *bytes, size_t length)
{
    memcpy(pen->at, bytes, length);
    pen->at += length;
}

#define PUT(pen, literal) put(pen, literal, sizeof(literal) - 1)

static void
put_string(struct pen *pen, const char *string)
{
    put(pen, string, strlen(string));
}

static void
put_hex(struct pen *pen, uint64_t value, unsigned digits)
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = digits; i-- > 0;)
        *pen->at++ = hex[value >> (4 * i) & 15];
}

static void
put_decimal(struct pen *pen, uint64_t value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        pen->at[i] = (char)('0' + value % 10);
    pen->at += digits;
}

static void
put_plain(struct pen *pen, uint64_t value)
{
    unsigned digits = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10)
        digits++;
    put_decimal(pen, value, digits);
}

/* "2026-03-02T09:14:07.120Z": days to civil after Hinnant's algorithm. */
static void
put_time(struct pen *pen, int64_t time_us)
{
    int64_t days = time_us / DAY_US + 719468;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t part = (5 * of_year + 2) / 153;
    int64_t month = part < 10 ? part + 3 : part - 9;
    uint64_t ms = (uint64_t)(time_us % DAY_US) / 1000;
    put_decimal(pen, (uint64_t)(year + era * 400 + (month <= 2)), 4);
    PUT(pen, "-");
    put_decimal(pen, (uint64_t)month, 2);
    PUT(pen, "-");
    put_decimal(pen, (uint64_t)(of_year - (153 * part + 2) / 5 + 1), 2);
    PUT(pen, "T");
    put_decimal(pen, ms / 3600000, 2);
    PUT(pen, ":");
    put_decimal(pen, ms / 60000 % 60, 2);
    PUT(pen, ":");
    put_decimal(pen, ms / 1000 % 60, 2);
    PUT(pen, ".");
    put_decimal(pen, ms % 1000, 3);
    PUT(pen, "Z");
}

static void
put_base64(struct pen *pen, const char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                  "qrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < length ? (uint8_t)text[i + k] : 0u);
        pen->at[0] = letters[bits >> 18 & 63];
        pen->at[1] = letters[bits >> 12 & 63];
        pen->at[2] = i + 1 < length ? letters[bits >> 6 & 63] : '=';
        pen->at[3] = i + 2 < length ? letters[bits & 63] : '=';
        pen->at += 4;
    }
}

static uint64_t
person_number(const struct region *region, uint32_t person)
{
    return chance_mix(region->options.seed ^ 0x706572736f6eu, person) %
           UINT64_C(1000000000000);
}

/* An RPPS: 8 (its type), ten digits, Luhn's key. */
static void
put_professional(struct pen *pen, uint32_t professional)
{
    char *digits = pen->at;
    unsigned sum = 0;
    /* The factor is odd and no multiple of 5: no two are the same. */
    uint64_t number = UINT64_C(1000000000) +
                      ((uint64_t)professional * 78125003 + 12345) % 100000000;
    PUT(pen, "8");
    put_decimal(pen, number, 10);
    for (unsigned i = 0; i < 10; i++) {
        unsigned d = (unsigned)(digits[10 - i] - '0');
        if (i % 2 == 0)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    put_decimal(pen, (10 - sum % 10) % 10, 1);
}

static void
put_token(struct pen *pen, uint64_t token)
{
    uint64_t more = chance_mix(token, 0x6a7469);
    put_hex(pen, token >> 32, 8);
    PUT(pen, "-");
    put_hex(pen, token >> 16, 4);
    PUT(pen, "-4");
    put_hex(pen, token, 3);
    PUT(pen, "-8");
    put_hex(pen, more >> 48, 3);
    PUT(pen, "-");
    put_hex(pen, more, 12);
}

static void
put_address(struct pen *pen, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        put_plain(pen, address >> shift & 255);
        if (shift > 0)
            PUT(pen, ".");
    }
}

static void
put_device(struct pen *pen, const struct region_session *session)
{
    switch (session->software) {
    case SOFTWARE_STATION:
        PUT(pen, "poste-");
        put_hex(pen, session->device >> 32, 8);
        break;
    case SOFTWARE_APP:
        PUT(pen, "app-tournee-");
        put_hex(pen, session->device, 12);
        break;
    case SOFTWARE_BROWSER:
        PUT(pen, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:");
        put_plain(pen, session->browser);
        PUT(pen, ".0) Gecko/20100101 Firefox/");
        put_plain(pen, session->browser);
        PUT(pen, ".0");
        break;
    default:
        PUT(pen, "portail-regional");
        break;
    }
}

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
    PUT(pen, "{\"type\":{\"coding\":[{\"system\":\"" DCM "\",\"code\":\"");
    if (source)
        PUT(pen, "110153\",\"display\":\"Source Role ID\"}]},");
    else
        PUT(pen, "110152\",\"display\":\"Destination Role ID\"}]},");
}

static void
put_client(struct pen *pen, const struct region_session *session, bool source)
{
    put_side(pen, source);
    PUT(pen, "\"who\":{\"identifier\":{\"value\":\"");
    put_device(pen, session);
    PUT(pen, "\"}},\"requestor\":false,\"network\":{\"address\":\"");
    put_address(pen, session->address);
    PUT(pen, "\",\"type\":\"2\"}}");
}

static void
put_server(struct pen *pen, bool source)
{
    put_side(pen, source);
    PUT(pen, "\"who\":{\"reference\":\"Device/portail-regional\",\"display\":"
             "\"Portail r\xc3\xa9gional\"},\"requestor\":false,\"network\":"
             "{\"address\":\"https://fhir.region.example.fr/r4\",\"type\":"
             "\"5\"}}");
}

static void
put_user(struct pen *pen, const struct region_session *session,
         const char *role)
{
    PUT(pen, "{\"type\":{\"coding\":[{\"system\":\"" HL7
             "v3-ParticipationType\",\"code\":\"");
    put_string(pen, role);
    PUT(pen, "\"}]},\"who\":{\"identifier\":{\"system\":\"https://auth.esw."
             "esante.gouv.fr/auth/realms/esante-wallet\",\"value\":\"");
    put_professional(pen, session->professional);
    PUT(pen, "\"}},\"requestor\":true,\"policy\":[\"urn:ietf:params:oauth:"
             "jti:");
    put_token(pen, session->token);
    PUT(pen, "\"]}");
}

static void
put_agents(struct pen *pen, const struct region_session *session,
           unsigned action)
{
    bool query = forms[action].query_side;
    PUT(pen, "\"agent\":[");
    put_client(pen, session, query);
    PUT(pen, ",");
    put_server(pen, !query);
    PUT(pen, ",");
    put_user(pen, session, forms[action].user);
    PUT(pen, "],\"source\":{\"site\":\"fhir.region.example.fr\",\"observer\":"
             "{\"reference\":\"Device/portail-regional\"},\"type\":[{"
             "\"system\":\"" HL7 "security-source-type\",\"code\":\"4\","
             "\"display\":\"Application Server\"}]},");
}

static void
put_entity_kind(struct pen *pen, const char *type, const char *type_display,
                const char *role, const char *role_display)
{
    PUT(pen, "\"type\":{\"system\":\"" HL7 "audit-entity-type\",\"code\":\"");
    put_string(pen, type);
    PUT(pen, "\",\"display\":\"");
    put_string(pen, type_display);
    PUT(pen, "\"},\"role\":{\"system\":\"" HL7 "object-role\",\"code\":\"");
    put_string(pen, role);
    PUT(pen, "\",\"display\":\"");
    put_string(pen, role_display);
    PUT(pen, "\"}");
}

static void
put_query(struct pen *pen, const struct region_event *event)
{
    char request[256];
    struct pen query = {request};
    PUT(&query, "GET /r4/");
    put_string(&query, resources[event->resource]);
    if (event->resource == REGION_PATIENT)
        PUT(&query, "?identifier=urn:oid:1.2.250.1.213.1.4.8%7C");
    else
        PUT(&query, "?location=");
    put_decimal(&query, event->query % UINT64_C(1000000000000), 12);
    PUT(&query, "&_count=50\nAccept: application/fhir+json\n");
    PUT(pen, "{");
    put_entity_kind(pen, "2", "System Object", "24", "Query");
    PUT(pen, ",\"query\":\"");
    put_base64(pen, request, (size_t)(query.at - request));
    PUT(pen, "\"},");
}

static void
put_entities(struct pen *pen, const struct region *region,
             const struct region_event *event)
{
    PUT(pen, "\"entity\":[");
    if (event->action == ACTION_SEARCH) {
        put_query(pen, event);
    } else if (event->resource != REGION_PATIENT) {
        PUT(pen, "{\"what\":{\"reference\":\"");
        put_string(pen, resources[event->resource]);
        PUT(pen, "/");
        put_hex(pen, event->query, 12);
        PUT(pen, "\"},");
        put_entity_kind(pen, "2", "System Object", "4", "Domain Resource");
        PUT(pen, "},");
    }
    PUT(pen, "{\"what\":{\"reference\":\"Patient/");
    put_decimal(pen, person_number(region, event->person), 12);
    PUT(pen, "\"},");
    put_entity_kind(pen, "1", "Person", "1", "Patient");
    PUT(pen, "},{\"what\":{\"identifier\":{\"value\":\"");
    put_hex(pen, event->request, 16);
    PUT(pen, "\"}},\"type\":{\"system\":\"" BALP
             "CodeSystem/BasicAuditEntityType\",\"code\":\"XrequestId\"}}]}"
             "\n");
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
    PUT(&pen, "{\"resourceType\":\"AuditEvent\",\"id\":\"");
    put_hex(&pen, chance_mix(event->request, event->order), 16);
    PUT(&pen, "\",\"meta\":{\"profile\":[\"" BALP
              "StructureDefinition/IHE.BasicAudit.");
    put_string(&pen, forms[event->action].profile);
    PUT(&pen, "\"]},\"type\":{\"system\":\"" HL7
              "audit-event-type\",\"code\":\"rest\",\"display\":\"Restful "
              "Operation\"},\"subtype\":[{\"system\":\"http://hl7.org/fhir/"
              "restful-interaction\",\"code\":\"");
    put_string(&pen, forms[event->action].subtype);
    PUT(&pen, "\",\"display\":\"");
    put_string(&pen, forms[event->action].subtype);
    PUT(&pen, "\"}],\"action\":\"");
    put_string(&pen, forms[event->action].action);
    PUT(&pen, "\",\"recorded\":\"");
    put_time(&pen, event->time_us);
    PUT(&pen, "\",\"outcome\":\"");
    put_string(&pen, event->refused ? "8" : "0");
    PUT(&pen, "\",");
    put_agents(&pen, session, event->action);
    put_entities(&pen, region, event);
    size_t length = (size_t)(pen.at - out->bytes) - out->length;
    assert(length <= LINE_BYTES_MAX);
    out->length += length;
    return OK;
}

void
region_professional_name(const struct region *region, uint32_t professional,
                         char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    (void)region;
    put_professional(&pen, professional);
    *pen.at = '\0';
}

void
region_person_name(const struct region *region, uint32_t person,
                   char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    PUT(&pen, "Patient/");
    put_decimal(&pen, person_number(region, person), 12);
    *pen.at = '\0';
}

void
region_session_name(const struct region_session *session,
                    char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    put_token(&pen, session->token);
    *pen.at = '\0';
}

void
region_device_name(const struct region_session *session,
                   char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    put_device(&pen, session);
    *pen.at = '\0';
}

void
region_address_name(const struct region_session *session,
                    char ret_name[REGION_NAME_BYTES])
{
    struct pen pen = {ret_name};
    put_address(&pen, session->address);
    *pen.at = '\0';
}
