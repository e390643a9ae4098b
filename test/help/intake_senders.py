# SPDX-License-Identifier: EUPL-1.2
"""Senders of audit records, and a daemon with intake. For tests."""
import datetime
import http.client
import json
import os
import socket
import ssl
import subprocess
import time
import zlib

VIGIE = os.environ.get("VIGIE", "build/vigie")
FOLDER = os.environ.get("TMPDIR", "/tmp")
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"


def audit(person, session, request="", when=None, host="dossier.example",
          professional="", observer="Device/dossier"):
    """One BALP read, as bytes. Each session is somebody else's, so that no
    token is taken for another's successor."""
    professional = professional or "8997%08d" % (zlib.crc32(session.encode())
                                                 % 10 ** 8)
    when = when or datetime.datetime.now(datetime.timezone.utc)
    event = {
        "resourceType": "AuditEvent",
        "meta": {"profile": ["https://profiles.ihe.net/ITI/BALP/"
                             "StructureDefinition/IHE.BasicAudit.PatientRead"
                             ]},
        "type": {"system": "http://terminology.hl7.org/CodeSystem/"
                           "audit-event-type", "code": "rest"},
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction",
                     "code": "read"}],
        "action": "R",
        "recorded": when.isoformat(timespec="microseconds"),
        "outcome": "0",
        "agent": [
            {"type": {"coding": [{"system": DICOM, "code": "110153"}]},
             "who": {"reference": "Device/client"}, "requestor": False,
             "network": {"address": "192.0.2.7", "type": "2"}},
            {"type": {"coding": [{"system": DICOM, "code": "110152"}]},
             "who": {"identifier": {"value": host}}, "requestor": False,
             "network": {"address": "https://%s/fhir" % host, "type": "5"}},
            {"type": {"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/"
                          "v3-ParticipationType", "code": "IRCP"}]},
             "who": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1",
                                    "value": professional}},
             "requestor": True,
             "policy": ["urn:ietf:params:oauth:jti:" + session]}],
        "source": {"observer": {"reference": observer},
                   "type": [{"system": "http://terminology.hl7.org/CodeSystem/"
                                       "security-source-type", "code": "4"}]},
        "entity": [{
            "what": {"reference": person},
            "type": {"system": ENTITY, "code": "1"},
            "role": {"system": "http://terminology.hl7.org/CodeSystem/"
                               "object-role", "code": "1"}}]}
    if request:
        event["entity"].append({
            "what": {"identifier": {"value": request}},
            "type": {"system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/"
                               "BasicAuditEntityType", "code": "XrequestId"}})
    return json.dumps(event).encode()


def bundle(events):
    return json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [
        {"resource": event} for event in events]}).encode()


def message(body):
    return b"<110>1 2026-03-02T09:14:07Z host dossier 1 IHE+BALP - " + body


def counted(body):
    whole = message(body)
    return b"%d " % len(whole) + whole


def line(body):
    return message(body) + b"\n"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=40)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(40)
        self.sock.connect(self.path)


class Daemon:
    def __init__(self, name, more="", required=False):
        self.folder = os.path.join(FOLDER, name)
        os.makedirs(self.folder)
        for part in ("data", "keys", "door", "feed"):
            setattr(self, part, os.path.join(self.folder, part))
        self.followed = os.path.join(self.folder, "audit.log")
        self.conf = os.path.join(self.folder, "vigie.conf")
        self.log = os.path.join(self.folder, "log")
        self.plain, self.tls_port = free_port(), free_port()
        self.certificate = os.path.join(self.folder, "certificate.pem")
        self.key = os.path.join(self.folder, "key.pem")
        self.foreign = os.path.join(self.folder, "foreign.pem")
        self.foreign_key = os.path.join(self.folder, "foreign-key.pem")
        for key, certificate in ((self.key, self.certificate),
                                 (self.foreign_key, self.foreign)):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=localhost", "-keyout", key, "-out",
                 certificate], check=True, capture_output=True)
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write(
                "data %s;\nkeys %s;\ndoor %s;\noperator-socket %s/op;\n"
                "syslog-tls 127.0.0.1 %d %s %s %s%s;\n"
                "syslog-plain 127.0.0.1 %d;\naudit-feed %s;\n%s" % (
                    self.data, self.keys, self.door, self.folder,
                    self.tls_port, self.certificate, self.key,
                    self.certificate, " required" if required else "",
                    self.plain, self.feed, more))
            file.write("intake-folder %s/positions;\nfollow %s;\n" % (
                self.folder, self.followed))
            file.write("sources %s/sources.csv;\n" % self.folder)
            file.write("behind-door annuaire;\n")
        with open(self.folder + "/sources.csv", "w", encoding="utf-8") as file:
            file.write("match,service,controller,context_reveals_health\n"
                       "dossier.example,dossier,,\n"
                       "annuaire.example,annuaire,,\n")
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [VIGIE, "--lang", "en", "run", "-c", self.conf], stderr=log)
        self.wait_for(lambda text: "ready" in text)
        return self

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)

    def wait_for(self, condition):
        for _ in range(600):
            if condition(self.logged()):
                return True
            time.sleep(0.05)
        return False

    def logged(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def children(self, name):
        found = []
        path = "/proc/%d/task/%d/children" % (self.process.pid,
                                              self.process.pid)
        with open(path, encoding="utf-8") as file:
            pids = file.read().split()
        for pid in pids:
            try:
                with open("/proc/%s/comm" % pid, encoding="utf-8") as file:
                    if file.read().strip() == name:
                        found.append(int(pid))
            except OSError:
                pass
        return found

    def post(self, body, kind="application/fhir+json"):
        connection = Unix(self.feed)
        try:
            connection.request("POST", "/fhir/AuditEvent", body,
                               {"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def raw(self, given):
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(10)
        stream.connect(self.feed)
        stream.sendall(given)
        try:
            return stream.recv(4096)
        except OSError:
            return b""
        finally:
            stream.close()

    def tls(self, most=None, certificate=False, foreign=False):
        context = ssl.create_default_context(cafile=self.certificate)
        if most:
            context.minimum_version = context.maximum_version = most
        if certificate:
            context.load_cert_chain(self.certificate, self.key)
        if foreign:
            context.load_cert_chain(self.foreign, self.foreign_key)
        return context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.tls_port)),
            server_hostname="localhost")

    def vigie(self, command, *arguments):
        return subprocess.run(
            [VIGIE, "--lang", "en", command, "--data", self.data, "--keys",
             self.keys, *arguments], capture_output=True, text=True)

    def persons(self, *arguments):
        done = self.vigie("scope", "--list", "--json", *arguments)
        return {json.loads(one)["patient"] for one in done.stdout.splitlines()
                if "patient" in json.loads(one)}

    def scope(self, session):
        done = self.vigie("scope", "--json", "--session", session)
        return json.loads(done.stdout) if done.stdout else {}

    def wait_persons(self, session, persons):
        for _ in range(100):
            if self.persons("--session", session) == persons:
                return True
            time.sleep(0.1)
        return False
