#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""scope, who, hunt, alerts and explain against a reader of the source files
that knows neither ledger nor look-up: it reads the trails again, line by
line, and answers each question by going through all of it.

The trails: a region of `vigie simulate` (BALP, tokens rotated here), a
hospital's CSV and an access log written here. Questions are drawn from a
seed that is printed; SEED=n repeats a run."""
import base64
import csv
import datetime
import io
import json
import os
import random
import subprocess
import sys
import time

VIGIE = os.environ.get("VIGIE", "build/vigie")
HOME = os.environ.get("TMPDIR", "/tmp")
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
ROUNDS = int(os.environ.get("ROUNDS", "40"))
SECONDS = 8  # for one set of rounds: under sanitizers fewer are asked
IDLE = 30 * 60 * 10**6
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
SEEN = ["identity", "nir", "contact", "admin", "coordination", "medical",
        "document", "unclassified"]
# domain.md §4, of the types that the trails of this test name
CATEGORIES = {
    "Patient": ({"identity", "contact"}, {"nir"}),
    "Observation": ({"medical"}, set()),
    "Condition": ({"medical"}, set()),
    "MedicationRequest": ({"medical"}, set()),
    "Procedure": ({"medical"}, set()),
    "DiagnosticReport": ({"medical"}, set()),
    "AllergyIntolerance": ({"medical"}, set()),
    "Immunization": ({"medical"}, set()),
    "ServiceRequest": ({"medical"}, set()),
    "CarePlan": ({"medical"}, set()),
    "Appointment": ({"coordination"}, {"medical"}),
    "Encounter": ({"coordination"}, {"medical"}),
    "CareTeam": ({"coordination"}, {"medical"}),
    "DocumentReference": ({"document"}, {"medical"}),
}
RANK = ["sent", "declared", "requested"]

draw = random.Random(SEED)
failed = 0


def tell(name, wrong):
    """One TAP line; `wrong` is a list of what was not as it should be."""
    global failed
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:5]:
        print("# " + line[:2000])
    failed += bool(wrong)


def run(*words, expect=0):
    done = subprocess.run([VIGIE, *words], capture_output=True, text=True)
    if done.returncode != expect:
        raise AssertionError("%s: exit %d: %s" % (
            " ".join(words), done.returncode, done.stderr[-1500:]))
    return done.stdout


def micro(text):
    when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (when - EPOCH) // datetime.timedelta(microseconds=1)


def rfc(micros):
    when = EPOCH + datetime.timedelta(microseconds=micros)
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


NAMES = {"session": "--session", "who": "--professional",
         "address": "--address", "service": "--service",
         "controller": "--controller"}


class Truth:
    """Accesses in event time, sessions put together by the design's rule."""

    def __init__(self):
        self.seen = []      # one dict a person shown
        self.unlabelled = []

    def session_names(self, events):
        first, contexts, derived = {}, {}, {}
        for event in events:
            where = (event["who"], event["address"], event["device"])
            token, kind = event["token"], event["kind"]
            if kind == "none":
                name, last = derived.get(where, (None, None))
                if name is None or event["time"] - last > IDLE:
                    name = "derived %d" % len(derived) + repr(event["time"])
                derived[where] = (name, event["time"])
                event["session"] = name
                continue
            if token not in first:
                name, last = contexts.get(where, (None, None))
                joins = (kind == "token" and name is not None
                         and event["time"] - last <= IDLE)
                first[token] = name if joins else token
            event["session"] = first[token]
            if kind == "token":
                contexts[where] = (first[token], event["time"])

    def add(self, events):
        """Events sorted by time. What was refused showed nothing, but keeps
        a session alive."""
        self.session_names(events)
        for event in events:
            if not event["refused"]:
                (self.seen if event["person"]
                 else self.unlabelled).append(event)

    def match(self, query):
        def kept(event):
            for key in NAMES:
                if query.get(key) and event.get(key) not in query[key]:
                    return False
            return (query.get("from", -10**18) <= event["time"]
                    < query.get("to", 10**18))
        return ([e for e in self.seen if kept(e)],
                [e for e in self.unlabelled if kept(e)])


