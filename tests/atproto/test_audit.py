#!/usr/bin/env python3
"""`afterwrite audit atproto` as a whole: what no machine is too slow for. Rates and the number of reads are not looked at."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from command import BAD_INPUT, CommandTest, VIOLATED

# Own records of an account in use, on the routes that merge them: seen whatever the App View lacks, as no more than ten are pending.
FRESH = {
    ("getProfile", "profile displayName"), ("getProfile", "profile description"),
    ("getProfiles", "profile displayName"), ("getProfiles", "profile description"),
    ("getAuthorFeed", "post"), ("getAuthorFeed", "reply"), ("getTimeline", "post"), ("getTimeline", "reply"),
    ("getPostThread", "post"), ("getPostThread", "reply"),
}


class Audit(CommandTest):
    def test_held(self):
        run = self.start("audit", "atproto", "--quiet", "--out", "run", "--duration", "45s", "--seed", "7", "--sessions", "8",
                         "--fault", "hold:appview@0s..44s").finish(600)
        self.assertEqual(run.code, VIOLATED, run)
        report = self.report_of("run", run)
        self.assertEqual(report["anomalies"], {})
        self.assertTrue(all(fault["bit"] for fault in report["faults"]), report["faults"])
        held = [row for row in report["guarantees"]
                if row["guarantee"] == "read-your-writes" and row["labels"]["condition"] == "held"]
        for row in held:
            route, write = row["labels"]["route"], row["labels"]["write"]
            with self.subTest(route=route, write=write):
                self.assertEqual(row["promised"], "(App View)" not in route and not write.startswith("delete"))
                if (route, write) in FRESH:
                    self.assertEqual(row["broken"], 0, row["told"])
                if "(App View)" in route and row["at_risk"] > 0:
                    self.assertGreater(row["broken"], 0, "the App View itself lacks what it was not sent")
                    self.assertLessEqual(set(row["told"]), {"lag admitted", "refused"})
                if row["broken"]:
                    self.assertEqual(sum(row["told"].values()), row["broken"])
        broken = {row["labels"]["route"] for row in held if row["broken"]}
        self.assertTrue(any("(App View)" in route for route in broken), broken)
        # The file alone says the same.
        again = self.check(self.folder / "run" / "history.jsonl", code=VIOLATED)
        self.assertEqual([(row["group"], row["verdict"]) for row in again["guarantees"]],
                         [(row["group"], row["verdict"]) for row in report["guarantees"]])
        header = json.loads((self.folder / "run" / "history.jsonl").read_text(encoding="utf-8").splitlines()[0])
        self.assertEqual(header["group_by"], "route,write,condition")

    def test_what_does_not_fit_is_refused(self):
        self.assert_refused("audit", "atproto", "--workload", "register", says=["views"])
        self.assert_refused("audit", "memory", "--workload", "views", says=["atproto"])
        for sessions in ("33", "1000"):
            self.assert_refused("audit", "atproto", "--sessions", sessions, says=["--sessions", sessions, "32"])
        self.assert_refused("audit", "atproto", "--keys", "8", says=["--keys", "views"])
        self.assert_refused("sweep", "atproto", "--over", "keys=8,16", says=["--keys", "views"])
        self.assert_refused("audit", "atproto", "--dry-run", says=["--dry-run"])
        self.assert_refused("conform", "atproto", says=["views"])
        self.assert_refused("audit", "atproto", "--followers", "2", says=["--followers"])
        self.assert_refused("audit", "atproto", "--service", "http://127.0.0.1:1", says=["--handle"])
        self.assert_refused("audit", "atproto", "--service", "http://127.0.0.1:1", "--handle", "a.test", "--rate", "100/s",
                            says=["--rate"])
        self.assert_refused("audit", "atproto", "--service", "http://127.0.0.1:1", "--handle", "a.test",
                            says=["AFTERWRITE_ATPROTO_PASSWORD"], code=BAD_INPUT)

    def test_runs_that_would_show_nothing_are_refused(self):
        script = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "repeat-held-audit"
        for runs in ("0", "-1", "ten", "1.5", ""):
            with self.subTest(runs=runs):
                done = subprocess.run([script, f"--runs={runs}", "--afterwrite", "/bin/false"], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn("is no number of runs; give at least 1", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_what_repeats_the_audit_says_which_program_is_missing(self):
        script = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "repeat-held-audit"
        done = subprocess.run([script, "--runs=1", "--afterwrite", "/nowhere/afterwrite"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("'/nowhere/afterwrite' is no program; build it with scripts/build", done.stderr)
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / "checkout" / "scripts" / script.name
            copy.parent.mkdir(parents=True)
            shutil.copy(script, copy)
            done = subprocess.run([copy, "--runs=1"], capture_output=True, text=True, check=False)
            self.assertIn("checkout/build/release/afterwrite' is no program", done.stderr, "the one built beside it is its default")


if __name__ == "__main__":
    unittest.main()
