#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The public trails of ../shared/data/audit beside the simulation: what each
holds, counted here and not by vigie; what a peer's own test expects of it
(the *.assert beside it); what vigie raised. VIGIE_SHARED: where it lies."""
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SHARED = os.environ.get("VIGIE_SHARED") or os.path.join(ROOT, "..", "shared")
AUDIT = os.path.join(SHARED, "data", "audit")
VIGIE = os.path.abspath(os.environ.get("VIGIE")
                        or os.path.join(ROOT, "build", "vigie"))
TRAILS = ["keycloak/keycloak-bf/keycloak-logs.log",
          "keycloak/keycloak-logs/keycloak-logs.log", "keycloak/variants",
          "balp", "ans-tde", "ipf", "openatna", "atna-syslog", "ch-atc"]
TYPE = re.compile(rb'(?:type"?[=:]\s*"?)(LOGIN_ERROR|LOGIN|REFRESH_TOKEN_ERROR)'
                  rb'\b')
ADDRESS = re.compile(rb'ipAddress"?[=:]\s*"?([0-9a-fA-F.:]+)')
SCENARIO = re.compile(r'GetScenario\(\) == "([^"]+)"')


def files(path):
    if os.path.isfile(path):
        return [path]
    return [p for p in sorted(glob.glob(path + "/**", recursive=True))
            if os.path.isfile(p)]


def holds(path):
    """What can be counted without reading a trail as vigie does."""
    failed, good, addresses = 0, 0, set()
    for name in files(path):
        with open(name, "rb") as file:
            for line in file:
                found = TYPE.findall(line)
                if not found or name.endswith((".assert", ".txt")):
                    continue
                failed += found[0].endswith(b"ERROR")
                good += found[0] == b"LOGIN"
                addresses.update(ADDRESS.findall(line))
    if failed + good == 0:
        return "%d files, no sign-in event of Keycloak" % len(
            files(path))
    return "%d refused sign-ins, %d accepted, %d addresses" % (
        failed, good, len(addresses))


def expected(path):
    """The detections that the publisher's test of the trail names."""
    names = []
    for name in glob.glob(os.path.join(os.path.dirname(path), "scenario.*")):
        with open(name, encoding="utf-8") as file:
            names += [n.split("/")[-1] for n in SCENARIO.findall(file.read())]
    return ", ".join(names) or "none named"


def raised(path):
    done = subprocess.run([VIGIE, "replay", "--json", "--quiet", "--lang",
                           "en", path], capture_output=True, text=True)
    alerts, summary = [], {}
    for line in done.stdout.splitlines():
        said = json.loads(line)
        if said["kind"] == "alert":
            alerts.append("%s: %s" % (said["verdict"], "; ".join(
                r["text"] for r in said["reasons"])))
        elif said["kind"] == "summary":
            summary = said
    return "%s accepted" % summary.get("events", "none"), alerts


if not os.path.isdir(AUDIT):
    print("login_trails: %s is not there: nothing measured" % AUDIT)
    sys.exit(0)
print("| trail | holds | expected by its publisher | vigie read | "
      "vigie raised |\n|---|---|---|---|---|")
for trail in TRAILS:
    at = os.path.join(AUDIT, trail)
    if not os.path.exists(at):
        continue
    read, alerts = raised(at)
    print("| %s | %s | %s | %s | %s |" % (
        os.path.dirname(trail) or trail if os.path.isfile(at) else trail,
        holds(at), expected(at) if os.path.isfile(at) else "none named", read,
        "<br>".join(alerts) or "nothing"))
