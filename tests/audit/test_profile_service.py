#!/usr/bin/env python3
"""The sample of the tutorial, with real servers. That its commands end as docs/tutorial.md says is docs.server's to test."""

import pathlib
import signal
import unittest

from command import HELD, VIOLATED, rows_of, wait_for_lines, wait_until
from servers import AuditTest

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/profile-service"
ENOUGH = ["--until", "at-risk=60", "--duration", "2m"]


class ProfileService(AuditTest):
    def test_any_replica_shows_the_stale_bio(self):
        report = self.audit("--duration", "8s", out="run", system=str(SAMPLE / "stale.json"), code=VIOLATED)
        row = rows_of(report)["read-your-writes"]
        self.assertGreater(row["violations"], 0)
        self.assertEqual(row["witnesses"][0]["operations"][-1]["node"], "follower")
        (lag,) = report["faults"]
        self.assertEqual((lag["fault"], lag["targets"], lag["bit"]), ("lag", ["replica->leader"], True))

    def test_a_cookie_window_is_a_devices(self):
        report = self.audit(*ENOUGH, out="run", system=str(SAMPLE / "window.json"), code=HELD)
        self.assertGreaterEqual(rows_of(report)["read-your-writes"]["at_risk"], 60)
        self.check("run/history.jsonl", "--guarantee", "read-your-writes", "--scope", "user", code=VIOLATED)

    def test_a_position_is_a_devices_unless_the_service_keeps_it(self):
        report = self.audit(*ENOUGH, out="run", system=str(SAMPLE / "position.json"), code=HELD)
        self.assertEqual({row["verdict"] for row in rows_of(report).values()}, {"held"})
        self.check("run/history.jsonl", "--scope", "user", code=VIOLATED)
        report = self.audit(*ENOUGH, "--scope", "user", out="users", system=str(SAMPLE / "user-position.json"), code=HELD)
        self.assertGreaterEqual(rows_of(report)["monotonic-reads"]["at_risk"], 60)

    def test_nothing_is_left_of_it(self):
        for number in (signal.SIGINT, signal.SIGKILL):
            with self.subTest(signal=number):
                out = f"run-{number}"
                run = self.start("audit", SAMPLE / "stale.json", "--out", out, "--duration", "10m")
                wait_for_lines(self.folder / out / "history.jsonl", 50)
                run.signal(number)
                run.finish()
                wait_until(lambda: not any(self.temporary.iterdir()), "its folders are gone", deadline=60)


if __name__ == "__main__":
    unittest.main()
