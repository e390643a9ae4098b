#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Checkpoints leave a running vigie: to a folder, to a witness (vigie witness
itself), to a timestamp authority (openssl ts behind a small HTTP server on the
loopback). Proofs are checked without the machine; a ledger that was set back
is known to the witness."""
import glob
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time

VIGIE = os.environ.get("VIGIE", "build/vigie")
FOLDER = os.path.join(os.environ.get("TMPDIR", "/tmp"), "evidence")
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


def path(*names):
    return os.path.join(FOLDER, *names)


def run(*arguments):
    return subprocess.run([VIGIE, "--lang", "en", *arguments],
                          capture_output=True, text=True)


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)
    return path(name)


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def wait_for(condition, seconds=20):
    for _ in range(seconds * 20):
        if condition():
            return True
        time.sleep(0.05)
    return False


def replay(seed):
    trail = path("trail-%d.ndjson" % seed)
    run("simulate", "--seed", str(seed), "--days", "2", "--professionals",
        "10", "--out", trail, "--truth", path("truth"))
    return run("replay", "--data", path("data"), "--keys", path("keys"),
               "--quiet", trail)


class Authority(http.server.BaseHTTPRequestHandler):
    """openssl ts, asked over HTTP as RFC 3161 §3.4 says."""
    lies = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(path("query.tsq"), "wb") as file:
            file.write(body)
        done = subprocess.run(
            ["openssl", "ts", "-reply", "-queryfile", path("query.tsq"),
             "-signer", path("tsa.pem"), "-inkey", path("tsa.key"),
             "-config", path("tsa.cnf"), "-out", path("reply.tsr")],
            capture_output=True)
        with open(path("reply.tsr"), "rb") as file:
            reply = bytearray(file.read())
        if Authority.lies:
            reply[-1] ^= 1
        self.send_response(200 if done.returncode == 0 else 500)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(bytes(reply))

    def log_message(self, *_):
        pass


def make_authority():
    write("tsa.cnf", """[tsa]
default_tsa = one
[one]
serial = %s
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
[ext]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[req]
distinguished_name = dn
[dn]
""" % path("serial"))
    write("serial", "01\n")
    for command in (
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem "
            "-days 2 -subj /CN=ca",
            "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr "
            "-subj /CN=tsa -config tsa.cnf",
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key "
            "-CAcreateserial -out tsa.pem -days 2 -extfile tsa.cnf "
            "-extensions ext"):
        subprocess.run(["openssl", *command.split()], cwd=FOLDER, check=True,
                       capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d/tsa" % server.server_address[1]


def start_witness(logs):
    # the leak checker cannot look from within the sandbox
    environment = dict(os.environ, ASAN_OPTIONS=os.environ.get(
        "ASAN_OPTIONS", "") + ":detect_leaks=0")
    process = subprocess.Popen(
        [VIGIE, "--lang", "en", "witness", "--state", path("state"), "--keys",
         path("witness-keys"), "--name", "witness.test/1", "--log", logs,
         "--listen", "unix:" + path("w.sock")], stderr=subprocess.PIPE,
        env=environment)
    wait_for(lambda: os.path.exists(path("w.sock")))
    return process


def start_vigie():
    with open(path("log"), "ab") as log:
        process = subprocess.Popen(
            [VIGIE, "--lang", "en", "run", "-c", path("vigie.conf")],
            stderr=log)
    wait_for(lambda: "ready" in read(path("log")))
    return process


def stop(process):
    process.terminate()
    return process.wait(30)


def journal():
    return read_bytes(path("data", "checkpoints", "journal"))


def read_bytes(name):
    with open(name, "rb") as file:
        return file.read()


def records(kind):
    return journal().count(b"\n" + kind + b" ")


def prepare():
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(path("out"))
    first = replay(1)
    check("an import signs a checkpoint",
          first.returncode == 0 and records(b"note") == 1, first.stderr)
    key = run("checkpoint", "--data", path("data"), "--keys", path("keys"),
              "--vkey").stdout
    witness = run("witness", "--keys", path("witness-keys"), "--name",
                  "witness.test/1", "--vkey").stdout
    write("log.key", key)
    write("witness.key", witness)
    url = make_authority()
    write("vigie.conf", """data %s; keys %s; door %s; operator-socket %s;
