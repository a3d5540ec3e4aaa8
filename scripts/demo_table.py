#!/usr/bin/env python3
"""Prints one table of several audits from their reports.

Usage: demo_table.py OUT LAG POLICY EXPECTED [OUT LAG POLICY EXPECTED]...   (OUT holds report.json)
"""
import json
import pathlib
import sys

GUARANTEES = ("read-your-writes", "monotonic-reads")


def evidence(report, guarantee):
    """`violated: 12 of 340 at risk` for the ungrouped row of a guarantee."""
    for row in report["guarantees"]:
        if row["guarantee"] == guarantee and not row.get("group"):
            return f'{row["verdict"]}: {row["violations"]} violations, {row["at_risk"]} reads at risk'
    return "not judged"


def table_row(out, lag, policy, expected):
    try:
        report = json.loads((pathlib.Path(out) / "report.json").read_text(encoding="utf-8"))
        return [policy, lag, expected, report["verdict"], *(evidence(report, name) for name in GUARANTEES)]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        print(f"demo: no usable report in {out}: {problem!r}", file=sys.stderr)
        return [policy, lag, expected, "no report", "-", "-"]


def main(arguments):
    if not arguments or len(arguments) % 4:
        print(__doc__, file=sys.stderr)
        return 3
    runs = [arguments[i : i + 4] for i in range(0, len(arguments), 4)]
    rows = [["read policy", "lag", "expected", "verdict", *GUARANTEES], *(table_row(*run) for run in runs)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    for number, row in enumerate(rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    print()
    print("The reports, with each violation's witness:")
    for out, *_ in runs:
        report = pathlib.Path(out) / "report.json"
        print(f"  {report}" if report.is_file() else f"  {out}: none")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
