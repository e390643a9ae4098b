#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""`vigie replay --json` on every form, in every framing and compression: the
same accesses, written here in each form, must come out as the same number of
records, persons and professionals. And the real forms of ../shared/data/audit
(VIGIE_SHARED overrides), counted by a reader of our own."""
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

VIGIE = os.environ.get("VIGIE", "build/vigie")
HOME = os.environ.get("TMPDIR", "/tmp")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SHARED = os.environ.get("VIGIE_SHARED",
                        os.path.join(os.path.dirname(ROOT), "shared"))
DATA = SHARED if os.path.isdir(os.path.join(SHARED, "audit")) \
    else os.path.join(SHARED, "data")
AUDIT = os.path.join(DATA, "audit")
ISSUER = "https://idp.example.fr/realms/region"
OID = "1.2.250.1.999.1"
BOM = b"\xef\xbb\xbf"
failed = 0


def tell(name, wrong):
    """One TAP line; `wrong` is a list of what was not as it should be."""
    global failed
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:5]:
        print("# " + line[:1500])
    failed += bool(wrong)


def replay(*words, stdin=None):
    done = subprocess.run([VIGIE, "replay", "--json", *words],
                          input=stdin, capture_output=True)
    lines = done.stdout.decode("utf-8").splitlines()
    summary = json.loads(lines[-1]) if lines else {}
    refused = [json.loads(line)
               for line in done.stderr.decode("utf-8").splitlines()
               if line.startswith('{"kind":"refused"')]
    return done.returncode, summary, refused


# -- the accesses, and each of them in each form ---------------------------

class Access:
    """Access i of a set that starts at a minute of its own, so that no two
    sets hold the same event."""

    def __init__(self, number, hour):
        self.time = "2026-03-02T%02d:%02d:07" % (hour, number)
        self.french = "02/03/2026 %02d:%02d:07" % (hour + 1, number)
        self.clf = "02/Mar/2026:%02d:%02d:07 +0000" % (hour, number)
        self.professional = "8997000000%02d" % (number % 3)
        self.person = "pé%d" % (number % 5)
        self.address = "192.0.2.%d" % (10 + number % 3)
        self.token = "t%d-%d" % (hour, number % 3)
        self.id = "r%d-%d" % (hour, number)


PROFESSIONALS, PERSONS, COUNT = 3, 5, 12


def accesses(hour):
    return [Access(number, hour) for number in range(COUNT)]


def fhir(access):
    """BALP PatientRead, as the client's server reports it."""
    dcm = "http://dicom.nema.org/resources/ontology/DCM"

    def coding(system, code):
        return {"coding": [{"system": system, "code": code}]}
    return {
        "resourceType": "AuditEvent", "id": access.id,
        "meta": {"profile": [
            "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"
            "IHE.BasicAudit.PatientRead"]},
        "type": {"system": "http://terminology.hl7.org/CodeSystem/"
                           "audit-event-type", "code": "rest"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction",
                     "code": "read"}],
        "action": "R", "recorded": access.time + "Z", "outcome": "0",
        "agent": [
            {"type": coding(dcm, "110153"), "requestor": False,
             "who": {"display": "srv"},
             "network": {"address": "https://srv.example.fr/fhir",
                         "type": "5"}},
            {"type": coding(dcm, "110152"), "requestor": False,
             "who": {"identifier": {"value": "portail"}},
             "network": {"address": access.address, "type": "2"}},
            {"type": coding("http://terminology.hl7.org/CodeSystem/"
                            "v3-ParticipationType", "IRCP"),
             "requestor": True,
             "policy": ["urn:ietf:params:oauth:jti:" + access.token],
             "who": {"identifier": {"system": ISSUER,
                                    "value": access.professional}}}],
        "source": {"observer": {"display": "vigie"}},
        "entity": [
            {"type": {"system": "http://terminology.hl7.org/CodeSystem/"
                                "audit-entity-type", "code": "1"},
             "role": {"system": "http://terminology.hl7.org/CodeSystem/"
                                "object-role", "code": "1"},
             "what": {"identifier": {"system": "urn:oid:" + OID,
                                     "value": access.person}}}],
    }


