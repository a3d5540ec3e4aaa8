"""The page of a history, made by `afterwrite check`."""

import histories
from opened_page import OpenedPage


class Page(OpenedPage):
    sections = ("verdict", "violations", "time", "staleness", "window", "cost")

    def make(self, kind, text=None):
        """The page of a history of that kind."""
        history = self.folder / f"{kind}.jsonl"
        history.write_text(histories.KINDS[kind]() if text is None else text, encoding="utf-8")
        run = self.afterwrite("check", "--out", kind, history.name)
        page = self.folder / kind / "report.html"
        self.assertTrue(page.exists(), run)
        return page
