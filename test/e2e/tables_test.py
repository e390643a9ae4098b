#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Tables through `vigie replay`, against counts made here without it: CSV of
a hospital (Windows-1252, quotes, odd headers), access logs, Keycloak lines
with hostile names, traces of the ANS proxy, and a table that nobody knows.
SEED=n repeats a run."""
import datetime
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

VIGIE = os.path.abspath(os.environ.get("VIGIE", "build/vigie"))
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
UTC = datetime.timezone.utc
draw = random.Random(SEED)
failed = 0
HOME = tempfile.mkdtemp(prefix="vigie-tables-")


def tell(name, wrong):
    """One TAP line; `wrong` is a list of what was not as it should be."""
    global failed
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:5]:
        print("# " + line[:1000])
    failed += bool(wrong)


def write(name, content):
    path = os.path.join(HOME, name)
    if isinstance(content, str):
        content = content.encode()
    with open(path, "wb") as file:
        file.write(content)
    return path


def vigie(*words):
    return subprocess.run([VIGIE, *words], capture_output=True, text=True,
                          cwd=HOME)


def summary(*words, expect=0):
    done = vigie("replay", "--json", "--lang", "en", *words)
    if done.returncode != expect:
        raise AssertionError("exit %d: %s" % (done.returncode,
                                              done.stderr[-1500:]))
    return json.loads(done.stdout.strip().split("\n")[-1]), done


def data():
    folder = tempfile.mkdtemp(dir=HOME)
    return ["--data", os.path.join(folder, "d"), "--keys",
            os.path.join(folder, "k")]


def seen(where, professional):
    """patient -> (first, last, disclosures) by `vigie scope --list`."""
    done = vigie("scope", *where, "--professional", professional, "--list")
    rows = {}
    for line in done.stdout.split("\n"):
        if line.startswith("{") and '"patient"' in line:
            row = json.loads(line)
            rows[row["patient"]] = (row["first"], row["last"],
                                    row["disclosures"])
    return rows


def differ(got, want):
    return ["%s: %r, counted %r" % (key, got.get(key), want[key])
            for key in want if got.get(key) != want[key]]


def guarded(name, test):
    try:
        tell(name, test())
    except Exception as error:  # a test that breaks is one that failed
        tell(name, ["%s: %s" % (type(error).__name__, error)])


def utc(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quoted(cell):
    if any(mark in cell for mark in ';"\n') or draw.random() < 0.1:
        return '"%s"' % cell.replace('"', '""')
    return cell


ACTIONS = {"Consultation": "access", "Modification": "access",
           "Impression": "access", "Création": "access",
           "Recherche patient": "search", "Connexion": "login",
           "Déconnexion": "logout", "Accès refusé": "refusal",
           "Sauvegarde": "nothing"}


def hospital():
    """A month of accesses as an export would write them."""
    rows, counts = [], {"events": 0, "ignored": 1, "refused": 0, "logins": 0,
                        "refusals": 0, "unlabelled": 0}
    patients, users, pairs = set(), set(), {}
    start = datetime.datetime(2026, 3, 2, 8, tzinfo=PARIS)
    for i in range(3000):
        moment = start + datetime.timedelta(seconds=i * 37)
        user = "99700%06d" % draw.randrange(12)
        action = draw.choice(list(ACTIONS))
        kind = ACTIONS[action]
        ipp = "8%06d" % draw.randrange(500)
        if kind in ("search", "login", "logout", "nothing"):
            ipp = ""
        address = "192.0.2.%d" % draw.randrange(1, 9)
        cells = [moment.strftime("%d/%m/%Y"), moment.strftime("%H:%M:%S"),
                 "dr;œuvre\n\"%s\"" % user if draw.random() < 0.1 else "é",
                 user, ipp, "Prénom \"Nom\"", action, "P%d" % i, address,
                 "Médecine"]
        if draw.random() < 0.02:
            cells[0] = "31/02/2026"
            if kind != "nothing":
                counts["refused"] += 1
        elif draw.random() < 0.02:
            cells.append("de trop")
            counts["refused"] += 1
            kind = "cells"
        elif kind != "nothing":
            counts["events"] += 1
            users.add(user)
            counts["logins"] += kind == "login"
            counts["refusals"] += kind == "refusal"
            counts["unlabelled"] += kind == "search"
            if kind == "access":
                patients.add(ipp)
                pairs.setdefault(user, set()).add(ipp)
        counts["ignored"] += kind == "nothing"
        rows.append(";".join(quoted(cell) for cell in cells))
    counts["professionals"] = len(users)
    counts["patients"] = len(patients)
    header = ("Date;Heure;Utilisateur;RPPS;IPP;Nom patient;Action;Poste;"
              "Adresse IP;Service")
    return "\r\n".join([header] + rows) + "\r\n", counts, pairs


def test_hospital():
    text, counts, pairs = hospital()
    wrong = []
    # patients named in refusals count as patients too, or not: told apart
    for name, content in (("h.csv", text.encode()),
                          ("h1252.csv", text.encode("cp1252")),
                          ("h.csv.gz", gzip.compress(text.encode()))):
        where = data()
        got, _ = summary(*where, write(name, content))
        want = {key: counts[key] for key in counts if key != "patients"}
        wrong += [name + " " + line for line in differ(got, want)]
        for user in sorted(pairs)[:4]:
            if set(seen(where, user)) != pairs[user]:
                wrong.append("%s: persons of one account differ" % name)
    return wrong


HEADERS = [
    ("Date;Heure;Utilisateur;IPP;Action", ";", 2),
    ("DATE D'ACCES;HEURE D'ACCES;LOGIN;N° IPP;OPERATION", ";", 2),
    ("date_acces\theure_acces\tcode_utilisateur\tnum_ipp\ttype_action", "\t",
     2),
    ("Date et heure,Identifiant utilisateur,Identifiant patient,Événement",
     ",", 1),
    ("Horodatage|Compte|IPP patient|Type d'événement", "|", 1),
    ("\"Date action\";\"RPPS\";\"Id patient\";\"Libellé action\"", ";", 1),
    ("Jour;Heure;N° RPPS;N.I.P.;Fonction", ";", 2),
    ("Timestamp,Username,Patient ID,Action", ",", 1),
    ("﻿Date;Heure;Matricule agent;Identifiant permanent;Nature", ";", 2),
    ("Extraction du 3 mars 2026\nDate;Heure;Agent;IPP;Accès", ";", 2),
    ("sep=;\nDate heure;Opérateur;Numéro patient;Type accès", ";", 1),
    ("Date de l'évènement ; Praticien ; INS patient ; Opération", ";", 1),
]


def test_headers():
    wrong = []
    for number, (header, separator, cells) in enumerate(HEADERS):
        rows, patients = [], set()
        for i in range(40):
            patient = "27903%010d" % draw.randrange(20)
            patients.add(patient)
            moment = datetime.datetime(2026, 3, 2, 9, i, 7)
            when = [moment.strftime("%d/%m/%Y"), moment.strftime("%H:%M")]
            if cells == 1:
                when = [" ".join(when)]
            rows.append(separator.join(when + ["u1", patient, "Lecture"]))
        text = header + "\n" + "\n".join(rows) + "\n"
        encoding = "cp1252" if number % 3 == 1 else "utf-8"
        got, _ = summary(write("o%d.csv" % number, text.encode(encoding)))
        wrong += ["%r %s" % (header, line) for line in differ(
            got, {"events": 40, "patients": len(patients),
                  "professionals": 1, "refused": 0})]
    return wrong


def test_hours():
    """Each quarter of an hour of both nights, local without a zone: what the
    clock shows once is exact, what it shows twice is the first, what it never
    shows is as if the clock had not been moved."""
    rows, want = ["Date;Heure;Utilisateur;IPP"], {}
    for day in ((2026, 3, 29), (2026, 10, 25)):
        for quarter in range(24):
            wall = datetime.datetime(*day) + datetime.timedelta(
                minutes=15 * quarter)
            patient = wall.strftime("P%m%d%H%M")
            rows.append("%s;%s;u1;%s" % (wall.strftime("%d/%m/%Y"),
                                         wall.strftime("%H:%M"), patient))
            want[patient] = utc(wall.replace(tzinfo=PARIS, fold=0))
    where = data()
    summary(*where, write("hours.csv", "\n".join(rows) + "\n"))
    got = {patient: row[0] for patient, row in seen(where, "u1").items()}
    wrong = differ(got, want)
    if len(got) != 48:
        wrong.append("%d persons, not 48" % len(got))
    where = data()
    summary(*where, "--tz", "Indian/Reunion",
            write("reunion.csv", "Date;Utilisateur;IPP\n"
                  "29/03/2026 02:30;u1;P1\n"))
    if seen(where, "u1").get("P1", [""])[0] != "2026-03-28T22:30:00Z":
        wrong.append("--tz was not taken")
    return wrong


def test_access_log():
    lines = []
    counts = {"events": 0, "ignored": 0, "refused": 0, "refusals": 0,
              "unlabelled": 0}
    pairs = {}
    start = datetime.datetime(2026, 3, 2, 9, tzinfo=PARIS)
    for i in range(2000):
        moment = start + datetime.timedelta(seconds=i)
        user = "dr%d" % draw.randrange(9)
        patient = str(draw.randrange(200))
        status = draw.choice([200, 200, 200, 304, 403, 404, 500])
        shape = draw.randrange(8)
        persons = ["Patient/" + patient]
        url = ["/fhir/Patient/%s" % patient,
               "/fhir/Patient/%s/Observation?code=x" % patient,
               "/fhir/Observation?patient=%s" % patient,
               "/fhir/Observation?subject=Patient%%2F%s" % patient,
               "/fhir/Patient?_id=%s" % patient,
               "/fhir/Patient?family=X", "/style.css",
               "/fhir/Organization/7"][shape]
        if shape >= 5:
            persons = []
        refused = status >= 400
        if shape < 6:
            counts["events"] += 1
            counts["refusals"] += refused
            counts["unlabelled"] += not persons and not refused
            if persons and not refused:
                pairs.setdefault(user, set()).update(persons)
        else:
            counts["ignored"] += 1
        lines.append('192.0.2.%d - %s [%s] "GET %s HTTP/1.1" %d 512 "-" '
                     '"Mozilla/5.0 \\"x\\""' % (
                         draw.randrange(1, 9), user,
                         moment.strftime("%d/%b/%Y:%H:%M:%S %z"), url,
                         status))
    lines.insert(700, "this is no line of an access log")
    counts["refused"] = 1
    where = data()
    got, _ = summary(*where, write("access.log", "\n".join(lines) + "\n"))
    wrong = differ(got, counts)
    for user in pairs:
        if set(seen(where, user)) != pairs[user]:
            wrong.append("%s: persons differ" % user)
    return wrong


NAMES = ["bob", "bob, ipAddress=6.6.6.6", "x\\", 'x", ipAddress="6.6.6.6',
         "a b, userId=u, ipAddress=6.6.6.6", "' , ipAddress=6.6.6.6'",
         "type=LOGIN, realmId=r, clientId=c, ipAddress=6.6.6.6"]


def test_keycloak():
    lines = []
    counts = {"events": 0, "ignored": 0, "refused": 0, "logins": 0,
              "refusals": 0}
    for i in range(600):
        kind = draw.choice(["LOGIN", "LOGIN_ERROR", "LOGOUT", "CODE_TO_TOKEN",
                            "REFRESH_TOKEN_ERROR"])
        name = draw.choice(NAMES)
        pairs = [("type", kind), ("realmId", "r"), ("clientId", "c"),
                 ("userId", "null"), ("ipAddress", "192.0.2.1")]
        if kind.endswith("_ERROR"):
            pairs.append(("error", "user_not_found"))
        pairs += [("auth_method", "openid-connect"), ("code_id", "s%d" % i),
                  ("username", name)]
        form = draw.randrange(4)
        moment = datetime.datetime(2026, 3, 2, 9, i // 60 % 60, i % 60)
        head = moment.strftime("%Y-%m-%d %H:%M:%S,120") + \
            " WARN  [org.keycloak.events] (executor-thread-1) "
        if form == 0:
            body = ", ".join("%s=%s" % (key, "'%s'" % value if " " in value
                                        else value) for key, value in pairs)
            lines.append(head + body)
        else:
            body = ", ".join('%s="%s"' % (key, value.replace('"', '\\"'))
                             for key, value in pairs)
            if form == 1:
                lines.append(head + body)
            elif form == 2:
                lines.append(head + "JSON_EVENT::" + json.dumps(dict(pairs)))
            else:
                lines.append(json.dumps({
                    "@timestamp": "2026-03-02T08:%02d:%02d.12Z" % (
                        i // 60 % 60, i % 60),
                    "log.logger": "org.keycloak.events", "message": body}))
        if kind == "CODE_TO_TOKEN":
            counts["ignored"] += 1
        else:
            counts["events"] += 1
            counts["logins"] += kind == "LOGIN"
            counts["refusals"] += kind.endswith("_ERROR")
    where = data()
    got, _ = summary(*where, write("keycloak.log", "\n".join(lines) + "\n"))
    wrong = differ(got, counts)
    done = vigie("hunt", *where, "--address", "6.6.6.6", "--json")
    if "bob" in done.stdout:
        wrong.append("a user name has decided an address")
    done = vigie("hunt", *where, "--address", "192.0.2.1", "--json")
    if "bob" not in done.stdout:
        wrong.append("nobody at the address that Keycloak wrote")
    return wrong


def trace(number, kind, patient=None):
    moment = datetime.datetime(2026, 3, 2, 9, 0, number, tzinfo=PARIS)
    record = {"type": kind, "clientId": "client", "IdRPPS": "899700218896",
              "ipAddress": "192.0.2.1", "ports": [8080],
              "proxy_id_session": "p", "session_state": "s", "dn": "CN=x",
              "timestamp": moment.isoformat()}
    if patient:
        record["apiRequest"] = {"nomApiPsc": "dmp", "methode": "GET",
                                "path": "/fhir/Observation?patient=" + patient}
    return record


def test_ans():
    records = [trace(0, "CONNECT_SUCCESS"), trace(1, "SEND", "41"),
               trace(2, "SEND", "42"), trace(3, "SEND", "42"),
               trace(4, "CONNECT_FAILURE"), trace(5, "DISCONNECT")]
    want = {"events": 6, "patients": 2, "logins": 1, "refusals": 1,
            "refused": 0, "disclosures": 3, "professionals": 1}
    wrong = []
    for name, text in (
            ("ans.ndjson", "\n".join(map(json.dumps, records)) + "\n"),
            ("ans.json", json.dumps(records, indent=1))):
        where = data()
        got, _ = summary(*where, write(name, text))
        wrong += [name + " " + line for line in differ(got, want)]
        done = vigie("scope", *where, "--session", "s", "--list")
        if done.stdout.count('"grade":"requested"') != 2:
            wrong.append(name + ": two persons requested: " + done.stdout)
    return wrong


def test_proposal():
    text = ("Quand|Qui|Réf patient|Nom du patient|Écran|D'où\n" +
            "".join("02/03/2026 09:%02d|dr%d|R%d|X|Biologie|192.0.2.1\n" % (
                i, i % 3, i % 7) for i in range(40)))
    path = write("unknown.csv", text)
    done = vigie("replay", "--lang", "en", path)
    start, end = done.stdout.find("# A proposal"), done.stdout.find("\n}\n")
    wrong = []
    if done.returncode != 2 or start < 0 or end < 0:
        return ["no proposal: " + done.stdout + done.stderr]
    proposal = done.stdout[start:end + 3]
    if "192.0.2.1" in proposal or "R1" in proposal:
        wrong.append("the proposal holds values")
    edited = proposal.replace(
        "}\n", '    resource column "Écran" { Observation "Biologie"; }\n}\n')
    edited = "\n".join(line for line in edited.split("\n")
                       if "resource column \"Écran\";" not in line)
    where = data()
    got, _ = summary(*where, "--map", write("edited.map", edited), path)
    wrong += differ(got, {"events": 40, "patients": 7, "professionals": 3,
                          "refused": 0, "unlabelled": 0})
    mistyped = edited.replace("Réf patient", "Ref du patient")
    got, done = summary("--map", write("mistyped.map", mistyped), path,
                        expect=2)
    if "line 1" not in done.stderr or \
            'person column "Ref du patient"' not in done.stderr:
        wrong.append("the first failure was not told: " + done.stderr[-400:])
    broken = edited.replace("format csv", "formt csv")
    done = vigie("replay", "--map", write("broken.map", broken), path)
    if done.returncode != 2 or "formt" not in done.stderr:
        wrong.append("the mistake was not told: " + done.stderr[-400:])
    return wrong


def test_grown():
    """An export that grew: its first rows count once, its header too."""
    text, _, _ = hospital()
    cut = text.find("\r\n", len(text) // 2) + 2
    where, whole = data(), data()
    path = write("grown.csv", text[:cut])
    first, _ = summary(*where, path)
    write("grown.csv", text)
    second, _ = summary(*where, path)
    all_at_once, _ = summary(*whole, path)
    # a cut in a quoted cell leaves the same rows in the end
    wrong = []
    for user in ["99700%06d" % i for i in range(12)]:
        if seen(where, user) != seen(whole, user):
            wrong.append("%s: twice gives other persons than once" % user)
    return wrong


def main():
    print("# seed %d" % SEED)
    tests = [
        ("a hospital's export, UTF-8, Windows-1252 and gzip, counts as "
         "counted here", test_hospital),
        ("twelve odd headers are read", test_headers),
        ("both changes of hour, quarter by quarter", test_hours),
        ("an access log's FHIR URLs count as counted here", test_access_log),
        ("Keycloak's forms count, and no user name decides an address",
         test_keycloak),
        ("traces of the ANS proxy, lines and array", test_ans),
        ("an unknown table gets a proposal that works when edited",
         test_proposal),
        ("a table that grew counts each row once", test_grown),
    ]
    print("1..%d" % len(tests))
    for name, test in tests:
        guarded(name, test)
    shutil.rmtree(HOME, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
