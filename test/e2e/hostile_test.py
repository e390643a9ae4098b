#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Bad input and odd imports, end to end: what is refused is told with its
file, offset and rule; what is good beside it is kept; memory stays bounded;
a content is read once, whatever its name; order and overlap change nothing."""
import copy
import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

VIGIE = os.environ.get("VIGIE", "build/vigie")
HOME = tempfile.mkdtemp(dir=os.environ.get("TMPDIR", "/tmp"))
failed = 0

EVENT = {
    "resourceType": "AuditEvent",
    "type": {"code": "rest"},
    "subtype": [{"code": "read"}],
    "action": "R", "recorded": "2026-03-02T09:00:00.000Z", "outcome": "0",
    "agent": [
        {"type": {"coding": [{"code": "110152"}]}, "requestor": False,
         "who": {"identifier": {"value": "poste-1"}},
         "network": {"address": "192.0.2.10", "type": "2"}},
        {"type": {"coding": [{"code": "IRCP"}]}, "requestor": True,
         "policy": ["urn:ietf:params:oauth:jti:j-1"],
         "who": {"identifier": {"value": "899700427869"}}}],
    "source": {"observer": {"display": "srv"}},
    "entity": [{"type": {"code": "1"}, "role": {"code": "1"},
                "what": {"reference": "Patient/1"}}],
}


def tell(name, wrong):
    global failed
    print(("not ok " if wrong else "ok ") + name, flush=True)
    if wrong:
        print("# " + str(wrong)[:2000])
    failed += bool(wrong)


def event(number, **changes):
    """Event `number`: a minute and a person of its own."""
    made = copy.deepcopy(EVENT)
    made["recorded"] = "2026-03-%02dT%02d:%02d:00.000Z" % (
        2 + number // 1440, number // 60 % 24, number % 60)
    made["entity"][0]["what"]["reference"] = "Patient/%d" % number
    made.update(changes)
    return made


def write(name, content):
    path = os.path.join(HOME, name)
    with open(path, "wb") as out:
        out.write(content if isinstance(content, bytes)
                  else content.encode("utf-8"))
    return path


def lines(events):
    return "".join(json.dumps(e) + "\n" for e in events)


def replay(*words, data=None, stdin=None, bounded=None):
    command = [VIGIE, "replay", "--json"]
    if data:
        command += ["--data", os.path.join(HOME, data),
                    "--keys", os.path.join(HOME, data + ".keys")]
    done = subprocess.run(command + list(words), input=stdin,
                          capture_output=True)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    refused = [json.loads(line) for line in done.stderr.splitlines()
               if line.startswith(b'{"kind":"refused"')]
    summary = out[-1] if out and out[-1]["kind"] == "summary" else {}
    return done.returncode, summary, refused, out, done.stderr.decode()


def same(name, got, expected):
    return [] if got == expected else ["%s: %r is not %r" % (
        name, got, expected)]


# -- bad records between good ones -----------------------------------------

GOOD = json.dumps(event(1))
BAD = {
    "deep nesting": '{"resourceType":"AuditEvent","x":' + "[" * 100000,
    "a NUL byte in a name": GOOD.replace("899700427869", "8997\x00"),
    "invalid UTF-8": GOOD.encode().replace(b"poste-1", b"poste\xff\xfe"),
    "an overlong form": GOOD.encode().replace(b"poste-1", b"\xc0\xaf"),
    "a date in 1899": json.dumps(event(1, recorded="1899-12-31T00:00:00Z")),
    "a date in 2999": json.dumps(event(1, recorded="2999-01-01T00:00:00Z")),
    "no date that exists": json.dumps(
        event(1, recorded="2026-02-30T00:00:00Z")),
    "entity said twice": GOOD[:-1] + ',"entity":[]}',
    "recorded said twice": GOOD[:-1] + ',"recorded":"2020-01-01T00:00:00Z"}',
    "a brace too many": GOOD + "}",
    "a record cut in the middle": GOOD[:len(GOOD) // 2],
    "a trailing comma": GOOD[:-1] + ",}",
    "65 persons and more": json.dumps(
        event(1, entity=EVENT["entity"] * 200)),
    "agents without end": json.dumps(event(1, agent=EVENT["agent"] * 50)),
}
HARMLESS = {
    "a number beyond 2^63": GOOD[:-1] + ',"x":123456789012345678901234567890}',
    "a number like 1e999": GOOD[:-1] + ',"x":1e999}',
    "an unknown member twice": GOOD[:-1] + ',"x":1,"x":2}',
}


def bad_records():
    for name, record in sorted(BAD.items()):
        if isinstance(record, str):
            record = record.encode("utf-8")
        content = (lines([event(2)]).encode() + record + b"\n"
                   + lines([event(3)]).encode())
        code, summary, refused, _, _ = replay(write("bad.ndjson", content))
        wrong = same("exit", code, 0) + same(
            "events", summary.get("events"), 2)
        if not refused:
            wrong.append("nothing was refused")
        for one in refused:
            if set(one) != {"kind", "file", "offset", "rule", "field"} \
                    or not one["rule"]:
                wrong.append(one)
        start = len(lines([event(2)]))
        if refused and not start <= refused[0]["offset"] <= len(content):
            wrong.append("offset %d" % refused[0]["offset"])
        tell("refused between two good ones: " + name, wrong)
    for name, record in sorted(HARMLESS.items()):
        code, summary, refused, _, _ = replay(
            write("odd.ndjson", record + "\n"))
        tell("accepted: " + name, same("exit", code, 0) + same(
            "events", summary.get("events"), 1) + same("refused", refused, []))


def long_line():
    """100 MB without a newline: refused, and never held."""
    path = os.path.join(HOME, "long.ndjson")
    with open(path, "wb") as out:
        out.write(lines([event(2)]).encode())
        out.write(b'{"resourceType":"AuditEvent","x":"')
        for _ in range(100):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n')
        out.write(lines([event(3)]).encode())
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    code, summary, refused, _, _ = replay(path)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    wrong = same("exit", code, 0) + same("events", summary.get("events"), 2)
    wrong += same("rules", [r["rule"] for r in refused], ["record-bytes-max"])
    # sanitizers multiply memory; the bound is for the ordinary build
    if "asan" not in VIGIE and peak > max(before, 200 << 10):
        wrong.append("peak %d kB" % peak)
    tell("a line of 100 MB is refused within bounded memory", wrong)
    os.unlink(path)


def nothing_good():
    code, _, refused, _, _ = replay(write("x.ndjson", "{\n{]\n"))
    tell("nothing accepted: exit 2", same("exit", code, 2)
         + ([] if refused else ["nothing refused"]))
    code, _, _, _, _ = replay(os.path.join(HOME, "absent.ndjson"))
    tell("a file that is not there: exit 2", same("exit", code, 2))
    code, _, refused, _, text = replay("--quiet", write(
        "q.ndjson", "{]\n" + lines([event(1)])))
    tell("--quiet counts and does not list",
         same("exit", code, 0) + same("refused", refused, []))
    code, _, _, _, text = replay(write("name.ndjson", lines(
        [event(1)]) + GOOD.replace("Patient/1", "Patient/MARTIN-1979")[:-9]))
    tell("no value of a record in a refusal", [text] if "MARTIN" in text
         or "8997" in text else [])


# -- imports ----------------------------------------------------------------

def same_content():
    plain = lines(event(n) for n in range(50))
    first = write("one.ndjson", plain)
    again = write("other-name.log", plain)
    packed = write("packed.bin", gzip.compress(plain.encode()))
    code, summary, _, _, _ = replay(first, data="same")
    wrong = same("exit", code, 0) + same("events", summary["events"], 50)
    for path in (first, again, packed):
        code, summary, _, _, text = replay(path, data="same")
        wrong += same("exit of " + path, code, 2)
        wrong += same("files refused", summary.get("files_refused"), 1)
    code, summary, _, _, _ = replay("--again", again, data="same")
    wrong += same("exit of --again", code, 0)
    wrong += same("disclosures of --again", summary["disclosures"], 0)
    wrong += same("duplicates", summary["duplicates"], 50)
    code, summary, _, _, _ = replay(first, packed)
    wrong += same("in one run", summary["events"], 50)
    tell("the same content under any name or compression is read once", wrong)


def grown_file():
    path = write("grown.ndjson", lines(event(n) for n in range(30)))
    replay(path, data="grown")
    write("grown.ndjson", lines(event(n) for n in range(45)))
    code, summary, _, _, _ = replay(path, data="grown")
    tell("a grown file: what came behind is counted",
         same("exit", code, 0) + same("new", summary["disclosures"], 15)
         + same("known", summary["duplicates"], 30))
    cut = lines(event(n) for n in range(60))[:-100]
    write("grown.ndjson", cut)
    code, summary, refused, _, _ = replay(path, data="grown")
    wrong = same("truncated", [r["rule"] for r in refused],
                 ["record-truncated"]) + same(
                     "new", summary["disclosures"], 14)
    write("grown.ndjson", lines(event(n) for n in range(60)))
    code, summary, _, _, _ = replay(path, data="grown")
    tell("a record cut at the end is said, and taken when it is whole",
         wrong + same("then", summary["disclosures"], 1))


def overlapping():
    a = write("a.ndjson", lines(event(n) for n in range(0, 60)))
    b = write("b.ndjson", lines(event(n) for n in range(40, 100)))
    _, summary, _, _, _ = replay(a, b)
    wrong = same("one run", summary["disclosures"], 100)
    replay(a, data="over")
    _, summary, _, _, _ = replay(b, data="over")
    tell("overlapping exports count each record once",
         wrong + same("two runs", summary["disclosures"], 40))
    twice = write("twice.ndjson", lines([event(1), event(1), event(2)]))
    _, summary, _, _, _ = replay(twice)
    tell("one file that says the same twice, without ids, says it twice",
         same("disclosures", summary["disclosures"], 3))


def clean(out):
    return [line for line in out if line["kind"] == "alert"]


def any_order():
    """Sorted, newest first, shuffled, one Bundle, in pieces: the same alerts
    in event time; clocks that go back are nothing special."""
    path = os.path.join(HOME, "region.ndjson")
    subprocess.run([VIGIE, "simulate", "--seed", "11", "--professionals", "20",
                    "--days", "8", "--out", path, "--truth", path + ".truth"],
                   check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(path, encoding="utf-8") as source:
        records = source.read().splitlines()
    shuffled = list(records)
    random.Random(7).shuffle(shuffled)
    third = len(records) // 3
    forms = {
        "newest first": ["\n".join(reversed(records)) + "\n"],
        "shuffled": ["\n".join(shuffled) + "\n"],
        "a searchset, newest first": [
            '{"resourceType":"Bundle","type":"searchset","entry":[' + ",".join(
                '{"resource":%s}' % r for r in reversed(records)) + "]}"],
        "three files, the last part first": [
            "\n".join(part) + "\n" for part in (
                records[2 * third:], records[:third],
                records[third:2 * third])],
    }
    _, _, _, out, _ = replay(path)
    expected = clean(out)
    times = [a["time"] for a in expected]
    tell("alerts come in event time",
         same("order", times, sorted(times))
         + ([] if expected else ["no alerts to compare"]))
    for name, parts in sorted(forms.items()):
        paths = [write("part%d" % i, part) for i, part in enumerate(parts)]
        _, _, _, out, _ = replay(*paths)
        tell("the same alerts from: " + name,
             same("alerts", clean(out), expected))
    os.unlink(path)


def growing_while_read():
    """A writer appends while the file is read: each record is accepted,
    refused as truncated, or not there yet; none is lost afterwards."""
    path = write("live.ndjson", "")
    records = [json.dumps(event(n)) + "\n" for n in range(4000)]

    def writer():
        with open(path, "ab") as out:
            for record in records:
                data = record.encode()
                out.write(data[:100])
                out.flush()
                out.write(data[100:])
                out.flush()

    thread = threading.Thread(target=writer)
    thread.start()
    seen = 0
    wrong = []
    for _ in range(3):
        time.sleep(0.02)
        code, summary, refused, _, _ = replay(path, data="live")
        seen += summary.get("disclosures", 0)
        if len(refused) > 1 or any(
                r["rule"] != "record-truncated" for r in refused):
            wrong.append(refused[:3])
    thread.join()
    _, summary, refused, _, _ = replay("--again", path, data="live")
    seen += summary.get("disclosures", 0)
    tell("a file that grows while it is read",
         wrong + same("disclosures", seen, len(records))
         + same("refused at last", refused, []))


def main():
    try:
        bad_records()
        long_line()
        nothing_good()
        same_content()
        grown_file()
        overlapping()
        any_order()
        growing_while_read()
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
