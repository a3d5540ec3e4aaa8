#!/usr/bin/env python3
"""Outputs that refuse: a reader that went away, a closed descriptor, a full disk. The run is judged all the same."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import unittest

from command import ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest, wait_for_lines

# Violated for certain: what is written is seen at the followers much later than it is read there.
SHORT = ["audit", "memory", "--lag", "1s", "--ops", "300", "--read-delay", "1ms..2ms", "--out", "run"]
# Long enough to be met while it runs, and ended by the test.
LONG = ["audit", "memory", "--lag", "1s", "--duration", "10m", "--read-delay", "1ms..2ms", "--out", "run"]


def closing(*descriptors):
    return lambda: [os.close(descriptor) for descriptor in descriptors]


def broken_pipe():
    """A pipe whose reader is gone."""
    read, write = os.pipe()
    os.close(read)
    return write


class Output(CommandTest):
    def assert_judged(self, run, code=VIOLATED):
        self.assertEqual(run.code, code, run)
        self.assertEqual(self.report_of("run", run)["verdict"], "violated")
        self.assert_whole("run")

    def assert_whole(self, out):
        """Nothing else was written into the history."""
        with open(self.folder / out / "history.jsonl", encoding="utf-8") as history:
            kinds = [json.loads(line)["kind"] for line in history]
        self.assertEqual((kinds[0], kinds[-1]), ("header", "end"))

    def with_stream(self, name, descriptor, *arguments):
        try:
            return self.afterwrite(*arguments, **{name: descriptor})
        finally:
            os.close(descriptor)

    def test_reader_of_stdout_went_away(self):
        run = self.with_stream("stdout", broken_pipe(), *SHORT)
        self.assert_judged(run)
        self.assertNotIn("afterwrite:", run.err)

    def test_reader_of_stdout_goes_away_after_a_line(self):
        """`| head -1`, with a report that does not fit into the pipe at once."""
        read, write = os.pipe()
        with open(read, "rb", buffering=0) as reader:
            run = self.start(*SHORT, "--json", stdout=write)
            os.close(write)
            reader.read(1)
        self.assert_judged(run.finish())

    def test_reader_of_stderr_went_away(self):
        self.assert_judged(self.with_stream("stderr", broken_pipe(), *SHORT))

    def test_closed(self):
        for descriptors in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(descriptors=descriptors):
                out = "run" if descriptors == (0,) else "run" + "".join(map(str, descriptors))
                run = self.start(*SHORT[:-1], out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 preexec_fn=closing(*descriptors))
                run.finish()
                self.assertEqual(run.code, VIOLATED)
                self.assert_whole(out)

    def test_full_stdout_is_said(self):
        run = self.with_stream("stdout", os.open("/dev/full", os.O_WRONLY), *SHORT, "--quiet")
        self.assert_judged(run, ENVIRONMENT_FAILED)
        self.assertRegex(run.err, r"\Aafterwrite: stdout cannot be written \(.*\); the verdict is violated\n\Z")

    def test_full_stdout_of_others(self):
        for arguments in (["list", "faults"], ["--help"], ["--version"], ["audit", "--help"]):
            with self.subTest(arguments=arguments):
                run = self.with_stream("stdout", os.open("/dev/full", os.O_WRONLY), *arguments)
                self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
                self.assertIn("stdout cannot be written", run.err)

    def test_reader_of_others_went_away(self):
        for arguments in (["list", "faults"], ["--help"], ["--version"]):
            with self.subTest(arguments=arguments):
                run = self.with_stream("stdout", broken_pipe(), *arguments)
                self.assertEqual((run.code, run.err), (HELD, ""), run)

    def test_full_stderr(self):
        self.assert_judged(self.with_stream("stderr", os.open("/dev/full", os.O_WRONLY), *SHORT))

    def test_nobody_reads_stderr(self):
        """A terminal that was stopped with Ctrl-S: the load goes on, and Ctrl-C still works."""
        read, write = os.pipe()
        with open(read, "rb", buffering=0) as terminal:
            os.set_blocking(write, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(write, b"x" * 4096)
            os.set_blocking(write, True)
            run = self.start(*LONG, stderr=write)
            os.close(write)
            wait_for_lines(self.folder / "run" / "history.jsonl", 2000)
            run.signal(signal.SIGINT)
            terminal.readall()
        self.assert_judged(run.finish())


class FullDisk(CommandTest):
    """Files that may not grow past a limit: what was recorded is judged, and it is said."""

    def limited(self, limit):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    def test_for_the_history(self):
        run = self.afterwrite(*LONG, "--quiet", preexec_fn=self.limited(100_000))
        self.assertIn(run.code, (VIOLATED, UNKNOWN), run)
        self.assertIn("File too large", run.out + run.err)
        history = self.folder / "run" / "history.jsonl"
        self.assertLessEqual(history.stat().st_size, 100_000)
        check = self.afterwrite("check", "run/history.jsonl")
        self.assertEqual(check.code, run.code, check)

    def test_from_the_start(self):
        # A single byte fits: with none ThreadSanitizer's run-time, which writes a file of its own, does not start.
        run = self.afterwrite(*LONG, "--quiet", preexec_fn=self.limited(1))
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertRegex(run.err, r"\Aafterwrite: [^\n]*history.jsonl[^\n]*\n\Z")

    def test_for_stdout_and_stderr(self):
        with open(self.folder / "out", "wb") as out, open(self.folder / "err", "wb") as err:
            run = self.start("list", "faults", stdout=out, stderr=err, preexec_fn=self.limited(100)).finish()
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertEqual((self.folder / "out").stat().st_size, 100)
        self.assertRegex((self.folder / "err").read_text(encoding="utf-8"), "^afterwrite: stdout cannot be written")

    def test_for_the_reports(self):
        # In the place of a report lies what cannot be replaced.
        (self.folder / "run" / "report.json").mkdir(parents=True)
        run = self.afterwrite(*SHORT, "--quiet")
        self.assertEqual(run.code, VIOLATED, run)
        self.assertRegex(run.err, r"\Aafterwrite: cannot write the report [^\n]+\n\Z")
        self.assertIn("VIOLATED", run.out)
        self.assertEqual(sorted(path.name for path in (self.folder / "run").iterdir()), ["history.jsonl", "report.json"])


if __name__ == "__main__":
    unittest.main()
