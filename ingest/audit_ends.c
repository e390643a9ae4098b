/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which agent is the client and which the server, and what they tell:
 * address, device, session, service, side. The client is found by the kind
 * of its network point first (an address, not a URI) and only then by roles,
 * since BALP turns source and destination round between reading and querying
 * (BALP 1.1.4, RESTful activity profiles).
 */
#include <string.h>

#include "ingest/audit_parts.h"

#define JTI_PREFIX "urn:ietf:params:oauth:jti:"

/* -- client and server -- */

static bool
is_uri_point(const struct audit_agent *agent)
{
    return agent->network_type == '5' || audit_is_url(agent->network_address);
}

static bool
parse_point(const struct audit_agent *agent, char address[ADDRESS_TEXT_BYTES])
{
    return agent->network_address.length > 0 && !is_uri_point(agent) &&
           event_address_parse(agent->network_address, address) == OK;
}

/* Among several that have an address: who asked, else who plays the part
 * that the client plays in this interaction. */
static unsigned
client_rank(const struct audit_agent *agent, unsigned bits,
            enum interaction interaction,
            const struct audit_agent *professional)
{
    bool takes =
        interaction == INTERACTION_READ || interaction == INTERACTION_EXPORT;
    unsigned rank = 1;

    if (agent->requestor)
        rank += 8;
    if (agent == professional)
        rank += 4;
    if (bits & (takes ? AGENT_DESTINATION : AGENT_SOURCE))
        rank += 2;
    else if (bits & AGENT_APPLICATION)
        rank += 1;
    return rank;
}

static void
choose_client(const struct audit *audit, enum interaction interaction,
              struct audit_choice *choice)
{
    unsigned best = 0;

    for (uint32_t i = 0; i < audit->agent_count; i++) {
        const struct audit_agent *agent = &audit->agents[i];
        char address[ADDRESS_TEXT_BYTES];
        unsigned rank;
        if (!parse_point(agent, address))
            continue;
        rank = client_rank(agent, choice->bits[i], interaction,
                           choice->professional);
        if (rank > best) {
            best = rank;
            choice->client = agent;
            memcpy(choice->address, address, sizeof(address));
        }
    }
    /* no address at all: a machine named by its host is still the device */
    for (uint32_t i = 0; choice->client == NULL && i < audit->agent_count;
         i++) {
        const struct audit_agent *agent = &audit->agents[i];
        if (agent->network_type == '1' && !is_uri_point(agent) &&
            !audit_is_url(agent->who_value))
            choice->client = agent;
    }
}

/* The WS-Addressing "anonymous" address is written where no URL is known. */
static bool
is_server_url(struct text value)
{
    return audit_is_url(value) &&
           text_find(value, "/addressing/anonymous") == value.length &&
           text_find(value, "/addressing/role/anonymous") == value.length;
}

/* By a URL; else a party of the exchange that has an address, best another
 * one than the client's. */
static unsigned
server_rank(const struct audit *audit, const struct audit_choice *choice,
            const struct audit_agent *agent, unsigned bits)
{
    if (agent == choice->client || agent == choice->professional)
        return 0;
    if (is_uri_point(agent) ||
        (audit->dicom && is_server_url(agent->who_value)))
        return 3;
    if (!(bits & AGENT_PARTY) || agent->network_address.length == 0)
        return 0;
    return choice->client != NULL && text_equal(agent->network_address,
                                                choice->client->network_address)
               ? 1
               : 2;
}

static void
choose_server(const struct audit *audit, struct audit_choice *choice)
{
    unsigned best = 0;

    for (uint32_t i = 0; i < audit->agent_count; i++) {
        const struct audit_agent *agent = &audit->agents[i];
        unsigned rank = server_rank(audit, choice, agent, choice->bits[i]);
        if (rank > best) {
            best = rank;
            choice->server = agent;
        }
    }
}

void
audit_choose(const struct audit *audit, enum interaction interaction,
             struct audit_choice *ret_choice)
{
    ret_choice->professional = NULL;
    ret_choice->client = NULL;
    ret_choice->server = NULL;
    ret_choice->citizen = false;
    ret_choice->address[0] = '\0';
    audit_choose_professional(audit, ret_choice);
    choose_client(audit, interaction, ret_choice);
    choose_server(audit, ret_choice);
}

/* -- into the event -- */

static struct text
first_of(struct text a, struct text b, struct text c)
{
    return a.length > 0 ? a : b.length > 0 ? b : c;
}

/* RFC 3986 §3.2: the host of a URL, or of "host/path". */
static struct text
host_of(struct text url)
{
    size_t scheme = text_find(url, "://");
    struct text host = scheme < url.length ? text_after(url, scheme + 3) : url;
    size_t end = 0;
    const char *user;

    while (end < host.length && host.bytes[end] != '/' &&
           host.bytes[end] != '?' && host.bytes[end] != '#')
        end++;
    host.length = end;
    user = host.length > 0 ? memrchr(host.bytes, '@', host.length) : NULL;
    if (user != NULL)
        host = text_after(host, (size_t)(user - host.bytes) + 1);
    if (host.length > 0 && host.bytes[0] == '[') {
        host = text_after(host, 1);
        host.length = text_find_byte(host, ']');
    } else {
        host.length = text_find_byte(host, ':');
    }
    return host;
}

static bool
is_number(struct text value)
{
    for (size_t i = 0; i < value.length; i++)
        if (value.bytes[i] < '0' || value.bytes[i] > '9')
            return false;
    return value.length > 0;
}

