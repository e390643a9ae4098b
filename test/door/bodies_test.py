#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Hostile bodies through the running door: mutated, cut, in pieces of any
size, with any status and type, decided at random. What is released is byte
for byte what upstream sent; what is refused shows nothing. SEED, COUNT."""
import glob
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403

SEED = int(os.environ.get("SEED", random.randrange(10**6)))
COUNT = int(os.environ.get("COUNT", 600))
SHARED = os.environ.get("VIGIE_SHARED") or os.path.join(ROOT, "..", "shared")
TYPES = ["application/fhir+json"] * 6 + [
    "application/fhir+ndjson", "application/fhir+json; charset=utf-8",
    "Application/FHIR+JSON", "text/html", "application/xml", ""]
STATUSES = [200] * 8 + [201, 206, 404, 410, 500, 503]
draw = random.Random(SEED)


def seeds():
    found = [patient_body(1), bundle_body(0, 30, 200), bundle_body(0, 3, 40000),
             b"", b"{}", b"[", b"\0" * 3000, b"\xff" * 70000, b"[" * 5000,
             b'{"resourceType":"Patient","id":"' + b"x" * 200000 + b'"}',
             b"\n".join(patient_body(n) for n in range(300))]
    for path in sorted(glob.glob(
            os.path.join(SHARED, "data/fhir/**/*.json"), recursive=True)):
        if os.path.getsize(path) < 300000:
            with open(path, "rb") as file:
                found.append(file.read())
    return found


def mutated(body):
    body = bytearray(body)
    for _ in range(draw.choice([0, 0, 1, 3, 20])):
        if not body:
            break
        at = draw.randrange(len(body))
        what = draw.randrange(5)
        if what == 0:
            body[at] = draw.randrange(256)
        elif what == 1:
            body[at:at] = draw.choice([b"{", b"}", b"[", b"]", b'"', b"\\",
                                       b"\\u0000", b",", b":", b"\xf0"])
        elif what == 2:
            del body[at:at + draw.randrange(1, 50)]
        elif what == 3:
            body[at:at] = body[at:at + draw.randrange(1, 400)]
        else:
            del body[at:]
    return bytes(body)


def routed(body, type_, status, pieces, cut):
    def route(h):
        h.send_response(status)
        if type_:
            h.send_header("Content-Type", type_)
        sent = body[:len(body) // 2] if cut else body
        if pieces == 0:
            h.send_header("Content-Length", str(len(body)))
            h.end_headers()
            h.wfile.write(sent)
        else:
            h.send_header("Transfer-Encoding", "chunked")
            h.end_headers()
            for at in range(0, len(sent), pieces):
                piece = sent[at:at + pieces]
                h.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if not cut:
                h.wfile.write(b"0\r\n\r\n")
        if cut:
            h.close_connection = True
    return route


def one(s, n, bodies):
    body = mutated(draw.choice(bodies))
    cut = draw.random() < 0.1 and len(body) > 10
    pieces = draw.choice([0, 0, 0, 1 + len(body) // 3, 7 + len(body) // 40])
    prefix = draw.choice(["/fhir", "/small", "/raw"])
    path = "%s/%d" % (prefix, n)
    s.upstream.routes[path] = routed(body, draw.choice(TYPES),
                                     draw.choice(STATUSES), pieces, cut)
    try:
        status, _, got = s.get(path, X_Session="s%d" % (n % 7),
                               Accept_Encoding="gzip")
    except http.client.IncompleteRead as broken:
        got, status = broken.partial, 0
        assert body.startswith(got)
    except (http.client.HTTPException, ConnectionError):
        return "broken"
    finally:
        del s.upstream.routes[path]
    if status in (401, 403, 502) and got != body:
        assert len(got) < 1000 and b"family" not in got, (status, got[:200])
        return "refused"
    if status:
        assert got == body and not cut, (path, status, len(got), len(body))
    return "released" if status else "broken"


def whatever_upstream_sends_is_whole_or_refused(s):
    bodies = seeds()
    decide = random.Random(SEED + 1)
    s.core.decide = lambda ask: decide.choice(
        [RELEASE] * 7 + [STEP_UP, CUT, REFUSE])
    seen = {"released": 0, "refused": 0, "broken": 0}
    for n in range(COUNT):
        seen[one(s, n, bodies)] += 1
    print("# %s" % seen)
    assert seen["released"] > COUNT // 3 and seen["refused"] > COUNT // 20


SERVER = """
location /small/ { vigie on; vigie_hold 8k;
    proxy_pass http://127.0.0.1:%(upstream)d; }
location /raw/ { vigie on; proxy_buffering off; vigie_hold 20k;
    proxy_pass http://127.0.0.1:%(upstream)d; }
"""

if __name__ == "__main__":
    print("# SEED=%d" % SEED)
    sys.exit(run([whatever_upstream_sends_is_whole_or_refused],
                 lambda: Stand(SERVER)))
