"""Nothing is done before it is needed, nothing twice, and on paper everything is there."""

import pytest

from icon.results.report import _document, _texts

MANY = [float(score) for score in range(80)]
CHARTS = ("cut-plot", "length-plot", "map-plot")
TEXTS = [(f"question {i % 7} of {i % 5}", " ".join(f"word{i * k % 31}" for k in range(1, 9))) for i in range(80)]


@pytest.fixture
def page(page_of, open_page):
    return open_page(page_of(MANY, 10, texts=TEXTS), viewport={"width": 1280, "height": 700}).page


def drawn(page):
    return {name for name in CHARTS if page.locator(f"#{name} svg").count()}


def test_a_chart_of_a_folded_part_is_drawn_when_it_is_opened(page):
    page.locator("#cut-plot svg").first.wait_for()
    assert drawn(page) == {"cut-plot"}
    page.locator("#length summary").click()
    page.locator("#length-plot svg").first.wait_for()
    assert drawn(page) == {"cut-plot", "length-plot"}


def test_a_link_to_a_folded_part_opens_it(page):
    page.evaluate("location.hash = 'length'")
    page.locator("#length-plot svg").first.wait_for()


def test_on_paper_every_part_is_open_and_every_chart_there_and_then_as_before(page):
    page.evaluate(
        "addEventListener('afterprint', () => { window.atPrint = document.querySelectorAll('.plot svg').length; })"
    )
    page.pdf()
    assert page.evaluate("window.atPrint") == len(CHARTS)
    assert not page.evaluate("document.querySelector('#length details').open")


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
