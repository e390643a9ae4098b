#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A batch that is posted may read: it is judged by what its body asks for,
and upstream gets the very bytes that were judged."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403


def batch(*methods, padding=0):
    return json.dumps({
        "resourceType": "Bundle", "type": "batch", "x": "y" * padding,
        "entry": [{"request": {"method": m, "url": "Patient/p%d" % n}}
                  for n, m in enumerate(methods)]}).encode()


def post(s, body, type_="application/fhir+json", path="/fhir", **headers):
    """(status, body of the answer); keeps what upstream was sent."""
    def route(h):
        s.sent = h.body
        h.reply(200, "application/fhir+json", bundle_body(0, 3))

    s.sent = None
    s.upstream.routes[path] = route
    status, _, got = s.request("POST", path, body, Content_Type=type_,
                               **headers)
    return status, got


def before_then(decision):
    return lambda ask: RELEASE if ask["phase"] == BEFORE else decision


def a_batch_of_reads_is_judged_as_a_read(s):
    for body in (batch("GET"), batch("GET", "HEAD", padding=300000),
                 batch(*["GET"] * 1500)):
        s.core.reset()
        assert post(s, body) == (200, bundle_body(0, 3))
        assert s.sent == body, "the same bytes"
        assert [a["phase"] for a in s.core.asks] == [BEFORE, LAST]
        for ask in s.core.asks:
            assert ask["flags"] & SEARCH and not ask["flags"] & WRITE, ask
            assert not ask["flags"] & UNLABELLED
        s.core.decide = before_then(CUT)
        status, got = post(s, body)
        assert status == 403 and b"Nom" not in got, status
        s.core.decide = lambda ask: STEP_UP
        assert post(s, body)[0] == 401 and s.sent is None


def what_reads_and_writes_passes_only_where_nothing_stands(s):
    for type_, body in (("application/fhir+json", batch("GET", "PUT")),
                        ("application/fhir+json", batch("GET") + b"}"),
                        ("application/json", batch("GET")[:-9]),
                        ("application/fhir+xml", b"<Bundle/>"),
                        ("text/xml", b"<Bundle/>"),
                        ("application/fhir+json", batch("GET", "PUT",
                                                        padding=5 << 20))):
        s.core.reset()
        s.core.decide = before_then(CUT)
        assert post(s, body, type_) == (200, bundle_body(0, 3)), type_
        assert s.sent == body
        before, last = s.core.asks
        assert before["flags"] & WRITE and before["flags"] & UNLABELLED
        assert before["worst_case"] == 20
        assert names([last]) == ["p0", "p1", "p2"], "labelled and billed"
        s.core.decide = lambda ask: STEP_UP
        status, got = post(s, body, type_)
        assert status == 401 and s.sent is None, "nothing was written"


def a_body_in_disguise_is_both(s):
    s.core.decide = lambda ask: STEP_UP if ask["flags"] & UNLABELLED \
        else RELEASE
    assert post(s, gzipped(batch("PUT")), Content_Encoding="gzip")[0] == 401
    assert post(s, batch("GET", "PUT"), "image/png, application/json"
                )[0] == 401
    with socket.create_connection(("127.0.0.1", s.port), 5) as c:
        body = batch("GET", "PUT")
        c.sendall(b"POST /fhir HTTP/1.1\r\nHost: x\r\nX-Session: s1\r\n"
                  b"Connection: close\r\nContent-Length: %d\r\n\r\n"
                  % len(body) + body)
        assert b" 401 " in c.recv(4096).split(b"\r\n")[0], "without a type"


