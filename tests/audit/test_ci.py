#!/usr/bin/env python3
"""The plain CI recipe (examples/ci): exit code, JUnit and summary as docs/ci.md says, for a pass and a failure."""

import json
import os
import pathlib
import subprocess
import unittest
import xml.etree.ElementTree

from command import DEADLINE, HELD, VIOLATED, binary
from servers import AuditTest

RECIPE = pathlib.Path(__file__).parents[2] / "examples" / "ci"


class Recipe(AuditTest):
    def recipe(self, code, **variables):
        """Runs it as a job would: the command on the PATH, the job's folder as the working one."""
        on_path = self.folder / "bin"
        if not on_path.exists():
            on_path.mkdir()
            (on_path / "afterwrite").symlink_to(binary())
        environment = self.environment(PATH=f"{on_path}:{os.environ['PATH']}", **variables)
        done = subprocess.run([str(RECIPE / "plain.sh")], cwd=self.folder, env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=2 * DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertFalse((self.folder / "pg").exists(), "the servers' folder is left")
        return done

    def failures(self, reports):
        suites = xml.etree.ElementTree.parse(self.folder / reports / "junit.xml").getroot()
        self.assertEqual(len(list(suites.iter("testcase"))), 1)
        self.assertEqual(len(list(suites.iter("error"))), 0)
        return [failure.text for failure in suites.iter("failure")]

    def test_passes_and_fails(self):
        page = self.folder / "page.md"
        self.recipe(HELD, READ_POLICY="recent-writer:2s", REPORTS="good", SUMMARY=str(page))
        self.assertEqual(self.failures("good"), [])
        passed = page.read_text(encoding="utf-8")
        self.assertIn("### afterwrite: held", passed)
        self.recipe(VIOLATED, READ_POLICY="any-replica", REPORTS="bad", GITHUB_STEP_SUMMARY=str(page))
        [failure] = self.failures("bad")
        self.assertIn("because", failure)
        both = page.read_text(encoding="utf-8")
        self.assertTrue(both.startswith(passed))
        self.assertIn("| read-your-writes | **violated** |", both)
        self.assertIn("How read-your-writes was broken", both)
        # What is known to be broken does not fail a branch; what is new does.
        known = self.report_of("bad")
        for row in known["guarantees"]:  # at its worst: no run is worse by chance
            row["broken"] = row["at_risk"]
        (self.folder / "known.json").write_text(json.dumps(known), encoding="utf-8")
        self.recipe(HELD, READ_POLICY="any-replica", REPORTS="branch", BASELINE="known.json")
        self.recipe(VIOLATED, READ_POLICY="any-replica", REPORTS="new", BASELINE="good/report.json")


if __name__ == "__main__":
    unittest.main()
