#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Long answers, orders, and what happens without core."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403


def slow_read(s, path, pieces=0.0, port=None, session="s1", limit=None,
              hurry=None):
    """The body of a GET, read slowly (until hurry is set) through a small
    socket buffer; what came until the connection broke."""
    with socket.socket() as c:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.settimeout(15)
        c.connect(("127.0.0.1", port or s.port))
        c.sendall(("GET %s HTTP/1.1\r\nHost: x\r\nX-Session: %s\r\n"
                   "Connection: close\r\n\r\n" % (path, session)).encode())
        got = b""
        while limit is None or len(got) < limit:
            try:
                more = c.recv(16384)
            except ConnectionError:
                break
            if not more:
                break
            got += more
            if pieces and not (hurry and hurry.is_set()):
                time.sleep(pieces)
    head, _, body = got.partition(b"\r\n\r\n")
    return head, body


def a_long_answer_goes_window_by_window(s):
    body = bundle_body(0, 400, 500)
    s.serve("/small/Patient", body)
    status, _, got = s.get("/small/Patient")
    assert (status, got) == (200, body)
    phases = [a["phase"] for a in s.core.asks if not a["flags"] & MORE]
    assert len(phases) > 5 and phases[-1] == LAST, phases
    assert set(phases[:-1]) == {WINDOW}
    assert len(names(s.core.asks)) == 400, "each person is told once"
    assert not any(a["flags"] & UNLABELLED for a in s.core.asks)


def nothing_of_a_window_leaves_before_it_is_judged(s):
    body = bundle_body(0, 400, 500)
    s.serve("/small/Patient", body)
    s.core.decide = lambda ask: RELEASE if len(s.core.asks) < 3 else CUT
    head, got = slow_read(s, "/small/Patient")
    assert b" 200 " in head.split(b"\r\n")[0], head
    allowed = set(names(s.core.asks[:2]))
    leaked = {"p%d" % n for n in range(400) if b'"Nom%d"' % n in got}
    assert leaked <= allowed, leaked - allowed
    assert 0 < len(got) < len(body) and body.startswith(got)
    assert len(leaked) == len(allowed)


def a_refused_first_window_is_a_whole_refusal(s):
    s.serve("/small/Patient", bundle_body(0, 400, 500))
    s.core.decide = lambda ask: STEP_UP
    status, _, got = s.get("/small/Patient")
    assert status == 401 and b"Nom" not in got, status


def a_resource_larger_than_the_hold_is_billed_and_whole(s):
    body = bundle_body(0, 3, 100000)
    s.serve("/small/Patient", body)
    status, _, got = s.get("/small/Patient")
    assert (status, got) == (200, body)
    assert sum(a["worst_case"] for a in s.core.asks) == 20
    assert any(a["flags"] & UNLABELLED for a in s.core.asks)
    assert names(s.core.asks)[-1] == "p2"


def a_slow_client_gets_every_byte(s):
    body = bundle_body(0, 600, 2000)
    for path in ("/small/Patient", "/fhir/Patient"):
        s.serve(path, body)
        head, got = slow_read(s, path, 0.002)
        assert got == body, (path, len(got), len(body))


def a_client_that_stops_reading_costs_little_memory(s):
    body = bundle_body(0, 60000, 1000)
    s.serve("/small/Patient", body)
    before = memory(s)
    with socket.create_connection(("127.0.0.1", s.port), 10) as c:
        c.sendall(b"GET /small/Patient HTTP/1.1\r\nHost: x\r\n"
                  b"X-Session: s1\r\nConnection: close\r\n\r\n")
        got = c.recv(1000)
        asked = 0
        while asked < len(s.core.asks):  # until the socket is full
            asked = len(s.core.asks)
            time.sleep(0.5)
        grown = memory(s) - before
        assert grown < 4 << 20, grown
        assert len(names(s.core.asks)) < 30000, "asked about ahead of time"
        while len(got) < 12 << 20:
            got += c.recv(1 << 20)
    got = got.partition(b"\r\n\r\n")[2]
    assert got == body[:len(got)]


def a_limited_rate_gets_every_byte(s):
    body = bundle_body(0, 300, 500)
    s.serve("/rate/Patient", body)
    start = time.monotonic()
    status, _, got = s.get("/rate/Patient")
    assert (status, got) == (200, body)
    assert time.monotonic() - start > 0.5


