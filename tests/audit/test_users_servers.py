#!/usr/bin/env python3
"""Servers of the user's: only a table of the run's own, which is gone afterwards; no password anywhere to be seen."""

import glob
import threading
import time
import unittest

from command import BAD_INPUT, ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, rows_of, wait_for_lines, wait_until
from servers import AuditTest, UsersCluster

SHORT = ["--duration", "4s", "--read-delay", "1ms..500ms"]


class UsersServers(AuditTest):
    @classmethod
    def setUpClass(cls):
        import pathlib
        import shutil
        import tempfile

        folder = pathlib.Path(tempfile.mkdtemp(prefix="test-of-afterwrite-users-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        cls.cluster = cls.enterClassContext(UsersCluster(folder))
        cls.cluster.sql("CREATE TABLE precious (id int primary key); INSERT INTO precious VALUES (1)")
        cls.password_file = cls.cluster.password_file()

    def setUp(self):
        super().setUp()
        self.before = self.cluster.tables()

    def with_password_file(self, **more):
        return {"PGPASSFILE": self.password_file, **more}

    def assert_untouched(self):
        self.assertEqual(self.cluster.tables(), self.before)
        self.assertEqual(self.cluster.sql("SELECT count(*) FROM precious"), "1")
        self.assertEqual(self.cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'afterwrite%'"), "0")

    def watch_arguments(self, run):
        """Every command line on the machine while the run goes on."""
        seen = set()

        def watch():
            while not run.ended():
                for path in glob.glob("/proc/[0-9]*/cmdline"):
                    try:
                        with open(path, "rb") as file:
                            seen.add(file.read())
                    except OSError:
                        continue
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        run.finish()
        watcher.join()
        return seen

    def assert_secret_kept(self, run, commands):
        secret = self.cluster.password.encode()
        self.assertFalse([command for command in commands if secret in command and b"psql" not in command])
        texts = [path.read_bytes() for path in (self.folder / "run").iterdir()] + [run.out.encode(), run.err.encode()]
        self.assertGreater(len(texts), 4)
        for text in texts:
            self.assertNotIn(secret, text)

    def test_password_file(self):
        run = self.start_audit(*self.cluster.urls(), "--read-policy", "leader", *SHORT, environment=self.with_password_file())
        commands = self.watch_arguments(run)
        self.assertIn(run.code, (HELD, UNKNOWN), run)
        self.assert_secret_kept(run, commands)
        self.assert_untouched()

    def test_password_from_the_environment(self):
        run = self.start_audit(*self.cluster.urls("{env:APP_PASSWORD}"), "--read-policy", "leader", *SHORT,
                               environment={"APP_PASSWORD": self.cluster.password})
        commands = self.watch_arguments(run)
        self.assertIn(run.code, (HELD, UNKNOWN), run)
        self.assert_secret_kept(run, commands)
        self.assert_untouched()

    def test_wrong_password(self):
        run = self.assert_refused("audit", "postgres", "--quiet", *self.cluster.urls("{env:APP_PASSWORD}"),
                                  code=ENVIRONMENT_FAILED, says=["password authentication failed"],
                                  silent_about=["open-barley"], environment={"APP_PASSWORD": "open-barley"})
        self.assertNotIn("open-barley", run.err)
        self.assert_untouched()

    def test_paused_replay_is_seen(self):
        """Not a fault of ours: the follower just stops applying."""
        run = self.start_audit(*self.cluster.urls(), "--read-policy", "any-replica", "--duration", "6s",
                               environment=self.with_password_file())
        run.wait_for("^running")
        wait_for_lines(self.history(), 300)
        self.cluster.sql("SELECT pg_wal_replay_pause()", "follower")
        try:
            end = time.monotonic() + 2
            wait_until(lambda: time.monotonic() > end or run.ended(), "two seconds without news")
        finally:
            self.cluster.sql("SELECT pg_wal_replay_resume()", "follower")
        run.finish()
        self.assertEqual(run.code, VIOLATED, run)
        self.assertGreater(rows_of(self.report_of("run"))["read-your-writes"]["violations"], 0)
        self.assert_untouched()

    def test_faults_on_our_own_links_alone(self):
        for fault in ("kill:leader@1s", "kill:follower-1@1s..2s", "failover@1s", "pause-replay:follower-1@1s..2s",
                      "stall:follower-1,links=replication@1s..2s"):
            with self.subTest(fault=fault):
                self.assert_refused("audit", "postgres", *self.cluster.urls(), "--fault", fault, code=BAD_INPUT, says=[fault],
                                    environment=self.with_password_file())
        report = self.audit(*self.cluster.urls(), "--fault", "partition:follower-1@1s..2s", "--read-policy", "any-replica",
                            "--duration", "4s", out="run", system="postgres", environment=self.with_password_file())
        self.assertEqual([(fault["fault"], fault["bit"]) for fault in report["faults"]], [("partition", True)])
        self.assert_untouched()

    def test_not_a_follower_not_a_leader(self):
        leader, follower = self.cluster.url("leader"), self.cluster.url("follower")
        refused = {"code": ENVIRONMENT_FAILED, "environment": self.with_password_file()}
        self.assert_refused("audit", "postgres", "--quiet", "--leader", follower, "--follower", leader, says=["--leader", "recovery"],
                            **refused)
        self.assert_refused("audit", "postgres", "--quiet", "--leader", leader, "--follower", leader + "?application_name=again",
                            says=["--follower", "recovery"],
                            **refused)
        self.assert_untouched()

    def test_one_endpoint(self):
        report = self.audit("--endpoint", self.cluster.url("leader"), *SHORT, out="run", system="postgres",
                            environment=self.with_password_file())
        self.assertEqual(report["run"]["policy"], "endpoint")
        self.assertNotEqual(report["verdict"], "violated")
        self.assert_untouched()

    def test_after_a_kill_clean_removes_the_table(self):
        run = self.start_audit(*self.cluster.urls(), "--read-policy", "leader", "--duration", "10m",
                               environment=self.with_password_file())
        run.wait_for("^running")
        wait_for_lines(self.history(), 200)
        self.assertEqual(len(set(self.cluster.tables()) - set(self.before)) > 0, True)
        run.process.kill()
        run.finish()
        gone = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'afterwrite%'"
        wait_until(lambda: self.cluster.sql(gone) == "0", "the sessions of the killed run are gone")
        clean = self.afterwrite("clean", "--leader", self.cluster.url("leader"), environment=self.with_password_file())
        self.assertEqual(clean.code, HELD, clean)
        self.assertIn("dropped table", clean.out)
        self.assert_untouched()


if __name__ == "__main__":
    unittest.main()
