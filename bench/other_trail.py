# SPDX-License-Identifier: EUPL-1.2
"""The trail of other_region.py: acts in, lines of IHE BALP AuditEvents out.

An act is what one request showed: a tuple (time in ms since the region's
first midnight UTC, professional, service, session, address, device, verb,
persons, query, resource). One AuditEvent is written for each person, as BALP
asks. Forms follow the examples of IHE's BALP 1.1.4. Must not know who is a
thief.
"""
import base64
import time

# name, host, device shape, session shape, X-Request-Id, tokens change every
PORTAL, SHARED, ORIENT, IMAGING, HOSPITAL, OLD = range(6)
SERVICES = (
    ("portail", "portail.region-x.example", "identifier", "jti", True, 3600),
    ("dossier", "dossier.region-x.example", "constant", "opaque", False, 14400),
    ("orientation", "orientation.region-x.example", "agent", "sid", True,
     14400),
    ("imagerie", "pacs.region-x.example", "application", "jti", False, 7200),
    ("hopital", "dpi.region-x.example", "display", "jti", True, 43200),
    ("ancien", "cr.region-x.example", "address", "none", False, 14400),
)

DCM = "http://dicom.nema.org/resources/ontology/DCM"
TERM = "http://terminology.hl7.org/CodeSystem/"
ISSUER = "https://auth.psc.example/auth/realms/esante-wallet"
PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."

# verb → profile, subtype, action, who the professional is, client's part
VERBS = {
    "read": ("PatientRead", "read", "R", "IRCP", 0),
    "vread": ("PatientRead", "vread", "R", "IRCP", 0),
    "search": ("PatientQuery", "search-type", "E", "IRCP", 1),
    "create": ("PatientCreate", "create", "C", "INF", 1),
    "update": ("PatientUpdate", "update", "U", "INF", 1),
}
PARTS = (("110152", "Destination Role ID", "110153", "Source Role ID"),
         ("110153", "Source Role ID", "110152", "Destination Role ID"))


def coding(system, code, display=None):
    """One coding, as text."""
    more = ',"display":"%s"' % display if display else ""
    return '{"system":"%s","code":"%s"%s}' % (system, code, more)


def agent(system, code, display, who, requestor, network=""):
    """One agent, as text; who and network are text to stand in it."""
    return '{"type":{"coding":[%s]}%s,"requestor":%s%s}' % (
        coding(system, code, display), who, requestor, network)


def template(service, verb):
    """The line of a service and verb, with named places to fill in."""
    name, host, shape, session, request, _ = SERVICES[service]
    profile, code, action, part, turn = VERBS[verb]
    client, client_word, server, server_word = PARTS[turn]
    who = {
        "identifier": ',"who":{"identifier":{"value":"{device}"}}',
        "constant": ',"who":{"display":"%s-web"}' % name,
        "agent": ',"who":{"display":"{device}"}',
        "application": ',"who":{"identifier":{"value":"{device}"}}',
        "display": ',"who":{"display":"{device}"}',
        "address": "",
    }[shape]
    agents = []
    if shape == "application":
        agents.append(agent(
            DCM, "110150", "Application",
            ',"who":{"identifier":{"value":"pacs-viewer"}}', "false"))
    policy = "" if session == "none" else ',"policy":["{policy}"]'
    agents.append(agent(
        DCM, client, client_word, who, "false",
        ',"network":{"address":"{address}","type":"2"}'))
    agents.append(agent(
        DCM, server, server_word, ',"who":{"reference":"Device/%s"}' % name,
        "false", ',"network":{"address":"https://%s/fhir","type":"5"}' % host))
    word = "information recipient" if part == "IRCP" else "Informant"
    agents.append(agent(
        TERM + "v3-ParticipationType", part, word,
        ',"who":{"identifier":{"system":"%s","value":"{who}"}}' % ISSUER,
        "true", policy))
    entities = []
    if verb == "search":
        entities.append(
            '{"type":%s,"role":%s,"query":"{query}"}' % (
                coding(TERM + "audit-entity-type", "2", "System Object"),
                coding(TERM + "object-role", "24", "Query")))
    else:
        entities.append(
            '{"what":{"reference":"{resource}"},"type":%s,"role":%s}' % (
                coding(TERM + "audit-entity-type", "2", "System Object"),
                coding(TERM + "object-role", "4", "Domain Resource")))
    entities.append(
        '{"what":{"reference":"Patient/{person}"},"type":%s,"role":%s}' % (
            coding(TERM + "audit-entity-type", "1", "Person"),
            coding(TERM + "object-role", "1", "Patient")))
    if request:
        entities.append(
            '{"what":{"identifier":{"value":"{request}"}},"type":%s}' %
            coding("https://profiles.ihe.net/ITI/BALP/CodeSystem/"
                   "BasicAuditEntityType", "XrequestId"))
    return ('{"resourceType":"AuditEvent","id":"{id}","meta":{"profile":["' +
            PROFILE + profile + '"]},"type":' +
            coding(TERM + "audit-event-type", "rest", "Restful Operation") +
            ',"subtype":[' +
            coding("http://hl7.org/fhir/restful-interaction", code, code) +
            '],"action":"' + action + '","recorded":"{time}","outcome":"0",'
            '"agent":[' + ",".join(agents) + '],"source":{"site":"' + host +
            '","observer":{"reference":"Device/' + name + '"},"type":[' +
            coding(TERM + "security-source-type", "4", "Application Server") +
            ']},"entity":[' + ",".join(entities) + "]}\n")


