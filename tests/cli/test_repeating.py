#!/usr/bin/env python3
"""The commands that reports show: copied into a shell, each does what it says, and leads to the same verdict."""

import gzip
import json
import os
import re
import shlex
import subprocess
import unittest
import xml.etree.ElementTree

import recorded
from command import CommandTest, binary

FLAGS = ["--guarantee", "read-your-writes", "--guarantee", "monotonic-reads", "--scope", "user,session", "--assume", "one-clock",
         "--min-at-risk", "2", "--group-by", "route"]


def devices():
    """A user's other devices miss the user's writes on one of two routes; without flags, nothing is asked that could fail."""
    history = recorded.Recording({"assume": ["writer-order"], "guarantees": ["monotonic-writes"], "min_at_risk": 50})
    for i in range(4):
        for begin, route in ((100 * i, "one route"), (100 * i + 10, "other")):
            labels = {"labels": {"route": route}, "user": f"u{i}"}
            key = f"{route}-{i}"
            history.write(f"s{i}", key, "old", begin, version=1, **labels).write(f"s{i}", key, "new", begin + 2, version=2, **labels)
    for i in range(4):
        for route in ("one route", "other"):
            labels = {"labels": {"route": route}, "user": f"u{i}"}
            stale = route != "other"
            history.read(f"phone{i}", f"{route}-{i}", "old" if stale else "new", 500 + i, version=1 if stale else 2, **labels)
    return history


