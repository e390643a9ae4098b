#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""vigie bench detection on tiny regions: it runs, says the same for the same
seed, its counts hold together, and what is senseless is refused."""
import json
import os
import subprocess
import sys

VIGIE = os.environ.get("VIGIE", "build/vigie")
TINY = ["--seeds", "1", "--professionals", "40", "--days", "26",
        "--ceiling-days", "0", "--thieves", "night,paged"]
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why:
        print("#", why[-600:])


def bench(*arguments):
    return subprocess.run([VIGIE, "bench", *arguments], capture_output=True,
                          text=True)


def lines(*arguments):
    done = bench("detection", "--json", *TINY, *arguments)
    if done.returncode != 0:
        return []
    return [o for o in map(json.loads, done.stdout.splitlines())
            if o.get("name") != "detect_row"]  # a time, never the same


def refusals():
    for wrong in ([], ["memory"], ["detection", "more"],
                  ["detection", "--seeds", "0"],
                  ["detection", "--thieves", "angel"],
                  ["detection", "--detect", "pace-z"],
                  ["detection", "--nothing"]):
        done = bench(*wrong)
        check("refused: bench " + " ".join(wrong), done.returncode == 2
              and not done.stdout and done.stderr.startswith("vigie: "),
              done.stderr)


def counts():
    said = lines("--list")
    check("a tiny region runs", bool(said))
    check("the same seed gives the same lines", said == lines("--list"))
    check("another seed gives others",
          said != lines("--list", "--first-seed", "1"))
    thieves = [o for o in said if o["kind"] == "thief"]
    check("each thief of the list is there",
          sorted(o["thief"] for o in thieves) == ["night", "paged"])
    for o in said:
        if o["kind"] != "thieves":
            continue
        of = [t for t in thieves if t["thief"] == o["thief"]]
        check("the sum of %s is that of its thieves" % o["thief"],
              o["number"] == len(of)
              and o["stopped"] == sum(t["stopped"] for t in of)
              and o["lost"]["worst"] == max(t["lost"] for t in of)
              and all(t["lost"] <= t["persons"] for t in of), str(o))
    false = [o for o in said if o["kind"] == "false"]
    listed = [o for o in said
              if o["kind"] == "false_alert" and not o["thieves"]]
    for o in false:
        for verdict in ("step_up", "watch"):
            check("false %s %s the warm-up are those of the list" % (
                verdict, "in" if o["warm_up"] else "after"),
                o[verdict]["count"] == sum(
                    a["verdict"] == verdict and a["warm_up"] == o["warm_up"]
                    for a in listed)
                and o[verdict]["least"] <= o[verdict]["per_1000"]
                <= o[verdict]["most"], str(o[verdict]))


def ceiling():
    """A number of the detector must move it."""
    reach = {}
    for cap in ("10", "60"):
        done = bench("detection", "--json", "--seeds", "1", "--professionals",
                     "40", "--days", "2", "--thieves", "none",
                     "--ceiling-days", "28", "--detect",
                     "unfamiliar-new-max=" + cap, "--detect",
                     "step-up-score=1000")
        reach[cap] = [o["median"] for o in map(json.loads,
                                               done.stdout.splitlines())
                      if o["kind"] == "ceiling" and o["place"] == "unknown"
                      and o.get("cover") == "none"]
    check("the mimicry ceiling follows the caps", reach["10"]
          and sum(reach["10"]) < sum(reach["60"]), str(reach))


def words():
    for language, word in (("fr", "voleur, par compte"),
                           ("en", "thief, by account")):
        done = bench("detection", "--lang", language, *TINY)
        check("the tables are in words (%s)" % language,
              done.returncode == 0 and word in done.stdout
              and "\nfigure loud_missed " in done.stdout,
              done.stdout + done.stderr)


refusals()
counts()
ceiling()
words()
sys.exit(1 if failed else 0)
