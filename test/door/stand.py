# SPDX-License-Identifier: EUPL-1.2
"""What the door's tests stand on: a real nginx with the module, unprivileged
on free loopback ports, an upstream and a core written here. Knows the wire
format by its own reading of wire/*.h."""
import contextlib
import gzip
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
MODULE = os.path.join(ROOT, os.environ.get("B", "build"),
                      "door/ngx_http_vigie_module.so")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
RELEASE, STEP_UP, CUT, REFUSE = 1, 2, 3, 4
BEFORE, WINDOW, LAST = 1, 2, 3
(WRITE, SEARCH, UNLABELLED, DURABLE, OBSERVE, BREAK_GLASS, MORE, CUT_SHORT,
 REQUESTED, REFUSED) = (1 << i for i in range(10))
VERSION = 4
KEY = bytes(range(16))


def sip(key, data):
    """The low half of SipHash-2-4-128."""
    mask = (1 << 64) - 1

    def rotl(x, b):
        return ((x << b) | (x >> (64 - b))) & mask

    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee,
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & mask
            v[1] = rotl(v[1], 13) ^ v[0]
            v[0] = rotl(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = rotl(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = rotl(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = rotl(v[1], 17) ^ v[2]
            v[2] = rotl(v[2], 32)

    whole = len(data) // 8 * 8
    words = [struct.unpack_from("<Q", data, i)[0] for i in range(0, whole, 8)]
    words.append(int.from_bytes(data[whole:], "little") | len(data) % 256 << 56)
    for word in words:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xee
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def tag(name):
    return sip(KEY, name.encode()) or 1


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, size):
        value = int.from_bytes(self.data[self.at:self.at + size], "little")
        self.at += size
        return value

    def text(self, errors="strict"):
        """Names of persons are UTF-8; what a client sends is what it is."""
        size = self.number(2)
        value = self.data[self.at:self.at + size].decode("utf-8", errors)
        self.at += size
        return value


def read_ask(data):
    r = Reader(data)
    assert r.number(1) == 3
    ask = {}
    for name, size in (("number", 8), ("phase", 1), ("flags", 2),
                       ("status", 2), ("time", 8), ("auth_time", 8),
                       ("worst_case", 4), ("attempts", 4),
                       ("interaction", 1),
                       ("resource", 2), ("place_kind", 1), ("place_at", 8),
                       ("place_rest", 4)):
        ask[name] = r.number(size)
    for name in ("professional", "session", "address", "device", "request",
                 "service", "controller", "reason"):
        ask[name] = r.text("replace")
    ask["persons"] = []
    for _ in range(r.number(2)):
        person = {"name": r.text(), "identifier": r.text()}
        person["categories"] = r.number(2)
        person["third"] = r.number(2)
        ask["persons"].append(person)
    ask["joins"] = []
    for _ in range(r.number(2)):
        join = {"name": r.text(), "as": r.text(), "identifier": r.text()}
        join["categories"] = r.number(2)
        ask["joins"].append(join)
    assert r.at == len(data), "an ask with bytes left over"
    return ask


def messages_of(packet):
    """wire/batch.h"""
    if packet[0] != 10:
        return [packet]
    count, at, messages = int.from_bytes(packet[1:3], "little"), 3, []
    for _ in range(count):
        size = int.from_bytes(packet[at:at + 2], "little")
        messages.append(packet[at + 2:at + 2 + size])
        at += 2 + size
    assert at == len(packet) and count > 1, "a batch that is not one"
    return messages


class Core:
    """Answers as self.decide(ask) says; None is silence."""

    def __init__(self, path):
        self.path = path
        self.decide = lambda ask: RELEASE
        self.asks, self.missed, self.hellos = [], [], []
        self.standing = []
        self.welcome_version = VERSION
        self.lock = threading.Condition()
        self.peers, self.listener = [], None
        self.reading, self.ordering = threading.Event(), threading.Event()
        self.reading.set()
        self.ordering.set()

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o777)
        self.listener.listen(64)
        threading.Thread(target=self.accept, args=(self.listener,),
                         daemon=True).start()

    def stop(self):
        if self.listener:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        for peer in list(self.peers):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            self.forget(peer)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def forget(self, peer):
        with self.lock:
            if peer in self.peers:
                self.peers.remove(peer)

    def accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,),
                             daemon=True).start()

    def order(self, scope, verdict, name, since=0):
        """scope 1: a session, 2: a professional; to all workers."""
        packet = self.order_packet(scope, verdict, 0, tag(name), since)
        self.standing = [o for o in self.standing if o[:2] != (scope, name)]
        if verdict:
            self.standing.append((scope, name, verdict, since))
        for peer in list(self.peers):
            with contextlib.suppress(OSError):
                peer.send(packet)

    @staticmethod
    def order_packet(scope, verdict, last, tag_, since):
        return struct.pack("<BBBBQQ", 5, scope, verdict, last, tag_, since)

    def serve(self, peer):
        with contextlib.suppress(OSError):
            self.hellos.append(peer.recv(65536))
            peer.send(struct.pack("<BH", 2, self.welcome_version) + KEY)
            for scope, name, verdict, since in self.standing:
                peer.send(self.order_packet(scope, verdict, 0, tag(name),
                                            since))
                self.ordering.wait()
            peer.send(self.order_packet(3, 0, 1, 0, 0))
            with self.lock:
                self.peers.append(peer)
                self.lock.notify_all()
            while True:
                self.reading.wait()
                data = peer.recv(65536)
                if not data:
                    break
                for message in messages_of(data):
                    self.reading.wait()
                    self.packet(peer, message)
        self.forget(peer)
        peer.close()

    def packet(self, peer, data):
        if data[0] == 6:
            r = Reader(data)
            r.number(1)
            keys = ("number", "from", "to", "released", "refused", "persons")
            missed = {key: r.number(8) for key in keys}
            missed["service"] = r.text("replace")
            with self.lock:
                self.missed.append(missed)
                self.lock.notify_all()
            self.answer(peer, missed["number"], RELEASE)
            return
        ask = read_ask(data)
        with self.lock:
            self.asks.append(ask)
            self.lock.notify_all()
        if ask["flags"] & MORE:
            return
        decision = self.decide(ask)
        if decision is not None:
            self.answer(peer, ask["number"], decision)

    @staticmethod
    def answer(peer, number, decision, since=1700000000):
        peer.send(struct.pack("<BQBQQ", 4, number, decision, since, 0))

    def wait(self, what, seconds=5):
        """Until what() holds."""
        with self.lock:
            assert self.lock.wait_for(what, seconds), "core waited in vain"

    def ready(self, peers=1):
        self.wait(lambda: len(self.peers) >= peers)
        time.sleep(0.03)

    def reset(self):
        with self.lock:
            self.asks, self.missed = [], []
        self.decide = lambda ask: RELEASE


