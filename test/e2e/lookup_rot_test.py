#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Flipped bits in the look-up of a small ledger, and what becomes of answers:
the persons of a scope by name, the sessions of one person, the scope of one
session. No bit may give a name that was not there, or a person another's
rows; what else changes an answer is counted and printed, since an entry of
the look-up carries no sum (docs/evidence.md). FLIPS (120), SEED."""
import collections
import json
import os
import random
import shutil
import subprocess
import sys

VIGIE = os.environ.get("VIGIE", "build/vigie")
FOLDER = os.path.join(os.environ.get("TMPDIR", "/tmp"), "lookup-rot")
FLIPS = int(os.environ.get("FLIPS", "120"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
DATA = os.path.join(FOLDER, "data")
KEYS = os.path.join(FOLDER, "keys")
ROT = os.path.join(DATA, "lookup", "data.mdb")
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good:
        print("#", why)
    sys.stdout.flush()


def run(*arguments):
    done = subprocess.run([VIGIE, "--lang", "en", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=30)
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def ask(question):
    return run(*question, "--data", DATA, "--keys", KEYS)


def rows(out):
    try:
        return [json.loads(line) for line in out.splitlines()]
    except ValueError:
        return None


def key_of(row):
    return row.get("patient") or row.get("session") or ""


def kind_of(before, after):
    """One word for what a flip did to an answer."""
    code, out, error = after
    if code < 0:
        return "crashed (signal %d)" % -code
    if (code, out) == (before[0], before[1]):
        return "same" if error == before[2] else "same, and told"
    if code not in (0, 1):
        known = [" no such ", "not in this ledger", "in this ledger"]
        return "a known name is unknown" \
            if any(word in error for word in known) else "refused"
    was, now = rows(before[1]), rows(out)
    if now is None:
        return "WRONG: no answer that can be read"
    told = " (told)" if error != before[2] else ""
    if len(was) == 1 and "patients" in was[0]:
        return "counts of a scope differ" + told
    names = {key_of(row): row for row in was}
    for row in now:
        name = key_of(row)
        if name and name not in names:
            return "WRONG: a name that was not there"
    for row in now:
        name = key_of(row)
        if name and row.get("disclosures") != names[name]["disclosures"]:
            return "WRONG: another's rows"
    if any(not key_of(row) for row in now):
        return "a name is missing" + told
    return ("fewer lines" if len(now) < len(was) else "a field differs") + told


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    trail = os.path.join(FOLDER, "trail")
    run("simulate", "--days", "1", "--professionals", "3", "--out", trail,
        "--truth", os.path.join(FOLDER, "truth"))
    run("replay", "--data", DATA, "--keys", KEYS, "--quiet", trail)
    every = ["scope", "--from", "2026-01-01", "--to", "2027-01-01", "--list"]
    persons = rows(ask(every)[1])
    who = ["who", persons[0]["patient"], "--json"]
    session = rows(ask(who)[1])[0]["session"]
    questions = {"scope --list": every, "who": who,
                 "scope --session": ["scope", "--session", session, "--json"]}
    before = {name: ask(question) for name, question in questions.items()}
    check("a ledger of %d persons answers" % len(persons),
          all(each[0] in (0, 1) for each in before.values()), before.keys())
    with open(ROT, "rb") as file:
        whole = file.read()
    everything = os.environ.get("VIGIE_ALL") == "1"
    random.seed(SEED)
    bits = range(len(whole) * 8) if everything else \
        [random.randrange(len(whole) * 8) for _ in range(FLIPS)]
    found = collections.Counter()
    where = {}
    for bit in bits:
        for name, question in questions.items():
            with open(ROT, "r+b") as file:
                file.seek(bit // 8)
                file.write(bytes([whole[bit // 8] ^ 1 << bit % 8]))
            kind = kind_of(before[name], ask(question))
            found[name, kind] += 1
            where.setdefault((name, kind), bit)
        with open(ROT, "r+b") as file:
            file.seek(bit // 8)
            file.write(whole[bit // 8:bit // 8 + 1])
    print("# %d flips in %d bytes, SEED=%d" % (len(bits), len(whole), SEED))
    for (name, kind), count in sorted(found.items()):
        print("#   %s: %s: %d (bit %d)" % (name, kind, count,
                                           where[name, kind]))
    wrong = [each for each in found if each[1].startswith("WRONG")]
    check("no flipped bit names another, or gives another's rows", not wrong,
          wrong)
    shutil.rmtree(FOLDER)
    return 1 if failed else 0


sys.exit(main())
