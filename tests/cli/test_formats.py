#!/usr/bin/env python3
"""`check` and `convert` on the formats of other programs: what each says, and what is said of files that are none."""

import gzip
import json
import os
import pathlib
import signal
import subprocess
import unittest

from command import BAD_INPUT, ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest, rows_of, wait_until

SAMPLES = pathlib.Path(__file__).parent.parent / "history" / "formats" / "samples"
EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
RYW, MR = "read-your-writes", "monotonic-reads"


def essence(report):
    """What must be the same for the same operations."""
    return {
        "verdict": report["verdict"],
        "anomalies": report["anomalies"],
        "rows": {name: [row["verdict"], row["violations"]] for name, row in rows_of(report).items()},
        "lines": [sorted(operation["line"] for operation in witness["operations"])
                  for row in report["guarantees"] for witness in row["witnesses"]],
    }


def without_lines(found):
    return {name: value for name, value in found.items() if name != "lines"}


class Samples(CommandTest):
    """A valid and a violating file of each format, as their programs write them."""

    def test_each_gives_the_report_that_stands_beside_it(self):
        files = sorted(path.name for path in SAMPLES.iterdir() if path.name != "expected.json")
        self.assertEqual(files, sorted(EXPECTED))
        for name, expected in EXPECTED.items():
            with self.subTest(file=name):
                self.assertEqual(essence(self.check(SAMPLES / name)), expected)

    def test_packed_through_a_pipe_and_by_name_of_the_format(self):
        formats = {"own": "jsonl", "jepsen": "jepsen-edn", "elle": "jepsen-edn", "plume": "plume", "dbcop": "dbcop"}
        for name, expected in EXPECTED.items():
            with self.subTest(file=name):
                packed = self.folder / (name + ".gz")
                packed.write_bytes(gzip.compress((SAMPLES / name).read_bytes()))
                self.assertEqual(essence(self.check(packed)), expected)
                with packed.open("rb") as stream:
                    run = self.afterwrite("check", "--json", "-", stdin=stream)
                self.assertEqual(essence(run.report()), expected)
                self.assertEqual(essence(self.check("--format", formats[name.split("-")[0]], packed)), expected)

    def test_a_file_of_that_name_is_not_standard_input(self):
        (self.folder / "-").write_bytes((SAMPLES / "own-valid.jsonl").read_bytes())
        with (SAMPLES / "own-violating.jsonl").open("rb") as stream:
            run = self.afterwrite("check", "--json", "-", stdin=stream)
        self.assertEqual(essence(run.report()), EXPECTED["own-violating.jsonl"])
        self.assertEqual(self.check("./-")["verdict"], EXPECTED["own-valid.jsonl"]["verdict"])

    def test_verdicts_are_the_same_after_convert(self):
        for name, expected in EXPECTED.items():
            for format_name in ("jsonl", "jepsen-edn", "plume"):
                if format_name == "plume" and name.startswith("elle"):
                    continue
                with self.subTest(file=name, to=format_name):
                    out = f"{name}.{format_name}"
                    run = self.afterwrite("convert", SAMPLES / name, "--to", format_name, "--out", out)
                    self.assertEqual((run.code, run.out), (HELD, ""), run)
                    found = essence(self.check(out))
                    if format_name == "plume" and name in ("own-valid.jsonl", "jepsen-valid.edn"):
                        # Held needs reads at risk, and those of other sessions do not count without a clock.
                        self.assertEqual(found["verdict"], "unknown")
                        self.assertEqual({row[1] for row in found["rows"].values()}, {0})
                        self.assertIn("times", run.err)
                    else:
                        self.assertEqual(without_lines(found), without_lines(expected), run)

    def test_versions_and_initial_values_are_taken_where_flags_say_so(self):
        report = self.check("--version-field", "position", SAMPLES / "jepsen-violating.edn", code=VIOLATED)
        self.assertEqual(rows_of(report)[RYW]["verdict"], "unknown")
        self.assertEqual(rows_of(report)[MR]["violations"], 1)
        self.assertEqual(rows_of(report)[MR]["assumptions"], [])
        zero = self.folder / "zero.edn"
        zero.write_text("""{:type :invoke, :f :write, :value 5, :process 0}
{:type :ok, :f :write, :value 5, :process 0}
{:type :invoke, :f :read, :value nil, :process 0}
{:type :ok, :f :read, :value 0, :process 0}
""", encoding="utf-8")
        self.assertEqual(self.check(zero, code=UNKNOWN)["anomalies"], {"phantom-read": 1})
        self.assertEqual(rows_of(self.check("--initial", "0", zero, code=VIOLATED))[RYW]["violations"], 1)


