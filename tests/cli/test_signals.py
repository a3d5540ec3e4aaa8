#!/usr/bin/env python3
"""Ctrl-C and its like in every phase: what was recorded is judged, and nothing is left. After SIGKILL the history checks."""

import json
import random
import signal
import unittest

from command import HELD, UNKNOWN, VIOLATED, CommandTest, wait_for_lines

ENDLESS = ["--duration", "10m", "--read-delay", "1ms..20ms"]


class Interrupted(CommandTest):
    def start_audit(self, *arguments, **popen):
        return self.start("audit", "memory", "--out", "run", *arguments, **popen)

    def history(self):
        return self.folder / "run" / "history.jsonl"

    def assert_judged(self, run):
        self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
        report = self.report_of("run", run)
        self.assertFalse(report["run"]["truncated"], "an orderly end has a footer")
        self.assertEqual(report["anomalies"], {})
        self.assertEqual(self.check("run/history.jsonl")["guarantees"], report["guarantees"])
        return report

    def assert_interrupted(self, run):
        self.assertIn("interrupted", run.err)
        report = self.assert_judged(run)
        with open(self.history(), encoding="utf-8") as history:
            footer = json.loads(history.readlines()[-1])
        self.assertEqual(footer["ended"], "interrupted")
        self.assertRegex(" ".join(report["notes"]) + run.out, "stopped by the user|interrupted|cut short")

    def test_running(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                run = self.start("audit", "memory", "--out", number.name, "--lag", "100ms", *ENDLESS)
                run.wait_for("^running")
                wait_for_lines(self.folder / number.name / "history.jsonl", 200)
                run.signal(number)
                run.finish()
                self.assertIn(run.code, (HELD, VIOLATED, UNKNOWN), run)
                report = self.report_of(number.name, run)
                self.assertFalse(report["run"]["truncated"])

    def test_running_is_told_in_the_report(self):
        run = self.start_audit("--lag", "100ms", *ENDLESS)
        wait_for_lines(self.history(), 500)
        run.signal(signal.SIGINT)
        self.assert_interrupted(run.finish())

    def test_starting(self):
        # Whatever phase it meets: from "starting" on, signals are taken in order.
        run = self.start_audit(*ENDLESS)
        run.wait_for("^starting")
        run.signal(signal.SIGINT)
        self.assert_interrupted(run.finish())

    def test_at_once(self):
        # Before the command minds signals it ends by them; it has started nothing yet.
        for number in (signal.SIGINT, signal.SIGTERM):
            run = self.start("audit", "memory", "--out", f"at-once-{number.name}", *ENDLESS)
            run.process.send_signal(number)
            run.finish()
            self.assertIn(run.code, (-number, HELD, VIOLATED, UNKNOWN), run)

    def test_settling(self):
        # The lag of an hour never settles.
        run = self.start_audit("--lag", "1h", "--duration", "1s", "--read-delay", "1ms..20ms")
        run.wait_for("^settling")
        run.signal(signal.SIGINT)
        self.assert_judged(run.finish())
        self.assertIn("interrupted", run.err)

    def test_final_check(self):
        # Each read takes its time, so the phase does.
        run = self.start_audit("--opt", "latency=500ms", "--op-timeout", "10s", "--duration", "4s", "--sessions", "4",
                               "--keys", "40", "--read-policy", "leader")
        run.wait_for("^final check")
        run.signal(signal.SIGINT)
        self.assert_judged(run.finish())

    def test_with_faults_on(self):
        run = self.start_audit("--fault", "pause-replay:follower-1@0..10m", "--fault", "kill:follower-2@0..10m",
                               "--op-timeout", "200ms", "--read-policy", "leader", *ENDLESS)
        run.wait_for("^running")
        wait_for_lines(self.history(), 500)
        run.signal(signal.SIGTERM)
        report = self.assert_judged(run.finish())
        self.assertEqual(sorted(fault["fault"] for fault in report["faults"]), ["kill", "pause-replay"])
        with open(self.history(), encoding="utf-8") as history:
            events = [json.loads(line) for line in history if '"kind":"fault"' in line]
        started = {event["episode"] for event in events if event["phase"] == "start"}
        self.assertEqual(started, {event["episode"] for event in events if event["phase"] == "end"}, "not healed")

    def test_twice(self):
        # The first waits for the operations in flight, which take an hour.
        run = self.start_audit("--opt", "latency=1h", "--op-timeout", "1h", *ENDLESS)
        run.wait_for("^running")
        run.signal(signal.SIGINT)
        run.signal(signal.SIGINT)
        run.finish()
        self.assertEqual(run.code, 128 + signal.SIGINT, run)

    def test_reports_after_an_interrupt_are_printed_too(self):
        run = self.start_audit("--json", "--lag", "100ms", *ENDLESS)
        wait_for_lines(self.history(), 300)
        run.signal(signal.SIGINT)
        run.finish()
        self.assertEqual(run.report()["guarantees"], self.report_of("run")["guarantees"])


class Killed(CommandTest):
    """SIGKILL at random moments: the history that is there can be checked."""

    KILLS = 10

    def test_at_random_moments(self):
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        for number in range(self.KILLS):
            workload = ("register", "append", "bank", "score")[number % 4]
            out = f"killed-{number}"
            with self.subTest(seed=seed, number=number, workload=workload):
                run = self.start("audit", "memory", "--out", out, "--lag", "100ms", "--workload", workload, *ENDLESS)
                history = self.folder / out / "history.jsonl"
                wait_for_lines(history, moments.randrange(1, 2000))
                run.process.kill()
                run.finish()
                self.assert_checks(history)

    def assert_checks(self, history):
        report = self.check(history)
        self.assertTrue(report["run"]["truncated"])
        self.assertNotIn("phantom-read", report["anomalies"])
        self.assertEqual(report["anomalies"], {})

    def test_torn_tail_is_only_noted(self):
        run = self.start("audit", "memory", "--out", "run", "--lag", "100ms", *ENDLESS)
        history = self.folder / "run" / "history.jsonl"
        wait_for_lines(history, 300)
        run.process.kill()
        run.finish()
        whole = history.read_bytes()
        last = whole.rstrip(b"\n").rfind(b"\n") + 1
        for cut in (last + 1, last + 20, len(whole) - 2):
            torn = self.folder / "torn.jsonl"
            torn.write_bytes(whole[:cut])
            self.assert_checks(torn)


if __name__ == "__main__":
    unittest.main()