class Upstream:
    """Routes: path → function(handler). Remembers what it was asked."""

    def __init__(self, context=None):
        """context: of ssl, where it speaks TLS."""
        self.routes, self.seen = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.body = self.rfile.read(length)
                outer.seen.append((self.command, self.path,
                                   dict(self.headers.items())))
                route = outer.routes.get(self.path.split("?")[0])
                if route is None:
                    self.reply(404, "text/plain", b"")
                else:
                    route(self)

            do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any
            do_QUERY = do_PROPFIND = handle_any

            def reply(self, status, type_, body, **headers):
                self.send_response(status)
                self.send_header("Content-Type", type_)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                if self.command != "HEAD" and body:
                    self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


CONF = """
%(globals)s
load_module %(home)s/door.so;
pid %(home)s/nginx.pid;
error_log %(home)s/error.log info;
worker_processes %(workers)d;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path %(home)s/body;
    proxy_temp_path %(home)s/proxy;
    fastcgi_temp_path %(home)s/fastcgi;
    uwsgi_temp_path %(home)s/uwsgi;
    scgi_temp_path %(home)s/scgi;
    vigie_socket %(home)s/core.sock;
    vigie_session $http_x_session;
    vigie_professional $http_x_professional;
    vigie_auth_time $http_x_auth_time;
    vigie_service dmp;
    vigie_contact "01 23 45 67 89 <aide>";
    %(http)s
    server {
        listen 127.0.0.1:%(port)d;
        listen 127.0.0.1:%(port2)d http2;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        location / {
            vigie on;
            proxy_pass http://127.0.0.1:%(upstream)d;
        }
        %(server)s
    }
}
"""


