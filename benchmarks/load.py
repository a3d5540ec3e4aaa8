#!/usr/bin/env python3
"""Load: operations per second of an audit, history recorded, over pgbench with the same prepared statements.

    benchmarks/load.py --afterwrite build/release/afterwrite [--clients 1,8,32] [--seconds 5] [--rounds 5]

Starts a PostgreSQL leader with one follower of its own, and lets the two take turns on it: a write (with the position after it)
and three reads, as fast as it answers. Prints the median of each and their ratio, measured in this one run. pgbench runs twice: with
its usual two threads for all clients (-j 2), and with a thread for each client, as the audit has one for each session.
"""

import argparse
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TIMELINE = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
WRITE = (
    "INSERT INTO bench AS t (key, value, version, epoch) VALUES ('k' || :key, 's' || :client_id || '-' || :number, 1, "
    f"{TIMELINE}) ON CONFLICT (key) DO UPDATE SET value = excluded.value, elements = NULL, version = t.version + 1, "
    "epoch = excluded.epoch RETURNING version, epoch;"
)
READ = (
    "SELECT t.value, t.version, t.epoch, pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN "
    "greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_insert_lsn() END, "
    "CASE WHEN pg_is_in_recovery() THEN (SELECT b.epoch FROM bench b WHERE b.key = 'beat') ELSE "
    f"{TIMELINE} END FROM (SELECT) one LEFT JOIN bench t ON t.key = 'k' || :key;"
)
POSITION = "SELECT pg_current_wal_insert_lsn();"
OPERATIONS_A_SCRIPT = 4  # the position belongs to the write
SETTINGS = {
    "shared_buffers": "32MB", "fsync": "off", "max_connections": "200", "wal_keep_size": "256MB", "autovacuum": "off",
    "listen_addresses": "127.0.0.1", "wal_receiver_status_interval": "1s",
}


class Cluster:
    """A leader and a follower in a temporary folder, ended and removed whatever happens."""

    def __init__(self):
        self.account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="afterwrite-bench-"))
        if self.account:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        self.servers = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def identity(self):
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if self.account else {}

    def run(self, program, *arguments):
        subprocess.run([self.programs / program, *arguments], check=True, cwd=self.folder, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, **self.identity())

    def serve(self, name):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        flags = [f"-c{key}={value}" for key, value in SETTINGS.items()]
        log = open(self.folder / f"{name}.log", "wb")
        self.servers.append(subprocess.Popen(
            [self.programs / "postgres", "-D", name, "-p", str(port), "-k", str(self.folder), *flags],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            **self.identity()))
        deadline = time.monotonic() + 30
        while subprocess.run([self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {(self.folder / f'{name}.log').read_text()[-500:]}")
            time.sleep(0.05)
        return port

    def start(self):
        self.run("initdb", "-D", "leader", "-U", "bench", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8")
        self.leader = self.serve("leader")
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", str(self.leader), "-U", "bench", "-D", "follower", "-R",
                 "-X", "stream", "-c", "fast", "--no-sync")
        self.follower = self.serve("follower")
        self.run("psql", "-q", "-h", "127.0.0.1", "-p", str(self.leader), "-U", "bench", "-d", "postgres", "-c",
                 "CREATE TABLE bench (key text PRIMARY KEY, value text, elements text[], version bigint, epoch int)")

    def value(self, port, statement):
        done = subprocess.run(
            [self.programs / "psql", "-X", "-A", "-t", "-h", "127.0.0.1", "-p", str(port), "-U", "bench", "-d", "postgres", "-c",
             statement], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def settle(self):
        """Until the follower has applied everything: else whoever comes next pays for the work that the one before left it."""
        position = self.value(self.leader, "SELECT pg_current_wal_insert_lsn()")
        deadline = time.monotonic() + 60
        while self.value(self.follower, f"SELECT pg_last_wal_replay_lsn() >= '{position}'") != "t":
            if time.monotonic() > deadline:
                raise RuntimeError("the follower does not catch up")
            time.sleep(0.05)

    def url(self, port):
        return f"postgresql://bench@127.0.0.1:{port}/postgres"


def run_pgbench(cluster, clients, threads, seconds):
    script = cluster.folder / "script.sql"
    script.write_text("\n".join(["\\set key random(1, 16)", "\\set number random(1, 1000000000)", WRITE, POSITION,
                                 READ, READ, READ]) + "\n")
    script.chmod(0o644)
    done = subprocess.run(
        [cluster.programs / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(threads), "-T",
         str(seconds), "-f", script, "-h", "127.0.0.1", "-p", str(cluster.leader), "-U", "bench", "postgres"],
        check=True, capture_output=True, text=True)
    return float(re.search(r"tps = ([0-9.]+)", done.stdout).group(1)) * OPERATIONS_A_SCRIPT


def run_afterwrite(cluster, afterwrite, clients, seconds):
    with tempfile.TemporaryDirectory(prefix="afterwrite-bench-") as folder:
        out = pathlib.Path(folder) / "run"
        done = subprocess.run(
            [afterwrite, "audit", "postgres", "--leader", cluster.url(cluster.leader), "--follower",
             cluster.url(cluster.follower), "--read-policy", "leader", "--workload", "register:observers=0",
             "--read-delay", "0", "--sessions", str(clients), "--duration", f"{seconds}s", "--quiet", "--json", "--out",
             str(out)], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 2):
            raise RuntimeError(f"exit code {done.returncode}: {done.stderr}")
        report = json.loads(done.stdout)
        if report["verdict"] == "violated":
            raise RuntimeError("reads of the leader were found stale: see " + done.stdout[:2000])
        # The load alone: the final check is a few reads afterwards.
        with open(out / "history.jsonl", encoding="utf-8") as history:
            footer = json.loads(history.readlines()[-1])
        return footer["ops"] / ((footer["load_end"] - footer["load_begin"]) / 1e9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--afterwrite", required=True)
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{'':>7} {'-- pgbench, a thread a client':>30} {'-- pgbench -j 2':>20}")
    print(f"{'clients':>7} {'audit/s':>10} {'pgbench/s':>12} {'ratio':>6} {'pgbench/s':>13} {'ratio':>6}   "
          f"(medians of {arguments.rounds})")
    with Cluster() as cluster:
        for clients in map(int, arguments.clients.split(",")):
            ours, alike, usual = [], [], []
            for _ in range(arguments.rounds):
                cluster.settle()
                usual.append(run_pgbench(cluster, clients, min(clients, 2), arguments.seconds))
                cluster.settle()
                ours.append(run_afterwrite(cluster, arguments.afterwrite, clients, arguments.seconds))
                cluster.settle()
                alike.append(run_pgbench(cluster, clients, clients, arguments.seconds))
            ratios = [statistics.median(a / b for a, b in zip(ours, peer)) for peer in (alike, usual)]
            print(f"{clients:>7} {statistics.median(ours):>10.0f} {statistics.median(alike):>12.0f} {ratios[0]:>6.2f} "
                  f"{statistics.median(usual):>13.0f} {ratios[1]:>6.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
