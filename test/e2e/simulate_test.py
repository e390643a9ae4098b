#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""vigie simulate: the same seed gives the same bytes, thieves change no
honest line, every kind is in the truth, and what it writes for an operator is
taken whole by vigie replay --context."""
import json
import os
import subprocess
import sys
import tempfile

VIGIE = os.environ.get("VIGIE", "build/vigie")
KINDS = ["night", "paged", "quiet", "fast", "slow-pages", "ring", "hijack",
         "exits", "dormant", "own-machine", "poisoner", "newcomer", "mimic",
         "insider"]
SMALL = ["--professionals", "80", "--days", "26", "--seed", "8101"]
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why:
        print("#", str(why)[-600:])


def vigie(*arguments):
    return subprocess.run([VIGIE, *arguments], capture_output=True, text=True)


def simulated(folder, name, *options):
    """Lines, and the lines of the truth."""
    trail = os.path.join(folder, name)
    done = vigie("simulate", *SMALL, *options, "--out", trail, "--truth",
                 trail + ".truth")
    assert done.returncode == 0, done.stderr
    with open(trail, encoding="utf-8") as file:
        lines = file.read().splitlines()
    with open(trail + ".truth", encoding="utf-8") as file:
        truth = [json.loads(line) for line in file]
    return lines, truth


def refusals(folder):
    blocked = os.path.join(folder, "file")
    with open(blocked, "w", encoding="utf-8") as file:
        file.write("kept")
    for wrong in (["--thieves", "angel"], ["--thieves", "night,,fast"],
                  ["--thieves", ",".join(["night"] * 65)], ["--days", "0"],
                  ["--context"], ["--context", blocked]):
        done = vigie("simulate", "--professionals", "10", "--days", "1",
                     "--out", os.path.join(folder, "never"), *wrong)
        check("refused: simulate " + " ".join(wrong)[:40],
              done.returncode == 2 and done.stderr.startswith("vigie: ")
              and not os.path.exists(os.path.join(folder, "never")),
              done.stderr)
    with open(blocked, encoding="utf-8") as file:
        check("a file in a folder's place is left as it was",
              file.read() == "kept")


def lines_and_truth(folder):
    lines, truth = simulated(folder, "all", "--thieves", "all")
    again, _ = simulated(folder, "again", "--thieves", "all")
    check("the same seed gives the same bytes", lines == again)
    check("every kind of thief is there",
          {theft["thief"] for theft in truth} == set(KINDS),
          sorted({theft["thief"] for theft in truth}))
    check("each theft says its class, and a time for each person",
          all(theft["class"] in ("loud", "quiet", "reported")
              and len(theft["times"]) == len(theft["persons"])
              and theft["first"] == theft["times"][0] for theft in truth))
    lists = ",".join(k for k in KINDS if k not in ("dormant", "newcomer"))
    some, truth = simulated(folder, "some", "--thieves", lists)
    none, empty = simulated(folder, "none", "--thieves", "none")
    told = set(some)
    check("thieves change no honest line",
          not empty and all(line in told for line in none))
    stolen = {theft["professional"] for theft in truth}
    honest = set(none)
    check("what they add is in stolen accounts alone",
          all(any(who in line for who in stolen)
              for line in told - honest))
    persons = {person for theft in truth for person in theft["persons"]}
    text = "\n".join(told - honest)
    check("every person of the truth is in what they added",
          persons and all(person + '"' in text for person in persons))
    return os.path.join(folder, "all")


def alerts(trail, *options):
    done = vigie("replay", "--json", "--quiet", *options, trail)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done, [o for o in lines if o["kind"] == "alert"]


def context(folder, trail):
    told = os.path.join(folder, "told", "deep")
    simulated(folder, "with", "--thieves", "all", "--context", told)
    names = sorted(os.listdir(told))
    check("eight files are written",
          names == ["absences.csv", "campaigns.csv", "lures.csv", "roles.csv",
                    "roster.csv", "shared.csv", "sites.csv", "staff.csv"],
          names)
    with open(trail, encoding="utf-8") as a, \
            open(os.path.join(folder, "with"), encoding="utf-8") as b:
        check("writing them changes nothing of the trail",
              a.read() == b.read())
    done, with_told = alerts(trail, "--context", told)
    check("vigie replay --context takes them all",
          done.returncode == 0 and ".csv" not in done.stderr, done.stderr)
    _, without = alerts(trail)
    check("and they weigh", with_told != without and with_told)
    codes = {reason["code"] for alert in with_told
             for reason in alert["reasons"]}
    check("a thief opens a lure", "lure" in codes, sorted(codes))
    done, _ = alerts(trail, "--campaigns", os.path.join(told,
                                                        "campaigns.csv"))
    check("the announced campaigns alone, too", done.returncode == 0,
          done.stderr)
    nobody = os.path.join(folder, "calm")
    simulated(folder, "calm.ndjson", "--thieves", "none", "--context", nobody)
    for name in names:
        with open(os.path.join(told, name), encoding="utf-8") as a, \
                open(os.path.join(nobody, name), encoding="utf-8") as b:
            # an account may have been made new or left for a thief
            changed = set(a.read().splitlines()) ^ set(b.read().splitlines())
        check("%s says nothing of thieves" % name, len(
            {line[:12] for line in changed}) <= 2, sorted(changed)[:6])


def main():
    with tempfile.TemporaryDirectory() as folder:
        refusals(folder)
        trail = lines_and_truth(folder)
        context(folder, trail)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
