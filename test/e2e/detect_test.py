#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Replay of simulated regions: the three thieves are stopped, on the session
that is theirs; few honest sessions are; the order in the file is nothing; the
demo tells the story in both languages."""
import json
import os
import random
import subprocess
import sys

VIGIE = os.environ.get("VIGIE", "build/vigie")
FOLDER = os.environ.get("TMPDIR", "/tmp")
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why:
        print("#", why)
    sys.stdout.flush()


def vigie(*arguments):
    return subprocess.run([VIGIE, *arguments], capture_output=True, text=True)


def region(name, seed, thieves, professionals=80):
    trail, truth = (os.path.join(FOLDER, name + end)
                    for end in (".ndjson", ".truth"))
    done = vigie("simulate", "--seed", str(seed), "--thieves", thieves,
                 "--professionals", str(professionals), "--out", trail,
                 "--truth", truth)
    assert done.returncode == 0, done.stderr
    with open(truth, encoding="utf-8") as file:
        return trail, [json.loads(line) for line in file]


def replay(*files):
    done = vigie("replay", "--json", "--quiet", *files)
    assert done.returncode == 0, done.stderr
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return ([o for o in objects if o["kind"] == "alert"],
            [o for o in objects if o["kind"] == "suspect"], objects[-1])


def essence(alerts):
    """What has to be the same whatever the order of the file."""
    return sorted((a["time"], a["professional"], a["session"], a["verdict"],
                   a["score"], tuple(r["code"] for r in a["reasons"]))
                  for a in alerts)


def thieves_are_stopped(trail, truth):
    alerts, suspects, summary = replay(trail)
    stops = {a["session"]: a for a in alerts if a["verdict"] == "step_up"}
    for kind in ("night", "paged", "quiet"):
        thefts = [t for t in truth if t["thief"] == kind]
        caught = [t for t in thefts if t["session"] in stops]
        check("a thief of the kind %s is stopped" % kind, bool(caught),
              "%d sessions" % len(thefts))
        for theft in caught:
            alert = stops[theft["session"]]
            check("the alert on %s names the account, the moment and why"
                  % kind, alert["professional"] == theft["professional"]
                  and theft["first"] <= alert["time"] <= theft["last"]
                  and alert["reasons"]
                  and all(r["text"] and r["code"] for r in alert["reasons"]))
    check("nothing is cut by a score",
          all(a["verdict"] in ("watch", "step_up") for a in alerts))
    check("one alert a session and verdict",
          len({(a["session"], a["verdict"]) for a in alerts}) == len(alerts))
    check("ten accounts to look at first, all three thieves among them",
          len(suspects) == 10 and {t["professional"] for t in truth} <=
          {s["professional"] for s in suspects})
    check("an alert a line is counted in the summary",
          summary["alerts"] == len(alerts))
    return alerts


def order_is_nothing(trail, alerts):
    with open(trail, encoding="utf-8") as file:
        lines = file.readlines()
    # Events of one instant (the hits of a search) have no order of their own.
    turned = os.path.join(FOLDER, "turned.ndjson")
    with open(turned, "w", encoding="utf-8") as file:
        file.writelines(reversed(lines))
    again, _, _ = replay(turned)
    check("newest first gives the same alerts",
          essence(again) == essence(alerts),
          str(set(essence(again)) ^ set(essence(alerts)))[:600])
    random.Random(1).shuffle(lines)
    parts = [os.path.join(FOLDER, "part%d.ndjson" % i) for i in range(2)]
    for i, part in enumerate(parts):
        with open(part, "w", encoding="utf-8") as file:
            file.writelines(lines[i::2])
    again, _, _ = replay(*parts)
    check("shuffled over two files gives the same alerts",
          essence(again) == essence(alerts),
          str(set(essence(again)) ^ set(essence(alerts)))[:600])
    for path in [turned, *parts]:
        os.unlink(path)


def few_are_asked():
    trail, truth = region("calm", 502, "none")
    alerts, _, summary = replay(trail)
    os.unlink(trail)
    stops = sum(a["verdict"] == "step_up" for a in alerts)
    check("a region without thieves has no theft", truth == [])
    check("at most 8 in 1,000 professional-days are asked without need",
          stops * 1000 <= 8 * summary["professional_days"],
          "%d in %d" % (stops, summary["professional_days"]))
    per_account = ((summary["detect_bytes"] - 24 * summary["pairs"])
                   / summary["accounts"])
    check("the detector holds at most 300 bytes an account and 24 a pair",
          summary["detect_bytes"] <= (256 << 10) + 300 * summary["accounts"]
          + 24 * summary["pairs"], "%.0f bytes an account" % per_account)


def demo_tells_the_story():
    for language, words in (
            ("fr", ["Quels comptes ne sont pas aux mains de leur titulaire",
                    "Qu'ont touché d'autre les mêmes mains",
                    "arrêté après", "simul"]),
            ("en", ["Which accounts are not in their holder's hands",
                    "What else did the same hands touch",
                    "stopped after", "simulated"])):
        folder = os.path.join(FOLDER, "demo-" + language)
        done = vigie("demo", "--offline", "--lang", language, "--dir", folder)
        check("the demo tells the story (%s)" % language,
              done.returncode == 0
              and all(word in done.stdout for word in words)
              and "not stopped" not in done.stdout
              and "pas arrêté" not in done.stdout,
              done.stdout[-500:] + done.stderr[-500:])
    check("the demo's folder holds a ledger to go on with",
          vigie("alerts", "--data", os.path.join(FOLDER, "demo-fr", "data"),
                "--keys", os.path.join(FOLDER, "demo-fr", "keys"),
                "--json").stdout.count('"kind":"alert"') >= 3)


def main():
    trail, truth = region("thieves", 501, "night,paged,quiet")
    alerts = thieves_are_stopped(trail, truth)
    order_is_nothing(trail, alerts)
    os.unlink(trail)
    few_are_asked()
    demo_tells_the_story()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
