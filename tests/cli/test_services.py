#!/usr/bin/env python3
"""A scenario that starts the service that it audits, with a link in it for faults. The service is tests/cli/two_tier_service.py."""

import json
import pathlib
import sys
import unittest

from command import ENVIRONMENT_FAILED, HELD, UNKNOWN, BAD_INPUT, CommandTest, wait_for_lines, wait_until

SERVICE = pathlib.Path(__file__).resolve().parent / "two_tier_service.py"


class Services(CommandTest):
    def scenario(self, *words, **more):
        whole = {
            "system": "http",
            "nodes": [{"name": "api", "url": "http://127.0.0.1:{port:api}"}],
            "write": {"method": "PUT", "path": "/{key}", "text": "{value}"},
            "read": {"path": "/{key}", "value": {"text": True}, "absent": [404]},
            "start": {"command": [sys.executable, "service/two_tier.py", *words],
                      "ready": {"url": "http://127.0.0.1:{port:api}/health", "within": "2m"}},
            "links": [{"name": "api->store", "upstream": "127.0.0.1:{port:store}"}],
            "sessions": 4, "read-delay": "1ms..20ms", "seed": 1,
        } | ({} if "duration" in more else {"ops": 200}) | more
        # Paths count from the scenario file's folder, wherever the command runs.
        folder = self.folder / "scenarios"
        (folder / "service").mkdir(parents=True, exist_ok=True)
        (folder / "service/two_tier.py").write_bytes(SERVICE.read_bytes())
        (folder / "scenario.json").write_text(json.dumps(whole), encoding="utf-8")
        return "scenarios/scenario.json"

    def header(self, out="run"):
        with open(self.folder / out / "history.jsonl", encoding="utf-8") as history:
            return json.loads(history.readline())

    def test_started_and_stopped(self):
        run = self.afterwrite("audit", self.scenario(), "--out", "run")
        self.assertEqual(run.code, UNKNOWN, run)  # one store: no read could have been stale
        service = self.header()["deployment"]["service"]
        link = service["links"][0]
        self.assertEqual(link["name"], "api->store")
        self.assertEqual(link["upstream"], f"127.0.0.1:{service['ports']['store']}")
        self.assertIn(f"link api->store: {link['listen']} leads to {link['upstream']}\n", run.err)
        # The record keeps what was asked, so that it can be asked again.
        self.assertEqual(self.header()["scenario"]["nodes"][0]["url"], "http://127.0.0.1:{port:api}")
        self.assertEqual((self.folder / "run/service.log").read_text(encoding="utf-8"), "serving\n")

    def test_dry_run(self):
        run = self.afterwrite("audit", self.scenario(), "--dry-run")
        self.assertEqual(run.code, HELD, run)
        self.assertIn("The read returned what was written", run.out)

    def test_faults_on_its_link(self):
        file = self.scenario(faults=["lag:api->store,delay=20ms@0..500ms", "stall:api->store@600ms..900ms"], duration="1500ms")
        report = self.audit(out="run", system=file, code=UNKNOWN)
        self.assertEqual([(fault["fault"], fault["targets"], fault["bit"]) for fault in report["faults"]],
                         [("lag", ["api->store"], True), ("stall", ["api->store"], True)])
        for fault in report["faults"]:
            self.assertRegex(fault["proof"], r"^[1-9]\d* bytes were held, 0 connections reset$")

    def test_a_fault_on_an_idle_link_leaves_the_verdict_open(self):
        file = self.scenario(links=[{"name": "api->store", "upstream": "127.0.0.1:{port:store}"},
                                    {"name": "api->nobody", "upstream": "127.0.0.1:{port:store}"}],
                             faults=["partition:api->nobody@1ms..50ms"], duration="300ms")
        report = self.audit(out="run", system=file, code=UNKNOWN)
        self.assertEqual([fault["bit"] for fault in report["faults"]], [False])

    def test_one_that_does_not_start(self):
        file = self.scenario(start={"command": ["/bin/sh", "-c", "echo 'no licence' >&2; exit 3"], "ready": {"log": "up"}})
        self.assert_refused("audit", file, "--quiet", "--out", "run", code=ENVIRONMENT_FAILED,
                            says=["ended before it was ready (exit code 3)", "no licence", "run/service.log"])

    def test_secrets_in_its_last_words(self):
        script = "echo 'key of great+value' 'of%20great%2bvalue'; exit 3"
        file = self.scenario(start={"command": ["/bin/sh", "-c", script], "ready": {"log": "up"}}, session={"headers": {"X-Key": "{env:AW_KEY}"}})
        for arguments in (["audit", file, "--quiet", "--out", "run"], ["audit", file, "--dry-run"], ["conform", file]):
            run = self.afterwrite(*arguments, environment={"AW_KEY": "of great+value"})
            self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
            self.assertIn("key {env:AW_KEY} {env:AW_KEY}", run.err)
            self.assertEqual("service.log" in run.err, "run" in arguments, run)

    def test_conform_starts_it(self):
        run = self.afterwrite("conform", self.scenario())
        self.assertIn("ok             round trip", run.out, run)
        self.assertIn("not applicable lists: it has no 'append'", run.out)

    def test_one_that_ends_in_mid_run(self):
        report = self.audit("--duration", "5m", out="run", system=self.scenario("die-after=20"), code=UNKNOWN)
        self.assertEqual(report["verdict"], "unknown")
        self.assertIn("the service ended by itself (exit code 7)", json.dumps(report))

    def test_killed(self):
        run = self.start("audit", self.scenario(), "--out", "run", "--duration", "10m")
        wait_for_lines(self.folder / "run/history.jsonl", 50)
        run.process.kill()
        run.finish()
        wait_until(lambda: not any(self.temporary.iterdir()), "the folder is gone", deadline=30)

    def test_a_link_that_is_not_there(self):
        self.assert_refused("audit", self.scenario(), "--fault", "lag:api->stroe,delay=1s", "--out", "run", code=BAD_INPUT,
                            says=["no link is called 'api->stroe'", "did you mean 'api->store'"])

    def test_other_systems_take_none(self):
        (self.folder / "memory.json").write_text(json.dumps({"system": "memory", "links": []}), encoding="utf-8")
        self.assert_refused("audit", "memory.json", says=["'links' means nothing to the system memory", "http takes it"])


if __name__ == "__main__":
    unittest.main()
