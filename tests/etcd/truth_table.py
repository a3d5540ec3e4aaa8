#!/usr/bin/env python3
"""What etcd keeps of read-your-writes and monotonic-reads under isolation and kills, on real clusters of three.

Each run is one audit, and its verdicts are read from its report.

    truth_table.py --afterwrite build/release/afterwrite [--runs 10] [--row NAME ...] [--keep DIR]

A `held` must have stood the test: at least 30 at-risk reads, and faults that bit. Prints a line a run and a closing line; exits 1 if
any run answers otherwise than the table.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "audit"))
import truth_rows  # noqa: E402

# Reads at a member that is cut off have no answer: many sessions and a short deadline leave enough of those that have.
LOAD = "--sessions 24 --read-delay 1ms..300ms"
SHORT = "--op-timeout 500ms"
FOLLOWER = f"{SHORT} --fault partition:follower-1@1s..7s --duration 8s"
LEADER = f"{SHORT} --fault partition:leader@1s..12s --duration 13s"
KILLS = f"{SHORT} --fault kill:follower-2@1s..2s --fault kill:leader@4s..6s --fault partition:follower-1@9s..19s --duration 20s"

# name -> (flags, read-your-writes, monotonic-reads)
ROWS = {
    "linearizable-follower-isolated": (f"--read-policy any-replica {FOLLOWER}", "held", "held"),
    "linearizable-leader-isolated": (f"--read-policy any-replica {LEADER}", "held", "held"),
    "linearizable-kills": (f"--read-policy any-replica {KILLS}", "held", "held"),
    "serializable-follower-isolated": (f"--opt reads=serializable --read-policy any-replica {FOLLOWER}", "violated", "violated"),
    "serializable-leader-isolated": (f"--opt reads=serializable --read-policy any-replica {LEADER}", "violated", "violated"),
    "revision-wait-follower-isolated": (
        f"--opt reads=serializable --read-policy version-token:wait=300ms {FOLLOWER}", "held", "held"),
    "revision-wait-leader-isolated": (
        f"--opt reads=serializable --read-policy version-token:wait=300ms {LEADER}", "held", "held"),
    "revision-wait-kills": (
        f"--opt reads=serializable --read-policy version-token:wait=300ms {KILLS}", "held", "held"),
    "serializable-lag": ("--opt reads=serializable --read-policy any-replica --lag 300ms --duration 6s", "violated", "violated"),
}

if __name__ == "__main__":
    sys.exit(truth_rows.main(__doc__, f"etcd {LOAD}", ROWS))
