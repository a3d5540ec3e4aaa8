#!/usr/bin/env python3
"""Proves that check_layers.py can fail: plants each kind of breach in a small tree and sees it found, and only it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_layers


def found(files):
    """The breaches in a tree of these files, as `name:line: text`."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return [f"{name}:{number}: {what}" for name, number, what in check_layers.breaches(root)]


def including(target, quotes='""'):
    return f"#pragma once\n#include {quotes[0]}{target}{quotes[1]}\n"


def function_of(lines, head="void work(int a) {"):
    return head + "\n" + "  a();\n" * (lines - 2) + "}\n"


class Layers(unittest.TestCase):
    def assert_one(self, files, *parts):
        breaches = found(files)
        self.assertEqual(len(breaches), 1, breaches)
        for part in parts:
            self.assertIn(part, breaches[0])

    def test_allowed_includes_pass(self):
        for name, target in [
            ("checkers/a.hpp", "harness/history/operation.hpp"),
            ("results/a.hpp", "checkers/judge.hpp"),
            ("harness/run/a.hpp", "harness/process/child.hpp"),
            ("harness/run/a.hpp", "harness/history/operation.hpp"),
            ("harness/cli/a.hpp", "adapters/postgres/cluster.hpp"),
            ("adapters/postgres/a.hpp", "harness/process/child.hpp"),
            ("adapters/postgres/a.hpp", "adapters/postgres/b.hpp"),
            ("workloads/a.hpp", "harness/session/workload.hpp"),
        ]:
            with self.subTest(name=name, target=target):
                self.assertEqual(found({name: including(target)}), [])
        self.assertEqual(found({"harness/process/a.hpp": including("boost/process.hpp", "<>")}), [])

    def test_forbidden_includes_are_found(self):
        for name, target in [
            ("harness/history/a.hpp", "harness/session/client.hpp"),
            ("harness/process/a.hpp", "harness/history/operation.hpp"),
            ("harness/policies/a.hpp", "harness/faults/proxy.hpp"),
            ("harness/run/a.cpp", "checkers/judge.hpp"),
            ("harness/run/a.cpp", "adapters/postgres/cluster.hpp"),
            ("harness/faults/a.cpp", "harness/run/recorder.hpp"),
            ("workloads/a.hpp", "harness/run/recorder.hpp"),
            ("adapters/postgres/a.hpp", "adapters/memory/store.hpp"),
            ("adapters/memory/a.hpp", "harness/faults/proxy.hpp"),
            ("checkers/a.hpp", "harness/session/clock.hpp"),
            ("checkers/deeper/a.hpp", "results/report.hpp"),
            ("results/a.hpp", "harness/run/scenario.hpp"),
        ]:
            with self.subTest(name=name, target=target):
                self.assert_one({name: including(target)}, f"{name}:2:", target, "may include only")

    def test_include_style(self):
        self.assert_one({"checkers/a.hpp": including("judge.hpp")}, "from the root")
        self.assert_one({"checkers/a.hpp": including("harness/history/operation.hpp", "<>")}, "in quotes")

    def test_a_name_is_given_once(self):
        two = {"harness/cli/a.hpp": "namespace afterwrite {\nclass Call {\n};\n}  // namespace afterwrite\n",
               "harness/run/a.hpp": "namespace afterwrite {\nstruct Call : Base {};\n}  // namespace afterwrite\n"}
        self.assert_one(two, "harness/run/a.hpp:2:", "afterwrite::Call", "harness/cli/a.hpp")
        two["harness/run/a.hpp"] = "namespace afterwrite::run {\nstruct Call {};\n}  // namespace afterwrite::run\n"
        self.assertEqual(found(two), [])
        two["harness/run/a.hpp"] = "namespace afterwrite {\nnamespace {\nstruct Call {};\n}  // namespace\n}  // namespace afterwrite\n"
        self.assertEqual(found(two), [])
        two["harness/run/a.hpp"] = "namespace afterwrite {\nstruct Call;\nstruct Run::Call {\n};\n}  // namespace afterwrite\n"
        self.assertEqual(found(two), [])

    def test_libcurl_stays_in_its_folder(self):
        self.assert_one({"adapters/etcd/a.cpp": including("curl/curl.h", "<>")}, "libcurl")

    def test_boost_process_stays_in_its_folder(self):
        self.assert_one({"harness/faults/a.cpp": including("boost/process.hpp", "<>")}, "Boost.Process")
        self.assert_one({"harness/cli/a.cpp": including("boost/process/child.hpp", "<>")}, "Boost.Process")

    def test_unknown_folder(self):
        self.assert_one({"harness/extras/a.hpp": "#pragma once\n"}, "not in the table")
        self.assert_one({"harness/a.hpp": "#pragma once\n"}, "not in the table")

    def test_empty_names(self):
        for name in ["utils.hpp", "string_utils.cpp", "common.hpp", "fault_manager.hpp", "pg_helper.hpp"]:
            with self.subTest(name=name):
                self.assert_one({f"harness/session/{name}": "#pragma once\n"}, "name it by what it does")
        self.assertEqual(found({"harness/session/commonality.hpp": "#pragma once\n"}), [])

    def test_long_file(self):
        self.assertEqual(found({"checkers/a.cpp": "// text\n" * check_layers.FILE_LINES}), [])
        self.assert_one({"checkers/a.cpp": "// text\n" * (check_layers.FILE_LINES + 1)}, "split it")

    def test_long_functions(self):
        heads = [
            "void work(int a) {",
            "template <class T> auto work(T a) -> int {",
            "Thing::Thing(int a) : member_{a}, other_{1, 2} {",
            "Thing::Thing(const std::vector<int>& list = {1, 2}) {",
            "bool Thing::operator()(const Thing& other) const noexcept {",
            "const auto work = [](int a) {",
        ]
        for head in heads:
            with self.subTest(head=head):
                short = function_of(check_layers.FUNCTION_LINES, head)
                long = function_of(check_layers.FUNCTION_LINES + 1, head)
                self.assertEqual(found({"checkers/a.cpp": short}), [])
                self.assert_one({"checkers/a.cpp": long}, "a.cpp:1:", "a function of")
                wrapped = "namespace a {\nclass B : public C {\n public:\n  int d{1};\n" + long + "};\n}\n"
                self.assert_one({"checkers/a.cpp": wrapped}, "a.cpp:5:", "a function of")

    def test_what_is_no_long_function(self):
        short = function_of(10)
        self.assertEqual(found({"checkers/a.cpp": "namespace a {\n" + short * 10 + "}\n"}), [])
        self.assertEqual(found({"checkers/a.cpp": "class A {\n" + short * 10 + "};\n"}), [])
        self.assertEqual(found({"checkers/a.cpp": "const int table[] = {\n" + "  1,\n" * 100 + "};\n"}), [])
        self.assertEqual(found({"checkers/a.cpp": 'const char* text = R"(\nvoid a() {\n' + "\n" * 100 + '})";\n'}), [])
        self.assertEqual(found({"checkers/a.cpp": "// void a() {\n/* { \" */\n" + short * 8 + "// }\n"}), [])

    def test_nested_blocks_count_with_their_function(self):
        text = "void a() {\n  if (b()) {\n" + "    c();\n" * check_layers.FUNCTION_LINES + "  }\n}\n"
        self.assert_one({"checkers/a.cpp": text}, "a.cpp:1:")


class Command(unittest.TestCase):
    def status(self, *arguments):
        command = [sys.executable, check_layers.__file__, *arguments]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    def test_exit_status(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.status(folder), 3)
            checkers = pathlib.Path(folder) / "checkers"
            checkers.mkdir()
            self.assertEqual(self.status(folder), 0)
            (checkers / "a.hpp").write_text(including("results/report.hpp"), encoding="utf-8")
            self.assertEqual(self.status(folder), 1)
            self.assertEqual(self.status(folder, "more"), 3)


if __name__ == "__main__":
    unittest.main()