/* An application entity of DICOM, in AlternativeUserID. */
static bool
is_entity_title(struct text value)
{
    return text_starts(value, "AETITLE");
}

/* What names the machine at this end. In DICOM AlternativeUserID is often a
 * process number, new at each start, and names nothing; a person's own
 * participant names a machine by its entity title at most. */
static struct text
device_of(const struct audit *audit, const struct audit_agent *agent,
          const struct audit_agent *professional)
{
    struct text other = agent->alternative;

    if (agent == professional)
        return is_entity_title(other) ? other : (struct text){0};
    if (!audit->dicom)
        return first_of(agent->who_value, agent->who_display,
                        agent->who_reference);
    if (other.length > 0 && !is_number(other) && !audit_is_url(other) &&
        !text_equal(other, agent->who_value))
        return other;
    if (agent->who_value.length == 0 || audit_is_url(agent->who_value) ||
        agent->who_value.bytes[0] == '/' ||
        text_is_nocase(agent->who_value, "unknown"))
        return (struct text){0};
    return agent->who_value;
}

/* Where the client says nothing: another participant at its address, or the
 * application. */
static struct text
find_device(const struct audit *audit, const struct audit_choice *choice)
{
    const struct audit_agent *client = choice->client;
    struct text device = {0};

    if (client != NULL)
        device = device_of(audit, client, choice->professional);
    for (uint32_t i = 0; device.length == 0 && i < audit->agent_count; i++) {
        const struct audit_agent *agent = &audit->agents[i];
        bool beside =
            client != NULL && client->network_address.length > 0 &&
            text_equal(agent->network_address, client->network_address);
        if ((beside || (choice->bits[i] & AGENT_APPLICATION)) &&
            agent != choice->server)
            device = device_of(audit, agent, choice->professional);
    }
    return device;
}

static bool
is_session(struct text policy)
{
    return policy.length > 0 && !audit_is_url(policy) &&
           !text_starts(policy, "urn:oid:");
}

/* The professional's own policy, else that of whoever asked, else any that
 * says it is a token. */
static struct text
find_session(const struct audit *audit, const struct audit_choice *choice)
{
    struct text found = {0};

    if (choice->professional != NULL &&
        is_session(choice->professional->policy))
        found = choice->professional->policy;
    for (uint32_t i = 0; found.length == 0 && i < audit->agent_count; i++) {
        const struct audit_agent *agent = &audit->agents[i];
        if (text_starts(agent->policy, JTI_PREFIX) ||
            (agent->requestor && is_session(agent->policy)))
            found = agent->policy;
    }
    if (text_starts(found, JTI_PREFIX))
        found = text_after(found, sizeof(JTI_PREFIX) - 1);
    return found;
}

static bool
is_observer(const struct audit *audit, const struct audit_agent *agent)
{
    return agent != NULL &&
           ((agent->who_display.length > 0 &&
             text_equal(agent->who_display, audit->source_observer_display)) ||
            (agent->who_reference.length > 0 &&
             text_equal(agent->who_reference,
                        audit->source_observer_reference)) ||
            (agent->who_value.length > 0 &&
             text_equal(agent->who_value, audit->source_observer_value)));
}

/* Who wrote it: the end that the observer is; else security-source-type, 1
 * user device, 3 web server, 4 application server, 5 database server. */
static enum event_side
find_side(const struct audit *audit, const struct audit_choice *choice)
{
    if (is_observer(audit, choice->client))
        return SIDE_CLIENT;
    if (is_observer(audit, choice->server))
        return SIDE_SERVER;
    if (text_is(audit->source_type, "1"))
        return SIDE_CLIENT;
    if (text_is(audit->source_type, "3") || text_is(audit->source_type, "4") ||
        text_is(audit->source_type, "5"))
        return SIDE_SERVER;
    return SIDE_UNKNOWN;
}

static struct text
find_service(const struct audit *audit, const struct audit_choice *choice,
             enum event_side side)
{
    const struct audit_agent *server = choice->server;
    struct text service = {0};

    if (server != NULL && is_uri_point(server))
        service = host_of(server->network_address);
    else if (server != NULL && is_server_url(server->who_value))
        service = host_of(server->who_value);
    else if (server != NULL)
        service = server->network_address;
    if (service.length == 0 && side != SIDE_CLIENT) {
        service = audit->source_site;
        if (service.length == 0)
            service = first_of(audit->source_observer_value,
                               audit->source_observer_display,
                               audit->source_observer_reference);
    }
    return service;
}

void
audit_fill_agents(const struct audit *audit, const struct audit_choice *choice,
                  struct event *event)
{
    if (choice->professional != NULL)
        audit_name_professional(audit, choice, event);
    event->session = find_session(audit, choice);
    event->session_kind =
        event->session.length > 0 ? SESSION_TOKEN : SESSION_NONE;
    event->address = text_of(choice->address);
    event->device = find_device(audit, choice);
    event->side = find_side(audit, choice);
    event->service = find_service(audit, choice, event->side);
    event->source =
        first_of(audit->source_observer_value, audit->source_observer_display,
                 audit->source_observer_reference);
    if (event->source.length == 0)
        event->source = audit->source_site;
    for (uint32_t i = 0; i < audit->agent_count; i++)
        if (audit->agents[i].emergency)
            event->flags |= EVENT_EMERGENCY;
    if (audit->emergency)
        event->flags |= EVENT_EMERGENCY;
}
