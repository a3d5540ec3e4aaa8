#!/usr/bin/env python3
"""Where nothing could have failed the answer is `unknown`; and healthy systems are never accused."""

import unittest

from command import HELD, UNKNOWN, rows_of
from servers import AuditTest


class QuietRuns(AuditTest):
    def assert_unknown(self, *arguments):
        report = self.audit(*arguments, "--duration", "6s", out="run", system="postgres", code=UNKNOWN)
        self.assertEqual(report["verdict"], "unknown")
        self.assertEqual(report["anomalies"], {})
        for row in report["guarantees"]:
            self.assertEqual((row["verdict"], row["violations"]), ("unknown", 0), row["reason"])
            self.assertRegex(row["reason"], "at risk|decided")

    def test_no_followers(self):
        self.assert_unknown("--followers", "0", "--read-policy", "leader")

    def test_reads_long_after_their_writes(self):
        # No session reads what others have just written: that would meet the follower's natural lag.
        self.assert_unknown("--workload", "register:observers=0", "--read-delay", "1s..2s")

    def test_is_what_was_expected(self):
        self.audit("--followers", "0", "--read-policy", "leader", "--duration", "2s", "--expect", "unknown", out="run",
                   system="postgres", code=HELD)


class NeverAccused(AuditTest):
    """The leader's own answers, while followers are killed and cut off. (AFTERWRITE_LONG=1 in the environment: a minute.)"""

    def test_leader_under_faults_of_followers(self):
        import os

        scale = 5 if os.environ.get("AFTERWRITE_LONG") else 1
        faults = [f"kill:follower-1@{2 * scale}s..{4 * scale}s", f"partition:follower-2@{3 * scale}s..{6 * scale}s",
                  f"stall:follower-1@{6 * scale}s..{8 * scale}s", f"pause-replay:follower-2@{7 * scale}s..{10 * scale}s",
                  f"kill:follower-2@{int(10.5 * scale)}s..{int(11.5 * scale) + 1}s"]
        report = self.audit("--read-policy", "leader", "--duration", f"{12 * scale}s",
                            *[f"--fault={fault}" for fault in faults], out="run", system="postgres")
        self.assertNotEqual(report["verdict"], "violated", [row["reason"] for row in report["guarantees"]])
        self.assertEqual(report["anomalies"], {})
        self.assertEqual(len(report["faults"]), len(faults))
        for fault in report["faults"]:
            self.assertTrue(fault["bit"], fault)
        self.assertEqual([row["violations"] for row in rows_of(report).values()], [0, 0, 0])


if __name__ == "__main__":
    unittest.main()
