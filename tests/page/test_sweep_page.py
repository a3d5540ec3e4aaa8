#!/usr/bin/env python3
"""The page of a sweep, made by the command and opened in a real Chromium.

Pictures are kept in the folder that AFTERWRITE_SCREENSHOTS names (ctest sets it).
"""

import json
import os
import re
import subprocess
import unittest

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import histories
from browser import PHONE, WIDE
from command import ENVIRONMENT_FAILED, HELD, slow_adapter
from opened_page import OpenedPage

# What these show does not depend on how fast the machine is (tests/cli/test_sweep.py).
LOAD = ("--followers", "1", "--sessions", "16", "--duration", "3s", "--read-delay", "1ms..600ms", "--min-at-risk", "5", "--seed", "5", "--quiet")
OVER = ("--over", "read-policy=leader,any-replica", "--over", "lag=0ms,700ms")
POINTS = """
    return [...document.querySelectorAll('#trade-off canvas')].map((canvas) => {
      const chart = Chart.getChart(canvas);
      return chart.data.datasets.filter((dataset, i) => dataset.type === 'scatter' && chart.isDatasetVisible(i)).flatMap((dataset) =>
        dataset.data.map(({x, y, cell}) => [cell.number, x, y, dataset.borderColor, dataset.pointStyle]));
    })"""