def escaped(value):
    return (value.replace("&", "&amp;").replace("<", "&lt;")
            .replace('"', "&quot;"))


def as_xml(value, name, indent, prefix):
    """FHIR JSON to FHIR XML: a primitive is a `value` attribute."""
    pad = "\n" + "  " * indent if indent else ""
    if isinstance(value, list):
        return "".join(as_xml(item, name, indent, prefix) for item in value)
    if isinstance(value, dict):
        inside = "".join(
            as_xml(item, key, indent + 1 if indent else 0, prefix)
            for key, item in value.items() if key != "resourceType")
        return "%s<%s%s>%s%s</%s%s>" % (pad, prefix, name, inside, pad, prefix,
                                        name)
    if isinstance(value, bool):
        value = "true" if value else "false"
    return '%s<%s%s value="%s"/>' % (pad, prefix, name, escaped(str(value)))


def fhir_xml(access, indent=1, prefix=""):
    text = as_xml(fhir(access), "AuditEvent", indent, prefix).strip()
    space = "xmlns%s" % (":" + prefix[:-1] if prefix else "")
    return text.replace(
        "AuditEvent>", 'AuditEvent %s="http://hl7.org/fhir">' % space, 1)


def dicom(access, code="csd-code", name="originalText", indent=""):
    line = "\n" + indent if indent else ""
    return line.join([
        '<AuditMessage>',
        '<EventIdentification EventActionCode="R" EventDateTime="%sZ" '
        'EventOutcomeIndicator="0"><EventID %s="110110" codeSystemName="DCM" '
        '%s="Patient Record"/></EventIdentification>' % (
            access.time, code, name),
        '<ActiveParticipant UserID="%s" UserName="&lt;%s@%s&gt;" '
        'UserIsRequestor="true" NetworkAccessPointID="%s" '
        'NetworkAccessPointTypeCode="2"><RoleIDCode %s="110152" '
        'codeSystemName="DCM" %s="Destination"/></ActiveParticipant>' % (
            access.professional, access.professional, ISSUER, access.address,
            code, name),
        '<AuditSourceIdentification AuditSourceID="rri">'
        '<AuditSourceTypeCode %s="4"/></AuditSourceIdentification>' % code,
        '<ParticipantObjectIdentification ParticipantObjectID='
        '"%s^^^&amp;%s&amp;ISO" ParticipantObjectTypeCode="1" '
        'ParticipantObjectTypeCodeRole="1"><ParticipantObjectIDTypeCode '
        '%s="2"/></ParticipantObjectIdentification>' % (
            access.person, OID, code)]) + ("\n" if indent else "") + \
        "</AuditMessage>"


START = ('<AuditMessage><EventIdentification EventActionCode="E" '
         'EventDateTime="2026-03-02T01:00:00Z" EventOutcomeIndicator="0">'
         '<EventID csd-code="110100" codeSystemName="DCM"/><EventTypeCode '
         'csd-code="110120" codeSystemName="DCM"/></EventIdentification>'
         '<ActiveParticipant UserID="rri" UserIsRequestor="false"/>'
         '<AuditSourceIdentification AuditSourceID="rri"/></AuditMessage>')
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def syslog(access, body, between=b""):
    return b"<85>1 %sZ srv rri 1 IHE+RFC-3881 - %s%s" % (
        access.time.encode(), between, body)


def framed(message):
    return b"%d %s" % (len(message), message)


def keycloak(access):
    return ('%s,120 WARN  [org.keycloak.events] (executor-thread-1) '
            'type="LOGIN_ERROR", realmId="r", clientId="portail", '
            'userId="%s", ipAddress="%s", error="invalid_user_credentials", '
            'username="%s, ipAddress=203.0.113.9"' % (
                access.time.replace("T", " "), access.professional,
                access.address, access.professional))


def csv_line(access):
    return '%s;%s;%s;"é;%s";consultation' % (
        access.french, access.professional, access.person, access.address)


def access_log(access):
    return ('%s - %s [%s] "GET /fhir/Patient/%d HTTP/1.1" 200 512 "-" "Moz"'
            % (access.address, access.professional, access.clf,
               int(access.person[2:])))


