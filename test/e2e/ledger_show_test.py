#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""vigie ledger stat, dump, export: what is exported answers, in SQLite and
(where npm has it in $VIGIE_DUCKDB) in DuckDB, what vigie's own commands
answer; the leaves in it make up the ledger's root; no name is in it."""
import csv
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

VIGIE = os.environ.get("VIGIE", "build/vigie")
HOME = os.path.join(os.environ.get("TMPDIR", "/tmp"), "show")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
QUERIES = os.path.join(ROOT, "docs", "ledger-queries.sql")
failed = 0


def tell(name, wrong):
    global failed
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:5]:
        print("# " + str(line)[:2000])
    failed += bool(wrong)


def at(name):
    return os.path.join(HOME, name)


def run(*words, expect=0):
    done = subprocess.run([VIGIE, "--lang", "en", *words],
                          capture_output=True, text=True)
    if done.returncode != expect:
        raise AssertionError("%s: exit %d: %s" % (
            " ".join(words), done.returncode, done.stderr[-1500:]))
    return done.stdout


def ask(command, *more):
    return run(*command.split(), "--data", at("data"), "--keys", at("keys"),
               *more)


def tree(leaves):
    """RFC 9162 section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def statements():
    with open(QUERIES, encoding="utf-8") as file:
        text = re.sub(r"^--.*$", "", file.read(), flags=re.M)
    return [query.strip() for query in text.split(";") if query.strip()]


def sqlite_answers(records):
    base = sqlite3.connect(":memory:")
    columns = list(records[0])
    base.execute("CREATE TABLE rows (%s)" % ",".join(columns))
    base.executemany("INSERT INTO rows VALUES (%s)" % ",".join(
        "?" * len(columns)), [list(record.values()) for record in records])
    told = []
    for query in statements():
        rows = base.execute(query).fetchall()
        if query.startswith("SELECT"):
            told.append([list(row) for row in rows])
    return told


def duckdb_answers(file):
    modules = os.environ.get("VIGIE_DUCKDB", "")
    if not modules or not shutil.which("node"):
        return None
    done = subprocess.run(
        ["node", os.path.join(ROOT, "test/help/duckdb_ask.mjs"), modules,
         file, QUERIES], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr[-1500:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def own_answers(stat):
    """The same from scope, alerts and stat."""
    whole = json.loads(ask("scope", "--from", "2000-01-01", "--json"))
    accounts = {}
    for row in map(json.loads, ask("ledger export", "--json").splitlines()):
        if row["kind"] == "disclosure" and row["person"]:
            accounts.setdefault(row["professional"], set()).add(row["person"])
    busiest = sorted(((-len(seen), who) for who, seen in accounts.items()))[:5]
    medical = set()
    for line in ask("scope", "--from", "2000-01-01", "--list").splitlines():
        person = json.loads(line)
        if {"medical", "document"} & set(person["categories"]):
            medical.add((person["patient"], person["service"]))
    return [
        [[whole["patients"], whole["professionals"], whole["sessions"],
          whole["disclosures"]]],
        [[len(medical)]],
        [[whole["by_category"]["identity"]]],
        [[who, -count] for count, who in busiest],
        [[len(ask("alerts", "--json").splitlines())]],
        [[kind, count] for kind, count in sorted(stat["kinds"].items())],
    ]


def compare(name, told, wanted):
    tell(name, ["%s instead of %s" % pair for pair in zip(told, wanted)
                if pair[0] != pair[1]] + (
                    [] if len(told) == len(wanted) else ["%d answers" %
                                                         len(told)]))


def exports():
    stat = json.loads(ask("ledger stat", "--json").splitlines()[-1])
    days = [json.loads(line) for line in
            ask("ledger stat", "--json").splitlines()[:-1]]
    tell("the days of stat sum up to its whole", [] if sum(
        sum(day["rows"].values()) for day in days) == stat["rows"] else [stat])
    wanted = own_answers(stat)
    text = ask("ledger export", "--csv", "--all")
    with open(at("rows.csv"), "w", encoding="utf-8", newline="") as file:
        file.write(text)
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    compare("SQLite answers from the CSV as vigie does",
            sqlite_answers(records), wanted)
    lines = ask("ledger export", "--json")
    with open(at("rows.json"), "w", encoding="utf-8") as file:
        file.write(lines)
    objects = [{key: "" if value is None else value
                for key, value in json.loads(line).items()}
               for line in lines.splitlines()]
    compare("SQLite answers from the NDJSON as vigie does",
            sqlite_answers(objects), wanted)
    for name in ("rows.csv", "rows.json"):
        told = duckdb_answers(at(name))
        if told is None:
            print("ok DuckDB answers from %s # SKIP npm install "
                  "@duckdb/node-api somewhere, and VIGIE_DUCKDB=there" % name)
        else:
            compare("DuckDB answers from %s as vigie does" % name, told,
                    wanted)
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(record["raw"])).digest()
              for record in records]
    root = json.loads(run("verify", "--data", at("data"), "--json")
                      .splitlines()[-1])["root"]
    tell("the exported leaves make up the ledger's root",
         [] if tree(leaves).hex() == root else [root])
    return text + lines + ask("ledger dump", "--rows", "100000") + \
        ask("ledger stat")


def no_names(everything):
    """No identifier of the trail's persons, accounts, sessions, addresses."""
    names = set()
    with open(at("a.ndjson"), encoding="utf-8") as file:
        for line in file:
            names |= set(re.findall(r'"Patient/([^"]+)"', line))
            names |= set(re.findall(r'"address":"([^"]+)"', line))
            names |= set(re.findall(r'"value":"([^"]{8,})"', line))
    word = re.compile(r"[0-9A-Za-z.:_-]{7,}")
    names = {part for name in names for part in word.findall(name)}
    names.discard("portail-regional")  # the source's own name, and not one's
    found = list(names & set(word.findall(everything)))
    tell("none of %s names is in what is shown" %
         ("the" if names else "NO"), found if names else ["no names"])


def bounds():
    wrong = []
    whole = ask("ledger export", "--json").splitlines()
    part = ask("ledger export", "--json", "--first", "7",
               "--rows", "3").splitlines()
    if part != whole[7:10]:
        wrong.append(part)
    for words in (["export"], ["export", "--json", "--csv"], ["melt"], [],
                  ["dump", "--rows", "x"], ["stat", "--csv"],
                  ["stat", "--first", "1"]):
        run("ledger", *words, *(["--data", at("data"), "--keys", at("keys")]
                                if words else []), expect=2)
    done = subprocess.run(
        [VIGIE, "ledger", "export", "--data", at("data"), "--keys",
         at("nokeys"), "--csv", "--rows", "1"], capture_output=True, text=True)
    if done.returncode != 0 or len(done.stdout.splitlines()) != 2:
        wrong.append(done.stderr)
    tell("parts, wrong use, no keys", wrong)


def main():
    shutil.rmtree(HOME, ignore_errors=True)
    os.makedirs(HOME)
    run("simulate", "--professionals", "40", "--days", "3", "--out",
        at("a.ndjson"))
    run("replay", "--quiet", "--data", at("data"), "--keys", at("keys"),
        at("a.ndjson"))
    no_names(exports())
    bounds()
    shutil.rmtree(HOME)
    return failed != 0


sys.exit(main())
