#!/usr/bin/env python3
"""`check --witness N --out FILE`: the file shows the same violation, whatever the history; and what is refused."""

import json
import os
import pathlib
import unittest

import recorded
from command import BAD_INPUT, ENVIRONMENT_FAILED, VIOLATED, CommandTest
from recorded import Recording

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "checkers" / "golden"
EVERYTHING = ["--guarantee", "read-your-writes,monotonic-reads,monotonic-writes,writes-follow-reads",
              "--scope", "session,user,process"]


def entries_of(report):
    """(row, witness) by the entry's number."""
    return {witness["entry"]: (row, witness) for row in report["guarantees"] for witness in row["witnesses"]}


def told(row, witness, lines):
    """What must be the same. `lines` leads from an operation's line to its line in the whole history."""
    return {
        "row": (row["guarantee"], row["scope"], row["group"]),
        "guarantees": witness["guarantees"],
        "whose": (witness["scope_name"], witness["key"]),
        "line": lines(witness["line"]),
        "operations": sorted(lines(operation["line"]) for operation in witness["operations"]),
        "versions": (witness["expected"], witness["observed"]),
        "edges": [(edge["kind"], edge["older"], edge["newer"]) for edge in witness["edges"]],
        "assumptions": witness["assumptions"],
        "node": witness["node"],
    }


class Witness(CommandTest):
    def cut_out(self, number, history, *arguments, out="witness.jsonl"):
        run = self.afterwrite("check", *arguments, "--witness", number, "--out", out, history)
        self.assertEqual(run.code, VIOLATED, run)
        self.assertIn(f"entry {number}", run.err)
        return self.folder / out

    def assert_same(self, number, row, witness, file):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        source = lambda line: lines[line - 1]["source_line"]
        again = self.afterwrite("check", "--json", file).report()
        self.assertEqual(again["run"]["witness"]["entry"], number)
        self.assertIn(told(row, witness, lambda line: line),
                      [told(*entry, source) for entry in entries_of(again).values()], file.read_text(encoding="utf-8"))
        return again

    def test_every_entry_of_every_golden_history(self):
        checked = 0
        for history in sorted(GOLDEN.glob("*.jsonl")):
            for number, (row, witness) in entries_of(self.check(*EVERYTHING, history)).items():
                with self.subTest(history=history.name, entry=number):
                    out = f"{history.stem}-{number}.jsonl"
                    file = self.cut_out(number, history, *EVERYTHING, out=out)
                    self.assert_same(number, row, witness, file)
                    checked += 1
        self.assertGreater(checked, 40)

    def test_of_a_run(self):
        report = self.audit("--duration", "2s", "--lag", "300ms", out="run", code=VIOLATED)
        history = self.folder / "run" / "history.jsonl"
        entries = entries_of(report)
        self.assertEqual(entries, entries_of(self.check(history)))
        number = max(entries)
        file = self.cut_out(number, history)
        again = self.assert_same(number, *entries[number], file)
        self.assertLess(len(file.read_text(encoding="utf-8").splitlines()), 10)
        self.assertEqual(again["run"]["command"], report["run"]["command"])

    def test_what_flags_asked_is_in_the_file(self):
        recording = Recording({"assume": []})
        for route, seen in (("profile", "b"), ("timeline", "a")):
            labels = {"labels": {"route": route}}
            recording.write("s0", route, "a", 10 * recording.count, **labels)
            recording.write("s0", route, "b", 10 * recording.count, **labels)
            recording.read("s0", route, seen, 10 * recording.count, **labels)
        history = recording.save(self.folder / "history.jsonl").name
        flags = ["--assume", "writer-order", "--group-by", "route", "--scope", "process", "--guarantee", "coherence"]
        (number, (row, witness)), = entries_of(self.check(*flags, history, code=VIOLATED)).items()
        self.assertEqual(row["group"], "timeline")
        self.assert_same(number, row, witness, self.cut_out(number, history, *flags))

    def test_a_history_that_was_cut_short(self):
        recording = recorded.violated()
        recording.footer = False
        history = recording.save(self.folder / "history.jsonl").name
        (number, entry), *_ = entries_of(self.check(history)).items()
        report = self.assert_same(number, *entry, self.cut_out(number, history))
        self.assertTrue(report["run"]["truncated"])

    def test_as_many_entries_as_asked_for(self):
        recording = Recording()
        for session in range(3):
            for number in range(2):
                recording.write(f"s{session}", f"x{session}", number, 10 * recording.count)
            recording.read(f"s{session}", f"x{session}", 0, 10 * recording.count)
        history = recording.save(self.folder / "history.jsonl").name
        for asked, told in (([], 1), (["--entries", "2"], 2), (["--entries", "all"], 3), (["--entries", "0"], 0)):
            run = self.afterwrite("check", "--guarantee", "read-your-writes", *asked, history)
            self.assertEqual(run.out.count("was broken"), told, run)
        for asked, told in (([], 3), (["--entries", "2"], 2), (["--entries", "all"], 3)):
            row, = self.check("--guarantee", "read-your-writes", *asked, history)["guarantees"]
            self.assertEqual((len(row["witnesses"]), row["witnesses_left_out"]), (told, 3 - told))
        self.assert_refused("check", "--entries", "few", history, says=["--entries", "few"])

    def test_refused(self):
        history = recorded.violated().save(self.folder / "violated").name
        recorded.held().save(self.folder / "held")
        before = (self.folder / history).read_bytes()
        self.assert_refused("check", "--witness", "1", history, says=["--out"])
        self.assert_refused("check", "--witness", "1", "--out", "-", history, says=["--out", "standard output"])
        self.assert_refused("check", "--out", "-", history, says=["--out", "standard output"])
        self.assert_refused("check", "--out", "x", history, "held", says=["--out", "name one"])
        self.assert_refused("check", "--witness", "one", "--out", "x", history, says=["--witness", "one"])
        self.assert_refused("check", "--witness", "1", "--out", "x", history, "held", says=["name one"])
        for number, file, says in (("0", history, "from 1 to 1"), ("2", history, "from 1 to 1"),
                                   ("1", "held", "nothing was violated")):
            run = self.afterwrite("check", "--guarantee", "read-your-writes", "--witness", number, "--out", "x", file)
            self.assertEqual(run.code, BAD_INPUT, run)
            self.assertIn(says, run.err)
        # What is there is never written over: it may be the history.
        run = self.afterwrite("check", "--witness", "1", "--out", history, history)
        self.assertEqual(run.code, BAD_INPUT, run)
        self.assertIn("is there already", run.err)
        self.assertEqual((self.folder / history).read_bytes(), before)
        self.assertFalse((self.folder / "x").exists())
        run = self.afterwrite("check", "--witness", "1", "--out", "nowhere/x", history)
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertIn("No such file", run.err)
        # A disk without room, as far as a test can have one.
        if os.path.exists("/dev/full"):
            run = self.afterwrite("check", "--witness", "1", "--out", "/dev/full", history)
            self.assertEqual(run.code, BAD_INPUT, run)


if __name__ == "__main__":
    unittest.main()
