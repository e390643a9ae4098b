#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The ledger at size beside SQLite, DuckDB and PostgreSQL 15: the same rows,
one run, every answer compared with a plain count made with the rows.

  bench/ledger_scale.py [ROWS [FOLDER]]

ROWS: 1,000,000; with more than PEERS (20,000,000) only vigie is measured. Our
import is the best of three. Hot: one process, one connection, the middle of
51 runs. Cold: files out of the page cache, a new process; opening included
(PostgreSQL: restarted, connecting not included). Wall time, except verify
(processor time)."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

B = os.environ.get("B", "build")
OURS = B + "/bench/ledger_scale"
ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
PEERS = int(os.environ.get("PEERS", "20000000"))
NAMES = ("number received source session professional person request service "
         "controller categories grade kind flags origin detail").split()
BIG = set(NAMES[:7]) | {"detail"}
INDEXES = ("session", "professional, source", "person")
PG = "/usr/lib/postgresql/15/bin/"
RUNS = 51
COMMITS = 100
# question: target cold, hot, in ms
TARGETS = {"scope_10_sessions": (4, 0.2), "scope_10_thieves": (10, 4),
           "professional_14_days": (4, 0.15), "person": (1.5, 0.035),
           "professional_all": (10, 1)}


def figure(name, value, unit, target, below):
    ok = value <= target if below else value >= target
    print("figure ledger_%s %.4g %s (target %s %g) %s"
          % (name, value, unit, "<=" if below else ">=", target,
             "ok" if ok else "short"), flush=True)


def run(*command, **more):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, **more).stdout


def evict(folder):
    for where, _, names in os.walk(folder):
        for name in names:
            fd = os.open(os.path.join(where, name), os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)


def size_of(folder):
    return sum(os.path.getsize(os.path.join(where, name))
               for where, _, names in os.walk(folder) for name in names)


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


class Question:
    def __init__(self, line):
        words = line.split()
        self.line, self.name = line + "\n", words[0]
        key, first, last, *rest = map(int, words[1:])
        self.answer = rest[:4]
        ids = ",".join(str(signed(i)) for i in rest[4:])
        column = ("session", "professional", "person")[key]
        where = "%s IN (%s)" % (column, ids)
        if last < (1 << 63) - 1:
            where += " AND source >= %d AND source < %d" % (first, last)
        if column == "person":
            where += " AND kind = 1"
        self.sql = ("SELECT count(*), sum(number), sum(request & 1048575), "
                    "sum(person & 1048575) FROM rows WHERE " + where)