PLACES = ("id", "time", "device", "address", "who", "policy", "query",
          "resource", "person", "request")


def cut(text):
    """The template as a list of plain texts and names of places."""
    pieces = [text]
    for place in PLACES:
        mark = "{%s}" % place
        pieces = [part for piece in pieces for part in split(piece, mark)]
    return pieces


def split(piece, mark):
    """piece, cut where mark stands; the mark becomes a tuple."""
    if isinstance(piece, tuple) or mark not in piece:
        return [piece]
    before, behind = piece.split(mark, 1)
    return [before, (mark[1:-1],), behind]


def formats():
    """(service, verb) → a %-format and the order of its places."""
    table = {}
    for service in range(len(SERVICES)):
        for verb in VERBS:
            pieces = cut(template(service, verb))
            table[service, verb] = (
                "".join("%s" if isinstance(piece, tuple)
                        else piece.replace("%", "%%") for piece in pieces),
                [piece[0] for piece in pieces if isinstance(piece, tuple)])
    return table


def policy_of(service, session):
    """The session as this service writes it."""
    if SERVICES[service][3] == "jti":
        return "urn:ietf:params:oauth:jti:" + session
    return session


def write(out, region, acts, rng):
    """Writes the acts, sorted by time; returns the number of lines. region:
    start (seconds since 1970), ids of professionals and of persons."""
    table = formats()
    lines = []
    count = 0
    second, stamp = -1, ""
    for act in acts:
        (at, who, service, session, address, device, verb, persons, query,
         resource) = act
        if at // 1000 != second:
            second = at // 1000
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S",
                                  time.gmtime(region.start + second))
        form, order = table[service, verb]
        values = {
            "time": "%s.%03dZ" % (stamp, at % 1000), "device": device,
            "address": address, "who": region.professional_ids[who],
            "policy": policy_of(service, session) if session else "",
            "resource": resource,
            "request": "%032x" % rng.getrandbits(128),
            "query": base64.b64encode(
                query.encode()).decode() if query else "",
        }
        for person in persons:
            values["id"] = "%032x" % rng.getrandbits(128)
            values["person"] = region.person_ids[person]
            if verb != "search" and not resource:
                values["resource"] = "Patient/" + values["person"]
            lines.append(form % tuple([values[place] for place in order]))
            count += 1
        if len(lines) > 20000:
            out.write("".join(lines))
            lines = []
    out.write("".join(lines))
    return count