class SweepPage(OpenedPage):
    sections = ("sweep", "trade-off", "cells")

    def sweep(self, *arguments, out="out", code=HELD, system="memory", over=OVER, load=LOAD):
        """The page of a sweep that is over, and its sweep.json."""
        run = self.afterwrite("sweep", system, *over, *load, "--out", out, *arguments)
        self.assertEqual(run.code, code, run)
        page = self.folder / out / "sweep.html"
        self.assertIn(f"{out}/sweep.html\n", run.out)
        self.assertLess(page.stat().st_size, 2_000_000)
        return page, json.loads((page.parent / "sweep.json").read_text(encoding="utf-8"))

    def look_at(self, page, name):
        for size, scheme, kind in ((WIDE, "light", "light"), (WIDE, "dark", "dark"), (PHONE, "light", "phone")):
            self.browser.look(size, scheme)
            self.open(page)
            self.assert_whole()
            self.assert_fits()
            self.browser.shot(self.shots / f"{name}-{kind}.png")
            self.assert_quiet()
        self.browser.look()

    def test_the_trade_off_and_every_cell(self):
        page, sweep = self.sweep("--guarantee", "read-your-writes")
        self.look_at(page, "sweep")
        self.open(page)
        widths = self.browser.run("const table = document.querySelector('#cells .scroll'); return [table.scrollWidth, table.clientWidth]")
        self.assertLessEqual(*widths, "a column is cut off")
        rows = {cell["number"]: cell["guarantees"][0] for cell in sweep["cells"]}
        at_risk = {number for number, row in rows.items() if row["at_risk"] > 0}
        by_share, by_wait = self.browser.run(POINTS)
        for points, cost in ((by_share, lambda cell: 100 * cell["leader_share"]), (by_wait, lambda cell: cell["added_ms_a_read"])):
            self.assertEqual({point[0] for point in points}, at_risk)
            for number, x, y, _, _ in points:
                self.assertAlmostEqual(x, cost(sweep["cells"][number - 1]))
                self.assertAlmostEqual(y, 100 * rows[number]["rate"]["value"])
        # Cells 2 and 4 are those of a lag of 700 ms: of one shape, and of two colours.
        look = {point[0]: point[3:] for point in by_share}
        self.assertEqual((look[2][0] == look[4][0], look[2][1] == look[4][1]), (False, True))
        for number in rows.keys() - at_risk:
            self.assertIn(", ".join(sweep["cells"][number - 1]["settings"].values()), self.text("#undrawn"))
        self.assertRegex(self.text("#sweep"), r"4 cells: 1 held, 1 violated, 2 unknown\.")
        self.assertRegex(self.text("#rules"), r"Held: leader, in 1 of 2 cells; the others show nothing\. 100 % of the reads at the leader, 0 ms added to a read\.\n"
                                              r"Violated: any-replica, in 1 of 2 cells \(lag=700ms\)\.")
        self.assertRegex(self.text("#notes"), r"Unknown: read-policy=leader, lag=0ms: read-your-writes: only \d+ of")
        self.assertIn("neither for its rule nor against it", self.text("#notes"))
        self.assertEqual(len(self.all("#cells tbody tr")), 4)
        self.click("#cells tbody tr:nth-child(4) a")
        self.assertEqual(self.text("h1"), "Violated", "a verdict leads to the cell's own report")

    def test_by_keyboard(self):
        page, _ = self.sweep("--guarantee", "read-your-writes")
        self.open(page)
        self.press(Keys.TAB)
        self.assertTrue(self.focused(".skip"))
        self.tab_to("#sweep table a")
        self.tab_to("#trade-off .legend button")
        self.press(Keys.SPACE)
        self.assertNotIn(2, {point[0] for point in self.browser.run(POINTS)[0]}, "the leader's points are hidden")
        self.press(Keys.SPACE)
        self.tab_to("#trade-off canvas")
        told = set()
        for _ in range(8):
            self.press(Keys.ARROW_RIGHT)
            told.add(self.browser.run("return document.activeElement.parentElement.nextElementSibling.textContent"))
        self.assertTrue(any(re.search(r"^any-replica, 700ms: violated; .* at risk; leader 0 %, adds 0 ms$", words) for words in told), told)
        self.assertTrue(any("leader, 700ms: held" in words for words in told), told)
        self.tab_to("#cells a")
        without_name = self.browser.run("""
            return [...document.querySelectorAll('canvas, svg:not([aria-hidden]), button, select, [role=img], [role=region]')].filter((element) =>
              !(element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length)).map((element) => element.outerHTML)""")
        self.assertEqual(without_name, [])
        self.assert_quiet()

    def test_of_several_guarantees_one_is_chosen(self):
        page, sweep = self.sweep("--guarantee", "read-your-writes,monotonic-reads", over=("--over", "read-policy=any-replica", "--over", "lag=700ms"))
        self.open(page)
        self.assertEqual(len(self.all("#guarantee option")), 2)
        for name in ("monotonic-reads", "read-your-writes"):
            Select(self.find("#guarantee")).select_by_visible_text(name)
            [row] = [row for row in sweep["cells"][0]["guarantees"] if row["name"] == name]
            for points in self.browser.run(POINTS):
                self.assertEqual([round(y, 6) for _, _, y, _, _ in points], [round(100 * row["rate"]["value"], 6)] * (row["at_risk"] > 0))
        self.assert_quiet()

    def test_with_broken_cells(self):
        asked = {"system": f"exec:{slow_adapter(self.folder)}", "over": ("--over", "opt.start-within=60s,1ms"),
                 "load": ("--sessions", "2", "--ops", "20", "--read-delay", "1ms", "--seed", "5", "--quiet"), "code": ENVIRONMENT_FAILED}
        page, _ = self.sweep(**asked)
        self.look_at(page, "sweep-with-broken-cells")
        self.assertRegex(self.text("#notes"), r"Failed: opt.start-within=1ms: .*hello")
        self.assertIn("Failed", self.text("#cells"))
        self.assertIn("not carried out: 1ms", self.text("#undrawn"))
        page.unlink()
        again, _ = self.sweep("--resume", **asked)
        self.open(again)
        self.assert_whole()

    def test_of_nothing(self):
        adapter = self.folder / "adapter"
        adapter.write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
        adapter.chmod(0o755)
        page, _ = self.sweep(system=f"exec:{adapter}", over=("--over", "keys=4,8"), load=("--quiet",), code=ENVIRONMENT_FAILED)
        self.look_at(page, "sweep-of-nothing")
        self.assertIn("No cell has been carried out", self.text("#trade-off"))

    def test_hostile_texts_are_inert_and_short(self):
        """Whatever a cell that is resumed says of itself."""
        over = ("--over", "read-policy=any-replica", "--over", "lag=700ms,701ms")
        asked = ("--guarantee", "read-your-writes")
        self.sweep(*asked, over=over)
        for number, mark in enumerate(sorted(self.folder.glob("out/cells/*/cell.json"))):
            cell = json.loads(mark.read_text(encoding="utf-8"))
            [row] = cell["guarantees"]
            cell["guarantees"] = [{**row, "name": text, "reason": text, "verdict": "unknown"} for text in histories.HOSTILE[number:] + histories.HOSTILE[:number]]
            cell["folder"] = histories.HOSTILE[0] if number else histories.HOSTILE[6]
            cell["verdict"] = histories.HOSTILE[1] if number else "unknown"
            mark.write_text(json.dumps(cell), encoding="utf-8")
        page, _ = self.sweep(*asked, "--resume", over=over)
        self.look_at(page, "sweep-hostile")
        self.assertIsNone(self.browser.run("return window.harmed ?? null"))
        self.assertEqual(self.all("img, iframe, object, embed, main script, b b"), [], "a text became an element")
        addresses = self.browser.run("return [...document.querySelectorAll('main a')].map((link) => link.href)")
        self.assertTrue(addresses and all(address.startswith(page.parent.resolve().as_uri()) for address in addresses), addresses)
        shown = self.text("main")
        self.assertIn("</script><script>window.harmed = 1</script>", shown)
        self.assertNotIn("\u202e", shown)
        self.assertNotRegex(shown, "x{3000}", "a megabyte is not shortened")

    def test_a_full_disk_leaves_the_old_page_whole(self):
        page, _ = self.sweep("--guarantee", "read-your-writes", over=("--over", "lag=700ms"))
        before = page.read_bytes()
        limited = f"ulimit -f 200; exec '{os.environ['AFTERWRITE']}' sweep memory --over lag=700ms {' '.join(LOAD)} --guarantee read-your-writes --out out --resume"
        done = subprocess.run(["bash", "-c", limited], cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, ENVIRONMENT_FAILED, done)
        self.assertIn("cannot write the report out/sweep.html", done.stderr)
        self.assertRegex(done.stdout, r"(?m)^700ms +violated ", "the table is shown all the same")
        self.assertEqual(page.read_bytes(), before)
        self.assertEqual([path.name for path in page.parent.iterdir() if path.name.startswith(".")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
