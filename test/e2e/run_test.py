#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""vigie run with a worker played by this script: what is asked is recorded,
judged and answered; a thief is narrowed by what he does; operators cut and
restore; core killed loses nothing that was acknowledged; packets that make no
sense end their connection alone."""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "help"))
import wire_door as wire  # noqa: E402

VIGIE = os.environ.get("VIGIE", "build/vigie")
FOLDER = os.environ.get("TMPDIR", "/tmp")
USER = subprocess.run(["id", "-un"], capture_output=True,
                      text=True).stdout.strip()
failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why != "":
        print("#", str(why).replace("\n", "\n# "))
    sys.stdout.flush()


class Daemon:
    def __init__(self, name, more="", folder=FOLDER):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.data = os.path.join(self.folder, "data")
        self.keys = os.path.join(self.folder, "keys")
        self.door = os.path.join(self.folder, "door.sock")
        self.operators = os.path.join(self.folder, "operators.sock")
        self.conf = os.path.join(self.folder, "vigie.conf")
        self.log = os.path.join(self.folder, "log")
        self.write(more)
        self.process = None

    def write(self, more=""):
        with open(self.conf, "w", encoding="utf-8") as file:
            file.write("data %s;\nkeys %s;\ndoor %s;\noperator-socket %s;\n"
                       "operators %s;\n%s" % (
                           self.data, self.keys, self.door, self.operators,
                           USER, more))

    def start(self, environment=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [VIGIE, "--lang", "en", "run", "-c", self.conf], stderr=log,
                env=environment)
        self.wait_for(lambda text: "ready" in text)
        return self

    def wait_for(self, condition):
        for _ in range(600):
            if condition(self.logged()):
                return True
            time.sleep(0.05)
        return False

    def logged(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def core(self):
        children = "/proc/%d/task/%d/children" % (self.process.pid,
                                                  self.process.pid)
        with open(children, encoding="utf-8") as file:
            return int(file.read().split()[0])

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)

    def worker(self):
        worker = wire.Worker(self.door)
        worker.standing()
        return worker

    def operate(self, *arguments):
        return subprocess.run([VIGIE, "--lang", "en", *arguments, "-c",
                               self.conf], capture_output=True, text=True)

    def vigie(self, command, *arguments):
        return subprocess.run(
            [VIGIE, "--lang", "en", command, "--data", self.data, "--keys",
             self.keys, *arguments], capture_output=True, text=True)

    def persons(self, *arguments):
        done = self.vigie("scope", "--list", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return {json.loads(line)["patient"]
                for line in done.stdout.splitlines()
                if "patient" in json.loads(line)}


def greetings(daemon):
    worker = wire.Worker(daemon.door)
    check("a worker is welcomed with core's version and a key",
          worker.welcome[:3] == b"\x02\x04\x00" and
          worker.welcome[3:] != bytes(16) and len(worker.welcome) == 19,
          worker.welcome)
    check("nothing stands at first", worker.standing() == [])
    stranger = wire.Worker(daemon.door, version=9)
    check("one of another version is told core's, without the key, and closed",
          stranger.welcome == b"\x02\x04\x00" + bytes(16) and
          stranger.closed(), stranger.welcome)
    liar = wire.Worker(daemon.door, greet=False)
    liar.send(wire.hello(magic=1))
    check("one that says another word is closed", liar.closed())
    early = wire.Worker(daemon.door, greet=False)
    early.send(wire.ask(1, ["Patient/1"], "doc"))
    check("one that asks before its hello is closed", early.closed())


def told_to_the_manager():
    """READY and WATCHDOG as a service manager gets them."""
    path = os.path.join(FOLDER, "notify.sock")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(path)
    manager.settimeout(10)
    daemon = Daemon("managed")
    daemon.start(dict(os.environ, NOTIFY_SOCKET=path))
    first = manager.recv(100)
    check("the manager is told when core answers", b"READY=1" in first, first)
    check("and each second that it lives", manager.recv(100) == b"WATCHDOG=1")
    os.kill(daemon.core(), signal.SIGSTOP)
    manager.settimeout(2.5)
    late = 0
    try:
        while late < 5:
            manager.recv(100)
            late += 1
    except socket.timeout:
        pass
    check("not while core hangs, though main lives", late < 3, late)
    os.kill(daemon.core(), signal.SIGCONT)
    manager.settimeout(10)
    check("a second daemon at the same sockets is refused",
          daemon.operate("run").returncode == 2)
    daemon.stop()
    check("the manager is told of the end",
          any(manager.recv(100) == b"STOPPING=1" for _ in range(20)))


def refused_operators(daemon):
    if os.geteuid() != 0:
        print("ok another user is refused # SKIP only root can become one")
        return
    os.chmod(daemon.operators, 0o666)
    worker = daemon.worker()
    worker.ask(["Patient/1"], professional="80000000008", session="s-op")
    raw = wire.socket.socket(wire.socket.AF_UNIX, wire.socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        os.chdir(daemon.folder)  # whose parent may be root's alone
        os.setuid(65534)
        raw.connect("operators.sock")
        raw.send(bytes([wire.COMMAND, 2, 1]) + wire.text("s-op") +
                 wire.text("no operator"))
        os._exit(raw.recv(100)[2])
    _, status = os.waitpid(pid, 0)
    check("a user who is no operator is refused, whatever the socket's mode",
          os.waitstatus_to_exitcode(status) == 4, status)
    check("and nothing was cut", worker.ask(
        ["Patient/1"], professional="80000000008", session="s-op") ==
        wire.RELEASE)


def confined(daemon):
    with open("/proc/%d/status" % daemon.core(), encoding="utf-8") as file:
        status = dict(line.split(":", 1) for line in file if ":" in line)
    check("core can gain no right", status["NoNewPrivs"].strip() == "1")
    check("and makes only the calls that it needs",
          status["Seccomp"].strip() == "2" or "asan" in VIGIE,
          status["Seccomp"])
    check("its files are its user's alone", all(
        os.stat(path).st_mode & 0o077 == 0
        for path in (daemon.data, daemon.keys)))
    if os.geteuid() == 0:
        # where another user may go, unlike the tests' own folder
        place = tempfile.mkdtemp(prefix="vigie-run-", dir="/tmp")
        os.chmod(place, 0o755)
        other = Daemon("other", "user nobody;\n", place).start()
        with open("/proc/%d/status" % other.core(), encoding="utf-8") as file:
            status = dict(line.split(":", 1) for line in file if ":" in line)
        check("started as root it is another user",
              set(status["Uid"].split()) == {str(os.stat(other.data).st_uid)}
              and status["Uid"].split()[0] != "0" and
              status["Groups"].strip() == "", status["Uid"])
        check("that records all the same", other.worker().ask(
            ["Patient/1"], professional="p", session="s") == wire.RELEASE)
        other.stop()
        shutil.rmtree(place)


def recorded(daemon):
    worker = daemon.worker()
    who = {"professional": "80000000001", "session": "s-honest"}
    check("a person is released",
          worker.ask(["Patient/1"], **who) == wire.RELEASE)
    check("durable ones too", worker.ask(["Patient/2"], flags=wire.DURABLE,
                                         **who) == wire.RELEASE)
    many = ["Patient/m%d" % i for i in range(30)]
    check("a window of two packets is answered once, behind the last",
          two_packets(worker, many, who) == (wire.RELEASE, 4))
    check("one without any person is released, and is no row",
          worker.ask([], **who) == wire.RELEASE)
    check("scope has all of them, as sent",
          daemon.persons("--professional", "80000000001") ==
          {"Patient/1", "Patient/2", *many},
          daemon.vigie("scope", "--professional", "80000000001").stdout)
    summary = json.loads(daemon.vigie(
        "scope", "--json", "--session", "s-honest").stdout)
    check("all of it is graded sent", summary["patients"] == 32, summary)


def two_packets(worker, persons, who):
    worker.send(wire.ask(3, persons[:15], flags=wire.MORE | wire.SEARCH,
                         interaction=wire.LIST, **who))
    worker.send(wire.ask(4, persons[15:], flags=wire.SEARCH,
                         interaction=wire.LIST, **who))
    worker.number = 4
    decision, _, _, number = worker.answer()
    return decision, number


def unreadable(daemon):
    worker = daemon.worker()
    who = {"professional": "80000000009", "session": "s-blind"}
    check("what cannot be read is billed, and released under the ceiling",
          worker.ask([], flags=wire.UNLABELLED, worst=60, **who) ==
          wire.RELEASE)
    check("the next one is over it",
          worker.ask([], flags=wire.UNLABELLED, worst=60, **who) ==
          wire.REFUSE)
    check("a person who is named is still under it",
          worker.ask(["Patient/b1"], **who) == wire.RELEASE)
    coverage = json.loads(daemon.vigie(
        "scope", "--json", "--session", "s-blind").stdout)["coverage"]
    check("scope tells of one unlabelled answer, not of the withheld one",
          coverage["unlabelled"] == 1, coverage)
    worker.send(wire.missed(77, 12, 3, 30))
    check("what was missed is acknowledged", worker.answer()[3] == 77)
    coverage = json.loads(daemon.vigie(
        "scope", "--json", "--session", "s-blind").stdout)["coverage"]
    check("and is a gap", coverage["gaps"] >= 1, coverage)


def thief(daemon):
    """A new account that reads strangers, one after another."""
    worker, other = daemon.worker(), daemon.worker()
    who = {"professional": "80000000666", "session": "s-thief",
           "address": "203.0.113.9", "device": "curl"}
    released = []
    decision = wire.RELEASE
    for i in range(200):
        person = "Patient/v%d" % i
        decision = worker.ask([person, "Patient/w%d" % i],
                              flags=wire.SEARCH, interaction=wire.LIST, **who)
        if decision != wire.RELEASE:
            break
        released += [person, "Patient/w%d" % i]
    check("a thief is stopped by a step-up", decision == wire.STEP_UP and
          worker.alert != 0 and 0 < len(released) < 90,
          (decision, len(released)))
    since = worker.since
    check("since when is of now", abs(since - time.time()) < 60, since)
    other.socket.settimeout(2)
    order = other.receive()
    check("the other worker was told by itself",
          order[0] == wire.ORDER and order[1:3] == b"\x02\x02", order)
    check("and the one that asked", len(worker.orders) == 1, worker.orders)
    check("scope has exactly what was released",
          daemon.persons("--session", "s-thief") == set(released),
          len(daemon.persons("--session", "s-thief")))
    late = wire.Worker(daemon.door)
    check("a worker that comes later is told what stands",
          [o[1] for o in late.standing()] == [2], late.orders)
    return worker, who, released, since


def narrow(daemon, worker, who, released, since):
    check("a known person stays readable",
          worker.ask([released[0]], **who) == wire.RELEASE)
    check("two known ones are no list by themselves",
          worker.ask(released[:2], **who) == wire.RELEASE)
    check("a list of known ones is refused",
          worker.ask(released[:2], flags=wire.SEARCH, interaction=wire.LIST,
                     **who) == wire.STEP_UP)
    check("an export of a known one is refused",
          worker.ask(released[:1], interaction=wire.EXPORT, **who) ==
          wire.STEP_UP)
    check("what cannot be read is refused",
          worker.ask([], flags=wire.UNLABELLED, worst=1, **who) ==
          wire.STEP_UP)
    check("a person without a name is refused",
          worker.ask([("", "")], **who) == wire.STEP_UP)
    check("one new person is readable",
          worker.ask(["Patient/new1"], **who) == wire.RELEASE)
    check("and stays so", worker.ask(["Patient/new1"], **who) == wire.RELEASE)
    check("the next new one is too soon",
          worker.ask(["Patient/new2"], **who) == wire.STEP_UP)
    check("a new one by a search is refused",
          worker.ask(["Patient/new3"], flags=wire.SEARCH,
                     interaction=wire.LIST, **who) == wire.STEP_UP)
    check("a session of the same account is under it too",
          worker.ask(["Patient/n4", "Patient/n5"], **dict(
              who, session="s-thief-2")) == wire.STEP_UP)
    check("the answer to a write is always released",
          worker.ask(["Patient/new6", "Patient/new7"], flags=wire.WRITE,
                     **who) == wire.RELEASE)
    check("in observe mode it is said, and recorded as having left",
          worker.ask(["Patient/o1", "Patient/o2"], flags=wire.OBSERVE,
                     **who) == wire.STEP_UP and
          {"Patient/o1", "Patient/o2"} <= daemon.persons(
              "--professional", who["professional"]))
    check("an authentication from before does not lift it",
          worker.ask(["Patient/x1", "Patient/x2"], auth=since - 1, **who) ==
          wire.STEP_UP)
    check("one far in the future is not believed",
          worker.ask(["Patient/x1", "Patient/x2"], auth=since + 10 ** 6,
                     **who) == wire.STEP_UP)
    check("a newer one lifts it",
          worker.ask(["Patient/x1"], auth=since, **who) == wire.RELEASE)
    check("break-glass shows one typed person, with a reason",
          worker.ask(["Patient/g1"], flags=wire.GLASS, reason="urgence",
                     **who) == wire.RELEASE)
    check("never two", worker.ask(["Patient/g2", "Patient/g3"],
                                  flags=wire.GLASS, **who) == wire.REFUSE)
    check("a page is sent, without a name",
          daemon.wait_for(lambda text: "PAGE: break-glass" in text) and
          who["professional"] not in daemon.logged() and
          "urgence" not in daemon.logged())
    seen = daemon.persons("--professional", who["professional"])
    check("nothing that was refused is in scope",
          not seen & {"Patient/new2", "Patient/new3", "Patient/n4",
                      "Patient/n5", "Patient/x2", "Patient/g2"}, seen)


def operated(daemon):
    worker, other = daemon.worker(), daemon.worker()
    who = {"professional": "80000000002", "session": "s-cut"}
    check("at first it is released", worker.ask(["Patient/1"], **who) ==
          wire.RELEASE)
    done = daemon.operate("cut", "--session", "s-cut")
    check("a cut needs a reason", done.returncode == 2 and
          "--reason" in done.stderr, done)
    done = daemon.operate("cut", "--session", "nobody", "--reason", "r")
    check("and somebody", done.returncode == 2, done)
    done = daemon.operate("cut", "--session", "s-cut", "--reason", "called")
    check("a cut by an operator", done.returncode == 0, done)
    other.socket.settimeout(2)
    order = other.receive()
    check("is pushed", order[:3] == b"\x05\x01\x03", order)
    check("and answered", worker.ask(["Patient/1"], **who) == wire.CUT and
          worker.ask([], phase=wire.BEFORE, flags=wire.WRITE, **who) ==
          wire.CUT)
    done = daemon.operate("sessions", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    mine = [line for line in lines if line["session"] == "s-cut"]
    check("sessions shows who, from where, what, and the verdict",
          len(mine) == 1 and mine[0]["verdict"] == "cut" and
          mine[0]["professional"] == "80000000002" and
          mine[0]["address"] == "192.0.2.7" and mine[0]["persons"] == 1 and
          mine[0]["refused"] == 2, mine)
    check("by whom and why", mine[0]["by"] == "operator" and
          mine[0]["uid"] == os.getuid() and mine[0]["reason"] == "called",
          mine)
    stolen = [line for line in lines if line["session"] == "s-thief"]
    check("and the thief's score", stolen and stolen[0]["score"] > 0 and
          len(stolen[0]["alert"]) == 16, stolen)
    check("for people too", "80000000002" in
          daemon.operate("sessions").stdout)
    worker.ask(["Patient/1"], professional=b"\x01" * 512,
               session=b"\x02" * 512, service=b"\x03" * 512)
    done = daemon.operate("sessions", "--json")
    check("names that are six times as long when written break nothing",
          done.returncode == 0 and
          len(done.stdout.splitlines()) == len(lines) + 1, done.stderr)
    done = daemon.operate("restore", "--session", "s-cut", "--reason", "holder"
                          " is at work")
    check("restore undoes it", done.returncode == 0 and
          worker.ask(["Patient/1"], **who) == wire.RELEASE, done)
    done = daemon.operate("step-up", "--professional", "80000000002",
                          "--reason", "to be sure")
    check("a step-up by an operator", done.returncode == 0 and
          worker.ask(["Patient/1"], **who) == wire.RELEASE and
          worker.ask(["Patient/8", "Patient/9"], **who) == wire.STEP_UP, done)
    daemon.operate("restore", "--professional", "80000000002", "--reason", "r")
    done = daemon.operate("posture", "narrow", "--reason", "a bad week",
                          "--json")
    fresh = dict(who, session="s-fresh", professional="80000000003")
    check("the posture narrow is a step-up for everybody",
          json.loads(done.stdout)["posture"] == "narrow" and
          worker.ask(["Patient/8", "Patient/9"], **fresh) == wire.STEP_UP,
          done)
    done = daemon.operate("posture", "normal", "--reason", "over")
    check("and ends", worker.ask(["Patient/8", "Patient/9"], **fresh) ==
          wire.RELEASE, done)


def orders(daemon):
    """What was given, and its review; each operator's uid and reason."""
    told = [json.loads(line) for line in
            daemon.operate("orders", "--json").stdout.splitlines()]
    cut = [one for one in told if one.get("session") == "s-cut" and
           one["what"] == "cut"]
    back = [one for one in told if one.get("session") == "s-cut" and
            one["what"] == "restore"]
    check("orders are told, with who, why and what undid them",
          len(cut) == 1 == len(back) and cut[0]["reason"] == "called" and
          cut[0]["uid"] == os.getuid() and
          cut[0]["undone_by"] == back[0]["id"] and
          back[0]["undoes"] == cut[0]["id"], told)
    check("automation's too, with their alert",
          any(one["by"] == "automation" and len(one["alert"]) == 16
              for one in told), told)
    check("none of tomorrow", daemon.operate(
        "orders", "--from", "2099-01-01", "--json").stdout == "")
    glasses = [json.loads(line) for line in daemon.operate(
        "orders", "--break-glass", "--json").stdout.splitlines()]
    check("break-glass waits for its review", glasses and all(
        one["what"] == "break_glass" and one["review"] == "open"
        for one in glasses), glasses)
    check("which needs a reason", daemon.operate(
        "review", glasses[0]["id"]).returncode == 2)
    check("and a use", daemon.operate(
        "review", cut[0]["id"], "--reason", "r").returncode == 2)
    done = daemon.operate("review", glasses[0]["id"], "--reason",
                          "called back: urgent")
    check("and is recorded", done.returncode == 0, done)
    check("once", daemon.operate("review", glasses[0]["id"], "--reason",
                                 "r").returncode == 2)
    posture = json.loads(daemon.operate("posture", "--json").stdout)
    check("posture counts those that wait",
          posture["glass_open"] == len(glasses) - 1 and
          posture["glass_overdue"] == 0, posture)
    text = daemon.operate("orders").stdout
    check("for people: the words, and what belongs together",
          "called back: urgent" in text and "reviewed by:" in text and
          "undone by:" in text, text)


