#!/usr/bin/env python3
"""What cannot be done as asked is refused with one clear line: what, where, and what to do."""

import unittest

from command import BAD_INPUT, ENVIRONMENT_FAILED, CommandTest


class UnknownNames(CommandTest):
    """Each is answered with the nearest known one."""

    def assert_suggests(self, nearest, *arguments):
        self.assert_refused(*arguments, says=[f"did you mean '{nearest}'"])

    def test_subcommand(self):
        self.assert_suggests("audit", "audti", "memory")

    def test_flag(self):
        self.assert_suggests("--followers", "audit", "memory", "--folowers", "3")
        self.assert_suggests("--guarantee", "check", "--guarante=monotonic-reads", "history.jsonl")

    def test_system(self):
        self.assert_suggests("postgres", "audit", "postgress")

    def test_policy(self):
        self.assert_suggests("any-replica", "audit", "memory", "--read-policy", "any-replca")
        self.assert_suggests("recent-writer", "audit", "memory", "--read-policy", "recent-writter:5s")

    def test_workload(self):
        self.assert_suggests("register", "audit", "memory", "--workload", "regsiter")

    def test_fault(self):
        self.assert_suggests("kill", "audit", "memory", "--fault", "kil:follower-1@1s")

    def test_parameter_of_a_fault(self):
        self.assert_suggests("delay", "audit", "postgres", "--fault", "lag:follower-1,dealy=800ms@1s")

    def test_target(self):
        self.assert_suggests("follower-1", "audit", "memory", "--fault", "kill:folower-1@1s")
        self.assert_refused("audit", "memory", "--fault", "kill:follower-3@1s", says=["follower-3", "2 followers"])

    def test_guarantee(self):
        self.assert_suggests("monotonic-reads", "audit", "memory", "--guarantee", "read-your-writes,monotonic-read")
        self.assert_suggests("monotonic-reads", "check", "--guarantee", "monotonic-read", "history.jsonl")

    def test_scope(self):
        self.assert_suggests("session", "audit", "memory", "--scope", "sesion")
        self.assert_suggests("process", "check", "--scope", "user,proces", "history.jsonl")

    def test_assumption(self):
        self.assert_suggests("writer-order", "check", "--assume", "writers-order", "history.jsonl")

    def test_verdict_expected(self):
        self.assert_suggests("violated", "audit", "memory", "--expect", "violatet")
        self.assert_refused("check", "--expect", "violatet", "history.jsonl", says=["violatet", "held", "unknown"])

    def test_option_of_the_system(self):
        self.assert_suggests("bug", "audit", "memory", "--opt", "bugg=none")
        self.assert_suggests("stale-follower", "audit", "memory", "--opt", "bug=stale-folower")
        self.assert_suggests("sync", "audit", "postgres", "--opt", "snyc=on")
        self.assert_suggests("remote_apply", "audit", "postgres", "--opt", "sync=remote_aply")

    def test_list(self):
        self.assert_suggests("policies", "list", "polices")