class Convert(CommandTest):
    def test_to_standard_output(self):
        run = self.afterwrite("convert", SAMPLES / "plume-violating.txt", "--to", "plume", "--out", "-")
        self.assertEqual(run.out.splitlines()[0], "w(1,10,0,1)", run)
        self.assertEqual(run.out, self.afterwrite("convert", SAMPLES / "plume-violating.txt", "--to", "plume").out)

    def test_to_a_closed_standard_output(self):
        run = self.start("convert", SAMPLES / "plume-valid.txt", "--to", "jsonl", preexec_fn=lambda: os.close(1))
        run.finish()
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertIn("standard output is closed", run.err)

    def test_a_recorded_run_keeps_its_verdict(self):
        self.audit("--duration", "1s", "--lag", "200ms", "--seed", "3", out="run", code=VIOLATED)
        history = self.folder / "run" / "history.jsonl"
        counts = {}
        for format_name in ("jsonl", "jepsen-edn", "plume"):
            out = f"run.{format_name}"
            self.assertEqual(self.afterwrite("convert", history, "--to", format_name, "--out", out).code, HELD)
            report = self.check(out, code=VIOLATED)
            counts[format_name] = [rows_of(report)[name]["verdict"] for name in (RYW, MR)]
        self.assertEqual(set(map(tuple, counts.values())), {("violated", "violated")})

    def test_refusals(self):
        sample = SAMPLES / "plume-valid.txt"
        self.assert_refused("convert", sample, "--to", "plum", says=["--to", "did you mean 'plume'"])
        self.assert_refused("convert", sample, "--to", "dbcop", says=["--to", "only read"])
        self.assert_refused("convert", sample, says=["--to"])
        self.assert_refused("convert", SAMPLES / "elle-valid.edn", "--to", "plume", says=["elle-valid.edn:2:", "list", "jepsen-edn"])
        (self.folder / "taken").write_text("precious", encoding="utf-8")
        self.assert_refused("convert", sample, "--to", "jsonl", "--out", "taken", says=["--out", "taken"])
        self.assertEqual((self.folder / "taken").read_text(encoding="utf-8"), "precious")

    def test_half_a_file_is_not_left(self):
        self.assert_refused("convert", SAMPLES / "elle-valid.edn", "--to", "plume", "--out", "half", says=["list"])
        self.assertFalse((self.folder / "half").exists())

    def test_nothing_is_left_of_what_was_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                before = sorted(self.folder.iterdir())
                run = self.start("convert", "-", "--to", "jepsen-edn", "--out", "out.edn", stdin=subprocess.PIPE)
                begun = wait_until(lambda: run.ended() or [path for path in self.folder.iterdir() if path not in before],
                                   "the file is begun")
                self.assertNotEqual(begun, True, run)
                self.assertEqual([path.suffix for path in begun], [".unfinished"])
                run.process.send_signal(number)
                run.finish()
                run.process.stdin.close()
                self.assertEqual(run.code, -number, run)
                self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_what_is_no_regular_file_is_not_to_be_removed(self):
        for out in ("/dev/full", "/dev/null", "/dev/stdout", "."):
            self.assert_refused("convert", SAMPLES / "plume-valid.txt", "--to", "jsonl", "--out", out,
                                says=["--out", out, "no regular file"], silent_about=["remove"])


class WithoutTimes(CommandTest):
    """Plume's and dbcop's files say nothing of which of two sessions was first, converted or not."""

    def test_what_compares_sessions_is_not_assumed(self):
        converted = self.folder / "converted.jsonl"
        self.afterwrite("convert", SAMPLES / "plume-valid.txt", "--to", "jsonl", "--out", converted)
        for path in (SAMPLES / "plume-valid.txt", SAMPLES / "dbcop-valid.json", converted):
            for assumed in ("one-clock", "writer-order,realtime-writes,one-clock"):
                for how in ((), ("--exact",)):
                    with self.subTest(file=path.name, assumed=assumed, how=how):
                        self.assert_refused("check", "--assume", assumed, *how, path,
                                            says=[path.name, "has no times", assumed.split(",")[-1]])
            self.check("--assume", "writer-order", path)
            self.check("--assume", "none", path)

    def test_nor_if_the_header_vouches_for_it(self):
        header = {"kind": "header", "times": "none", "assume": ["one-clock"]}
        operation = {"kind": "op", "session": "s", "f": "write", "key": "k", "value": 1, "type": "ok",
                     "invoke": 0, "complete": 1}
        path = self.folder / "vouched.jsonl"
        path.write_text(json.dumps(header) + "\n" + json.dumps(operation) + "\n", encoding="utf-8")
        self.assert_refused("check", path, says=["has no times", "one-clock"])
        self.check("--assume", "none", path)

    def test_no_figure_rests_on_them_with_the_sieve_or_without(self):
        converted = self.folder / "converted.jsonl"
        self.afterwrite("convert", SAMPLES / "plume-violating.txt", "--to", "jsonl", "--out", converted)
        for how in ((), ("--exact",)):
            report = self.check(*how, converted)
            self.assertIsNone(report["run"]["duration_ms"])
            self.assertEqual({function["latency_ms"] for function in report["availability"]["functions"]}, {None})
            text = self.afterwrite("check", *how, converted).out
            self.assertIn("No times were recorded", text)
            self.assertNotIn("a second", text)