def killed(daemon):
    worker = daemon.worker()
    who = {"professional": "80000000004", "session": "s-killed"}
    daemon.operate("cut", "--professional", "80000000002", "--reason", "r")
    released = []
    core = daemon.core()
    for i in range(30):
        if worker.ask(["Patient/k%d" % i], **who) == wire.RELEASE:
            released.append("Patient/k%d" % i)
        if i == 20:
            worker.send(wire.ask(999, ["Patient/last"], **who))
            os.kill(core, signal.SIGKILL)
            break
    check("the worker sees core go", worker.closed())
    check("core is started again", daemon.wait_for(
        lambda text: "started again" in text))
    again = wire.Worker(daemon.door)
    check("with what stood", (2, 3) in [o[:2] for o in again.standing()] and
          daemon.core() != core, again.orders)
    check("what was acknowledged is there",
          set(released) <= daemon.persons("--session", "s-killed"))
    check("and since nothing written was lost, no gap is told", json.loads(
        daemon.vigie("scope", "--json", "--session", "s-killed").stdout)
        ["coverage"]["gaps"] == 1)
    check("a known person is still known",
          again.ask([released[0]], **who) == wire.RELEASE)


def hostile(daemon):
    """Packets changed at random, cut, or nonsense: each ends its own
    connection at most."""
    chance = random.Random(5)
    core = daemon.core()
    good = wire.ask(1, ["Patient/1", ("Patient/2", "urn:oid:1.2.3|4")],
                    "80000000005", "s-fuzz", request="r", reason="x")
    witness = daemon.worker()
    sent = 0
    for i in range(400):
        worker = daemon.worker()
        for _ in range(5):
            packet = bytearray(good)
            for _ in range(chance.randint(1, 6)):
                packet[chance.randrange(len(packet))] = chance.randrange(256)
            if chance.random() < 0.3:
                packet = packet[:chance.randint(1, len(packet))]
            if chance.random() < 0.1:
                packet = bytearray(chance.randbytes(chance.randint(1, 60000)))
            try:
                worker.send(bytes(packet))
                sent += 1
            except OSError:
                break
        worker.socket.close()
    flood = daemon.worker()
    try:
        for i in range(200):
            flood.send(wire.ask(i + 1, ["Patient/f"], "80000000005", "s-f",
                                flags=wire.MORE))
    except OSError:
        pass
    check("a window without end is closed", flood.closed())
    check("%d hostile packets later it is the same core" % sent,
          daemon.core() == core)
    check("which answers", witness.ask(["Patient/1"],
                                       professional="80000000006",
                                       session="s-w") == wire.RELEASE)
    done = subprocess.run([VIGIE, "verify", "--data", daemon.data],
                          capture_output=True, text=True)
    check("and whose ledger is whole", done.returncode == 0, done)


