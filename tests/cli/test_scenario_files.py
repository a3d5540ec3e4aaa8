#!/usr/bin/env python3
"""Scenario files: the flags' names as JSON, comments allowed, flags laid over them."""

import json
import unittest

from command import CommandTest


class ScenarioFiles(CommandTest):
    def scenario(self, text, name="scenario.json"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def asked(self, out):
        """The scenario as the run's header repeats it."""
        with open(self.folder / out / "history.jsonl", encoding="utf-8") as history:
            return json.loads(history.readline())["scenario"]

    def test_comments_and_every_kind_of_value(self):
        file = self.scenario("""{
          // who
          "system": "memory", "followers": 3, "lag": ["10ms", "20ms", "30ms"],
          /* what */
          "workload": "append", "sessions": 4, "keys": 5, "ops": 200, "rate": 2000, "read-delay": "1ms..5ms",
          "read-policy": "sticky-replica", "faults": ["pause-replay:follower-1@0..1s"], "seed": 7, "control": true,
          "options": {"sync": "all"}, "guarantee": ["monotonic-reads"], "scope": "user", "min-at-risk": 5
        }""")
        report = self.audit(out="run", system=file)
        self.assertEqual([row["guarantee"] for row in report["guarantees"] if not row["control"]], ["monotonic-reads"])
        self.assertEqual(report["run"]["seed"], 7)
        self.assertEqual(report["run"]["policy"], "sticky-replica")
        scenario = self.asked("run")
        self.assertEqual(scenario["lag"], ["10ms", "20ms", "30ms"])
        self.assertEqual(scenario["options"], {"sync": "all"})
        self.assertEqual(scenario["faults"], ["pause-replay:follower-1@0..1s"])

    def test_flags_override(self):
        file = self.scenario('{"system": "memory", "workload": "append", "duration": "1h", "seed": 7, "lag": "1s", '
                             '"options": {"sync": "all", "versions": "off"}}')
        self.audit("--ops", "100", "--seed", "8", "--lag", "10ms", "--opt", "versions=on", "--read-delay", "1ms..2ms",
                   out="run", system=file)
        scenario = self.asked("run")
        self.assertEqual((scenario["workload"], scenario["seed"], scenario["lag"]), ("append", 8, ["10ms"]))
        self.assertEqual(scenario["options"], {"sync": "all", "versions": "on"})
        self.assertEqual(scenario["ops"], 100)
        self.assertNotIn("duration", scenario)

    def test_what_a_run_says_of_its_scenario_can_be_run_again(self):
        self.audit("--ops", "50", "--read-delay", "1ms..2ms", "--lag", "5ms", "--fault", "kill:follower-1@1ms..2ms",
                   out="first")
        file = self.scenario(json.dumps(self.asked("first")))
        self.audit(out="second", system=file)
        self.assertEqual(self.asked("second"), self.asked("first"))

    def test_unknown_member(self):
        file = self.scenario('{"system": "memory", "read-polcy": "leader"}')
        self.assert_refused("audit", file, says=[file, "'read-polcy'", "did you mean 'read-policy'"])

    def test_mistyped(self):
        for text, member, expected in (('{"lag": 5}', "lag", "500ms"), ('{"lag": "5"}', "lag", "500ms"),
                                       ('{"sessions": "8"}', "sessions", "whole number"),
                                       ('{"sessions": -8}', "sessions", "whole number"),
                                       ('{"sessions": 1.5}', "sessions", "whole number"),
                                       ('{"faults": "kill:leader@1s"}', "faults", "array"),
                                       ('{"options": ["sync=on"]}', "options", "object"),
                                       ('{"control": "yes"}', "control", "true or false"),
                                       ('{"until": 300}', "until", "at-risk=300"),
                                       ('{"read-policy": null}', "read-policy", "policy")):
            with self.subTest(text=text):
                self.assert_refused("audit", self.scenario(text), says=["scenario.json", f"'{member}'", expected])

    def test_unknown_names_in_it(self):
        for text, nearest in (('{"system": "memry"}', "memory"), ('{"system": "memory", "read-policy": "leadr"}', "leader"),
                              ('{"system": "memory", "workload": "bnak"}', "bank"),
                              ('{"system": "memory", "faults": ["kil:leader@1s"]}', "kill"),
                              ('{"system": "memory", "scope": "usr"}', "user")):
            with self.subTest(text=text):
                self.assert_refused("audit", self.scenario(text), says=[f"did you mean '{nearest}'"])

    def test_no_json(self):
        for text in ("", "system = memory", '{"system": "memory",}', '{"system": "memory"', b"\xff\xfe\x00\x01", b"\0" * 100):
            with self.subTest(text=text):
                self.assert_refused("audit", self.scenario(text), says=["scenario.json", "JSON"])

    def test_json_but_no_scenario(self):
        for text in ("[]", "3", '"memory"', "null"):
            with self.subTest(text=text):
                self.assert_refused("audit", self.scenario(text), says=["scenario.json", "object"])

    def test_a_name_twice(self):
        self.assert_refused("audit", self.scenario('{"system": "memory", "seed": 1, "seed": 2}'), says=["'seed'", "twice"])

    def test_no_file(self):
        self.assert_refused("audit", "nowhere.json", says=["nowhere.json", "no such"])
        self.assert_refused("audit", "./", says=["folder"])
        self.assert_refused("audit", "/dev/zero", says=["/dev/zero"])


if __name__ == "__main__":
    unittest.main()
