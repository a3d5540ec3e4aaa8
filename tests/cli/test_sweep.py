#!/usr/bin/env python3
"""`afterwrite sweep`: every combination, one table; a broken cell, a kill and a resume."""

import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

from command import ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest, wait_until

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
        self.assertIn("not carried out", run.out)
        self.sweep("--resume")
        self.assertEqual({cell["state"] for cell in self.cells().values()}, {"done"})

    def test_every_cell_broken(self):
        adapter = self.folder / "adapter"
        adapter.write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
        adapter.chmod(0o755)
        run = self.sweep(system=f"exec:{adapter}", over=("--over", "keys=4,8"), code=ENVIRONMENT_FAILED)
        self.assertEqual([cell["state"] for cell in self.cells().values()], ["failed", "failed"])
        self.assertEqual(len(re.findall(r"(?m)^failed: keys=", run.out)), 2)

    def test_the_others_are_carried_out(self):
        # That this system has no links to cut is found out when the run begins.
        over = ("--over", "fault=none;partition:follower-1@1s..2s;pause-replay:follower-1@1s..2s", "--over", "read-policy=any-replica")
        run = self.sweep("--lag", "700ms", over=over, code=ENVIRONMENT_FAILED)
        states = {settings[0].split(":")[0]: (cell["state"], cell.get("verdict")) for settings, cell in self.cells().items()}
        self.assertEqual(states, {"none": ("done", "violated"), "partition": ("failed", None), "pause-replay": ("done", "violated")})
        self.assertRegex(run.out, r"(?m)^failed: fault=partition.*no link")
        again = self.sweep("--lag", "700ms", "--resume", over=over, code=ENVIRONMENT_FAILED)
        self.assertRegex(again.out, r"(?m)^failed: fault=partition.*no link")

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
        refused(says=["--over"])
        (self.folder / "file").write_text("", encoding="utf-8")
        refused("--over", "lag=1s", "--out", "file/in", code=ENVIRONMENT_FAILED, says=["--out"])
        refused("--over", "lag=1s", "--summary", "file/in", code=ENVIRONMENT_FAILED, says=["--summary"])
        self.sweep(over=("--over", "lag=700ms"))
        refused("--over", "lag=700ms", *LOAD, "--out", "out", says=["holds a sweep already", "--resume"])
        refused("--over", "lag=600ms", *LOAD, "--out", "out", "--resume", says=["is another sweep"])
        refused("--over", "lag=700ms", *LOAD, "--keys", "3", "--out", "out", "--resume", says=["is another sweep"])
        (self.folder / "out/sweep.json").write_text("{", encoding="utf-8")
        refused("--over", "lag=700ms", "--out", "out", "--resume", says=["is no sweep"])


if __name__ == "__main__":
    unittest.main()
