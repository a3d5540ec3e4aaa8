#!/usr/bin/env python3
"""The report page of reads that are told apart by labels, in a real Chromium."""

import unittest

import histories
from browser import PHONE, WIDE
from report_page import Page


class ByLabel(Page):
    """Rows that are told apart by several labels."""

    sections = ("verdict", "groups", "violations", "time", "staleness", "window", "cost")

    def make_again(self, kind, text):
        """Of a run made again: with the courses of its writes."""
        (self.folder / kind).mkdir(exist_ok=True)
        (self.folder / kind / "history.jsonl").write_text(text, encoding="utf-8")
        self.afterwrite("report", kind)
        return self.folder / kind / "report.html"

    def lines(self, number=0):
        return self.browser.run("""return [...document.querySelectorAll('.group-table')[arguments[0]].querySelectorAll('tbody tr')].map((line) =>
            [...line.cells].map((cell) => cell.innerText.replace(/\\s+/g, ' ')))""", number)

    def test_a_table_of_route_write_and_condition(self):
        page = self.make_again("labelled", histories.labelled())
        for size, scheme, name in ((WIDE, "light", "light"), (WIDE, "dark", "dark"), (PHONE, "light", "phone")):
            self.browser.look(size, scheme)
            self.open(page)
            self.assert_whole()
            self.assert_fits()
            self.browser.shot(self.shots / f"by-label-{name}.png")
        self.assertEqual(self.lines(), [
            ["feed", "post", "yes", "Violated 4/12 lag admitted x 4", "Held (4)"], ["list", "post", "yes", "Violated 8/8 lag admitted x 8", "Held (4)"],
            ["profile", "post", "yes", "Held (8)", "Held (4)"], ["raw view", "post", "no", "Violated 8/12 lag admitted x 8", "Held (4)"]])
        self.assertEqual([head.text for head in self.all(".group-table thead")[:1]], ["route write promised held none"])
        self.assertRegex(self.text("#verdict .lead"), r"Violated are 3 of 12 rows that the system promises, and 1 of 4 rows that it does not\.")
        self.assertEqual(self.all("#verdict .row"), [], "no card says it again")
        self.assert_quiet()

    def test_lines_can_be_narrowed_down(self):
        self.open(self.make_again("labelled", histories.labelled()))
        buttons = "#groups .groups:first-of-type button"
        self.assertEqual([button.text for button in self.all(buttons)][:3], ["All 8", "Violated 3", "Violated although promised 2"])
        self.all(buttons)[1].click()
        self.assertEqual([line[0] for line in self.lines()], ["feed", "list", "raw view"])
        self.all(buttons)[2].click()
        self.assertEqual([line[0] for line in self.lines()], ["feed", "list"])
        self.assertEqual([button.get_attribute("aria-pressed") for button in self.all(buttons)][:3], ["false", "false", "true"])

    def test_a_cell_leads_to_its_first_witness(self):
        self.open(self.make_again("labelled", histories.labelled()))
        link = self.all(".group-table tbody tr:last-child a[data-witness]")[0]
        number = link.get_attribute("data-witness")
        self.browser.run("arguments[0].scrollIntoView({block: 'center'})", link)
        link.click()
        self.assertIn(f"Entry {number}: read-your-writes (group raw view, post, held)", self.text("#witness h3"))
        self.assertTrue(self.focused("#witness"))
        self.assertEqual(self.find(f"[data-entry='{number}']").get_attribute("aria-current"), "true")
        self.assert_quiet()

    def test_the_witness_that_is_open_is_of_a_promised_breach(self):
        routes = {"a raw view": ("ss", "no"), "feed": ("ss", "yes")}
        self.open(self.make_again("promised", histories.labelled(routes)))
        self.assertIn("(group feed, post, held)", self.text("#witness h3"))
        self.open(self.make_again("silent", histories.labelled(routes, promised=False)))
        self.assertIn("(group a raw view, post, held)", self.text("#witness h3"))
        self.assertNotIn("promise", self.text("#main"))

    def test_courses_of_writes_are_drawn(self):
        self.open(self.make_again("labelled", histories.labelled()))
        courses = self.browser.run("""return [...document.querySelectorAll('#groups [aria-label="Courses of writes"] tbody tr')].map((line) =>
            [line.cells[0].innerText, line.cells[2].innerText, line.cells[3].innerText, line.cells[4].innerText,
             [...line.querySelectorAll('.course .fresh, .course .stale, .course .gone')].map((mark) => mark.getAttribute('class')).join()])""")
        self.assertEqual(courses, [["feed", "held", "fresh, gone, fresh", "4", "fresh,gone,fresh"], ["list", "held", "stale", "4", "stale,stale"],
                                   ["raw view", "held", "stale, fresh", "4", "stale,stale,fresh"], ["profile", "held", "fresh", "4", "fresh,fresh"]])
        self.assertRegex(self.find("#groups td svg").get_attribute("aria-label"), r"^seen after .*, gone after it had been seen after .*, seen after ")
        self.open(self.make("labelled-again", histories.labelled()))
        self.assertEqual(self.all("#groups .course"), [], "afterwrite check makes none")
        self.assertIn("Not told: an audit tells them, and `afterwrite report`", self.text("#groups"))
        self.afterwrite("report", "labelled", "--scope", "user", "--out", "by-user")
        self.open(self.folder / "by-user" / "report.html")
        self.assertIn("Not told: read-your-writes was not asked for by session", self.text("#groups"))

    def test_hostile_labels_are_inert(self):
        page = self.make_again("hostile-labels", histories.hostile_labels())
        for size in (WIDE, PHONE):
            self.browser.look(size)
            self.open(page)
            self.assert_whole()
            self.assert_fits()
            self.assertIsNone(self.browser.run("return window.harmed ?? null"))
            self.assertEqual(len(self.all("img, iframe, object, embed, main script, b b")), 0, "a text became an element")
            self.assertNotRegex(self.text("main"), "[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
        self.assertIn("</script><script>window.harmed = 1</script>", self.text(".group-table"))
        self.assertTrue(any("__proto__" in line[0] for line in self.lines()))
        self.find(".group-table a[data-witness]").click()
        self.assertTrue(self.focused("#witness"))
        self.assert_quiet()


if __name__ == "__main__":
    unittest.main(verbosity=2)