class BadInput(CommandTest):
    """One line, exit code 3, whatever the file holds."""

    def save(self, content, name):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def test_names_of_formats(self):
        self.assert_refused("check", "--format", "jepsen", SAMPLES / "jepsen-valid.edn", says=["--format", "jepsen-edn"])
        self.assert_refused("check", "--format", "pulme", SAMPLES / "plume-valid.txt", says=["did you mean 'plume'"])
        self.assert_refused("check", "--version-field", "position", SAMPLES / "plume-valid.txt", says=["--version-field", "plume"])
        self.assert_refused("check", "--version-field", "positon", SAMPLES / "jepsen-violating.edn", says=["positon", "position"])

    def test_empty_values(self):
        sample = SAMPLES / "jepsen-violating.edn"
        for flag in ("--format", "--initial", "--version-field", "--assume", "--scope", "--min-at-risk", "--group-by",
                     "--expect", "--entries", "--witness", "--out"):
            self.assert_refused("check", flag, "", sample, says=[flag, "is empty"])
        self.assert_refused("convert", sample, "--to", "plume", "--out", "", says=["--out", "is empty"])

    def test_nothing_to_convert(self):
        self.save('{"kind":"header","system":"x"}\n{"kind":"end","ops":0}\n', "nothing.jsonl")
        for name in ("plume", "jepsen-edn"):
            self.assert_refused("convert", "nothing.jsonl", "--to", name, "--out", "out", says=["nothing.jsonl", "no operation"])
            self.assertFalse((self.folder / "out").exists())

    def test_the_wrong_format(self):
        for name in EXPECTED:
            for format_name in ("jsonl", "jepsen-edn", "plume", "dbcop"):
                if self.afterwrite("check", "--format", format_name, SAMPLES / name).code != BAD_INPUT:
                    self.assertIn(name.split("-")[0], {"jsonl": ["own"], "jepsen-edn": ["jepsen", "elle"]}.get(format_name, [format_name]))

    def test_files_that_are_none(self):
        deep = b"[" * 1_000_000
        for name, content, says in (
                ("deep.edn", b"{:type :invoke :value " + deep, [":1:", "64 deep"]),
                ("deep.json", b"[[{\"events\":" + deep, [":1:", "64 deep"]),
                ("nul.edn", b"{:type :invoke :f :read :process 0}\n\0\0\0", [":2:", "0x00"]),
                ("utf8.edn", b"{:type :invoke :f :write :value \"\xff\" :process 0}", [":1:", "UTF-8"]),
                ("long.txt", b"w(" + b"1" * (20 << 20), [":1:", "longer"]),
                ("long.edn", b"{:type :invoke :f \"" + b"x" * (20 << 20), [":1:", "longer"]),
                ("big.edn", b"{:type :invoke :f :write :value 99999999999999999999 :process 0}", [":1:", "value", "64 bits"]),
                ("two.edn", b"{:type :invoke :f :read :process 0}\n" * 2, [":2:", "process", "in flight"]),
                ("lost.edn", b"{:type :ok :f :read :value 1 :process 0}\n", [":1:", "process", "did not invoke"]),
                ("back.edn", b"{:type :invoke :f :read :process 0 :time 5}\n{:type :ok :f :read :process 0 :time 4}\n",
                 [":2:", "time", "before"]),
                ("cut.gz", gzip.compress(b"w(1,2,0,0)\n" * 1000)[:-20], ["cut off"]),
                ("wrong.gz", b"\x1f\x8bgarbage that is no gzip", ["damaged"])):
            with self.subTest(file=name):
                self.assert_refused("check", self.save(content, name), says=[name, *says])

    def test_a_bomb(self):
        """A thousandfold: 4 GiB of blank lines."""
        piece = gzip.compress(b"\n" * (64 << 20), 9)
        self.assert_refused("check", self.save(piece * 64, "bomb.gz"), says=["bomb.gz", "no history shrinks that much"])

    def test_a_session_of_a_million_characters(self):
        name = "s" * 1_000_000
        text = "".join(f"{{:type :{kind} :f :{f} :value {value} :process 0 :session \"{name}\"}}\n"
                       for f, value in (("write", 1), ("write", 2), ("read", 1)) for kind in ("invoke", "ok"))
        self.check(self.save(text, "long.edn"), code=VIOLATED)

    def test_what_was_cut_off_in_mid_write_is_noted(self):
        for name, torn, line in (("jepsen-violating.edn", b"{:type :inv", 10), ("plume-violating.txt", b"r(1,1", 6),
                                 ("own-violating.jsonl", b"", 4)):
            with self.subTest(file=name):
                whole = (SAMPLES / name).read_bytes()
                report = self.check(self.save(whole + torn if torn else whole[:-9], name), code=VIOLATED)
                self.assertTrue(report["run"]["truncated"])
                self.assertRegex(" ".join(report["notes"]), rf"line {line} was cut off")

    def test_standard_input_is_read_once(self):
        with (SAMPLES / "plume-violating.txt").open("rb") as stream:
            run = self.afterwrite("check", "-", "-", stdin=stream)
        self.assertEqual(run.code, BAD_INPUT, run)
        self.assertIn("standard input: is empty", run.err)


if __name__ == "__main__":
    unittest.main()
