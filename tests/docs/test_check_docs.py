#!/usr/bin/env python3
"""Proof that check_docs.py finds what it is there to find: breaches are planted in pages of a temporary folder, and a
stand-in plays the command."""
import contextlib
import io
import os
import pathlib
import tempfile
import unittest

import check_docs

# Prints what the real command prints, in little; any other subcommand ends with the exit code that it is given.
STAND_IN = """#!/bin/bash
case "$*" in
  "audit --help") printf 'Options:\\n  -h,--help  help\\n  --lag D    lag\\n  --until N  end\\n' ;;
  "list systems") printf 'store    a system\\n    --opt bug=NAME  plant a bug\\n    --opt bug=leak  it leaks\\n' ;;
  "list policies") printf 'leader[:X]   the leader\\n' ;;
  "list "*) ;;
  *) exit "$1" ;;
esac
"""


class CheckDocs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="afterwrite-docs-test-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        (self.root / "docs").mkdir()
        self.stand_in = self.root / "stand-in"
        self.stand_in.write_text(STAND_IN, encoding="utf-8")
        os.chmod(self.stand_in, 0o755)
        for files in check_docs.PAGES.values():
            for file in files:
                self.page(file, "")
        self.page("docs/audit.md", "--help --lag --until\n")
        self.page("docs/postgres.md", "store bug=leak\n")
        self.page("docs/policies.md", "leader\n")
        self.page("README.md", "# A title\n")

    def page(self, name, text):
        (self.root / name).write_text(text, encoding="utf-8")

    def found(self, part="static"):
        check = check_docs.Check(self.root, self.stand_in)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            if part == "static":
                check.static()
            else:
                check.examples(server=part == "server")
        return [line for line in printed.getvalue().splitlines() if not line.startswith("ok ")]

    def assert_one(self, words, part="static"):
        found = self.found(part)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_good_pages_pass(self):
        self.assertEqual(self.found(), [])

    def test_a_link_to_nowhere(self):
        self.page("README.md", "[a](docs/nowhere.md)\n")
        self.assert_one("README.md:1: the link 'docs/nowhere.md' leads nowhere")

    def test_a_link_to_no_heading(self):
        self.page("README.md", "# A title\n[a](#a-title) [b](docs/audit.md#none)\n")
        self.assert_one("no heading '#none'")

    def test_a_flag_that_is_left_out_and_one_that_is_made_up(self):
        self.page("docs/audit.md", "--help --lagging --until\n")
        self.assert_one("has --lag, this page has not")
        self.page("docs/audit.md", "--help --lag --until\n| `--speed N` | fast |\n")
        self.assert_one("--speed is no flag")

    def test_a_name_that_is_left_out(self):
        self.page("docs/policies.md", "follow-the-leader\n")
        self.assert_one("'leader'")
        self.page("docs/policies.md", "leader\n")
        self.page("docs/postgres.md", "store\n")
        self.assertIn("leak", " ".join(self.found()))

    def test_json_that_does_not_parse(self):
        self.page("README.md", '```json\n{"a": 1,}\n```\n')
        self.assert_one("README.md:1: the json example does not parse")
        self.page("README.md", '```jsonc\n{"a": 1 // one\n}\n```\n```jsonl\n{"a":1}\n{"b":2}\n```\n')
        self.assertEqual(self.found(), [])

    def test_a_block_that_is_never_closed(self):
        self.page("README.md", "```sh\nafterwrite 0\n")
        self.assert_one("never closed")

    def test_exit_codes(self):
        self.page("README.md", "```sh\nafterwrite 0\nafterwrite 1   # exit 1\n```\n")
        self.assertEqual(self.found("examples"), [])
        self.page("README.md", "```sh\nafterwrite 0\nafterwrite 2\n```\n")
        self.assert_one("README.md:3: exit 2 in place of 0", "examples")
        self.page("README.md", "```sh\nafterwrite 0 \\\n   --more   # exit 1\n```\n")
        self.assert_one("README.md:2: exit 0 in place of 1", "examples")

    def test_what_is_run_when(self):
        self.page("README.md", "```text\nafterwrite 7\n```\n<!-- not run: no -->\n```sh\nafterwrite 7\n```\n"
                               "```sh\nafterwrite 5 postgres\n```\n")
        self.assertEqual(self.found("examples"), [])
        self.assert_one("exit 5 in place of 0", "server")

    def test_files_of_a_page(self):
        self.page("README.md", "```sh\ngrep one a.json\n```\n<!-- file: a.json -->\n```json\n\"one\"\n```\n")
        self.assertEqual(self.found("examples"), [])


if __name__ == "__main__":
    unittest.main()
