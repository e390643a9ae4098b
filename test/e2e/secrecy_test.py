#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The vault of two holders, erasing, retention with holds, new keys, and what
a thief of the disk finds: nothing under the data folder is the name of
anybody, in clear or in any usual writing of it."""
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "help"))
import wire_door as wire  # noqa: E402

VIGIE = os.path.abspath(os.environ.get("VIGIE", "build/vigie"))
USER = subprocess.run(["id", "-un"], capture_output=True,
                      text=True).stdout.strip()
FIRST = "four small red houses"
SECOND = "the sea is not flat"
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why != "":
        print("#", str(why).replace("\n", "\n# "))
    sys.stdout.flush()


def vigie(*arguments, lines=None, as_user=None, cwd=None):
    """`lines` go to --passphrase-fd 0."""
    return subprocess.run(
        [VIGIE, "--lang", "en", *arguments], capture_output=True, text=True,
        input=None if lines is None else "".join(l + "\n" for l in lines),
        user=as_user, extra_groups=[] if as_user is not None else None,
        cwd=cwd)


PERSONS = ["https://hopital.example/ipp|IPP%07d" % n for n in range(1000, 1040)]


def agent(system, code, identifier, requestor, **more):
    return dict({"type": {"coding": [{"system": system, "code": code}]},
                 "who": {"identifier": identifier}, "requestor": requestor},
                **more)


def balp_like(path, persons, professional="899700218896", day=3,
              session="sess-e2e-0001", address="203.0.113.77"):
    """Minimal AuditEvents, one person each."""
    with open(path, "w", encoding="utf-8") as file:
        for n, person in enumerate(persons):
            system, value = person.split("|")
            event = {
                "resourceType": "AuditEvent",
                "id": "%s-%d-%d" % (session, day, n),
                "type": {"system": "http://terminology.hl7.org/CodeSystem/"
                                   "audit-event-type", "code": "rest"},
                "subtype": [{"system": "http://hl7.org/fhir/"
                             "restful-interaction", "code": "read"}],
                "action": "R", "recorded": "2026-11-%02dT09:%02d:%02d+01:00" %
                (day, n // 60, n % 60), "outcome": "0",
                "agent": [
                    agent("http://dicom.nema.org/resources/ontology/DCM",
                          "110152", {"value": "poste-77"}, False,
                          network={"address": address, "type": "2"}),
                    agent("http://dicom.nema.org/resources/ontology/DCM",
                          "110153", {"value": "portail"}, False,
                          network={"address": "https://fhir.example/r4",
                                   "type": "5"}),
                    agent("http://terminology.hl7.org/CodeSystem/"
                          "v3-ParticipationType", "IRCP",
                          {"system": "urn:oid:1.2.250.1.71.4.2.1",
                           "value": professional}, True,
                          policy=["urn:ietf:params:oauth:jti:" + session])],
                "source": {"observer": {"display": "portail"}},
                "entity": [{"what": {"identifier": {"system": system,
                                                    "value": value}},
                            "type": {"system": "http://terminology.hl7.org/"
                                     "CodeSystem/audit-entity-type",
                                     "code": "1"},
                            "role": {"code": "1"}}]}
            file.write(json.dumps(event) + "\n")


class Place:
    def __init__(self, folder):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.keys = os.path.join(folder, "keys")
        self.where = ["--data", self.data, "--keys", self.keys]

    def replay(self, trail, *more):
        done = vigie("replay", *self.where, "--quiet", "--json", *more, trail)
        return json.loads(done.stdout.splitlines()[-1]) if done.stdout else \
            done.stderr

    def listed(self, *more, lines=None):
        done = vigie("scope", *self.where, "--list", "--from", "2026-01-01",
                     *more, lines=lines)
        return done, [json.loads(line) for line in done.stdout.splitlines()]


def vault_split(folder):
    place = Place(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS)
    summary = place.replay(trail)
    check("the trail is read", summary.get("patients") == len(PERSONS),
          summary)
    done = vigie("vault", "status", *place.where)
    check("status says that a local vault.key opens every name",
          done.returncode == 1 and "vault.key" in done.stdout, done)
    done = vigie("vault", "split", *place.where, "--holder", "A", "--holder",
                 "B", "--out", place.keys, "--passphrase-fd", "0",
                 lines=[FIRST, SECOND])
    check("shares beside the keys are refused", done.returncode == 2 and
          os.path.exists(place.keys + "/vault.key"), done)
    done = vigie("vault", "split", *place.where, "--holder", "A", "--holder",
                 "B", "--out", folder, "--passphrase-fd", "0",
                 lines=[FIRST, "short"])
    check("a short passphrase splits nothing", done.returncode == 2 and
          os.path.exists(place.keys + "/vault.key") and
          not os.path.exists(folder + "/A.share"), done)
    done = vigie("vault", "split", *place.where, "--holder", "A", "--holder",
                 "B", "--out", folder, "--passphrase-fd", "0",
                 lines=[FIRST, SECOND])
    check("vault.key is split in two and gone", done.returncode == 0 and
          not os.path.exists(place.keys + "/vault.key"), done)
    shares = ["--share", folder + "/A.share", "--share", folder + "/B.share",
              "--passphrase-fd", "0"]
    check("status says that nothing here opens it",
          vigie("vault", "status", *place.where).returncode == 0)
    done, people = place.listed()
    check("names stay shut, counts stay", done.returncode == 0 and
          len(people) == len(PERSONS) and
          all(p["patient"] is None for p in people), done)
    done, _ = place.listed(*shares, lines=[FIRST, FIRST])
    check("one right passphrase of two opens nothing", done.returncode == 2
          and "passphrase does not open" in done.stderr, done)
    done, _ = place.listed("--share", folder + "/A.share", "--share",
                           folder + "/A.share", "--passphrase-fd", "0",
                           lines=[FIRST, FIRST])
    check("one half twice opens nothing", done.returncode == 2 and
          "not the halves" in done.stderr, done)
    done, people = place.listed(*shares, lines=[FIRST, SECOND])
    check("both halves give the names", sorted(
        p["patient"] for p in people) == sorted(PERSONS), done)
    done = vigie("verify", "--data", place.data)
    check("the opening is a row of a ledger that is whole",
          done.returncode == 0, done)
    return place, shares


def vault_init(folder):
    place = Place(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS)
    done = vigie("vault", "init", *place.where, "--holder", "A", "--holder",
                 "A", "--out", folder, "--passphrase-fd", "0",
                 lines=[FIRST, SECOND])
    check("one holder twice is refused, and no vault made",
          done.returncode == 2 and
          not os.path.exists(place.keys + "/vault.pub"), done)
    done = vigie("vault", "init", *place.where, "--holder", "A", "--holder",
                 "B", "--out", folder, "--passphrase-fd", "0",
                 lines=[FIRST, SECOND])
    check("a vault is made whose key was never on the machine",
          done.returncode == 0 and
          os.listdir(place.keys) == ["vault.pub"], done)
    again = vigie("vault", "init", *place.where, "--holder", "C", "--holder",
                  "D", "--out", folder, "--passphrase-fd", "0",
                  lines=[FIRST, SECOND])
    check("and not a second one", again.returncode == 2, again)
    summary = place.replay(trail)
    check("data fill under it", summary.get("patients") == len(PERSONS),
          summary)
    done, people = place.listed("--share", folder + "/A.share", "--share",
                                folder + "/B.share", "--passphrase-fd", "0",
                                lines=[FIRST, SECOND])
    check("and open with both halves", sorted(
        p["patient"] for p in people) == sorted(PERSONS), done)


class Daemon(Place):
    """vigie run on a place; operators are this user and nobody."""

    def __init__(self, folder, more=""):
        super().__init__(folder)
        self.socket = os.path.join(folder, "operators.sock")
        self.conf = os.path.join(folder, "vigie.conf")
        self.log = os.path.join(folder, "log")
        self.process = None
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write("data %s;\nkeys %s;\ndoor %s/door.sock;\n"
                       "operator-socket %s;\noperators %s nobody;\n%s" % (
                           self.data, self.keys, folder, self.socket, USER,
                           more))

    def start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [VIGIE, "--lang", "en", "run", "-c", self.conf], stderr=log)
        for _ in range(600):
            with open(self.log, encoding="utf-8") as file:
                if "ready" in file.read():
                    break
            time.sleep(0.05)
        if os.geteuid() == 0:
            os.chmod(self.socket, 0o666)
        return self

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def operate(self, *arguments, **more):
        return vigie(*arguments, "--socket", self.socket, **more)


def vault_live(folder):
    place = Daemon(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS)
    vigie("vault", "init", *place.where, "--holder", "A", "--holder", "B",
          "--out", folder, "--passphrase-fd", "0", lines=[FIRST, SECOND])
    place.replay(trail)
    place.start()
    try:
        done, people = place.listed("--vault", place.socket)
        check("a core that was lent nothing opens nothing",
              done.returncode == 0 and "does not open" in done.stderr and
              all(p["patient"] is None for p in people), done)
        done = place.operate("vault", "open", "--share", folder + "/A.share",
                             "--passphrase-fd", "0", lines=[FIRST])
        check("opening needs a reason", done.returncode == 2, done)
        half = ["vault", "open", "--reason", "letters", "--passphrase-fd",
                "0", "--minutes", "5", "--share"]
        for _ in range(2):
            done = place.operate(*half, folder + "/A.share", lines=[FIRST])
            check("one half, also twice, waits for the other",
                  '"state":"waiting"' in done.stdout, done)
        done, people = place.listed("--vault", place.socket)
        check("and opens nothing", all(p["patient"] is None for p in people))
        if os.geteuid() == 0:
            program = os.path.join(folder, "vigie")
            shutil.copy(VIGIE, program)
            shutil.copy(folder + "/B.share", folder + "/b.share")
            os.chmod(folder + "/b.share", 0o644)
            done = subprocess.run(
                [program, "--lang", "en", *half, folder + "/b.share",
                 "--socket", place.socket], input=SECOND + "\n",
                capture_output=True, text=True, user="nobody",
                extra_groups=[])
        else:
            done = place.operate(*half, folder + "/B.share", lines=[SECOND])
        check("the other holder's half, of another Unix user, opens it",
              '"state":"open"' in done.stdout, done)
        done, people = place.listed("--vault", place.socket)
        check("core then opens the names for an operator", sorted(
            p["patient"] for p in people) == sorted(PERSONS), done)
        core = "/proc/%d/task/%d/children" % (place.process.pid,
                                              place.process.pid)
        with open(core, encoding="utf-8") as file:
            status = "/proc/%s/status" % file.read().split()[0]
        with open(status, encoding="utf-8") as file:
            locked = [l for l in file if l.startswith("VmLck")][0]
        # the sanitizer makes mlock do nothing
        check("the key lies in locked memory", int(locked.split()[1]) > 0 or
              "asan" in VIGIE, locked)
        done = place.operate("vault", "close", "--reason", "letters are out")
        check("an operator closes it", done.returncode == 0, done)
        done, people = place.listed("--vault", place.socket)
        check("and the names are shut again",
              all(p["patient"] is None for p in people), done)
        done = place.operate("vault", "close", "--reason", "again")
        check("closing what is shut is told", done.returncode == 2, done)
    finally:
        place.stop()
    done = vigie("verify", "--data", place.data)
    check("the ledger is whole", done.returncode == 0, done)


def as_nobody(folder, *arguments):
    """The program as another operator; /root is closed to them."""
    program = os.path.join(folder, "vigie")
    if not os.path.exists(program):
        shutil.copy(VIGIE, program)
    return subprocess.run([program, "--lang", "en", *arguments],
                          capture_output=True, text=True, user="nobody",
                          extra_groups=[])


def erase_live(folder):
    place = Daemon(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS)
    place.replay(trail)
    victim, other = PERSONS[7], PERSONS[8]
    _, before = place.listed()
    place.start()
    try:
        done = place.operate("erase", "--person", victim)
        check("erasing needs a reason", done.returncode == 2, done)
        done = place.operate("erase", "--person", "https://x.example/ipp|none",
                             "--reason", "asked")
        check("nobody of that name is told", done.returncode == 2 and
              "no such person" in done.stderr, done)
        done = place.operate("erase", "--person", victim, "--reason",
                             "request 12 of the DPO")
        number = json.loads(done.stdout)["id"]
        check("one operator asks", done.returncode == 0 and
              '"waiting"' in done.stdout, done)
        done = place.operate("approve", number)
        check("and cannot approve it too", done.returncode == 2 and
              "another operator" in done.stderr, done)
        done = place.operate("approve")
        check("what waits is listed, with the reason and without the name",
              number in done.stdout and "request 12" in done.stdout and
              victim not in done.stdout and victim.split("|")[1] not in
              done.stdout, done)
        done = vigie("who", *place.where, victim)
        check("until then the person is there", done.returncode == 0, done)
        if os.geteuid() != 0:
            return
        place.stop()
        place.start()
        done = as_nobody(folder, "approve", number, "--socket", place.socket)
        check("another operator approves, also after a restart of core",
              done.returncode == 0 and '"erased","names":1' in done.stdout,
              done)
        done = as_nobody(folder, "approve", number, "--socket", place.socket)
        check("once", done.returncode == 2, done)
        done = vigie("who", *place.where, victim)
        check("nobody finds the person", done.returncode == 2 and
              "no such person" in done.stderr, done)
        done = vigie("who", *place.where, other)
        check("others are found", done.returncode == 0, done)
        _, after = place.listed()
        check("scope counts the erased person, without a name",
              len(after) == len(before) and
              sorted(p["patient"] or "" for p in after)[0] == "" and
              {p["patient"] for p in before} - {p["patient"] for p in after}
              == {victim}, after[:3])
        worker = wire.Worker(folder + "/door.sock")
        worker.standing()
        check("core goes on", worker.ask(
            ["Patient/1"], professional="80000000008", session="s-on") ==
            wire.RELEASE)
    finally:
        place.stop()
    done = vigie("verify", "--data", place.data)
    check("verify finds the ledger whole", done.returncode == 0, done)
    balp_like(trail, [victim], day=9, session="sess-e2e-0009")
    place.replay(trail)
    _, again = place.listed()
    check("a later disclosure is of another person", len(again) ==
          len(before) + 2 and victim in {p["patient"] for p in again},
          len(again))


def erase_offline(folder):
    place = Place(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS)
    place.replay(trail)
    shutil.copytree(place.data, folder + "/backup")
    victim = PERSONS[3]
    erase = ["erase", *place.where, "--person", victim, "--reason", "asked",
             "--by"]
    done = vigie(*erase, "root")
    check("one user is not two", done.returncode == 2, done)
    done = vigie(*erase, "root", "--by", "root")
    check("nor is the same one twice", done.returncode == 2, done)
    done = vigie(*erase, "root", "--by", "nobody")
    check("two named users erase offline", done.returncode == 0 and
          "1 name erased" in done.stdout, done)
    _, people = place.listed()
    check("the name is gone", victim not in {p["patient"] for p in people} and
          len(people) == len(PERSONS))
    shutil.rmtree(place.data + "/lookup")
    shutil.copytree(folder + "/backup/lookup", place.data + "/lookup")
    _, people = place.listed()
    check("an older look-up brings it back",
          victim in {p["patient"] for p in people})
    done = vigie("erase", *place.where, "--again")
    _, people = place.listed()
    check("and --again erases whom the ledger says",
          done.returncode == 0 and "1 name erased" in done.stdout and
          victim not in {p["patient"] for p in people}, done)
    done = vigie("verify", "--data", place.data)
    check("verify finds the ledger whole", done.returncode == 0, done)


def rotate(folder):
    place = Place(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS)
    place.replay(trail)
    with open(place.keys + "/machine.key", "rb") as file:
        old = file.read()
    _, before = place.listed()
    who = vigie("who", *place.where, PERSONS[0], "--json").stdout
    for _ in range(2):
        done = vigie("keys", "rotate", *place.where, "--reason", "a new year")
        check("there is a new machine key", done.returncode == 0, done)
    with open(place.keys + "/machine.key", "rb") as file:
        check("the old one is nowhere", old not in file.read())
    _, after = place.listed()
    check("scope says the same", before == after and len(after) ==
          len(PERSONS))
    check("who says the same", vigie("who", *place.where, PERSONS[0],
                                     "--json").stdout == who)
    summary = place.replay(trail, "--again")
    check("the trail read again is known, person by person",
          summary.get("duplicates") == len(PERSONS) or
          place.listed()[1] == before, summary)
    balp_like(trail, PERSONS[:5], day=10, session="sess-e2e-0010")
    place.replay(trail)
    _, later = place.listed()
    check("and whoever comes back is the same person",
          len(later) == len(PERSONS), len(later))
    done = vigie("verify", "--data", place.data)
    check("verify finds the ledger whole", done.returncode == 0, done)
    os.mkdir(folder + "/old")
    os.chmod(folder + "/old", 0o700)
    shutil.copy(place.keys + "/vault.pub", folder + "/old/vault.pub")
    with open(folder + "/old/machine.key", "wb") as file:
        file.write(old)
    os.chmod(folder + "/old/machine.key", 0o600)
    done = vigie("scope", "--data", place.data, "--keys", folder + "/old",
                 "--list", "--from", "2026-01-01")
    check("the old key opens nothing any more", done.returncode == 2, done)


def retain(folder):
    place = Place(folder)
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, PERSONS[:30])
    place.replay(trail)
    balp_like(trail, PERSONS[30:], day=20, session="sess-e2e-0002",
              professional="899700427869")
    place.replay(trail)
    done = vigie("retain", *place.where)
    check("what was received today is named for a year", done.returncode == 0
          and "No longer named: 0 persons" in done.stdout, done)
    done = vigie("hold", "add", *place.where, "--session", "sess-e2e-0002")
    check("a hold needs a reason", done.returncode == 2, done)
    done = vigie("hold", "add", *place.where, "--session", "sess-e2e-0002",
                 "--reason", "incident 3")
    number = json.loads(done.stdout)["id"]
    check("a session is held", done.returncode == 0, done)
    tomorrow = time.strftime("%Y-%m-%d", time.localtime(time.time() + 172800))
    done = vigie("retain", *place.where, "--before", tomorrow, "--dry-run")
    check("a dry run counts", "30 persons, 1 accounts, 1 sessions" in
          done.stdout, done)
    done = vigie("retain", *place.where, "--before", tomorrow)
    _, people = place.listed()
    check("names go but those held", done.returncode == 0 and sorted(
        p["patient"] for p in people if p["patient"] is not None) ==
        sorted(PERSONS[30:]) and len(people) == len(PERSONS), done)
    done = vigie("scope", *place.where, "--from", "2026-01-01", "--json")
    check("scope's coverage says how many",
          json.loads(done.stdout)["coverage"]["names_gone"] >= 32, done)
    done = vigie("hold", "list", *place.where)
    check("the hold is listed with its reason", number in done.stdout and
          "incident 3" in done.stdout, done)
    done = vigie("hold", "end", *place.where, number, "--reason", "closed")
    check("and ended", done.returncode == 0 and
          vigie("hold", "list", *place.where).stdout == "", done)
    vigie("retain", *place.where, "--before", tomorrow)
    _, people = place.listed()
    check("then the last names go", len(people) == len(PERSONS) and
          all(p["patient"] is None for p in people))
    done = vigie("verify", "--data", place.data)
    check("verify finds the ledger whole", done.returncode == 0, done)


def writings(value):
    """Of one identifier, every usual one."""
    plain = value.encode()
    yield plain
    yield plain.upper()
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    yield plain[::-1]
    for shift in range(3):  # wherever it begins in a longer text
        coded = base64.b64encode(b"\0" * shift + plain)
        yield coded[(shift * 8 + 5) // 6:len(coded) // 4 * 4 - 4]
    if value.isdigit() and 10 <= len(value) <= 19:
        for order in ("little", "big"):
            yield int(value).to_bytes(8, order)


def found_in(folder, values):
    texts = []
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                # a running core's file is long and mostly holes
                pages = iter(lambda: file.read(65536), b"")
                texts.append((path, b"".join(p for p in pages
                                             if p.strip(b"\0"))))
            texts.append(("the name of", name.encode()))
    return ["%s: %s" % (path, value) for value in values
            for writing in writings(value) for path, text in texts
            if len(writing) >= 6 and writing in text]


def thief_of_the_disk(folder):
    """A region read in, the door at work, a vault, an erasure, new keys."""
    place = Daemon(folder)
    region = os.path.join(folder, "region")
    vigie("simulate", "--seed", "5", "--days", "1", "--professionals", "10",
          "--thieves", "none", "--out", region)
    values = set()
    with open(region, encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            for one in event["agent"]:
                who = one["who"].get("identifier", {})
                values.add(who.get("value", ""))
                values.add(one.get("network", {}).get("address", ""))
                values.update(p.split(":")[-1] for p in one.get("policy", []))
            for one in event["entity"]:
                what = one.get("what", {})
                values.add(what.get("reference", "").split("/")[-1])
                values.add(what.get("identifier", {}).get("value", ""))
    ins = "urn:oid:1.2.250.1.213.1.4.8"
    nirs = ["2840588321025%02d" % n for n in range(32, 40)]
    trail = os.path.join(folder, "trail.ndjson")
    balp_like(trail, [ins + "|" + nir for nir in nirs],
              session="tok-5f2b9c77e1", address="198.51.100.231")
    values = sorted(v for v in values if len(v) >= 8)[::5]
    values += nirs + ["899700218896", "tok-5f2b9c77e1", "198.51.100.231",
                      "poste-77"]
    vigie("vault", "init", *place.where, "--holder", "A", "--holder", "B",
          "--out", folder, "--passphrase-fd", "0", lines=[FIRST, SECOND])
    check("the region is read", place.replay(region).get("patients", 0) > 100)
    place.replay(trail)
    place.start()
    try:
        worker = wire.Worker(folder + "/door.sock")
        worker.standing()
        worker.ask(["Patient/dupont-4711"], professional="810000000017",
                   session="cookie-9c1e55ab")
        place.operate("cut", "--session", "cookie-9c1e55ab", "--reason",
                      "told by Mme Dupont-Moretti")
        values += ["dupont-4711", "810000000017", "cookie-9c1e55ab",
                   "Dupont-Moretti"]
        place.operate("erase", "--person", ins + "|" + nirs[0], "--reason",
                      "DPO, dossier Vandamme")
        values += ["Vandamme"]
        seen = found_in(place.data, values)
        check("nothing of %d identifiers is in the data of a core that runs"
              % len(values), seen == [], seen[:5])
        check("and the search does find what is there",
              found_in(folder, ["Observation"]) != [])
    finally:
        place.stop()
    vigie("keys", "rotate", *place.where, "--reason", "a new year")
    vigie("hold", "add", *place.where, "--session",
          "tok-5f2b9c77e1", "--reason", "affaire Lheureux")
    seen = found_in(place.data, values + ["Lheureux"])
    check("nor in data at rest, after new keys and a hold", seen == [],
          seen[:5])
    seen = found_in(place.keys, values)
    check("nor in the keys", seen == [], seen[:5])
    with open(place.keys + "/machine.key", "rb") as file:
        key = file.read()[:32]
    check("no key lies in the data", not any(
        key in open(os.path.join(where, name), "rb").read()
        for where, _, names in os.walk(place.data) for name in names
        if os.path.isfile(os.path.join(where, name))))


def main():
    folder = tempfile.mkdtemp(prefix="vigie-secrecy-")
    os.chmod(folder, 0o755)
    try:
        for part in (vault_split, vault_init, vault_live, erase_live,
                     erase_offline, rotate, retain,
                     thief_of_the_disk):
            own = os.path.join(folder, part.__name__)
            os.mkdir(own)
            part(own)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
