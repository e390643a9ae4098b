#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""vigie explain on a simulated region, as an analyst and an auditor read it:
every sign with its weight, what it was compared with and since when; weights
add up and stay within docs/detection.md; hours are local; signs that were
turned off are told."""
import datetime
import json
import os
import subprocess
import sys
import zoneinfo

VIGIE = os.environ.get("VIGIE", "build/vigie")
FOLDER = os.environ.get("TMPDIR", "/tmp")
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                    "docs", "detection.md")
KNOWN_FROM = {"account", "no-habit", "colleagues"}
failed = False


def check(name, wrong):
    global failed
    failed = failed or bool(wrong)
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:5]:
        print("#", line)
    sys.stdout.flush()


def run(*words, language="fr"):
    done = subprocess.run([VIGIE, *words], capture_output=True, text=True,
                          env=dict(os.environ, VIGIE_LANG=language))
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def place(data):
    return ["--data", data, "--keys", data + "-keys"]


def explained(data, alert):
    return json.loads(run("explain", *place(data), alert["id"], "--json"))


def ranges():
    """Sign -> (least, most) of docs/detection.md."""
    found = {}
    with open(PAGE, encoding="utf-8") as file:
        for line in file:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if len(cells) == 6 and cells[0].isdigit():
                ends = [float(n) for n in cells[4].split(" to ")]
                found[cells[1].strip("`")] = (ends[0], ends[-1])
    return found


def utc(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def numbers_are_right(told, documented):
    wrong = []
    for one in told:
        if abs(sum(s["weight"] for s in one["signs"]) - one["score"]) > 0.005:
            wrong.append("%s: the weights do not add up" % one["id"])
        if not one["decided_by"]:
            wrong.append("%s: nothing decided" % one["id"])
        for sign in one["signs"]:
            least, most = documented[sign["code"]]
            if not least <= sign["weight"] <= most:
                wrong.append("%s weighs %s" % (sign["code"], sign["weight"]))
            if (sign["since"] is not None) != (sign["basis"] in KNOWN_FROM):
                wrong.append("%s: %s since %s" % (
                    sign["code"], sign["basis"], sign["since"]))
            if sign["basis"] == "account" and (
                    sign["known_days"] < 5 or
                    sign["since"] != one["habit"]["since"][:10]):
                wrong.append("%s: since %s, the account %s" % (
                    sign["code"], sign["since"], one["habit"]["since"]))
    return wrong


def the_text_has_it_all(data, told):
    wrong = []
    for one in told:
        french = run("explain", *place(data), one["id"])
        english = run("explain", *place(data), one["id"], language="en")
        wanted = ["[%s] " % s["code"] for s in one["signs"]]
        wanted += [s["text"] for s in one["signs"]] + one["ask"]
        wanted += ["Europe/Paris", "décidé par :", "Que demander",
                   "donnée de santé"]
        wrong += ["%s: no “%s”" % (one["id"], w) for w in wanted
                  if w not in french]
        for sign in one["signs"]:
            date = utc(one["habit"]["since"]).astimezone(
                zoneinfo.ZoneInfo("Europe/Paris")).strftime(
                    "%d/%m/%Y") if one["habit"]["since"] else None
            if sign["basis"] == "account" and \
                    "depuis le %s (%d jours actifs)" % (
                        date, sign["known_days"]) not in french:
                wrong.append("%s: no since %s" % (one["id"], date))
            if sign["text"] in english:
                wrong.append("not translated: " + sign["text"])
        if one["professional"] is None or one["professional"] not in english:
            wrong.append("%s: the account is not named" % one["id"])
    return wrong


def hours_are_local(data, told):
    wrong, tried = [], 0
    for one in told:
        for sign in one["signs"]:
            if sign["code"] != "hour-unusual":
                continue
            tried += 1
            for zone in ("Europe/Paris", "Indian/Reunion",
                         "America/Guadeloupe"):
                hour = utc(one["time"]).astimezone(
                    zoneinfo.ZoneInfo(zone)).hour
                text = run("explain", *place(data), one["id"], "--tz",
                           zone)
                if "à %d h ;" % hour not in text or zone not in text or \
                        "UTC" in text.split("Heures de")[0]:
                    wrong.append("%s in %s" % (one["time"], zone))
    return wrong if tried else ["no alert at an unusual hour"]


def off_signs_are_told(trail):
    data = os.path.join(FOLDER, "off")
    said = run("replay", *place(data), "--json", "--quiet", "--detect",
               "sign-off=new-share,7", trail)
    wrong = [] if lines(said)[-1]["detector"] == \
        "sign-off=hour-unusual,new-share" else ["the summary does not say it"]
    alerts = lines(run("alerts", *place(data), "--json"))
    for alert in alerts:
        one = explained(data, alert)
        text = run("explain", *place(data), alert["id"])
        if {"new-share", "hour-unusual"} & {s["code"] for s in one["signs"]}:
            wrong.append("%s quotes it" % one["id"])
        if one["signs_off"] != ["hour-unusual", "new-share"] or \
                "Désactivés par l'exploitant : hour-unusual, new-share" \
                not in text:
            wrong.append("%s does not tell" % one["id"])
    return wrong if alerts else ["no alert at all"]


def what_was_declared_is_told_as_such(trail, truth):
    data, lures = (os.path.join(FOLDER, n) for n in ("lured", "lures.csv"))
    with open(truth, encoding="utf-8") as file:
        thefts = lines(file.read())
    # a person of each theft, who was opened, not only listed
    names = [t["persons"][len(t["persons"]) // 2] for t in thefts]
    with open(lures, "w", encoding="utf-8") as file:
        file.write("person\n" + "\n".join(names) + "\n")
    run("replay", *place(data), "--lures", lures, trail)
    for alert in lines(run("alerts", *place(data), "--json")):
        if not any(r["code"] == "lure" for r in alert["reasons"]):
            continue
        one = explained(data, alert)
        sign = next(s for s in one["signs"] if s["code"] == "lure")
        text = run("explain", *place(data), alert["id"])
        if sign["basis"] == "operator" and sign["since"] is None and \
                "[lure] sans habitude : déclaré par l'exploitant" in text and \
                not any(name in text for name in names) and \
                (sign["observed"] != 1 or "lure" in one["decided_by"]):
            return []
        return [json.dumps(one)[:300]]
    return ["no alert on the lure"]


def main():
    trail, truth, data = (os.path.join(FOLDER, n)
                          for n in ("r.ndjson", "r.truth", "r"))
    run("simulate", "--seed", "4105", "--professionals", "80", "--days", "28",
        "--out", trail, "--truth", truth)
    run("replay", *place(data), trail)
    told = [explained(data, alert)
            for alert in lines(run("alerts", *place(data), "--json"))]
    check("%d alerts: weights add up, within the documented ranges, each "
          "with what it was compared with" % len(told),
          numbers_are_right(told, ranges()) if told else ["none"])
    check("the text shows every sign, since when, and what to ask",
          the_text_has_it_all(data, told))
    check("hours are those of the operator's zone",
          hours_are_local(data, told))
    check("signs that were turned off are told", off_signs_are_told(trail))
    check("what the operator declared is no habit, and the lure is not named",
          what_was_declared_is_told_as_such(trail, truth))
    return 1 if failed else 0


sys.exit(main())
