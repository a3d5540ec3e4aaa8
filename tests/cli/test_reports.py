#!/usr/bin/env python3
"""What an audit writes: reports that fit the published schema, and that `check` makes again from the history alone."""

import json
import os
import subprocess
import unittest
import xml.etree.ElementTree

import recorded
from command import ENVIRONMENT_FAILED, CommandTest, run_all, verdicts_of

EVERY_GUARANTEE = "read-your-writes,monotonic-reads,monotonic-writes,writes-follow-reads"

# name -> flags of audits that differ in as much as one can
AUDITS = {
    "any-replica": ["--lag", "200ms", "--control", "--guarantee", EVERY_GUARANTEE],
    "lists": ["--lag", "200ms", "--workload", "append", "--scope", "user"],
    "bank": ["--lag", "200ms", "--workload", "bank"],
    "score": ["--lag", "100ms,400ms", "--workload", "score", "--read-policy", "sticky-replica", "--opt", "versions=off"],
    "token": ["--lag", "200ms", "--read-policy", "version-token:wait=50ms", "--control", "--scope", "process"],
    "faults": ["--lag", "50ms", "--read-policy", "recent-writer:100ms", "--op-timeout", "200ms", "--fault",
               "kill:follower-1@300ms..900ms", "--fault", "pause-replay:follower-2@500ms..1500ms", "--fault", "failover@2s,cut=0"],
    "quiet": ["--followers", "0", "--read-policy", "leader"],
    "bugs": ["--opt", "bug=phantom", "--lag", "100ms"],
    "expected": ["--lag", "200ms", "--expect", "violated", "--min-at-risk", "5", "--rate", "100/s"],
}


