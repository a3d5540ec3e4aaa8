#!/usr/bin/env python3
"""`afterwrite audit atproto --service --handle`: what becomes of somebody's account if the PDS hangs, somebody is impatient, or somebody else uses
the account. The PDS is a small one of the test's own."""

import signal
import unittest

from command import BAD_INPUT, CommandTest, ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, wait_until
from small_pds import PROFILE, SmallPds

DELETE = "com.atproto.repo.deleteRecord"
MINE = {"$type": "app.bsky.actor.profile", "displayName": "Lender"}
JUDGED = (HELD, VIOLATED, UNKNOWN)
EDITS_FIRST = "3"  # a seed with which the one session edits the profile before it has written all that it may


class Lent(CommandTest):
    def lend(self, profile=MINE, **more):
        self.pds = SmallPds(profile)
        self.addCleanup(self.pds.close)
        return self.start("audit", "atproto", "--service", self.pds.url, "--handle", "lender.test", "--quiet", "--out", "run", "--opt",
                          "records=8", "--sessions", "1", "--seed", EDITS_FIRST, "--read-delay", "1ms..10ms", "--duration", more.get("duration", "1h"),
                          environment={"AFTERWRITE_ATPROTO_PASSWORD": "secret"})

    def await_edit(self, run):
        """Until the run has edited the profile, whatever it did before."""
        wait_until(lambda: run.ended() or self.pds.records.get(PROFILE) != MINE, "the profile is edited")
        self.assertFalse(run.ended(), run)

    def await_tidying_up(self, run):
        wait_until(lambda: run.ended() or self.pds.furniture.intersection(self.pds.to_delete), "what was there first is deleted")
        self.assertFalse(run.ended(), run)

    def assert_all_named(self, run):
        self.assertIn("lender.test", run.err)
        self.assertGreaterEqual(len(self.pds.records), 34)
        for record in self.pds.records:
            self.assertIn(record, run.err)
        self.assertIn('"displayName":"Lender"', run.err, "what the profile was")

    def test_nothing_stays_not_even_the_login(self):
        run = self.lend()
        self.await_edit(run)
        run.signal(signal.SIGINT)
        run.finish()
        self.assertIn(run.code, JUDGED, run)
        self.assertNotIn("delete", run.err)
        self.assertEqual(self.pds.records, {PROFILE: MINE})
        self.assertEqual(self.pds.asked[-1], ("com.atproto.server.deleteSession", "Bearer refresh"))

    def test_an_account_without_a_profile_has_none_afterwards(self):
        run = self.lend(profile=None)
        wait_until(lambda: run.ended() or PROFILE in self.pds.records, "the profile is written")
        run.signal(signal.SIGINT)
        run.finish()
        self.assertIn(run.code, JUDGED, run)
        self.assertEqual(self.pds.records, {})

    def test_a_pds_that_hangs_is_given_up_and_what_stays_is_named(self):
        run = self.lend()
        self.await_edit(run)
        self.pds.hangs = (DELETE,)
        run.signal(signal.SIGINT)
        run.finish()
        self.assertIn(run.code, JUDGED, run)
        self.assertEqual(len(self.pds.furniture.intersection(self.pds.to_delete)), 1)
        self.assertIn(f"{self.pds.url} has answered nothing for 10s", run.err)
        self.assert_all_named(run)

    def test_a_signal_ends_the_tidying_up_and_what_stays_is_named(self):
        run = self.lend(duration="8s")
        self.await_edit(run)
        self.pds.hangs = (DELETE,)
        self.await_tidying_up(run)
        run.signal(signal.SIGINT)
        run.finish()
        self.assertIn(run.code, JUDGED, run)
        self.assertIn("tidying up was ended by a signal", run.err)
        self.assert_all_named(run)

    def test_a_second_signal_ends_the_run_and_what_stays_is_named(self):
        run = self.lend()
        self.await_edit(run)
        self.pds.hangs = (DELETE,)
        run.signal(signal.SIGINT)
        self.await_tidying_up(run)
        run.signal(signal.SIGINT)
        run.finish()
        self.assertEqual(run.code, 128 + signal.SIGINT, run)
        self.assert_all_named(run)

    def test_a_profile_that_somebody_else_changed_stays_as_it_is(self):
        theirs = MINE | {"description": "edited meanwhile"}
        run = self.lend()
        self.await_edit(run)
        with self.pds.lock:
            self.pds.put(PROFILE, theirs)
        edits = self.pds.count("com.atproto.repo.putRecord")
        # It is edited no more: each edit is refused, or not sent.
        wait_until(lambda: run.ended() or self.pds.count("com.atproto.repo.putRecord") > edits or self.spent(), "the next edit")
        run.signal(signal.SIGINT)
        run.finish()
        self.assertIn(run.code, JUDGED, run)
        self.assertEqual(self.pds.records, {PROFILE: theirs})
        self.assertIn("the profile of lender.test was changed by somebody else", run.err)
        self.assertIn('before the run it was {"$type":"app.bsky.actor.profile","displayName":"Lender"}', run.err)

    def spent(self):
        return "as many records were written as may be" in (self.folder / "run" / "history.jsonl").read_text(encoding="utf-8")

    def test_an_answer_to_the_login_that_is_none_is_told_at_once(self):
        pds = SmallPds()
        self.addCleanup(pds.close)
        pds.answer = lambda *_: (200, {})
        self.assert_refused("audit", "atproto", "--service", pds.url, "--handle", "lender.test", "--out", "run", "--quiet", code=ENVIRONMENT_FAILED,
                            says=[pds.url, "logging in as lender.test", "'did' and 'accessJwt'"], environment={"AFTERWRITE_ATPROTO_PASSWORD": "secret"})
        self.assertEqual(len(pds.asked), 1)

    def test_an_account_alone_is_refused_with_what_is_missing(self):
        for flags in (["--handle", "lender.test"], ["--opt", "records=8"]):
            self.assert_refused("audit", "atproto", *flags, code=BAD_INPUT, says=["--service"])
        self.assert_refused("audit", "atproto", "--leader", "https://pds.example.com", says=["--service", "--leader"], silent_about=["--followers"])


if __name__ == "__main__":
    unittest.main()
