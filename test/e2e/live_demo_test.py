#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The live demo: thieves are stepped up and cut by the door as it runs, the
persons lost are counted alike at both ends, and nothing is left behind: at its
end, after an interrupt at any stage, or where it is killed."""
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("B", "build")
VIGIE = os.environ.get("VIGIE", os.path.join(ROOT, BUILD, "vigie"))
MODULE = os.path.join(os.path.dirname(VIGIE), "door/ngx_http_vigie_module.so")
FOLDER = tempfile.mkdtemp(prefix="vigie-live-test-")
os.chmod(FOLDER, 0o755)  # whom root's demo becomes goes through it
failed = 0


def check(name, good, detail=""):
    global failed
    failed += not good
    print("%sok %s" % ("" if good else "not ", name))
    if not good:
        print(detail)
    sys.stdout.flush()


def start(*arguments):
    return subprocess.Popen(
        [VIGIE, "demo", "--lang", "en", *arguments], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR=FOLDER),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def left():
    """Processes of the demo and files of its run that are still there."""
    found = [name for name in os.listdir(FOLDER)
             if name.startswith("vigie-live-")]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                if FOLDER.encode() in file.read():
                    found.append("process " + pid)
        except OSError:
            continue
    with open("/proc/net/unix", encoding="utf-8") as file:
        found += [line for line in file if FOLDER in line]
    return found


def ports(output):
    return [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)$", output,
                                             re.M)]


def listening(wanted):
    with open("/proc/net/tcp", encoding="utf-8") as file:
        rows = [line.split() for line in file][1:]
    return [row[1] for row in rows if row[3] == "0A"
            and int(row[1].split(":")[1], 16) in wanted]


def the_story():
    process = start("--dir", os.path.join(FOLDER, "whole"))
    began = time.monotonic()
    out, err = process.communicate(timeout=240)
    took = time.monotonic() - began
    print("# %.0f s" % took)
    check("the live demo ends well", process.returncode == 0, out + err)
    check("every thief is asked to sign in again, by what core says",
          len(re.findall(r"STEP-UP  thief \d", out)) == 3
          and out.count("have the holder sign in again") >= 3, out)
    check("an account is cut by an operator's order",
          "$ vigie cut --professional" in out
          and len(re.findall(r"CUT      thief \d", out)) == 1, out)
    lost = re.findall(r"thief \d.*: (\d+) persons lost, (\d+) requests refused",
                      out)
    check("each thief has some persons, few, and is refused the rest",
          len(lost) == 3 and all(0 < int(n) <= 40 and int(refused) > 0
                                 for n, refused in lost), out)
    both = re.search(r"hold (\d+)\s+persons; the scope names (\d+), and\s+"
                     r"misses (\d+)", out)
    check("what the thieves hold is what the scope names",
          both is not None and both[1] == both[2] and both[3] == "0", out)
    check("honest professionals are served",
          re.search(r"9 honest professionals: (\d\d+) requests answered, "
                    r"0 of them", out) is not None, out)
    check("the whole takes 30 s at most", took <= 30, "%.1f s" % took)
    check("no process, socket or port is left", not left()
          and not listening(ports(out)), "%s" % left())
    done = subprocess.run(
        [VIGIE, "verify", "--data", os.path.join(FOLDER, "whole", "data")],
        capture_output=True, text=True)
    check("its ledger is whole", done.returncode == 0,
          done.stdout + done.stderr)


def status(pid, what):
    with open("/proc/%s/status" % pid, encoding="utf-8") as file:
        return re.search(r"^%s:\s+(\S+)" % what, file.read(), re.M)[1]


def owners(name):
    """uids of the processes of that name: core's, and nginx's workers."""
    parents, found = set(), []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                line = file.read()
            if FOLDER.encode() in line and status(pid, "Name") == "nginx":
                parents.add(pid)
            if FOLDER.encode() in line and status(pid, "Name") == name:
                found.append(int(status(pid, "Uid")))
        except OSError:
            continue
    for pid in filter(str.isdigit, os.listdir("/proc")) if name == "worker" \
            else ():
        try:
            if status(pid, "PPid") in parents:
                found.append(int(status(pid, "Uid")))
        except OSError:
            continue
    return sorted(found)


def as_root(name, uid, **environment):
    """Whoever reads outside bytes is not root."""
    process = subprocess.Popen(
        [VIGIE, "demo", "--lang", "en"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, TMPDIR=FOLDER, **environment))
    read = until(process, "STEP-UP")
    core, workers = owners("vigie-core"), owners("worker")
    process.send_signal(signal.SIGTERM)
    out = process.communicate(timeout=60)[0]
    check("started as root, core runs as %s" % name, core == [uid],
          "%s %s %s" % (core, read, out))
    check("and nginx's workers", workers == [uid, uid], "%s" % workers)
    check("and none of them is left",
          not [one for one in left() if one.startswith("process")],
          "%s" % left())


def until(process, word):
    """Reads up to a word; what was read."""
    read = ""
    while word not in read:
        line = process.stdout.readline()
        if not line:
            break
        read += line
    return read


def an_interrupt(number, word, name):
    process = start()
    read = until(process, word)
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    check("after %s nothing is left" % name,
          word in read and process.returncode == 2 and "Interrupted" in out
          and not left() and not listening(ports(read))
          and not [n for n in os.listdir(FOLDER) if n.startswith("vigie-demo")],
          read + out + err + "%s" % left())


def a_death():
    process = start()
    read = until(process, "STEP-UP")
    process.kill()
    process.communicate()
    processes, end = ["?"], time.monotonic() + 15
    while processes and time.monotonic() < end:
        time.sleep(0.2)
        processes = [one for one in left() if one.startswith("process")]
    check("where the demo is killed its processes end too",
          "STEP-UP" in read and not processes and not listening(ports(read)),
          "%s" % processes)


def a_folder_with_something():
    folder = os.path.join(FOLDER, "taken")
    os.makedirs(os.path.join(folder, "data"))
    done = subprocess.run([VIGIE, "demo", "--lang", "en", "--dir", folder],
                          capture_output=True, text=True)
    check("a folder that holds something is refused, and left as it is",
          done.returncode == 2 and "not empty" in done.stderr
          and os.path.isdir(os.path.join(folder, "data")), done.stderr)


def without_module():
    alone = os.path.join(FOLDER, "alone")
    os.makedirs(alone)
    shutil.copy(VIGIE, alone)
    if os.path.exists("/usr/lib/vigie/ngx_http_vigie_module.so"):
        return
    process = subprocess.Popen(
        [os.path.join(alone, "vigie"), "demo", "--lang", "en"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, TMPDIR=FOLDER))
    read = until(process, "An invented region")
    process.kill()
    process.communicate()
    check("without the module it says so, and runs offline",
          "No live demo here: the nginx module is not built" in read
          and "An invented region" in read, read)


def main():
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if nginx is None or not os.path.exists(MODULE) or "asan" in BUILD:
        print("ok live demo # SKIP no nginx or module, or one of the "
              "sanitizers, which the stock nginx does not load")
        return 0
    a_folder_with_something()
    the_story()
    an_interrupt(signal.SIGINT, "Three weeks before",
                 "an interrupt while the past is made")
    an_interrupt(signal.SIGINT, "The door is set up",
                 "an interrupt while the door starts")
    an_interrupt(signal.SIGINT, "STEP-UP", "an interrupt halfway")
    an_interrupt(signal.SIGTERM, "thief 1", "a TERM halfway")
    a_death()
    if os.geteuid() == 0:
        as_root("nobody", pwd.getpwnam("nobody").pw_uid)
        as_root("whoever called sudo", pwd.getpwnam("daemon").pw_uid,
                SUDO_UID=str(pwd.getpwnam("daemon").pw_uid))
    without_module()
    return 1 if failed else 0


try:
    code = main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(code)
