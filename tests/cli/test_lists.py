#!/usr/bin/env python3
"""`list`, `doctor` and `clean`: what they say is what the other commands accept."""

import unittest

from command import ENVIRONMENT_FAILED, HELD, CommandTest


class Lists(CommandTest):
    def names(self, what):
        run = self.afterwrite("list", what)
        self.assertEqual((run.code, run.err), (HELD, ""), run)
        words = [line.split()[0] for line in run.out.splitlines() if not line.startswith(" ")]
        return [word.split(":")[0].split("[")[0].split("@")[0] for word in words]

    def test_every_guarantee_can_be_asked_for(self):
        guarantees = self.names("guarantees")
        self.assertIn("read-your-writes", guarantees)
        report = self.audit("--ops", "50", "--read-delay", "1ms..2ms", *[f"--guarantee={name}" for name in guarantees], out="run")
        self.assertEqual([row["guarantee"] for row in report["guarantees"]], guarantees)

    def test_every_policy_works(self):
        for policy in self.names("policies"):
            with self.subTest(policy=policy):
                if policy == "endpoint":
                    self.assert_refused("audit", "memory", "--read-policy", policy, says=["endpoint", "one address"])
                else:
                    self.audit("--read-policy", policy, "--ops", "50", "--read-delay", "1ms..2ms", out=policy)

    def test_every_workload_works(self):
        for workload in set(self.names("workloads")) - {"views"}:  # which no system has that is built in; tests/atproto
            with self.subTest(workload=workload):
                report = self.audit("--workload", workload, "--ops", "100", "--read-delay", "1ms..2ms", "--lag", "5ms",
                                    out=workload)
                self.assertTrue(report["run"]["workload"].startswith(workload))
                self.assertEqual(report["anomalies"], {})

    def test_every_fault_is_known(self):
        for fault in self.names("faults"):
            with self.subTest(fault=fault):
                run = self.afterwrite("audit", "memory", "--fault", f"{fault}:nobody,no=thing@1s", "--out", "run")
                self.assertNotIn("no fault is called", run.err)

    def test_every_system_is_known(self):
        self.assertEqual(sorted(self.names("systems")), ["atproto", "etcd", "exec", "http", "memory", "postgres"])


class Doctor(CommandTest):
    def test_says_what_is_missing(self):
        run = self.afterwrite("doctor", "--pg-bin", "/nonexistent")
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertRegex(run.out, r"(?m)^MISSING PostgreSQL.*\n +.*/nonexistent")
        self.assertRegex(run.out, r"(?m)^ok +loopback ports")

    def test_what_only_some_audits_need_is_no_failure(self):
        run = self.afterwrite("doctor", environment={"XDG_CACHE_HOME": "/nonexistent"})
        self.assertRegex(run.out, r"(?m)^absent  Bluesky stack.*\n +.*/nonexistent/afterwrite/atproto-\w+; run scripts/install-atproto")

    def test_names_the_package(self):
        run = self.afterwrite("doctor", environment={"PATH": "/nonexistent"})
        self.assertIn(run.code, (HELD, ENVIRONMENT_FAILED), run)
        if run.code == ENVIRONMENT_FAILED:
            self.assertIn("postgresql", run.out)


class Clean(CommandTest):
    def test_only_what_is_ours(self):
        """A folder that merely bears the name is nobody's to remove."""
        stranger = self.temporary / "afterwrite-abcdef"
        stranger.mkdir()
        (stranger / "precious").touch()
        run = self.afterwrite("clean")
        self.assertEqual(run.code, HELD, run)
        self.assertTrue((stranger / "precious").exists())
        (stranger / "precious").unlink()
        stranger.rmdir()


if __name__ == "__main__":
    unittest.main()
