#!/usr/bin/env python3
"""The programs of docs/log-your-own.md: each is run where its language is there, and what it logged is judged.

AFTERWRITE names the command. Python must be there. Of Node.js and Go it is said in the output if they are not, and the test
passes: the page is right or wrong whatever the machine has.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from check_docs import blocks_of

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "log-your-own.md"
VIOLATED = 1


class LogYourOwn(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="log-of-afterwrite-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def program(self, language):
        """The page's block in that language, in the file that it names."""
        block, = (block for block in blocks_of(PAGE)[0] if block.language == language)
        (self.folder / block.file).write_text(block.text, encoding="utf-8")
        return block

    def run_in_folder(self, *command):
        return subprocess.run([str(word) for word in command], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=os.environ | {"GOCACHE": str(self.folder / "cache"), "GO111MODULE": "off"})

    def assert_logs(self, language, history, *command):
        block = self.program(language)
        ran = self.run_in_folder(*command, block.file)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        logged = [json.loads(line) for line in (self.folder / history).read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(line["f"], line["value"]) for line in logged],
                         [("write", "Student"), ("write", "Engineer"), ("read", "Student")])
        judged = self.run_in_folder(os.environ["AFTERWRITE"], "check", "--json", history)
        self.assertEqual(judged.returncode, VIOLATED, judged.stdout)
        report = json.loads(judged.stdout)
        self.assertEqual({row["guarantee"]: row["verdict"] for row in report["guarantees"]},
                         {"read-your-writes": "violated", "monotonic-reads": "unknown",
                          "read-your-writes+monotonic-reads": "violated"})
        self.assertEqual(report["anomalies"], {})

    def assert_logs_if_there(self, language, history, *command):
        if shutil.which(command[0]) is None:
            self.program(language)
            print(f"NOT RUN: {command[0]} is not installed, so the {language} program of {PAGE.name} was not tried",
                  file=sys.stderr)
            return
        self.assert_logs(language, history, *command)

    def test_python(self):
        self.assert_logs("python", "python.jsonl", sys.executable)

    def test_a_call_that_fails_is_of_unknown_outcome(self):
        block = self.program("python")
        with open(self.folder / block.file, "a", encoding="utf-8") as file:
            file.write('def refused():\n    raise TimeoutError\n'
                       'for f in ("read", "write"):\n'
                       '    try:\n        logged("ann", f, "bio", "x" if f == "write" else None, refused)\n'
                       '    except TimeoutError:\n        pass\n')
        ran = self.run_in_folder(sys.executable, block.file)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        last = [json.loads(line) for line in (self.folder / "python.jsonl").read_text(encoding="utf-8").splitlines()][-2:]
        self.assertEqual([(line["type"], line["value"]) for line in last], [("info", None), ("info", "x")])
        self.assertEqual(self.run_in_folder(os.environ["AFTERWRITE"], "check", "python.jsonl").returncode, VIOLATED)

    def test_javascript(self):
        self.assert_logs_if_there("javascript", "javascript.jsonl", "node")

    def test_go(self):
        self.assert_logs_if_there("go", "go.jsonl", "go", "run")


if __name__ == "__main__":
    unittest.main()
