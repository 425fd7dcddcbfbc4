"""Hand-made runs, and a browser to open their pages in."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from icon.results.report._document import render
from icon.results.report._threshold import PageInput
from icon.types import Message, RowStatus, Sample, ScoreRow
from support.records import manifest


def sample(id_, row, prompt="question", response="answer"):
    return Sample(id_, row, (Message("user", prompt),), response)


@pytest.fixture(scope="session")
def page_of():
    """A page input from scores in the order of the rows; the highest `kept` are selected."""

    def _page_of(scores, kept, *, texts=None, keep=None, **more):
        ranks = {row: rank for rank, row in enumerate(sorted(range(len(scores)), key=lambda i: -scores[i]), 1)}
        texts = texts or [("question", "answer " * (row + 1)) for row in range(len(scores))]
        samples = {f"id{row}": sample(f"id{row}", row, *text) for row, text in enumerate(texts)}
        rows = [
            ScoreRow(
                f"id{row}",
                row,
                0,
                RowStatus.SCORED,
                "",
                f"selected: rank {ranks[row]}" if ranks[row] <= kept else f"below the cut: rank {ranks[row]}",
                selected=ranks[row] <= kept,
                score=score,
                standard_error=0.1,
                consistency=0.5,
                n_assessed=4,
                groups={"a": score, "b": -score},
                baselines={"length": float(row)},
                rank=ranks[row],
            )
            for row, score in enumerate(scores)
        ]
        given = {"manifest": manifest(len(scores), kept, keep or str(kept)), "rows": rows, "samples": samples, **more}
        return PageInput("runs/one", **given)

    return _page_of


FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium():
    """A browser, or a skip that says what is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip("no chromium on the PATH; install it to test the report in a browser")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


PATIENCE = 60_000
"""Milliseconds that a browser on a busy machine may take."""


class Tab:
    """A tab that shows page after page at one address.

    A new tab takes the browser ten times what the page itself does. Every page is loaded from its file; the page keeps
    nothing from one loading to the next.
    """

    def __init__(self, browser, file):
        self.context = browser.new_context()
        self.page = self.context.new_page()
        self.file, self.address = file, file.as_uri()

    def load(self, html, *, viewport=None, color_scheme="light", forced_colors="none"):
        """Show a page, in a window of that size and of a system with those colours, the mouse in a corner."""
        self.file.write_bytes(html.encode("utf-8", "replace"))
        self.page.mouse.move(0, 0)
        self.page.set_viewport_size(viewport or {"width": 1280, "height": 720})
        self.page.emulate_media(media="screen", color_scheme=color_scheme, forced_colors=forced_colors)
        self.page.goto(self.address)
        self.page.wait_for_selector("html[data-ready=yes]", state="attached", timeout=PATIENCE)


class Opened:
    """A page in a tab, with everything that it did beyond showing itself, until the tab shows the next one."""

    def __init__(self, tab, html, **look):
        self.context, self.page, self.file = tab.context, tab.page, tab.address
        self.asked, self.said, self.dialogs = [], [], []
        self._listeners = {
            "console": lambda message: self.said.append(f"{message.type}: {message.text}"),
            "pageerror": lambda error: self.said.append(f"error: {error}"),
            "dialog": self._dismiss,
        }
        self.context.route("**/*", self._answer)
        for event, listener in self._listeners.items():
            self.page.on(event, listener)
        tab.load(html, **look)

    def close(self):
        """Stop listening."""
        self.context.unroute("**/*", self._answer)
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)

    def _answer(self, route):
        if route.request.url.split("#")[0] == self.file:
            route.continue_()
        else:
            self.asked.append(route.request.url[:200])
            route.abort()

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def wait_for_count(self, selector, n):
        """Wait until so many elements are there; the page's own policy forbids to wait for a script's answer."""
        from playwright.sync_api import expect

        expect(self.page.locator(selector)).to_have_count(n, timeout=PATIENCE)

    def wait_for_text(self, selector, text):
        """Wait until an element's text contains the text."""
        from playwright.sync_api import expect

        expect(self.page.locator(selector)).to_contain_text(text, timeout=PATIENCE)

    def wait_until(self, expression):
        """Wait until JavaScript is true, asked from outside: the page's policy forbids to evaluate text in it."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            self.page.wait_for_timeout(20)


@pytest.fixture(scope="session")
def tab(chromium, tmp_path_factory):
    """The tab that the tests of this process share."""
    shared = Tab(chromium, tmp_path_factory.mktemp("tab") / "page.html")
    yield shared
    shared.context.close()


@pytest.fixture
def open_html(tab):
    """Opens the text of a page in the browser; the page opened before is gone."""
    opened = []

    def close():
        while opened:
            opened.pop().close()

    def _open_html(html, **look):
        close()
        opened.append(Opened(tab, html, **look))
        return opened[-1]

    yield _open_html
    close()


@pytest.fixture
def open_page(open_html):
    """Opens a page input in the browser; the page opened before is gone."""
    return lambda page, **look: open_html(render(page), **look)