class Reports(CommandTest):
    def validate(self, *files):
        done = subprocess.run([os.environ["AFTERWRITE_VALIDATE"], *files], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_help_names_every_file(self):
        help_text = self.afterwrite("report", "--help").out
        for name in ("report.html", "report.json", "junit.xml", "summary.txt"):
            self.assertIn(name, help_text)

    def test_of_every_kind(self):
        def audit(name):
            return self.afterwrite("audit", "memory", "--quiet", "--duration", "3s", "--read-delay", "1ms..500ms",
                                   "--out", name, *AUDITS[name])

        runs = dict(zip(AUDITS, run_all([lambda name=name: audit(name) for name in AUDITS])))
        for name, run in runs.items():
            with self.subTest(audit=name):
                self.validate(f"{name}/report.json")
                self.assert_same_again(name, run)
                self.assert_files(name, run)
        self.assertEqual(self.report_of("bank")["bank"] is not None, True)
        self.assertEqual(len(self.report_of("faults")["faults"]), 3)
        self.assertTrue(any(row["control"] for row in self.report_of("token")["guarantees"]))
        self.assertEqual(runs["expected"].code, 0)

    def assert_same_again(self, name, run):
        """Everything in a report is a pure function of the recorded file."""
        history = f"{name}/history.jsonl"
        report = self.report_of(name, run)
        again = self.check(history)
        self.assertEqual(again["guarantees"], report["guarantees"])
        # `check` keeps no operations of what is sound, so there is no curve in what it says.
        self.assertEqual(again, {name: value for name, value in report.items()
                                 if name not in ("staleness_curve", "safe_window", "windows_in_use",
                                              "no_staleness_curve")}
                         | {"no_staleness_curve": "afterwrite check does not make it",
                            "staleness_curve_command": f"afterwrite report {history} --out FOLDER"})
        shown = self.afterwrite("check", history)
        (self.folder / "check.json").write_text(json.dumps(again), encoding="utf-8")
        self.validate("check.json")
        if name != "expected":
            self.assertEqual(shown.code, run.code)

    def test_check_writes_them_too(self):
        audit = self.audit("--lag", "200ms", "--ops", "200", "--read-delay", "1ms..50ms", out="run")
        run = self.afterwrite("check", "--out", "made/again", "run/history.jsonl")
        self.assertEqual(self.report_of("made/again", run)["guarantees"], audit["guarantees"])
        files = sorted(path.name for path in (self.folder / "made/again").iterdir())
        self.assertEqual(files, ["junit.xml", "report.html", "report.json", "summary.txt"])
        self.assertEqual((self.folder / "made/again/summary.txt").read_text(encoding="utf-8"), run.out)
        self.afterwrite("check", "--exact", "--out", "exact", "run/history.jsonl")
        pages = [(self.folder / folder / "report.html").read_text(encoding="utf-8") for folder in ("made/again", "exact")]
        self.assertEqual(pages[0].replace("--out made/again", "--out exact"), pages[1], "what one pass says of the run is what the whole history says")

    def test_check_cannot_write_them(self):
        self.audit("--ops", "20", out="run")
        (self.folder / "taken").write_text("a file", encoding="utf-8")
        run = self.afterwrite("check", "--out", "taken", "run/history.jsonl")
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertIn("taken: the folder for the reports cannot be made", run.err)
        self.assertIn("read-your-writes", run.out)

    def assert_files(self, name, run):
        files = sorted(path.name for path in (self.folder / name).iterdir())
        self.assertEqual(files, ["history.jsonl", "junit.xml", "report.html", "report.json", "summary.txt"])
        self.assertEqual((self.folder / name / "summary.txt").read_text(encoding="utf-8"), run.out)
        report = self.report_of(name)
        suites = xml.etree.ElementTree.parse(self.folder / name / "junit.xml").getroot()
        cases = list(suites.iter("testcase"))
        judged = [row for row in report["guarantees"] if not row["control"]]
        self.assertGreaterEqual(len(cases), len(judged))
        self.assertEqual(len(list(suites.iter("skipped"))), 0)
        for tag, verdict in (("failure", "violated"), ("error", "unknown")):
            found = sum(case.find(tag) is not None for case in cases)
            self.assertEqual(found, sum(row["verdict"] == verdict for row in judged), tag)

    def test_json_on_stdout_is_the_report(self):
        run = self.afterwrite("audit", "memory", "--json", "--lag", "100ms", "--ops", "200", "--read-delay", "1ms..20ms",
                              "--out", "run")
        self.assertEqual(run.report(), self.report_of("run"))
        self.assertEqual(run.out.count("\n"), 1)

    def test_names_of_folders(self):
        for policy in ("leader", "recent-writer:5s"):
            self.afterwrite("audit", "memory", "--quiet", "--ops", "20", "--read-delay", "1ms..2ms", "--read-policy", policy)
        names = sorted(path.name.split("-", 2)[2] for path in (self.folder / "afterwrite-runs").iterdir())
        self.assertEqual(names, ["memory-leader", "memory-recent-writer-5s"])

    def test_checks_of_foreign_histories_fit_the_schema(self):
        hard = recorded.violated({"system": "\u202e<&\"'\n", "workload": "w", "seed": 2**53 - 1})
        hard.read("s<1>", "k&\u0000", None, 6).operation("s2", "delete", "x", None, 8)
        hard.operation("s3", "append", "list", "e1", 10).read("s3", "list", ["e1"], 12).read("s3", "list", [], 14)
        hard.operation("s3", "write", "x", 17, 16, kind="info", error="\x1b[31mred\x1b[0m")
        hard.operation("s3", "read", "x", None, 18, kind="fail", error="refused")
        for name, recording in (("held", recorded.held()), ("violated", recorded.violated()),
                                ("unknown", recorded.unknown()), ("hard", hard)):
            with self.subTest(history=name):
                recording.save(self.folder / name)
                (self.folder / "out.json").write_text(json.dumps(self.check(name)), encoding="utf-8")
                self.validate("out.json")
                shown = self.afterwrite("check", name)
                self.assertNotIn("\x1b", shown.out, "what a history holds must not steer a terminal")
                self.assertNotIn("\u202e", shown.out)

    def test_the_seed_reproduces_what_is_asked(self):
        """Not the interleaving: the same keys by the same sessions, as long as none waits for another."""
        asked = []
        for out in ("one", "two"):
            self.audit("--seed", "42", "--sessions", "1", "--ops", "60", "--read-delay", "1ms..2ms", "--read-policy", "leader",
                       out=out)
            with open(self.folder / out / "history.jsonl", encoding="utf-8") as history:
                operations = [json.loads(line) for line in history if '"kind":"op"' in line]
            asked.append([(each["session"], each["f"], each["key"]) for each in operations][:60])
        self.assertEqual(asked[0], asked[1])

    def test_the_verdict_of_the_run(self):
        report = self.audit("--lag", "200ms", "--ops", "400", "--read-delay", "1ms..20ms", out="run", code=1)
        self.assertEqual(report["verdict"], "violated")
        self.assertEqual(set(verdicts_of(report)),
                         {"read-your-writes", "monotonic-reads", "read-your-writes+monotonic-reads"})


if __name__ == "__main__":
    unittest.main()
