#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Without core: the policy of each location, the private cap, and what was
missed, said later. And a core that is not one."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403


def back(s):
    s.core.start()
    s.core.ready()


def closed_serves_nothing_without_core(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.stop()
    try:
        status, _, got = s.get("/fhir/Patient/p1")
        assert status == 503 and b"Nom" not in got, status
        status, _, _ = s.request("POST", "/fhir/Patient", b"{}")
        assert status == 503
        assert [seen[0] for seen in s.upstream.seen] == ["GET"]
    finally:
        back(s)
    s.core.wait(lambda: s.core.missed)
    assert sum(m["refused"] for m in s.core.missed) == 2, s.core.missed
    assert sum(m["released"] for m in s.core.missed) == 0
    assert s.get("/fhir/Patient/p1")[0] == 200


def open_serves_within_the_private_cap(s):
    for n in range(10):
        s.serve("/care/Patient/p%d" % n, patient_body(n))
    s.core.stop()
    try:
        got = [s.get("/care/Patient/p%d" % n, X_Session="capped")[0]
               for n in range(10)]
        assert got == [200] * 5 + [503] * 5, got
        again = [s.get("/care/Patient/p%d" % n, X_Session="capped")[0]
                 for n in range(5)]
        assert again == [200] * 5, "the same persons are no new ones"
        assert s.get("/care/Patient/p9", X_Session="other")[0] == 200
    finally:
        back(s)
    s.core.wait(lambda: s.core.missed)
    time.sleep(0.1)
    assert sum(m["released"] for m in s.core.missed) == 11, s.core.missed
    assert sum(m["refused"] for m in s.core.missed) == 5
    assert sum(m["persons"] for m in s.core.missed) == 11
    assert all(0 < m["from"] <= m["to"] for m in s.core.missed)
    assert {m["service"] for m in s.core.missed} == {"care"}


def a_core_that_comes_and_goes_gives_no_new_cap(s):
    for n in range(20, 40):
        s.serve("/care/Patient/p%d" % n, patient_body(n))
    served = 0
    for turn in range(3):
        s.core.stop()
        for n in range(6):
            status = s.get("/care/Patient/p%d" % (20 + turn * 6 + n),
                           X_Session="flap")[0]
            served += status == 200
        back(s)
    assert served == 5, served


def what_cannot_be_labelled_spends_the_cap_too(s):
    s.serve("/care/x", b"<p>", "text/html")
    s.core.stop()
    try:
        got = [s.get("/care/x", X_Session="blind")[0] for _ in range(3)]
        assert got == [200, 200, 503], got
    finally:
        back(s)


def a_list_over_the_cap_is_refused_whole(s):
    s.serve("/care/Patient", bundle_body(0, 6))
    s.core.stop()
    try:
        status, _, got = s.get("/care/Patient", X_Session="list")
        assert status == 503 and b"Nom" not in got
    finally:
        back(s)


def a_silent_core_is_waited_for_and_then_the_policy_holds(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.serve("/care/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: None
    start = time.monotonic()
    assert s.get("/fhir/Patient/p1")[0] == 503
    assert 0.3 < time.monotonic() - start < 3
    assert s.get("/care/Patient/p1", X_Session="silent")[0] == 200
    s.core.wait(lambda: len(s.core.missed) >= 2)


def a_core_that_dies_decides_what_waits(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.serve("/care/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: None
    for path, wanted in (("/fhir/Patient/p1", 503), ("/care/Patient/p1", 200)):
        seen = len(s.core.asks)
        done = []
        thread = threading.Thread(target=lambda p=path: done.append(
            s.get(p, X_Session="dying")))
        thread.start()
        s.core.wait(lambda n=seen: len(s.core.asks) > n)
        start = time.monotonic()
        s.core.stop()
        thread.join(5)
        took = time.monotonic() - start
        back(s)
        assert done[0][0] == wanted and took < 0.3, (done, took)


def standing_orders_hold_without_core(s):
    for n in range(3):
        s.serve("/care/Patient/p%d" % n, patient_body(n))
    s.core.order(1, 3, "cut1")
    s.core.order(2, 2, "899700000009", since=1700000000)
    time.sleep(0.1)
    s.core.stop()
    try:
        assert s.get("/care/Patient/p0", X_Session="cut1")[0] == 403
        who = {"X_Professional": "899700000009", "X_Session": "up1"}
        assert s.get("/care/Patient/p0", X_Auth_Time="1699999999",
                     **who)[0] == 401
        assert s.get("/care/Patient/p0", X_Auth_Time="1700000001",
                     **who)[0] == 200, "lifted by a newer authentication"
    finally:
        back(s)
        s.core.order(1, 0, "cut1")
        s.core.order(2, 0, "899700000009")


def attempts_of_a_cut_session_are_told_and_fill_nothing(s):
    s.serve("/care/Patient/p0", patient_body(0))
    s.core.order(1, 3, "thief")
    time.sleep(0.1)
    count = 60
    start = time.monotonic()
    for n in range(count):
        assert s.get("/care/Patient/p0", X_Session="thief")[0] == 403
        if n == 0:
            s.core.wait(lambda: s.core.asks, 0.5)
            assert s.core.asks[0]["attempts"] == 1, "the first at once"
    assert s.get("/care/Patient/p0", X_Session="fine")[0] == 200
    assert s.upstream.seen and len(s.upstream.seen) == 1

    def told():
        return [a for a in s.core.asks if a["flags"] & REFUSED]

    s.core.wait(lambda: sum(a["attempts"] for a in told()) >= count, 3)
    assert sum(a["attempts"] for a in told()) == count
    assert len(told()) <= 2 + (time.monotonic() - start), len(told())
    assert all(a["session"] == "thief" and a["phase"] == BEFORE
               and not a["persons"] for a in told())
    # many who are cut share the table; those beyond it are counted
    s.core.order(2, 3, "899700000666")
    time.sleep(0.1)
    s.core.reset()
    for n in range(300):
        assert s.get("/care/Patient/p0", X_Session="m%d" % n,
                     X_Professional="899700000666")[0] == 403
    s.core.wait(lambda: sum(a["attempts"] for a in told()) + sum(
        m["refused"] for m in s.core.missed) == 300, 4)
    s.core.order(2, 0, "899700000666")
    s.core.stop()
    try:
        for n in range(5):
            assert s.get("/care/Patient/p0", X_Session="thief")[0] == 403
        time.sleep(1.2)
    finally:
        s.core.missed = []
        back(s)
    s.core.wait(lambda: sum(m["refused"] for m in s.core.missed) == 5)
    s.core.order(1, 0, "thief")


def orders_are_told_to_a_core_that_comes_back(s):
    s.serve("/care/Patient/p0", patient_body(0))
    s.core.stop()
    s.core.standing = [(1, "cut2", 3, 0)]
    back(s)
    assert s.get("/care/Patient/p0", X_Session="cut2")[0] == 403
    s.core.stop()
    s.core.standing = []
    back(s)
    assert s.get("/care/Patient/p0", X_Session="cut2")[0] == 200


def a_cut_holds_until_all_orders_are_told_anew(s):
    s.serve("/care/Patient/p0", patient_body(0))
    s.core.order(1, 3, "kept")
    time.sleep(0.1)
    s.core.stop()
    s.core.standing = [(1, "another", 3, 0), (1, "kept", 3, 0)]
    s.core.ordering.clear()
    s.core.start()
    try:
        time.sleep(1.2)  # greeted, and told of the first
        assert s.get("/care/Patient/p0", X_Session="kept")[0] == 403
    finally:
        s.core.ordering.set()
        s.core.ready()
        s.core.order(1, 0, "another")
        s.core.order(1, 0, "kept")
        time.sleep(0.1)
    assert s.get("/care/Patient/p0", X_Session="kept")[0] == 200


def observe_blocks_nothing_and_says_so(s):
    s.serve("/seen/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: CUT
    s.core.order(1, 3, "watched")
    for method in ("GET", "POST"):
        status, _, got = s.request(method, "/seen/Patient/p1",
                                   X_Session="watched")
        assert (status, got) == (200, patient_body(1)), status
    assert all(a["flags"] & OBSERVE for a in s.core.asks) and s.core.asks
    s.core.order(1, 0, "watched")
    s.core.stop()
    try:
        assert s.get("/seen/Patient/p1")[0] == 200
    finally:
        back(s)


def break_glass_works_without_core(s):
    s.serve("/glass/Patient/p1", patient_body(1))
    assert s.get("/glass/Patient/p1", X_Reason="urgence")[0] == 200
    assert s.core.asks[0]["flags"] & BREAK_GLASS
    assert s.core.asks[0]["reason"] == "urgence"
    assert s.core.asks[0]["flags"] & DURABLE
    s.core.stop()
    try:
        assert s.get("/glass/Patient/p1", X_Session="glass")[0] == 200
    finally:
        back(s)


def writes_go_on_where_care_comes_first(s):
    s.serve("/care/Patient", patient_body(77), status=201)
    s.core.stop()
    try:
        assert s.request("POST", "/care/Patient", b"{}")[0] == 201
    finally:
        back(s)
    s.core.wait(lambda: s.core.missed)


def a_hostile_core_is_left_and_tried_again(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    for junk in (b"\x04", b"\x09abc", b"\x05" + b"\xff" * 18,
                 b"\x02\x02\x00" + KEY, b"\x04" + b"\0" * 25, b"x" * 61441,
                 b"\x0a", b"\x0a\0\0", b"\x0a\x01\0\0\0",
                 b"\x0a\xff\xff" + b"\x01\0\x04" * 9,
                 b"\x0a\x02\0" + b"\x03\0\x0a\0\0" * 2):
        greeted = len(s.core.hellos)
        for peer in list(s.core.peers):
            peer.send(junk)
        s.core.wait(lambda n=greeted: len(s.core.hellos) > n)
        time.sleep(0.1)
        assert s.get("/fhir/Patient/p1")[0] == 200, junk[:4]
    assert s.nginx.poll() is None
    assert "exited on signal" not in s.errors()


def another_version_is_refused(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.stop()
    s.core.welcome_version = VERSION - 1
    s.core.start()
    time.sleep(0.3)
    assert s.get("/fhir/Patient/p1")[0] == 503
    s.core.stop()
    s.core.welcome_version = VERSION
    back(s)
    assert s.get("/fhir/Patient/p1")[0] == 200


def a_core_that_falls_behind_is_given_time(s):
    body = bundle_body(0, 700)
    s.serve("/patient/Patient", body)
    s.core.reading.clear()
    got = []
    threads = [threading.Thread(target=lambda: got.append(
        s.get("/patient/Patient"))) for _ in range(30)]
    try:
        for thread in threads:
            thread.start()
        time.sleep(1)
        assert got == []
    finally:
        s.core.reading.set()
    for thread in threads:
        thread.join(20)
    assert [(status, text) for status, _, text in got] == [(200, body)] * 30
    assert sum(len(a["persons"]) for a in s.core.asks) == 30 * 700


def workers(s):
    return subprocess.run(["pgrep", "-P", str(s.nginx.pid)], check=False,
                          capture_output=True, text=True).stdout.split()


def a_worker_ends_without_core(s):
    s.core.stop()
    try:
        time.sleep(0.2)
        before = set(workers(s))
        s.reload()
        deadline = time.monotonic() + 5
        while before & set(workers(s)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not before & set(workers(s)) and workers(s)
    finally:
        back(s)
    s.serve("/fhir/Patient/p1", patient_body(1))
    assert s.get("/fhir/Patient/p1")[0] == 200


SERVER = """
location /patient/ {
    vigie on; vigie_timeout 15s; proxy_pass http://127.0.0.1:%(upstream)d;
}
vigie_timeout 400ms;
location /care/ {
    vigie on; vigie_failure open; vigie_private_cap 5; vigie_service care;
    vigie_worst_case 2;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location /seen/ {
    vigie observe; proxy_pass http://127.0.0.1:%(upstream)d;
}
location /glass/ {
    vigie on; vigie_break_glass on; vigie_reason $http_x_reason;
    vigie_durable on;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
"""

if __name__ == "__main__":
    sys.exit(run([
        closed_serves_nothing_without_core,
        open_serves_within_the_private_cap,
        a_core_that_comes_and_goes_gives_no_new_cap,
        what_cannot_be_labelled_spends_the_cap_too,
        a_list_over_the_cap_is_refused_whole,
        a_silent_core_is_waited_for_and_then_the_policy_holds,
        a_core_that_dies_decides_what_waits,
        standing_orders_hold_without_core,
        attempts_of_a_cut_session_are_told_and_fill_nothing,
        orders_are_told_to_a_core_that_comes_back,
        a_cut_holds_until_all_orders_are_told_anew,
        observe_blocks_nothing_and_says_so,
        break_glass_works_without_core,
        writes_go_on_where_care_comes_first,
        a_hostile_core_is_left_and_tried_again,
        another_version_is_refused,
        a_core_that_falls_behind_is_given_time,
        a_worker_ends_without_core,
    ], lambda: Stand(SERVER)))
