#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""vigie run with intake: syslog over TLS and in plain on the loopback, the
AuditEvent feed; hostile and slow senders; core and intake killed at random:
what was acknowledged is there, and nothing is there twice."""
import datetime
import http.client
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "help"))
import intake_senders as senders  # noqa: E402
import wire_door as wire  # noqa: E402

failed = False


def check(name, good, why=""):
    global failed
    failed = failed or not good
    print(("ok " if good else "not ok ") + name)
    if not good and why != "":
        print("#", str(why).replace("\n", "\n# "))
    sys.stdout.flush()


def refused(daemon):
    head, body = daemon.post(b'{"resourceType":"AuditEvent","type":3}')
    check("a resource without its elements is 422 and says rule and field",
          head == 422 and json.loads(body)["issue"][0]["expression"] ==
          ["type"] and json.loads(body)["issue"][0]["details"]["text"],
          (head, body))
    broken = senders.audit("Patient/x1", "s-x")[:-9]
    head, body = daemon.post(broken)
    check("a truncated one is 422, with the rule", head == 422 and
          "truncated" in body, (head, body))
    two = senders.bundle([json.loads(senders.audit("Patient/x2", "s-x")),
                          {"resourceType": "AuditEvent", "type": 3}])
    check("a Bundle with one bad entry is refused", daemon.post(two)[0] == 422)
    check("and nothing of it is kept",
          "Patient/x2" not in daemon.persons("--session", "s-x"))
    for name, raw, status in (
            ("another method", b"GET /AuditEvent HTTP/1.1\r\n\r\n", 405),
            ("another place", b"POST /Patient HTTP/1.1\r\n\r\n", 404),
            ("no length", b"POST /AuditEvent HTTP/1.1\r\n\r\n", 411),
            ("two lengths", b"POST /AuditEvent HTTP/1.1\r\nContent-Length: 2"
             b"\r\nContent-Length: 3\r\n\r\n{}", 400),
            ("chunks", b"POST /AuditEvent HTTP/1.1\r\nTransfer-Encoding: "
             b"chunked\r\n\r\n", 411),
            ("a blank before a colon", b"POST /AuditEvent HTTP/1.1\r\n"
             b"Content-Length : 2\r\n\r\n{}", 400),
            ("a body too long", b"POST /AuditEvent HTTP/1.1\r\n"
             b"Content-Length: 99999999\r\n\r\n", 413),
            ("a head too long", b"POST /AuditEvent HTTP/1.1\r\nX: " +
             b"a" * 20000, 413),
            ("another type", b"POST /AuditEvent HTTP/1.1\r\nContent-Length: 2"
             b"\r\nContent-Type: text/html\r\n\r\n{}", 415),
            ("no HTTP", b"\x16\x03\x01\r\n\r\n", 400)):
        got = daemon.raw(raw)
        check("%s is %d" % (name, status),
              got.startswith(b"HTTP/1.1 %d " % status), got[:80])


def fed(daemon):
    check("one resource is 201",
          daemon.post(senders.audit("Patient/f1", "s-feed"))[0] == 201)
    check("and it is in the ledger by then",
          daemon.persons("--session", "s-feed") == {"Patient/f1"},
          daemon.logged())
    same = senders.audit("Patient/f2", "s-feed")
    check("told twice it is 201 twice", [daemon.post(same)[0]
                                         for _ in (1, 2)] == [201, 201])
    many = senders.bundle([json.loads(senders.audit("Patient/b%d" % i,
                                                    "s-feed"))
                           for i in range(50)])
    status, body = daemon.post(many)
    check("a Bundle is 200, with 201 for each", status == 200 and
          len(json.loads(body)["entry"]) == 50, (status, body[:200]))
    summary = daemon.scope("s-feed")
    check("nothing is counted twice", summary["disclosures"] == 52 and
          summary["patients"] == 52, summary)
    late = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        hours=3)
    daemon.post(senders.audit("Patient/late", "s-late", when=late))
    summary = daemon.scope("s-late")
    check("a late one is stored, in scope, and flagged",
          summary["patients"] == 1 and summary["coverage"].get("late") == 1,
          summary)


def plain(daemon):
    stream = socket.create_connection(("127.0.0.1", daemon.plain))
    stream.sendall(senders.counted(senders.audit("Patient/p1", "s-plain")))
    stream.sendall(senders.line(senders.audit("Patient/p2", "s-plain")))
    check("counted and lines, in one stream",
          daemon.wait_persons("s-plain", {"Patient/p1", "Patient/p2"}),
          daemon.logged())
    message = senders.counted(senders.audit("Patient/p3", "s-plain"))
    for byte in range(0, len(message), 7):
        stream.sendall(message[byte:byte + 7])
        time.sleep(0.001)
    check("a slow sender is heard", daemon.wait_persons(
        "s-plain", {"Patient/p1", "Patient/p2", "Patient/p3"}))
    stream.sendall(message[:200])
    stream.close()
    check("half a frame is a refused record", daemon.wait_for(
        lambda text: "record-truncated" in text or "refused" in text))
    for garbage in (b"99999999999 x", b"12x", os.urandom(4000), b"\n" * 5000,
                    b"<34>x\n" * 1000):
        bad = socket.create_connection(("127.0.0.1", daemon.plain))
        try:
            bad.sendall(garbage)
        except OSError:
            pass
        bad.close()
    check("the next one is served", daemon.post(
        senders.audit("Patient/p4", "s-plain"))[0] == 201)


def encrypted(daemon):
    with daemon.tls() as stream:
        stream.sendall(senders.counted(senders.audit("Patient/t1", "s-tls")))
        check("over TLS", daemon.wait_persons("s-tls", {"Patient/t1"}),
              daemon.logged())
        stream.sendall(senders.line(senders.audit("Patient/t2", "s-tls")))
        stream.settimeout(5)
        try:
            ended = stream.recv(1) == b""
        except OSError:
            ended = True
        check("a line without its count ends the stream (RFC 5425)", ended)
    check("and is not taken",
          daemon.persons("--session", "s-tls") == {"Patient/t1"})
    try:
        daemon.tls(ssl.TLSVersion.TLSv1_1).close()
        check("TLS 1.1 is refused", False)
    except (ssl.SSLError, OSError, ValueError):
        check("TLS 1.1 is refused", True)
    bad = socket.create_connection(("127.0.0.1", daemon.tls_port))
    bad.sendall(os.urandom(500))
    bad.close()
    with daemon.tls() as stream:
        stream.sendall(senders.counted(senders.audit("Patient/t3", "s-tls")))
        check("after one that speaks no TLS others go on", daemon.wait_persons(
            "s-tls", {"Patient/t1", "Patient/t3"}))


def bypass_verdict(daemon, session, person, professional, **given):
    with daemon.tls(**given) as stream:
        stream.sendall(senders.counted(senders.audit(
            person, session, host="annuaire.example",
            professional=professional)))
        return daemon.wait_persons(session, {person})


def certified(daemon):
    """Records past the door: what they may raise is looked at by passed()."""
    check("without a certificate, where none is required, it is heard",
          bypass_verdict(daemon, "s-anonymous", "Patient/c1", "80000000041"))
    check("with one of our CA too", bypass_verdict(
        daemon, "s-certified", "Patient/c2", "80000000042", certificate=True))
    try:
        heard = bypass_verdict(daemon, "s-foreign", "Patient/c3",
                               "80000000043", foreign=True)
    except OSError:
        heard = False
    check("with one of another CA it is refused", not heard and
          not daemon.persons("--session", "s-foreign"))


def required():
    """Another daemon, whose every client needs a certificate."""
    daemon = senders.Daemon("required", required=True).start()
    try:
        check("required: with one of our CA", bypass_verdict(
            daemon, "s-certified", "Patient/c2", "80000000042",
            certificate=True), daemon.logged())
        for name, given in (("none", {}), ("another CA's", {"foreign": True})):
            try:
                with daemon.tls(**given) as stream:
                    stream.sendall(senders.counted(
                        senders.audit("Patient/c9", "s-none")))
                    stream.settimeout(5)
                    ended = stream.recv(1) == b""
            except OSError:
                ended = True
            check("required: with %s it is refused" % name, ended and
                  not daemon.persons("--session", "s-none"))
        check("required: its end is clean", daemon.stop() == 0)
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()


def joined(daemon):
    worker = wire.Worker(daemon.door)
    worker.standing()
    who = {"professional": "80000000021", "session": "s-both",
           "service": "dossier"}
    check("the door shows a person", worker.ask(
        ["Patient/j1"], request="r-1", **who) == wire.RELEASE)
    told = {"professional": "80000000021", "session": "s-both"}
    daemon.post(senders.audit("Patient/j1", request="r-1", **told))
    daemon.post(senders.audit("Patient/j2", request="r-2", **told))
    check("and another one, of which the trail came first", worker.ask(
        ["Patient/j2"], request="r-2", **who) == wire.RELEASE)
    daemon.post(senders.audit("Patient/j1", request="r-3", **told))
    summary = daemon.scope("s-both")
    check("door and trail are joined by the request, another one is not",
          summary["patients"] == 2 and summary["disclosures"] == 3, summary)


def followed(daemon):
    def write(path, names, mode="ab"):
        with open(path, mode) as file:
            for name in names:
                file.write(senders.audit(name, "s-file") + b"\n")

    names = ["Patient/w%d" % i for i in range(60)]
    write(daemon.followed, names[:10])
    check("a file is followed",
          daemon.wait_persons("s-file", set(names[:10])), daemon.logged())
    write(daemon.followed, names[10:20])
    os.rename(daemon.followed, daemon.followed + ".1")
    write(daemon.followed + ".1", names[20:25])
    write(daemon.followed, names[25:30])
    check("through its rotation",
          daemon.wait_persons("s-file", set(names[:30])))
    os.truncate(daemon.followed, 0)
    time.sleep(1.5)
    write(daemon.followed, names[30:35])
    check("and its truncation", daemon.wait_persons("s-file", set(names[:35])))
    for pid in daemon.children("vigie-intake"):
        os.kill(pid, signal.SIGKILL)
    write(daemon.followed, names[35:40])
    os.rename(daemon.followed, daemon.followed + ".1")
    write(daemon.followed, names[40:50])
    check("a death and a rotation at once lose nothing",
          daemon.wait_persons("s-file", set(names[:50])))
    whole = senders.audit(names[50], "s-file")
    with open(daemon.followed, "ab", buffering=0) as file:
        file.write(whole[:300])
        time.sleep(1.5)
        file.write(whole[300:] + b"\n")
    check("half a line waits for its end",
          daemon.wait_persons("s-file", set(names[:51])))
    summary = daemon.scope("s-file")
    check("nothing of the file is there twice",
          summary["disclosures"] == 51, summary)


BEHIND = {"host": "annuaire.example", "professional": "80000000031"}


def past_the_door(daemon):
    """What comes of it is looked at 60 s later, by passed()."""
    daemon.post(senders.audit("Patient/d1", "s-past", **BEHIND))
    worker = wire.Worker(daemon.door)
    worker.standing()
    daemon.post(senders.audit("Patient/d2", "s-through",
                              host="annuaire.example",
                              professional="80000000032"))
    worker.ask(["Patient/d2"], professional="80000000032", session="cookie",
               service="annuaire")
    return time.time()


def passed(daemon, since):
    time.sleep(max(0, 63 - (time.time() - since)))
    check("read past the door, it is paged a minute later", daemon.wait_for(
        lambda text: "PAGE: bypass" in text), daemon.logged()[-2000:])
    check("once each, and not what went through",
          daemon.logged().count("PAGE: bypass") == 3, daemon.logged()[-2000:])
    done = subprocess.run(
        [senders.VIGIE, "--lang", "en", "alerts", "--data", daemon.data,
         "--keys", daemon.keys, "--json"], capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    check("one without a certificate raises watch, one of our CA step-up",
          {alert["professional"]: alert["verdict"] for alert in found
           if alert["professional"] in ("80000000041", "80000000042")} ==
          {"80000000041": "watch", "80000000042": "step_up"}, found)
    found = [alert for alert in found if alert["professional"] ==
             BEHIND["professional"]]
    check("it is an alert, step-up at most",
          len(found) == 1 and found[0]["verdict"] == "step_up" and
          found[0]["reasons"][0]["code"] == "bypass", done)
    done = subprocess.run(
        [senders.VIGIE, "--lang", "en", "explain", "--data", daemon.data,
         "--keys", daemon.keys, found[0]["id"] if found else "0"],
        capture_output=True, text=True)
    check("explain says what was compared",
          "the door has no row of it, from 180 s" in done.stdout, done)


def killed(daemon, seconds):
    """Senders of the feed go on while core and intake are killed."""
    acknowledged, lock, ending = set(), threading.Lock(), []

    def send(which):
        for i in range(100000):
            if ending:
                return
            name = "Patient/k%d-%d" % (which, i)
            body = senders.audit(name, "s-kill")
            while True:
                try:
                    if daemon.post(body)[0] == 201:
                        break
                except OSError:
                    pass
                except http.client.HTTPException:
                    pass
                if ending:
                    return
                time.sleep(0.02)
            with lock:
                acknowledged.add(name)

    threads = [threading.Thread(target=send, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    end = time.time() + seconds
    kills = {"vigie-core": 0, "vigie-intake": 0}
    while time.time() < end:
        time.sleep(random.uniform(0.2, 0.7))
        name = random.choice(sorted(kills))
        for pid in daemon.children(name):
            os.kill(pid, signal.SIGKILL)
            kills[name] += 1
    time.sleep(1.5)
    ending.append(True)
    for thread in threads:
        thread.join()
    summary = daemon.scope("s-kill")
    there = daemon.persons("--session", "s-kill")
    check("killed %s times, nothing acknowledged is lost of %d" % (
        "+".join(str(n) for n in kills.values()), len(acknowledged)),
          len(acknowledged) > 10 and acknowledged <= there,
          (len(acknowledged), len(there), daemon.logged()[-2000:]))
    check("and nothing is there twice",
          summary["disclosures"] == summary["patients"] == len(there), summary)
    check("what is there beyond was on its way",
          len(there - acknowledged) <= 4, there - acknowledged)


def examined(daemon):
    with open(daemon.conf, "a", encoding="utf-8") as file:
        file.write("syslog-plain 192.0.2.1 514;\nfollow relative;\n")
    done = subprocess.run([senders.VIGIE, "--lang", "en", "doctor", "-c",
                           daemon.conf], capture_output=True, text=True)
    check("doctor names the lines that are wrong",
          "line 12: syslog-plain" in done.stdout + done.stderr and
          "line 13: follow" in done.stdout + done.stderr, done)


def main():
    daemon = senders.Daemon("intake").start()
    try:
        certified(daemon)
        since = past_the_door(daemon)
        refused(daemon)
        fed(daemon)
        plain(daemon)
        encrypted(daemon)
        joined(daemon)
        followed(daemon)
        killed(daemon, 6)
        passed(daemon, since)
        check("the end is clean", daemon.stop() == 0 and
              not os.path.exists(daemon.feed))
        examined(daemon)
        required()
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
        if failed:
            print("# " + daemon.logged()[-3000:].replace("\n", "\n# "))
    return 1 if failed else 0


sys.exit(main())