class Form:
    """One content, and what is to come out of it."""

    def __init__(self, name, content, events=COUNT, ignored=0, refused=0,
                 persons=PERSONS, professionals=PROFESSIONALS, forms=None,
                 rules=()):
        self.name, self.content = name, content
        self.events, self.ignored, self.refused = events, ignored, refused
        self.persons, self.professionals = persons, professionals
        self.forms, self.rules = forms, list(rules)


def lines(items):
    return "".join(item + "\n" for item in items).encode()


def bundle(resources, kind="searchset"):
    return {"resourceType": "Bundle", "type": kind, "total": len(resources),
            "entry": [{"fullUrl": "urn:x:%d" % number, "resource": resource}
                      for number, resource in enumerate(resources)]}


OUTCOME = {"resourceType": "OperationOutcome", "id": "o",
           "issue": [{"severity": "warning", "code": "incomplete"}]}


def json_forms(hour):
    events = [fhir(access) for access in accesses(hour)]
    compact = [json.dumps(event, separators=(",", ":")) for event in events]
    pretty = [json.dumps(event, indent=2, ensure_ascii=False)
              for event in events]
    yield Form("BALP as NDJSON", lines(compact), forms="fhir-json")
    yield Form("BALP as NDJSON with a byte order mark and CRLF",
               BOM + "\r\n".join(compact).encode())
    yield Form("BALP pretty-printed, one behind the other", lines(pretty))
    yield Form("BALP in one array", json.dumps(events).encode())
    yield Form("BALP in a searchset with an OperationOutcome",
               json.dumps(bundle(events + [OUTCOME]), indent=1).encode(),
               ignored=1)
    yield Form("BALP in a transaction",
               json.dumps(bundle(events, "transaction")).encode())
    broken = compact[:]
    broken[4] = broken[4][:-20]
    yield Form("NDJSON with a broken line in its middle", lines(broken),
               events=COUNT - 1, refused=1)
    yield Form("NDJSON that breaks off", lines(compact)[:-30],
               events=COUNT - 1, refused=1, rules=["record-truncated"])
    yield Form("NDJSON with a line of 5 MB", lines(
        compact[:6] + ['{"resourceType":"AuditEvent","x":"%s"}' %
                       ("x" * (5 << 20))] + compact[6:]),
               refused=1, rules=["record-bytes-max"])


def xml_forms(hour):
    them = accesses(hour)
    yield Form("FHIR XML documents, one behind the other",
               lines(fhir_xml(access) for access in them), forms="fhir-xml")
    yield Form("FHIR XML with a prefix, on one line each",
               lines(fhir_xml(access, 0, "f:") for access in them))
    inside = "".join("<entry><resource>%s</resource></entry>\n" %
                     fhir_xml(access) for access in them)
    whole = (PROLOG + '\n<Bundle xmlns="http://hl7.org/fhir"><!-- <entry> -->'
             '<type value="searchset"/>%s<entry><resource><OperationOutcome>'
             '<id value="o"/></OperationOutcome></resource></entry></Bundle>'
             % inside).encode()
    yield Form("FHIR XML in a Bundle", whole, ignored=1)
    yield Form("a FHIR XML Bundle that breaks off",
               whole[:whole.rindex(b"</outcome") if b"</outcome" in whole
                     else whole.rindex(b"<agent>")],
               events=COUNT - 1, refused=1, rules=["record-truncated"])
    for code, name in (("csd-code", "originalText"), ("code", "displayName")):
        texts = [dicom(access, code, name) for access in them]
        yield Form("DICOM XML with %s, with prologs" % code,
                   lines(PROLOG + "\n" + text for text in texts) +
                   START.encode(), ignored=1, forms="dicom-xml")
        yield Form("DICOM XML with %s, on one line" % code,
                   "".join(texts).encode())
    texts[3] = texts[3].replace("</AuditMessage>", "")
    yield Form("a DICOM document that is never closed", lines(texts),
               events=COUNT - 1, refused=1)
    yield Form("DICOM XML in windows-1252", b"\n".join(
        b'<?xml version="1.0" encoding="windows-1252"?>' +
        dicom(access).encode("windows-1252") for access in them))
    yield Form("a DOCTYPE before each DICOM document", lines(
        ["<!DOCTYPE AuditMessage [<!ENTITY x 'y'>]>" + dicom(them[0])] +
        [dicom(access) for access in them]), refused=1,
        rules=["xml-doctype"])


