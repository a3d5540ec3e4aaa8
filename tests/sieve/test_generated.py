#!/usr/bin/env python3
"""Histories of a simulated store, large enough to be cut into blocks: the command's report is the same with and without the sieve, and
says of planted stale reads that they are there, each once."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

GUARANTEES = "read-your-writes,monotonic-reads,monotonic-writes,writes-follow-reads"
VIOLATED = 1
SHAPES = {
    "versions": ["--versions"],
    "many writers": [],
    "one writer a key": ["--writers", "one"],
    "few keys": ["--keys", "3", "--sessions", "20"],
    "few keys with versions": ["--keys", "3", "--sessions", "20", "--versions"],
    "unknown outcomes": ["--info-in", "50", "--keys", "500"],
    "unknown outcomes with versions": ["--info-in", "50", "--keys", "500", "--versions"],
    "late reads": ["--late-in", "10", "--keys", "500"],
    "late reads with versions and lag samples": ["--late-in", "10", "--keys", "500", "--versions", "--samples"],
    "lag samples": ["--samples"],
    "many sessions": ["--sessions", "3000", "--keys", "300"],
}


class Generated(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="afterwrite-test-")
        self.addCleanup(self.folder.cleanup)
        self.file = pathlib.Path(self.folder.name) / "history.jsonl"

    def generate(self, *flags):
        with open(self.file, "wb") as output:
            subprocess.run([os.environ["GENERATE"], *flags], stdout=output, check=True)

    def check(self, *flags):
        done = subprocess.run([os.environ["AFTERWRITE"], "check", "--json", "--guarantee", GUARANTEES, *flags, self.file],
                              capture_output=True, check=False)
        return done.returncode, done.stdout

    def test_the_report_is_that_of_the_exact_judge(self):
        for shape, flags in SHAPES.items():
            self.generate("--operations", "20000", *flags)
            for assume in ([], ["--assume", "writer-order"], ["--assume", "none"]):
                with self.subTest(shape=shape, assume=assume):
                    exact = self.check("--exact", *assume)
                    self.assertTrue(exact[1])
                    self.assertEqual(exact, self.check("--threads", "1", *assume))
                    self.assertEqual(exact, self.check("--threads", "2", *assume))
                    self.assertEqual(exact, self.check("--threads", "2", "--max-memory", "1MiB", *assume))

    def test_five_planted_stale_reads_are_five_entries(self):
        for flags in SHAPES["versions"], SHAPES["many writers"], SHAPES["one writer a key"]:
            with self.subTest(flags=flags):
                self.generate("--operations", "200000", "--keys", "2000", "--stale", "5", *flags)
                code, report = self.check()
                self.assertEqual(code, VIOLATED)
                rows = {row["guarantee"]: row for row in json.loads(report)["guarantees"]}
                self.assertEqual(len(rows["read-your-writes"]["witnesses"]), 3)
                self.assertEqual(len(rows["monotonic-reads"]["witnesses"]), 2)
                self.assertEqual(sum(len(row["witnesses"]) for row in rows.values()), 5)
                for row in rows.values():
                    for witness in row["witnesses"]:
                        self.assertIn(len(witness["operations"]), (2, 3, 4))
                        for operation in witness["operations"]:
                            self.assert_stands_at(operation)

    def assert_stands_at(self, operation):
        with open(self.file) as lines:
            for number, line in enumerate(lines, 1):
                if number == operation["line"]:
                    there = json.loads(line)
                    self.assertEqual(there["i"], operation["index"])
                    self.assertEqual(there["value"], operation["value"])
                    return
        self.fail("no such line")


if __name__ == "__main__":
    unittest.main()
