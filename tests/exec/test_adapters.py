#!/usr/bin/env python3
"""Audits of systems behind a pipe: the examples, adapters that do not behave, and the transcript in the documentation."""

import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

from command import (BAD_INPUT, ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest, processes_of, rows_of, verdicts_of, wait_for_lines,
                     wait_until)

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "examples" / "adapters"
HOSTILE = HERE / "hostile.py"
RELAY = HERE / "relay_store.py"


class AdapterTest(CommandTest):
    def scenario(self, *command, **members):
        file = self.folder / "scenario.json"
        file.write_text(json.dumps({"system": "exec", "command": [str(word) for word in command]} | members))
        return file

    def example(self, name="dict_kv.py", lag_ms=300):
        return self.scenario(EXAMPLES / name, config={"file": "dict.log", "lag_ms": lag_ms})


class Audits(AdapterTest):
    def test_any_replica_breaks_and_shows_it(self):
        report = self.audit("--until", "at-risk=60", "--duration", "60s", out="run", system=str(self.example()), code=VIOLATED)
        self.assertEqual({verdicts_of(report)[name] for name in ("read-your-writes", "monotonic-reads")}, {"violated"})
        self.assertEqual(report["anomalies"], {})
        history = [json.loads(line) for line in (self.folder / "run" / "history.jsonl").read_text().splitlines()]
        self.assertEqual(history[0]["assume"], ["writer-order", "one-clock"])
        self.assertTrue(any(line["kind"] == "lag" and line.get("lag_ms", 0) > 100 for line in history))

    def test_the_other_policies_keep_their_promises(self):
        for policy in ("leader", "version-token"):
            report = self.audit("--until", "at-risk=20", "--min-at-risk", "10", "--duration", "60s", "--read-policy", policy, out=policy,
                                system=str(self.example(lag_ms=100)))
            self.assertNotIn("violated", verdicts_of(report).values(), report["guarantees"])
            self.assertEqual(report["anomalies"], {})

    def test_lists(self):
        report = self.audit("--workload", "append", "--until", "at-risk=40", "--duration", "60s", out="run", system=str(self.example()),
                            code=VIOLATED)
        self.assertEqual(report["anomalies"], {})

    def test_javascript(self):
        report = self.audit("--until", "at-risk=60", "--duration", "60s", out="run", system=str(self.example("dict_kv.js")), code=VIOLATED)
        self.assertEqual(report["anomalies"], {})

    def test_runs_in_one_store_do_not_meet(self):
        for out in ("first", "second"):
            report = self.audit("--ops", "60", "--read-delay", "1ms..5ms", "--read-policy", "leader", out=out, system=str(self.example(lag_ms=0)))
            self.assertEqual(report["anomalies"], {})

    def test_a_command_in_words(self):
        run = self.afterwrite("audit", f"exec:'{EXAMPLES / 'dict_kv.py'}'", "--ops", "20", "--read-delay", "1ms", "--quiet", "--out", "run")
        self.assertIn(run.code, (UNKNOWN, VIOLATED), run)
        self.assertIn("exec", run.out)

    def test_nothing_is_left_after_a_kill(self):
        run = self.start("audit", self.example(), "--duration", "60s", "--quiet", "--out", "run")
        wait_for_lines(self.folder / "run" / "history.jsonl", 20)
        run.process.send_signal(signal.SIGKILL)
        run.finish()  # what is left is looked for at the end of each test


class StartedSystems(AdapterTest):
    """A scenario starts the system behind the adapter, and names the link that its replica follows the leader by."""

    def store(self, **members):
        leader = "127.0.0.1:{port:leader}"
        return str(self.scenario(
            RELAY, "adapter", config={"leader": "{port:leader}", "replica": "{port:replica}"},
            links=[{"name": "replica->leader", "upstream": leader}],
            start={"command": [str(RELAY), "serve"], "ready": {"tcp": "127.0.0.1:{port:replica}"}}, **members))

    def test_faults_reach_into_it_by_its_links(self):
        report = self.audit("--fault", "lag:replica->leader,delay=400ms", "--until", "at-risk=40", "--duration", "60s", out="run",
                            system=self.store(), code=VIOLATED)
        self.assertEqual(verdicts_of(report)["read-your-writes"], "violated")
        self.assertEqual(report["anomalies"], {})
        header = json.loads((self.folder / "run" / "history.jsonl").read_text().splitlines()[0])
        self.assertEqual(header["deployment"]["service"]["links"][0]["name"], "replica->leader")
        self.audit("--fault", "partition:replica->leader@1s..3s", "--read-policy", "leader", "--duration", "4s", "--min-at-risk", "1",
                   out="leader", system=self.store(), code=HELD)

    def test_conform_starts_it(self):
        run = self.afterwrite("conform", self.store())
        self.assertEqual(run.code, HELD, run)


