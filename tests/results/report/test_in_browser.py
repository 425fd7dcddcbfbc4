"""The page in a browser: it loads nothing, and what it shows follows what is done to it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from icon.plugins import Section
from icon.results.report._document import render
from icon.runs.files import TokenDetail

TEN = [float(score) for score in range(1, 11)]
"""Scores 1 to 10; with 3 kept the cut is 8."""


@pytest.fixture(scope="module")
def html(page_of):
    texts = [(f"prompt {row}", f"response {row} " + ("zebra" if row == 4 else "horse")) for row in range(10)]
    return render(page_of(TEN, 3, texts=texts))


@pytest.fixture
def opened(html, open_html):
    return open_html(html, viewport={"width": 1280, "height": 900})


def kept(opened):
    return int(opened.text("#cut-kept"))


def test_nothing_is_asked_for_and_nothing_is_complained_about(opened):
    opened.page.locator("#theme").click()
    opened.page.locator("#theme").click()
    opened.page.mouse.wheel(0, 20_000)
    opened.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    for chart in ("#cut-plot", "#length-plot"):
        opened.page.locator(f"{chart} svg").first.wait_for()
    opened.page.wait_for_timeout(300)
    assert opened.asked == []
    assert opened.said == []
    assert opened.dialogs == []


def test_at_first_the_page_shows_the_runs_own_cut(opened):
    assert kept(opened) == 3
    assert "0 would enter and 0 would leave" in opened.text("#cut-told")
    assert opened.page.input_value("#cut-handle") == "8"
    assert not opened.page.locator("#cut-command").is_visible()  # it is made already


def test_a_typed_threshold_count_or_share_moves_the_kept_count(opened):
    opened.page.fill("#cut-value", "5.5")  # 6 to 10
    assert kept(opened) == 5
    assert "2 would enter and 0 would leave" in opened.text("#cut-told")
    assert opened.text("#cut-command") == "icon select runs/one --selector top --keep 5"
    opened.page.fill("#cut-count", "7")  # 4 to 10
    assert kept(opened) == 7
    assert opened.page.input_value("#cut-value") == "4"
    opened.page.fill("#cut-share", "20")  # 9 and 10
    assert kept(opened) == 2
    assert "0 would enter and 1 would leave" in opened.text("#cut-told")
    opened.page.click("#cut-reset")
    assert kept(opened) == 3


def test_keys_move_the_threshold(opened):
    handle = opened.page.locator("#cut-handle")
    handle.focus()
    handle.press("ArrowRight")  # a step is 0.05: a two-hundredth of 9, rounded up to 1, 2 or 5
    assert handle.input_value() == "8.05"
    assert kept(opened) == 2
    handle.press("ArrowLeft")
    assert kept(opened) == 3
    handle.press("PageDown")  # a tenth of the range, in whole steps
    assert 7 < float(handle.input_value()) <= 7.2
    handle.press("Home")
    assert kept(opened) == 10
    handle.press("End")
    assert kept(opened) == 1
    assert handle.get_attribute("aria-valuetext") == "10: 1 kept"


def test_dragging_moves_the_threshold(opened):
    handle, plot = opened.page.locator("#cut-handle"), opened.page.locator("#cut-plot")
    handle.scroll_into_view_if_needed()
    box, grip = plot.bounding_box(), handle.bounding_box()
    left, width = box["x"] + 56, box["width"] - 56 - 14  # the chart's margins

    def at(value):
        return left + (value - 1) / 9 * width

    assert (grip["x"] + 8, grip["width"] - 16) == (pytest.approx(left, abs=1), pytest.approx(width, abs=1))
    y = grip["y"] + grip["height"] / 2
    opened.page.mouse.move(at(8), y)
    opened.page.mouse.down()
    opened.page.mouse.move(at(6), y)
    opened.page.mouse.move(at(4.5), y)
    opened.page.mouse.up()
    assert kept(opened) == 6  # 5 to 10
    opened.page.mouse.move(at(2), y)
    assert kept(opened) == 6


def test_a_search_finds_in_whole_texts_and_filters_and_sorts(opened):
    rows = opened.page.locator("#rows-table tbody tr")
    assert rows.count() == 10
    opened.page.fill("#rows-search", "ZEBRA")
    opened.wait_for_count("#rows-table tbody tr", 1)
    assert "response 4" in rows.first.inner_text()
    assert opened.text("#rows-told").startswith("1 of 10 rows")
    opened.page.fill("#rows-search", "nowhere")
    opened.wait_for_text("#rows-told", "No row matches.")
    opened.page.fill("#rows-search", "")
    opened.wait_for_count("#rows-table tbody tr", 10)
    opened.page.select_option("#rows-filter", "selected")
    assert rows.count() == 3
    opened.page.select_option("#rows-filter", "all")
    opened.page.locator("#rows-table th button", has_text="Score").click()
    assert rows.first.inner_text().strip().startswith("9")  # row 9 has the score 10
    opened.page.locator("#rows-table th button", has_text="Score").click()
    assert rows.first.inner_text().strip().startswith("0")
    assert opened.page.locator("#rows-table th[aria-sort=ascending]").count() == 1


def test_the_filter_of_what_would_change_follows_the_threshold(opened):
    opened.page.select_option("#rows-filter", "enter")
    assert opened.text("#rows-told").startswith("No row")
    opened.page.fill("#cut-value", "5.5")
    rows = opened.page.locator("#rows-table tbody tr td:first-child button")
    assert sorted(rows.all_inner_texts()) == ["5", "6"]  # scores 6 and 7


def test_a_row_opens_with_the_keyboard_to_its_whole_text(page_of, open_page):
    long = "first line\n" + "word " * 400 + "THE END"
    page = page_of(TEN, 3, texts=[("prompt", long)] * 10)
    opened = open_page(page)
    button = opened.page.locator("#rows-table tbody button").first
    button.focus()
    button.press("Enter")
    detail = opened.page.locator("#rows-table tr.detail")
    detail.locator("pre").first.wait_for()
    assert button.get_attribute("aria-expanded") == "true"
    assert detail.locator("pre").nth(1).text_content() == long
    told = detail.inner_text()
    assert "selected: rank 1" in told
    assert "selected.jsonl, line 3" in told  # the last of three selected rows
    button.press("Enter")
    assert detail.count() == 0


def test_tokens_that_were_helped_are_overlined_hurt_ones_underlined_and_every_one_has_its_number(page_of, open_page):
    detail = TokenDetail("id9", "t1", ("good", " bad", " same"), (-1.0, -3.0, -1.0), (-2.5, -1.0, -1.0))
    opened = open_page(page_of(TEN, 3, details=[detail]))
    opened.page.locator("#tokens summary").click()
    tokens = opened.page.locator("#tokens-shown .tokens").nth(1).locator("span")
    assert tokens.all_text_contents() == ["good", " bad", " same"]
    assert [each.get_attribute("title") for each in tokens.all()] == ["+1.500 nats", "−2.000 nats", "+0.000 nats"]
    assert [each.get_attribute("class") for each in tokens.all()] == ["helped", "hurt", None]
    underlined = tokens.nth(1).evaluate("each => getComputedStyle(each).textDecorationLine")
    assert underlined == "underline"
    assert tokens.nth(0).evaluate("each => getComputedStyle(each).textDecorationLine") == "overline"
    tokens.nth(1).click()
    assert "−2.000 nats" in opened.text("#tokens-shown .token-value")


def test_sections_of_plugins_fold_like_the_others(page_of, open_page):
    section = Section("Of my own", ["A paragraph."], ["name", "n"], [["one", 1], ["none", None]])
    opened = open_page(page_of(TEN, 3, sections=[section]))
    assert "A paragraph." not in opened.text("#section-1")
    opened.page.locator("#section-1 summary").click()
    assert "A paragraph." in opened.text("#section-1")
    assert opened.page.locator("#section-1 tbody td").all_inner_texts() == ["one", "1", "none", ""]


@pytest.mark.parametrize("width", [1280, 400, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_never_scrolls_sideways(page_of, open_page, width, scheme):
    texts = [("prompt", "averyveryverylongword" * 40)] * 10
    page = page_of(TEN, 3, texts=texts)
    opened = open_page(page, viewport={"width": width, "height": 800}, color_scheme=scheme)
    opened.page.locator("#rows-table tbody button").first.click()
    opened.page.locator("#rows-table tr.detail pre").first.wait_for()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    room = opened.page.locator("#rows-table").bounding_box()["width"]
    assert opened.page.locator("#rows-table tr.detail td").bounding_box()["width"] == pytest.approx(room, abs=1)


def test_headings_are_in_order_controls_are_named_and_ids_are_unique(opened):
    levels = opened.page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(each => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    nameless = opened.page.evaluate(
        "[...document.querySelectorAll('input,select,button,[role=slider]')]"
        ".filter(each => !each.labels?.length && !each.textContent.trim() && !each.getAttribute('aria-label')).length"
    )
    assert nameless == 0
    ids = opened.page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(page_of, open_page, scheme):
    opened = open_page(page_of(TEN, 3), color_scheme=scheme)
    colours = opened.page.evaluate(
        "(() => { const style = getComputedStyle(document.documentElement);"
        "return Object.fromEntries(['paper','raised','ink','soft','accent','grey','warn','warn-paper']"
        ".map(name => [name, style.getPropertyValue('--' + name).trim()])); })()"
    )

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        high, low = sorted((light(colours[one]), light(colours[other])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for text, ground in [
        ("ink", "paper"),
        ("ink", "raised"),
        ("soft", "paper"),
        ("accent", "paper"),
        ("warn", "warn-paper"),
    ]:
        assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast("grey", "paper") >= 3  # borders of controls, and points


def test_an_empty_run_and_one_without_texts_say_what_is_missing(page_of, open_page):
    bare = page_of(TEN, 3)
    bare.samples.clear()
    opened = open_page(bare)
    assert opened.said == []
    opened.page.locator("#length summary").click()
    assert "Fewer than three scored candidates" in opened.text("#length")
    opened.page.locator("#rows-table tbody button").first.click()
    opened.page.locator("#rows-table tr.detail .empty").wait_for()
    assert "not known to this page" in opened.text("#rows-table tr.detail")


def test_in_a_race_margins_lie_around_their_centres_and_the_cut_halfway(page_of, open_page):
    page = page_of(TEN, 3)
    margins = {8: 0.4, 7: 0.6, 5: None}  # around scores 8 (centre 8), 7 (centre 7.2) and 5; the cut is 7.5
    rows = [
        replace(row, decided="?", margin=margins.get(int(row.score), 0.0), low=row.score - 5, high=row.score + 5)
        for row in page.rows
    ]
    rows[6] = replace(rows[6], low=2.2, high=12.2)
    opened = open_page(replace(page, rows=rows))
    said = opened.text("#certainty summary")
    assert "3 of 10 candidates are above the cut, 5 below it, and 2 may be on either side" in said
    assert "1 of them with too little measured for a margin" in said
    assert "halfway between the last one kept and the next one" in opened.text("#certainty-caption")
    opened.page.locator("#certainty-plot svg").wait_for()
    assert opened.said == []


def test_a_point_opens_its_own_turn_of_a_record(page_of, open_page):
    page = page_of([1.0, 2.0, 3.0], 1, texts=[("question", f"answer {'long ' * n}{n}") for n in range(3)])
    rows = [replace(row, row=0, turn=row.row) for row in page.rows]
    opened = open_page(replace(page, rows=rows))
    opened.page.locator("#length summary").click()
    opened.wait_for_count("#length-plot .points circle", 2)
    dot = opened.page.locator("#length-plot .points circle").nth(1).bounding_box()  # the longer of two not selected
    opened.page.mouse.move(dot["x"] + 2, dot["y"] + 2)
    opened.page.mouse.click(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    opened.page.locator("#rows-table tr.detail pre").first.wait_for()
    assert "row 0 of the pool, turn 1" in opened.text("#rows-table tr.detail")
