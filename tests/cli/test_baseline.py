#!/usr/bin/env python3
"""`report`, --baseline and --summary: what is said again, what is new or worse, and what a CI job's page shows."""

import json
import re
import unittest

from command import ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest


def history(stale, fresh, value="v", session="s", extra=""):
    """Sessions that each read a write of theirs back, so many of them not; in order of time."""
    lines = [json.dumps({"kind": "header", "schema": "afterwrite.history/1", "system": "made", "policy": "any-replica",
                         "assume": ["writer-order", "realtime-writes", "one-clock"], "min_at_risk": 1})]
    time = 0
    for i in range(stale + fresh):
        own = {"session": f"{session}{i}", "key": f"k{i}{extra}", "type": "ok"}
        lines.append(json.dumps({"kind": "op", "f": "write", "value": f"{value}{i}", "invoke": time, "complete": time + 10} | own))
        seen = None if i < stale else f"{value}{i}"
        lines.append(json.dumps({"kind": "op", "f": "read", "value": seen, "invoke": time + 20, "complete": time + 30} | own))
        if i >= stale:  # another's later read still misses it: it was at risk
            lines.append(json.dumps({"kind": "op", "f": "read", "value": None, "invoke": time + 25, "complete": time + 35} | own
                                    | {"session": "observer"}))
        time += 100
    return "\n".join(lines + [json.dumps({"kind": "end", "ops": len(lines) - 1})]) + "\n"


