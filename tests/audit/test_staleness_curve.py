#!/usr/bin/env python3
"""The staleness curve of a follower that is 800 ms behind, and the window that would have been safe."""

import unittest

from command import VIOLATED
from servers import AuditTest

LAG_MS = 800


class StalenessCurve(AuditTest):
    def test_falls_at_the_lag(self):
        report = self.audit("--followers", "1", "--lag", f"{LAG_MS}ms", "--sessions", "64", "--read-delay", "400ms..1600ms",
                            "--ops", "30000", "--guarantee", "read-your-writes", out="run", system="postgres",
                            code=VIOLATED)
        # On a machine that is busy a follower is further behind than asked: what was sampled says how far.
        behind = max([LAG_MS] + [node["lag_ms"]["max"] for node in report["lag"]])
        points = report["staleness_curve"]["points"]
        before = [point for point in points if point["from_ms"] >= 400 and point["to_ms"] <= LAG_MS]
        after = [point for point in points if point["from_ms"] >= behind]
        self.assertTrue(before and after, points)
        for point in before:
            # The acknowledgement may come late, by which the delay from there is shorter.
            self.assertGreater(point["high"], 0.9, point)
        for point in after:
            self.assertLess(point["low"], 0.02, point)
        window = report["safe_window"][0]
        self.assertEqual(window["share"], 0.01)
        self.assertIsNotNone(window["window_ms"], report["safe_window"])
        self.assertGreaterEqual(window["window_ms"], LAG_MS)
        self.assertLessEqual(window["window_ms"], max(1200, 1.1 * behind))
        self.assertEqual([node["node"] for node in report["lag_distribution"]], ["node-0", "node-1"])
        self.assertEqual(sum(row["reads"] for row in report["versions_behind"]), report["staleness"]["versions"]["count"])


if __name__ == "__main__":
    unittest.main()
