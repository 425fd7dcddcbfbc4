"""The page without a mouse, without colours, and on a phone."""

import pytest

from icon.results.report import _document, _texts
from icon.runs.files import TokenDetail

MANY = [float(score) for score in range(120)]


def focused(opened):
    return opened.page.evaluate("document.activeElement.id || document.activeElement.textContent")


def test_a_heading_that_sorts_keeps_the_focus(page_of, open_page):
    opened = open_page(page_of(MANY, 10))
    heading = opened.page.locator("#rows-table th button", has_text="Score")
    heading.focus()
    heading.press("Enter")
    assert focused(opened) == "Score ↓"
    opened.page.keyboard.press("Enter")
    assert focused(opened) == "Score ↑"


def test_a_button_of_the_pager_that_comes_to_the_end_keeps_the_focus_and_says_so(page_of, open_page):
    opened = open_page(page_of(MANY, 10))  # twelve pages
    opened.page.select_option("#rows-per-page", "50")  # three
    following = opened.page.locator("#rows-next")
    following.focus()
    for _ in range(3):
        opened.page.keyboard.press("Enter")
    assert focused(opened) == "rows-next"
    assert following.get_attribute("aria-disabled") == "true"
    assert "101 to 120 shown" in opened.text("#rows-told")
    assert opened.page.locator("#rows-first").get_attribute("aria-disabled") == "false"


def test_while_a_search_goes_on_the_page_stays_turned_and_rows_stay_open(page_of, open_page, monkeypatch):
    for module in (_texts, _document):
        monkeypatch.setattr(module, "BLOCK", 30)  # four blocks
    opened = open_page(page_of(MANY, 10))
    opened.page.select_option("#rows-per-page", "50")
    # The last two blocks wait until they are let through, so that there is a time at which the search goes on.
    opened.page.evaluate(
        "() => { let n = 0; const Real = DecompressionStream; window.held = [];"
        "window.DecompressionStream = class { constructor(kind) { const real = new Real(kind); n += 1;"
        "this.writable = real.writable; this.readable = n <= 2 ? real.readable : real.readable.pipeThrough("
        "new TransformStream({ start: () => new Promise((go) => window.held.push(go)) })); } }; }"
    )
    opened.page.fill("#rows-search", "answer")
    opened.wait_for_text("#rows-told", "still looking, 1 to ")
    opened.wait_until("window.held.length === 1")
    opened.page.locator("#rows-table tbody button").nth(3).click()
    opened.page.locator("#rows-table tr.detail pre").first.wait_for()
    opened.page.wait_for_timeout(350)  # what is found is shown three times a second
    opened.page.evaluate("window.held.pop()()")
    opened.wait_until("window.held.length === 1")
    opened.wait_for_text("#rows-told", "90 of 120 rows, still looking, 1 to 50 shown")
    assert opened.page.locator("#rows-table tr.detail pre").count() == 2
    opened.page.click("#rows-next")
    shown = opened.page.locator("#rows-table tbody tr").first.get_attribute("data-place")
    assert shown == "50"
    opened.page.evaluate("window.held.pop()()")
    opened.wait_for_text("#rows-told", "120 of 120 rows, 51 to 100 shown")
    assert opened.page.locator("#rows-table tbody tr").first.get_attribute("data-place") == "50"


@pytest.fixture
def tokens(page_of, open_page):
    detail = TokenDetail("id9", "t1", ("good", " bad", " same"), (-1.0, -3.0, -1.0), (-2.5, -1.0, -1.0))

    def _tokens(**context):
        opened = open_page(page_of(MANY[:10], 3, details=[detail]), **context)
        opened.page.locator("#tokens summary").click()
        return opened, opened.page.locator("#tokens-shown .tokens").nth(1).locator("span")

    return _tokens


def test_tokens_are_one_stop_and_the_arrow_keys_tell_the_number_of_each(tokens):
    opened, each = tokens()
    opened.page.focus("#tokens-choice")
    opened.page.keyboard.press("Tab")
    assert focused(opened) == "good"
    assert "+1.500 nats" in opened.text("#tokens-shown .token-value")
    opened.page.keyboard.press("ArrowRight")
    assert focused(opened) == " bad"
    assert "−2.000 nats" in opened.text("#tokens-shown .token-value")
    assert [token.get_attribute("tabindex") for token in each.all()] == ["-1", "0", "-1"]
    opened.page.keyboard.press("End")
    opened.page.keyboard.press("ArrowRight")
    assert focused(opened) == " same"
    opened.page.keyboard.press("Home")
    assert focused(opened) == "good"
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.closest('#tokens-shown')") is None


def test_where_the_system_sets_the_colours_lines_distinguish_tokens(tokens):
    _, each = tokens(forced_colors="active")
    lines = [token.evaluate("each => getComputedStyle(each).textDecorationLine") for token in each.all()]
    assert lines == ["overline", "underline", "none"]


def test_on_a_phone_selected_is_a_word_and_everywhere_it_is_in_the_name_of_the_button(page_of, open_page):
    phone = open_page(page_of(MANY[:10], 3), viewport={"width": 360, "height": 740})
    buttons = phone.page.locator("#rows-table tbody button")
    shown = [text.split() for text in buttons.all_inner_texts()[:4]]
    assert shown == [["9", "selected"], ["8", "selected"], ["7", "selected"], ["6"]]
    assert buttons.first.get_attribute("aria-label") == "row 9, selected, open"
    assert buttons.nth(3).get_attribute("aria-label") == "row 6, dropped, open"
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
    desk = open_page(page_of(MANY[:10], 3), viewport={"width": 1280, "height": 900})
    assert desk.page.locator("#rows-table tbody button").first.inner_text() == "9"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_the_system_sets_the_colours_charts_have_them_too(page_of, open_page, scheme):
    opened = open_page(page_of(MANY[:10], 3), forced_colors="active", color_scheme=scheme)
    opened.page.locator("#cut-plot svg rect").first.wait_for(state="attached")
    fills = "[...document.querySelectorAll('#cut-plot svg rect')].map(bar => getComputedStyle(bar).fill)"
    system = (
        "['Highlight', 'GrayText'].map(name => { const made = document.createElement('i'); made.style.color = name;"
        "document.body.append(made); return getComputedStyle(made).color; })"
    )
    assert set(opened.page.evaluate(fills)) <= set(opened.page.evaluate(system))