class Usage(CommandTest):
    def test_no_command(self):
        self.assert_refused(says=["audit, sweep, check, report, convert, conform, list, doctor, clean", "--help"])

    def test_nothing_to_work_on(self):
        self.assert_refused("audit", says=["SYSTEM", "--help"])
        self.assert_refused("check", says=["HISTORY", "--help"])
        self.assert_refused("list", says=["WHAT", "--help"])

    def test_a_flag_without_its_value(self):
        self.assert_refused("audit", "memory", "--lag", says=["--lag"])

    def test_a_word_too_many(self):
        self.assert_refused("audit", "memory", "postgres", says=["postgres"])

    def test_numbers(self):
        for flag in ("--followers", "--sessions", "--keys", "--ops", "--seed", "--min-at-risk"):
            for value in ("-1", "many", "1.5", "", "99999999999999999999"):
                with self.subTest(flag=flag, value=value):
                    self.assert_refused("audit", "memory", f"{flag}={value}", says=[flag])
        self.assert_refused("check", "--min-at-risk", "few", "history.jsonl", says=["--min-at-risk", "few"])
        self.assert_refused("check", "--min-at-risk", "0", "history.jsonl", says=["--min-at-risk"])

    def test_nothing_to_do(self):
        for flag in ("--sessions", "--keys", "--ops", "--min-at-risk"):
            with self.subTest(flag=flag):
                self.assert_refused("audit", "memory", flag, "0", says=[flag])

    def test_empty_values(self):
        """Most likely a variable that nobody set: what was meant is not audited, so nothing is."""
        for flag in ("--leader", "--endpoint", "--follower", "--pg-bin", "--workload", "--read-policy", "--scope", "--expect", "--out"):
            with self.subTest(flag=flag):
                self.assert_refused("audit", "postgres", flag, "", says=[flag, "empty"])

    def test_servers_of_ours_and_of_yours(self):
        leader = ["--leader", "postgresql://app@127.0.0.1:1/app"]
        self.assert_refused("audit", "postgres", *leader, "--followers", "3", says=["--followers", "--follower URL"])
        self.assert_refused("audit", "postgres", *leader, "--follower", leader[1], says=["--follower", "twice"])

    def test_a_fault_after_the_end(self):
        self.assert_refused("audit", "memory", "--fault", "kill:follower-1@10s", "--duration", "5s", says=["kill:follower-1@10s", "5s"])

    def test_a_flag_given_twice(self):
        self.assert_refused("audit", "memory", "--lag", "1s", "--lag", "2s", says=["--lag", "more than once"])
        self.assert_refused("audit", "memory", "postgres", says=["'postgres'", "a word too many"])

    def test_several_files_after_a_flag(self):
        run = self.afterwrite("check", "--guarantee", "monotonic-reads", "a.jsonl", "b.jsonl")
        self.assertEqual(run.code, BAD_INPUT, run)
        self.assertRegex(run.err, r"\Aafterwrite: a\.jsonl[^\n]+\nafterwrite: b\.jsonl[^\n]+\n\Z")

    def test_two_ends(self):
        self.assert_refused("audit", "memory", "--ops", "10", "--duration", "1s", says=["--ops", "--duration"])

    def test_help_and_version_are_no_errors(self):
        for arguments in (["--help"], ["audit", "--help"], ["check", "--help"], ["--version"]):
            run = self.afterwrite(*arguments)
            self.assertEqual((run.code, run.err), (0, ""), run)
            self.assertIn("afterwrite", run.out)


class Durations(CommandTest):
    def test_no_durations(self):
        for value in ("5", "fast", "-5ms", "5 ms", "5min", "", "1e3s", "99999999999h"):
            for flag in ("--lag", "--duration", "--op-timeout", "--read-delay"):
                with self.subTest(flag=flag, value=value):
                    self.assert_refused("audit", "memory", f"{flag}={value}", says=[flag])

    def test_the_form_is_shown(self):
        self.assert_refused("audit", "memory", "--lag", "5", says=["'5'", "500ms"])

    def test_lag_list_of_the_wrong_length(self):
        self.assert_refused("audit", "memory", "--lag", "1s,2s,3s", says=["--lag", "3", "2"])
        self.assert_refused("audit", "postgres", "--lag", "1s,2s", "--followers", "3", says=["--lag", "2", "3"])

    def test_range_the_wrong_way_round(self):
        self.assert_refused("audit", "memory", "--read-delay", "2s..1s", says=["--read-delay", "1ms..2s"])

    def test_windows_of_policies(self):
        self.assert_refused("audit", "memory", "--read-policy", "recent-writer:soon", says=["recent-writer", "soon"])
        self.assert_refused("audit", "memory", "--read-policy", "version-token:wait=long", says=["version-token", "long"])


class WhatTheSystemCannotGive(CommandTest):
    """Refused before anything runs, with what would make it possible."""

    def test_no_followers_to_read_from(self):
        for system in ("memory", "postgres"):
            with self.subTest(system=system):
                self.assert_refused("audit", system, "--followers", "0", says=["any-replica", "--followers 1"])

    def test_lag_of_nobody(self):
        self.assert_refused("audit", "memory", "--followers", "0", "--read-policy", "leader", "--lag", "1s",
                            says=["--lag", "--followers 1"])

    def test_links_of_the_memory_system(self):
        for fault in ("lag:follower-1,delay=1s", "stall:follower-1@1s..2s", "partition:follower-1@1s..2s",
                      "partition:leader@1s..2s"):
            with self.subTest(fault=fault):
                self.assert_refused("audit", "memory", "--fault", fault, says=[fault, "possible"])

    def test_failover_without_followers(self):
        for system in ("memory", "postgres"):
            with self.subTest(system=system):
                self.assert_refused("audit", system, "--followers", "0", "--read-policy", "leader",
                                    "--fault", "failover@1s", says=["failover", "--followers 1"])

    def test_pause_of_a_leader(self):
        for system in ("memory", "postgres"):
            with self.subTest(system=system):
                self.assert_refused("audit", system, "--fault", "pause-replay:leader@1s..2s", says=["leader", "follower"])

    def test_too_many_followers(self):
        self.assert_refused("audit", "memory", "--followers", "1000", says=["--followers", "64"])

    def test_options(self):
        self.assert_refused("audit", "memory", "--opt", "bug", says=["--opt", "NAME=VALUE"])

    def test_urls_for_the_memory_system(self):
        self.assert_refused("audit", "memory", "--leader", "postgresql://db1/app", says=["memory", "--leader"])

    def test_settings_for_servers_of_the_users(self):
        leader = ["--leader", "postgresql://127.0.0.1:1/app"]
        self.assert_refused("audit", "postgres", *leader, "--lag", "1s", says=["--lag"])
        self.assert_refused("audit", "postgres", *leader, "--opt", "sync=on", says=["--opt"])
        self.assert_refused("audit", "postgres", "--follower", "postgresql://127.0.0.1:1/app", says=["--leader"])
        self.assert_refused("audit", "postgres", *leader, "--endpoint", "postgresql://127.0.0.1:1/app",
                            says=["--endpoint", "--leader"])


