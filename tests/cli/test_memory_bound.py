#!/usr/bin/env python3
"""`check --max-memory`: where the history is held whole all the same, that is said, with the reason."""

import gzip
import os
import pathlib
import subprocess
import unittest

import recorded
from command import VIOLATED, CommandTest

SAMPLES = pathlib.Path(__file__).parent.parent / "history" / "formats" / "samples"
NOT_KEPT = "--max-memory: not kept"


class MemoryBound(CommandTest):
    def setUp(self):
        super().setUp()
        self.plain = recorded.violated().save(self.folder / "history.jsonl")

    def said(self, *arguments, **popen):
        run = self.afterwrite("check", "--max-memory", "1MiB", *arguments, **popen)
        self.assertIn(run.code, (0, 1, 2), run)
        return run.err

    def assert_not_kept(self, why, *arguments, **popen):
        err = self.said(*arguments, **popen)
        self.assertRegex(err, rf"(?m)^afterwrite: [^\n]*: {NOT_KEPT}: [^\n]*{why}[^\n]*$")
        self.assertEqual(err.count(NOT_KEPT), 1, err)

    def test_nothing_is_said_where_it_is_kept(self):
        self.assertEqual(self.said(self.plain), "")

    def test_nothing_is_said_where_nobody_asked(self):
        run = self.afterwrite("check", "--exact", self.plain)
        self.assertEqual((run.code, run.err), (VIOLATED, ""), run)

    def test_how_the_history_comes(self):
        packed = self.folder / "packed.jsonl.gz"
        packed.write_bytes(gzip.compress(self.plain.read_bytes()))
        self.assert_not_kept("packed", packed)
        with self.plain.open("rb") as stream:
            self.assert_not_kept("standard input", "-", stdin=stream)
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["cp", self.plain, pipe]):
            self.assert_not_kept("pipe", pipe)
        for name in ("jepsen-valid.edn", "plume-valid.txt", "dbcop-valid.json"):
            self.assert_not_kept("format", SAMPLES / name)
        self.assert_not_kept("format", "--format", "plume", SAMPLES / "plume-valid.txt")

    def test_what_is_asked(self):
        self.assert_not_kept("--exact", "--exact", self.plain)
        self.assert_not_kept("--witness", "--witness", "1", "--out", "out", self.plain)
        self.assert_not_kept("scope", "--scope", "user", self.plain)
        self.assert_not_kept("causal", "--guarantee", "causal", self.plain)
        self.assert_not_kept("causal", "--guarantee", "causal,coherence", self.plain)
        self.assert_not_kept("followed", "--follow", self.plain)
        labelled = recorded.Recording().write("s0", "x", "a", 0, labels={"route": "r"}).save(self.folder / "labels.jsonl")
        self.assert_not_kept("group", "--group-by", "route", labelled)

    def test_what_the_history_holds(self):
        in_one = recorded.Recording().write("s0", "x", "a", 0, txn="t").save(self.folder / "txn.jsonl")
        self.assert_not_kept("transactions", in_one)
        control = recorded.Recording().write("s0", "x", "a", 0, labels={"control": "true"})
        self.assert_not_kept("control", control.save(self.folder / "control.jsonl"))

    def test_of_several_each_that_it_concerns(self):
        packed = self.folder / "packed.jsonl.gz"
        packed.write_bytes(gzip.compress(self.plain.read_bytes()))
        self.assertRegex(self.said(self.plain, packed), rf"\Aafterwrite: [^\n]*packed\.jsonl\.gz: {NOT_KEPT}: [^\n]*\n\Z")

    def test_a_history_that_cannot_be_read_is_told_by_that_alone(self):
        self.assert_refused("check", "--max-memory", "1MiB", "nowhere.jsonl", says=["nowhere.jsonl", "No such file"])
        self.assert_refused("check", "--max-memory", "1MiB", ".", says=["folder"])


if __name__ == "__main__":
    unittest.main()
