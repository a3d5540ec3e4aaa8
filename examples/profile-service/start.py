"""Starts the profile service with a PostgreSQL leader and follower of its own, and ends all of them on SIGTERM.

Its environment, as stale.json sets it, says which ports they listen on (APP_PORT, LEADER_PORT, FOLLOWER_PORT), by which address the follower
reaches the leader (FOLLOWER_DIALS: a link of afterwrite's, which can delay or cut what is replicated), and ROUTING for app.py. The data
lies in AFTERWRITE_FOLDER, which afterwrite makes and removes.
"""

import glob
import os
import pwd
import secrets
import signal
import subprocess
import sys
import time

FOLDER = os.environ["AFTERWRITE_FOLDER"]
PORTS = {name: os.environ[f"{name.upper()}_PORT"] for name in ("app", "leader", "follower")}
SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "shared_buffers=32MB", "wal_keep_size=256MB",
            "wal_retrieve_retry_interval=200ms", "max_standby_streaming_delay=-1", "autovacuum=off"]
PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]

children = []


def account():
    """PostgreSQL refuses root, so its servers run as the user postgres then."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def environment(**more):
    path = os.pathsep.join([*PROGRAMS, os.environ.get("PATH", "/usr/bin:/bin")])
    return {**os.environ, "PATH": path, "LC_ALL": "C", "PGPASSWORD": PASSWORD, "PGUSER": "profile", "PGDATABASE": "postgres", **more}


def run(*command, **popen):
    subprocess.run(command, check=True, cwd=FOLDER, env=environment(), **{**account(), **popen})


def start(*command, **popen):
    children.append(subprocess.Popen(command, **popen))


def start_server(name, *settings):
    arguments = [argument for setting in (*SETTINGS, f"port={PORTS[name]}", *settings) for argument in ("-c", setting)]
    start("postgres", "-D", f"{FOLDER}/data/{name}", *arguments, cwd=FOLDER, env=environment(), **account())
    wait_until(lambda: sql(name, "SELECT 1") == "1", f"the {name} answers")


def sql(name, statement):
    done = subprocess.run(["psql", "-XAt", "-h", "127.0.0.1", "-p", PORTS[name], "-c", statement], env=environment(),
                          capture_output=True, text=True, check=False)
    return done.stdout.strip()


def wait_until(condition, what, within=60):
    end = time.monotonic() + within
    while not condition():
        ended = [child.args[0] for child in children if child.poll() is not None]
        if ended or time.monotonic() > end:
            raise SystemExit(f"in vain: {what}; ended: {ended}")
        time.sleep(0.02)


def end_all():
    """The last that was started first, each in its own time."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for child in reversed(children):
        child.send_signal(signal.SIGINT if child.args[0] == "postgres" else signal.SIGTERM)
        child.wait()


def main():
    os.chmod(FOLDER, 0o711)
    os.mkdir(f"{FOLDER}/data", 0o700)
    with open(f"{FOLDER}/data/password", "w", encoding="utf-8") as file:
        file.write(PASSWORD)
    if os.geteuid() == 0:
        for path in (f"{FOLDER}/data", file.name):
            os.chown(path, account()["user"], account()["group"])
    run("initdb", "-D", f"{FOLDER}/data/leader", "-U", "profile", "-A", "scram-sha-256", f"--pwfile={file.name}", "--no-sync", "--no-locale",
        "-E", "UTF8", stdout=subprocess.DEVNULL)
    start_server("leader")
    run("pg_basebackup", "-D", f"{FOLDER}/data/follower", "-h", "127.0.0.1", "-p", PORTS["leader"], "-X", "stream", "-c", "fast", "--no-sync")
    with open(f"{FOLDER}/data/follower/standby.signal", "w", encoding="utf-8"):
        pass
    host, _, port = os.environ["FOLLOWER_DIALS"].rpartition(":")
    start_server("follower", f"primary_conninfo=host={host} port={port} user=profile")
    sql("leader", "CREATE TABLE profile (name text PRIMARY KEY, bio text); CREATE TABLE probe AS SELECT 0::bigint AS beat")
    wait_until(lambda: sql("follower", "SELECT beat FROM probe") == "0", "the follower follows")
    app = os.path.join(os.path.dirname(os.path.abspath(__file__)), "app.py")
    start(sys.executable, app, env=environment(PORT=PORTS["app"], LEADER=f"127.0.0.1:{PORTS['leader']}",
                                               FOLLOWER=f"127.0.0.1:{PORTS['follower']}"))
    wait_until(lambda: False, "everything goes on", within=float("inf"))


PASSWORD = secrets.token_hex(16)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    main()
finally:
    end_all()
