#!/usr/bin/env python3
"""A server that dies behind the command's back: said, never `held`, no hang."""

import os
import signal
import unittest

from command import ENVIRONMENT_FAILED, UNKNOWN, VIOLATED, wait_for_lines, wait_until
from servers import AuditTest, postmasters


class LostServers(AuditTest):
    def lose(self, node, *arguments):
        run = self.start_audit("--duration", "10m", "--quiet", *arguments)
        wait_until(lambda: run.ended() or self.history().exists(), "the history is begun")
        wait_for_lines(self.history(), 500)
        os.kill(postmasters(self.temporary)[node], signal.SIGKILL)
        run.finish()
        self.assertIn(run.code, (UNKNOWN, VIOLATED), run)
        report = self.report_of("run", run)
        self.assertNotEqual(report["verdict"], "held")
        told = run.out + " ".join(report["notes"]) + " ".join(row["reason"] for row in report["guarantees"])
        self.assertRegex(told, f"lost.*{node} ended by itself")
        return report

    def test_a_follower(self):
        report = self.lose("node-1", "--read-policy", "version-token", "--lag", "200ms")
        self.assertEqual(report["verdict"], "unknown")

    def test_the_leader(self):
        report = self.lose("node-0", "--read-policy", "leader", "--lag", "200ms")
        self.assertEqual(report["verdict"], "unknown")

    def test_what_was_broken_before_stays_broken(self):
        report = self.lose("node-0", "--read-policy", "any-replica", "--lag", "500ms")
        self.assertEqual(report["verdict"], "violated")

    def test_one_that_cannot_start(self):
        # Its program is there but does not do what it should.
        programs = self.folder / "programs"
        programs.mkdir(mode=0o755)
        for name in ("initdb", "postgres", "pg_basebackup"):
            (programs / name).write_text("#!/bin/sh\ncase $1 in --version|-V) echo 'postgres (PostgreSQL) 15.0';; "
                                         "*) echo no luck today >&2; exit 1;; esac\n", encoding="utf-8")
            (programs / name).chmod(0o755)
        self.assert_refused("audit", "postgres", "--pg-bin", programs, "--quiet", code=ENVIRONMENT_FAILED,
                            says=["initdb", "no luck today"])


if __name__ == "__main__":
    unittest.main()
