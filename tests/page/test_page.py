#!/usr/bin/env python3
"""The report page, made by the command from recorded histories and opened in a real Chromium.

Pictures of every kind are kept in the folder that AFTERWRITE_SCREENSHOTS names (ctest sets it).
"""

import json
import os
import socket
import subprocess
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import histories
from browser import PHONE, WIDE, wait_until
from command import VIOLATED
from report_page import Page

VERDICTS = {"violated": "Violated", "held": "Held", "unknown": "Unknown", "empty": "Unknown", "one-operation": "Unknown",
            "all-failed": "Unknown", "untimed": "Violated", "many": "Violated", "hostile": "Violated"}


def statistics():
    """The members of a report that sections 4 and 5 show, as a run with a lag of about 800 ms has them."""
    points = []
    for i in range(20):
        share = max(0.0, min(1.0, (850 - 50 * i) / 200))
        points.append({"from_ms": 50 * i, "to_ms": 50 * (i + 1), "reads": 200 - 5 * i, "stale": int(share * (200 - 5 * i)),
                       "share": share, "low": max(0, share - 0.05), "high": min(1, share + 0.05)})
    return {
        "staleness_curve": {"guarantee": "read-your-writes", "scope": "session", "confidence": 0.95, "leader_reads": 12, "points": points},
        "lag_distribution": [{"node": f"node-{n}", "samples": 1000,
                              "quantiles": [{"p": p, "ms": 700 * n + 200 * p} for p in (0.01, 0.1, 0.5, 0.9, 0.99)]} for n in (1, 2)],
        "versions_behind": [{"versions": n, "reads": 90 // n} for n in (1, 2, 3)],
        "safe_window": [{"share": 0.01, "window_ms": 850, "reads": 5000},
                        {"share": 0.001, "window_ms": None, "reads": 0, "fresh_from_ms": None, "needs_reads": 3000, "about_minutes": None},
                        {"share": 0.0001, "window_ms": None, "reads": 40, "fresh_from_ms": 1060, "needs_reads": 30000, "about_minutes": 12}],
        "windows_in_use": [{"window_ms": 500, "failed": True, "stale": 12, "reads": 300, "of_this_run": True},
                           {"window_ms": 1060, "failed": False, "stale": 0, "reads": 3},
                           {"window_ms": 2000, "failed": False, "stale": 0, "reads": 40},
                           {"window_ms": 5000, "failed": None, "stale": 0, "reads": 0}],
        "against_baseline": {"file": "main/report.json", "verdict_before": "held", "worse": True, "undecided": False, "rows": [
            {"guarantee": "read-your-writes", "scope": "session", "group": "", "change": "worse", "chance": 0.001, "now": None,
             "before": {"verdict": "held", "broken": 0, "at_risk": 412, "rate": {"value": 0, "low": 0, "high": 0.01, "confidence": 0.95}}}]},
    }


class EveryKind(Page):
    def test_of_every_kind(self):
        for kind, verdict in VERDICTS.items():
            with self.subTest(kind=kind):
                page = self.make(kind)
                self.assertLess(page.stat().st_size, 2_000_000)
                for size, scheme, name in ((WIDE, "light", "light"), (WIDE, "dark", "dark"), (PHONE, "light", "phone")):
                    self.browser.look(size, scheme)
                    self.open(page)
                    self.assertEqual(self.text("h1"), verdict)
                    self.assert_whole()
                    self.assert_fits()
                    self.browser.shot(self.shots / f"{kind}-{name}.png")
                    self.assert_quiet()

    def test_the_verdicts_and_their_evidence(self):
        self.open(self.make("violated"))
        first = self.text(".row")
        for word in ("Violated", "read-your-writes", "48 of 48 at-risk reads were stale", "48", "at risk", "95 %"):
            self.assertIn(word, first)
        verdict = self.text("#verdict")
        self.assertIn("lag (+500 ms) on node-1, from 0.0 s to 12.0 s", verdict)
        self.assertIn("afterwrite audit made-up --lag 500ms --seed 7", verdict)
        self.open(self.make("held"))
        self.assertRegex(self.text(".row"), r"48 at-risk reads, 0 stale; below about 6.2\s%")
        self.assertNotIn("95 %:", self.text(".row"), "one bound is enough")
        self.assertIn("Not known: the history tells of none.", self.text("#verdict"))
        self.assertIn("The history tells of no faults.", self.text("#time"))
        self.open(self.with_data(self.folder / "held/report.html", lambda data: data["report"]["run"].update(scenario={"system": "x"})))
        self.assertIn("None beyond what the deployment is set to.", self.text("#verdict"))
        self.assertIn("No fault was injected.", self.text("#time"))
        self.assertIn("None was found.", self.text("#violations"))
        self.assertIn("48 reads waited for a follower, 3.50 ms in the median", self.text("#cost"))
        self.open(self.make("unknown"))
        self.assertIn("Only 0 of 20 decided operations were at risk (30 needed)", self.text(".row"))
        self.assertIn("no footer", self.text("#verdict"))

    def test_commands_say_what_was_asked(self):
        (self.folder / "it's.jsonl").write_text(histories.KINDS["violated"](), encoding="utf-8")
        self.afterwrite("check", "--out", "asked", "--guarantee", "read-your-writes", "--min-at-risk", "3", "it's.jsonl")
        page = self.folder / "asked/report.html"
        self.open(page)
        check = "afterwrite check --guarantee read-your-writes --min-at-risk 3 'it'\\''s.jsonl'"
        self.assertEqual(self.all("#verdict code")[-1].text, check)
        self.assertEqual(self.all("#witness .copyable code")[-1].text, check + " --witness 1 --out witness-1.jsonl")
        self.open(self.with_data(page, lambda data: data.update(check=check.replace("'it'\\''s.jsonl'", "-"), is_stream=True)))
        for part in ("#verdict", "#witness"):
            self.assertIn("which must be piped in once more, as it came from no file:", self.text(part))
        self.open(self.with_data(page, lambda data: data.update(check="")))
        self.assertIn("there is no command to copy", self.text("#verdict"))
        self.assertEqual(self.all("#witness .copyable code"), [])
        self.assert_quiet()

    def test_of_nothing(self):
        self.open(self.make("empty"))
        self.assertIn("The history holds no operations.", self.text("#verdict"))
        self.assertIn("nothing happened that could be drawn", self.text("#time"))
        self.assertIn("There were no reads", self.text("#cost"))
        self.open(self.make("one-operation"))
        self.assertIn("1 operation by 1 session on 1 key", self.text("#verdict"))
        self.open(self.make("all-failed"))
        self.assertIn("22× connection refused" if "22×" in self.text("#cost") else "30× connection refused", self.text("#cost"))
        self.open(self.make("untimed"))
        self.assertIn("no measured times", self.text("#time"))
        self.assertEqual(len(self.all("#witness svg .bar")), 3)

    def test_escapes_are_shown_as_they_are_meant(self):
        lines = histories.KINDS["violated"]().split("\n")
        header = json.loads(lines[0]) | {"policy": "bell \a", "deployment": {"options": {"note": "back\\slash \"quoted\" \a"}}}
        self.open(self.make("violated", "\n".join([json.dumps(header), *lines[1:]])))
        self.assertIn("bell \\u0007", self.text("#verdict dl.facts"))
        self.click("#verdict .columns details summary")
        wait_until(lambda: self.all("#verdict .raw"), "the header is shown")
        shown = self.text("#verdict .raw")
        self.assertIn('"note": "back\\\\slash \\"quoted\\" \\u0007"', shown)
        self.assertEqual(json.loads(shown)["policy"], header["policy"])

    def test_the_title_of_a_history_without_a_header(self):
        self.open(self.make("violated"))
        self.assertEqual(self.browser.driver.title, "Violated: made-up any-replica – afterwrite report")
        operations = [line for line in histories.KINDS["violated"]().split("\n") if '"op"' in line]
        self.open(self.make("no-header", "\n".join(operations) + "\n"))
        self.assertRegex(self.browser.driver.title, r"\A[A-Z][a-z]+: no-header\.jsonl – afterwrite report\Z")

    def test_statistics_are_drawn_or_said_to_be_missing(self):
        page = self.make("violated")
        self.open(page)
        why = "There is no curve: afterwrite check does not make it."
        self.assertEqual((self.text("#curve p"), self.text("#window .empty")), (why, why))
        command = "afterwrite report violated.jsonl --out violated"
        self.assertEqual((self.text("#curve code"), self.text("#window .copyable code")), (command, command))
        full = self.with_data(page, lambda data: data["report"].update(statistics()))
        for size, scheme, name in ((WIDE, "light", "light"), (WIDE, "dark", "dark"), (PHONE, "light", "phone")):
            self.browser.look(size, scheme)
            self.open(full)
            self.assert_whole()
            self.assert_fits()
            self.assertEqual([len(self.all(f"{part} canvas")) for part in ("#curve", "#lag-distribution", "#versions-behind")], [2, 1, 1])
            self.browser.shot(self.shots / f"statistics-{name}.png")
        def stretch_out(data):
            """The points' stretches grow with the delay, and one node was never seen behind."""
            data["report"].update(statistics())
            for i, point in enumerate(data["report"]["staleness_curve"]["points"]):
                point.update(from_ms=1.5 ** i, to_ms=1.5 ** (i + 1))
            for quantile in data["report"]["lag_distribution"][0]["quantiles"]:
                quantile["ms"] = 0

        window, verdict, curve = (self.text(part) for part in ("#window", "#verdict", "#curve"))
        self.browser.look()
        self.open(self.with_data(page, stretch_out))
        self.assert_whole()
        self.assertIn("Not seen behind: node-1.", self.text("#lag-distribution"))
        self.browser.shot(self.shots / "statistics-logarithmic.png")
        for word in ("850 ms after a write at most 1.0 % of own reads were stale.",
                     "For 0.1 % not known: among the latest own reads some were stale; it takes 3,000 of which none is.",
                     "For 0.01 % not known: of 40 own reads 1.06 s or more after the write none was stale, and it takes 30,000: record some 12 minutes.",
                     "Failed: 500 ms (this run's own), with 12 stale of 300 own reads after it", "Not enough reads to say: 1.06 s, with 0 stale of 3 own reads after it",
                     "Own reads within 500 ms of a write went to the leader", "it takes 3,000",
                     "Not seen to fail: 2 s, with 0 stale of 40 own reads after it; at 95 % fewer than 7.2 % are", "Not enough reads to say: 5 s"):
            self.assertIn(word, window)
        self.assertIn("Left out: 12 own reads that the leader served.", curve)
        self.assertRegex(verdict, r"Against main/report.json[\s\S]*worse\s+held, 0 of 412\s+not there")


class Witnesses(Page):
    def test_opened_by_click(self):
        self.open(self.make("violated"))
        self.assertIn("Entry 1:", self.text("#witness h3"))
        self.click("[data-entry='3']")
        self.assertIn("Entry 3:", self.text("#witness h3"))
        self.assertIn("session s2, key k0-2", self.text("#witness"))
        self.assertEqual(len(self.all("#witness svg .bar")), 3)
        self.assertEqual(len(self.all("#witness svg .edge")), 2)
        self.assertEqual(len(self.all("#witness svg .fault")), 1)
        self.assertIn("read s2-0a", self.find("#witness svg").get_attribute("textContent"))
        self.click("#witness details summary")
        wait_until(lambda: '"value"' in self.text("#witness details"), "the raw operations are shown")
        raw = self.text("#witness details")
        self.assertIn('"value":"s2-0a"', raw)
        self.assertIn("line 14", raw)
        self.assert_quiet()

    def test_opened_by_keyboard(self):
        self.open(self.make("violated"))
        self.tab_to("[data-entry='2']")
        self.press(Keys.ENTER)
        self.assertIn("Entry 2:", self.text("#witness h3"))
        self.assertTrue(self.focused("#witness"), "the entry that was opened has the focus")
        self.tab_to("#witness .edge")
        self.assertIn("is older than", self.text("#witness .caption"))
        self.assertEqual(len(self.all(".reasons li.lit")), 1)
        self.tab_to("#witness details summary")
        self.press(Keys.ENTER)
        wait_until(lambda: '"value"' in self.text("#witness details"), "the raw operations are shown")

    def test_reasons_when_pointed_at(self):
        self.open(self.make("violated"))
        self.assertIn("Arrows lead from what is older", self.text(".caption"))
        ActionChains(self.browser.driver).move_to_element(self.find("#witness .edge.owed .dot")).perform()
        wait_until(lambda: "s0-0b would be older than s0-0a" in self.text(".caption"), "the reason of the arrow is told")

    def test_a_copied_sub_history_shows_the_violation_again(self):
        self.open(self.make("violated"))
        self.click("[data-entry='5']")
        self.click("#copy-sub-history button")
        wait_until(lambda: self.text("#copy-sub-history") == "Copied", "the copy is made")
        copied = self.browser.driver.execute_async_script("const done = arguments[0]; navigator.clipboard.readText().then(done)")
        (self.folder / "copied.jsonl").write_text(copied, encoding="utf-8")
        report = self.check("copied.jsonl", code=VIOLATED)
        witness = report["guarantees"][0]["witnesses"][0]
        self.assertEqual((witness["scope_name"], witness["key"], witness["observed"]), ("s0", "k1-0", "s0-1a"))

    def test_thousands_are_grouped_and_turned_over(self):
        page = self.make("many")
        self.open(page)
        self.assertRegex(self.text("#violations"), r"5,000 entries, of which 3,000 are listed here .* Of these [\d,]+ are drawn")
        self.click(".pager button:last-child")
        self.assertRegex(self.text(".pager"), r"13 to 24 of 3,000")
        Select(self.find("#group-by")).select_by_value("node")
        self.assertEqual([button.text.split()[0] for button in self.all(".groups button")], ["node-1", "node-2", "node-3"])
        self.click(".groups button:nth-child(2)")
        self.assertIn("of 1,000", self.text(".pager"))
        self.assertEqual(self.find(".groups button:nth-child(2)").get_attribute("aria-pressed"), "true")
        self.assertTrue(all("node-2" in button.text for button in self.all(".entries button")))
        Select(self.find("#group-by")).select_by_value("fault")
        self.assertEqual([button.text.replace("\n", " ") for button in self.all(".groups button")], ["no fault on 4,800", "stall-1 200"])
        Select(self.find("#group-by")).select_by_value("key")
        self.assertEqual(len(self.all(".groups button")), 60)
        self.assertIn("and 4,940 more keys", self.text(".groups"))
        Select(self.find("#group-by")).select_by_value("")
        while self.find(".pager button:last-child").is_enabled():
            self.browser.run("for (let i = 0; i < 40; ++i) document.querySelector('.pager button:last-child').click()")
        self.click(".entries li:last-child button")
        self.assertIn(" --witness 3000 --out witness-3000.jsonl", self.text("#witness code"))
        self.click("#first-violation")
        self.assertIn("Entry 1:", self.text("#witness h3"))
        self.assert_quiet()


class Safety(Page):
    def test_hostile_texts_are_inert_and_short(self):
        page = self.make("hostile")
        self.assertLess(page.stat().st_size, 2_000_000)
        self.open(page)
        entries = len(self.all(".entries button"))
        self.assertGreater(entries, 5)
        for i in range(entries):
            self.all(".entries button")[i].click()
            self.browser.run("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
            wait_until(lambda: "line" in self.text("#witness details"), "the raw operations are shown")
            self.assertNotRegex(self.text("main"), "[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
        self.browser.shot(self.shots / "hostile-opened.png")
        self.assertIsNone(self.browser.run("return window.harmed ?? null"))
        self.assertEqual(len(self.all("img, iframe, object, embed, main script, b b")), 0, "a text became an element")
        self.assertIn("</script><script>window.harmed = 1</script>", self.text("#verdict"))
        shown = self.text("main")
        self.assertNotIn("\u202e", shown)
        self.assertIn("\\u202egnp.exe", shown)
        self.assertNotRegex(shown, "x{3000}", "a megabyte is not shortened")
        for size in (WIDE, PHONE):
            self.browser.look(size)
            self.assert_fits()
        self.assert_quiet()

    def test_nothing_is_asked_for_even_if_a_script_tried(self):
        """Should a text ever be run in spite of all, it could tell nobody."""
        self.open(self.make("held"))
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(0.5)
            address = f"http://127.0.0.1:{server.getsockname()[1]}/"
            refused = self.browser.driver.execute_async_script("""
                const [address, done] = arguments;
                const image = new Promise((tell) => { const one = new Image(); one.onload = () => tell('loaded'); one.onerror = () => tell('refused'); one.src = address; });
                const fetched = fetch(address).then(() => 'loaded', () => 'refused');
                Promise.all([image, fetched]).then(done)""", address)
            self.assertEqual(refused, ["refused", "refused"])
            with self.assertRaises(TimeoutError):
                server.accept()
        added = self.browser.run("""
            const script = document.createElement('script'); script.textContent = 'window.harmed = 1'; document.body.append(script);
            return window.harmed ?? null""")
        self.assertIsNone(added, "a script that is not ours was run")

    def test_a_full_disk_leaves_the_old_page_whole(self):
        page = self.make("held")
        before = page.read_bytes()
        history = self.folder / "violated.jsonl"
        history.write_text(histories.violated(), encoding="utf-8")
        limited = f"ulimit -f 200; exec '{os.environ['AFTERWRITE']}' check --out held violated.jsonl"
        done = subprocess.run(["bash", "-c", limited], cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 4, done)
        self.assertIn("cannot write the report held/report.html", done.stderr)
        self.assertEqual(page.read_bytes(), before)
        self.assertEqual([path.name for path in (self.folder / "held").iterdir() if path.name.startswith(".")], [])


class Reading(Page):
    def test_dark_and_light(self):
        page = self.make("violated")
        background = lambda: self.browser.run("return getComputedStyle(document.body).backgroundColor")
        shown = []
        for scheme in ("light", "dark"):
            self.browser.look(WIDE, scheme)
            self.open(page)
            shown.append(background())
        self.assertNotEqual(*shown)
        self.click("#theme")
        self.assertEqual(background(), shown[0], "the button turns to the other")
        self.assertEqual(self.drawn_charts(), len(self.all("canvas")))
        self.browser.look(WIDE, "light")
        self.browser.run("document.getElementById('theme').click()")
        self.assertEqual(background(), shown[1], "what the reader chose counts more than the system")
        self.assert_quiet()

    def test_a_table_of_what_is_drawn(self):
        self.open(self.make("violated"))
        self.click("#time details summary")
        rows = wait_until(lambda: self.all("#time table tbody tr"), "the table is made")
        self.assertGreater(len(rows), 20)
        total = self.browser.run("return [...document.querySelectorAll('#time tbody tr td:last-child')].reduce((sum, cell) => sum + Number(cell.textContent), 0)")
        self.assertEqual(total, 48)

    def test_the_final_check_is_shown_as_no_load(self):
        def check(data):
            series = data["series"]
            end = series["from_ms"] + series["width_ms"] * len(series["ok"])
            series["final_check"] = {"from_ms": end - 50, "to_ms": end, "reads": [0] * (len(series["ok"]) - 1) + [3]}

        page = self.make("violated")
        self.open(page)
        self.assertEqual(self.all("#final-check"), [])
        self.open(self.with_data(page, check))
        self.assertIn("3 reads", self.text("#final-check"))
        self.assertIn("no load", self.text("#final-check"))
        self.click("#time details summary")
        heads = wait_until(lambda: self.all("#time table thead th"), "the table is made")
        self.assertEqual(heads[-1].text.lower(), "final check")
        self.assertEqual(self.drawn_charts(), len(self.all("canvas")))

    def test_legends_and_points_by_keyboard(self):
        self.open(self.make("violated"))
        pressed = lambda: [button.get_attribute("aria-pressed") for button in self.all("#time .legend")[1].find_elements("tag name", "button")]
        self.tab_to("#time .panel:nth-of-type(2) .legend button")
        self.press(Keys.SPACE)
        self.assertEqual(pressed(), ["false", "true"])
        visible = "return [0, 1].map((i) => Chart.getChart(document.querySelectorAll('#time canvas')[1]).isDatasetVisible(i))"
        self.assertEqual(self.browser.run(visible), [False, True])
        self.browser.run("document.getElementById('theme').click()")
        self.assertEqual((pressed(), self.browser.run(visible)), (["false", "true"], [False, True]), "it stays hidden in the other theme")
        self.press(Keys.SPACE)
        self.assertEqual(self.browser.run(visible), [True, True], "the button that had the focus has it still")
        self.tab_to("#time canvas")
        told = lambda: self.browser.run("return document.activeElement.parentElement.nextElementSibling.textContent")
        self.press(Keys.END)
        self.assertRegex(told(), r"^at 11\.\d+ s; reads: [\d.]+; writes: [\d.]+$")
        last = told()
        self.press(Keys.ARROW_LEFT)
        self.assertNotEqual(told(), last)
        self.press(Keys.ESCAPE)
        self.assertEqual(told(), "")
        self.assert_quiet()

    def test_for_those_who_do_not_see_it(self):
        self.open(self.make("violated"))
        without_name = self.browser.run("""
            return [...document.querySelectorAll('canvas, svg, button, select, [role=img], [role=region]')].filter((element) =>
              !(element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length)).map((element) => element.outerHTML)""")
        self.assertEqual(without_name, [])
        self.assertEqual(self.browser.run("return document.documentElement.lang"), "en")
        self.press(Keys.TAB)
        self.assertTrue(self.focused(".skip"))
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('h1, h2')].map((heading) => heading.tagName).join()"),
                         "H1,H2,H2,H2,H2,H2")


if __name__ == "__main__":
    unittest.main(verbosity=2)