class Hostile(AdapterTest):
    def audit_of(self, mode, *arguments):
        return self.audit("--ops", "16", "--read-delay", "1ms..2ms", "--sessions", "4", *arguments, out=mode,
                          system=str(self.scenario(HOSTILE, mode)))

    def test_each_is_unknown_and_told(self):
        for mode, says in {"garbage": "is no JSON", "exit": "exit code 3", "hang": "no answer by the deadline", "twice": "came unasked",
                           "flood-stdout": "without a line's end", "flood-stderr": "no answer by the deadline"}.items():
            with self.subTest(mode=mode):
                report = self.audit_of(mode)
                self.assertEqual(report["verdict"], "unknown", mode)
                history = [json.loads(line) for line in (self.folder / mode / "history.jsonl").read_text().splitlines()]
                operations = [line for line in history if line["kind"] == "op"]
                self.assertEqual({line["type"] for line in operations} - {"fail"}, {"info"})
                self.assertIn(says, "".join(line["error"] for line in operations))

    def test_stderr_goes_to_the_log(self):
        self.audit_of("exit", "--opt", "log=adapter.log")
        log = (self.folder / "adapter.log").read_text()
        self.assertRegex(log, r"(?m)^s\d: Traceback: out of luck$")
        self.assertRegex(log, r"(?m)^s\d: afterwrite ended the process \d+: .*exit code 3.*; the last request was \{\"id\":")

    def test_the_log_is_bounded(self):
        self.audit_of("flood-stderr", "--opt", "log=adapter.log")
        self.assertLess((self.folder / "adapter.log").stat().st_size, 17 << 20)


class Refused(AdapterTest):
    def test_flags_that_mean_nothing_here(self):
        system = self.example()
        for arguments, words in {("--lag", "1s"): "not ours to delay", ("--followers", "2"): "which nodes there are",
                                 ("--leader", "postgresql://x/y"): "its own addresses", ("--opt", "lgo=x"): "did you mean 'log'",
                                 ("--opt", "start-within=0"): "starts in no time",
                                 ("--fault", "kill:follower-1@1s"): "no fault reaches them",
                                 ("--fault", "partition:follower-1@1s..2s"): "no link"}.items():
            with self.subTest(arguments=arguments):
                self.assert_refused("audit", system, "--out", "run", *arguments, says=[words])

    def test_a_workload_that_the_adapter_cannot_serve(self):
        self.assert_refused("audit", self.scenario(HOSTILE, "good"), "--workload", "append", says=["'append'", "does not offer"])

    def test_commands(self):
        self.assert_refused("audit", "exec:", says=["names no command"])
        self.assert_refused("audit", "exec:'a", says=["is not closed"])
        self.assert_refused("audit", "exec:./nobody", code=ENVIRONMENT_FAILED, says=["No such file", "check the path"])
        script = self.folder / "script"
        script.write_text("#!/nonexistent/python\n")
        script.chmod(0o755)
        self.assert_refused("audit", "exec:./script", code=ENVIRONMENT_FAILED, says=["its interpreter", "/nonexistent/python"])
        script.chmod(0o644)
        self.assert_refused("audit", "exec:./script", code=ENVIRONMENT_FAILED, says=["Permission denied", "chmod +x"])

    def test_members_of_other_systems(self):
        self.assert_refused("audit", self.scenario("x", nodes={}), says=["'nodes'"])
        memory = self.folder / "memory.json"
        memory.write_text('{"system": "memory", "command": "x"}')
        self.assert_refused("audit", memory, says=["'command' means nothing to the system memory", "exec"])
        both = self.folder / "both.json"
        both.write_text('{"system": "exec:./a", "command": "x"}')
        self.assert_refused("audit", both, code=BAD_INPUT, says=["both name the adapter's command"])


class Transcript(AdapterTest):
    """docs/adapter-protocol.md shows a conversation: the example says just that, but for what differs from run to run."""

    def test_is_true(self):
        page = (ROOT / "docs" / "adapter-protocol.md").read_text()
        block = re.search(r"<!-- transcript -->\n```text\n(.*?)```", page, re.S)[1]
        requests = re.findall(r"^→ (.*)$", block, re.M)
        answers = [json.loads(line) for line in re.findall(r"^← (.*)$", block, re.M)]
        self.assertGreater(len(requests), 5)
        done = subprocess.run([EXAMPLES / "dict_kv.py"], input="\n".join(requests) + "\n", cwd=self.folder, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], answers)


if __name__ == "__main__":
    unittest.main()
