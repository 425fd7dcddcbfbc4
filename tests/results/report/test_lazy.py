"""Nothing is done before it is needed, nothing twice, and on paper everything is there."""

import pytest

from icon.results.report import _document, _texts

MANY = [float(score) for score in range(80)]
CHARTS = ("cut-plot", "length-plot", "map-plot", "certainty-plot")
TEXTS = [(f"question {i % 7} of {i % 5}", " ".join(f"word{i * k % 31}" for k in range(1, 9))) for i in range(80)]
NEVER_IDLE = "window.requestIdleCallback = () => 0"


@pytest.fixture
def never_idle(page_of, open_page, tab):
    """A page whose browser always has something else to do, so that only what is needed is drawn."""
    developer = tab.context.new_cdp_session(tab.page)
    added = developer.send("Page.addScriptToEvaluateOnNewDocument", {"source": NEVER_IDLE})
    yield open_page(page_of(MANY, 10, texts=TEXTS), viewport={"width": 1280, "height": 700}).page
    developer.send("Page.removeScriptToEvaluateOnNewDocument", added)
    developer.detach()


def drawn(tab):
    return {name for name in CHARTS if tab.locator(f"#{name} svg").count()}


def test_a_chart_out_of_sight_is_drawn_when_it_comes_near(never_idle):
    assert "certainty-plot" not in drawn(never_idle)
    never_idle.locator("#certainty-plot").scroll_into_view_if_needed()
    never_idle.locator("#certainty-plot svg").first.wait_for()


def test_a_page_that_nobody_scrolls_does_not_run_plotly_and_still_answers(never_idle):
    assert never_idle.evaluate("typeof window.Plotly") == "undefined"
    never_idle.evaluate("document.getElementById('cut-reset').click()")
    assert never_idle.locator("#cut-kept").inner_text() == "10"
    never_idle.locator("#theme").click()
    assert drawn(never_idle) == set()


def test_on_paper_every_chart_is_there(never_idle):
    never_idle.pdf()
    assert drawn(never_idle) == set(CHARTS)


def test_while_nothing_else_is_to_be_done_the_other_charts_are_drawn(page_of, open_page):
    opened = open_page(page_of(MANY, 10, texts=TEXTS))
    for name in CHARTS:
        opened.page.locator(f"#{name} svg").first.wait_for()
    assert opened.page.locator("head script").count() == 0
    assert opened.said == []


def test_a_second_search_unpacks_no_block_again(page_of, open_page, monkeypatch):
    for module in (_texts, _document):
        monkeypatch.setattr(module, "BLOCK", 1)
    opened = open_page(page_of(MANY, 10))  # 80 blocks
    opened.page.evaluate(
        "() => { const Real = DecompressionStream; window.unpacked = 0;"
        "window.DecompressionStream = class extends Real {"
        "constructor(kind) { super(kind); window.unpacked += 1; } }; }"
    )
    for words in ("answer", "question"):
        opened.page.fill("#rows-search", words)
        opened.wait_for_text("#rows-told", "80 of 80 rows, 1 to")
        opened.page.fill("#rows-search", "nowhere")
        opened.wait_for_text("#rows-told", "No row matches.")
    assert opened.page.evaluate("window.unpacked") == len(MANY)