def by_person(events):
    persons = {}
    for event in events:
        person = persons.setdefault(event["person"], {
            "categories": set(), "possible": set(), "grade": "requested",
            "disclosures": 0, "first": event["time"], "last": event["time"],
            "services": set()})
        person["services"].add(event.get("service"))
        person["categories"] |= event["categories"]
        person["possible"] |= event["possible"]
        if RANK.index(event["grade"]) < RANK.index(person["grade"]):
            person["grade"] = event["grade"]
        person["disclosures"] += 1
        person["first"] = min(person["first"], event["time"])
        person["last"] = max(person["last"], event["time"])
    for person in persons.values():
        person["possible"] -= person["categories"]
    return persons


# --- the trails ---------------------------------------------------------

def rotate(lines):
    """Every session's token changes now and then, as short-lived ones do."""
    count, out = {}, []
    for line in lines:
        event = json.loads(line)
        agent = event["agent"][-1]
        token = agent["policy"][0]
        # never within one instant, whose order the trail does not tell
        seen, part, last = count.get(token, (0, 0, ""))
        if seen >= 25 and event["recorded"] != last:
            seen, part = 0, part + 1
        count[token] = (seen + 1, part, event["recorded"])
        if part:
            agent["policy"][0] = "%s.%d" % (token, part)
        out.append(json.dumps(event, ensure_ascii=False))
    return out


INS = "urn:oid:1.2.250.1.213.1.4.8"


def name_again(lines):
    """Every seventh person also has an INS: some records carry both names,
    some the INS alone. One record with both, that succeeded, comes first."""
    first, out = {}, []
    for line in lines:
        event = json.loads(line)
        patient = [e["what"] for e in event["entity"]
                   if e["type"]["code"] == "1"][0]
        number = patient["reference"].split("/")[1]
        choice = random.Random(number + request_of(event)).random()
        if int(number) % 7 == 0:
            if first.setdefault(number, request_of(event)
                                if event["outcome"] == "0" else "") == \
                    request_of(event):
                choice = 0
            elif not first[number]:
                del first[number]
                choice = 1
            if choice < 0.6:
                patient["identifier"] = {"system": INS,
                                         "value": number.rjust(15, "1")}
            if 0.3 < choice < 0.6:
                del patient["reference"]
        out.append(json.dumps(event, ensure_ascii=False))
    return out


def report_twice(lines):
    """The client reports every tenth request, too, a moment later."""
    out = []
    for line in lines:
        out.append(line)
        event = json.loads(line)
        if int(request_of(event), 16) % 10 == 0 and event["outcome"] == "0":
            event["id"] += "-client"
            when = datetime.datetime.fromisoformat(
                event["recorded"].replace("Z", "+00:00"))
            when += datetime.timedelta(milliseconds=700)
            event["recorded"] = when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            event["source"]["type"][0]["code"] = "1"
            out.append(json.dumps(event, ensure_ascii=False))
    return out


def request_of(event):
    return [e["what"]["identifier"]["value"] for e in event["entity"]
            if e["type"]["code"] == "XrequestId"][0]


def person_of(what):
    """The reference: what this test calls a person by."""
    if "reference" in what:
        return what["reference"]
    return "Patient/" + what["identifier"]["value"][3:]


def said_name(name):
    """The same for a name that the program says."""
    value = name.split("|")[-1]
    ins = len(value) == 15 and value.isdigit()
    return "Patient/" + value[3:] if ins else name


def read_balp(lines):
    events, reported = [], set()
    for line in lines:
        record = json.loads(line)
        client = [a for a in record["agent"]
                  if a.get("network", {}).get("type") == "2"][0]
        holder = [a for a in record["agent"] if a.get("requestor")][0]
        types = [e["what"]["reference"].split("/")[0]
                 for e in record["entity"]
                 if e.get("role", {}).get("code") == "4"]
        for entity in record["entity"]:
            if "query" in entity:
                asked = base64.b64decode(entity["query"]).decode()
                asked = asked.split("?")[0].split("/")[-1].split(" ")[-1]
                types.append(asked)
        seen, possible = CATEGORIES[types[0] if types else "Patient"]
        if not types:  # only the person is named: what else was read?
            possible = possible | {"medical"}
        request = request_of(record)
        persons = [person_of(e["what"]) for e in record["entity"]
                   if e["type"]["code"] == "1"]
        # a hit that stands twice in one answer was shown once
        persons = [p for p in persons if (request, p) not in reported
                   or record["outcome"] != "0"]
        if not persons:
            continue
        if record["outcome"] == "0":
            reported |= {(request, p) for p in persons}
        events += [{
            "time": micro(record["recorded"]),
            "who": holder["who"]["identifier"]["value"],
            "token": holder["policy"][0].replace(
                "urn:ietf:params:oauth:jti:", ""),
            "kind": "token",
            "address": client["network"]["address"],
            "device": client["who"]["identifier"]["value"],
            "person": person, "categories": set(seen),
            "possible": set(possible), "grade": "declared",
            "refused": record["outcome"] != "0"} for person in persons]
    return events