class Commands(CommandTest):
    def shell(self, command, stdin=None):
        """What a copied command prints, with ours on the path; no command may take long for want of input."""
        (self.folder / "bin").mkdir(exist_ok=True)
        link = self.folder / "bin/afterwrite"
        if not link.exists():
            link.symlink_to(binary())
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, input=stdin or b"", capture_output=True, check=False,
                              env=self.environment(PATH=f"{self.folder / 'bin'}:{os.environ['PATH']}"))
        return done.stdout.decode()

    def page_of(self, folder):
        text = (self.folder / folder / "report.html").read_text(encoding="utf-8")
        return json.loads(re.search(r'id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])

    def commands_in(self, folder):
        """Where it stands -> each command of ours on a history that the reports in a folder show."""
        summary = (self.folder / folder / "summary.txt").read_text(encoding="utf-8")
        found = {f"summary.txt, {i}": line.strip() for i, line in enumerate(summary.splitlines())
                 if re.match(r" +afterwrite (check|report) ", line)}
        found |= {f"summary.txt, within {i}": one for i, one in enumerate(re.findall(r"`(afterwrite check [^`]*)`", summary))}
        page = self.page_of(folder)
        found["page"] = page["check"]
        found["page, witness"] = page["check"] + " --witness 1 --out witness-page.jsonl"
        junit = xml.etree.ElementTree.parse(self.folder / folder / "junit.xml").getroot()
        found["junit.xml"] = next(one.get("value") for one in junit.iter("property") if one.get("name") == "judged by")
        if page["curve"]:
            found["page, curve"] = page["curve"]
        return found

    def rows(self, report):
        return [{name: row[name] for name in ("guarantee", "scope", "group", "verdict", "broken", "decided", "at_risk", "assumptions")}
                for row in report["guarantees"]]

    def assert_same_everywhere(self, folder, summary, stdin=None, least=5):
        report = self.report_of(folder)
        commands = self.commands_in(folder)
        markdown = (self.folder / summary).read_text(encoding="utf-8")
        commands["summary in Markdown"] = re.search(r"^Judge again[^`]*: (`+) ?(.*?) ?\1$", markdown, re.MULTILINE)[2]
        self.assertGreaterEqual(len(commands), least, commands)
        for where, command in commands.items():
            with self.subTest(where=where, command=command):
                for old in self.folder.glob("witness-*"):
                    old.unlink()
                again = json.loads(self.shell(command + " --json", stdin))
                self.assertEqual(self.rows(again), self.rows(report))
                if "--witness" in command:
                    cut = next(self.folder.glob("witness-*"))
                    self.assertEqual(self.check(cut)["verdict"], "violated")
        return commands

    def test_flags_are_repeated(self):
        devices().save(self.folder / "h.jsonl")
        self.assertEqual(self.check("h.jsonl")["verdict"], "unknown", "the flags decide")
        self.afterwrite("report", "h.jsonl", "--out", "made", "--summary", "made.md", *FLAGS)
        self.assertEqual(self.report_of("made")["verdict"], "violated")
        self.assert_same_everywhere("made", "made.md")
        self.afterwrite("check", "h.jsonl", "--out", "checked", "--summary", "checked.md", *FLAGS)
        self.assertIn("staleness_curve_command", self.report_of("checked"))
        commands = self.assert_same_everywhere("checked", "checked.md", least=7)
        self.assertNotIn("staleness_curve_command", self.report_of("checked"), "one of the commands has made it")
        self.assertTrue(any("afterwrite report" in command for command in commands.values()))

    def test_what_was_said_of_the_file_is_repeated(self):
        history = recorded.Recording()
        history.write("s0", "x", "-1", 0).write("s0", "x", "b", 2).read("s0", "x", "-1", 4)
        history.save(self.folder / "h.jsonl")
        self.afterwrite("report", "h.jsonl", "--out", "made", "--summary", "made.md", "--initial=-1", "--format", "jsonl")
        self.assert_same_everywhere("made", "made.md", least=4)
        text = "".join(f'{{:type {kind}, :process {process}, :f {f}, :value [:x {value}], :at {version}, :time {time}}}\n'
                       for process, f, value, version, time in ((0, ":write", 1, 1, 10), (0, ":write", 2, 2, 20), (0, ":read", 1, 1, 30))
                       for kind, time in ((":invoke", time), (":ok", time + 1)))
        (self.folder / "h.edn").write_text(text, encoding="utf-8")
        run = self.afterwrite("report", "h.edn", "--out", "edn", "--summary", "edn.md", "--version-field", ":at", "--assume", "none")
        self.assertEqual(self.report_of("edn")["verdict"], "violated", run)
        self.assert_same_everywhere("edn", "edn.md", least=4)

    def test_a_dropped_assumption(self):
        history = recorded.Recording({"assume": ["writer-order", "one-clock"]})
        history.write("s0", "x", "a", 0, version=2).write("s0", "x", "b", 2, version=1).read("s1", "x", "b", 8, version=1)
        history.save(self.folder / "it's.jsonl")
        run = self.afterwrite("check", "it's.jsonl", "--assume", "writer-order", "--guarantee", "monotonic-reads", "--min-at-risk", "3")
        command = re.search(r"`(afterwrite check [^`\n]*)`", run.out)[1]
        again = json.loads(self.shell(command + " --json"))
        self.assertEqual([row["guarantee"] for row in again["guarantees"]], ["monotonic-reads"])
        self.assertEqual([row["assumptions"] for row in again["guarantees"]], [[]])
        self.assertNotIn("Judge again without", self.shell(command))

    def lines_of(self, run):
        return re.search(r"^ +lines  (.*)$", run.out, re.MULTILINE)[1]

    def test_lines_of_any_file(self):
        text = recorded.violated().text()
        wanted = text.splitlines(keepends=True)
        pack = {"gzip": gzip.compress, "zstd": lambda data: subprocess.run(["zstd", "-q"], input=data, capture_output=True, check=True).stdout,
                "none": bytes}
        names = ("h.jsonl", "h.gz", "-n.jsonl", "it's $HOME `x`.jsonl", "--", "=sh", "ends\\", "naïve", "standard input")
        for packing, packer in pack.items():
            for name in names:
                with self.subTest(name=name, packing=packing):
                    (self.folder / name).write_bytes(packer(text.encode()))
                    run = self.afterwrite("check", "--", name)
                    self.assertEqual(self.shell(self.lines_of(run)), "".join(wanted[:3]), run)
                    self.afterwrite("report", "--out", "made", "--summary", "made.md", "--", name)
                    self.assert_same_everywhere("made", "made.md", least=4)
                    (self.folder / "made.md").unlink()

    def test_what_cannot_be_shown_is_not_offered(self):
        recorded.violated().save(self.folder / "a\nb\x1b")
        run = self.afterwrite("check", "--out", "made", "a\nb\x1b")
        self.assertNotIn("afterwrite check", run.out)
        self.assertNotIn("sed -n", run.out)
        self.assertEqual(self.page_of("made")["check"], "")

    def test_standard_input_must_be_piped_in_again(self):
        text = recorded.violated().text().encode()
        for arguments in (["-"], ["/dev/stdin"]):
            for data in (text, gzip.compress(text)):
                with self.subTest(arguments=arguments):
                    done = subprocess.run([binary(), "report", *arguments, "--out", "made", "--summary", "made.md", "--guarantee", "read-your-writes"],
                                          cwd=self.folder, input=data, capture_output=True, check=False, env=self.environment())
                    out = done.stdout.decode()
                    self.assertNotIn("sed -n", out)
                    self.assertIn("could be read only once; keep the history in a file to look at them", " ".join(out.split()))
                    self.assertTrue(self.page_of("made")["is_stream"])
                    self.assert_same_everywhere("made", "made.md", stdin=data, least=4)
                    self.assertIn("Judge again, with the history piped in: `", (self.folder / "made.md").read_text(encoding="utf-8"))
                    (self.folder / "made.md").unlink()
        (self.folder / "h.jsonl").write_bytes(text)
        for command in ("afterwrite check /dev/stdin < h.jsonl", "afterwrite check --exact /dev/stdin < h.jsonl", "cat h.jsonl | afterwrite check -"):
            self.assertNotIn("sed -n", self.shell(command), command)

    def test_nothing_was_answered(self):
        history = recorded.Recording().write("s0", "x", "a", 0)
        for i in range(3):
            history.operation("s0", "read", "x", None, 10 + i, kind="fail", error="refused")
        history.save(self.folder / "h.jsonl")
        for command in (["check"], ["check", "--exact"], ["report", "--out", "made"]):
            with self.subTest(command=command):
                run = self.afterwrite(*command, "h.jsonl")
                self.assertIn("NOT ONE of 3 reads was answered with a value", run.out)
                self.assertNotIn("--dry-run", run.out, "there was no audit")
                notes = self.afterwrite(*command, "h.jsonl", "--json").report()["notes"]
                self.assertEqual(len([note for note in notes if note.startswith("NOT ONE of 3 reads")]), 1, notes)


class CellsOfASweep(CommandTest):
    def test_flags_given_more_than_once(self):
        """The command of each cell makes the cell's own scenario, whatever stood on the sweep's line twice."""
        run = self.afterwrite("sweep", "memory", "--quiet", "--opt", "versions=off", "--opt", "bug=stale-follower", "--fault",
                              "kill:follower-1@10ms..20ms", "--fault=pause-replay:follower-2@20ms..40ms", "--guarantee", "read-your-writes",
                              "--guarantee=monotonic-reads", "--ops", "40", "--read-delay", "1ms..5ms", "--json", "--over",
                              "read-policy=leader,any-replica", "--over=lag=0ms,20ms", "--summary", "s.md", "--out=sweep")
        self.assertEqual(run.code, 0, run)
        headers = {}
        for file in sorted((self.folder / "sweep").glob("cells/*/history.jsonl")):
            headers[file] = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
        self.assertEqual(len(headers), 4)
        for i, header in enumerate(headers.values()):
            words = shlex.split(header["command"])
            self.assertEqual(words[:3], ["afterwrite", "audit", "memory"])
            self.assertEqual(words.count("--opt"), 2)
            with self.subTest(command=header["command"]):
                again = self.afterwrite(*words[1:], "--seed", header["seed"], "--out", f"again-{i}")
                self.assertIn(again.code, (0, 1, 2), again)
                copy = json.loads((self.folder / f"again-{i}/history.jsonl").read_text(encoding="utf-8").splitlines()[0])
                for name in ("scenario", "policy", "guarantees", "seed", "assume"):
                    self.assertEqual(copy.get(name), header.get(name), name)


if __name__ == "__main__":
    unittest.main()