def syslog_forms(hour):
    them = accesses(hour)
    bodies = [(PROLOG + dicom(access)).encode() for access in them]
    pretty = [(PROLOG + "\n" + dicom(access, indent="  ")).encode()
              for access in them]
    words = b"<13>1 2026-03-02T09:00:00Z srv sshd 1 - - words"
    messages = [syslog(access, BOM + body)
                for access, body in zip(them, bodies)]
    yield Form("ATNA in syslog lines", b"\n".join(messages + [words]),
               ignored=1, forms="syslog")
    yield Form("ATNA over several lines without frames", b"\n".join(
        [syslog(access, body) for access, body in zip(them, pretty)] +
        [words]), ignored=1)
    yield Form("ATNA with a newline before the XML", b"\n".join(
        syslog(access, BOM + body, b"\n")
        for access, body in zip(them, pretty)))
    yield Form("ATNA behind RFC 3164 headers", b"\n".join(
        b"<85>Mar  2 10:%02d:07 srv rri: " % number + body
        for number, body in enumerate(bodies)))
    yield Form("ATNA in a file that rsyslog wrote, without priorities",
               b"".join(b"Mar  2 10:%02d:07 srv rri[1]: %s\n" % (number, body)
                        for number, body in enumerate(bodies)))
    frames = [framed(message) for message in messages]
    yield Form("ATNA in RFC 5425 frames", b"".join(frames + [framed(words)]),
               ignored=1)
    yield Form("RFC 5425 frames with newlines inside and behind", b"\n".join(
        framed(syslog(access, BOM + body, b"\n"))
        for access, body in zip(them, pretty)))
    wrong = frames[:]
    wrong[2] = b"%d %s" % (len(messages[2]) + 40, messages[2])
    wrong[6] = b"%d %s" % (len(messages[6]) - 40, messages[6])
    yield Form("two frames with a wrong count", b"".join(wrong),
               events=COUNT - 2, refused=2,
               rules=["syslog-frame-length", "syslog-frame-length"])
    yield Form("frames that break off", b"".join(frames)[:-10],
               events=COUNT - 1, refused=1, rules=["record-truncated"])
    yield Form("BALP in syslog lines", b"\n".join(
        syslog(access, json.dumps(fhir(access)).encode())
        for access in them))
    yield Form("syslog messages as ITI-82 gives them", json.dumps(
        [{"Pri": "85", "Version": "1", "Timestamp": access.time + "Z",
          "Hostname": "srv", "App-name": "rri", "Msg": body.decode()}
         for access, body in zip(them, bodies)]).encode())


def line_forms(hour):
    them = accesses(hour)
    logins = []
    for access in them:
        logins += ["2026-03-02 09:00:00,000 INFO  [io.quarkus] (main) words",
                   keycloak(access)]
    yield Form("Keycloak lines among others", lines(logins), ignored=COUNT,
               persons=0, forms="keycloak")
    head = "Date;RPPS;IPP;Adresse IP;Action"
    # the quoted cell holds a separator and no address
    rows = [csv_line(access).replace("é;", "") for access in them]
    yield Form("a hospital's CSV in windows-1252",
               "\r\n".join([head] + rows).encode("windows-1252"),
               ignored=1, forms="table:hospital-csv")
    yield Form("a hospital's CSV with a byte order mark",
               BOM + lines([head] + rows), ignored=1)
    yield Form("a CSV with newlines in its cells", lines(
        [head + ";Motif"] + [row + ';"une\nraison; ""autre"""'
                             for row in rows]), ignored=1)
    yield Form("a combined access log",
               lines(access_log(access) for access in them),
               forms="table:access-log")
    mixed = []
    for access, later in zip(them, accesses(hour + 1)):
        mixed += ["words", keycloak(access), json.dumps(fhir(access)),
                  syslog(later, dicom(later).encode()).decode()]
    yield Form("Keycloak, BALP and syslog lines in one file", lines(mixed),
               events=3 * COUNT, ignored=COUNT, professionals=6,
               forms="fhir-json+syslog+keycloak")


