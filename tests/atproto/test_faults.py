#!/usr/bin/env python3
"""A killed App View, lost connections and a killed afterwrite, whose proxy the firehose runs through: what becomes of operations, verdicts and processes."""

import json
import os
import signal
import unittest

from command import CommandTest, ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, processes_of, wait_for_lines, wait_until


class Faults(CommandTest):
    def operations(self, out):
        lines = (self.folder / out / "history.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["kind"] == "op"]

    def faults(self, out):
        lines = (self.folder / out / "history.jsonl").read_text(encoding="utf-8").splitlines()
        events = [line for line in map(json.loads, lines) if line["kind"] == "fault"]
        return {name: tuple(next(event["time"] for event in events if event["fault"] == name and event["phase"] == phase)
                            for phase in ("start", "end")) for name in {event["fault"] for event in events}}

    def within(self, out, fault):
        """Operations that began and ended while it was on."""
        begin, end = self.faults(out)[fault]
        return [one for one in self.operations(out) if begin < one["invoke"] and one["complete"] < end]

    def run_with_a_write_within_the_kill(self):
        """A busy machine may come to none for seconds: then the same again, and all of it longer."""
        for times in (1, 2, 4):
            out = f"run-{times}"
            run = self.start("audit", "atproto", "--quiet", "--out", out, "--duration", f"{24 * times}s", "--sessions", "3",
                             "--fault", f"partition:pds,links=clients@{3 * times}s..{8 * times}s",
                             "--fault", f"kill:appview@{12 * times}s..{18 * times}s").finish(600)
            self.assertIn(run.code, (VIOLATED, UNKNOWN, HELD), run)
            if any(one["f"] == "write" for one in self.within(out, "kill")):
                break
        return out, run

    def test_a_killed_app_view_and_lost_connections(self):
        out, run = self.run_with_a_write_within_the_kill()
        report = self.report_of(out, run)
        self.assertEqual(report["anomalies"], {}, "nothing was read that was never written, or whose write is said to have failed")
        self.assertTrue(all(fault["bit"] for fault in report["faults"]), report["faults"])
        operations = self.operations(out)
        directly = [one for one in self.within(out, "kill") if one["node"] == "appview"]
        self.assertTrue(directly)
        self.assertEqual([one for one in directly if one["type"] == "ok"], [], "nobody was there")
        self.assertTrue([one for one in self.within(out, "kill") if one["f"] == "write" and one["type"] == "ok"],
                        "the PDS needs no App View for a write")
        cut = [one for one in self.within(out, "partition") if one["node"] == "pds"]
        self.assertTrue(cut)
        self.assertEqual([one for one in cut if one["type"] == "ok"], [])
        self.assertTrue(all(one.get("error") for one in operations if one["type"] != "ok"))
        self.assert_acknowledged_writes_are_there(operations)

    def assert_acknowledged_writes_are_there(self, operations):
        """The repository itself, asked when all was healed, has what was acknowledged last, or what may have come after it."""
        finals = [one for one in operations if one["labels"].get("route") == "getRecord" and one["type"] == "ok"]
        self.assertTrue(finals)
        for final in finals:
            writes = [one for one in operations if one["key"] == final["key"] and one["f"] in ("write", "delete")
                      and one["invoke"] < final["invoke"]]
            acknowledged = [one for one in writes if one["type"] == "ok"]
            possible = [one["value"] for one in writes if one["type"] == "info"]
            possible += [max(acknowledged, key=lambda one: one["complete"])["value"] if acknowledged else None]
            self.assertIn(final["value"], possible, final["key"])

    def test_an_interrupt_while_its_servers_start(self):
        """One of them is stopped, so that the start never ends by itself."""
        for script in ("pds.mjs", "appview.mjs"):
            with self.subTest(script=script):
                run = self.start("audit", "atproto", "--out", "never")
                started = lambda: [pid for pid, command in processes_of(self.marker, self.folder).items() if command.endswith(script)]
                pids = wait_until(lambda: run.ended() or started(), f"{script} is started")
                self.assertFalse(run.ended(), run)
                os.kill(pids[0], signal.SIGSTOP)
                run.signal(signal.SIGINT)
                run.finish()
                self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
                self.assertIn("stopped by the user before the system was up", run.err)
                self.assertFalse((self.folder / "never").exists())
                self.assert_nothing_left()

    def test_a_killed_proxy(self):
        """The proxy is a part of afterwrite: it is killed as a whole, while it holds the firehose."""
        run = self.start("audit", "atproto", "--quiet", "--out", "run", "--duration", "1h", "--sessions", "3", "--fault", "hold:appview@0s..1h")
        history = self.folder / "run" / "history.jsonl"
        wait_until(lambda: run.ended() or history.exists(), "the history is begun", 600)
        wait_for_lines(history, 60)
        run.process.kill()
        run.finish()
        self.assert_nothing_left()
        report = self.check("run/history.jsonl")
        self.assertTrue(report["run"]["truncated"])
        self.assertEqual(report["anomalies"], {})
        for one in self.operations("run"):
            if one["type"] == "fail":
                self.assertNotIn(one["f"], ("write", "delete"), "no write was refused")


if __name__ == "__main__":
    unittest.main()
