"""Rows of a truth table, each audited on a real system and held against what its report says.

A row is (flags, verdict of read-your-writes, of monotonic-reads). A `held` must have stood the test: at least 30 at-risk reads, and faults that
bit. A table is a script that calls main().
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

MIN_AT_RISK = 30
# On a busy machine an isolation of some seconds may see fewer reads than that: no answer yet, so the audit is made again.
ATTEMPTS = 5
EXIT_CODES = {"held": 0, "violated": 1, "unknown": 2}


def run_row(command, row, out):
    """Audits until enough reads were at risk to say anything; returns (what was found, complaints)."""
    for attempt in range(1, ATTEMPTS + 1):
        found, complaints, too_few = run_once(command, row, out)
        if not too_few or attempt == ATTEMPTS:
            return found, complaints
        print(f"again  {out.name}: {found}", flush=True)
        shutil.rmtree(out)


def run_once(command, row, out):
    """One audit; returns (what was found, complaints, whether all that is wrong is that too few reads were at risk)."""
    flags, *expected = row
    command = [*command, *flags.split(), "--quiet", "--out", str(out)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return "no report", [f"{error}; exit code {done.returncode}: {done.stderr.strip()[-400:]}"], False
    rows = {row["guarantee"]: row for row in report["guarantees"]}
    complaints = []
    if done.returncode != EXIT_CODES[report["verdict"]]:
        complaints.append(f"exit code {done.returncode} for the verdict {report['verdict']}")
    found = []
    too_few = not complaints
    for guarantee, verdict in zip(("read-your-writes", "monotonic-reads"), expected):
        row = rows[guarantee]
        found.append(f"{guarantee} {row['verdict']} ({row['violations']} of {row['at_risk']} at-risk)")
        if row["verdict"] != verdict:
            complaints.append(f"{guarantee}: {row['verdict']} instead of {verdict}: {row['reason']}")
            too_few = too_few and row["verdict"] == "unknown" and "were at risk" in row["reason"]
        elif verdict == "held" and row["at_risk"] < MIN_AT_RISK:
            complaints.append(f"{guarantee}: held on {row['at_risk']} at-risk reads alone")
    return ", ".join(found), complaints, too_few and bool(complaints)


def main(about, system, rows):
    """`about` is the script's help; `system` what is audited, with the flags of every row."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--afterwrite", required=True)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--row", action="append", choices=sorted(rows))
    parser.add_argument("--keep", help="keep the runs' folders here")
    arguments = parser.parse_args()
    base = pathlib.Path(arguments.keep or tempfile.mkdtemp(prefix="afterwrite-truth-"))
    passed = failed = 0
    try:
        for name in arguments.row or rows:
            for run in range(1, arguments.runs + 1):
                found, complaints = run_row([arguments.afterwrite, "audit", *system.split()], rows[name], base / f"{name}-{run}")
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

