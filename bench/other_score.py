#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What `vigie replay` made of regions of other_region.py: thieves stopped,
persons lost, honest holders interrupted. Beside it any rule "more than N
distinct persons in H hours", counted here from the trail.

Each region is TRAIL:TRUTH, or TRAIL:TRUTH:ALERTS with a saved output of
`vigie replay --json`. --make SEEDS simulates, judges and deletes regions one
by one; other_region.py's options may follow after --.
"""
import argparse
import collections
import datetime
import json
import math
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = 86400000
WARM = 21
LOST_LONG = 60
RECORDED = re.compile(r'"recorded":"([^"]+)"')
PERSON = re.compile(r'"reference":"Patient/([^"]+)"\},"type":\{"system":'
                    r'"[^"]*audit-entity-type"')
HOLDER = re.compile(r'"value":"(8\d{11})"\}\},"requestor":true'
                    r'(?:,"policy":\["(?:urn:ietf:params:oauth:jti:)?'
                    r'([^"]+)"\])?')
# class → kinds, share to stop, mean lost, most lost by one
BARS = (("loud", 1.0, 25, 60), ("quiet", 0.95, 35, None),
        ("reported", None, None, None))
FALSE_MAX = 3.0


def milliseconds(text):
    """RFC 3339, UTC → ms since 1970."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


class Clock:
    """The same, fast for a trail in order."""

    def __init__(self):
        self.minute, self.base = "", 0

    def read(self, text):
        """ms since 1970 of YYYY-MM-DDTHH:MM:SS.mmmZ"""
        if text[:16] != self.minute:
            self.minute = text[:16]
            self.base = milliseconds(text[:16] + ":00Z")
        return self.base + int(text[17:19]) * 1000 + int(text[20:23])


def read_trail(path):
    """professional → [(time, session, person)], in order of time."""
    events = collections.defaultdict(list)
    clock = Clock()
    with open(path, encoding="utf-8") as trail:
        for line in trail:
            who = HOLDER.search(line)
            events[who.group(1)].append(
                (clock.read(RECORDED.search(line).group(1)),
                 who.group(2) or "", PERSON.search(line).group(1)))
    for told in events.values():
        told.sort()
    return events


def read_alerts(lines):
    """(alerts, summary) of the output of `vigie replay --json`."""
    alerts, summary = [], {}
    for line in lines:
        told = json.loads(line)
        if told.get("kind") == "alert":
            told["at"] = milliseconds(told["time"])
            alerts.append(told)
        elif told.get("kind") == "summary":
            summary = told
    alerts.sort(key=lambda alert: alert["at"])
    return alerts, summary


def poisson(count):
    """Exact 95 % interval of a Poisson mean (Garwood)."""
    def below(mean, most):
        term = total = math.exp(-mean)
        for number in range(1, most + 1):
            term *= mean / number
            total += term
        return total

    def solve(most, target):
        low, high = 0.0, 10.0 + 3 * count + 10 * math.sqrt(count + 1)
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, most) > target else \
                (low, middle)
        return low
    return (0.0 if count == 0 else solve(count - 1, 0.975),
            solve(count, 0.025))


class Stolen:
    """One stolen account and what became of it."""

    def __init__(self, told, seed):
        self.kind, self.group = told["kind"], told["class"]
        self.who, self.seed = told["professional"], seed
        self.ring = (seed, told["number"])
        self.sessions = set(told["sessions"])
        self.events = sorted(tuple(event) for event in told["events"])
        self.moments = {event[0] for event in self.events}
        self.from_ms = self.events[0][0]
        self.total = len({event[2] for event in self.events})
        self.alert = self.watch = None
        self.lost = self.total

    def named_by(self, alert):
        """Does the alert name a session of the thief, since the theft?"""
        if alert["professional"] != self.who or alert["at"] < self.from_ms:
            return False
        return alert["session"] in self.sessions or (
            alert["session"].startswith("~") and alert["at"] in self.moments)

    def lost_until(self, at):
        """Distinct persons shown up to a moment, that moment's included."""
        return len({event[2] for event in self.events if event[0] <= at})


