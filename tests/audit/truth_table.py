#!/usr/bin/env python3
"""The truth table of docs/policies.md on a real PostgreSQL: each row is an audit, and its verdicts are read from its report.

    truth_table.py --afterwrite build/release/afterwrite [--runs 10] [--row NAME ...] [--keep DIR]

A `held` must have stood the test: at least 30 at-risk reads. Prints a line a run and a closing line; exits 1 if any run
answers otherwise than the table.
"""

import sys

import truth_rows

# Where something is to be held: until enough reads were at risk, however fast the machine is.
ENOUGH = "--until at-risk=60 --duration 60s"

# name -> (flags, read-your-writes, monotonic-reads)
ROWS = {
    "leader-lag": (f"--lag 500ms --read-policy leader {ENOUGH}", "held", "held"),
    "any-replica-lag": ("--lag 500ms --read-policy any-replica --duration 6s", "violated", "violated"),
    "sticky-replica-lag": (f"--lag 500ms --read-policy sticky-replica {ENOUGH}", "violated", "held"),
    "sticky-replica-moved": (
        "--lag 200ms,3s --read-policy sticky-replica --fault kill:follower-1@5s --duration 9s",
        "violated", "violated"),
    "recent-writer-short": ("--lag 1500ms --read-policy recent-writer:500ms --duration 8s", "violated", "violated"),
    "recent-writer-long": (f"--lag 400ms --read-policy recent-writer:5s {ENOUGH}", "held", "violated"),
    "version-token-lag": (f"--lag 500ms --read-policy version-token {ENOUGH}", "held", "held"),
    "any-replica-remote-apply": (
        f"--lag 300ms --opt sync=remote_apply --read-policy any-replica {ENOUGH}", "held", "violated"),
    "any-replica-sync-on-paused": (
        "--opt sync=on --read-policy any-replica --fault pause-replay:follower-1@1s..6s --duration 7s",
        "violated", "violated"),
    "leader-failover": ("--read-policy leader --fault failover@4s,cut=2s --duration 9s", "violated", "violated"),
}

if __name__ == "__main__":
    sys.exit(truth_rows.main(__doc__, "postgres", ROWS))
