#!/usr/bin/env python3
"""Checking: seconds and memory of `afterwrite check` over simdjson's bare parse of the same file, in one run.

    benchmarks/checkers/run.py [--build build/release] [--sizes 10000,100000,1000000,10000000] [--rounds 5] [--exact-up-to 1000000] [--guarantee causal]

Makes histories of each kind and size (five planted stale reads in each), lets bare parse, one thread, two threads and the exact judge take
turns on them, and prints the medians, the ratios of each round's times (their median; of processor time, which other processes disturb less, that of
the least) and the peak of memory. Whole processes, files in
the page cache. Every history must show exactly five violations, or the run fails.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

KINDS = {
    "versions recorded": ["--versions"],
    "many writers, no versions": [],
    "one writer a key, no versions": ["--writers", "one"],
}
GUARANTEES = "read-your-writes,monotonic-reads,monotonic-writes,writes-follow-reads"
PLANTED = 5
VIOLATED = 1


def run(command):
    """Seconds on the wall and of processor time, peak bytes and exit code of a process, and what it wrote."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, child.returncode, output.read()


def require_planted(report, file):
    """Each planted read breaks one guarantee alone."""
    rows = json.loads(report)["guarantees"]
    found = sum(len(row["witnesses"]) + row["witnesses_left_out"] for row in rows)
    if found != PLANTED:
        raise SystemExit(f"{file}: {found} entries, {PLANTED} were planted")


def measure(build, file, guarantees, rounds, with_exact):
    check = [build / "afterwrite", "check", "--json", "--guarantee", guarantees]
    commands = {
        "parse": [build / "benchmarks" / "bare_parse", file],
        "one": [*check, "--threads", "1", file],
        "two": [*check, "--threads", "2", file],
    }
    if with_exact:
        commands["exact"] = [*check, "--exact", file]
    seconds = {name: [] for name in commands}
    work = {name: [] for name in commands}
    peak = dict.fromkeys(commands, 0)
    for _ in range(rounds):
        for name, command in commands.items():
            taken, worked, bytes_used, code, output = run(command)
            if name != "parse":
                if code != VIOLATED:
                    raise SystemExit(f"{file}: exit code {code}")
                require_planted(output, file)
            seconds[name].append(taken)
            work[name].append(worked)
            peak[name] = max(peak[name], bytes_used)
    return seconds, work, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"))
    parser.add_argument("--sizes", default="10000,100000,1000000,10000000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--exact-up-to", type=int, default=1_000_000)
    parser.add_argument("--guarantee", default=GUARANTEES)
    options = parser.parse_args()
    build = options.build.resolve()
    print("| history | operations | MB | bare parse, s | 1 thread, s | ratio | of processor time | 2 threads, s | ratio | µs an operation | peak MB | bytes "
          "an operation | exact, s | exact, peak MB |")
    print("|" + "---|" * 14)
    with tempfile.TemporaryDirectory(prefix="afterwrite-bench-") as folder:
        for kind, flags in KINDS.items():
            for size in map(int, options.sizes.split(",")):
                file = pathlib.Path(folder) / "history.jsonl"
                keys = ["--keys", str(min(10_000, max(50, size // 100)))]
                with open(file, "wb") as output:
                    subprocess.run([build / "benchmarks" / "generate_history", "--operations", str(size), "--stale",
                                    str(PLANTED), *keys, *flags], stdout=output, check=True)
                seconds, work, peak = measure(build, file, options.guarantee, options.rounds, size <= options.exact_up_to)
                median = {name: statistics.median(all_of) for name, all_of in seconds.items()}
                ratio = {name: statistics.median(a / b for a, b in zip(all_of, seconds["parse"]))
                         for name, all_of in seconds.items()}
                effort = min(work["one"]) / min(work["parse"])
                exact = f"{median['exact']:.2f} | {peak['exact'] / 1e6:.0f}" if "exact" in median else "– | –"
                print(f"| {kind} | {size} | {file.stat().st_size / 1e6:.1f} | {median['parse']:.3f} | {median['one']:.3f} | "
                      f"{ratio['one']:.2f} | {effort:.2f} | {median['two']:.3f} | {ratio['two']:.2f} | {median['two'] / size * 1e6:.2f} | "
                      f"{peak['two'] / 1e6:.0f} | {peak['two'] / size:.0f} | {exact} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
