#!/usr/bin/env python3
"""`check --follow`: violations are told while the history is being written, and the verdict is that of the whole."""

import gzip
import json
import os
import re
import signal
import unittest

import recorded
from command import BAD_INPUT, HELD, VIOLATED, CommandTest, read_quietly, wait_until
from recorded import Recording

ENDLESS = ["--duration", "10m"]


class Follow(CommandTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "history.jsonl"

    def append(self, *lines):
        """Appends to the history: objects as lines, text as it is."""
        with open(self.path, "a", encoding="utf-8") as file:
            for line in lines:
                file.write(line if isinstance(line, str) else json.dumps(line) + "\n")

    def follow(self, *arguments):
        return self.start("check", "--follow", *arguments, self.path.name)

    def wait_for_out(self, run, pattern):
        wait_until(lambda: re.search(pattern, run.out, re.M) or run.ended(), f"{pattern} on stdout of {run}")
        self.assertRegex(run.out, re.compile(pattern, re.M), run)

    def assert_same_as_check(self, run):
        """What was printed last is what `check` prints of the file."""
        again = self.afterwrite("check", self.path.name)
        self.assertTrue(run.out.endswith(again.out), f"{run}\n{again}")
        self.assertEqual(run.code, again.code)

    def test_a_packed_history_is_refused_at_once(self):
        self.path.write_bytes(gzip.compress(b'{"kind":"header"}\n'))
        run = self.follow()
        run.finish()
        self.assertEqual(run.code, BAD_INPUT, run)
        self.assertIn("history.jsonl: is packed, and only a plain history can be followed", run.err)

    def test_grows_and_ends(self):
        lines = recorded.violated({}).lines
        self.append(*lines[:3])
        run = self.follow()
        # Written in two parts: a torn line is waited for.
        text = json.dumps(lines[3]) + "\n"
        self.append(text[:30])
        self.append(text[30:])
        self.wait_for_out(run, r"^history\.jsonl:4: read-your-writes broken, session s0, key x: s0 read x and saw a, "
                               r"older than b; see lines 2, 3$")
        self.assertFalse(run.ended())
        # Met again, it is the same entry; another one is told, and only that.
        more = Recording().read("s0", "x", "a", 6).write("s1", "y", "c", 8).write("s1", "y", "d", 10)
        self.append(*more.read("s1", "y", "c", 12).lines)
        self.wait_for_out(run, r"^history\.jsonl:8: read-your-writes broken, session s1, key y")
        self.append({"kind": "end", "ops": 7})
        run.finish()
        self.assertEqual(run.code, VIOLATED, run)
        self.assertEqual(len(re.findall("read-your-writes broken", run.out)), 2, run)
        self.assert_same_as_check(run)
        self.assertNotIn("no footer", run.out)

    def test_what_is_in_flight_is_no_phantom(self):
        recording = Recording({"assume": ["writer-order", "one-clock"]}).read("s1", "x", "a", 2)
        recording.write("s0", "x", "a", 1, complete=5).read("s0", "x", "a", 6).read("s1", "x", "a", 8)
        self.append(*recording.lines[:2])
        run = self.follow()
        run.wait_for("^following")
        self.append(*recording.lines[2:], {"kind": "end", "ops": 4})
        run.finish()
        self.assertNotIn("broken", run.out)
        self.assertNotIn("phantom", run.out)
        self.assert_same_as_check(run)

    def test_what_is_contradicted_later_is_taken_back(self):
        # Until a read shows the system's own numbers, the writer's order says that a is older.
        recording = Recording({"assume": ["writer-order"]})
        recording.write("s0", "x", "a", 0).write("s0", "x", "b", 2).read("s0", "x", "a", 4)
        recording.read("s1", "x", "a", 6, version=9).read("s1", "x", "b", 8, version=3)
        self.append(*recording.lines[:4])
        run = self.follow("--guarantee", "read-your-writes")
        self.wait_for_out(run, "^history.jsonl:4: read-your-writes broken")
        self.append(*recording.lines[4:])
        self.wait_for_out(run, "^history.jsonl:4: taken back: read-your-writes of s0")
        self.append({"kind": "end", "ops": 5})
        run.finish()
        self.assertNotEqual(run.code, VIOLATED, run)

    def test_what_comes_in_the_pause_before_the_footer_is_told(self):
        # So much at once that the first look is followed by a pause, in which all the rest is read.
        recording = Recording()
        for number in range(20000):
            key = f"x{number}"
            recording.write("s0", key, "a", 6 * number).write("s0", key, "b", 6 * number + 2)
            recording.read("s0", key, "a" if number % 1000 == 999 else "b", 6 * number + 4)
        recording.save(self.path)
        run = self.follow("--guarantee", "read-your-writes").finish()
        self.assertEqual(run.code, VIOLATED, run)
        told = [int(line) for line in re.findall(r"^history\.jsonl:(\d+): read-your-writes broken", run.out, re.M)]
        self.assertEqual(told, [3000 * number for number in range(1, 21)])

    def test_waits_for_the_file(self):
        run = self.follow()
        run.wait_for("^waiting for history.jsonl")
        written = self.folder / "elsewhere"
        recorded.violated().save(written)
        written.rename(self.path)
        run.finish()
        self.assertEqual(run.code, VIOLATED, run)
        self.assertIn("history.jsonl:3: read-your-writes broken", run.out)

    def test_interrupted(self):
        recording = recorded.violated()
        self.append(*recording.lines, '{"kind":"op","sess')
        run = self.follow()
        self.wait_for_out(run, "read-your-writes broken")
        run.signal(signal.SIGINT)
        run.finish()
        self.assertEqual(run.code, VIOLATED, run)
        self.assertIn("interrupted", run.err)
        self.assertIn("line 4 was cut off in mid-write", run.out)
        self.assert_same_as_check(run)

    def test_interrupted_before_the_file_is_there(self):
        run = self.follow()
        run.wait_for("^waiting")
        run.signal(signal.SIGTERM)
        run.finish()
        self.assertEqual(run.code, BAD_INPUT, run)
        self.assertIn("was not there yet", run.err)

    def assert_ends_badly(self, run, *says):
        run.finish()
        self.assertEqual(run.code, BAD_INPUT, run)
        for word in says:
            self.assertIn(word, run.err)
        self.assertNotIn("VIOLATED", run.out)

    def test_truncated_replaced_removed(self):
        def truncated():
            os.truncate(self.path, 10)

        def replaced():
            recorded.held().save(self.folder / "another").rename(self.path)

        def removed():
            self.path.unlink()

        for what in (truncated, replaced, removed):
            with self.subTest(what=what.__name__):
                self.path.unlink(missing_ok=True)
                self.append(*recorded.violated().lines)
                run = self.follow()
                self.wait_for_out(run, "read-your-writes broken")
                what()
                self.assert_ends_badly(run, "history.jsonl: was " + what.__name__)

    def test_a_bad_line(self):
        self.append(*recorded.violated().lines)
        run = self.follow()
        self.wait_for_out(run, "read-your-writes broken")
        self.append("nonsense\n")
        self.assert_ends_badly(run, "history.jsonl:4: ")

    def test_something_after_the_footer(self):
        self.append(recorded.violated().text(), "more\n")
        self.assert_ends_badly(self.follow(), "history.jsonl:5: ")

    def test_a_header_that_asks_for_the_unknown(self):
        self.append(*recorded.violated({"guarantees": ["read-your-rights"]}).lines)
        self.assert_ends_badly(self.follow(), "history.jsonl: ", "did you mean 'read-your-writes'")

    def test_json(self):
        self.append(*recorded.violated().lines)
        run = self.follow("--json")
        run.wait_for("^history.jsonl:3: read-your-writes broken")
        self.append({"kind": "end", "ops": 3})
        run.finish()
        self.assertEqual(run.report(), self.check(self.path.name))

    def test_expect(self):
        self.append(recorded.violated().text())
        self.assertEqual(self.follow("--expect", "violated").finish().code, HELD)

    def test_refused(self):
        self.append(recorded.violated().text())
        name = self.path.name
        self.assert_refused("check", "--follow", name, name, says=["--follow", "name one"])
        self.assert_refused("check", "--follow", "-", says=["--follow", "standard input"])
        self.assert_refused("check", "--follow", "--format", "plume", name, says=["--follow"])
        self.assert_refused("check", "--follow", ".", says=["folder"])
        self.assert_refused("check", "--follow", "nowhere/history.jsonl", says=["nowhere", "folder"])
        os.mkfifo(self.folder / "pipe")
        self.assert_refused("check", "--follow", "pipe", says=["pipe", "no regular file"])

    def test_a_run(self):
        """Beside an audit, which is then interrupted: what is told are the entries of the report."""
        path = self.folder / "run" / "history.jsonl"
        (self.folder / "run").mkdir()
        run = self.start("check", "--follow", "--entries", "all", "run/history.jsonl")
        run.wait_for("^waiting")
        audit = self.start("audit", "memory", "--out", "run", "--lag", "100ms", *ENDLESS)
        self.wait_for_out(run, "^run/history.jsonl:.* broken")
        audit.signal(signal.SIGINT)
        audit.finish()
        run.finish()
        report = self.check(path)
        self.assertEqual(run.code, VIOLATED, run)
        self.assertNotIn("taken back", run.out)
        told = re.findall(r"^run/history\.jsonl:(\d+): (\S+) broken", run.out, re.M)
        wanted = [(str(witness["line"]), row["guarantee"]) for row in report["guarantees"] for witness in row["witnesses"]
                  if not row["control"]]
        self.assertTrue(set(wanted) <= set(told), set(wanted) - set(told))

    def test_sleeps_while_nothing_comes(self):
        self.append(*recorded.violated().lines)
        run = self.follow()
        self.wait_for_out(run, "read-your-writes broken")

        def switches():
            """How often the main thread was put to sleep and woken."""
            status = read_quietly(f"/proc/{run.process.pid}/status")
            return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.M)[1])

        def ticks():
            fields = read_quietly(f"/proc/{run.process.pid}/stat").rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12])

        # It wakes up now and then, and spends nothing: ten times in less than a tenth of a second of processor time.
        first, spent = switches(), ticks()
        wait_until(lambda: switches() >= first + 10, "it looks at the file now and then")
        self.assertLess(ticks() - spent, os.sysconf("SC_CLK_TCK") / 10)
        run.signal(signal.SIGINT)
        run.finish()


if __name__ == "__main__":
    unittest.main()