class Sqlite:
    name = "SQLite"

    def __init__(self, folder):
        self.folder = folder
        self.file = folder + "/rows.sqlite"

    @staticmethod
    def create(key=""):
        return "CREATE TABLE rows (%s)" % ", ".join(
            n + " INTEGER" + (key if n == "number" else "") for n in NAMES)

    def load(self, csv):
        script = ["PRAGMA journal_mode=WAL;",
                  self.create(" PRIMARY KEY") + ";", ".mode csv", "BEGIN;",
                  ".import '%s' rows" % csv]
        script += ["CREATE INDEX i%d ON rows (%s);" % pair
                   for pair in enumerate(INDEXES)]
        start = time.perf_counter()
        run("sqlite3", self.file, input="\n".join(
            script + ["COMMIT;", "PRAGMA wal_checkpoint(TRUNCATE);"]))
        return time.perf_counter() - start

    def append(self, rows):
        link = sqlite3.connect(self.folder + "/append.sqlite",
                               isolation_level=None)
        link.execute("PRAGMA journal_mode=WAL")
        link.execute("PRAGMA synchronous=FULL")
        link.execute(self.create(" PRIMARY KEY"))
        for number, columns in enumerate(INDEXES):
            link.execute("CREATE INDEX i%d ON rows (%s)" % (number, columns))
        insert = "INSERT INTO rows VALUES (%s)" % ",".join("?" * len(NAMES))
        start = time.perf_counter()
        for at in range(0, len(rows), 1000):
            link.execute("BEGIN")
            link.executemany(insert, rows[at:at + 1000])
            link.execute("COMMIT")
        spent = time.perf_counter() - start
        link.close()
        os.remove(self.folder + "/append.sqlite")
        return spent

    def bytes(self):
        return os.path.getsize(self.file)

    def ask(self, questions, runs):
        told = {}
        start = time.perf_counter()
        link = sqlite3.connect(self.file)
        for question in questions:
            times = []
            for turn in range(-1 if runs > 1 else 0, runs):
                if runs > 1:
                    start = time.perf_counter()
                answer = link.execute(question.sql).fetchone()
                if turn >= 0:
                    times.append(time.perf_counter() - start)
            told[question.name] = (sorted(times)[runs // 2] * 1e3,
                                   [int(v or 0) for v in answer])
        link.close()
        return told

    def cold(self, question):
        evict(self.folder)
        return self.ask([question], 1)[question.name]

    def stop(self):
        pass


class Duckdb(Sqlite):
    name = "DuckDB"

    def __init__(self, folder, modules):
        super().__init__(folder)
        self.file = folder + "/rows.duckdb"
        self.modules = modules

    def node(self, *words, **more):
        return run("node", "bench/ledger_peer.mjs", self.modules, *words,
                   **more)

    def load(self, csv):
        self.csv = csv
        return float(self.node("load", self.file, csv))

    def append(self, rows):
        spent = float(self.node("append", self.folder + "/append.duckdb",
                                self.csv, str(len(rows) // 1000)))
        os.remove(self.folder + "/append.duckdb")
        return spent

    def ask(self, questions, runs):
        lines = self.node("ask", self.file, str(runs), input="\n".join(
            question.sql for question in questions)).splitlines()
        return {question.name: (float(line.split()[0]),
                                [int(v) for v in line.split()[1:]])
                for question, line in zip(questions, lines)}


class Postgres(Sqlite):
    name = "PostgreSQL"

    def __init__(self, folder):
        super().__init__(folder)
        self.data = folder + "/cluster"
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            os.chmod(os.path.dirname(folder), 0o755)
            self.as_user = ["setpriv", "--reuid=postgres",
                            "--regid=postgres", "--clear-groups"]
        else:
            self.as_user = []
        self.run(PG + "initdb", "-D", self.data, "-A", "trust")
        self.start()

    def run(self, *command, **more):
        return run(*self.as_user, *command, cwd="/", **more)

    def start(self):
        self.run(PG + "pg_ctl", "-D", self.data, "-w", "-l",
            self.folder + "/log", "-o",
            "-k %s -c listen_addresses= -c shared_buffers=1GB "
            "-c max_wal_size=8GB -c maintenance_work_mem=512MB" % self.folder,
            "start")

    def stop(self):
        self.run(PG + "pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def psql(self, text):
        return self.run(PG + "psql", "-h", self.folder, "-X", "-q", "-A", "-t",
                        "-F", " ", "-v", "ON_ERROR_STOP=1", "postgres",
                        input=text)

    @staticmethod
    def create(key=""):
        return "CREATE TABLE %%s (%s);\n" % ", ".join(
            n + (" bigint" if n in BIG else " integer") for n in NAMES)

    def load(self, csv):
        os.chmod(csv, 0o644)
        self.psql(self.create() % "rows")
        start = time.perf_counter()
        self.psql("COPY rows FROM '%s' (FORMAT csv);\n" % csv + "\n".join(
            "CREATE INDEX ON rows (%s);" % columns for columns in INDEXES))
        spent = time.perf_counter() - start
        self.psql("VACUUM ANALYZE rows; CHECKPOINT;")
        return spent

    def append(self, rows):
        self.psql(self.create() % "append" + "\n".join(
            "CREATE INDEX ON append (%s);" % columns for columns in INDEXES))
        text = "".join(
            "COPY append FROM STDIN (FORMAT csv);\n%s\n\\.\n" % "\n".join(
                ",".join(map(str, row)) for row in rows[at:at + 1000])
            for at in range(0, len(rows), 1000))
        start = time.perf_counter()
        self.psql(text)
        spent = time.perf_counter() - start
        self.psql("DROP TABLE append;")
        return spent

    def bytes(self):
        return int(self.psql("SELECT pg_total_relation_size('rows');"))

    def ask(self, questions, runs):
        told = {}
        for question in questions:
            turns = runs + 1 if runs > 1 else 1
            lines = self.psql("\\timing on\n" + (question.sql + ";\n") * turns)
            lines = lines.splitlines()
            times = [float(line.split()[1]) for line in lines
                     if line.startswith("Time")][-runs:]
            told[question.name] = (sorted(times)[runs // 2],
                                   [int(v) for v in lines[-2].split()])
        return told

    def cold(self, question):
        self.stop()
        evict(self.data)
        self.start()
        return self.ask([question], 1)[question.name]


def peers(folder):
    def place(name):
        os.makedirs(os.path.join(folder, name))
        return os.path.join(folder, name)
    found = [Sqlite(place("sqlite"))]
    modules = os.environ.get("VIGIE_DUCKDB", "")
    if not modules and shutil.which("npm"):
        modules = B + "/bench"
        if not os.path.isdir(modules + "/node_modules/@duckdb"):
            subprocess.run(["npm", "install", "--no-fund", "--no-audit",
                            "--prefix", modules, "@duckdb/node-api"],
                           stdout=subprocess.DEVNULL, check=False)
    if modules and os.path.isdir(modules + "/node_modules/@duckdb"):
        found.append(Duckdb(place("duckdb"), os.path.abspath(modules)))
    else:
        print("# DuckDB is not here (npm): skipped")
    if os.path.exists(PG + "initdb"):
        found.append(Postgres(place("postgres")))
    else:
        print("# PostgreSQL 15 is not here: skipped")
    return found


def check(who, question, answer):
    if answer != question.answer:
        sys.exit("%s answers %s otherwise: %s, not %s"
                 % (who, question.name, answer, question.answer))


def measure_peer(peer, csv, rows, questions, table):
    line = table.setdefault(peer.name, {})
    line["import"] = ROWS / peer.load(csv) / 1e6
    line["append"] = len(rows) / peer.append(rows) / 1e6
    line["bytes"] = peer.bytes() / ROWS
    hot = peer.ask(questions, RUNS)
    for question in questions:
        check(peer.name, question, hot[question.name][1])
        cold = [peer.cold(question) for _ in range(3)]
        for each in cold:
            check(peer.name, question, each[1])
        line[question.name] = (sorted(c[0] for c in cold)[1],
                               hot[question.name][0])


def measure_ours(folder, questions, table):
    line = table.setdefault("vigie", {})
    data, app = folder + "/data", folder + "/append"
    best = []
    for _ in range(3 if ROWS <= PEERS else 1):
        shutil.rmtree(data, ignore_errors=True)
        best.append(run(OURS, "import", data, str(ROWS)).split())
    told = max(best, key=lambda each: float(each[0]))
    line["import"], line["import_cpu"], line["bytes"] = map(float, told[:3])
    line["segments"], line["import_mb"] = int(told[3]), int(told[5])
    told = run(OURS, "append", app, str(COMMITS * 1000)).split()
    line["append"], line["append_cpu"] = map(float, told[:2])
    shutil.rmtree(app)
    hot = {}
    for said in run(OURS, "ask", data, str(RUNS), input="".join(
            question.line for question in questions)).splitlines():
        name, ms, _, line["ask_mb"] = said.split()
        hot[name] = float(ms)
    for question in questions:
        cold = []
        for _ in range(5):
            evict(data)
            cold.append(float(run(OURS, "ask", data, "1",
                                  input=question.line).split()[1]))
        line[question.name] = (sorted(cold)[2], hot[question.name])
    seconds, hashing, line["verify_mb"] = run(OURS, "verify", data).split()
    line["verify"] = float(hashing) / float(seconds)


def show(table):
    print("%-22s" % "" + "".join("%22s" % name for name in table))
    for name, form in [("import", "%.3g M rows/s"), ("append", "%.3g M rows/s"),
                       ("bytes", "%.1f bytes")]:
        print("%-22s" % name + "".join("%22s" % (form % line[name])
                                       for line in table.values()))
    for name in TARGETS:
        print("%-22s" % name + "".join("%22s" % ("%.2f / %.3f ms" % line[name])
                                       for line in table.values()))


def main():
    folder = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else \
        tempfile.mkdtemp(prefix="vigie-scale-", dir="/var/tmp")
    os.makedirs(folder, exist_ok=True)
    csv, table, found = folder + "/rows.csv", {}, []
    small = ROWS <= PEERS
    questions = [Question(line) for line in run(
        OURS, "questions", str(ROWS), *([csv] if small else [])).splitlines()]
    try:
        measure_ours(folder, questions, table)
        if small:
            with open(csv, encoding="ascii") as file:
                rows = [tuple(map(int, next(file).split(",")))
                        for _ in range(min(COMMITS * 1000, ROWS))]
            found = peers(folder)
            for peer in found:
                measure_peer(peer, csv, rows, questions, table)
    finally:
        for peer in found:
            peer.stop()
        if len(sys.argv) <= 2:
            shutil.rmtree(folder)
    show(table)
    ours = table["vigie"]
    print("%d rows, %d segments; largest resident size: import %s MB, "
          "asking %s MB (mapped files included), verifying %s MB; on the "
          "processor import %.2f, append %.2f M rows/s"
          % (ROWS, ours["segments"], ours["import_mb"], ours["ask_mb"],
             ours["verify_mb"], ours["import_cpu"], ours["append_cpu"]))
    figure("append_durable", ours["append"], "M rows/s", 1, False)
    figure("import", ours["import"], "M rows/s", 2, False)
    figure("bytes_a_row", ours["bytes"], "bytes", 20, True)
    for name, (cold, hot) in TARGETS.items():
        figure(name + "_cold", ours[name][0], "ms", cold, True)
        figure(name + "_hot", ours[name][1], "ms", hot, True)
    figure("verify_share", ours["verify"], "of hashing", 0.5, False)


if __name__ == "__main__":
    main()
