#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""make install into a DESTDIR: every file at its place, the program there
speaks French, the unit is one; make uninstall takes all of it away, and
nothing else."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
VIGIE = os.path.abspath(os.environ.get("VIGIE", "build/vigie"))
BUILD = os.path.dirname(VIGIE)
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why != "":
        print("#", str(why).replace("\n", "\n# "))


def make(target, folder):
    return subprocess.run(
        ["make", "-s", "-o", "all", target, "B=" + os.path.relpath(
            BUILD, ROOT), "PREFIX=/usr", "DESTDIR=" + folder],
        cwd=ROOT, capture_output=True, text=True,
        env={k: v for k, v in os.environ.items() if "MAKE" not in k})


def files(folder):
    return {os.path.relpath(os.path.join(where, name), folder)
            for where, _, names in os.walk(folder) for name in names}


def main():
    folder = tempfile.mkdtemp(dir=os.environ.get("TMPDIR", "/tmp"))
    expected = {
        "usr/bin/vigie", "usr/share/locale/fr/LC_MESSAGES/vigie.mo",
        "usr/share/man/man1/vigie.1", "usr/share/man/fr/man1/vigie.1",
        "usr/share/doc/vigie/examples/vigie.conf",
        "usr/share/doc/vigie/examples/syslog.conf",
        "usr/lib/sysusers.d/vigie.conf", "usr/lib/tmpfiles.d/vigie.conf",
        "usr/lib/systemd/system/vigie.service"}
    if os.path.exists(os.path.join(BUILD, "door",
                                   "ngx_http_vigie_module.so")):
        expected.add("usr/lib/vigie/ngx_http_vigie_module.so")
    done = make("install", folder)
    check("make install installs", done.returncode == 0, done.stderr)
    check("these files, and no others", files(folder) == expected,
          files(folder) ^ expected)
    program = os.path.join(folder, "usr/bin/vigie")
    told = subprocess.run([program, "--help"], capture_output=True, text=True)
    check("the program runs, in French", told.returncode == 0 and
          "Usage : vigie" in told.stdout, told)
    unit = os.path.join(folder, "usr/lib/systemd/system/vigie.service")
    with open(unit, encoding="utf-8") as file:
        check("the unit starts what was installed",
              "ExecStart=/usr/bin/vigie run" in file.read())
    if shutil.which("systemd-analyze"):
        seen = subprocess.run(["systemd-analyze", "verify", "--root=" + folder,
                               unit], capture_output=True, text=True)
        # the folder is no whole system: what is not there is no fault here
        wrong = [line for line in seen.stderr.splitlines()
                 if re.search("Unknown|Failed to parse|nvalid|ignoring",
                              line)]
        check("systemd reads every line of it", not wrong, wrong)
    else:
        print("ok systemd reads every line of it # SKIP no systemd-analyze")
    with open(os.path.join(folder, "usr/bin/other"), "w") as file:
        file.write("kept")
    done = make("uninstall", folder)
    check("make uninstall takes them away, and no other",
          done.returncode == 0 and files(folder) == {"usr/bin/other"},
          (done.stderr, files(folder)))
    shutil.rmtree(folder)
    return 1 if failed else 0


sys.exit(main())
