#!/usr/bin/env python3
"""The CI recipes (docs/ci.md, examples/ci): exit code, JUnit and summary as the page says, for a pass and a failure.

The YAML of GitHub Actions and GitLab CI is parsed, and its steps are run by bash as those servers run them; nothing of the
servers themselves is here.
"""

import json
import os
import pathlib
import re
import subprocess
import unittest
import xml.etree.ElementTree

import yaml

from command import DEADLINE, HELD, VIOLATED, binary
from servers import AuditTest

ROOT = pathlib.Path(__file__).parents[2]
RECIPE = ROOT / "examples" / "ci"


def recipe_in_docs(heading):
    """The YAML below that heading of docs/ci.md."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    [block] = re.findall(rf"^## {heading}\n.*?^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[:1]
    return yaml.safe_load(block)


class Recipe(AuditTest):
    def on_path(self):
        """A PATH with the command on it, as a job has it."""
        programs = self.folder / "bin"
        if not programs.exists():
            programs.mkdir()
            (programs / "afterwrite").symlink_to(binary())
        return f"{programs}:{os.environ['PATH']}"

    def shell(self, words, code, **variables):
        """Runs it in the job's folder."""
        done = subprocess.run(words, cwd=self.folder, env=self.environment(PATH=self.on_path(), **variables), capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=2 * DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertFalse((self.folder / "pg").exists(), "the servers' folder is left")
        return done

    def recipe(self, code, **variables):
        return self.shell([str(RECIPE / "plain.sh")], code, **variables)

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
        self.assertRegex(both, r"(?m)^\| read-your-writes \| held \| \d+ at-risk reads, 0 stale; below about [\d.]+ % at 95 %")
        self.assertRegex(both, r"(?m)^\| read-your-writes \| \*\*violated\*\* \| \d+ of \d+ at-risk reads were stale, .* % \(95 % interval .*\)")
        self.assertIn("How read-your-writes was broken", both)
        # What repeats each run, with the seed that was drawn.
        for name, part in (("good", passed), ("bad", both.removeprefix(passed))):
            self.assertRegex(part, rf"(?m)^Again: `afterwrite audit .* --seed {self.report_of(name)['run']['seed']}`, into another `--out`$")
        # What is known to be broken does not fail a branch; what is new does.
        known = self.report_of("bad")
        for row in known["guarantees"]:  # at its worst: no run is worse by chance
            row["broken"] = row["at_risk"]
        (self.folder / "known.json").write_text(json.dumps(known), encoding="utf-8")
        self.recipe(HELD, READ_POLICY="any-replica", REPORTS="branch", BASELINE="known.json")
        self.recipe(VIOLATED, READ_POLICY="any-replica", REPORTS="new", BASELINE="good/report.json")

    def check_out(self):
        (self.folder / "examples").symlink_to(ROOT / "examples")

    def github(self, job, code, **variables):
        """The steps of a job that run something, each by the shell that GitHub takes; what others do is not ours."""
        for step in job["steps"]:
            self.assertEqual(len({"run", "uses"} & step.keys()), 1, step)
            if "run" in step:
                self.shell(["bash", "-e", "-c", step["run"]], code, GITHUB_STEP_SUMMARY=str(self.folder / "page.md"), CI="true",
                           **{**job["env"], **variables})

    def test_of_github(self):
        recipe = recipe_in_docs("GitHub Actions")
        [job] = recipe["jobs"].values()
        [upload] = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        self.assertEqual(upload["if"], "always()", "a report of a failure is what one wants most")
        self.check_out()
        self.github(job, HELD)
        kept = self.folder / upload["with"]["path"]
        self.assertEqual(self.failures(kept), [])
        self.assertIn("### afterwrite: held", (self.folder / "page.md").read_text(encoding="utf-8"))
        kept.rename(self.folder / "main")  # as if it had been that of the main branch
        self.assertEqual(self.folder / job["env"]["BASELINE"], self.folder / "main" / "report.json")
        self.github(job, VIOLATED, READ_POLICY="any-replica")
        self.assertEqual(len(self.failures(kept)), 1)
        page = (self.folder / "page.md").read_text(encoding="utf-8")
        self.assertIn("| read-your-writes | **violated** |", page)
        self.assertRegex(page, r"(?i)against.*main/report\.json")

    def test_of_gitlab(self):
        [job] = recipe_in_docs("GitLab CI").values()
        # What the image lacks is installed there; here it is only written down.
        self.on_path()
        apt = self.folder / "bin" / "apt-get"
        apt.write_text(f'#!/bin/sh\necho "$*" >> "{self.folder}/installed"\n', encoding="utf-8")
        apt.chmod(0o755)
        self.check_out()
        script = "\n".join(job["before_script"] + job["script"])
        for code, policy in ((HELD, {}), (VIOLATED, {"READ_POLICY": "any-replica"})):
            self.shell(["bash", "-eo", "pipefail", "-c", script], code, CI="true", **{**job["variables"], **policy})
            self.assertEqual((self.folder / "installed").read_text(encoding="utf-8").splitlines()[-1], "install -y postgresql")
            for path in job["artifacts"]["paths"]:
                self.assertTrue((self.folder / path).exists(), path)
            report = self.folder / job["artifacts"]["reports"]["junit"]
            self.assertEqual(len(self.failures(report.parent)), code)
            report.parent.rename(self.folder / f"of-{code}")
        summary = (self.folder / job["variables"]["SUMMARY"]).read_text(encoding="utf-8")
        self.assertIn("### afterwrite: held", summary)
        self.assertIn("| read-your-writes | **violated** |", summary)
        self.assertEqual(job["artifacts"]["when"], "always")


if __name__ == "__main__":
    unittest.main()
