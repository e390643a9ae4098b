#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Instructions that `vigie replay --data` takes for one event, counted by
callgrind: a figure that no other load on the machine moves. Two files, one
the beginning of the other, so that starting and closing are left out.
valgrind has no SHA instructions: the Merkle leaves cost more here than on
the processor. Without valgrind nothing is measured, and that is said.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("B") or "build"
VIGIE = os.path.join(BUILD, "vigie")
SHORT, LONG = 5000, 20000
OWN = re.compile(r"^\s*([\d,]+) .*?(\S+):\S+ \[.*/vigie\]")
OTHER = re.compile(r"^\s*([\d,]+) .*\[(\S+)\]")


def count(folder, path):
    """(instructions, by part) of one replay."""
    out = os.path.join(folder, "callgrind")
    data = os.path.join(folder, "data")
    subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, VIGIE,
         "replay", "--quiet", "--json", "--data", data, "--keys",
         data + "-keys", path], check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    shutil.rmtree(data)
    text = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100",
                           out],
                          check=True, stdout=subprocess.PIPE).stdout.decode()
    parts, total = {}, 0
    for line in text.splitlines():
        if "PROGRAM TOTALS" in line:
            total = int(line.split()[0].replace(",", ""))
        own, other = OWN.match(line), OTHER.match(line)
        if own:
            # "ingest/fhir_read.c", or a path that ends so
            part = own.group(2).split("/")[-2:][0]
        elif other:
            part = os.path.basename(other.group(2)).split(".so")[0]
        else:
            continue
        parts[part] = parts.get(part, 0) + int(
            (own or other).group(1).replace(",", ""))
    return total, parts


def main():
    if not shutil.which("valgrind"):
        print("valgrind is not installed (script/setup bench): not measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        both = []
        path = os.path.join(folder, "long.ndjson")
        subprocess.run([VIGIE, "simulate", "--professionals", "800", "--days",
                        "2", "--out", path, "--truth", path + ".truth"],
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        with open(path, "rb") as file:
            lines = file.readlines()
        if len(lines) < LONG:
            sys.exit("bench: the region is too small")
        for number in (SHORT, LONG):
            path = os.path.join(folder, "%d.ndjson" % number)
            with open(path, "wb") as file:
                file.writelines(lines[:number])
            both.append(count(folder, path))
    (less, less_parts), (more, more_parts) = both
    events = LONG - SHORT
    parts = {part: (value - less_parts.get(part, 0)) / events
             for part, value in more_parts.items()}
    for part, value in sorted(parts.items(), key=lambda item: -item[1]):
        if value >= 300:
            print("%-14s %7.0f instructions an event" % (part, value))
    print("figure replay_instructions %.0f an-event (target none) ok" % (
        (more - less) / events))


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
main()
