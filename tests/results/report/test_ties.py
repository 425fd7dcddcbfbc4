"""Candidates of one score at the cut, and cuts where there is nothing to keep, to move or to part."""

from dataclasses import replace

TIED = [3.0] * 6 + [1.0, 2.0, 5.0, 4.0]
"""Six tie at 3 with ids 0 to 5; 5 and 4 stand above them, 2 and 1 below."""


def told(opened):
    return opened.text("#cut-told")


def rows_shown(opened, which):
    opened.page.select_option("#rows-filter", which)
    return sorted(opened.page.locator("#rows-table tbody td:first-child button").all_inner_texts())


def test_at_the_runs_own_cut_the_run_is_shown_as_it_is_however_many_tie_there(page_of, open_page):
    opened = open_page(page_of(TIED, 4))  # 5, 4, and two of the six that have 3
    assert opened.text("#cut-kept") == "4"
    assert "0 would enter and 0 would leave" in told(opened)
    assert "6 candidates tie at this value; the run kept 2 of them" in told(opened)
    assert rows_shown(opened, "enter") == rows_shown(opened, "leave") == []
    opened.page.fill("#cut-value", "3")  # the value alone keeps all that tie
    assert opened.text("#cut-kept") == "8"
    assert "4 would enter and 0 would leave" in told(opened)
    assert opened.text("#cut-command").endswith("--keep 8")
    assert rows_shown(opened, "enter") == ["2", "3", "4", "5"]
    opened.page.click("#cut-reset")
    assert opened.text("#cut-kept") == "4"
    assert "0 would enter and 0 would leave" in told(opened)


def test_a_typed_count_or_share_keeps_so_many_of_those_that_tie(page_of, open_page):
    opened = open_page(page_of(TIED, 4))
    opened.page.fill("#cut-count", "3")
    assert opened.text("#cut-kept") == "3"
    assert "0 would enter and 1 would leave" in told(opened)
    assert "6 candidates tie at this value; this count keeps 1 of them" in told(opened)
    assert opened.text("#cut-command").endswith("--keep 3")
    assert rows_shown(opened, "leave") == ["1"]  # of 0 and 1 the first one by id stays
    opened.page.fill("#cut-share", "60")
    assert opened.text("#cut-kept") == "6"
    assert rows_shown(opened, "enter") == ["2", "3"]


def test_where_the_selector_looked_at_more_the_ids_decide_as_they_do_for_the_command(page_of, open_page):
    page = page_of(TIED, 4)
    chosen = {5, 6, 8}  # the last one of those that tie, and the lowest of all
    rows = [replace(row, selected=row.row in chosen) for row in page.rows]
    opened = open_page(replace(page, rows=rows))
    opened.page.fill("#cut-count", "3")  # 8, 9, and 0 of those that tie
    assert "2 would enter and 2 would leave" in told(opened)
    assert rows_shown(opened, "enter") == ["0", "9"]
    assert rows_shown(opened, "leave") == ["5", "6"]


def test_a_page_of_equal_scores_opens_with_the_runs_count(page_of, open_page):
    opened = open_page(page_of([1.0] * 50, 10))
    assert opened.text("#cut-kept") == "10"
    assert "0 would enter and 0 would leave" in told(opened)
    assert "50 candidates tie at this value; the run kept 10 of them" in told(opened)
    assert opened.said == []


def test_nothing_kept_gives_no_command_and_the_slider_stays_within_its_ends(page_of, open_page):
    opened = open_page(page_of([float(score) for score in range(1, 11)], 3))
    opened.page.fill("#cut-value", "99")
    assert opened.text("#cut-kept") == "0"
    assert not opened.page.locator("#cut-command").is_visible()
    assert "a selection keeps one record at least" in opened.text(".command")
    handle = opened.page.locator("#cut-handle")
    assert handle.input_value() == handle.get_attribute("max") == "10"
    assert handle.get_attribute("aria-valuetext") == "99: 0 kept"
    opened.page.fill("#cut-value", "-99")
    assert handle.input_value() == handle.get_attribute("min") == "1"
    assert opened.page.locator("#cut-command").is_visible()
    opened.page.fill("#cut-count", "0")
    assert not opened.page.locator("#cut-command").is_visible()


def test_where_nobody_selected_has_a_value_the_histogram_stands_without_controls(page_of, open_page):
    page = page_of([1.0, 2.0, 3.0, 4.0], 1)
    rows = [replace(row, score=None, rank=None) if row.selected else row for row in page.rows]
    opened = open_page(replace(page, rows=rows))
    opened.page.locator("#cut-plot svg").first.wait_for()
    assert "3 ranked candidates" in opened.text("#cut-caption")
    assert "There is no cut to move" in opened.text("#cut")
    assert opened.page.locator("#cut input, #cut button, #cut-handle").count() == 0
    assert opened.page.locator("#rows-filter option[value=enter]").count() == 0
    assert opened.said == []


def test_where_all_assessment_samples_agree_the_page_does_not_say_that_a_score_has_no_error(page_of, open_page):
    page = page_of([1.0, 0.75, 0.5], 1)
    rows = [replace(row, standard_error=error) for row, error in zip(page.rows, (0.0, 0.25, 0.5), strict=True)]
    opened = open_page(replace(page, rows=rows))
    cells = opened.page.locator("#rows-table tbody td.number.wide-only:nth-child(4)")
    assert cells.all_inner_texts() == ["–", "0.2500", "0.5000"]
    opened.page.locator("#rows-table tbody button").first.click()
    opened.page.locator("#rows-table tr.detail pre").first.wait_for()
    assert "Standard error" not in opened.text("#rows-table tr.detail")
    assert "Score" in opened.text("#rows-table tr.detail")