class Stand:
    def __init__(self, server="", http_="", globals_="", workers=1,
                 environment=None):
        # nobody has to reach it, which the folder of the run does not allow
        self.home = tempfile.mkdtemp(
            prefix="vigie-door-", dir="/tmp" if os.getuid() == 0 else None)
        os.chmod(self.home, 0o777)
        shutil.copy(MODULE, os.path.join(self.home, "door.so"))
        os.chmod(os.path.join(self.home, "door.so"), 0o755)
        self.upstream = Upstream()
        self.core = Core(os.path.join(self.home, "core.sock"))
        self.port, self.port2 = free_port(), free_port()
        self.words = {"home": self.home, "workers": workers,
                      "globals": globals_, "http": http_, "port": self.port,
                      "port2": self.port2, "upstream": self.upstream.port}
        self.words["server"] = server % self.words
        self.environment = environment
        self.nginx = None
        self.alerts = []

    def __enter__(self):
        self.core.start()
        self.start()
        self.core.ready(self.words["workers"])
        return self

    def __exit__(self, kind, *_):
        if kind:
            print(self.errors())
        self.stop()

    def start(self):
        conf = os.path.join(self.home, "nginx.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(CONF % self.words)
        as_whom = {}
        if os.getuid() == 0:
            as_whom = {"user": 65534, "group": 65534, "extra_groups": []}
        environment = dict(os.environ, **(self.environment or {}))
        environment.update(self.sanitizers())
        self.nginx = subprocess.Popen(
            [NGINX, "-p", self.home, "-e", self.home + "/error.log", "-c",
             conf, "-g", "daemon off;"], env=environment, **as_whom)
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            if self.nginx.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError("nginx does not start: " + self.errors())

    def sanitizers(self):
        """A module of the sanitizer build goes into the stock binary."""
        if not os.environ.get("B", "").endswith("asan"):
            return {}
        found = [subprocess.run(["gcc", "-print-file-name=lib%s.so" % name],
                                check=True, capture_output=True,
                                text=True).stdout.strip()
                 for name in ("asan", "ubsan")]
        log = "log_path=%s/sanitizer" % self.home
        return {"LD_PRELOAD": " ".join(found),
                "ASAN_OPTIONS": log + ":detect_leaks=0:handle_segv=0",
                "UBSAN_OPTIONS": log + ":print_stacktrace=1"}

    def findings(self):
        """What the sanitizers wrote; nginx takes over stderr."""
        for name in sorted(os.listdir(self.home)):
            if name.startswith("sanitizer"):
                with open(os.path.join(self.home, name),
                          encoding="utf-8", errors="replace") as log:
                    yield from log.read().splitlines()[:60]

    def errors(self):
        with contextlib.suppress(OSError):
            with open(self.home + "/error.log", encoding="utf-8") as log:
                return "".join(line for line in log if "[info]" not in line
                               and "[notice]" not in line)
        return ""

    def reload(self):
        self.nginx.send_signal(signal.SIGHUP)

    def stop(self):
        if self.nginx and self.nginx.poll() is None:
            self.nginx.send_signal(signal.SIGTERM)
            try:
                self.nginx.wait(10)
            except subprocess.TimeoutExpired:
                self.nginx.kill()
                self.nginx.wait()
        self.core.stop()
        self.upstream.stop()
        self.alerts = [line for line in self.errors().splitlines()
                       if "[alert]" in line or "[emerg]" in line
                       or "[crit]" in line]
        self.alerts += self.findings()
        shutil.rmtree(self.home, ignore_errors=True)

    def request(self, method, path, body=None, port=None, **headers):
        """(status, headers, body); session s1 unless told."""
        sent = {"X-Session": "s1", "X-Professional": "899700000001"}
        sent.update({k.replace("_", "-"): v for k, v in headers.items()})
        c = http.client.HTTPConnection("127.0.0.1", port or self.port,
                                       timeout=15)
        try:
            c.request(method, path, body, sent)
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, \
                r.read()
        finally:
            c.close()

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def serve(self, path, body, type_="application/fhir+json", status=200,
              **headers):
        self.upstream.routes[path] = lambda h: h.reply(
            status, type_, body, **headers)


def patient(number, padding=0):
    return {"resourceType": "Patient", "id": "p%d" % number,
            "name": [{"family": "Nom%d" % number, "given": ["x" * padding]}]}


def patient_body(number, padding=0):
    return json.dumps(patient(number, padding)).encode()


def bundle_body(first, count, padding=0):
    return json.dumps({
        "resourceType": "Bundle", "type": "searchset", "total": count,
        "entry": [{"fullUrl": "http://x/Patient/p%d" % n,
                   "resource": patient(n, padding)}
                  for n in range(first, first + count)]}).encode()


def names(asks):
    return sorted({p["name"].split("/")[-1] for a in asks
                   for p in a["persons"]})


def run(cases, stand, crashes=0):
    """Each case is a function; its name is the sentence. stand: makes the
    one they share. crashes: workers that the cases kill themselves."""
    if NGINX is None or not os.path.exists(MODULE):
        print("ok door # SKIP nginx, nginx-dev (script/setup) or make door "
              "is missing")
        return 0
    failed = 0
    wanted = sys.argv[1:]
    with stand() as shared:
        for case in cases:
            if wanted and case.__name__ not in wanted:
                continue
            shared.core.reset()
            shared.upstream.routes, shared.upstream.seen = {}, []
            try:
                case(shared)
                print("ok %s" % case.__name__)
            except Exception:  # noqa: BLE001: any failure is one case's
                failed += 1
                traceback.print_exc(file=sys.stdout)
                print(shared.errors()[-3000:])
                print("not ok %s" % case.__name__)
            sys.stdout.flush()
    killed = [line for line in shared.alerts if "exited on signal" in line]
    alerts = [line for line in shared.alerts if line not in killed]
    wrong = bool(alerts) or (not wanted and len(killed) != crashes)
    if wrong:
        print("\n".join(alerts + killed))
    print("%sok nginx_raised_no_alert" % ("not " * wrong))
    return 1 if failed or wrong else 0


def gzipped(body):
    return gzip.compress(body)
