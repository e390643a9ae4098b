#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Every way in which a body was seen to pass by a filter of nginx."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403


def no_body(got, person=b"Nom"):
    assert person not in got, got[:200]


def the_front_compresses_after_the_door_has_read(s):
    body = bundle_body(0, 50)
    s.serve("/zip/Patient", body)
    status, headers, got = s.get("/zip/Patient", Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip", headers
    assert gzip.decompress(got) == body and status == 200
    assert len(names(s.core.asks)) == 50
    assert s.upstream.seen[0][2]["Accept-Encoding"] == "identity"


def an_upstream_that_compresses_anyway_is_unlabelled(s):
    body = gzipped(patient_body(1))
    s.serve("/fhir/Patient/p1", body, Content_Encoding="gzip")
    status, _, got = s.get("/fhir/Patient/p1", Accept_Encoding="gzip")
    assert (status, got) == (200, body)
    assert s.upstream.seen[0][2]["Accept-Encoding"] == "identity"
    assert s.core.asks[0]["flags"] & UNLABELLED
    assert s.core.asks[0]["worst_case"] == 20
    s.core.decide = lambda ask: CUT
    assert s.get("/fhir/Patient/p1")[0] == 403


def a_range_is_never_asked_for_nor_given(s):
    body = bundle_body(0, 20)
    s.serve("/fhir/Patient", body, Accept_Ranges="bytes")
    for path in ("/fhir/Patient", "/files/list.json"):
        status, headers, got = s.get(path, Range="bytes=100-199",
                                     If_Range='"x"')
        assert status == 200 and got.startswith(b'{"resource'), status
        assert "content-range" not in headers
        assert "accept-ranges" not in headers, headers
    assert got == s.file_body
    assert "Range" not in s.upstream.seen[0][2]
    assert "If-Range" not in s.upstream.seen[0][2]


def a_partial_answer_of_upstream_is_unlabelled(s):
    for headers in ({}, {"Content_Range": "bytes 0-70/100"}):
        s.core.reset()
        s.serve("/fhir/Patient/p1", patient_body(1), status=206, **headers)
        assert s.get("/fhir/Patient/p1")[0] == 206
        assert s.core.asks[0]["flags"] & UNLABELLED, headers
    s.core.decide = lambda ask: CUT
    no_body(s.get("/fhir/Patient/p1")[2])


def a_head_discloses_nothing(s):
    s.serve("/fhir/Patient/p1", patient_body(1), ETag='"p1"')
    status, headers, got = s.request("HEAD", "/fhir/Patient/p1")
    assert status == 200 and got == b"" and "etag" not in headers


def nothing_is_revalidated(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    conditions = {"If_Modified_Since": "Wed, 21 Oct 2035 07:28:00 GMT",
                  "If_None_Match": "*"}
    for path in ("/fhir/Patient/p1", "/files/list.json"):
        status, headers, got = s.get(path, **conditions)
        assert status == 200 and got, (path, status)
        assert headers["cache-control"] == "no-store"
        assert "last-modified" not in headers and "etag" not in headers
    assert "If-Modified-Since" not in s.upstream.seen[0][2]
    assert "If-None-Match" not in s.upstream.seen[0][2]
    s.serve("/fhir/Patient/p1", b"", status=304)
    s.core.reset()
    s.get("/fhir/Patient/p1")
    assert s.core.asks[0]["flags"] & UNLABELLED, "what the browser kept"


def a_redirect_inside_stays_guarded(s):
    s.serve("/fhir/a", b"", X_Accel_Redirect="/open/Patient/p1")
    s.serve("/fhir/b", b"", X_Accel_Redirect="/openfiles/list.json")
    s.serve("/open/Patient/p1", patient_body(1))
    for path in ("/fhir/a", "/fhir/b"):
        s.core.reset()
        status, headers, _ = s.get(path)
        assert status == 200 and len(names(s.core.asks)) >= 1, path
        assert headers["cache-control"] == "no-store"
        s.core.decide = lambda ask: CUT
        status, _, got = s.get(path)
        assert status == 403, (path, status)
        no_body(got)


def an_error_page_stays_guarded(s):
    s.serve("/errors/Patient", patient_body(9), status=500)
    s.serve("/open/Patient/p1", patient_body(1))
    s.serve("/errors/named", b"", status=404)
    s.serve("/errors/static", b"", status=403)
    for path in ("/errors/Patient", "/errors/named", "/errors/static"):
        s.core.reset()
        assert s.get(path)[0] in (404, 500, 403)
        assert len(names(s.core.asks)) >= 1, path
        s.core.decide = lambda ask: STEP_UP
        status, _, got = s.get(path)
        assert status == 401, (path, status)
        no_body(got)


def pages_of_nginx_itself_are_not_billed(s):
    assert s.get("/dead/x")[0] == 502
    assert s.get("/forbidden/x")[0] == 403
    assert s.core.asks == [], s.core.asks
    s.core.stop()
    try:
        assert s.get("/dead/x")[0] == 502, "nor refused without core"
    finally:
        s.core.start()
        s.core.ready()


def a_fragment_of_a_page_is_labelled(s):
    page = b'<p><!--#include virtual="/fhir/Patient/p1" --></p>'
    s.serve("/openssi/page", page, "text/html")
    s.serve("/fhir/Patient/p1", patient_body(1))
    status, _, got = s.get("/openssi/page")
    assert status == 200 and b"Nom1" in got and got.endswith(b"</p>"), got
    assert names(s.core.asks) == ["p1"] and len(s.core.asks) == 1
    s.core.decide = lambda ask: CUT
    status, _, got = s.get("/openssi/page")
    assert status == 200 and got == b"<p></p>", got


def a_fragment_of_a_guarded_page_is_guarded(s):
    page = b'<p><!--#include virtual="/open/Patient/p1" --></p>'
    s.serve("/ssi/page", page, "text/html")
    s.serve("/open/Patient/p1", patient_body(1))
    status, _, got = s.get("/ssi/page")
    assert status == 200 and b"Nom1" in got
    assert names(s.core.asks) == ["p1"]
    s.core.decide = lambda ask: CUT if ask["persons"] else RELEASE
    status, _, got = s.get("/ssi/page")
    assert status == 200 and got == b"<p></p>", got


def the_question_to_the_sign_on_is_no_answer(s):
    s.serve("/fhir/auth", patient_body(5))
    s.serve("/asked/Patient/p1", patient_body(1))
    status, _, got = s.get("/asked/Patient/p1")
    assert (status, got) == (200, patient_body(1))
    assert names(s.core.asks) == ["p1"]
    assert s.core.asks[0]["session"] == "from-auth", "who is known by then"


def satisfy_any_does_not_pass_by(s):
    s.serve("/any/Patient", patient_body(1))
    s.core.decide = lambda ask: CUT
    status, _, got = s.request("POST", "/any/Patient", b"{}")
    assert status == 403 and s.upstream.seen == [], status


def files_arrive_whole_and_labelled(s):
    status, _, got = s.get("/files/list.json")
    assert (status, got) == (200, s.file_body)
    assert len(names(s.core.asks)) == 2000
    s.core.decide = lambda ask: CUT
    status, _, got = s.get("/files/list.json")
    assert status == 403
    no_body(got)


def cached_answers_are_labelled_each_time(s):
    body = bundle_body(0, 300, 400)
    s.serve("/cache/Patient", body)
    for n in range(3):
        s.core.reset()
        status, _, got = s.get("/cache/Patient")
        assert (status, got) == (200, body)
        assert len(names(s.core.asks)) == 300, n
    assert len(s.upstream.seen) == 1
    s.core.decide = lambda ask: CUT
    assert s.get("/cache/Patient")[0] == 403


def half(body):
    def route(h):
        h.send_response(200)
        h.send_header("Content-Type", "application/fhir+json")
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        h.wfile.write(body[:len(body) // 2])
        h.wfile.flush()
        h.connection.shutdown(socket.SHUT_RDWR)
        h.close_connection = True
    return route


def an_upstream_that_breaks_off_is_a_clean_502(s):
    s.upstream.routes["/fhir/Patient"] = half(bundle_body(0, 100))
    s.upstream.routes["/raw/Patient"] = half(bundle_body(0, 100))
    for path in ("/fhir/Patient", "/raw/Patient"):
        s.core.reset()
        status, _, got = s.get(path)
        assert status == 502, (path, status)
        no_body(got)
        s.core.wait(lambda: s.core.asks)
        assert s.core.asks[0]["flags"] & CUT_SHORT
        assert s.core.asks[0]["persons"] == []


def half_a_long_answer_ends_the_connection(s):
    body = bundle_body(0, 400, 500)
    s.upstream.routes["/small/Patient"] = half(body)
    try:
        _, _, got = s.get("/small/Patient")
    except http.client.IncompleteRead as broken:
        got = broken.partial
    assert 0 < len(got) < len(body) and body.startswith(got)
    s.core.wait(lambda: s.core.asks[-1]["flags"] & CUT_SHORT)
    told = set(names(s.core.asks))
    assert {"p%d" % n for n in range(400) if b'"Nom%d"' % n in got} <= told


def websocket(s, path):
    with socket.create_connection(("127.0.0.1", s.port), 5) as c:
        c.sendall(("GET %s HTTP/1.1\r\nHost: x\r\nX-Session: s1\r\n"
                   "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                   % path).encode())
        c.settimeout(5)
        return c.recv(4096)


def an_upgrade_is_refused(s):
    got = websocket(s, "/ws/x")
    assert b" 403 " in got.split(b"\r\n")[0], got
    assert s.upstream.seen == []


def an_upgrade_is_billed_where_nothing_is_blocked(s):
    def route(h):
        h.send_response(101)
        h.send_header("Upgrade", "websocket")
        h.send_header("Connection", "Upgrade")
        h.end_headers()
        h.wfile.write(b"hello")
        h.close_connection = True

    s.upstream.routes["/wsseen/x"] = route
    got = websocket(s, "/wsseen/x")
    assert b" 101 " in got.split(b"\r\n")[0], got
    s.core.wait(lambda: s.core.asks)
    assert s.core.asks[0]["flags"] & UNLABELLED
    assert s.core.asks[0]["status"] == 101


def an_upstream_that_upgrades_unasked_shows_nothing(s):
    def route(h):
        h.send_response(101)
        h.end_headers()
        h.wfile.write(patient_body(1))
        h.close_connection = True

    s.upstream.routes["/fhir/x"] = route
    try:
        no_body(s.get("/fhir/x")[2])
    except (http.client.HTTPException, ConnectionError):
        pass


def a_declared_stream_is_not_held(s):
    def route(h):
        h.send_response(200)
        h.send_header("Content-Type", "text/event-stream")
        h.end_headers()
        for _ in range(3):
            h.wfile.write(b"data: x\n\n")
            h.wfile.flush()
            time.sleep(0.4)
        h.close_connection = True

    s.upstream.routes["/raw/events"] = route
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", s.port), 5) as c:
        c.sendall(b"GET /raw/events HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        while b"data: x" not in got:
            got += c.recv(4096)
    assert time.monotonic() - start < 0.35
    assert s.core.asks == []


def without_buffering_it_is_labelled_all_the_same(s):
    body = bundle_body(0, 400, 500)
    s.serve("/raw/Patient", body)
    status, _, got = s.get("/raw/Patient")
    assert (status, got) == (200, body)
    assert len(names(s.core.asks)) == 400


def many_requests_share_one_connection(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: CUT if len(s.core.asks) % 3 == 0 else RELEASE
    one = (b"GET /fhir/Patient/p1 HTTP/1.1\r\nHost: x\r\nX-Session: s1\r\n"
           b"%s\r\n")
    with socket.create_connection(("127.0.0.1", s.port), 10) as c:
        c.sendall(one % b"" * 29 + one % b"Connection: close\r\n")
        got = b""
        while True:
            more = c.recv(65536)
            if not more:
                break
            got += more
    assert got.count(b"HTTP/1.1 200") == 20, got.count(b"HTTP/1.1 200")
    assert got.count(b"HTTP/1.1 403") == 10
    assert got.count(b"Nom1") == 20


# -- HTTP/2, as little of it as is needed --

class Two:
    STATUS = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400,
              0x8d: 404, 0x8e: 500}

    def __init__(self, port, c=None):
        self.c = c or socket.create_connection(("127.0.0.1", port), 10)
        window = (5 << 20).to_bytes(4, "big")
        self.c.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                       + self.frame(4, 0, 0, b"\0\4" + window)
                       + self.frame(8, 0, 0, window))
        self.status, self.body, self.ended = {}, {}, {}
        self.got = b""

    @staticmethod
    def frame(kind, flags, stream, data):
        return (len(data).to_bytes(3, "big") + bytes([kind, flags])
                + stream.to_bytes(4, "big") + data)

    def ask(self, stream, path, session=b"s1"):
        def field(name, value):
            return (b"\0" + bytes([len(name)]) + name + bytes([len(value)])
                    + value)
        head = (b"\x82\x86" + field(b":path", path)
                + field(b":authority", b"x") + field(b"x-session", session))
        self.c.sendall(self.frame(1, 5, stream, head))

    def exactly(self, size):
        while len(self.got) < size:
            more = self.c.recv(65536)
            if not more:
                raise EOFError
            self.got += more
        data, self.got = self.got[:size], self.got[size:]
        return data

    def read(self, streams):
        """Until all of them have ended: "end" or "reset"."""
        while not set(streams) <= set(self.ended):
            head = self.exactly(9)
            data = self.exactly(int.from_bytes(head[:3], "big"))
            kind, flags = head[3], head[4]
            stream = int.from_bytes(head[5:], "big")
            if kind == 4 and not flags & 1:
                self.c.sendall(self.frame(4, 1, 0, b""))
            elif kind == 1:
                while data[0] & 0xe0 == 0x20:
                    data = data[1:]
                self.status[stream] = self.STATUS.get(data[0]) \
                    or int(data[2:5])
            elif kind == 0:
                self.body[stream] = self.body.get(stream, b"") + data
            elif kind == 3:
                self.ended.setdefault(stream, "reset")
            if kind in (0, 1) and flags & 1:
                self.ended[stream] = "end"


def refusing_works_on_http_2(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.serve("/small/Patient", bundle_body(0, 400, 500))
    s.core.decide = lambda ask: CUT if ask["session"] == "bad" \
        or (ask["session"] == "late" and ask["persons"]
            and "p200" in names([ask])) else RELEASE
    two = Two(s.port2)
    two.ask(1, b"/fhir/Patient/p1")
    two.ask(3, b"/fhir/Patient/p1", b"bad")
    two.ask(5, b"/small/Patient", b"late")
    two.ask(7, b"/small/Patient")
    two.ask(9, b"/small/Patient", b"bad")
    two.read([1, 3, 5, 7, 9])
    assert two.status == {1: 200, 3: 403, 5: 200, 7: 200, 9: 403}, two.status
    assert two.body[1] == patient_body(1)
    no_body(two.body[3])
    no_body(two.body[9])
    assert two.ended[5] == "reset" and b'"Nom200"' not in two.body[5]
    assert two.body[7] == bundle_body(0, 400, 500), "others of it go on"


def a_cut_on_http_2_ends_its_streams_only(s):
    body = bundle_body(0, 8000, 500)
    s.serve("/fhir/Patient", body)
    s.serve("/fhir/Patient/p1", patient_body(1))
    two = Two(s.port2)
    two.ask(1, b"/fhir/Patient", b"two")
    time.sleep(0.5)
    s.core.order(1, 3, "two")
    time.sleep(0.1)
    two.ask(3, b"/fhir/Patient/p1", b"fine")
    two.ask(5, b"/fhir/Patient/p1", b"two")
    try:
        two.read([1, 3, 5])
    finally:
        s.core.order(1, 0, "two")
    assert two.ended[1] == "reset" and body.startswith(two.body[1])
    assert two.status[3] == 200 and two.status[5] == 403


SERVER = """
location /open/ { vigie off; proxy_pass http://127.0.0.1:%(upstream)d; }
location /openfiles/ { vigie off; alias %(home)s/files/; types { }
    default_type application/fhir+json; }
location /files/ { vigie on; sendfile on; alias %(home)s/files/; types { }
    default_type application/fhir+json; }
location /zip/ { vigie on; gzip on; gzip_types application/fhir+json;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /small/ {
    vigie on; vigie_hold 16k; proxy_pass http://127.0.0.1:%(upstream)d;
}
location /raw/ {
    vigie on; proxy_buffering off; vigie_hold 32k;
    vigie_types application/fhir+json=fhir text/event-stream=nobody;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location /errors/ {
    vigie on; proxy_intercept_errors on;
    error_page 500 /open/Patient/p1;
    error_page 404 @named;
    error_page 403 /openfiles/list.json;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location @named {
    vigie off; rewrite ^ /open/Patient/p1 break;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location /dead/ { vigie on; proxy_pass http://127.0.0.1:1; }
location /forbidden/ { vigie on; deny all; }
location /openssi/ { vigie off; ssi on;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /ssi/ { vigie on; ssi on; vigie_types text/html=nobody
    application/fhir+json=fhir; proxy_pass http://127.0.0.1:%(upstream)d; }
location /asked/ { vigie on; auth_request /fhir/auth;
    auth_request_set $whose from-auth; vigie_session $whose;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /any/ { vigie on; satisfy any; allow all; deny all;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /cache/ { vigie on; proxy_cache kept; proxy_cache_valid 200 1h;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /ws/ { vigie on; proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /wsseen/ { vigie observe; proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    proxy_pass http://127.0.0.1:%(upstream)d; }
"""


class Traps(Stand):
    def __init__(self):
        super().__init__(SERVER)
        self.words["http"] = ("proxy_cache_path %s/cache keys_zone=kept:1m;"
                              % self.home)
        self.file_body = bundle_body(0, 2000, 300)
        os.mkdir(self.home + "/files")
        with open(self.home + "/files/list.json", "wb") as out:
            out.write(self.file_body)
        os.chmod(self.home + "/files", 0o755)


if __name__ == "__main__":
    sys.exit(run([
        the_front_compresses_after_the_door_has_read,
        an_upstream_that_compresses_anyway_is_unlabelled,
        a_range_is_never_asked_for_nor_given,
        a_partial_answer_of_upstream_is_unlabelled,
        a_head_discloses_nothing,
        nothing_is_revalidated,
        a_redirect_inside_stays_guarded,
        an_error_page_stays_guarded,
        pages_of_nginx_itself_are_not_billed,
        a_fragment_of_a_page_is_labelled,
        a_fragment_of_a_guarded_page_is_guarded,
        the_question_to_the_sign_on_is_no_answer,
        satisfy_any_does_not_pass_by,
        files_arrive_whole_and_labelled,
        cached_answers_are_labelled_each_time,
        an_upstream_that_breaks_off_is_a_clean_502,
        half_a_long_answer_ends_the_connection,
        an_upgrade_is_refused,
        an_upgrade_is_billed_where_nothing_is_blocked,
        an_upstream_that_upgrades_unasked_shows_nothing,
        a_declared_stream_is_not_held,
        without_buffering_it_is_labelled_all_the_same,
        many_requests_share_one_connection,
        refusing_works_on_http_2,
        a_cut_on_http_2_ends_its_streams_only,
    ], Traps))
