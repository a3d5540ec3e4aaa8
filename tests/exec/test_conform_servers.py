#!/usr/bin/env python3
"""`afterwrite conform postgres`: the adapter for PostgreSQL keeps what an audit relies on, links held and cut included."""

import unittest

from command import HELD, CommandTest


class Conform(CommandTest):
    def test_postgres(self):
        run = self.afterwrite("conform", "postgres", "--json")
        self.assertEqual(run.code, HELD, run)
        results = {check["check"]: (check["result"], check["why"]) for check in run.report()["checks"]}
        self.assertEqual({name: result for name, result in results.items() if result != ("ok", "")}, {})

    def test_postgres_without_followers(self):
        run = self.afterwrite("conform", "postgres", "--followers", "0")
        self.assertEqual(run.code, HELD, run)
        self.assertRegex(run.out, r"(?m)^not applicable followers: it has no followers$")


if __name__ == "__main__":
    unittest.main()
