"""A page of ours in a real Chromium, for one test: opened, looked at, operated.

Pictures are kept in the folder that AFTERWRITE_SCREENSHOTS names (ctest sets it).
"""

import json
import os
import pathlib
import re

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import Browser
from command import CommandTest

DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)


class OpenedPage(CommandTest):
    """Has one browser for all its tests. `sections` are those that its pages have."""

    sections = ()

    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(Browser()) if hasattr(cls, "enterClassContext") else None
        if cls.browser is None:  # Python 3.10 and older
            cls.browser = Browser().__enter__()
            cls.addClassCleanup(cls.browser.end)
        cls.shots = pathlib.Path(os.environ["AFTERWRITE_SCREENSHOTS"])
        cls.shots.mkdir(parents=True, exist_ok=True)

    def setUp(self):
        super().setUp()
        self.browser.look()

    def with_data(self, page, change):
        """A copy of the page with other data in it."""
        html = page.read_text(encoding="utf-8")
        found = DATA.search(html)
        data = json.loads(found[2])
        change(data)
        copy = page.with_name("changed.html")
        copy.write_text(html[:found.start(2)] + json.dumps(data).replace("<", "\\u003c") + html[found.end(2):], encoding="utf-8")
        return copy

    def open(self, page, requests=None):
        """Opens it and sees that it was quiet: nothing on the console, and nothing asked for but itself."""
        self.browser.open(page)
        self.assert_quiet([page.resolve().as_uri()])

    def assert_quiet(self, expected=()):
        self.assertEqual(self.browser.messages(), [])
        asked = [url for url in self.browser.requests() if not url.startswith("data:")]
        self.assertEqual(asked, list(expected))

    def find(self, selector):
        return self.browser.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.browser.driver.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector):
        """Where the page's head does not lie upon it."""
        element = self.find(selector)
        self.browser.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0]).innerText", selector)

    def press(self, *keys):
        ActionChains(self.browser.driver).send_keys(*keys).perform()

    def focused(self, selector):
        return self.browser.run("return document.activeElement.matches(arguments[0])", selector)

    def tab_to(self, selector, most=200):
        for _ in range(most):
            self.press(Keys.TAB)
            if self.focused(selector):
                return
        self.fail(f"the tab key does not reach {selector}")

    def drawn_charts(self):
        """How many charts have something on them."""
        return self.browser.run("""
            return [...document.querySelectorAll('canvas')].filter((canvas) =>
              canvas.width > 0 && canvas.height > 0 &&
              canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0)).length""")

    def assert_whole(self):
        """Every section has its heading and says something."""
        for section in self.sections:
            self.assertGreater(len(self.text(f"#{section} > h1, #{section} > h2")), 3, section)
            self.assertGreater(len(self.text(f"#{section} .body")), 12, section)
        self.assertEqual(self.all(".note"), [], "no section failed to be drawn")
        self.assertEqual(self.drawn_charts(), len(self.all("canvas")))

    def assert_fits(self):
        widths = self.browser.run("return [document.documentElement.scrollWidth, window.innerWidth]")
        self.assertLessEqual(widths[0], widths[1], "the page scrolls sideways")
