"""Runs the command under test, and sees to it that a run leaves nothing behind.

A test derives from CommandTest. Each has a folder of its own, with the command's TMPDIR in it; at its end there may be no
process of the command, no private folder and no listening port left.

The binary is named by the variable AFTERWRITE, the program that validates reports by AFTERWRITE_VALIDATE (ctest sets both).
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import uuid

HELD, VIOLATED, UNKNOWN, BAD_INPUT, ENVIRONMENT_FAILED = range(5)

# Against hangs alone: no test is about speed, and the machine may be busy.
DEADLINE = 180
MARKER = "AFTERWRITE_TEST"


def binary():
    """The command under test, an absolute path."""
    try:
        return str(pathlib.Path(os.environ["AFTERWRITE"]).resolve(strict=True))
    except (KeyError, OSError) as error:
        raise SystemExit(f"AFTERWRITE must name the command to test ({error})") from None


def wait_until(condition, what, deadline=DEADLINE):
    """Returns the condition's first true value; fails after the deadline."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline} s in vain: {what}")
        time.sleep(0.01)


def read_quietly(path, mode="r"):
    """A file of /proc; empty if its process is gone."""
    try:
        with open(path, mode) as file:
            return file.read()
    except OSError:
        return "" if mode == "r" else b""


def link_quietly(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def processes_of(marker, folder):
    """The live processes that were started with `marker`, or that work in `folder`: pid -> command line.

    Servers may have overwritten their environment, but their working folder lies in the run's private folder.
    """
    found = {}
    inside = str(folder) + "/"
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        process = f"/proc/{entry}"
        stat = read_quietly(f"{process}/stat")
        if not stat or stat.rpartition(")")[2].split()[0] == "Z":
            continue
        environment = read_quietly(f"{process}/environ", "rb")
        command = read_quietly(f"{process}/cmdline", "rb").replace(b"\0", b" ").decode(errors="replace").strip()
        ours = f"{MARKER}={marker}".encode() in environment.split(b"\0")
        if ours or inside in command or (link_quietly(f"{process}/cwd") + "/").startswith(inside):
            found[int(entry)] = command or stat.split()[1]
    return found


def listening_sockets(pids):
    """The sockets that these processes listen on: inode -> local address, as /proc/net/tcp writes it."""
    held = set()
    for pid in pids:
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        held.update(link_quietly(f"/proc/{pid}/fd/{descriptor}") for descriptor in descriptors)
    return {inode: address for inode, address in all_listening_sockets().items() if f"socket:[{inode}]" in held}


def all_listening_sockets():
    listen = "0A"
    sockets = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in read_quietly(table).splitlines()[1:]:
            fields = line.split()
            if fields[3] == listen:
                sockets[fields[9]] = fields[1]
    return sockets


class Run:
    """The command while it runs. Its output is read as it comes, so that it never waits for us."""

    def __init__(self, arguments, *, folder, environment, **popen):
        self.arguments = arguments
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        self.process = subprocess.Popen([binary(), *arguments], cwd=folder, env=environment, **popen)
        self._text = {"out": bytearray(), "err": bytearray()}
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("out", self.process.stdout), ("err", self.process.stderr))
            if stream is not None
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name, stream):
        with stream:
            while part := os.read(stream.fileno(), 65536):
                self._text[name] += part

    @property
    def out(self):
        return bytes(self._text["out"]).decode()

    @property
    def err(self):
        return bytes(self._text["err"]).decode()

    @property
    def code(self):
        """The exit code; minus the signal's number if one ended it; None while it runs."""
        return self.process.returncode

    def ended(self):
        return self.process.poll() is not None

    def wait_for(self, pattern):
        """Waits for a line on stderr."""
        wait_until(lambda: re.search(pattern, self.err, re.M) or self.ended(), f"{pattern} on stderr of {self}")
        if not re.search(pattern, self.err, re.M):
            raise AssertionError(f"no {pattern} on stderr; {self.finish()}")

    def signal(self, number):
        """Sends a signal and waits until it was taken, so that a second one of the same kind does not melt into it."""
        self.process.send_signal(number)

        def taken():
            pending = re.search(r"^ShdPnd:\s*(\w+)", read_quietly(f"/proc/{self.process.pid}/status"), re.M)
            return self.ended() or not pending or not int(pending[1], 16) >> (number - 1) & 1

        wait_until(taken, f"signal {number} is taken by {self}")

    def finish(self, deadline=DEADLINE):
        """Waits for the end."""
        try:
            self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"hangs for {deadline} s: {self}") from None
        for reader in self._readers:
            reader.join(DEADLINE)
        return self

    def report(self):
        """The report that --json printed."""
        return json.loads(self.out)

    def __str__(self):
        return f"afterwrite {' '.join(self.arguments)}\n  exit code {self.code}\n  stdout: {self.out[-2000:]}\n  stderr: {self.err[-2000:]}"


