#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What the operator tells, over a simulated region: a campaign silences the
pace of its day and no thief, a lure and a departed account are stopped, a bad
line refuses all before anything is imported."""
import datetime
import json
import os
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
        print("#", str(why)[:900])
    sys.stdout.flush()


def at(name):
    return os.path.join(FOLDER, name)


def write(name, text):
    with open(at(name), "w", encoding="utf-8") as file:
        file.write(text)
    return at(name)


def vigie(*arguments):
    return subprocess.run([VIGIE, *arguments], capture_output=True, text=True)


def alerts(trail, *options):
    done = vigie("replay", "--json", "--quiet", *options, trail)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [o for o in lines if o["kind"] == "alert"]


def codes(alert):
    return {reason["code"] for reason in alert["reasons"]}


def jti_of(event):
    for agent in event["agent"]:
        if agent.get("policy"):
            return agent["policy"][0].split("jti:")[-1]
    return ""


def who_of(event):
    for agent in event["agent"]:
        if agent.get("requestor"):
            return agent["who"].get("identifier", {}).get("value", "")
    return ""


def busy_day(events, thief):
    """The last session of a holder, other than the thief's and than those who
    see hundreds a day, made to open 60 strangers behind its last event,
    persons already followed between them: strangers in a row are no pace,
    and no campaign excuses them."""
    last, days = {}, {}
    for event in events:
        if who_of(event) != thief and event.get("meta"):
            last.setdefault(who_of(event), []).append(event)
            days.setdefault((who_of(event), event["recorded"][:10]), set()).add(
                str([e["what"] for e in event["entity"]
                     if "Patient/" in str(e.get("what"))]))
    crowded = {who for (who, _), persons in days.items() if len(persons) > 60}
    who, mine = max(((who, mine) for who, mine in last.items()
                     if who not in crowded), key=lambda item: len(item[1]))
    reads = [e for e in mine if "PatientRead" in e["meta"]["profile"][0]
             and e["recorded"] >= "2026-03-25"]
    model = reads[-1]
    start = datetime.datetime.fromisoformat(
        model["recorded"].replace("Z", "+00:00"))
    old = next(e["what"]["reference"] for e in model["entity"]
               if "Patient/" in str(e.get("what")))
    made = []
    followed = sorted({e["what"]["reference"] for event in mine
                       for e in event["entity"]
                       if "Patient/" in str(e.get("what"))})
    for i in range(180):
        person = ("Patient/campaign-%d" % i if i % 3 == 0
                  else followed[i % len(followed)])
        text = json.dumps(model).replace(old, person)
        event = json.loads(text)
        event["id"] = "campaign%d" % i
        event["recorded"] = (start + datetime.timedelta(
            seconds=30 + 20 * i + i * i % 7)).strftime(
                "%Y-%m-%dT%H:%M:%S.000Z")
        made.append(event)
    # no request id is used twice
    for i, event in enumerate(made):
        for entity in event["entity"]:
            if "Patient/" not in str(entity.get("what")):
                identifier = entity.get("what", {}).get("identifier")
                if identifier:
                    identifier["value"] = "campaign-request-%d" % i
    return who, jti_of(model), made


def campaign(trail, truth):
    theft = truth[0]
    with open(trail, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    who, session, made = busy_day(events, theft["professional"])
    day = made[0]["recorded"][:10]
    more = write("busy.ndjson", "".join(
        json.dumps(e) + "\n" for e in sorted(
            events + made, key=lambda e: e["recorded"])))
    before = [a for a in alerts(more) if a["session"] == session
              and a["verdict"] == "step_up"]
    check("a holder's busy day is asked for its pace", any(
        codes(a) & {"pace-hour", "pace-day"} for a in before), before)
    told = write("campaigns.csv",
                 "du;au;professionnel;site;motif\n%s;%s;%s;;vaccination\n"
                 "%s;%s;%s;;vaccination\n" % (
                     day, day, who, theft["first"][:10], theft["last"][:10],
                     theft["professional"]))
    after = alerts(more, "--campaigns", told)
    mine = [a for a in after if a["session"] == session]
    check("an announced campaign: the pace asks nothing any more",
          not any(codes(a) & {"pace-hour", "pace-day"} for a in mine)
          and not any(a["verdict"] == "step_up" for a in mine), mine)
    thief = [a for a in after if a["session"] == theft["session"]
             and a["verdict"] == "step_up"]
    check("and a thief in an unknown place is stopped all the same", thief,
          after)
    os.unlink(more)


def lure(trail, truth):
    theft = truth[0]
    person = theft["persons"][2]
    found = [a for a in alerts(trail, "--lures", write(
        "lures.txt", person + "\n")) if a["session"] == theft["session"]
        and a["verdict"] == "step_up"]
    with open(trail, encoding="utf-8") as file:
        opened = [json.loads(line)["recorded"] for line in file
                  if theft["session"] in line and person + '"' in line]
    check("a lure that is opened stops the session at that event",
          len(found) == 1 and found[0]["time"].rstrip("Z") ==
          opened[0].rstrip("Z").replace(".000", "")
          and "lure" in codes(found[0]), (found, opened))


def departed(trail, truth):
    theft = truth[0]
    folder = at("told")
    os.makedirs(folder, exist_ok=True)
    write("told/absences.csv", "professional,from,to,reason\n%s,%s,,x\n" % (
        theft["professional"][1:], theft["first"]))
    found = [a for a in alerts(trail, "--context", folder)
             if a["session"] == theft["session"] and a["verdict"] == "step_up"]
    check("a departed holder's account is stopped at its third person",
          len(found) == 1 and "holder-gone" in codes(found[0])
          and found[0]["time"] <= theft["last"], found)
    data, keys = at("data"), at("keys")
    done = vigie("replay", "--quiet", "--json", "--data", data, "--keys",
                 keys, "--context", folder, trail)
    first = [l for l in done.stdout.splitlines() if '"alert"' in l]
    again = vigie("replay", "--quiet", "--json", "--data", data, "--keys",
                  keys, "--again", "--context", folder, trail)
    check("the same context again gives no new alert",
          first and not [l for l in again.stdout.splitlines()
                         if '"kind":"alert"' in l], again.stdout[:600])
    check("and the ledger is whole",
          vigie("verify", "--data", data).returncode == 0)


def refused(trail):
    write("told/roster.csv",
          "professional,from,to\n810100050075,hier,2026-03-02\n")
    write("told/stray.csv", "x\n")
    data = at("never")
    done = vigie("replay", "--lang", "en", "--data", data, "--keys",
                 at("never.keys"), "--context", at("told"), trail)
    if done.returncode == 2 and "lang" in done.stderr:
        done = vigie("replay", "--data", data, "--keys", at("never.keys"),
                     "--context", at("told"), trail)
    check("a bad line refuses everything before anything is imported",
          done.returncode == 2 and not os.path.exists(data)
          and "time-malformed" in done.stderr and "(from)" in done.stderr
          and "stray.csv" in done.stderr and "hier" not in done.stderr
          and "8101" not in done.stderr, done.stderr)


def main():
    trail, truth = at("told.ndjson"), at("told.truth")
    done = vigie("simulate", "--seed", "601", "--professionals", "60",
                 "--thieves", "night", "--out", trail, "--truth", truth)
    assert done.returncode == 0, done.stderr
    with open(truth, encoding="utf-8") as file:
        thefts = [json.loads(line) for line in file]
    thefts = [t for t in thefts if len(t.get("persons", [])) >= 5]
    campaign(trail, thefts)
    lure(trail, thefts)
    departed(trail, thefts)
    refused(trail)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
