/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which agent is the professional, and by which name. BALP 1.1.4 (agent
 * slices of the RESTful profiles), ITI TF-2 XUA for DICOM's UserName.
 */
#include <string.h>

#include "ingest/audit_parts.h"

/* What the words of an agent's type and role say. */
struct agent_word {
    struct text code;
    unsigned bits;
};
#define WORD(literal, bits)                      \
    {                                            \
        {(literal), sizeof(literal) - 1}, (bits) \
    }

/* Human: v3-ParticipationType and BALP's UserAgentTypes (CST and INF stand
 * for people in BALP's own examples), roles of the Swiss EPR. Machine: DCM
 * 110150 Application, 110151 Application Launcher, organisations. Citizen:
 * the patient, or who acts in the patient's place. */
static const struct agent_word agent_words[] = {
    WORD("110152", AGENT_DESTINATION),
    WORD("110153", AGENT_SOURCE),
    WORD("110150", AGENT_MACHINE | AGENT_APPLICATION),
    WORD("110151", AGENT_MACHINE),
    WORD("IRCP", AGENT_HUMAN),
    WORD("UserOauthAgent", AGENT_HUMAN),
    WORD("UserSamlAgent", AGENT_HUMAN),
    WORD("AUT", AGENT_HUMAN),
    WORD("INF", AGENT_HUMAN),
    WORD("CST", AGENT_HUMAN),
    WORD("ENT", AGENT_HUMAN),
    WORD("LA", AGENT_HUMAN),
    WORD("RESP", AGENT_HUMAN),
    WORD("PRF", AGENT_HUMAN),
    WORD("PPRF", AGENT_HUMAN),
    WORD("SPRF", AGENT_HUMAN),
    WORD("ATND", AGENT_HUMAN),
    WORD("AUTHEN", AGENT_HUMAN),
    WORD("humanuser", AGENT_HUMAN),
    WORD("HCP", AGENT_HUMAN),
    WORD("ASS", AGENT_HUMAN),
    WORD("TCU", AGENT_HUMAN),
    WORD("PADM", AGENT_HUMAN),
    WORD("DADM", AGENT_HUMAN),
    WORD("PROV", AGENT_MACHINE),
    WORD("homeCommunityId", AGENT_MACHINE),
    WORD("authserver", AGENT_MACHINE),
    WORD("custodian", AGENT_MACHINE),
    WORD("datasender", AGENT_MACHINE),
    WORD("datareceiver", AGENT_MACHINE),
    WORD("GRP", AGENT_MACHINE),
    WORD("PAT", AGENT_CITIZEN),
    WORD("PATREP", AGENT_CITIZEN),
    WORD("REP", AGENT_CITIZEN),
    WORD("429577009", AGENT_CITIZEN),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned
word_bits(struct text code)
{
    for (size_t i = 0; i < COUNT(agent_words); i++)
        if (agent_words[i].code.length == code.length &&
            memcmp(agent_words[i].code.bytes, code.bytes, code.length) == 0)
            return agent_words[i].bits;
    return 0;
}

uint16_t
audit_type_of(struct text reference)
{
    struct text base, id;
    uint16_t type;

    if (reference.length == 0 ||
        !resource_reference_split(reference, &base, &type, &id))
        return RESOURCE_UNKNOWN;
    return type;
}

/* By the type that `who` refers to. */
static unsigned
reference_bits(struct text reference)
{
    static const struct agent_word types[] = {
        WORD("Practitioner", AGENT_PERSON),
        WORD("PractitionerRole", AGENT_PERSON),
        WORD("Person", AGENT_PERSON),
        WORD("Patient", AGENT_CITIZEN),
        WORD("RelatedPerson", AGENT_CITIZEN),
        WORD("Device", AGENT_THING),
        WORD("Organization", AGENT_THING),
        WORD("Location", AGENT_THING),
        WORD("Endpoint", AGENT_THING),
        WORD("HealthcareService", AGENT_THING),
    };
    uint16_t type = audit_type_of(reference);
    const char *name = resource_name(type);

    for (size_t i = 0; type != RESOURCE_UNKNOWN && i < COUNT(types); i++)
        if (text_is(types[i].code, name))
            return types[i].bits;
    return 0;
}

static unsigned
agent_bits(const struct audit_agent *agent)
{
    unsigned bits = reference_bits(agent->who_reference);

    for (uint32_t i = 0; i < agent->type_count; i++)
        bits |= word_bits(agent->types[i].code);
    for (uint32_t i = 0; i < agent->role_count; i++)
        bits |= word_bits(agent->roles[i].code);
    return bits;
}

bool
audit_is_url(struct text value)
{
    const char *at = value.bytes;

    if (value.length == 0)
        return false; /* nothing is added to a null pointer */
    const char *end = value.bytes + value.length;
    while (end - at >= 3) {
        at = memchr(at, ':', (size_t)(end - at) - 2);
        if (at == NULL)
            return false;
        if (at[1] == '/' && at[2] == '/')
            return true;
        at++;
    }
    return false;
}

/* A value that can be a person's account. What ATNA senders put in UserID
 * where they know no user: the WS-Addressing reply address, a URL or path,
 * an HL7 v2 application|facility, a Windows machine account, "unknown". */
static bool
is_account(struct text value)
{
    static const char *const nobody[] = {
        "unknown", "anonymous", "none", "null", "-", "n/a", "unspecified",
    };

    if (value.length == 0 || audit_is_url(value) || value.bytes[0] == '/' ||
        text_find_byte(value, '|') < value.length || text_ends(value, "$"))
        return false;
    for (size_t i = 0; i < COUNT(nobody); i++)
        if (text_is_nocase(value, nobody[i]))
            return false;
    return true;
}

/* alias<user@issuer> (ITI TF-2 3.20.7.8, XUA). The issuer may be a URL or
 * hold no '@'; a user may be a mail address: the last '@' parts them. */
static bool
saml_name(struct text name, struct text *ret_user, struct text *ret_issuer)
{
    size_t open = text_find_byte(name, '<');
    const char *at;
    struct text inner;

    if (open == name.length || !text_ends(name, ">"))
        return false;
    inner = text_after(name, open + 1);
    inner.length--;
    at = memrchr(inner.bytes, '@', inner.length);
    if (at == NULL || at == inner.bytes)
        return false;
    *ret_user = (struct text){inner.bytes, (size_t)(at - inner.bytes)};
    *ret_issuer = text_after(inner, ret_user->length + 1);
    return is_account(*ret_user);
}

/* -- the professional -- */

/* How well an agent answers "who sat there"; 0: not at all. */
static unsigned
professional_rank(const struct audit *audit, const struct audit_agent *agent,
                  unsigned bits)
{
    struct text user, issuer;
    bool asked = agent->requestor;

    if (bits & AGENT_THING)
        return 0;
    if (bits & AGENT_HUMAN)
        return asked ? 9 : 5;
    if (bits & AGENT_MACHINE)
        return 0;
    if (bits & AGENT_PERSON)
        return asked ? 8 : 3;
    if (saml_name(agent->name, &user, &issuer))
        return asked ? 7 : 4;
    if (!asked)
        return 0;
    if (!(bits & AGENT_PARTY))
        return 6;
    /* a party of the exchange is a person only where its UserID can be an
     * account; in FHIR it is then written as an identifier */
    if (is_account(agent->who_value) &&
        (audit->dicom || agent->network_type == 0))
        return 2;
    return 0;
}

void
audit_choose_professional(const struct audit *audit,
                          struct audit_choice *choice)
{
    unsigned best = 0;

    for (uint32_t i = 0; i < audit->agent_count; i++)
        choice->bits[i] = agent_bits(&audit->agents[i]);
    for (uint32_t i = 0; i < audit->agent_count; i++) {
        const struct audit_agent *agent = &audit->agents[i];
        unsigned rank;
        if (choice->bits[i] & AGENT_CITIZEN) {
            choice->citizen |= agent->requestor;
            continue;
        }
        rank = professional_rank(audit, agent, choice->bits[i]);
        if (rank > best) {
            best = rank;
            choice->professional = agent;
        }
    }
    /* a care team's member named beside the patient who asked did not ask */
    if (choice->citizen && choice->professional != NULL &&
        !choice->professional->requestor)
        choice->professional = NULL;
    if (choice->professional != NULL)
        choice->citizen = false;
}

/* The issuer that some agent gives for this very user. */
static struct text
issuer_of(const struct audit *audit, struct text user)
{
    for (uint32_t i = 0; i < audit->agent_count; i++) {
        struct text name, issuer;
        if (saml_name(audit->agents[i].name, &name, &issuer) &&
            text_equal(name, user))
            return issuer;
    }
    return (struct text){0};
}

void
audit_name_professional(const struct audit *audit,
                        const struct audit_choice *choice, struct event *event)
{
    const struct audit_agent *agent = choice->professional;
    unsigned bits = choice->bits[agent - audit->agents];
    struct text user, issuer;
    bool account =
        is_account(agent->who_value) ||
        ((bits & AGENT_HUMAN) && !audit->dicom && agent->who_value.length > 0);

    if (account) {
        event->professional = agent->who_value;
        event->professional_system = agent->who_system.length > 0
                                         ? agent->who_system
                                         : issuer_of(audit, agent->who_value);
    } else if (saml_name(agent->name, &user, &issuer)) {
        event->professional = user;
        event->professional_system = issuer;
    } else if (agent->who_reference.length > 0) {
        event->professional = agent->who_reference;
    } else if (agent->who_display.length > 0) {
        event->professional = agent->who_display;
    } else if (is_account(agent->alternative) &&
               !(audit->dicom && (bits & AGENT_PARTY))) {
        event->professional = agent->alternative;
    } else if (!(bits & AGENT_PARTY)) {
        event->professional = agent->name;
    }
}
