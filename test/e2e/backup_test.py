#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The restore drill: a region is imported, backed up while more of it is
being imported, recovered elsewhere, and asked the same questions before and
after; then disks rot and copies part."""
import json
import os
import shutil
import subprocess
import sys

VIGIE = os.environ.get("VIGIE", "build/vigie")
HOME = os.path.join(os.environ.get("TMPDIR", "/tmp"), "backup")
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
        raise AssertionError("%s: exit %d: %s%s" % (
            " ".join(words), done.returncode, done.stdout[-500:],
            done.stderr[-1500:]))
    return done


def replay(data, trail, again=False):
    """`again`: the file may have been read to its end already."""
    done = subprocess.run([VIGIE, "--lang", "en", "replay", "--quiet", "--data",
                           data, "--keys", at("keys"), trail],
                          capture_output=True, text=True)
    if done.returncode != 0 and not (again and "already read" in done.stderr):
        raise AssertionError(done.stderr[-1500:])


def answers(data):
    """Everything that one asks in the week of an incident."""
    keys = ["--data", data, "--keys", at("keys")]
    alerts = run("alerts", *keys, "--json").stdout
    told = {"alerts": alerts}
    for line in alerts.splitlines()[:4]:
        alert = json.loads(line)
        told["scope " + alert["id"]] = run(
            "scope", *keys, "--session", alert["session"], "--list").stdout
        told["sum " + alert["id"]] = run(
            "scope", *keys, "--professional", alert["professional"],
            "--json").stdout
        told["explain " + alert["id"]] = run(
            "explain", *keys, "--json", alert["id"]).stdout
    told["all"] = run("scope", *keys, "--from", "2000-01-01", "--list").stdout
    person = json.loads(told["all"].splitlines()[0])["patient"]
    told["who"] = run("who", *keys, "--json", person).stdout
    return told


def without_gap(text):
    """The gap that recovering adds is told, and nothing else is new."""
    lines = []
    for line in text.splitlines():
        answer = json.loads(line)
        if "coverage" in answer:
            answer["coverage"]["gaps"] = 0
            answer["coverage"]["medical_reasons"] = [
                why for why in answer["coverage"]["medical_reasons"]
                if why["code"] != "gap"]
        lines.append(answer)
    return lines


def differences(before, after):
    return [name for name in before
            if without_gap(before[name]) != without_gap(after[name])]


def backup(data, *more, expect=0):
    return run("backup", "--data", data, "--to", at("copy"), *more,
               expect=expect)


def drill():
    replay(at("data"), at("a.ndjson"))
    first = json.loads(backup(at("data"), "--json").stdout)
    before = answers(at("data"))
    run("recover", "--from", at("copy"), "--data", at("back"))
    tell("what is recovered answers as before",
         differences(before, answers(at("back"))))
    tell("it is whole", [] if run("verify", "--data", at("back")) else [1])
    shutil.rmtree(at("back"))
    # while a larger part comes in
    work = subprocess.Popen([VIGIE, "replay", "--quiet", "--data", at("data"),
                             "--keys", at("keys"), at("b.ndjson")],
                            stdout=subprocess.DEVNULL)
    during, wrong, halves = 0, [], []
    while work.poll() is None:
        backup(at("data"))
        during += 1
        run("recover", "--from", at("copy"), "--data", at("back"))
        run("verify", "--data", at("back"))
        # an import that the backup has half of is simply made again
        replay(at("back"), at("b.ndjson"), again=True)
        halves.append(answers(at("back"))["all"])
        shutil.rmtree(at("back"))
    whole = sorted(answers(at("data"))["all"].splitlines())
    for half in halves:
        half = sorted(half.splitlines())
        wrong += ["%s instead of %s" % pair
                  for pair in zip(half, whole) if pair[0] != pair[1]]
        wrong += [len(half)] if len(half) != len(whole) else []
    if work.returncode != 0 or during == 0:
        wrong.append("import: %s, backups: %d" % (work.returncode, during))
    tell("backups while data comes in are whole", wrong)
    last = json.loads(backup(at("data"), "--json").stdout)
    before = answers(at("data"))
    shutil.rmtree(at("data"))  # the disk is gone
    run("recover", "--from", at("copy"), "--data", at("data"))
    after = answers(at("data"))
    tell("a lost disk costs nothing that was backed up",
         differences(before, after))
    tell("each backup continues the one before",
         [] if last["rows"] > first["rows"]
         and last["generation"] > first["generation"] else [first, last])
    tell("the gap since the backup is told",
         [] if json.loads(after["sum " + json.loads(
             after["alerts"].splitlines()[0])["id"]])["coverage"]["gaps"] == 1
         else ["no gap"])
    replay(at("data"), at("b.ndjson"), again=True)
    tell("what was read already is not counted twice", differences(
        {"all": before["all"]}, answers(at("data"))))


def refusals():
    wrong = []
    done = run("recover", "--from", at("copy"), "--data", at("data"), expect=2)
    if "nothing is written over" not in done.stderr:
        wrong.append(done.stderr)
    run("recover", "--from", at("nowhere"), "--data", at("x"), expect=2)
    run("backup", "--data", at("nowhere"), "--to", at("x"), expect=2)
    run("backup", "--to", at("x"), expect=2)
    tell("nothing is written over, nothing is made of nothing", wrong)


def parted():
    """Recovered twice, both go on: each is told from the other."""
    run("recover", "--from", at("copy"), "--data", at("other"))
    done = backup(at("other"), expect=0)
    done = backup(at("data"), expect=2)
    told = "backup-parted" in done.stderr
    done = run("verify", "--data", at("data"), "--against", at("other"),
               "--json", expect=1)
    against = json.loads(done.stdout.splitlines()[-1])
    rows = json.loads(backup(at("other"), "--json").stdout)["rows"]
    tell("verify names the row where they part",
         [] if against["relation"] == "parted" and against["rows"] == rows - 2
         else [against, rows])
    run("verify", "--data", at("other"), "--against", at("copy"))
    run("verify", "--data", at("data"), "--against", at("copy"), expect=1)
    tell("a copy that went on elsewhere is refused where the other is kept",
         [] if told else ["taken"])


def rot():
    segments = sorted(name for name in os.listdir(at("copy/segments")))
    tell("there are sealed segments", [] if segments else ["none"])
    path = at("other/ledger/" + segments[0])
    with open(path, "r+b") as file:
        file.seek(4000)
        byte = file.read(1)
        file.seek(4000)
        file.write(bytes([byte[0] ^ 64]))
    keys = ["--data", at("other"), "--keys", at("keys")]
    done = run("scope", *keys, "--from", "2000-01-01", "--json")
    coverage = json.loads(done.stdout)["coverage"]
    wrong = []
    if coverage.get("lost_rows", 0) < 1 or \
            coverage["damaged"][0]["file"] != segments[0]:
        wrong.append(coverage)
    if segments[0] not in done.stderr:
        wrong.append(done.stderr)
    tell("rot is named, the rest answers, coverage says what lacks", wrong)
    run("verify", "--data", at("other"), expect=1)
    run("recover", "--segments", "--from", at("copy"), "--data", at("other"))
    run("verify", "--data", at("other"))
    coverage = json.loads(run("scope", *keys, "--from", "2000-01-01",
                              "--json").stdout)["coverage"]
    tell("the segment is put back from the backup",
         [coverage] if "lost_rows" in coverage else [])
    with open(at("copy/segments/" + segments[0]), "r+b") as file:
        file.truncate(100)
    done = run("backup", "--check", "--to", at("copy"), expect=1)
    tell("a backup that has rotted is told",
         [] if segments[0] in done.stderr else [done.stderr])


def main():
    shutil.rmtree(HOME, ignore_errors=True)
    os.makedirs(HOME)
    run("simulate", "--professionals", "400", "--days", "7", "--out",
        at("all.ndjson"))
    with open(at("all.ndjson"), encoding="utf-8") as file:
        lines = file.readlines()
    cut = len(lines) * 3 // 4
    for name, part in (("a", lines[:cut]), ("b", lines[cut:])):
        with open(at(name + ".ndjson"), "w", encoding="utf-8") as file:
            file.writelines(part)
    drill()
    refusals()
    parted()
    rot()
    shutil.rmtree(HOME)
    return failed != 0


sys.exit(main())
