#!/usr/bin/env python3
"""A small sweep on real clusters, one after the other: the verdict that each combination must have."""

import json
import unittest

from command import HELD
from servers import AuditTest


class Sweep(AuditTest):
    def test_two_policies_and_two_lags(self):
        run = self.afterwrite("sweep", "postgres", "--over", "read-policy=recent-writer:1s,version-token", "--over", "lag=300ms,2s",
                              "--followers", "1", "--sessions", "64", "--read-delay", "1ms..1900ms", "--duration", "8s", "--guarantee",
                              "read-your-writes", "--seed", "7", "--quiet", "--out", "out")
        self.assertEqual(run.code, HELD, run)
        sweep = json.loads((self.folder / "out/sweep.json").read_text(encoding="utf-8"))
        cells = {tuple(cell["settings"].values()): cell for cell in sweep["cells"]}
        self.assertEqual({settings: cell.get("verdict", cell.get("error")) for settings, cell in cells.items()},
                         {("recent-writer:1s", "300ms"): "held", ("recent-writer:1s", "2s"): "violated", ("version-token", "300ms"): "held",
                          ("version-token", "2s"): "held"}, run)
        # What each costs: the window is paid at the leader, the token by waiting.
        self.assertGreater(cells["recent-writer:1s", "2s"]["leader_share"], 0)
        self.assertGreater(cells["version-token", "2s"]["waits"], 0)
        self.assertGreater(cells["version-token", "2s"]["added_ms_a_read"], cells["recent-writer:1s", "2s"]["added_ms_a_read"])


if __name__ == "__main__":
    unittest.main()
