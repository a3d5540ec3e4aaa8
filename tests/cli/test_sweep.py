#!/usr/bin/env python3
"""`afterwrite sweep`: every combination, one table; a broken cell, a kill and a resume."""

import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import unittest

from command import ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest, slow_adapter, wait_until

# Reads follow their writes by less than the lag, or by more: what they show does not depend on how fast the machine is.
LOAD = ("--followers", "1", "--sessions", "16", "--duration", "3s", "--read-delay", "1ms..600ms", "--guarantee", "read-your-writes",
        "--min-at-risk", "5", "--seed", "5", "--quiet")
OVER = ("--over", "read-policy=leader,any-replica", "--over", "lag=0ms,700ms")


class Sweep(CommandTest):
    def sweep(self, *arguments, out="out", code=HELD, system="memory", over=OVER):
        run = self.afterwrite("sweep", system, *over, *LOAD, "--out", out, *arguments)
        self.assertEqual(run.code, code, run)
        return run

    def sweep_json(self, out="out"):
        return json.loads((self.folder / out / "sweep.json").read_text(encoding="utf-8"))

    def cells(self, out="out"):
        schema = pathlib.Path(__file__).parents[2] / "results" / "sweep.schema.json"
        done = subprocess.run([os.environ["AFTERWRITE_VALIDATE"], "--schema", schema, f"{out}/sweep.json"], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return {tuple(cell["settings"].values()): cell for cell in self.sweep_json(out)["cells"]}

    def test_every_combination(self):
        run = self.sweep("--summary", "page.md")
        cells = self.cells()
        self.assertEqual(list(cells), [("leader", "0ms"), ("leader", "700ms"), ("any-replica", "0ms"), ("any-replica", "700ms")])
        self.assertEqual({settings: cell["verdict"] for settings, cell in cells.items()},
                         {("leader", "0ms"): "unknown", ("leader", "700ms"): "held", ("any-replica", "0ms"): "unknown",
                          ("any-replica", "700ms"): "violated"})
        self.assertEqual(cells["leader", "700ms"]["leader_share"], 1)
        self.assertEqual(cells["any-replica", "700ms"]["leader_share"], 0)
        for settings, cell in cells.items():
            folder = self.folder / "out" / cell["folder"]
            report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            self.assertEqual(report["verdict"], cell["verdict"])
            self.assertEqual(report["run"]["seed"], 5)
            self.assertEqual(report["run"]["policy"].split(":")[0], settings[0])
            self.assertEqual(sorted(path.name for path in folder.iterdir()),
                             ["cell.json", "history.jsonl", "junit.xml", "report.html", "report.json", "summary.txt"])
            self.assertRegex(run.out, rf"(?m)^{settings[0]} +{settings[1]} +{cell['verdict']} ")
        self.assertIn("| any-replica | 700ms | **violated** |", (self.folder / "page.md").read_text(encoding="utf-8"))
        self.assertEqual((self.folder / "out" / "sweep.md").read_text(encoding="utf-8"),
                         (self.folder / "page.md").read_text(encoding="utf-8"))

    def test_what_is_shown_to_repeat_it_does(self):
        """The seed was drawn, and is in none of the flags."""
        load = ("--followers", "1", "--lag", "700ms", "--read-delay", "1ms..600ms", "--ops", "40", "--opt", "latency=1ms", "--quiet")
        over = ("--over", "read-policy=leader,any-replica", "--over", "fault=none;pause-replay:follower-1@20ms..1s", "--over=opt.bug=stale-follower")
        self.assertEqual(self.afterwrite("sweep", "memory", *over, *load, "--summary", "page.md").code, HELD)
        [out] = self.folder.glob("afterwrite-runs/*")
        sweep = self.sweep_json(out)
        self.assertEqual(shlex.split(sweep["command"])[-2:], ["--out", str(out.relative_to(self.folder))])
        again = f"{sweep['command']} --seed {sweep['seed']}"
        self.assertIn(f"Again: `{again}`", (self.folder / "page.md").read_text(encoding="utf-8"))
        self.assertIn(json.dumps(again), (out / "sweep.html").read_text(encoding="utf-8"))
        words = shlex.split(again)
        words[words.index("--out") + 1] = "again"
        self.assertEqual(self.afterwrite(*words[1:]).code, HELD)
        self.assertEqual(self.sweep_json("again")["seed"], sweep["seed"])
        for cell in sweep["cells"]:
            header = self.header(out / cell["folder"])
            self.assertEqual(header | {"command": ""}, self.header(self.folder / "again" / cell["folder"]) | {"command": ""})
            # The report of a cell repeats the cell.
            words = shlex.split(header["command"]) + ["--seed", str(sweep["seed"]), "--out", f"cell-{cell['number']}"]
            self.assertEqual(words[:3], ["afterwrite", "audit", "memory"])
            self.afterwrite(*words[1:])
            alone = self.header(self.folder / f"cell-{cell['number']}")
            self.assertEqual(header["scenario"], alone["scenario"])

    def header(self, folder):
        with open(folder / "history.jsonl", encoding="utf-8") as lines:
            header = json.loads(lines.readline())
        return {name: header[name] for name in ("command", "seed", "scenario", "policy")}

    def test_the_seed_is_said_where_it_was_drawn(self):
        asked = ("--over", "lag=1ms", "--ops", "4", "--read-delay", "1ms", "--quiet")
        run = self.afterwrite("sweep", "memory", *asked, "--out", "drawn")
        self.assertIn(f"Again: the same command with --seed {self.sweep_json('drawn')['seed']}, into another --out", run.out)
        for number, named in enumerate((("--seed", "5"), ("--seed=5",), ("--over", "seed=1,2"))):
            run = self.afterwrite("sweep", "memory", *asked, *named, "--out", f"named-{number}", "--summary", f"{number}.md")
            self.assertNotIn("--seed", run.out)
            page = (self.folder / f"{number}.md").read_text(encoding="utf-8")
            self.assertRegex(page, rf"Again: `afterwrite sweep memory [^`]*{named[-1]} --out named-{number} --summary {number}.md`")

    def test_is_resumed_after_a_kill(self):
        whole = lambda: sorted(path.parent.name for path in self.folder.glob("out/cells/*/cell.json"))
        run = self.start("sweep", "memory", *OVER, *LOAD, "--out", "out")
        wait_until(lambda: len(whole()) >= 2 or run.ended(), "two cells")
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        first = whole()
        self.assertIn(len(first), (2, 3))
        stamps = {name: (self.folder / "out/cells" / name / "history.jsonl").stat().st_mtime_ns for name in first}
        # A cell whose mark is torn is no whole one.
        torn = first[0]
        mark = self.folder / "out/cells" / torn / "cell.json"
        mark.write_text(mark.read_text(encoding="utf-8")[:100], encoding="utf-8")
        self.assertEqual(self.sweep_json()["schema"], "afterwrite.sweep/1")
        self.sweep("--resume")
        self.assertEqual(len(whole()), 4)
        for name, stamp in stamps.items():
            now = (self.folder / "out/cells" / name / "history.jsonl").stat().st_mtime_ns
            (self.assertNotEqual if name == torn else self.assertEqual)(now, stamp, name)
        self.assertEqual({cell["state"] for cell in self.cells().values()}, {"done"})
        # There is nothing left to do: the same table again, at once.
        self.sweep("--resume")
        self.assertEqual(len(whole()), 4)

    def test_ends_in_order_and_goes_on(self):
        run = self.start("sweep", "memory", *OVER, *LOAD, "--out", "out")
        wait_until(lambda: list(self.folder.glob("out/cells/*/cell.json")) or run.ended(), "a cell")
        # Nobody else goes on with it meanwhile.
        self.assert_refused("sweep", "memory", *OVER, *LOAD, "--out", "out", "--resume", says=["out", "still going on"])
        run.signal(signal.SIGINT)
        run.finish()
        self.assertEqual(run.code, UNKNOWN, run)
        states = [cell["state"] for cell in self.cells().values()]
        self.assertEqual(set(states), {"done", "pending"})
        # What is kept, and how to go on.
        self.assertRegex(run.err, "interrupted: .* the cell under way is made anew by --resume, those that are done are kept")
        self.assertNotIn("judged", run.err)
        going_on = f"{self.sweep_json()['command']} --resume"
        self.assertRegex(run.out, rf"not carried out: [^\n]*\nTo go on: {re.escape(going_on)}\n")
        self.afterwrite(*shlex.split(going_on)[1:])
        self.assertEqual({cell["state"] for cell in self.cells().values()}, {"done"})
        self.assertEqual(self.sweep_json()["command"], going_on.removesuffix(" --resume"))
        self.sweep("--resume")
        self.assertEqual({cell["state"] for cell in self.cells().values()}, {"done"})

    def test_every_cell_broken(self):
        adapter = self.folder / "adapter"
        adapter.write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
        adapter.chmod(0o755)
        run = self.afterwrite("sweep", f"exec:{adapter}", "--over", "keys=4,8", "--quiet", "--out", "out")
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertEqual([cell["state"] for cell in self.cells().values()], ["failed", "failed"])
        self.assertEqual(len(re.findall(r"(?m)^failed: keys=", run.out)), 2)

    def test_the_others_are_carried_out(self):
        run = self.sweep_with_a_slow_adapter()
        states = {settings[0]: cell["state"] for settings, cell in self.cells().items()}
        self.assertEqual(states, {"60s": "done", "1ms": "failed"})
        self.assertRegex(run.out, r"(?m)^failed: opt.start-within=1ms: .*hello")
        again = self.sweep_with_a_slow_adapter("--resume")
        self.assertRegex(again.out, r"(?m)^failed: opt.start-within=1ms: .*hello")

    def sweep_with_a_slow_adapter(self, *arguments):
        """Of which the cell that does not wait for it cannot be started."""
        load = ("--over", "opt.start-within=60s,1ms", "--sessions", "2", "--ops", "20", "--read-delay", "1ms", "--seed", "5", "--quiet", "--out", "out")
        run = self.afterwrite("sweep", f"exec:{slow_adapter(self.folder)}", *load, *arguments)
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        return run

    def test_what_no_cell_can_do_is_refused_before_the_first(self):
        for over, system, says in (("opt.bug=none,nosuch", "memory", ["nosuch"]),
                                   ("opt.nosuch=1", "memory", ["nosuch"]),
                                   ("fault=none;kill:follower-7@1s", "memory", ["follower-7"]),
                                   ("fault=none;partition:follower-1@1s..2s", "memory", ["no link"]),
                                   ("fault=none;kill:follower-1@20s", "memory", ["--duration"]),
                                   ("read-policy=leader,endpoint", "memory", ["endpoint"]),
                                   ("workload=register,views", "memory", ["views"]),
                                   ("opt.sync=on,nosuch", "postgres", ["nosuch"]),
                                   ("fault=none;pause-replay:leader@1s..2s", "postgres", ["name a follower"]),
                                   ("opt.reads=nosuch", "etcd", ["nosuch"])):
            self.assert_refused("sweep", system, "--over", over, "--duration", "10s", "--out", "out", says=says)
            self.assertFalse((self.folder / "out").exists(), over)
        self.assert_refused("sweep", "memory", "--over", "lag=1s,2s", "--over", "followers=1,0", "--out", "out", says=["lag=1s, followers=0"])

    def test_a_flag_that_an_axis_sets_too(self):
        flags = {"lag": "1s", "followers": "1", "pg-bin": "/", "workload": "register", "sessions": "2", "sessions-per-user": "1", "keys": "2", "duration": "1s",
                 "ops": "2", "until": "at-risk=1", "rate": "5/s", "read-delay": "1s", "op-timeout": "1s", "seed": "1", "read-policy": "leader",
                 "scope": "user", "min-at-risk": "2"}
        known = self.afterwrite("sweep", "memory", "--over", "nosuch=1").err
        for name in re.search(r"known: (.*)\)$", known).group(1).split(", "):
            if name in ("fault", "opt.NAME"):
                continue
            self.assert_refused("sweep", "memory", "--over", f"{name}={flags[name]}", f"--{name}", flags[name], says=[f"--over {name}", f"--{name} "])
        self.assert_refused("sweep", "memory", "--over", "opt.bug=none", "--opt", "bug=stale-follower", says=["--over opt.bug", "--opt bug"])
        self.assert_refused("sweep", "memory", "--over", "fault=none;kill:follower-1@1s", "--fault", "kill:follower-1@2s", says=["--over fault", "--fault "])
        self.assert_refused("sweep", "memory", "--over", "duration=1s,2s", "--ops", "7", says=["--ops, --duration"])
        # Another option, and a bound beside another end, are no such pair.
        self.sweep("--opt", "latency=1ms", over=("--over", "opt.bug=stale-follower"), out="options")
        self.afterwrite("sweep", "memory", "--over", "duration=2s,3s", "--lag", "700ms", "--until", "at-risk=5", "--quiet", "--out", "until")
        self.assertEqual({(cell["settings"]["duration"], self.scenario_of("until", cell)["until"]) for cell in self.cells("until").values()},
                         {("2s", "at-risk=5"), ("3s", "at-risk=5")})

    def scenario_of(self, out, cell):
        return json.loads((self.folder / out / cell["folder"] / "report.json").read_text(encoding="utf-8"))["run"]["scenario"]

    def test_bytes_that_are_no_text(self):
        run = self.sweep("--json", over=("--over", "lag=700ms"), out=b"out-\xff".decode(errors="surrogateescape"))
        self.assertEqual([cell["state"] for cell in json.loads(run.out)["cells"]], ["done"])

    def test_expectation(self):
        self.sweep("--expect", "violated", over=("--over", "lag=600ms,700ms", "--over", "read-policy=any-replica"))
        self.sweep("--expect", "violated", over=("--over", "lag=700ms", "--over", "read-policy=leader"), out="other", code=VIOLATED)

    def test_bad_input(self):
        def refused(*arguments, **more):
            self.assert_refused("sweep", "memory", *arguments, **more)

        refused("--over", "read-polici=leader", says=["'read-polici'", "did you mean 'read-policy'", "lag", "opt.NAME"])
        refused("--over", "lag", says=["write NAME=VALUE"])
        refused("--over", "=1", says=["write NAME=VALUE"])
        refused("--over", "lag=1s,,2s", says=["a value is empty"])
        refused("--over", "lag=1s,1s", says=["stands there twice"])
        refused("--over", "lag=1s", "--over", "lag=2s", says=["given twice"])
        refused("--over", "lag=1s,1x", says=["1x"])
        refused("--over", "read-policy=leader,nobody", says=["nobody"])
        refused("--over", "keys=many", says=["keys"])
        refused("--over", "endpoint=http://a", says=["'endpoint' is not known"])
        refused("--over", "lag=1s", "--resume", says=["--out"])
        refused("--over", "lag=1s", "--resume", "--out", "new", says=["new", "holds no sweep", "leave --resume out"])
        self.assertFalse((self.folder / "new").exists())
        refused(says=["--over"])
        (self.folder / "file").write_text("", encoding="utf-8")
        refused("--over", "lag=1s", "--out", "file/in", code=ENVIRONMENT_FAILED, says=["--out"])
        refused("--over", "lag=1s", "--summary", "file/in", code=ENVIRONMENT_FAILED, says=["--summary"])
        self.sweep(over=("--over", "lag=700ms"))
        refused("--over", "lag=700ms", *LOAD, "--out", "out", says=["holds a sweep already", "--resume"])
        refused("--over", "lag=600ms", *LOAD, "--out", "out", "--resume",
                says=["is another sweep", 'differs in --over lag: ["600ms"], was ["700ms"];'])
        refused("--over", "read-policy=leader", *LOAD, "--out", "out", "--resume",
                says=['differs in --over lag: not set, was ["700ms"]; --over read-policy: ["leader"], was not set; give'])
        keys = self.sweep_json()["scenario"]["keys"]
        refused("--over", "lag=700ms", *LOAD, "--keys", "3", "--out", "out", "--resume", says=[f"is another sweep, which differs in keys: 3, was {keys}; give"])
        refused("--over", "lag=700ms", *LOAD, "--expect", "held", "--opt", "latency=1ms", "--out", "out", "--resume",
                says=["differs in expect: held, was not set; options.latency: 1ms, was not set; give"])
        (self.folder / "out/sweep.json").write_text("{", encoding="utf-8")
        refused("--over", "lag=700ms", "--out", "out", "--resume", says=["is no sweep"])


if __name__ == "__main__":
    unittest.main()
