#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""TLS 1.2 and 1.3 on both sides of the door, HTTP/1.1 and 2: what is held,
released window by window and refused is the same."""
import os
import ssl
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403
from traps_test import Two, half, no_body  # noqa: E402

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
BIG = bundle_body(0, 400, 3000)


def connect(s, version, two=False, buffer=None):
    context = ssl.create_default_context(cafile=s.home + "/cert.pem")
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2"] if two else ["http/1.1"])
    c = socket.socket()
    if buffer:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    c.settimeout(15)
    c.connect(("127.0.0.1", s.port_tls2 if two else s.port_tls))
    c = context.wrap_socket(c, server_hostname="localhost")
    assert c.version() == {VERSIONS[0]: "TLSv1.2",
                           VERSIONS[1]: "TLSv1.3"}[version]
    return c


def request(path, session="s1", more="Connection: close\r\n", method="GET"):
    return ("%s %s HTTP/1.1\r\nHost: localhost\r\nX-Session: %s\r\n%s\r\n"
            % (method, path, session, more)).encode()


def fetch(s, version, path, session="s1", pause=0, limit=None, buffer=None):
    """(head, what came of the body until the connection ended)"""
    with connect(s, version, buffer=buffer) as c:
        c.sendall(request(path, session))
        got = b""
        while limit is None or len(got) < limit:
            try:
                more = c.recv(16384)
            except (ssl.SSLError, ConnectionError):
                break
            if not more:
                break
            got += more
            if pause:
                time.sleep(pause)
    head, _, body = got.partition(b"\r\n\r\n")
    return head, body


def serve(s, path, body, **more):
    s.secret.routes[path] = lambda h: h.reply(200, "application/fhir+json",
                                              body, **more)


def long_answers_go_window_by_window(s):
    for version in VERSIONS:
        for path in ("/small/Patient", "/fhir/Patient"):
            s.core.reset()
            serve(s, path, BIG)
            head, got = fetch(s, version, path)
            assert b" 200 " in head.split(b"\r\n")[0] and got == BIG, (
                version, path, len(got))
            assert len(names(s.core.asks)) == 400
            assert len([a for a in s.core.asks if a["phase"] == WINDOW]) > (
                20 if "small" in path else 0)
            assert not any(a["flags"] & UNLABELLED for a in s.core.asks)


def refusals_show_nothing(s):
    for version in VERSIONS:
        serve(s, "/fhir/Patient/p1", patient_body(1))
        serve(s, "/small/Patient", BIG)
        for decision, status in ((STEP_UP, b" 401 "), (CUT, b" 403 ")):
            s.core.reset()
            s.core.decide = lambda ask, d=decision: d
            for path in ("/fhir/Patient/p1", "/small/Patient"):
                head, got = fetch(s, version, path)
                assert status in head.split(b"\r\n")[0], head
                no_body(got)


def a_refusal_in_the_middle_ends_the_connection(s):
    for version in VERSIONS:
        serve(s, "/small/Patient", BIG)
        s.core.reset()
        s.core.decide = lambda ask: RELEASE if len(s.core.asks) < 6 else CUT
        head, got = fetch(s, version, "/small/Patient")
        assert 0 < len(got) < len(BIG) and BIG.startswith(got), len(got)
        allowed = set(names(s.core.asks[:5]))
        assert {"p%d" % n for n in range(400)
                if b'"Nom%d"' % n in got} <= allowed


def a_pushed_cut_ends_a_download(s):
    for version in VERSIONS:
        serve(s, "/small/Patient", bundle_body(0, 9000, 500))
        done = []
        thread = threading.Thread(target=lambda v=version: done.append(fetch(
            s, v, "/small/Patient", "thief", 0.01, buffer=4096)))
        thread.start()
        time.sleep(0.6)
        s.core.order(1, 3, "thief")
        thread.join(20)
        s.core.order(1, 0, "thief")
        assert 0 < len(done[0][1]) < 4000000, len(done[0][1])


def many_requests_in_one_go_get_their_own_answers(s):
    for version in VERSIONS:
        serve(s, "/fhir/Patient/p1", patient_body(1))
        serve(s, "/small/Patient", bundle_body(0, 40, 1500))
        s.core.reset()
        s.core.decide = lambda ask: CUT if ask["session"] == "bad" \
            else RELEASE
        asked = []
        for n in range(30):
            # one that is refused while upstream still sends ends it all
            small = n % 5 == 4
            asked.append(request(
                "/small/Patient" if small else "/fhir/Patient/p1",
                "bad" if n % 3 == 2 and not small else "s1",
                "Connection: close\r\n" if n == 29 else ""))
        with connect(s, version) as c:
            c.sendall(b"".join(asked))
            got = b""
            while True:
                try:
                    more = c.recv(65536)
                except ssl.SSLError:
                    break
                if not more:
                    break
                got += more
        assert got.count(b"HTTP/1.1 200") == 22, got.count(b"HTTP/1.1 200")
        assert got.count(b"HTTP/1.1 403") == 8
        assert got.count(patient_body(1)) == 16
        assert got.count(b'"Nom39"') == 6, "chunked, and whole"


def http_2_is_refused_stream_by_stream(s):
    for version in VERSIONS:
        serve(s, "/fhir/Patient/p1", patient_body(1))
        serve(s, "/small/Patient", BIG)
        s.core.reset()
        s.core.decide = lambda ask: CUT if ask["session"] == "bad" \
            or (ask["session"] == "late" and ask["persons"]
                and "p200" in names([ask])) else RELEASE
        c = connect(s, version, two=True)
        assert c.selected_alpn_protocol() == "h2"
        two = Two(None, c)
        for stream, path, session in (
                (1, b"/fhir/Patient/p1", b"s1"),
                (3, b"/fhir/Patient/p1", b"bad"),
                (5, b"/small/Patient", b"late"),
                (7, b"/small/Patient", b"s1"),
                (9, b"/small/Patient", b"bad")):
            two.ask(stream, path, session)
        two.read([1, 3, 5, 7, 9])
        c.close()
        assert two.status == {1: 200, 3: 403, 5: 200, 7: 200, 9: 403}
        assert two.body[1] == patient_body(1) and two.body[7] == BIG
        no_body(two.body[3])
        no_body(two.body[9])
        assert two.ended[5] == "reset" and b'"Nom200"' not in two.body[5]


def a_slow_client_gets_every_byte(s):
    body = bundle_body(0, 500, 1000)
    for version in VERSIONS:
        for path in ("/small/Patient", "/fhir/Patient"):
            serve(s, path, body)
            _, got = fetch(s, version, path, pause=0.002, buffer=4096)
            assert got == body, (version, path, len(got))


def an_upstream_that_breaks_off_is_a_502(s):
    s.secret.routes["/fhir/Patient"] = half(bundle_body(0, 100))
    for version in VERSIONS:
        s.core.reset()
        head, got = fetch(s, version, "/fhir/Patient")
        assert b" 502 " in head.split(b"\r\n")[0], head
        no_body(got)
        s.core.wait(lambda: s.core.asks)
        assert s.core.asks[0]["flags"] & CUT_SHORT


def clients_that_leave_are_forgotten(s):
    serve(s, "/small/Patient", bundle_body(0, 3000, 500))
    for version in VERSIONS:
        for _ in range(5):
            fetch(s, version, "/small/Patient", limit=50000, buffer=4096)
        with connect(s, version) as c:
            c.sendall(request("/small/Patient"))
        serve(s, "/fhir/Patient/p1", patient_body(1))
        assert fetch(s, version, "/fhir/Patient/p1")[1] == patient_body(1)


SITE = """
server {
    listen 127.0.0.1:%(port)d %(how)s;
    ssl_certificate %(home)s/cert.pem;
    ssl_certificate_key %(home)s/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_ssl_protocols TLSv1.2 TLSv1.3;
    proxy_ssl_verify on;
    proxy_ssl_name localhost;
    proxy_ssl_trusted_certificate %(home)s/cert.pem;
    location / { vigie on; proxy_pass https://127.0.0.1:%(secret)d; }
    location /small/ {
        vigie on; vigie_hold 16k; proxy_pass https://127.0.0.1:%(secret)d;
    }
}
"""


class Tls(Stand):
    def __init__(self):
        super().__init__()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", self.home + "/key.pem", "-out",
             self.home + "/cert.pem"], check=True, capture_output=True)
        os.chmod(self.home + "/key.pem", 0o644)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.home + "/cert.pem",
                                self.home + "/key.pem")
        self.secret = Upstream(context)
        self.port_tls, self.port_tls2 = free_port(), free_port()
        self.words["http"] = "".join(
            SITE % {"home": self.home, "port": port, "how": how,
                    "secret": self.secret.port}
            for port, how in ((self.port_tls, "ssl"),
                              (self.port_tls2, "ssl http2")))

    def stop(self):
        self.secret.stop()
        super().stop()


if __name__ == "__main__":
    sys.exit(run([
        long_answers_go_window_by_window,
        refusals_show_nothing,
        a_refusal_in_the_middle_ends_the_connection,
        a_pushed_cut_ends_a_download,
        many_requests_in_one_go_get_their_own_answers,
        http_2_is_refused_stream_by_stream,
        a_slow_client_gets_every_byte,
        an_upstream_that_breaks_off_is_a_502,
        clients_that_leave_are_forgotten,
    ], Tls))
