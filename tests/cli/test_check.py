#!/usr/bin/env python3
"""`check`: damaged histories, several at once, what is asked of them, and exit codes."""

import json
import unittest

import recorded
from command import BAD_INPUT, HELD, UNKNOWN, VIOLATED, CommandTest, rows_of, verdicts_of
from recorded import Recording

VERDICTS = {"held": HELD, "violated": VIOLATED, "unknown": UNKNOWN}


class Damaged(CommandTest):
    def save(self, content, name="history.jsonl"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def assert_bad(self, content, *says):
        self.assert_refused("check", self.save(content), says=["history.jsonl", *says])

    def test_no_history(self):
        self.assert_bad("", "empty")
        self.assert_bad("\n\n  \n", "empty")
        self.assert_bad(b"\x00\x01\x02\xff" * 1000 + b"\n", ":1:")
        self.assert_bad("time,session,key\n", ":1:", "JSON")
        self.assert_bad("[]\n", ":1:", "object")
        self.assert_bad('{"kind":"op"', "history")

    def test_no_file(self):
        self.assert_refused("check", "nowhere.jsonl", says=["nowhere.jsonl", "No such file"])
        self.assert_refused("check", ".", says=["folder"])

    def test_torn_last_line_is_noted(self):
        whole = recorded.violated().text()
        report = self.check(self.save(whole[:-20]), code=VIOLATED)
        self.assertTrue(report["run"]["truncated"])
        self.assertRegex(" ".join(report["notes"]), r"line 4 .*cut off")
        self.assertEqual(report["anomalies"], {})

    def test_no_footer_is_said(self):
        recording = recorded.violated()
        recording.footer = False
        report = self.check(self.save(recording.text()), code=VIOLATED)
        self.assertTrue(report["run"]["truncated"])
        self.assertNotEqual(report["notes"], [])

    def test_torn_line_in_the_middle(self):
        lines = recorded.violated().text().splitlines()
        lines[1] = lines[1][:-20]
        self.assert_bad("\n".join(lines) + "\n", ":2:")

    def test_enormous_line(self):
        mebibyte = 1 << 20
        recording = recorded.violated()
        line = json.dumps({"kind": "op", "session": "s0", "f": "write", "key": "x", "value": "v" * (20 * mebibyte),
                           "type": "ok", "invoke": 0, "complete": 1}) + "\n"
        self.assert_bad(line + recording.text(), ":1:", "bytes")

    def test_a_field_of_the_right_length(self):
        recording = Recording().write("s0", "x", "v" * (1 << 20), 0).read("s0", "x", "v" * (1 << 20), 2)
        self.assertEqual(self.check(self.save(recording.text()))["anomalies"], {})

    def test_missing_and_mistyped_fields(self):
        for field in ("session", "f", "key", "value", "type", "invoke", "complete"):
            recording = recorded.violated()
            del recording.lines[1][field]
            with self.subTest(missing=field):
                self.assert_bad(recording.text(), ":2:", f"'{field}'")
        for field, value in (("session", 3), ("f", "update"), ("type", "perhaps"), ("invoke", "now"), ("invoke", -1),
                             ("value", {"a": 1}), ("complete", 1.5), ("version", "one"), ("labels", ["x"])):
            recording = recorded.violated()
            recording.lines[1][field] = value
            with self.subTest(field=field, value=value):
                self.assert_bad(recording.text(), ":2:", f"'{field}'")

    def test_completes_before_it_begins(self):
        self.assert_bad(Recording().write("s0", "x", "a", 5, complete=4).text(), ":1:", "'complete'")

    def test_out_of_order(self):
        self.assert_bad(Recording().write("s0", "x", "a", 5).write("s0", "x", "b", 0).text(), ":2:", "order of completion")

    def test_footer_that_disagrees(self):
        text = recorded.violated().text().replace('"ops": 3', '"ops": 4')
        self.assert_bad(text, ":4:", "'ops'", "missing")

    def test_something_after_the_footer(self):
        self.assert_bad(recorded.violated().text() * 2, ":5:", "footer")

    def test_a_header_of_another_age(self):
        text = '{"kind":"header","schema":"afterwrite.history/99"}\n'
        self.assert_bad(text, ":1:", "afterwrite.history/99", "afterwrite.history/1")

    def test_a_header_that_asks_for_the_unknown(self):
        self.assert_bad(recorded.violated({"guarantees": ["read-your-rights"]}).text(), "did you mean 'read-your-writes'")
        self.assert_bad(recorded.violated({"scope": "galaxy"}).text(), "galaxy")
        self.assert_bad(recorded.violated({"assume": ["luck"]}).text(), "luck")

    def test_repeated_value_is_unknown(self):
        recording = Recording().write("s0", "x", "a", 0).write("s0", "x", "b", 2).write("s0", "x", "a", 4)
        recording.read("s0", "x", "b", 6)
        report = self.check(self.save(recording.text()), code=UNKNOWN)
        self.assertEqual(set(report["anomalies"]), {"duplicate-value"})
        self.assertNotIn("violated", verdicts_of(report).values())

    def test_repeated_value_leaves_other_keys_alone(self):
        recording = recorded.violated().write("s0", "y", "a", 6).write("s0", "y", "a", 8)
        report = self.check(self.save(recording.text()), code=VIOLATED)
        self.assertEqual(report["anomalies"], {"duplicate-value": 1})

    def test_nothing_but_a_header(self):
        self.check(self.save(Recording({}).text()), code=UNKNOWN)


class ExitCodes(CommandTest):
    def setUp(self):
        super().setUp()
        recorded.held().save(self.folder / "held")
        recorded.violated().save(self.folder / "violated")
        recorded.unknown().save(self.folder / "unknown")
        (self.folder / "bad").write_text("nonsense\n", encoding="utf-8")

    def code(self, *arguments):
        return self.afterwrite("check", *arguments).code

    def test_one_file(self):
        for verdict, code in VERDICTS.items():
            self.check(verdict, code=code)
        self.assertEqual(self.code("bad"), BAD_INPUT)

    def test_expected(self):
        for verdict, code in VERDICTS.items():
            for expected in VERDICTS:
                with self.subTest(verdict=verdict, expected=expected):
                    # Not met: the verdict's own code, or 1 in place of 0.
                    self.assertEqual(self.code("--expect", expected, verdict),
                                     HELD if verdict == expected else code or VIOLATED)
        self.assertEqual(self.code("--expect", "unknown", "bad"), BAD_INPUT)

    def test_the_worst_of_several_counts(self):
        order = {"bad": BAD_INPUT, "violated": VIOLATED, "unknown": UNKNOWN, "held": HELD}
        for position, (worst, code) in enumerate(order.items()):
            with self.subTest(worst=worst):
                self.assertEqual(self.code(*reversed(list(order)[position:])), code)
                self.assertEqual(self.code(*list(order)[position:]), code)

    def test_expected_of_several(self):
        self.assertEqual(self.code("--expect", "violated", "violated", "violated"), HELD)
        self.assertEqual(self.code("--expect", "violated", "violated", "held"), VIOLATED)
        self.assertEqual(self.code("--expect", "held", "held", "unknown"), UNKNOWN)
        self.assertEqual(self.code("--expect", "held", "violated", "unknown"), VIOLATED)

    def test_json_is_a_report_a_line_in_order(self):
        files = ["violated", "bad", "unknown", "held", "violated"]
        run = self.afterwrite("check", "--json", *files)
        self.assertEqual(run.code, BAD_INPUT, run)
        reports = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual([report["run"]["history"] for report in reports], ["violated", "unknown", "held", "violated"])
        self.assertEqual([report["verdict"] for report in reports], ["violated", "unknown", "held", "violated"])
        self.assertRegex(run.err, r"\Aafterwrite: bad:1: [^\n]+\n\Z")

    def test_several_for_people(self):
        run = self.afterwrite("check", "violated", "held")
        self.assertRegex(run.out, r"(?sm)^violated\n.*VIOLATED.*^held\n.*HELD")


class Asked(CommandTest):
    """What the flags of `check` ask."""

    def save(self, recording):
        return recording.save(self.folder / "history.jsonl").name

    def test_guarantees(self):
        file = self.save(recorded.violated())
        everything = "read-your-writes,monotonic-reads,monotonic-writes,writes-follow-reads"
        for asked, rows in (("monotonic-reads", ["monotonic-reads"]),
                            ("monotonic-reads,monotonic-reads", ["monotonic-reads"]),
                            ("monotonic-reads,read-your-writes",
                             ["monotonic-reads", "read-your-writes", "read-your-writes+monotonic-reads"]),
                            (everything, everything.split(",") + ["read-your-writes+monotonic-reads", "coherence"]),
                            ("coherence", ["coherence"])):
            with self.subTest(asked=asked):
                report = self.check("--guarantee", asked, file)
                self.assertEqual([row["guarantee"] for row in report["guarantees"]], rows)

    def test_the_header_asks_unless_a_flag_does(self):
        file = self.save(recorded.violated({"guarantees": ["monotonic-reads"], "scope": "user", "min_at_risk": 7}))
        report = self.check(file, code=UNKNOWN)
        self.assertEqual([(row["guarantee"], row["scope"]) for row in report["guarantees"]], [("monotonic-reads", "user")])
        report = self.check("--guarantee", "read-your-writes", "--scope", "session", file, code=VIOLATED)
        self.assertEqual([(row["guarantee"], row["scope"]) for row in report["guarantees"]],
                         [("read-your-writes", "session")])

    def test_scopes(self):
        # Two sessions of one user: the second does not see what the first wrote. The first's second process neither.
        recording = Recording({"assume": ["writer-order", "one-clock"]})
        recording.write("s0", "x", "a", 0, user="u", process="s0.0").write("s0", "x", "b", 2, user="u", process="s0.0")
        recording.read("s1", "x", "a", 4, user="u", process="s1.0")
        file = self.save(recording)
        asked = ["--guarantee", "read-your-writes"]
        self.assertEqual(verdicts_of(self.check(*asked, "--scope", "session", file)), {"read-your-writes": "unknown"})
        self.assertEqual(verdicts_of(self.check(*asked, "--scope", "user", file)), {"read-your-writes": "violated"})
        recording.read("s0", "x", "a", 6, user="u", process="s0.1")
        file = self.save(recording)
        self.assertEqual(verdicts_of(self.check(*asked, "--scope", "session", file)), {"read-your-writes": "violated"})
        self.assertEqual(verdicts_of(self.check(*asked, "--scope", "process", file)), {"read-your-writes": "unknown"})
        report = self.check(*asked, "--scope", "session,user,process", file)
        self.assertEqual([row["scope"] for row in report["guarantees"]], ["session", "user", "process"])

    def test_assumptions(self):
        # That b is newer than a rests on the order of its writer alone.
        file = self.save(recorded.violated())
        report = self.check(file, code=VIOLATED)
        self.assertEqual(rows_of(report)["read-your-writes"]["assumptions"], ["writer-order"])
        report = self.check("--assume", "none", file, code=UNKNOWN)
        self.assertNotIn("violated", verdicts_of(report).values())
        file = self.save(recorded.violated({"assume": []}))
        self.check(file, code=UNKNOWN)
        self.check("--assume", "writer-order", file, code=VIOLATED)

    def test_assumptions_that_cannot_be(self):
        file = self.save(recorded.violated())
        self.assert_refused("check", "--assume", "realtime-writes", file, says=["--assume", "needs one-clock"])
        self.assert_refused("check", "--assume", "none,one-clock", file, says=["'none' stands alone"])
        file = self.save(recorded.violated({"assume": ["realtime-writes"]}))
        self.assert_refused("check", file, says=["history.jsonl", "header", "needs one-clock"])

    def test_recorded_versions_need_no_assumption(self):
        recording = Recording({"assume": []})
        recording.write("s0", "x", "a", 0, version=1).write("s0", "x", "b", 2, version=2)
        recording.read("s0", "x", "a", 4, version=1)
        report = self.check("--assume", "none", self.save(recording), code=VIOLATED)
        self.assertEqual(rows_of(report)["read-your-writes"]["assumptions"], [])

    def test_min_at_risk(self):
        file = self.save(recorded.held())
        self.check("--min-at-risk", "1", file, code=HELD)
        self.check("--min-at-risk", "2", file, code=UNKNOWN)
        file = self.save(recorded.held({"min_at_risk": 2}))
        self.check(file, code=UNKNOWN)
        self.check("--min-at-risk", "1", file, code=HELD)
        self.check("--min-at-risk", "1000", self.save(recorded.violated()), code=VIOLATED)

    def test_group_by(self):
        recording = Recording()
        for route, seen in (("profile", "b"), ("timeline", "a")):
            labels = {"labels": {"route": route}}
            recording.write("s0", route, "a", 10 * recording.count, **labels)
            recording.write("s0", route, "b", 10 * recording.count, **labels)
            recording.read("s0", route, seen, 10 * recording.count, **labels)
        file = self.save(recording)
        report = self.check("--group-by", "route", file, code=VIOLATED)
        by_group = {row["group"]: row["verdict"] for row in report["guarantees"] if row["guarantee"] == "read-your-writes"}
        self.assertEqual(by_group["timeline"], "violated")
        self.assertNotEqual(by_group["profile"], "violated")
        self.assertEqual(rows_of(self.check(file, code=VIOLATED))["read-your-writes"]["violations"], 1)

    def test_what_no_group_judges_is_counted(self):
        recording = Recording()
        recording.write("s0", "x", "a", 0, labels={"route": "profile"})
        recording.read("s0", "x", "a", 10, labels={"route": "profile"})
        recording.write("s1", "y", "b", 20).read("s1", "y", None, 30)
        report = self.check("--group-by", "route", self.save(recording), code=UNKNOWN)
        self.assertIn("1 operation bears no label route and is judged in no group", report["notes"])

    def test_group_by_what_nobody_recorded(self):
        recording = recorded.violated()
        self.assert_refused("check", "--group-by", "route", self.save(recording), says=["history.jsonl", "'route'"])
        recording.lines[0]["labels"] = {"route": "timeline"}
        self.assert_refused("check", "--group-by", "rout", self.save(recording), says=["did you mean 'route'"])

    def test_what_the_header_asks_for_is_judged_or_refused(self):
        def recorded_with(**header):
            recording = Recording(header)
            for route, seen in (("profile", "b"), ("timeline", "a")):
                labels = {"labels": {"route": route, "kind": "edit"}}
                recording.write("s0", route, "a", 10 * recording.count, **labels).write("s0", route, "b", 10 * recording.count, **labels)
                recording.read("s0", route, seen, 10 * recording.count, **labels)
            return self.save(recording)

        report = self.check(recorded_with(group_by=["route", "kind"]), code=VIOLATED)
        self.assertEqual({row["group"] for row in report["guarantees"]}, {"profile, edit", "timeline, edit"})
        for name, value in {"group_by": 5, "scope": 7, "guarantees": [1]}.items():
            self.assert_refused("check", recorded_with(**{name: value}), says=["history.jsonl", f"'{name}'", "an array of texts"])

    def test_an_interrupted_history_accuses_nobody_of_phantoms(self):
        recording = Recording(footer=False).read("s0", "x", "in-flight", 0)
        report = self.check(self.save(recording), code=UNKNOWN)
        self.assertNotIn("phantom-read", report["anomalies"])
        recording.footer = True
        self.assertEqual(self.check(self.save(recording), code=UNKNOWN)["anomalies"], {"phantom-read": 1})


if __name__ == "__main__":
    unittest.main()
