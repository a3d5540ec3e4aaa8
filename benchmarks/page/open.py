#!/usr/bin/env python3
"""How long a report page takes to open in a headless Chromium: from asking for it until every section is drawn.

    benchmarks/page/open.py PAGE... [--rounds N]

Each round opens the page anew; the first one of each page is not counted. Prints the median and the longest. Needs python3-selenium
(Debian's, for /usr/bin/python3).
"""
import argparse
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "page"))

from browser import Browser


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", metavar="PAGE", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    with Browser() as browser:
        browser.look()
        for page in arguments.pages:
            took = []
            for _ in range(arguments.rounds + 1):
                browser.driver.get("about:blank")
                begin = time.monotonic()
                browser.open(page)
                took.append(time.monotonic() - begin)
            took = took[1:]
            print(f"{page}: {page.stat().st_size / 1e6:.2f} MB, median {statistics.median(took):.2f} s, longest {max(took):.2f} s, of {len(took)}")


if __name__ == "__main__":
    main()
