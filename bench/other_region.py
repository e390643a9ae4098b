#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A second simulated region, written by someone who has not seen the
detector or `vigie simulate`: a check on both. BALP NDJSON to --out, what
happened to --truth. The same options give the same bytes.

--thieves none, all (two of each kind, one ring), or a list: night,fast:3
"""
import argparse
import datetime
import json
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import other_staff  # noqa: E402
import other_thief  # noqa: E402
import other_trail  # noqa: E402
import other_work  # noqa: E402


def kinds_of(text):
    """The kinds of thieves that --thieves asks for, repeated."""
    if text == "none":
        return []
    if text == "all":
        return [kind for kind in sorted(other_thief.CLASSES)
                for _ in range(1 if kind == "ring" else 2)]
    wanted = []
    for item in text.split(","):
        kind, _, number = item.partition(":")
        if kind not in other_thief.CLASSES:
            raise SystemExit("other_region: no such thief: %s (%s)" % (
                kind, " ".join(sorted(other_thief.CLASSES))))
        wanted += [kind] * int(number or 1)
    return wanted


def simulate(seed, professionals, days, wanted, first):
    """(region, honest acts, thieves)."""
    rng = random.Random(seed)
    region = other_staff.Region(rng, professionals, days)
    # local midnight of a Monday in winter
    monday = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)
    monday += datetime.timedelta(weeks=seed % 6)
    region.start = int(monday.timestamp()) - 3600
    thieves = other_thief.plan(region, random.Random(seed * 31 + 7), wanted,
                               first)
    held = [{} for _ in region.staff]
    acts = []
    for day in range(days):
        region.new_day()
        for one in region.staff:
            raw = other_work.honest_day(region, one, day)
            acts += other_work.seal(region, rng, one.number, raw,
                                    held[one.number])
    end = days * other_work.DAY
    acts = [act for act in acts if act[0] < end]
    other_thief.steal(region, thieves, acts, held)
    return region, acts, thieves


def truth_of(region, seed, days, thieves):
    """What only the generator knows."""
    return {
        "seed": seed, "days": days, "start": region.start,
        "professionals": [
            {"id": region.professional_ids[one.number], "kind": one.kind,
             "place": one.place.number, "town": one.place.town,
             "start": one.start} for one in region.staff],
        "thieves": [
            {"number": thief.number, "kind": thief.kind,
             "class": other_thief.CLASSES[thief.kind],
             "professional": region.professional_ids[thief.one.number],
             "sessions": sorted({act[3] for act in thief.acts if act[3]}),
             "events": [[act[0] + region.start * 1000, act[3],
                         region.person_ids[person]]
                        for act in thief.acts for person in act[7]]}
            for thief in thieves if thief.acts]}


def main():
    """Reads options, writes the trail and the truth."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--professionals", type=int, default=400)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--thieves", default="all")
    parser.add_argument("--first-theft-day", type=int, default=21)
    parser.add_argument("--out", required=True)
    parser.add_argument("--truth", required=True)
    options = parser.parse_args()
    first = min(options.first_theft_day, options.days - 1)
    region, acts, thieves = simulate(
        options.seed, options.professionals, options.days,
        kinds_of(options.thieves), first)
    acts += [act for thief in thieves for act in thief.acts]
    acts.sort(key=lambda act: act[0])
    with open(options.out, "w", encoding="ascii") as out:
        lines = other_trail.write(out, region, acts,
                                  random.Random(options.seed + 1))
    with open(options.truth, "w", encoding="ascii") as out:
        json.dump(truth_of(region, options.seed, options.days, thieves), out)
        out.write("\n")
    print("%d lines, %d accounts, %d persons, %d stolen accounts" % (
        lines, len(region.staff), region.population.persons,
        sum(1 for thief in thieves if thief.acts)))


if __name__ == "__main__":
    main()