operators %s;
checkpoint-every 1;
checkpoint-file %s;
witness unix:%s %s;
timestamp %s %s;
""" % (path("data"), path("keys"), path("door.sock"), path("op.sock"), USER,
       path("out"), path("w.sock"), witness.strip(), url, path("ca.pem")))


def leaves():
    vigie = start_vigie()
    good = wait_for(lambda: glob.glob(path("out", "*.checkpoint")) and
                    records(b"cosignature") == 1 and
                    records(b"timestamp") == 1)
    check("a checkpoint goes to the folder, the witness and the authority",
          good, read(path("log")))
    check("the daemon ends cleanly", stop(vigie) == 0, read(path("log")))
    verified = run("verify", "--data", path("data"), "--key",
                   path("witness.key"), "--key", path("log.key"), "--tsa-ca",
                   path("ca.pem"))
    check("verify takes the cosignature and the timestamp",
          verified.returncode == 0 and
          "1 cosignatures (0 by" in verified.stdout and
          "timestamp: " in verified.stdout, verified.stdout + verified.stderr)
    other = run("verify", "--data", path("data"), "--tsa-ca",
                path("tsa.pem"))
    check("a timestamp under another CA is found", other.returncode == 1 and
          "timestamp-not-verified" in other.stdout, other.stdout)
    held = run("verify", "--key", path("witness.key"), "--key",
               path("log.key"), path("data", "checkpoints", "latest"))
    check("the cosigned checkpoint names its witness", held.returncode == 0 and
          "cosigned by witness.test/1" in held.stdout, held.stdout)


def goes_on():
    shutil.copy(path("data", "checkpoints", "latest"), path("old"))
    replay(2)
    before = records(b"cosignature")
    vigie = start_vigie()
    check("the witness follows from the size that it knows",
          wait_for(lambda: records(b"cosignature") > before and
                   records(b"timestamp") > 1), read(path("log")))
    stop(vigie)
    shutil.copy(path("data", "checkpoints", "latest"), path("new"))
    proof = run("prove", "--data", path("data"), "--checkpoints", path("old"),
                path("new"))
    write("consistency", proof.stdout)
    checked = run("verify", "--key", path("log.key"), path("consistency"))
    check("two checkpoints are proved to go on from each other",
          proof.returncode == 0 and checked.returncode == 0,
          proof.stderr + checked.stdout)
    back = run("prove", "--data", path("data"), "--checkpoints", path("new"),
               path("old"))
    check("but not the other way round", back.returncode == 2)


def proves():
    proof = run("prove", "--data", path("data"), "--row", "17")
    write("proof", proof.stdout)
    checked = run("verify", "--key", path("log.key"), "--key",
                  path("witness.key"), path("proof"))
    check("a row is proved, with its witness", checked.returncode == 0 and
          "row 17: " in checked.stdout and "cosigned by" in checked.stdout,
          proof.stderr + checked.stdout)
    without = run("verify", path("proof"))
    check("without a key nothing is believed", without.returncode == 2)
    lines = proof.stdout.split("\n")
    wrong = 0
    for at in range(len(lines)):
        for place in range(0, len(lines[at]), 5):
            letter = "B" if lines[at][place] == "A" else "A"
            changed = lines[at][:place] + letter + lines[at][place + 1:]
            if changed == lines[at]:
                continue
            write("changed", "\n".join(lines[:at] + [changed] +
                                       lines[at + 1:]))
            done = run("verify", "--key", path("log.key"), "--key",
                       path("witness.key"), path("changed"))
            # a cosigner of another name is a stranger: passed over
            stranger = lines[at].startswith("\u2014 witness") and \
                "cosigned" not in done.stdout
            if done.returncode == 0 and not stranger:
                wrong += 1
    check("every changed letter of a proof is found", wrong == 0, wrong)
    tiles = run("tiles", "--data", path("data"), "--to", path("tiles"))
    checked = run("verify", "--key", path("log.key"), path("tiles"))
    check("tiles lead to the checkpoint", tiles.returncode == 0 and
          checked.returncode == 0, tiles.stderr + checked.stdout)


def objects(*arguments):
    """What a command prints with --json, an object a line, and its code."""
    done = run(*arguments, "--json")
    return ([json.loads(line) for line in done.stdout.splitlines()],
            done.returncode)


def says_json():
    told, _ = objects("prove", "--data", path("data"), "--row", "17")
    write("proof", told[0].pop("proof"))
    size = told[0]["size"]
    check("a proof as an object", told == [{
        "kind": "inclusion", "row": 17, "size": size}], told)
    keys = ["--key", path("log.key"), "--key", path("witness.key")]
    read_back, code = objects("verify", *keys, path("proof"))
    check("its text is what verify takes", code == 0 and
          [each["kind"] for each in read_back] == ["row", "cosigned"] and
          read_back[0]["row"] == 17 and
          read_back[1]["by"] == "witness.test/1", read_back)
    told, _ = objects("prove", "--data", path("data"), "--checkpoints",
                      path("old"), path("new"))
    write("consistency", told[0].pop("proof"))
    read_back, code = objects("verify", *keys, path("consistency"))
    check("a consistency proof as an object", code == 0 and
          told[0]["kind"] == "consistency" and read_back[0] == {
              "kind": "consistent", "old": told[0]["old"],
              "size": told[0]["size"]}, read_back)
    held, code = objects("verify", *keys, path("new"))
    check("a checkpoint as an object", code == 0 and
          held[0]["kind"] == "checkpoint" and held[0]["size"] == size and
          len(held[0]["root"]) == 64, held)
    write("changed", read(path("new")).replace("vigie/", "vigiE/"))
    held, code = objects("verify", *keys, path("changed"))
    check("a wrong checkpoint as an object", code == 1 and
          held[0]["kind"] == "wrong", held)


def is_lied_to():
    replay(3)
    Authority.lies = True
    before = records(b"timestamp")
    vigie = start_vigie()
    check("a timestamp that does not hold is refused with its reason",
          wait_for(lambda: "timestamp-not-verified" in read(path("log"))),
          read(path("log")))
    stop(vigie)
    check("and not kept", records(b"timestamp") == before)


def is_set_back(copy):
    shutil.rmtree(path("data"))
    shutil.copytree(copy, path("data"))
    vigie = start_vigie()
    check("a ledger that was set back is known to its witness",
          wait_for(lambda: "has seen a later state" in read(path("log"))),
          read(path("log")))
    stop(vigie)
    held = run("verify", "--data", path("data"), "--key", path("log.key"),
               path("new"))
    check("and to whoever holds a checkpoint", held.returncode == 1 and
          "checkpoint-ahead" in held.stdout, held.stdout)


def main():
    if shutil.which("openssl") is None:
        print("ok evidence # SKIP openssl is not here")
        return 0
    prepare()
    witness = start_witness(path("log.key"))
    leaves()
    shutil.copytree(path("data"), path("copy"))
    goes_on()
    proves()
    says_json()
    is_lied_to()
    is_set_back(path("copy"))
    check("the witness ends cleanly", stop(witness) == 0)
    shutil.rmtree(FOLDER, ignore_errors=True)
    return 1 if failed else 0


sys.exit(main())
