#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""`vigie replay --data` of a simulated BALP file, on one core, against a
program that only parses it (jansson) and against DuckDB's read_json; and how
its anonymous memory grows with accounts and known (account, person) pairs.

BENCH_BYTES: size of the file (default 1G). ROUNDS: runs of each (default 3);
the best of each counts. The runs of the three are interleaved. MEMORY_ONLY: the
second part alone.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

BUILD = os.environ.get("B") or "build"
FOLDER = os.path.join(BUILD, "bench")
VIGIE = os.path.join(BUILD, "vigie")
SIZE = os.environ.get("BENCH_BYTES") or "1G"
ROUNDS = int(os.environ.get("ROUNDS") or 3)
PIN = ["taskset", "-c", "0"]

ACCOUNT_BYTES = 300
PAIR_BYTES = 24


busy = {}  # program → processor seconds of its last run


def figure(name, value, unit, target, ok):
    print("figure %s %.2f %s (target %s) %s" % (
        name, value, unit, target, "ok" if ok else "short"), flush=True)


def run(command, watch=False):
    """(seconds, standard output, peak of anonymous memory in bytes). The
    processor's seconds are noted beside: where they are far from the clock's
    the machine was busy, and the ratios are worth little."""
    start = time.monotonic()
    before = os.times()
    process = subprocess.Popen(PIN + command, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    peak = [0]

    def sample():
        try:
            while process.poll() is None:
                with open("/proc/%d/status" % process.pid) as status:
                    match = re.search(r"RssAnon:\s+(\d+)", status.read())
                if match:
                    peak[0] = max(peak[0], int(match.group(1)) * 1024)
                time.sleep(0.01)
        except OSError:
            pass

    if watch:
        threading.Thread(target=sample, daemon=True).start()
    output = process.communicate()[0]
    seconds = time.monotonic() - start
    after = os.times()
    busy[command[0]] = (after.children_user - before.children_user
                        + after.children_system - before.children_system)
    if process.returncode != 0:
        sys.exit("bench: %s: exit %d" % (" ".join(command),
                                         process.returncode))
    return seconds, output, peak[0]


def simulate(name, *options):
    path = os.path.join(FOLDER, name)
    subprocess.run([VIGIE, "simulate", "--out", path, "--truth",
                    path + ".truth", *options], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


def replay(path, watch=False):
    data = os.path.join(FOLDER, "data")
    shutil.rmtree(data, ignore_errors=True)
    seconds, output, peak = run(
        [VIGIE, "replay", "--json", "--data", data, "--keys", data + "-keys",
         path], watch)
    shutil.rmtree(data, ignore_errors=True)
    shutil.rmtree(data + "-keys", ignore_errors=True)
    return seconds, json.loads(output.splitlines()[-1]), peak


def speed():
    path = simulate("bench.ndjson", "--size", SIZE, "--professionals", "4000")
    size = os.path.getsize(path)
    duckdb = os.path.isdir(os.path.join(FOLDER, "node_modules"))
    if not duckdb and shutil.which("npm"):
        duckdb = subprocess.run(
            ["npm", "install", "--no-fund", "--no-audit", "--prefix", FOLDER,
             "@duckdb/node-api"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0
    best = {}
    for _ in range(ROUNDS):
        seconds, summary, _ = replay(path)
        best["vigie"] = min(seconds, best.get("vigie", seconds))
        seconds, output, _ = run([os.path.join(BUILD, "bench/jansson_parse"),
                                  path])
        assert int(output) == summary["events"] + summary["ignored"]
        best["jansson"] = min(seconds, best.get("jansson", seconds))
        if duckdb:
            seconds, output, _ = run(["node", "bench/duckdb_parse.mjs",
                                      os.path.abspath(FOLDER), path])
            best["duckdb"] = min(seconds, best.get("duckdb", seconds))
            # the same answer, or the comparison is worth nothing
            events, professionals, patients, _ = json.loads(output)
            if (events, professionals, patients) != (
                    summary["events"], summary["professionals"],
                    summary["patients"]):
                sys.exit("bench: DuckDB counts otherwise: %s" % output)
    for name, seconds in sorted(best.items()):
        print("%-8s %6.2f s  %9.0f events/s  %6.0f MB/s" % (
            name, seconds, summary["events"] / seconds, size / seconds / 1e6))
    print("processor seconds of the last runs: " + ", ".join(
        "%s %.2f" % (os.path.basename(name), seconds)
        for name, seconds in sorted(busy.items())))
    ratio = best["jansson"] / best["vigie"]
    figure("replay_against_jansson", ratio, "times", ">= 5", ratio >= 5)
    if duckdb:
        ratio = best["duckdb"] / best["vigie"]
        figure("replay_against_duckdb", ratio, "times", ">= 1", ratio >= 1)
    else:
        print("figure replay_against_duckdb 0 times (target >= 1) short")
    os.unlink(path)


def memory():
    """Two regions, both beyond the sorter's buffer (SORT_BUFFER_BYTES) and
    one whole segment of the ledger, so that what is needed once is needed in
    both; what the second holds more may cost what it may cost."""
    seen = []
    for name, professionals, days in (("small", 3000, 10),
                                      ("large", 6000, 14)):
        path = simulate(name + ".ndjson", "--professionals",
                        str(professionals), "--days", str(days))
        _, summary, peak = replay(path, watch=True)
        os.unlink(path)
        allowed = (ACCOUNT_BYTES * summary["accounts"]
                   + PAIR_BYTES * summary["pairs"])
        print("%-6s %8d accounts %10d pairs  anonymous %7.1f MB, detector "
              "%6.1f MB (300 and 24 bytes each: %.1f MB)" % (
                  name, summary["accounts"], summary["pairs"], peak / 1e6,
                  summary["detect_bytes"] / 1e6, allowed / 1e6))
        seen.append((peak, allowed))
    growth = (seen[1][0] - seen[0][0]) / (seen[1][1] - seen[0][1])
    figure("memory_growth_share", growth, "of-the-allowed", "<= 1",
           growth <= 1)


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
os.makedirs(FOLDER, exist_ok=True)
if not os.environ.get("MEMORY_ONLY"):
    speed()
memory()