# -- each form, compressed, piped, in folders ------------------------------

def check(form, result):
    code, summary, refused = result
    wrong = []
    if code != 0:
        wrong.append("exit %d" % code)
    for key, value in (("events", form.events), ("ignored", form.ignored),
                       ("refused", form.refused), ("patients", form.persons),
                       ("professionals", form.professionals)):
        if summary.get(key) != value:
            wrong.append("%s: %s, not %s (%s)" % (
                key, summary.get(key), value, refused[:3]))
    if form.forms is not None and summary.get("forms") != form.forms:
        wrong.append("forms: %s" % summary.get("forms"))
    if form.rules and [line["rule"] for line in refused] != form.rules:
        wrong.append("rules: %s" % refused[:3])
    return wrong


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
    return path


def zstd(content):
    if shutil.which("zstd") is None:
        return None
    return subprocess.run(["zstd", "-q", "-c"], input=content, check=True,
                          capture_output=True).stdout


def compressed(form):
    half = len(form.content) // 2
    members = gzip.compress(form.content[:half]) + \
        gzip.compress(form.content[half:])
    wrong = ["gzip: " + line for line in check(form, replay(
        write(os.path.join(HOME, "a"), members)))]
    packed = zstd(form.content)
    if packed is not None:
        wrong += ["zstd: " + line for line in check(form, replay(
            write(os.path.join(HOME, "b"), packed)))]
    return wrong


def own_forms():
    made = [*json_forms(2), *xml_forms(5), *syslog_forms(8), *line_forms(11)]
    folder = os.path.join(HOME, "forms")
    os.makedirs(folder)
    for number, form in enumerate(made):
        path = write(os.path.join(folder, "%02d.txt" % number), form.content)
        wrong = check(form, replay(path))
        wrong += ["pipe: " + line for line in check(form, replay(
            "-", stdin=form.content))]
        if number % 4 == 0:
            wrong += compressed(form)
        tell(form.name, wrong)
    return made, folder


def together(made, folder):
    code, summary, _ = replay("--quiet", folder)
    wrong = [] if code == 0 else ["exit %d" % code]
    for key in ("events", "ignored", "refused"):
        total = sum(getattr(form, key) for form in made)
        if summary.get(key) != total:
            wrong.append("%s: %s, not %d" % (key, summary.get(key), total))
    if summary.get("files") != len(made):
        wrong.append("files: %s" % summary.get("files"))
    tell("a folder of all forms is the sum of them", wrong)

    named = {form.name: form for form in made}
    chosen = ["BALP as NDJSON", "FHIR XML in a Bundle",
              "DICOM XML with csd-code, on one line", "ATNA in RFC 5425 frames"]
    paths = [os.path.join(folder, "%02d.txt" % made.index(named[name]))
             for name in chosen]
    result = replay(*paths)
    tell("one person and one professional in every form are one", check(
        Form("", b"", events=4 * COUNT, ignored=2,
             forms="fhir-json+fhir-xml+dicom-xml+syslog"), result))
    again = replay(*reversed(paths))
    tell("the order of the files does not matter", [] if
         {key: again[1].get(key) for key in ("events", "patients", "sessions",
                                             "alerts", "disclosures")} ==
         {key: result[1].get(key) for key in ("events", "patients", "sessions",
                                              "alerts", "disclosures")}
         else ["%s %s" % (result[1], again[1])])


