#!/usr/bin/env python3
"""--gate promised: what the system does not promise is reported, and decides nothing."""

import json
import unittest
import xml.etree.ElementTree as tree

from command import BAD_INPUT, HELD, UNKNOWN, VIOLATED, CommandTest

STALE, FRESH, UNSEEN = "stale", "fresh", "unseen"


def history(routes, min_at_risk=1):
    """One session looks at a write of its own on each route, five times: `routes` says what it saw, and what is promised of that (None: nothing)."""
    lines = [{"kind": "header", "schema": "afterwrite.history/1", "system": "made", "assume": ["writer-order", "one-clock"], "min_at_risk": min_at_risk,
              "guarantees": ["read-your-writes"], "group_by": ["route", "condition"]}]
    time = 0

    def take(session, f, key, value, **labels):
        nonlocal time
        lines.append({"kind": "op", "session": session, "f": f, "key": key, "value": value, "type": "ok", "invoke": time, "complete": time + 10,
                      **({"labels": labels} if labels else {})})
        time += 20

    for route, (saw, promised) in routes.items():
        labels = {"route": route, "condition": "lag"} | ({"promised": promised} if promised else {})
        for i in range(5):
            key = f"{route}-{i}"
            take("s", "write", key, "v")
            take("s", "read", key, None if saw == STALE else "v", **labels)
            if saw == FRESH:  # another who looks later and misses it: this one was at risk
                take("observer", "read", key, None)
    return "".join(json.dumps(line) + "\n" for line in [*lines, {"kind": "end", "ops": len(lines) - 1}])


class Promised(CommandTest):
    def judged(self, routes, *arguments, code, **more):
        (self.folder / "history.jsonl").write_text(history(routes, **more), encoding="utf-8")
        run = self.afterwrite("check", *arguments, "history.jsonl")
        self.assertEqual(run.code, code, run)
        return run

    def test_exit_codes(self):
        for routes, plain, gated in (
                ({"feed": (STALE, "yes"), "raw": (STALE, "no")}, VIOLATED, VIOLATED),
                ({"feed": (FRESH, "yes"), "raw": (STALE, "no")}, VIOLATED, HELD),
                ({"feed": (UNSEEN, "yes"), "raw": (STALE, "no")}, VIOLATED, UNKNOWN),
                ({"feed": (UNSEEN, "yes"), "list": (FRESH, "yes"), "raw": (STALE, "no")}, VIOLATED, UNKNOWN),
                ({"feed": (FRESH, "yes"), "raw": (UNSEEN, "no")}, UNKNOWN, HELD),
                ({"feed": (FRESH, "yes"), "raw": (FRESH, "no")}, HELD, HELD),
                ({"raw": (STALE, "no")}, VIOLATED, UNKNOWN),  # nothing that is promised was looked at
                ({"raw": (FRESH, "no")}, HELD, UNKNOWN),
                ({"feed": (FRESH, "yes"), "raw": (STALE, "no"), "new": (STALE, None)}, VIOLATED, VIOLATED),  # of which nobody says anything
                ({"feed": (STALE, None)}, VIOLATED, VIOLATED),
                ({"feed": (FRESH, None)}, HELD, HELD)):
            with self.subTest(routes=routes):
                self.judged(routes, code=plain)
                self.judged(routes, "--gate", "all", code=plain)
                self.judged(routes, "--gate", "promised", code=gated)

    def test_too_few_reads_at_risk_are_no_pass(self):
        routes = {"feed": (FRESH, "yes"), "raw": (STALE, "no")}
        self.judged(routes, "--gate", "promised", code=HELD, min_at_risk=5)
        self.judged(routes, "--gate", "promised", code=UNKNOWN, min_at_risk=6)

    def test_with_an_expectation(self):
        routes = {"feed": (FRESH, "yes"), "raw": (STALE, "no")}
        self.judged(routes, "--expect", "violated", code=HELD)
        self.judged(routes, "--gate", "promised", "--expect", "violated", code=VIOLATED)
        self.judged(routes, "--gate", "promised", "--expect", "held", code=HELD)

    def test_of_a_run_made_again(self):
        (self.folder / "run").mkdir()
        (self.folder / "run/history.jsonl").write_text(history({"feed": (FRESH, "yes"), "raw": (STALE, "no")}), encoding="utf-8")
        self.assertEqual(self.afterwrite("report", "run").code, VIOLATED)
        self.assertEqual(self.afterwrite("report", "--gate", "promised", "run").code, HELD)

    def test_what_is_not_promised_is_reported_all_the_same(self):
        run = self.judged({"a raw": (STALE, "no"), "feed": (STALE, "yes"), "list": (FRESH, "yes")}, "--gate", "promised", "--out", "reports",
                          "--summary", "page.md", code=VIOLATED)
        self.assertTrue(run.out.startswith("VIOLATED: 1 promised row violated, 1 not promised; read-your-writes in 2 of 3 groups\n"), run.out)
        self.assertIn("rows that the system promises: 1 violated, 1 held, 0 unknown; others: 1 violated, 0 held, 0 unknown",
                      " ".join(run.out.split()))
        self.assertIn("How read-your-writes (group feed, lag) was broken", run.out)
        self.assertIn("### afterwrite: violated: 1 promised row violated, 1 not promised\n", (self.folder / "page.md").read_text(encoding="utf-8"))
        suite = tree.parse(self.folder / "reports/junit.xml").getroot().find("testsuite")
        self.assertEqual(suite.get("failures"), "2")
        properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
        self.assertEqual((properties["promised rows violated"], properties["rows violated that are not promised"]), ("1", "1"))
        messages = {case.get("name"): case[0].get("message") for case in suite.iter("testcase") if case.find("failure") is not None}
        self.assertTrue(messages["read-your-writes (group a raw, lag)"].startswith("not promised by the system: 5 of 5 at-risk reads were stale"))
        self.assertTrue(messages["read-your-writes (group feed, lag)"].startswith("5 of 5 at-risk reads were stale"))
        report = json.loads((self.folder / "reports/report.json").read_text(encoding="utf-8"))
        self.assertEqual(report["promises"], {"verdict": "violated", "promised": {"violated": 1, "held": 1, "unknown": 0},
                                              "not_promised": {"violated": 1, "held": 0, "unknown": 0}})

    def test_what_makes_no_sense(self):
        self.judged({"feed": (FRESH, "yes")}, "--gate", "some", code=BAD_INPUT)
        self.judged({"feed": (FRESH, "yes")}, "--out", "reports", code=HELD)
        run = self.judged({"feed": (FRESH, "yes")}, "--gate", "promised", "--baseline", "reports/report.json", code=BAD_INPUT)
        self.assertIn("leave one out", run.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