def set_up(daemon):
    daemon.write("detect pace-z many;\nnonsense 1;\ncontext relative;\n")
    done = daemon.operate("doctor")
    check("doctor names each wrong line", done.returncode == 1 and all(
        "line %d" % n in done.stdout for n in (6, 7, 8)), done)
    daemon.process.send_signal(signal.SIGHUP)
    check("a reload of what is wrong changes nothing", daemon.wait_for(
        lambda text: "stays as it was" in text))
    core = daemon.core()
    daemon.write("ceiling session 3 3;\n")
    daemon.process.send_signal(signal.SIGHUP)
    for _ in range(100):
        time.sleep(0.05)
        try:
            if daemon.core() != core:
                break
        except (IndexError, OSError):
            pass
    worker = daemon.worker()
    check("a reload takes in a ceiling", worker.ask(
        ["Patient/r%d" % i for i in range(4)], professional="80000000007",
        session="s-r") == wire.REFUSE)
    check("the end is clean", daemon.stop() == 0 and
          not os.path.exists(daemon.door))
    daemon.write("operators nobody-of-that-name;\n")
    done = daemon.operate("run")
    check("an operator who is nobody is refused", done.returncode == 2 and
          "line 6" in done.stderr, done)


def main():
    daemon = Daemon("live", "ceiling session 90 900;\n"
                    "ceiling professional 90 900;\n"
                    "detect ceiling-new-per-hour 40;\n").start()
    try:
        greetings(daemon)
        confined(daemon)
        told_to_the_manager()
        refused_operators(daemon)
        recorded(daemon)
        unreadable(daemon)
        worker, who, released, since = thief(daemon)
        narrow(daemon, worker, who, released, since)
        operated(daemon)
        orders(daemon)
        killed(daemon)
        hostile(daemon)
        set_up(daemon)
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
        if failed:
            print("# " + daemon.logged()[-3000:].replace("\n", "\n# "))
    return 1 if failed else 0


sys.exit(main())
