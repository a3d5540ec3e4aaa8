#!/usr/bin/env python3
"""What etcd keeps of read-your-writes and monotonic-reads under isolation and kills, on real clusters of three.

Each run is one audit, and its verdicts are read from its report.

    truth_table.py --afterwrite build/release/afterwrite [--runs 10] [--row NAME ...] [--keep DIR]

A `held` must have stood the test: at least 30 at-risk reads, and faults that bit. Prints a line a run and a closing line; exits 1 if
any run answers otherwise than the table.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

MIN_AT_RISK = 30
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

EXIT_CODES = {"held": 0, "violated": 1, "unknown": 2}


def run_row(afterwrite, name, out):
    """One audit; returns (what was found, complaints)."""
    flags, *expected = ROWS[name]
    command = [afterwrite, "audit", "etcd", *LOAD.split(), *flags.split(), "--quiet", "--out", str(out)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return "no report", [f"{error}; exit code {done.returncode}: {done.stderr.strip()[-400:]}"]
    rows = {row["guarantee"]: row for row in report["guarantees"]}
    complaints = []
    if done.returncode != EXIT_CODES[report["verdict"]]:
        complaints.append(f"exit code {done.returncode} for the verdict {report['verdict']}")
    found = []
    for guarantee, verdict in zip(("read-your-writes", "monotonic-reads"), expected):
        row = rows[guarantee]
        found.append(f"{guarantee} {row['verdict']} ({row['violations']} of {row['at_risk']} at-risk)")
        if row["verdict"] != verdict:
            complaints.append(f"{guarantee}: {row['verdict']} instead of {verdict}: {row['reason']}")
        elif verdict == "held" and row["at_risk"] < MIN_AT_RISK:
            complaints.append(f"{guarantee}: held on {row['at_risk']} at-risk reads alone")
    return ", ".join(found), complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--afterwrite", required=True)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--row", action="append", choices=sorted(ROWS))
    parser.add_argument("--keep", help="keep the runs' folders here")
    arguments = parser.parse_args()
    base = pathlib.Path(arguments.keep or tempfile.mkdtemp(prefix="afterwrite-etcd-"))
    passed = failed = 0
    try:
        for name in arguments.row or ROWS:
            for run in range(1, arguments.runs + 1):
                found, complaints = run_row(arguments.afterwrite, name, base / f"{name}-{run}")
                print(f"{'FAILED' if complaints else 'ok    '} {name} run {run}: {found}", flush=True)
                for complaint in complaints:
                    print(f"       {complaint}", flush=True)
                failed += bool(complaints)
                passed += not complaints
    finally:
        if not arguments.keep:
            shutil.rmtree(base, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
