#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""An inclusion proof of any row, and a consistency proof of two checkpoints
between which rows were imported, each in a new X out of the page cache (posix_fadvise). The figure
is processor time of the whole command, its start included; wall time, which
on a busy machine is mostly waiting for a turn, stands beside it. ROWS
(4,000,000) and FOLDER may be set."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

B = os.environ.get("B", "build")
VIGIE = os.environ.get("VIGIE", B + "/vigie")
ROWS = int(os.environ.get("ROWS", "4000000"))
TIMES = 40
TARGET_MS = 5.0


def evict(folder):
    for where, _, names in os.walk(folder):
        for name in names:
            fd = os.open(os.path.join(where, name), os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def timed(arguments):
    start = time.perf_counter()
    process = subprocess.Popen([VIGIE, *arguments], stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = (time.perf_counter() - start) * 1000
    if status != 0:
        sys.exit("failed: " + " ".join(arguments))
    return ((usage.ru_utime + usage.ru_stime) * 1000, wall), out


def middle(values):
    return tuple(sorted(part)[len(part) // 2] for part in zip(*values))


def checkpoint(data, keys, to):
    with open(to, "wb") as file:
        file.write(timed(["checkpoint", "--data", data, "--keys", keys])[1])


def size_of(checkpoint_file):
    with open(checkpoint_file, "rb") as file:
        return int(file.read().split(b"\n")[1])


def main():
    folder = os.environ.get("FOLDER") or tempfile.mkdtemp(prefix="vigie-prove-")
    data = os.path.join(folder, "data")
    keys = os.path.join(folder, "keys")
    old = os.path.join(folder, "old")
    new = os.path.join(folder, "new")
    if not os.path.isdir(data):
        os.makedirs(data)
        subprocess.run([B + "/bench/ledger_bench", str(ROWS), data],
                       check=True, stdout=subprocess.DEVNULL)
    checkpoint(data, keys, old)
    start = middle([timed(["--version"])[0] for _ in range(TIMES)])
    random.seed(7)
    cold, hot, same = [], [], []
    for _ in range(TIMES):
        row = ["prove", "--data", data, "--row",
               str(random.randrange(ROWS))]
        evict(data)
        cold.append(timed(row)[0])
        hot.append(timed(row)[0])
    # two days of a small region, which stay open: to be read and hashed by
    # whoever opens the ledger, as in one at work
    trail = os.path.join(folder, "trail")
    subprocess.run([VIGIE, "simulate", "--days", "2", "--professionals", "40",
                    "--out", trail, "--truth", os.path.join(folder, "truth")],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run([VIGIE, "replay", "--data", data, "--keys", keys,
                    "--quiet", trail], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    checkpoint(data, keys, new)
    if size_of(old) >= size_of(new):
        sys.exit("the newer checkpoint has no more rows than the older one")
    for _ in range(TIMES):
        evict(data)
        same.append(timed(["prove", "--data", data, "--checkpoints", old,
                           new])[0])
    print("       checkpoints of %d and %d rows" % (size_of(old), size_of(new)))
    print("       %d rows; a process that does nothing: %.1f ms (wall %.1f)" %
          (ROWS, *start))
    for name, values in (("prove_cold", cold), ("prove_hot", hot),
                         ("prove_consistency_cold", same)):
        value, wall = middle(values)
        print("       %s: wall %.1f ms" % (name, wall))
        print("figure %s %.2f ms (target %.0f) %s" % (
            name, value, TARGET_MS, "ok" if value <= TARGET_MS else "short"))
    if not os.environ.get("FOLDER"):
        shutil.rmtree(folder)
    return 0


sys.exit(main())
