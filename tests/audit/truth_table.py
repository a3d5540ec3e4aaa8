#!/usr/bin/env python3
"""The truth table of docs/policies.md on a real PostgreSQL: each row is an audit, and its verdicts are read from its report.

    truth_table.py --afterwrite build/release/afterwrite [--runs 10] [--row NAME ...] [--keep DIR]

A `held` must have stood the test: at least 30 at-risk reads. Prints a line a run and a closing line; exits 1 if any run
answers otherwise than the table.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

MIN_AT_RISK = 30
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

EXIT_CODES = {"held": 0, "violated": 1, "unknown": 2}


def run_row(afterwrite, name, out):
    """One audit; returns (what was found, complaints)."""
    flags, *expected = ROWS[name]
    command = [afterwrite, "audit", "postgres", *flags.split(), "--quiet", "--out", str(out)]
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
    base = pathlib.Path(arguments.keep or tempfile.mkdtemp(prefix="afterwrite-truth-"))
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