class Faults(CommandTest):
    def test_forms(self):
        for fault, word in (("", "fault"), ("kill", "target"), ("kill:follower-1", "@"), ("kill:follower-1@soon", "soon"),
                            ("kill:follower-1@2s..1s", "start"), ("failover@1s..2s", "moment"),
                            ("failover:follower-1@1s", "target"), ("stall:follower-1@1s@2s", "two"),
                            ("lag:follower-1@1s", "delay"), ("kill:follower-1@", "@")):
            with self.subTest(fault=fault):
                self.assert_refused("audit", "postgres", f"--fault={fault}", says=["--fault", word])


class Passwords(CommandTest):
    """They would be seen in the process list and in reports; the refusal does not repeat them."""

    def test_refused_without_an_echo(self):
        for flag in ("--leader", "--follower", "--endpoint"):
            for url in ("postgresql://app:sesame42@db1/app", "host=db1 password=sesame42",
                        "postgresql://app@db1/app?password=sesame42", "host=db1 Password = 'sesame42'"):
                with self.subTest(flag=flag, url=url):
                    self.assert_refused("audit", "postgres", flag, url, says=[flag, "PGPASSFILE", "{env:"],
                                        silent_about=["sesame42"])

    def test_in_a_scenario_file(self):
        (self.folder / "scenario.json").write_text('{"leader": "postgresql://app:sesame42@db1/app"}', encoding="utf-8")
        self.assert_refused("audit", "scenario.json", says=["PGPASSFILE"], silent_about=["sesame42"])

    def test_of_clean(self):
        self.assert_refused("clean", "--leader", "postgresql://app:sesame42@db1/app", says=["--leader", "PGPASSFILE"],
                            silent_about=["sesame42"])

    def test_a_variable_that_is_not_set(self):
        self.assert_refused("audit", "postgres", "--leader", "postgresql://app:{env:NO_SUCH_VARIABLE}@127.0.0.1:1/app",
                            "--read-policy", "leader", "--quiet", says=["NO_SUCH_VARIABLE"])


class Surroundings(CommandTest):
    def test_no_postgres(self):
        self.assert_refused("audit", "postgres", "--pg-bin", "/nonexistent", "--quiet", code=ENVIRONMENT_FAILED,
                            says=["/nonexistent", "initdb"])

    def test_nobody_listens(self):
        self.assert_refused("audit", "postgres", "--leader", "postgresql://app@127.0.0.1:1/app", "--read-policy", "leader",
                            "--quiet", code=ENVIRONMENT_FAILED, says=["127.0.0.1", "refused"])

    def test_temporary_folder(self):
        run = self.afterwrite("doctor", environment={"TMPDIR": "/nonexistent"})
        self.assertEqual(run.code, ENVIRONMENT_FAILED, run)
        self.assertIn("TMPDIR", run.out)


class OutFolder(CommandTest):
    def test_holds_a_run_already(self):
        (self.folder / "taken").mkdir()
        history = self.folder / "taken" / "history.jsonl"
        history.write_text("precious\n", encoding="utf-8")
        self.assert_refused("audit", "memory", "--out", "taken", says=["--out", "taken"])
        self.assertEqual(history.read_text(encoding="utf-8"), "precious\n")

    def test_cannot_be_made(self):
        (self.folder / "file").touch()
        for place in ("/proc/runs", "file", "file/run", "/dev/null/run"):
            with self.subTest(place=place):
                self.assert_refused("audit", "memory", "--out", place, code=ENVIRONMENT_FAILED, says=[place, "--out"])

    def test_a_refused_run_leaves_no_folder(self):
        before = sorted(self.folder.iterdir())
        self.assert_refused("audit", "memory", "--fault", "partition:follower-1@1s..2s")
        self.assert_refused("audit", "memory", "--followers", "0", "--out", "a/b")
        self.assertEqual(sorted(self.folder.iterdir()), before)


if __name__ == "__main__":
    unittest.main()
