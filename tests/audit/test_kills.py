#!/usr/bin/env python3
"""kill -9 of the command at random moments: no process, port, folder or shared memory is left, and the history checks.

AFTERWRITE_KILLS=10 in the environment kills ten times.
"""

import os
import random
import time
import unittest

from command import wait_until
from servers import AuditTest

KILLS = int(os.environ.get("AFTERWRITE_KILLS", "4"))
FLAGS = ["--lag", "200ms", "--duration", "10m", "--fault", "stall:follower-2@2s..4s"]


class Kills(AuditTest):
    def test_at_random_moments(self):
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        took = []
        for number in range(KILLS):
            # Every second time in the start.
            after = moments.uniform(0.1, 6) if number % 2 == 0 else moments.uniform(6, 14)
            with self.subTest(seed=seed, number=number, after=after):
                took.append(self.kill(f"run-{number}", after))
        print(f"gone after {', '.join(f'{each:.2f} s' for each in took)}")

    def kill(self, out, after):
        run = self.start("audit", "postgres", "--out", out, *FLAGS)
        end = time.monotonic() + after
        wait_until(lambda: time.monotonic() > end or run.ended(), "the moment")
        self.assertFalse(run.ended(), run)
        pids, sockets = self.seen_now()
        since = time.monotonic()
        run.process.kill()
        run.finish()
        took = self.assert_gone(pids, sockets, since)
        history = self.folder / out / "history.jsonl"
        if history.exists() and b"\n" in history.read_bytes():
            report = self.check(history)
            self.assertTrue(report["run"]["truncated"])
            self.assertNotIn("phantom-read", report["anomalies"])
            self.assertEqual(report["anomalies"], {})
        return took


if __name__ == "__main__":
    unittest.main()
