#!/usr/bin/env python3
"""`afterwrite conform`: the built-in system and the examples pass; what is broken is found."""

import json
import pathlib
import unittest

from command import BAD_INPUT, ENVIRONMENT_FAILED, HELD, VIOLATED, CommandTest

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples" / "adapters"
CUTS = {"deadline", "cut in mid-write", "after a lost connection"}


class ConformTest(CommandTest):
    def conform(self, *arguments, code):
        run = self.afterwrite("conform", "--json", *arguments)
        self.assertEqual(run.code, code, run)
        report = run.report()
        self.assertEqual(report["schema"], "afterwrite.conform/1")
        return {check["check"]: check for check in report["checks"]}

    def assert_results(self, checks, *, not_applicable=(), failed=()):
        for name, check in checks.items():
            expected = "failed" if name in failed else "not applicable" if name in not_applicable else "ok"
            with self.subTest(check=name):
                self.assertEqual(check["result"], expected, check["why"])
                self.assertEqual(check["why"] == "", expected == "ok")

    def scenario(self, **members):
        file = self.folder / "scenario.json"
        file.write_text(json.dumps({"system": "exec"} | members))
        return file


class Memory(ConformTest):
    def test_keeps_it_all(self):
        self.assert_results(self.conform("memory", "--lag", "20ms", code=HELD), not_applicable=CUTS)

    def test_each_line_says_what_came_of_a_check(self):
        run = self.afterwrite("conform", "memory", "--followers", "0")
        self.assertEqual((run.code, run.err), (HELD, ""), run)
        lines = run.out.splitlines()
        self.assertEqual(len(lines), 14)
        self.assertIn("ok             round trip", lines)
        self.assertIn("not applicable followers: it has no followers", lines)

    def test_a_follower_that_lies_about_its_position_is_found(self):
        checks = self.conform("memory", "--lag", "200ms", "--opt", "bug=stale-follower", code=VIOLATED)
        self.assert_results(checks, not_applicable=CUTS, failed={"positions"})
        self.assertRegex(checks["positions"]["why"], r"the read at node-1 after it had reached .* returned nothing; expected")

    def test_usage(self):
        self.assert_refused("conform", "memry", says=["did you mean 'memory'"])
        self.assert_refused("conform", "memory", "--read-policy", "leader", says=["--read-policy"])
        self.assert_refused("conform", "exec:./nobody", code=ENVIRONMENT_FAILED, says=["No such file"])


class Examples(ConformTest):
    def assert_passes(self, example):
        config = {"file": str(self.folder / "dict.log"), "lag_ms": 20}
        self.assert_results(self.conform(self.scenario(command=[str(EXAMPLES / example)], config=config), code=HELD))

    def test_python(self):
        self.assert_passes("dict_kv.py")

    def test_javascript(self):
        self.assert_passes("dict_kv.js")


class Broken(ConformTest):
    """Adapters made from the example by breaking one thing; each breach is found by the check that is there for it."""

    def broken(self, before, after, beats):
        text = (EXAMPLES / "dict_kv.py").read_text().replace('"beat": True', f'"beat": {beats}')
        self.assertIn(before, text)
        adapter = self.folder / "broken.py"
        adapter.write_text(text.replace(before, after))
        adapter.chmod(0o755)
        return self.scenario(command=["./broken.py"], config={"lag_ms": 100})

    def assert_finds(self, failed, before, after, says, not_applicable=(), beats=True):
        checks = self.conform(self.broken(before, after, beats), code=VIOLATED)
        self.assert_results(checks, failed=failed, not_applicable=not_applicable)
        for name in failed:
            self.assertIn(says, checks[name]["why"])

    def test_absent_keys_that_are_empty_texts(self):
        self.assert_finds({"absent key", "another session", "followers"}, "(None, 0)", '("", 0)', "expected")

    def test_keys_without_case(self):
        self.assert_finds({"keys apart"}, 'request = json.loads(line)\n', 'request = json.loads(line)\n    if "key" in request: request["key"] = request["key"].lower()\n',
                          "the read of 'k1'")

    def test_lists_in_the_wrong_order(self):
        self.assert_finds({"lists"}, '([], 0))[0] + [entry["value"]]', '([], 0))[0][::-1] + [entry["value"]]', "the read of the list")

    def test_text_that_is_changed_on_its_way(self):
        self.assert_finds({"special characters"}, '"value": value, "version"', '"value": value.replace(chr(34), chr(39)) if isinstance(value, str) else value, "version"',
                          "of a key and value with")

    def test_positions_that_are_reached_too_early(self):
        self.assert_finds({"positions"}, "if applied[request[\"node\"]] >= int(request[\"position\"])", "if True", "after it had reached")

    def test_reads_by_the_process_alone(self):
        """A store that no other process sees."""
        self.assert_finds({"another session", "lists"}, 'config |= request["config"]', 'config |= request["config"] | {"file": f"{os.getpid()}.log"}',
                          "expected", not_applicable={"beats"}, beats=False)


    def test_what_detached_itself_is_ended(self):
        """Looked for at the end of the test, as whatever else is left."""
        text = (EXAMPLES / "dict_kv.py").read_text()
        starts = "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True, stdin=-3, stdout=-3, stderr=-3)\n"
        at = text.index("import json")
        adapter = self.folder / "detaches.py"
        adapter.write_text(text[:at] + starts + text[at:])
        adapter.chmod(0o755)
        self.assert_results(self.conform(self.scenario(command=["./detaches.py"], config={"lag_ms": 20}), code=HELD))


class Systems(ConformTest):
    def test_scenario_of_a_builtin_system(self):
        file = self.folder / "memory.json"
        file.write_text('{"system": "memory", "lag": "10ms", "workload": "append"}')
        self.assert_results(self.conform(file, code=HELD), not_applicable=CUTS)

    def test_members_of_the_wrong_type(self):
        self.assert_refused("conform", self.scenario(command=[]), code=BAD_INPUT, says=["'command' expects"])
        self.assert_refused("conform", self.scenario(command="x", config=3), code=BAD_INPUT, says=["'config' expects an object"])
        self.assert_refused("conform", self.scenario(), code=BAD_INPUT, says=["names no command"])


if __name__ == "__main__":
    unittest.main()
