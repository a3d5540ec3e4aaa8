#!/usr/bin/env python3
"""Installs the libraries under a prefix of its own, then configures, builds and runs the example against them alone.

Variables: AFTERWRITE_BUILD, the build tree to install from; AFTERWRITE_SOURCE, the sources; CMAKE, CXX.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["AFTERWRITE_BUILD"])
SOURCE = pathlib.Path(os.environ["AFTERWRITE_SOURCE"])


def run(*command, **more):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)


class Library(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="library-of-afterwrite-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.prefix = cls.folder / "prefix"
        installed = run(os.environ["CMAKE"], "--install", BUILD, "--prefix", cls.prefix)
        assert installed.returncode == 0, installed.stdout
        # A copy: nothing of the repository may be found by being beside it.
        cls.example = cls.folder / "example"
        shutil.copytree(SOURCE / "examples" / "library", cls.example)

    def configure(self, name, *arguments):
        return run(os.environ["CMAKE"], "-S", self.example, "-B", self.folder / name, "-G", "Ninja",
                   f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_COMPILER={os.environ['CXX']}",
                   "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror", *arguments)

    def test_the_example(self):
        configured = self.configure("build")
        self.assertEqual(configured.returncode, 0, configured.stdout)
        built = run(os.environ["CMAKE"], "--build", self.folder / "build")
        self.assertEqual(built.returncode, 0, built.stdout)
        ran = run(self.folder / "build" / "judge_in_memory")
        self.assertEqual(ran.returncode, 1, ran.stdout)
        # As docs/library.md shows it.
        shown = re.search(r"```text\n(read-your-writes: .*?)```", (SOURCE / "docs" / "library.md").read_text(encoding="utf-8"),
                          re.S)
        self.assertEqual(ran.stdout, shown[1])

    def test_an_older_version_is_asked_for(self):
        file = self.example / "CMakeLists.txt"
        text = file.read_text(encoding="utf-8")
        self.addCleanup(file.write_text, text, encoding="utf-8")
        file.write_text(text.replace("afterwrite 0.1", "afterwrite 99.0"), encoding="utf-8")
        configured = self.configure("other")
        self.assertNotEqual(configured.returncode, 0)
        self.assertIn("99.0", configured.stdout)

    def test_headers_stand_alone(self):
        """Each installed header compiles by itself, with the installed ones only."""
        headers = sorted((self.prefix / "include" / "afterwrite").rglob("*.hpp"))
        names = [header.relative_to(self.prefix / "include" / "afterwrite").as_posix() for header in headers]
        self.assertIn("checkers/judge.hpp", names)
        self.assertIn("harness/history/reader.hpp", names)
        self.assertTrue(all(name.startswith(("checkers/", "harness/history/")) for name in names), names)
        for name in ("checkers/judge.hpp", "checkers/growing_judge.hpp", "harness/history/reader.hpp",
                     "harness/history/writer.hpp"):
            source = self.folder / "alone.cpp"
            source.write_text(f'#include "{name}"\n', encoding="utf-8")
            compiled = run(os.environ["CXX"], "-std=c++20", "-fsyntax-only", "-I",
                           self.prefix / "include" / "afterwrite", source)
            self.assertEqual(compiled.returncode, 0, compiled.stdout)

    def test_nothing_leads_back_to_the_sources(self):
        for file in self.prefix.rglob("*.cmake"):
            text = file.read_text(encoding="utf-8")
            self.assertNotIn(str(SOURCE), text, file)
            self.assertNotIn(str(BUILD), text, file)

    def test_the_command(self):
        ran = run(self.prefix / "bin" / "afterwrite", "--version")
        self.assertEqual(ran.returncode, 0, ran.stdout)


if __name__ == "__main__":
    unittest.main()