class CommandTest(unittest.TestCase):
    """A test with a folder of its own (`self.folder`), the command's TMPDIR in it (`self.temporary`)."""

    maxDiff = None

    def setUp(self):
        # Named unlike the command's private folders, which it sweeps; and servers that dropped root must be able to enter.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="test-of-afterwrite-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir(mode=0o755)
        self.marker = uuid.uuid4().hex
        self.runs = []
        self.addCleanup(self.end_what_runs)
        self.addCleanup(self.assert_nothing_left)

    def environment(self, **more):
        """Of the command: ours without what would change its answers, and what the test adds."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG") and name != "NO_COLOR"}
        return kept | {"TMPDIR": str(self.temporary), MARKER: self.marker} | more

    def start(self, *arguments, environment=None, **popen):
        run = Run([str(argument) for argument in arguments], folder=self.folder,
                  environment=self.environment(**(environment or {})), **popen)
        self.runs.append(run)
        return run

    def afterwrite(self, *arguments, **popen):
        """Runs the command to its end."""
        return self.start(*arguments, **popen).finish()

    def audit(self, *arguments, out, code=None, system="memory", **popen):
        """An audit that is over; its report.json. `out` is a folder's name."""
        run = self.afterwrite("audit", system, "--quiet", "--out", out, *arguments, **popen)
        if code is not None:
            self.assertEqual(run.code, code, run)
        return self.report_of(out, run)

    def report_of(self, out, run=None):
        try:
            return json.loads((self.folder / out / "report.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.fail(f"no report: {error}\n{run}")

    def check(self, *arguments, code=None):
        """`check --json` of one history: the report, with the exit code told by its verdict."""
        run = self.afterwrite("check", "--json", *arguments)
        if code is not None:
            self.assertEqual(run.code, code, run)
        self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
        report = run.report()
        self.assertEqual(run.code, ("held", "violated", "unknown").index(report["verdict"]), run)
        return report

    def assert_refused(self, *arguments, code=BAD_INPUT, says=(), silent_about=(), **popen):
        """Ends with `code`, one line on stderr that holds each of `says`, and nothing on stdout."""
        run = self.afterwrite(*arguments, **popen)
        self.assertEqual(run.code, code, run)
        self.assertEqual(run.out, "", run)
        self.assertRegex(run.err, r"\Aafterwrite: [^\n]+\n\Z", run)
        for word in says:
            self.assertIn(word, run.err)
        for word in silent_about:
            self.assertNotIn(word, run.err)
        return run

    def assert_nothing_left(self):
        """No process, no listening port, no private folder: at once, or as soon as the watchdog is through."""
        for run in self.runs:
            if not run.ended():
                run.finish()
        gone = lambda: not processes_of(self.marker, self.folder)
        try:
            wait_until(gone, "", deadline=30)
        except AssertionError:
            left = processes_of(self.marker, self.folder)
            self.assertEqual(left, {}, "processes are left")
        self.assertEqual(sorted(path.name for path in self.temporary.iterdir()), [], "folders are left in TMPDIR")

    def end_what_runs(self):
        for run in self.runs:
            if not run.ended():
                run.process.kill()
                run.process.wait()
        for pid in processes_of(self.marker, self.folder):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def rows_of(report, group=""):
    """guarantee -> its row, of the sessions under the policy."""
    return {row["guarantee"]: row for row in report["guarantees"] if row["group"] == group}


def verdicts_of(report, group=""):
    return {name: row["verdict"] for name, row in rows_of(report, group).items()}


def slow_adapter(folder):
    """An adapter for `exec` that nobody gets an answer of within a millisecond."""
    example = pathlib.Path(__file__).parents[2] / "examples/adapters/dict_kv.py"
    adapter = folder / "adapter"
    adapter.write_text(f"#!/bin/sh\nsleep 0.2\nexec python3 {example}\n", encoding="utf-8")
    adapter.chmod(0o755)
    return adapter


def wait_for_lines(history, count=1):
    """Until a history that is being written has so many whole lines."""

    def written():
        try:
            return history.read_bytes().count(b"\n") >= count
        except OSError:
            return False

    wait_until(written, f"{count} lines in {history}")


def run_all(jobs, at_once=4):
    """Calls each of `jobs` (functions without arguments), several at a time: audits mostly sleep. Returns their results in order."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(at_once) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]
