"""What the tests of audits on a real PostgreSQL have in common; to be run by ctest, which sets PYTHONPATH to tests/cli."""

import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import time

from command import CommandTest, all_listening_sockets, listening_sockets, processes_of, wait_until

BOOT = 120


def postmasters(temporary):
    """node's name -> pid of its postmaster, of the private cluster that runs below this TMPDIR."""
    found = {}
    for file in temporary.glob("afterwrite-*/node-*/postmaster.pid"):
        try:
            found[file.parent.name] = int(file.read_text(encoding="utf-8").splitlines()[0])
        except (OSError, ValueError, IndexError):
            continue  # just being written or removed
    return found


def shared_memory_of(pids):
    """Segments of System V shared memory that these processes made and nobody removed."""
    rows = pathlib.Path("/proc/sysvipc/shm").read_text(encoding="utf-8").splitlines()
    column = rows[0].split().index("cpid")
    return [row.split()[1] for row in rows[1:] if int(row.split()[column]) in pids]


class AuditTest(CommandTest):
    """A test that audits a private cluster; the servers of each run are watched too."""

    def start_audit(self, *arguments, **popen):
        return self.start("audit", "postgres", "--out", "run", *arguments, **popen)

    def history(self):
        return self.folder / "run" / "history.jsonl"

    def seen_now(self):
        """What there is of the run at this moment: pids, and the sockets they listen on."""
        pids = set(processes_of(self.marker, self.folder))
        return pids, listening_sockets(pids)

    def assert_gone(self, pids, sockets, since):
        """No process of the run, no port of it, no folder, no shared memory. Returns the seconds that it took."""

        def gone():
            return (not processes_of(self.marker, self.folder) and not any(self.temporary.iterdir())
                    and not sockets.keys() & all_listening_sockets().keys() and not shared_memory_of(pids))

        try:
            wait_until(gone, "", deadline=30)
        except AssertionError:
            self.fail(f"left behind: processes {processes_of(self.marker, self.folder)}, folders "
                      f"{[str(path) for path in self.temporary.iterdir()]}, ports "
                      f"{[sockets[inode] for inode in sockets.keys() & all_listening_sockets().keys()]}, "
                      f"shared memory {shared_memory_of(pids)}")
        return time.monotonic() - since


def programs():
    """Where PostgreSQL's programs are."""
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        folders.insert(0, pathlib.Path(on_path).resolve().parent)
    return folders[0]


def account():
    """Whom servers run as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise AssertionError("no account to run servers as")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UsersCluster:
    """A leader and a streaming follower that play the user's: not started by the command. A context manager."""

    user = "app"
    password = "open-sesame-42"

    def __init__(self, folder):
        self.folder = folder / "users"
        self.folder.mkdir(mode=0o755)
        self.account = account()
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        self.ports = {"leader": free_port(), "follower": free_port()}
        self.servers = {}

    def __enter__(self):
        try:
            (self.folder / "password").write_text(self.password + "\n", encoding="utf-8")
            self._run("initdb", "-D", self._data("leader"), "-U", self.user, "-A", "scram-sha-256",
                      f"--pwfile={self.folder / 'password'}", "--no-sync", "--no-locale", "-E", "UTF8")
            (self.folder / "password").unlink()
            self.launch("leader")
            self._run("pg_basebackup", "-D", self._data("follower"), "-h", "127.0.0.1", "-p", str(self.ports["leader"]), "-U",
                      self.user, "-R", "-X", "stream", "-c", "fast", "--no-sync", "--no-password")
            self.launch("follower")
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for server in self.servers.values():
            server.terminate()
        for server in self.servers.values():
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _data(self, name):
        return str(self.folder / name)

    def _run(self, program, *arguments):
        done = subprocess.run([str(programs() / program), *arguments], cwd=self.folder, capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGPASSWORD": self.password}, check=False,
                              timeout=BOOT, **self.account)
        if done.returncode != 0:
            raise AssertionError(f"{program}: {done.stderr}")
        return done.stdout

    def launch(self, name):
        settings = {"port": self.ports[name], "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
                    "shared_buffers": "32MB", "max_connections": "100", "autovacuum": "off", "cluster_name": f"users-{name}"}
        arguments = [f"--{setting}={value}" for setting, value in settings.items()]
        with open(self.folder / f"{name}.log", "ab") as log:
            self.servers[name] = subprocess.Popen(
                [str(programs() / "postgres"), "-D", self._data(name), *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, **self.account)
        wait_until(lambda: self._answers(name), f"the user's {name} answers", deadline=BOOT)

    def _answers(self, name):
        if self.servers[name].poll() is not None:
            raise AssertionError((self.folder / f"{name}.log").read_text(encoding="utf-8"))
        try:
            return self.sql("SELECT 1", name) == "1"
        except AssertionError:
            return False

    def sql(self, statement, name="leader"):
        return self._run("psql", "-X", "-A", "-t", "-h", "127.0.0.1", "-p", str(self.ports[name]), "-U", self.user, "-d",
                         "postgres", "-c", statement).strip()

    def url(self, name, password=""):
        secret = f":{password}" if password else ""
        return f"postgresql://{self.user}{secret}@127.0.0.1:{self.ports[name]}/postgres"

    def urls(self, password=""):
        return ["--leader", self.url("leader", password), "--follower", self.url("follower", password)]

    def tables(self, name="leader"):
        """Everything that a user could have made in the database, whatever its name."""
        listed = self.sql("SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                          "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1", name)
        return [line for line in listed.splitlines() if not re.match(r"pg_temp|pg_toast", line)]

    def password_file(self):
        file = self.folder.parent / "pgpass"
        file.write_text("".join(f"127.0.0.1:{port}:*:{self.user}:{self.password}\n" for port in self.ports.values()),
                        encoding="utf-8")
        file.chmod(0o600)
        return str(file)