class Score:
    """Counts over all regions."""

    def __init__(self, rule):
        self.rule = rule
        self.thieves = []
        self.false = []  # (verdict, day, honest region, kind, alert, seed)
        self.days = collections.Counter()  # (warm, honest region)
        self.kind_days = collections.Counter()
        self.rule_thieves = []  # (thief, lost, caught)
        self.rule_false = collections.Counter()
        self.summaries = []

    def region(self, trail, truth, alerts, summary):
        """Adds one region."""
        seed, start = truth["seed"], truth["start"] * 1000
        midnight = start // DAY * DAY  # UTC
        if start % DAY:
            midnight += DAY
        kinds = {one["id"]: one["kind"] for one in truth["professionals"]}
        thieves = [Stolen(told, seed) for told in truth["thieves"]]
        honest = not thieves
        self.summaries.append((seed, summary, len(kinds)))
        for alert in alerts:
            hit = [thief for thief in thieves if thief.named_by(alert)]
            for thief in hit:
                if alert["verdict"] == "watch":
                    thief.watch = thief.watch or alert
                elif thief.alert is None:
                    thief.alert = alert
                    thief.lost = thief.lost_until(alert["at"])
            if not hit:
                self.false.append((
                    alert["verdict"], (alert["at"] - midnight) // DAY, honest,
                    kinds.get(alert["professional"], "?"), alert, seed))
        stolen = {thief.who: thief for thief in thieves}
        for who, events in trail.items():
            thief = stolen.get(who)
            own = events
            if thief:
                theirs = collections.Counter(thief.events)
                own = []
                for event in events:
                    if theirs[event] > 0:
                        theirs[event] -= 1
                    else:
                        own.append(event)
            for day in {(event[0] - midnight) // DAY for event in own}:
                self.days[day >= WARM, honest] += 1
                self.kind_days[kinds[who]] += 1
            for number, hours in self.rule:
                self.plain(number, hours, events, thief, honest)
        self.thieves += thieves

    def plain(self, number, hours, events, thief, honest):
        """The rule: more than N distinct persons in H hours."""
        theirs = set(thief.events) if thief else ()
        seen, first, days, caught = collections.Counter(), 0, set(), None
        for event in events:
            seen[event[2]] += 1
            while events[first][0] <= event[0] - hours * 3600000:
                old = events[first][2]
                seen[old] -= 1
                if not seen[old]:
                    del seen[old]
                first += 1
            if len(seen) > number:
                if event in theirs:
                    caught = caught or event[0]
                else:
                    days.add(event[0] // DAY)
        self.rule_false[number, hours, honest] += len(days)
        if thief:
            self.rule_thieves.append(
                (number, hours, thief, caught is not None,
                 thief.lost_until(caught) if caught else thief.total))


def spread(values):
    """mean, median, worst"""
    if not values:
        return "%8s %7s %6s" % ("-", "-", "-")
    values = sorted(values)
    middle = len(values) // 2
    median = values[middle] if len(values) % 2 else \
        (values[middle - 1] + values[middle]) / 2
    return "%8.1f %7.1f %6d" % (sum(values) / len(values), median, values[-1])


def thief_table(score):
    """Per kind and per class."""
    print("%-12s %5s %8s %6s %8s %7s %6s  (persons lost: mean, median, "
          "worst)" % ("kind", "n", "stopped", "watch", "mean", "median",
                      "worst"))
    for group, share, mean, worst in BARS:
        some = [thief for thief in score.thieves if thief.group == group]
        for kind in sorted({thief.kind for thief in some}):
            line(kind, [thief for thief in some if thief.kind == kind])
        if not some:
            continue
        line("= " + group, some)
        if share is None:
            continue
        stopped = sum(1 for thief in some if thief.alert) / len(some)
        lost = sum(thief.lost for thief in some) / len(some)
        most = max(thief.lost for thief in some)
        good = stopped >= share and lost <= mean and (
            worst is None or most <= worst)
        print("  bar: stopped %.0f %%, mean at most %d%s: %s" % (
            share * 100, mean,
            ", any at most %d" % worst if worst else "",
            "met" if good else "SHORT"))
    rings = collections.defaultdict(set)
    for thief in score.thieves:
        if thief.kind == "ring":
            until = thief.alert["at"] if thief.alert else 1 << 60
            rings[thief.ring] |= {event[2] for event in thief.events
                                  if event[0] <= until}
    if rings:
        print("%-12s %5d %15s %s" % ("whole rings", len(rings), "", spread(
            [len(lost) for lost in rings.values()])))


def line(name, some):
    """One line of the table."""
    print("%-12s %5d %8d %6d %s" % (
        name, len(some), sum(1 for thief in some if thief.alert),
        sum(1 for thief in some if thief.watch),
        spread([thief.lost for thief in some])))


def false_table(score):
    """Honest sessions that were named."""
    print("\n%-34s %8s %8s %6s %10s   95 %%" % (
        "false, per 1,000 professional-days", "days", "verdict", "count",
        "per 1,000"))
    for honest, where in ((True, "regions without thieves"),
                          (False, "regions with thieves")):
        for when, warms in (("before day 21", (False,)),
                            ("from day 21 on", (True,)),
                            ("all", (False, True))):
            days = sum(score.days[warm, honest] for warm in warms)
            if not days:
                continue
            for verdicts in (("step_up", "cut"), ("watch",)):
                count = sum(1 for verdict, day, free, _, _, _ in score.false
                            if verdict in verdicts and free == honest and
                            (day >= WARM) in warms)
                low, high = poisson(count)
                print("%-34s %8d %8s %6d %10.2f   %.2f to %.2f" % (
                    where + ", " + when, days, verdicts[0], count,
                    1000 * count / days, 1000 * low / days,
                    1000 * high / days))
    days = sum(score.days[warm, True] for warm in (False, True))
    if days:
        count = sum(1 for told in score.false
                    if told[2] and told[0] in ("step_up", "cut"))
        print("  bar: at most %.0f per 1,000 on at least 15,000 days without "
              "thieves: %s%s" % (
                  FALSE_MAX, "met" if 1000 * count / days <= FALSE_MAX else
                  "SHORT", "" if days >= 15000 else " (too few days)"))
    print("\nfalse, by kind of holder (step_up, watch, professional-days, "
          "step_up per 1,000)")
    tally = collections.Counter(
        (told[3], "watch" if told[0] == "watch" else "step_up")
        for told in score.false)
    for kind, days in sorted(score.kind_days.items(),
                             key=lambda item: -tally[item[0], "step_up"]):
        print("  %-20s %4d %5d %7d %8.2f" % (
            kind, tally[kind, "step_up"], tally[kind, "watch"], days,
            1000 * tally[kind, "step_up"] / days))


def why(alert):
    """The reasons, a line each."""
    return "".join("\n      %-32s %s" % (reason["code"], reason["text"])
                   for reason in alert["reasons"])


def stories(score, most):
    """Each false step_up, and each thief who took many."""
    told = [entry for entry in score.false if entry[0] != "watch"]
    print("\nfalse step_ups: %d, their reasons" % len(told))
    codes = collections.Counter(reason["code"] for entry in told
                                for reason in entry[4]["reasons"])
    print("  codes: " + ", ".join("%s %d" % pair
                                  for pair in codes.most_common()))
    for _, day, _, kind, alert, seed in told[:most]:
        print("  seed %d day %d %s %s %s score %s%s" % (
            seed, day, kind, alert["professional"], alert["time"],
            alert["score"], why(alert)))
    many = [thief for thief in score.thieves if thief.lost > LOST_LONG and
            thief.group != "reported"]
    print("\nthieves with more than %d persons: %d" % (LOST_LONG, len(many)))
    for thief in sorted(many, key=lambda one: -one.lost)[:most]:
        first = datetime.datetime.fromtimestamp(
            thief.from_ms / 1000, datetime.timezone.utc)
        print("  seed %d %s %s from %s: %d of %d lost%s" % (
            thief.seed, thief.kind, thief.who, first.strftime("%d %b %H:%M"),
            thief.lost, thief.total, why(thief.alert) if thief.alert else
            ", never stopped" + (" (watch:%s)" % why(thief.watch)
                                 if thief.watch else "")))


def rule_table(score):
    """The peer's rules."""
    if not score.rule:
        return
    print("\n%-24s %8s %8s %8s %18s" % (
        "plain rule", "caught", "of", "mean lost", "false days / 1,000"))
    for number, hours in score.rule:
        some = [told for told in score.rule_thieves
                if told[:2] == (number, hours) and told[2].group !=
                "reported"]
        both = [score.rule_false[number, hours, honest] * 1000 / days
                for honest in (True, False)
                for days in [sum(score.days[warm, honest]
                                 for warm in (False, True))] if days]
        print("> %-4d persons in %4g h   %8d %8d %8.1f  %s" % (
            number, hours, sum(told[3] for told in some), len(some),
            sum(told[4] for told in some) / max(1, len(some)),
            ", ".join("%.1f" % rate for rate in both)))


def judge(vigie, more, trail):
    """Runs the detector on a trail."""
    done = subprocess.run([vigie, "replay", "--json", "--quiet"] + more +
                          [trail], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit("other_score: replay ended with %d" %
                         done.returncode)
    return done.stdout.decode().splitlines()


def seeds_of(text):
    """"1,4-6" → 1 4 5 6"""
    found = []
    for item in text.split(","):
        low, _, high = item.partition("-")
        found += range(int(low), int(high or low) + 1)
    return found


def made(score, options):
    """Simulates, judges and forgets regions one by one."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for seed in seeds_of(options.make):
            trail = os.path.join(folder, "trail.ndjson")
            truth = os.path.join(folder, "truth.json")
            subprocess.run(
                [sys.executable, os.path.join(HERE, "other_region.py"),
                 "--seed", str(seed), "--out", trail, "--truth", truth] +
                options.more, check=True, stdout=subprocess.DEVNULL)
            with open(truth, encoding="utf-8") as told:
                score.region(read_trail(trail), json.load(told), *read_alerts(
                    judge(options.vigie, options.replay, trail)))


def main():
    """Reads options, prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("regions", nargs="*", metavar="TRAIL:TRUTH[:ALERTS]")
    parser.add_argument("--make", metavar="SEEDS", help="such as 1-3,7")
    parser.add_argument("--folder", help="where --make writes")
    parser.add_argument("--vigie", default=os.environ.get("VIGIE") or
                        "build/vigie")
    parser.add_argument("--replay", action="append", default=[],
                        metavar="OPTION", help="another option of replay")
    parser.add_argument("--plain", action="append", default=[],
                        metavar="N/HOURS")
    parser.add_argument("--stories", type=int, default=40, metavar="N",
                        help="how many false alerts and thieves to explain")
    own, more = sys.argv[1:], []
    if "--" in own:
        cut = own.index("--")
        own, more = own[:cut], own[cut + 1:]
    options = parser.parse_args(own)
    options.more = more
    score = Score([(int(number), float(hours)) for number, _, hours in
                   (rule.partition("/") for rule in options.plain)])
    for region in options.regions:
        trail, truth, *saved = region.split(":")
        if saved:
            with open(saved[0], encoding="utf-8") as lines:
                alerts = read_alerts(lines)
        else:
            alerts = read_alerts(judge(options.vigie, options.replay, trail))
        with open(truth, encoding="utf-8") as told:
            score.region(read_trail(trail), json.load(told), *alerts)
    if options.make:
        made(score, options)
    for seed, summary, accounts in score.summaries:
        print("seed %d: %d accounts, %d events, refused %d, %d alerts" % (
            seed, accounts, summary["events"], summary["refused"],
            summary["alerts"]))
    print()
    thief_table(score)
    false_table(score)
    rule_table(score)
    if options.stories:
        stories(score, options.stories)


if __name__ == "__main__":
    main()