def exit_codes(folder):
    cases = [
        ("nothing that was accepted is exit 2", 2, b"words and words\n"),
        ("an empty trail is exit 2", 2, b""),
        ("UTF-16 is refused", 2, "<AuditMessage/>".encode("utf-16")),
        ("zero bytes are refused", 2, bytes(1000)),
        ("one document that is no record is exit 2", 2,
         b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>'),
    ]
    for name, expected, content in cases:
        code, summary, _ = replay("-", stdin=content)
        tell(name, [] if code == expected and summary.get("events", 0) == 0
             else ["exit %d %s" % (code, summary)])
    code, _, _ = replay(os.path.join(folder, "no such file"))
    tell("a file that is not there is exit 2",
         [] if code == 2 else ["exit %d" % code])


# -- the real forms --------------------------------------------------------

def count_dicom(path):
    """Application start and stop (110100) are no accesses."""
    root = ET.parse(path).getroot()
    if root.tag != "AuditMessage":
        return 0, 1
    event = root.find("EventIdentification/EventID")
    code = event.get("csd-code") or event.get("code")
    return (0, 1) if code == "110100" else (1, 0)


def count_swiss(path):
    """Documents seen by somebody other than the patient are accesses."""
    space = "{http://hl7.org/fhir}"
    root = ET.parse(path).getroot()
    found = [root] if root.tag == space + "AuditEvent" \
        else root.findall(space + "entry")
    events = 0
    for item in found:
        event = item if item.tag == space + "AuditEvent" \
            else item.find("%sresource/%sAuditEvent" % (space, space))
        if event is None:
            continue
        kind = event.find("%ssubtype/%scode" % (space, space)).get("value")
        roles = [agent.find("%srole/%scoding/%scode" % (space, space, space))
                 for agent in event.findall(space + "agent")
                 if agent.find(space + "requestor").get("value") == "true"]
        own = any(role is not None and role.get("value") in ("PAT", "REP")
                  for role in roles)
        events += kind.startswith("ATC_DOC") and not own
    return events, len(found) - events


def count_json(path):
    """Only how many records there are: what each is, is tested elsewhere."""
    with open(path, encoding="utf-8") as file:
        resource = json.load(file)
    if resource["resourceType"] == "Bundle":
        return len(resource["entry"])
    return 1


def real_files(name, pattern):
    folder = os.path.join(AUDIT, name)
    return [os.path.join(folder, file) for file in sorted(os.listdir(folder))
            if re.fullmatch(pattern, file)]


def real_forms():
    if not os.path.isdir(AUDIT):
        print("ok real forms # SKIP %s is not there" % AUDIT)
        return
    for name, pattern, reader in (("ipf", r".*\.(xml|xsd)", count_dicom),
                                  ("openatna", r".*\.xml", count_dicom),
                                  ("ch-atc", r".*\.xml", count_swiss)):
        paths = real_files(name, pattern)
        counts = [reader(path) for path in paths]
        code, summary, _ = replay(*paths)
        expected = (sum(count[0] for count in counts),
                    sum(count[1] for count in counts), 0)
        got = tuple(summary.get(key) for key in ("events", "ignored",
                                                 "refused"))
        tell("real: " + name, [] if code == 0 and got == expected
             else ["%s, not %s" % (got, expected)])
    for name in ("balp", "ans-tde"):
        paths = real_files(name, r".*\.json")
        code, summary, _ = replay(*paths)
        total = sum(count_json(path) for path in paths)
        got = summary.get("events", 0) + summary.get("ignored", 0)
        tell("real: " + name, [] if code == 0 and got == total and
             summary.get("refused") == 0 else ["%s, not %d" % (summary, total)])
    code, summary, _ = replay(*real_files("atna-syslog", r".*\.bin"))
    tell("real: atna-syslog", [] if code == 0 and summary["events"] == 1 and
         summary["refused"] == 0 else [str(summary)])
    for name in ("keycloak-logs", "keycloak-bf", "variants"):
        paths = real_files(os.path.join("keycloak", name), r".*\.log")
        text = ""
        for path in paths:
            with open(path, encoding="utf-8") as file:
                text += file.read()
        found = len(re.findall(r'^.*(?:type="?|"type":")LOGIN_ERROR.*$', text,
                               re.MULTILINE))
        code, summary, _ = replay(*paths)
        tell("real: keycloak, " + name,
             [] if code == 0 and summary["events"] == found and
             summary["refused"] == 0 else ["%s, not %d" % (summary, found)])


def main():
    made, folder = own_forms()
    together(made, folder)
    exit_codes(folder)
    real_forms()
    return 1 if failed else 0


sys.exit(main())
