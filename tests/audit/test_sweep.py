#!/usr/bin/env python3
"""A sweep of four policies and three lags on real clusters, killed in the middle and resumed: the verdict that each cell must have."""

import json
import signal
import unittest

from command import HELD, wait_until
from servers import AuditTest

POLICIES = {"leader": None, "recent-writer:1s": 1000, "recent-writer:5s": 5000, "version-token": None}  # and their windows in ms
LAGS = {"0ms": 0, "500ms": 500, "2s": 2000}
SWEEP = ("sweep", "postgres", "--over", f"read-policy={','.join(POLICIES)}", "--over", f"lag={','.join(LAGS)}", "--followers", "1", "--sessions", "64",
         "--read-delay", "1ms..1900ms", "--ops", "8000", "--guarantee", "read-your-writes", "--seed", "7", "--quiet", "--out", "out")


class Sweep(AuditTest):
    def whole(self):
        """The cells that are done, with the time at which their histories were written."""
        return {mark.parent.name: (mark.parent / "history.jsonl").stat().st_mtime_ns for mark in self.folder.glob("out/cells/*/cell.json")}

    def expected(self, policy, lag, cell):
        """What that cell may show."""
        at_risk = cell["guarantees"][0]["at_risk"]
        if lag == 0:
            # Nothing is behind but for moments: hardly a read can be stale, and how many is up to the machine.
            sound = {"held"} if at_risk >= 30 else {"unknown"}
        else:
            sound = {"held"}
        window = POLICIES[policy]
        if window is None:
            return sound
        if lag > window:
            return {"violated"}
        # A follower that the machine held up for longer than the window is one that the rule is not made for.
        behind = max(node["max_ms"] for node in cell["lag"])
        return sound if behind < window else sound | {"violated"}

    def test_four_policies_and_three_lags(self):
        run = self.start(*SWEEP)
        wait_until(lambda: len(self.whole()) >= 5 or run.ended(), "five cells", deadline=900)
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        before = self.whole()
        self.assertIn(len(before), (5, 6), run)
        run = self.start(*SWEEP, "--resume").finish(deadline=1200)
        self.assertEqual(run.code, HELD, run)
        after = self.whole()
        self.assertEqual({name: after[name] for name in before}, before, "what was whole is not made again")
        sweep = json.loads((self.folder / "out/sweep.json").read_text(encoding="utf-8"))
        cells = {tuple(cell["settings"].values()): cell for cell in sweep["cells"]}
        self.assertEqual(list(cells), [(policy, lag) for policy in POLICIES for lag in LAGS])
        for (policy, lag), cell in cells.items():
            self.assertEqual(cell["state"], "done", cell)
            self.assertIn(cell["verdict"], self.expected(policy, LAGS[lag], cell), cell)
            if cell["verdict"] == "unknown":
                self.assertIn(f"unknown: read-policy={policy}, lag={lag}: read-your-writes: only ", run.out)
        self.assertTrue((self.folder / "out/sweep.html").exists())
        # What each costs: the window is paid at the leader, the token by waiting.
        self.assertEqual(cells["leader", "2s"]["leader_share"], 1)
        self.assertGreater(cells["recent-writer:1s", "2s"]["leader_share"], 0)
        self.assertGreater(cells["version-token", "2s"]["waits"], 0)
        self.assertGreater(cells["version-token", "2s"]["added_ms_a_read"], cells["recent-writer:1s", "2s"]["added_ms_a_read"])


if __name__ == "__main__":
    unittest.main()
