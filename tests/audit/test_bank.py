#!/usr/bin/env python3
"""The disaster story: a transfer seems not to have happened, so it is made again."""

import unittest

from servers import AuditTest


class Bank(AuditTest):
    def bank(self, policy):
        report = self.audit("--workload", "bank", "--lag", "500ms", "--read-policy", policy, "--duration", "8s", out=policy,
                            system="postgres")
        self.assertGreater(report["bank"]["intents"], 10)
        return report["bank"]

    def test_any_replica_moves_money_twice(self):
        bank = self.bank("any-replica")
        self.assertGreater(bank["carried_out_twice"], 0)
        self.assertGreater(bank["money_moved_twice"], 0)
        self.assertNotEqual(bank["examples"], [])

    def test_version_token_does_not(self):
        bank = self.bank("version-token")
        self.assertEqual((bank["carried_out_twice"], bank["money_moved_twice"]), (0, 0), bank)

    def test_unknown_outcomes_are_told_apart(self):
        # The leader dies and comes back: some transfers are repeated because nobody knows whether they happened.
        report = self.audit("--workload", "bank", "--read-policy", "leader", "--fault", "kill:leader@3s..5s", "--duration", "8s",
                            "--op-timeout", "500ms", "--sessions", "16", out="run", system="postgres")
        self.assertNotEqual(report["verdict"], "violated", report["guarantees"])
        self.assertEqual((report["bank"]["carried_out_twice"], report["bank"]["money_moved_twice"]), (0, 0), report["bank"])


if __name__ == "__main__":
    unittest.main()