SOURCES = """match,service,controller,context_reveals_health
CHIR,chirurgie,580008803,no
PSY,psychiatrie,750712184,yes
URG,urgences,580008803,
"""
UNITS = {"CHIR": ("chirurgie", "580008803"), "PSY": ("psychiatrie",
         "750712184"), "URG": ("urgences", "580008803"), "LABO": (None, None)}


def csv_trail():
    """A hospital's export: French dates, `;`, sessions in a column."""
    kinds = {"Identité patient": "Patient", "Biologie": "Observation",
             "Document": "DocumentReference", "Rendez-vous": "Appointment"}
    rows, now = [], micro("2026-03-02T07:00:00Z")
    for _ in range(1500):
        now += draw.randrange(0, 60) * 10**6
        who = draw.randrange(12)
        rows.append((now, who, draw.choice(list(kinds)),
                     "IPP%05d" % draw.randrange(200), draw.randrange(4),
                     draw.random() < 0.03, draw.choice(list(UNITS))))
    out = io.StringIO()
    out.write("Date;Heure;RPPS;IPP;Type de donnée;Adresse IP;Poste;Session;"
              "Action;Résultat;UF\r\n")
    events = []
    for now, who, kind, ipp, place, refused, unit in rows:
        local = EPOCH + datetime.timedelta(microseconds=now, hours=1)
        address = "198.51.100.%d" % (who // 3 * 10 + place // 2)
        session = "H%d-%d" % (who, now // (4 * 3600 * 10**6))
        out.write("%s;%s;8100000000%02d;%s;%s;%s;PC-%d;%s;Consultation;%s;%s"
                  "\r\n"
                  % (local.strftime("%d/%m/%Y"), local.strftime("%H:%M:%S"),
                     who, ipp, kind, address, who, session,
                     "Refus" if refused else "OK", unit))
        seen, possible = CATEGORIES[kinds[kind]]
        events.append({
            "time": now, "who": "8100000000%02d" % who,
            "token": session, "kind": "sid", "address": address,
            "device": "PC-%d" % who, "person": ipp,
            "categories": set(seen), "possible": set(possible),
            "grade": "declared", "refused": refused,
            "service": UNITS[unit][0], "controller": UNITS[unit][1]})
    return out.getvalue(), events


def access_log():
    """nginx combined: no session at all, the person in the URL."""
    lines, events, now = [], [], micro("2026-03-03T06:00:00Z")
    for _ in range(1200):
        now += draw.randrange(1, 90) * 10**6
        who = "agent%d" % draw.randrange(8)
        address = "203.0.113.%d" % (int(who[-1]) % 3)
        kind = draw.choice(["Patient", "Patient", "Observation", "other"])
        person = "Patient/n%d" % draw.randrange(150)
        status = 403 if draw.random() < 0.04 else 200
        local = EPOCH + datetime.timedelta(microseconds=now, hours=1)
        path = "/static/style.css"
        if kind != "other":
            path = ("/fhir/" + person if kind == "Patient" else
                    "/fhir/Observation?patient=" + person)
        agent = "Mozilla/5.0 (poste %s)" % who[-1]
        lines.append('%s - %s [%s +0100] "GET %s HTTP/1.1" %d 512 "-" "%s"'
                     % (address, who, local.strftime("%d/%b/%Y:%H:%M:%S"),
                        path, status, agent))
        if kind != "other":
            seen, possible = CATEGORIES[kind]
            events.append({
                "time": now, "who": who, "token": "", "kind": "none",
                "address": address, "device": agent, "person": person,
                "categories": set(seen), "possible": set(possible),
                "grade": "requested", "refused": status != 200})
    return "\n".join(lines) + "\n", events


# --- the questions ------------------------------------------------------

def some(values, most=4):
    values = sorted(values)
    return set(draw.sample(values, min(len(values), draw.randint(1, most))))


def ask(truth):
    """A random question. Only sessions that the trail names are asked for by
    name; others are found by account, address and time."""
    query, events = {}, truth.seen
    kinds = ["session", "who", "address"]
    if any(e.get("service") for e in events):
        kinds += ["service", "controller"]
    kinds = draw.sample(kinds, draw.choice([1, 1, 1, 2, 2, 0]))
    for kind in kinds:
        query[kind] = some({e[kind] for e in events if e.get(kind) and (
            kind != "session" or e["kind"] != "none")}, 10)
    if draw.random() < 0.5 or not kinds:
        times = sorted(draw.choice(events)["time"] for _ in range(2))
        if draw.random() < 0.7:
            query["from"] = times[0]
        if draw.random() < 0.7 or "from" not in query:
            query["to"] = max(times[1], times[0] + 1)
    return query


def options(query, tokens):
    words = []
    for key, option in NAMES.items():
        values = sorted(query.get(key, ()))
        if key == "session":  # any token of a session names the whole
            values = [draw.choice(tokens[v]) for v in values]
        if values and draw.random() < 0.5:
            words += [option, ",".join(values)]
        else:
            for value in values:
                words += [option, value]
    for key in ("from", "to"):
        if key in query:
            words += ["--" + key, rfc(query[key])]
    return words


def differ(what, got, wanted):
    return [] if got == wanted else ["%s: %r, wanted %r" % (
        what, got, wanted)]


def check_summary(said, events, unlabelled):
    persons = by_person(events)
    wrong = differ("patients", said["patients"], len(persons))
    wrong += differ("disclosures", said["disclosures"], len(events))
    wrong += differ("sessions", said["sessions"], len(
        {e["session"] for e in events + unlabelled}))
    wrong += differ("unlabelled", said["coverage"]["unlabelled"],
                    len(unlabelled))
    for word in SEEN:
        wrong += differ(word, said["by_category"][word], sum(
            word in p["categories"] for p in persons.values()))
        wrong += differ("possible " + word, said["possible"][word], sum(
            word in p["possible"] for p in persons.values()))
        for grade in RANK:
            wrong += differ(
                word + " " + grade, said["graded"][word][grade],
                len({e["person"] for e in events if word in e["categories"]
                     and e["grade"] == grade}))
    wrong += differ("context", set(
        said["coverage"]["context_reveals_health"]), {
        e["service"] for e in events + unlabelled
        if e.get("service") == "psychiatrie"})
    medical = any(p["categories"] & {"medical", "document"}
                  for p in persons.values())
    wrong += differ("medical", said["medical"],
                    "some" if medical else "unknown")
    return wrong


def check_persons(lines, events):
    persons, wrong, names = by_person(events), [], set()
    for line in lines:
        name = said_name(line["patient"])
        names.add(name)
        if name not in persons:
            return ["%r was not seen" % name]
        person = persons[name]
        for key in ("grade", "disclosures"):
            wrong += differ(name + " " + key, line[key], person[key])
        for key in ("categories", "possible"):
            wrong += differ(name + " " + key, set(line[key]), person[key])
        for key in ("first", "last"):
            wrong += differ(name + " " + key, micro(line[key]), person[key])
        services = line.get("services", [line["service"]])
        wrong += differ(name + " services", set(services),
                        {s or "unknown" for s in person["services"]})
    wrong += differ("persons", names, set(persons))
    return wrong + differ("lines", len(lines), len(names))


def check_controllers(lines, events):
    """One object a controller, then the whole."""
    wrong, said = [], {}
    for line in lines[:-1]:
        said[line["controller"]] = line
    wrong += differ("controllers", set(said),
                    {e.get("controller") or "unknown" for e in events})
    for name, line in said.items():
        wrong += check_summary(line, [
            e for e in events
            if (e.get("controller") or "unknown") == name], [])
    return wrong + check_summary(lines[-1], events, [])


def csv_lines(text):
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    for line in lines:
        line["categories"] = line["categories"].split()
        line["possible"] = line["possible"].split()
        line["disclosures"] = int(line["disclosures"])
        line["services"] = [s for s in line["service"].split("; ") if s]
    return lines


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def scopes(truth, data, tokens):
    summaries, lists, tables = [], [], []
    end = time.monotonic() + SECONDS
    for _ in range(ROUNDS):
        if time.monotonic() > end:
            break
        query = ask(truth)
        events, unlabelled = truth.match(query)
        words = ["scope", "--data", data, *options(query, tokens)]
        mark = [" ".join(words)]
        said = json_lines(run(*words, "--json"))
        wrong = differ("lines", len(said), 1) or check_summary(
            said[0], events, unlabelled)
        summaries += mark * bool(wrong) + wrong
        wrong = check_persons(json_lines(run(*words, "--list")), events)
        lists += mark * bool(wrong) + wrong
        if any(e.get("service") for e in events):
            wrong = check_controllers(json_lines(run(
                *words, "--json", "--by-controller")), events)
            summaries += mark * bool(wrong) + wrong
        if draw.random() < 0.3:
            wrong = check_persons(csv_lines(run(*words, "--csv")), events)
            tables += mark * bool(wrong) + wrong
    return summaries, lists, tables


def whos(truth, data, named):
    wrong = []
    for person in some({e["person"] for e in truth.seen}, 25):
        events = [e for e in truth.seen if e["person"] == person]
        asked = person
        number = person.split("n")[-1].split("/")[-1].replace("IPP", "")
        if named and int(number) % 7 == 0:  # a bare INS is a name, too
            asked = draw.choice([person, number.rjust(15, "1"),
                                 INS + "|" + number.rjust(15, "1")])
        said = json_lines(run("who", "--data", data, asked, "--json"))
        sessions = {}
        for event in events:
            sessions.setdefault(event["session"], []).append(event)
        wrong += differ(person + " sessions", len(said), len(sessions))
        wrong += differ(person + " accesses", sum(
            s["disclosures"] for s in said), len(events))
        for line in said if named else []:
            mine = sessions.get(line["session"], [])
            name = person + " " + line["session"]
            if not mine:
                wrong.append(name + " did not see the person")
                continue
            wrong += differ(name, line["disclosures"], len(mine))
            wrong += differ(name, line["professional"], mine[0]["who"])
            wrong += differ(name, set(line["categories"]), set.union(
                *(e["categories"] for e in mine)))
            wrong += differ(name, micro(line["first"]), mine[0]["time"])
            wrong += differ(name, micro(line["last"]), mine[-1]["time"])
            places = line.get("places", [line])
            wrong += differ(name, {(p["address"], p["device"])
                                   for p in places},
                            {(e["address"], e["device"]) for e in mine})
    return wrong


def purpose(truth, data):
    """A question that is noted stands in the ledger, which stays whole and
    gives the same answers."""
    person = truth.seen[0]["person"]
    before = run("who", "--data", data, person, "--json")
    rows = os.path.getsize(os.path.join(data, "ledger", "open.rows"))
    noted = run("who", "--data", data, person, "--json", "--purpose", "test")
    wrong = differ("answer", noted, before)
    wrong += differ("after it", run("who", "--data", data, person, "--json"),
                    before)
    if os.path.getsize(os.path.join(data, "ledger", "open.rows")) <= rows:
        wrong.append("nothing was written")
    run("verify", "--data", data)
    return wrong


def accounts_of(truth, key, value):
    return {e["who"] for e in truth.seen + truth.unlabelled
            if e[key] == value}


def is_shared(truth, key, value):
    """What scope/hunt_run.h calls shared: a portal, a kiosk."""
    everybody = {e["who"] for e in truth.seen + truth.unlabelled}
    accounts = len(accounts_of(truth, key, value))
    return accounts > 20 or (accounts > 3 and accounts * 3 > len(everybody))


def hunts(truth, data, tokens):
    wrong = []
    for start in some({e["session"] for e in truth.seen}, 8):
        events = truth.seen + truth.unlabelled
        mine = [e for e in events if e["session"] == start]
        wanted = {}
        for key, code in (("address", "address"), ("device", "device")):
            for value in {e[key] for e in mine}:
                if not is_shared(truth, key, value):
                    for event in events:
                        if event[key] == value:
                            wanted.setdefault(event["session"],
                                              set()).add(code)
        wanted.pop(start, None)
        said = json_lines(run("hunt", "--data", data, "--json", "--session",
                              draw.choice(tokens[start])))
        sessions = {s["session"]: s for s in said if s["kind"] == "session"}
        found = {}
        for name, line in sessions.items():
            codes = {r["code"] for r in line["reasons"]}
            if codes & {"address", "device"}:
                found[name] = codes & {"address", "device"}
            wrong += differ("persons of " + name, line["patients"], len(
                {e["person"] for e in truth.seen if e["session"] == name}))
        wrong += differ("what shares with " + start, found, wanted)
        lines = [s for s in said if s["kind"] == "timeline"]
        wrong += differ("accesses in the timeline", sum(
            line["disclosures"] for line in lines), sum(
            e["session"] in sessions for e in truth.seen))
        times = [micro(line["first"]) for line in lines]
        wrong += differ("order of the timeline", times, sorted(times))
    return wrong


def alerts(data, raised):
    said = json_lines(run("alerts", "--data", data, "--json"))
    wrong = differ("alerts", sorted(a["id"] for a in said),
                   sorted(a["id"] for a in raised))
    kept = {a["id"]: a for a in said}
    for alert in raised:
        wrong += differ(alert["id"], kept.get(alert["id"]), alert)
        told = json.loads(run("explain", "--data", data, alert["id"],
                              "--json"))
        for key in ("time", "professional", "session", "verdict", "score"):
            wrong += differ("explain " + key, told[key], alert[key])
        against = [s["code"] for s in told["signs"] if s["weight"] >= 0]
        wrong += differ("explain signs", against,
                        [r["code"] for r in alert["reasons"]])
        run("explain", "--data", data, alert["id"])
    return wrong


def tokens_of(events):
    tokens = {}
    for event in events:
        names = tokens.setdefault(event["session"], [])
        if event["token"] not in names:
            names.append(event["token"])
    return tokens


def refusals(data):
    wrong = []
    for words in (["--session", "no-such-session"],
                  ["--address", "192.0.2.250"],
                  ["--address", "no address"], [],
                  ["--professional", "a,b,c"], ["--from", "never"],
                  ["--from", "2026-03-05", "--to", "2026-03-02"],
                  ["--incident", "1"]):
        done = subprocess.run([VIGIE, "scope", "--data", data, *words,
                               "--json"], capture_output=True, text=True)
        if (done.returncode, done.stdout) != (2, "") or \
                not done.stderr.startswith("vigie: "):
            wrong.append("%s: %r" % (words, done))
        if any(word in done.stderr for word in words
               if not word.startswith("--")):
            wrong.append("%s: a value is shown: %s" % (words, done.stderr))
    return wrong


def simulated(folder):
    trail, data = os.path.join(folder, "s.ndjson"), os.path.join(folder, "s")
    run("simulate", "--seed", str(SEED), "--professionals", "25", "--days",
        "3", "--out", trail)
    with open(trail, encoding="utf-8") as file:
        # refused logins (DICOM 110114) name no person and have no token
        lines = rotate([line for line in file.read().splitlines()
                        if '"110114"' not in line])
    lines = report_twice(name_again(lines))
    with open(trail, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    out = json_lines(run("replay", "--data", data, "--json", trail))
    truth = Truth()
    events = sorted(read_balp(lines), key=lambda e: e["time"])
    truth.add(events)
    tokens = tokens_of(events)
    raised = [o for o in out if o["kind"] == "alert"]
    named = scopes(truth, data, tokens)
    tell("summaries of random scopes of a BALP trail", named[0])
    tell("their lists of persons", named[1])
    tell("their CSV", named[2])
    tell("who saw a person of it", whos(truth, data, True))
    tell("a purpose is written down", purpose(truth, data))
    tell("hunts from its sessions", hunts(truth, data, tokens))
    tell("its %d alerts are kept and explained" % len(raised),
         alerts(data, raised))
    tell("what is not there is refused without a word of it",
         refusals(data))


def vendors(folder):
    data = os.path.join(folder, "v")
    table, table_events = csv_trail()
    log, log_events = access_log()
    names = []
    for name, text in (("export.csv", table), ("access.log", log)):
        names.append(os.path.join(folder, name))
        with open(names[-1], "w", encoding="utf-8", newline="") as file:
            file.write(text)
    sources = os.path.join(folder, "sources.csv")
    with open(sources, "w", encoding="utf-8") as file:
        file.write(SOURCES)
    run("replay", "--data", data, "--sources", sources, *names)
    truth = Truth()
    events = sorted(table_events + log_events, key=lambda e: e["time"])
    truth.add(events)
    told = scopes(truth, data, tokens_of(truth.seen))
    tell("summaries of random scopes of a CSV and an access log", told[0])
    tell("lists and CSV of them", told[1] + told[2])
    tell("who saw a person of them", whos(truth, data, False))


def main():
    print("# SEED=%d" % SEED)
    folder = os.path.join(HOME, "scope-%d" % os.getpid())
    os.makedirs(folder)
    for part in (simulated, vendors):
        try:
            part(folder)
        except AssertionError as error:
            tell(part.__name__, [str(error)])
    return 1 if failed else 0


sys.exit(main())