class Gate(CommandTest):
    def write(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def baseline(self, stale, fresh, name="base"):
        self.write(f"{name}/history.jsonl", history(stale, fresh))
        self.afterwrite("report", name)
        return f"{name}/report.json"

    def against(self, baseline, stale, fresh, *arguments, code):
        self.write("now.jsonl", history(stale, fresh))
        run = self.afterwrite("check", "--json", "--guarantee", "read-your-writes", "--baseline", baseline, *arguments, "now.jsonl")
        self.assertEqual(run.code, code, run)
        (self.folder / "now.json").write_text(run.out, encoding="utf-8")
        return {row["guarantee"]: row["change"] for row in run.report()["against_baseline"]["rows"]}

    def test_changes(self):
        for before, now, change, code in (((5, 95), (5, 95), "same", HELD),
                                          ((5, 95), (7, 93), "same", HELD),  # noise
                                          ((5, 95), (30, 70), "worse", VIOLATED),
                                          ((30, 70), (5, 95), "better", HELD),
                                          ((0, 100), (1, 99), "new", VIOLATED),
                                          ((1, 99), (0, 100), "gone", HELD),
                                          ((0, 100), (0, 100), "same", HELD),
                                          ((0, 100), (0, 0), "undecided", UNKNOWN),
                                          ((5, 95), (0, 0), "undecided", UNKNOWN),
                                          ((0, 0), (0, 0), "same", HELD),
                                          ((0, 0), (0, 100), "now-held", HELD),
                                          ((0, 0), (3, 97), "new", VIOLATED)):
            with self.subTest(before=before, now=now):
                self.write("base.jsonl", history(*before))
                made = self.afterwrite("check", "--json", "--guarantee", "read-your-writes", "base.jsonl")
                self.write("base.json", made.out)
                self.assertEqual(self.against("base.json", *now, code=code), {"read-your-writes": change})
                self.validate("now.json")

    def validate(self, *files):
        import os
        import subprocess

        done = subprocess.run([os.environ["AFTERWRITE_VALIDATE"], *files], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rows_that_only_one_side_judges(self):
        changes = self.against(self.baseline(5, 95), 5, 95, code=UNKNOWN)
        self.assertEqual(changes, {"read-your-writes": "same", "monotonic-reads": "not-judged",
                                   "read-your-writes+monotonic-reads": "not-judged"})

    def test_a_report_compared_is_a_baseline_too(self):
        self.write("base.json", self.afterwrite("check", "--json", "--guarantee", "read-your-writes", "--baseline",
                                                self.baseline(0, 100), self.folder / "base/history.jsonl").out)
        self.against("base.json", 1, 99, code=VIOLATED)

    def test_audits(self):
        load = ("--sessions", "16", "--duration", "3s", "--lag", "600ms", "--guarantee", "read-your-writes", "--min-at-risk", "5")
        self.audit("--read-policy", "leader", *load, out="base", code=HELD)
        self.audit("--read-policy", "leader", *load, "--baseline", "base/report.json", out="same", code=HELD)
        worse = self.audit("--read-policy", "any-replica", *load, "--baseline", "base/report.json", "--summary", "page.md", out="worse",
                           code=VIOLATED)
        self.assertEqual(worse["against_baseline"]["rows"][0]["change"], "new")
        self.assertIn("Against the baseline base/report.json", (self.folder / "worse/summary.txt").read_text(encoding="utf-8"))
        self.validate("worse/report.json")
        # What is known to be broken gates no more. (At its worst: no run is worse by chance.)
        worse["guarantees"][0]["broken"] = worse["guarantees"][0]["at_risk"]
        self.write("known.json", json.dumps(worse))
        self.audit("--read-policy", "any-replica", *load, "--baseline", "known.json", out="pinned", code=HELD)

    def test_report_makes_all_again(self):
        self.audit("--sessions", "16", "--duration", "3s", "--lag", "300ms", out="run", code=VIOLATED)
        run = self.folder / "run"
        before = {path.name: path.read_bytes() for path in run.iterdir()}
        for name in ("report.json", "report.html", "junit.xml", "summary.txt"):
            (run / name).unlink()
        again = self.afterwrite("report", "run")
        self.assertEqual(again.code, VIOLATED)
        self.assertEqual({path.name: path.read_bytes() for path in run.iterdir()}, before)
        self.assertEqual(again.out.encode(), before["summary.txt"])
        elsewhere = self.afterwrite("report", "run/history.jsonl", "--out", "new/place", "--json", "--guarantee", "monotonic-reads")
        self.assertEqual([row["guarantee"] for row in elsewhere.report()["guarantees"]], ["monotonic-reads"])
        self.assertEqual(sorted(path.name for path in (self.folder / "new/place").iterdir()), ["junit.xml", "report.html", "report.json", "summary.txt"])

    def test_reports_of_next_to_nothing(self):
        header = '{"kind":"header","schema":"afterwrite.history/1"}\n'
        one = '{"kind":"op","session":"s","f":"write","key":"k","value":"1","type":"ok","invoke":1,"complete":2}\n'
        failed = [json.loads(line) for line in history(0, 50).splitlines()]
        for operation in failed[1:-1]:
            operation |= {"type": "fail"} | ({"value": None} if operation["f"] == "read" else {})
        texts = {"empty": header + '{"kind":"end","ops":0}\n', "one": header + one + '{"kind":"end","ops":1}\n',
                 "failed": "\n".join(map(json.dumps, failed)) + "\n"}
        for name, text in texts.items():
            with self.subTest(name):
                self.write(f"{name}/history.jsonl", text)
                run = self.afterwrite("report", name, "--summary", f"{name}.md")
                self.assertEqual(run.code, UNKNOWN, run)
                self.validate(f"{name}/report.json")
                page = (self.folder / f"{name}.md").read_text(encoding="utf-8")
                self.assertIn("### afterwrite: unknown", page)
                report = self.report_of(name)
                for member in ("staleness_curve", "safe_window", "windows_in_use", "versions_behind"):
                    self.assertNotIn(member, report)
                self.assertEqual(report["no_staleness_curve"], "no read is known to have come after its session's own acknowledged write")
                run = self.afterwrite("report", name, "--baseline", f"{name}/report.json")
                self.assertEqual(run.code, HELD, "nothing was known before either")

    def test_a_large_history_says_why_it_has_no_curve(self):
        """What is not kept whole has none, unless that is asked for."""
        with open(self.folder / "large.jsonl", "w", encoding="utf-8") as out:
            out.write(history(5, 95).replace('{"kind": "end", "ops": 295}\n', ""))
            for i in range(70):
                out.write(json.dumps({"kind": "op", "session": "s", "f": "read", "key": f"k{i}", "value": None, "type": "fail", "invoke": 10**6 + i,
                                      "complete": 10**6 + i, "error": "e" * 10**6}) + "\n")
            out.write('{"kind": "end", "ops": 365}\n')
        self.afterwrite("report", "large.jsonl", "--out", "passed")
        report = self.report_of("passed")
        self.validate("passed/report.json")
        self.assertNotIn("staleness_curve", report)
        self.assertIn("one of more than 64 is passed over without being kept", report["no_staleness_curve"])
        command = "afterwrite report --exact large.jsonl --out passed"
        self.assertEqual(report["staleness_curve_command"], command)
        self.assertIn(f"\n  {command}\n", (self.folder / "passed/summary.txt").read_text(encoding="utf-8"))
        self.afterwrite("check", "large.jsonl", "--out", "checked")
        self.assertEqual(self.report_of("checked")["staleness_curve_command"], command.replace("passed", "checked"), "without --exact it makes none either")
        self.afterwrite("report", "large.jsonl", "--out", "grouped", "--scope", "user")
        self.assertNotIn("passed over", self.report_of("grouped")["no_staleness_curve"], "it was kept for that question")
        self.afterwrite(*command.split()[1:])
        kept = self.report_of("passed")
        self.assertEqual(sum(point["reads"] for point in kept["staleness_curve"]["points"]), 100)
        self.assertEqual(kept["guarantees"], report["guarantees"])

    def test_summary_is_appended_and_safe(self):
        hostile = '<img src=x onerror=alert(1)>|`*_[a](http://b.c)\u202e\n@all www.d.e'
        self.write("run/history.jsonl", history(3, 40, value=hostile, session=hostile, extra=hostile))
        self.write("page.md", "before\n")
        run = self.afterwrite("report", "run", "--summary", "page.md")
        self.assertEqual(run.code, VIOLATED, run)
        page = (self.folder / "page.md").read_text(encoding="utf-8")
        self.assertTrue(page.startswith("before\n### afterwrite: violated"), page)
        self.assertIn("How read-your-writes was broken", page)
        again = "\nJudge again: `afterwrite check run/history.jsonl`\n"
        self.assertIn(again, page)
        shown = page.replace("<code>", "").replace("</code>", "").replace(again, "")
        for word in ("<", "`", "http://", "www.", "@all", "[a]", "\u202e"):
            self.assertNotIn(word, shown)
        for line in page.splitlines():
            if line.startswith("|"):
                self.assertEqual(line.count("|"), 4, line)
        self.assertLess(len(page), 6000)

    def test_a_megabyte_is_shortened(self):
        self.write("run/history.jsonl", history(1, 3, value="x" * 1_000_000))
        self.afterwrite("report", "run", "--summary", "page.md")
        self.assertLess((self.folder / "page.md").stat().st_size, 6000)

    def test_bad_input(self):
        good = self.baseline(0, 40)
        self.write("now.jsonl", history(0, 40))
        text = (self.folder / good).read_text(encoding="utf-8")
        self.write("torn.json", text[: len(text) // 2])
        self.write("other.json", text.replace("afterwrite.report/1", "afterwrite.report/9"))
        self.write("list.json", "[]")
        self.write("thin.json", '{"schema":"afterwrite.report/1","verdict":"held"}')
        self.write("odd.json", text.replace('"verdict": "held"', '"verdict": "fine"'))
        self.write("empty.json", "")
        self.write("negative.json", re.sub(r'"broken": \d+', '"broken": -5', text))
        self.write("huge.json", re.sub(r'"at_risk": \d+', '"at_risk": 1e30', text))
        for name, says in (("torn.json", "no whole JSON"), ("other.json", "afterwrite.report/9"), ("list.json", "no whole JSON"),
                           ("thin.json", "is no report"), ("negative.json", "'broken'"), ("huge.json", "'at_risk'"),
                            ("odd.json", "'fine'"), ("empty.json", "no whole JSON"),
                           ("none.json", "cannot be read"), (".", "")):
            with self.subTest(name):
                self.assert_refused("check", "--baseline", name, "now.jsonl", says=["--baseline", says])
                self.assert_refused("audit", "memory", "--out", "never", "--baseline", name, says=["--baseline", says])
        self.assertFalse((self.folder / "never").exists())
        self.assert_refused("check", "--baseline", good, "now.jsonl", "now.jsonl", says=["name one"])
        self.assert_refused("check", "--baseline", good, "--expect", "held", "now.jsonl", says=["--expect"])
        self.assert_refused("audit", "memory", "--baseline", good, "--expect", "held", says=["--expect"])
        self.assert_refused("audit", "memory", "--summary", "no/such/page.md", code=ENVIRONMENT_FAILED, says=["--summary"])
        self.assert_refused("report", "now.jsonl", says=["--out"])
        self.assert_refused("report", "tmp", says=["holds no history.jsonl"])
        self.assert_refused("report", "none.jsonl", "--out", "there", says=["none.jsonl"])
        self.assert_refused("report", "nosuch", says=["nosuch", "there is no such folder or history"])
        self.assert_refused("report", "base", "--out", "now.jsonl/in", code=ENVIRONMENT_FAILED, says=["--out"])
        self.assert_refused("report", says=["RUN"])


if __name__ == "__main__":
    unittest.main()
