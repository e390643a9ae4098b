#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""bench/other_region.py and bench/other_score.py on a tiny region: same
options, same bytes; the truth is what a reader of the trail counts; vigie
accepts every line; the score says what a hand-made case has."""
import collections
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
VIGIE = os.environ.get("VIGIE", "build/vigie")
HOME = os.environ.get("TMPDIR", "/tmp")
BENCH = os.path.join(ROOT, "bench")
sys.dont_write_bytecode = True
sys.path.insert(0, BENCH)
import other_score  # noqa: E402
import other_thief  # noqa: E402

failed = 0


def result(good, name, *more):
    """A line of TAP."""
    global failed
    print(("ok " if good else "not ok ") + name, *(() if good else more))
    failed += not good


def region(name, *options):
    """A tiny region; (trail, truth)."""
    paths = [os.path.join(HOME, name + end) for end in (".ndjson", ".json")]
    subprocess.run(
        [sys.executable, os.path.join(BENCH, "other_region.py"),
         "--professionals", "60", "--days", "8", "--first-theft-day", "3",
         "--out", paths[0], "--truth", paths[1]] + list(options),
        check=True, stdout=subprocess.DEVNULL)
    return paths


def content(path):
    """All bytes of a file."""
    with open(path, "rb") as source:
        return source.read()


def parsed(path):
    """[(time in ms, professional, session, person, query?)] by json.loads,
    not by the score's expressions."""
    found = []
    with open(path, encoding="utf-8") as trail:
        for line in trail:
            told = json.loads(line)
            user = [a for a in told["agent"] if a["requestor"]]
            persons = [e for e in told["entity"]
                       if e.get("role", {}).get("code") == "1"]
            assert len(user) == 1 and len(persons) == 1
            policy = user[0].get("policy", [""])[0]
            found.append((
                other_score.milliseconds(told["recorded"]),
                user[0]["who"]["identifier"]["value"],
                policy.removeprefix("urn:ietf:params:oauth:jti:"),
                persons[0]["what"]["reference"].removeprefix("Patient/")))
    return found


def truth_is_the_trail(trail, truth):
    """Every stolen event stands in the trail, and what is left of a thief's
    own sessions is nothing, but for those shared with the holder."""
    with open(truth, encoding="utf-8") as source:
        told = json.load(source)
    events = parsed(trail)
    left = collections.Counter(events)
    for thief in told["thieves"]:
        for at, session, person in thief["events"]:
            left[at, thief["professional"], session, person] -= 1
    result(min(left.values()) >= 0, "each stolen event is in the trail once")
    shared = {"hijacked", "insider"}
    own = {(thief["professional"], session) for thief in told["thieves"]
           if thief["kind"] not in shared for session in thief["sessions"]}
    rest = [event for event, number in left.items()
            if number > 0 and event[1:3] in own]
    result(not rest, "a thief's sessions hold nothing of the holder's", rest)
    live = [thief for thief in told["thieves"]
            if thief["kind"] == "hijacked"]
    result(live and all(
        any(event[1:3] == (thief["professional"], session) and number > 0
            for event, number in left.items())
        for thief in live for session in thief["sessions"]),
        "a hijacked session is one of the holder's")
    result({thief["kind"] for thief in told["thieves"]} ==
           set(other_thief.CLASSES), "every kind of thief has stolen")
    accounts = [thief["professional"] for thief in told["thieves"]]
    result(len(accounts) == len(set(accounts)),
           "no account is stolen twice")
    result(events == sorted(events, key=lambda event: event[0]),
           "the trail is in order of time")
    return events, told


def read_alike(trail, events):
    """The score's quick reader sees what json.loads sees."""
    quick = other_score.read_trail(trail)
    flat = sorted((at, who, session, person) for who, mine in quick.items()
                  for at, session, person in mine)
    result(flat == sorted(events), "the score reads the trail as JSON does")


def accepted(trail, events):
    """vigie takes every line, and counts the same."""
    out = subprocess.run([VIGIE, "replay", "--json", "--quiet", trail],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         check=True).stdout.decode().splitlines()
    summary = json.loads(out[-1])
    result(summary["refused"] == 0 and summary["ignored"] == 0,
           "vigie refuses no line", summary)
    result(summary["events"] == len(events), "vigie counts the lines")
    result(summary["professionals"] == len({e[1] for e in events}) and
           summary["patients"] == len({e[3] for e in events}),
           "vigie counts accounts and persons", summary)


def scored():
    """A case made by hand: one thief, the holder's session beside it."""
    start = 1767567600  # 4 January 2026, 23:00 UTC
    base = start * 1000 + 2 * 86400000
    theft = [[base + n * 1000, "t1", "p%d" % (n // 2)] for n in range(40)]
    truth = {"seed": 0, "start": start, "professionals": [
        {"id": "800000000001", "kind": "doctor"}], "thieves": [
        {"number": 0, "kind": "night", "class": "loud", "sessions": ["t1"],
         "professional": "800000000001", "events": theft}]}
    trail = {"800000000001": sorted(
        [tuple(event) for event in theft] + [(base + 500, "h1", "q")])}

    def alert(session, at, verdict="step_up"):
        return {"professional": "800000000001", "session": session, "at": at,
                "verdict": verdict, "reasons": []}

    score = other_score.Score([(9, 1.0), (19, 1.0)])
    score.region(trail, truth, [
        alert("h1", base + 500), alert("t1", base - 1),
        alert("t1", base + 5000, "watch"), alert("t1", base + 9000),
        alert("t1", base + 20000, "cut")], {})
    thief = score.thieves[0]
    result(thief.lost == 5 and thief.watch and thief.total == 20,
           "persons are counted up to the first step_up", thief.lost)
    result(len(score.false) == 2,
           "the holder's own session, and one too early, are false")
    result([told[3:] for told in score.rule_thieves] ==
           [(True, 9), (True, 19)], "the plain rule counts the holder too",
           [told[3:] for told in score.rule_thieves])
    low, high = other_score.poisson(10)
    result(abs(low - 4.795) < .001 and abs(high - 18.390) < .001,
           "the interval is Garwood's", low, high)
    low, high = other_score.poisson(0)
    result(low == 0 and abs(high - 3.689) < .001, "also of nothing", high)


first = region("one", "--seed", "5")
again = region("two", "--seed", "5")
result(all(content(a) == content(b) for a, b in zip(first, again)),
       "the same options give the same bytes")
result(content(region("three", "--seed", "6", "--thieves", "none")[0]) !=
       content(first[0]), "another seed gives another region")
trail_events, _ = truth_is_the_trail(*first)
read_alike(first[0], trail_events)
accepted(first[0], trail_events)
scored()
sys.exit(1 if failed else 0)