def writes_stay_writes(s):
    for path, type_, body in (
            ("/fhir", "application/fhir+json", batch("POST", "DELETE")),
            ("/fhir", "application/json", b'{"order":1}'),
            ("/fhir", "application/x-www-form-urlencoded", b"a=b"),
            ("/fhir", "image/png", b"\x89PNG"),
            ("/fhir", "application/fhir+json", b""),
            ("/fhir/Patient", "application/fhir+json", batch("GET")),
            ("/fhir/$process-message", "application/fhir+json",
             batch("GET"))):
        s.core.reset()
        s.core.decide = before_then(CUT)
        assert post(s, body, type_, path)[0] == 200, (path, type_)
        assert s.sent == body
        assert s.core.asks[0]["flags"] & (WRITE | UNLABELLED) == WRITE


def a_body_that_comes_slowly_is_waited_for(s):
    body = batch("GET", padding=40000)
    s.core.decide = before_then(CUT)
    post(s, b"")
    s.core.reset()
    s.core.decide = before_then(CUT)
    s.upstream.seen.clear()
    with socket.create_connection(("127.0.0.1", s.port), 10) as c:
        head = (b"POST /fhir HTTP/1.1\r\nHost: x\r\nX-Session: s1\r\n"
                b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
                b"Content-Type: application/json\r\n%s\r\n")
        for last in (b"", b"Connection: close\r\n"):
            c.sendall(head % last)
            assert b" 100 " in c.recv(100)
            for at in range(0, len(body), 9000):
                piece = body[at:at + 9000]
                c.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(0.03)
            c.sendall(b"0\r\n\r\n")
            got = b""
            while b" 403 " not in got or b"help desk" not in got:
                more = c.recv(65536)
                assert more, got
                got += more
    assert s.sent == body and len(s.upstream.seen) == 2
    # one that never comes is forgotten with its client
    with socket.create_connection(("127.0.0.1", s.port), 10) as c:
        c.sendall(b"POST /fhir HTTP/1.1\r\nHost: x\r\nX-Session: s1\r\n"
                  b"Content-Length: 500\r\n\r\n{")
        time.sleep(0.1)
    s.core.decide = lambda ask: RELEASE
    assert post(s, batch("GET"))[0] == 200


def without_core_batches_spend_the_cap_before_they_pass(s):
    s.core.order(1, 2, "narrow", since=2000000000)
    time.sleep(0.1)
    s.core.stop()
    try:
        for body, wanted in ((batch("GET", "PUT"), 401), (batch("GET"), 401),
                             (batch("PUT"), 200)):
            assert post(s, body, path="/care/fhir",
                        X_Session="narrow")[0] == wanted, body
        got = [post(s, batch("GET", "PUT"), path="/care/fhir",
                    X_Session="capped")[0] for _ in range(4)]
        assert got == [200, 200, 503, 503], got
    finally:
        s.core.start()
        s.core.ready()
    s.core.order(1, 0, "narrow")
    time.sleep(0.1)


def observe_judges_batches_too(s):
    s.core.decide = lambda ask: STEP_UP
    for body, flags in ((batch("GET"), SEARCH),
                        (batch("GET", "PUT"), WRITE | SEARCH)):
        s.core.asks.clear()
        assert post(s, body, path="/seen/fhir") == (200, bundle_body(0, 3))
        assert s.sent == body
        assert s.core.asks[1]["flags"] & (WRITE | SEARCH) == flags


SERVER = """
client_max_body_size 20m;
location /care/ {
    vigie on; vigie_failure open; vigie_private_cap 20; vigie_service care;
    vigie_worst_case 8; proxy_pass http://127.0.0.1:%(upstream)d;
}
location /seen/ { vigie observe; proxy_pass http://127.0.0.1:%(upstream)d; }
"""

if __name__ == "__main__":
    sys.exit(run([
        a_batch_of_reads_is_judged_as_a_read,
        what_reads_and_writes_passes_only_where_nothing_stands,
        a_body_in_disguise_is_both,
        writes_stay_writes,
        a_body_that_comes_slowly_is_waited_for,
        without_core_batches_spend_the_cap_before_they_pass,
        observe_judges_batches_too,
    ], lambda: Stand(SERVER)))