def clients_that_leave_are_forgotten(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    late = []
    s.core.decide = lambda ask: late.append(ask["number"])
    for request in (b"GET", b"POST"):
        for _ in range(5):
            n = len(s.core.asks)
            with socket.create_connection(("127.0.0.1", s.port), 5) as c:
                c.sendall(request + b" /fhir/Patient/p1 HTTP/1.1\r\nHost: x"
                          b"\r\nX-Session: s1\r\nContent-Length: 0\r\n\r\n")
                s.core.wait(lambda n=n: len(s.core.asks) > n)
    time.sleep(0.1)
    for number in late:
        for peer in s.core.peers:
            s.core.answer(peer, number, RELEASE)
    s.core.reset()
    assert s.get("/fhir/Patient/p1")[0] == 200


def clients_that_leave_in_the_middle_leave_nothing(s):
    """Neither memory nor a connection: the old worker of a reload ends. What
    was released until then is told, and nothing behind it."""
    body = bundle_body(0, 4000, 1000)
    s.serve("/small/Patient", body)
    s.serve("/fhir/Patient", body)
    before = None
    for turn in range(40):
        path = ("/small/Patient", "/fhir/Patient")[turn % 2]
        session = "left%d" % turn
        head, got = slow_read(s, path, session=session,
                              limit=100000 if turn % 3 else 1)
        # turn 0 mod 3: it leaves before the first byte of the body
        shown = {"p" + n.decode() for n in re.findall(rb'"Nom(\d+)"', got)}
        told = {p["name"].split("/")[-1] for a in s.core.asks
                if a["session"] == session for p in a["persons"]}
        assert shown <= told, turn
        assert len(told) < 4000, "it went on without its client"
        if turn == 15:  # labellers and pieces are kept for the next ones
            before = memory(s)
    assert memory(s) - before < 2 << 20, memory(s) - before
    time.sleep(0.3)
    count = len(s.core.asks)
    time.sleep(0.5)
    assert len(s.core.asks) == count, "somebody still asks"
    old = workers(s)
    s.reload()
    deadline = time.monotonic() + 5
    while set(old) & set(workers(s)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not set(old) & set(workers(s)), "a request is still open"
    s.core.ready()


def workers(s):
    return subprocess.run(["pgrep", "-P", str(s.nginx.pid)], check=False,
                          capture_output=True, text=True).stdout.split()


def memory(s):
    pids = subprocess.run(["pgrep", "-P", str(s.nginx.pid)], check=True,
                          capture_output=True, text=True).stdout.split()
    total = 0
    for pid in pids:
        with open("/proc/%s/status" % pid, encoding="ascii") as file:
            total += sum(int(line.split()[1]) * 1024 for line in file
                         if line.startswith("VmRSS"))
    return total


def a_pushed_cut_ends_a_long_download_at_once(s):
    body = bundle_body(0, 20000, 500)
    for path in ("/small/Patient", "/fhir/Patient"):
        s.core.reset()
        s.serve(path, body)
        done = {}
        hurry = threading.Event()

        def download(path=path, done=done, hurry=hurry):
            done["got"] = slow_read(s, path, 0.01, session="thief",
                                    hurry=hurry)
            done["at"] = time.monotonic()

        thread = threading.Thread(target=download)
        thread.start()
        time.sleep(0.7)
        cut_at = time.monotonic()
        s.core.order(1, 3, "thief")
        hurry.set()  # what the kernel holds of it comes still
        thread.join(20)
        head, got = done["got"]
        assert 0 < len(got) < len(body) - 100000, len(got)
        assert got == body[:len(got)]
        # what the kernel holds passes through a window of 4 kB
        assert done["at"] - cut_at < 6, done["at"] - cut_at
        status = s.get(path, X_Session="thief")[0]
        assert status == 403, status
        seen = len(s.upstream.seen)
        assert s.get("/fhir/x", X_Session="thief")[0] == 403
        assert len(s.upstream.seen) == seen, "cut before proxying"
        assert s.get(path)[0] == 200, "others are served"
        s.core.order(1, 0, "thief")
        time.sleep(0.05)
        assert s.get(path, X_Session="thief")[0] == 200, "lifted"


def an_upstream_that_takes_long_is_not_let_through_after_a_cut(s):
    go = threading.Event()

    def route(h):
        go.wait(5)
        h.reply(200, "application/fhir+json", patient_body(1))

    s.upstream.routes["/fhir/Patient/p1"] = route
    done = []
    thread = threading.Thread(target=lambda: done.append(
        s.get("/fhir/Patient/p1", X_Session="slow")))
    thread.start()
    time.sleep(0.2)
    s.core.order(1, 3, "slow")
    time.sleep(0.1)
    s.core.decide = lambda ask: CUT
    go.set()
    thread.join(10)
    s.core.order(1, 0, "slow")
    assert done[0][0] == 403 and b"Nom" not in done[0][2], done


def a_held_answer_is_refused_by_a_cut_while_core_is_silent(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: None
    done = []
    thread = threading.Thread(target=lambda: done.append(
        s.get("/fhir/Patient/p1", X_Session="held")))
    thread.start()
    s.core.wait(lambda: s.core.asks)
    s.core.order(2, 3, "899700000001")
    thread.join(1)
    s.core.order(2, 0, "899700000001")
    assert done and done[0][0] == 403, done


SERVER = """
location /rate/ {
    vigie on; vigie_hold 16k; limit_rate 150k;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location /small/ {
    vigie on; vigie_hold 16k; proxy_pass http://127.0.0.1:%(upstream)d;
}
"""

if __name__ == "__main__":
    sys.exit(run([
        a_long_answer_goes_window_by_window,
        nothing_of_a_window_leaves_before_it_is_judged,
        a_refused_first_window_is_a_whole_refusal,
        a_resource_larger_than_the_hold_is_billed_and_whole,
        a_slow_client_gets_every_byte,
        a_client_that_stops_reading_costs_little_memory,
        a_limited_rate_gets_every_byte,
        clients_that_leave_are_forgotten,
        clients_that_leave_in_the_middle_leave_nothing,
        a_pushed_cut_ends_a_long_download_at_once,
        an_upstream_that_takes_long_is_not_let_through_after_a_cut,
        a_held_answer_is_refused_by_a_cut_while_core_is_silent,
    ], lambda: Stand(SERVER)))
