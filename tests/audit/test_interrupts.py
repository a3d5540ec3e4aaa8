#!/usr/bin/env python3
"""Ctrl-C in every phase of an audit with real servers: judged, and nothing is left."""

import json
import random
import shutil
import signal
import time
import unittest

from command import ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, wait_for_lines, wait_until
from servers import AuditTest, postmasters, programs

ENDLESS = ["--duration", "10m", "--lag", "200ms"]


class Interrupts(AuditTest):
    def interrupt(self, run, *signals):
        """Sends the signals, waits for the end, and sees that nothing is left."""
        pids, sockets = self.seen_now()
        for number in signals:
            run.signal(number)
        run.finish()
        self.assert_gone(pids, sockets, time.monotonic())

    def assert_judged(self, run):
        self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
        report = self.report_of("run", run)
        self.assertFalse(report["run"]["truncated"])
        self.assertEqual(report["anomalies"], {})
        self.assertEqual(self.check("run/history.jsonl")["guarantees"], report["guarantees"])
        return report

    def test_running(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                run = self.start("audit", "postgres", "--out", number.name, *ENDLESS)
                run.wait_for("^running")
                wait_for_lines(self.folder / number.name / "history.jsonl", 500)
                self.interrupt(run, number)
                self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
                with open(self.folder / number.name / "history.jsonl", encoding="utf-8") as history:
                    self.assertEqual(json.loads(history.readlines()[-1])["ended"], "interrupted")

    def programs_that_hang(self, name):
        """PostgreSQL's programs, of which this one never ends. Returns their folder, and a file that is there once it was called."""
        folder = self.folder / f"bin-{name}"
        folder.mkdir()
        for program in programs().iterdir():
            if program.name != name:
                (folder / program.name).symlink_to(program)
        called = self.folder / f"{name}-called"
        called.touch(0o666)
        called.chmod(0o666)
        (folder / name).write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && exec {programs() / name} --version\necho called >>{called}\nexec sleep 1000000\n",
                                   encoding="utf-8")
        (folder / name).chmod(0o755)
        return folder, lambda: called.read_text(encoding="utf-8") != ""

    def test_a_start_that_never_ends(self):
        for system in ("postgres", "atproto"):
            for name in ("initdb", "pg_basebackup", "postgres") if system == "postgres" else ("initdb", "postgres"):
                with self.subTest(system=system, program=name):
                    folder, called = self.programs_that_hang(name)
                    run = self.start("audit", system, "--out", "never", "--pg-bin", folder)
                    wait_until(lambda: run.ended() or called(), f"{name} is called")
                    self.assertFalse(run.ended(), run)
                    self.interrupt(run, signal.SIGINT)
                    self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
                    self.assertIn("stopped by the user before the system was up", run.err)
                    self.assertFalse((self.folder / "never").exists(), "there is nothing to report")
                    shutil.rmtree(folder)
                    (self.folder / f"{name}-called").unlink()

    def test_starting(self):
        # At random moments of the start, which takes seconds. There may be nothing to judge yet.
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        for attempt in range(4):
            with self.subTest(seed=seed, attempt=attempt):
                run = self.start("audit", "postgres", "--out", f"starting-{attempt}", *ENDLESS)
                run.wait_for("^starting")
                end = time.monotonic() + moments.uniform(0, 4)
                wait_until(lambda: time.monotonic() > end or "running" in run.err, "a moment of the start")
                self.interrupt(run, signal.SIGINT)
                self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN, ENVIRONMENT_FAILED), run)
                self.assertEqual(run.code == ENVIRONMENT_FAILED, "before the system was up" in run.err, run)

    def test_settling(self):
        run = self.start_audit("--lag", "8s", "--duration", "2s")
        run.wait_for("^settling")
        self.interrupt(run, signal.SIGINT)
        self.assertIn("interrupted", run.err)
        self.assert_judged(run)

    def test_final_check(self):
        # Many keys to read again, so that the phase is met.
        run = self.start_audit("--duration", "4s", "--keys", "4000", "--sessions", "32", "--read-delay", "1ms..100ms")
        run.wait_for("^final check")
        self.interrupt(run, signal.SIGINT)
        self.assert_judged(run)

    def test_with_faults_on(self):
        run = self.start_audit("--fault", "partition:follower-1@0..10m", "--fault", "stall:follower-2@0..10m",
                               "--read-policy", "leader", "--duration", "10m")
        run.wait_for("^running")
        wait_for_lines(self.history(), 500)
        self.interrupt(run, signal.SIGTERM)
        report = self.assert_judged(run)
        self.assertEqual(sorted(fault["fault"] for fault in report["faults"]), ["partition", "stall"])

    def test_twice(self):
        """For the impatient: the end at once; the watchdog clears up."""
        run = self.start_audit(*ENDLESS)
        run.wait_for("^running")
        wait_until(lambda: len(postmasters(self.temporary)) == 3, "three servers")
        self.interrupt(run, signal.SIGINT, signal.SIGINT)
        self.assertIn(run.code, (128 + signal.SIGINT, HELD, VIOLATED, UNKNOWN), run)


if __name__ == "__main__":
    unittest.main()
