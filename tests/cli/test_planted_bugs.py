#!/usr/bin/env python3
"""The bugs of the in-memory system: each is found under the flags that `list systems` names, and nobody is accused without it."""

import re
import shlex
import unittest

from command import CommandTest, rows_of, run_all

GUARANTEES = ("read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads")
LINE = re.compile(r"^ +--opt bug=(\S+) .*\n +breaks (.+); shown by (.+)$", re.M)


def found(report, name):
    """Whether the report accuses the system of breaking this guarantee, or holds this anomaly."""
    if name in GUARANTEES:
        return any(row["guarantee"] == name and row["verdict"] == "violated" and row["violations"] > 0
                   for row in report["guarantees"])
    return report["anomalies"].get(name, 0) > 0


class PlantedBugs(CommandTest):
    def bugs(self):
        listed = self.afterwrite("list", "systems").out
        bugs = [(name, [each.strip() for each in breaks.split(",")], shlex.split(flags))
                for name, breaks, flags in LINE.findall(listed)]
        self.assertGreaterEqual(len(bugs), 4, listed)
        self.assertEqual(len(bugs), len(re.findall(r"--opt bug=[a-z]", listed)), "a bug without the flags that show it")
        return bugs

    def audits(self, bugs, planted):
        """Every bug's flags, with the bug or without: name -> report."""
        names = [name for name, _, _ in bugs]
        jobs = [lambda name=name, flags=flags: self.audit("--opt", f"bug={name if planted else 'none'}", "--duration", "8s",
                                                          *flags, out=f"{name}-{planted}")
                for name, _, flags in bugs]
        return dict(zip(names, run_all(jobs)))

    def test_each_is_found(self):
        bugs = self.bugs()
        reports = self.audits(bugs, planted=True)
        for name, breaks, _ in bugs:
            for broken in breaks:
                with self.subTest(bug=name, breaks=broken):
                    self.assertTrue(found(reports[name], broken), self.answer(reports[name]))

    def test_without_them_nobody_is_accused(self):
        bugs = self.bugs()
        reports = self.audits(bugs, planted=False)
        for name, breaks, _ in bugs:
            self.assertEqual(reports[name]["anomalies"], {}, name)
            for broken in breaks:
                with self.subTest(bug=name, breaks=broken):
                    self.assertFalse(found(reports[name], broken), self.answer(reports[name]))

    @staticmethod
    def answer(report):
        rows = [f"{name}: {row['verdict']}, {row['violations']} of {row['at_risk']}, {row['reason']}"
                for name, row in rows_of(report).items()]
        return "\n".join(rows + [str(report["anomalies"])])


class NeverAccused(CommandTest):
    """A system that keeps its promises, whatever is done to it: unknown is a fair answer, violated is not."""

    FAULTS = {
        "kills": ["--fault", "kill:follower-1@500ms..1s", "--fault", "kill:leader@1500ms..2s",
                  "--fault", "kill:follower-2@2500ms..3s"],
        "pauses": ["--fault", "pause-replay:follower-1@500ms..2s", "--fault", "pause-replay:follower-2@1s..3s"],
        "both": ["--fault", "pause-replay:follower-1@500ms..3s", "--fault", "kill:leader@1s..1500ms",
                 "--fault", "kill:follower-1@2s..2500ms"],
    }
    POLICIES = ("leader", "version-token:wait=300ms")

    def test_policies_that_keep_their_promise(self):
        runs = [(policy, faults, workload, seed)
                for policy in self.POLICIES
                for faults in self.FAULTS
                for workload, seed in (("register", 1), ("append", 2))]
        jobs = [lambda run=run, number=number: self.audit(
                    "--read-policy", run[0], *self.FAULTS[run[1]], "--workload", run[2], "--seed", run[3], "--lag", "200ms",
                    "--op-timeout", "300ms", "--read-delay", "1ms..1s", "--duration", "4s", out=f"run-{number}")
                for number, run in enumerate(runs)]
        for run, report in zip(runs, run_all(jobs)):
            with self.subTest(run=run):
                self.assertNotEqual(report["verdict"], "violated", PlantedBugs.answer(report))
                self.assertEqual(report["anomalies"], {})

    def test_other_workloads(self):
        runs = [("score", 3), ("bank", 4)]
        jobs = [lambda run=run: self.audit("--read-policy", "leader", *self.FAULTS["both"], "--workload", run[0], "--seed", run[1],
                                           "--lag", "200ms", "--op-timeout", "300ms", "--duration", "4s", out=f"run-{run[0]}")
                for run in runs]
        for run, report in zip(runs, run_all(jobs)):
            with self.subTest(run=run):
                self.assertNotEqual(report["verdict"], "violated", PlantedBugs.answer(report))
                self.assertEqual(report["anomalies"], {})

    def test_everything_waits_for_everyone(self):
        # A defence, not calm: the lag is seen, so the verdict is held and not unknown.
        report = self.audit("--opt", "sync=all", "--lag", "100ms", "--read-policy", "sticky-replica", "--until", "at-risk=40",
                            "--guarantee", "read-your-writes", "--read-delay", "1ms..100ms", "--sessions", "16", out="run", code=0)
        self.assertGreaterEqual(rows_of(report)["read-your-writes"]["at_risk"], 40)

    def test_all_guarantees(self):
        everything = ",".join(GUARANTEES)
        report = self.audit("--read-policy", "leader", "--lag", "200ms", "--guarantee", everything, "--scope", "user",
                            "--duration", "3s", out="run")
        self.assertNotEqual(report["verdict"], "violated", PlantedBugs.answer(report))


if __name__ == "__main__":
    unittest.main()
