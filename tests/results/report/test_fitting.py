"""Pages keep to their size: texts are cut, weak group values are left out, and what still does not fit is said."""

import base64
import gzip
import json
import random
from dataclasses import replace

import pytest

from icon.results.report import _document
from icon.results.report._document import render
from icon.results.report._rows import places_in_files
from icon.results.report._texts import STRONGEST, Cut, Texts, fitting_cut, shorter, text_blocks
from icon.types import Message, Sample, ScoreRow

GROUPS = [f"group {i:03}" for i in range(200)]


def unpacked(text):
    return json.loads(gzip.decompress(base64.b64decode(text)))


def texts_of(n, length, groups, decision="why"):
    draw = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz "
    rows = [
        ScoreRow(f"i{row}", row, 0, "scored", "", decision, groups={name: draw.gauss(0, 1) for name in groups})
        for row in range(n)
    ]
    samples = {
        f"i{row}": Sample(f"i{row}", row, (Message("user", "q"),), "".join(draw.choices(letters, k=length)))
        for row in range(n)
    }
    return Texts(rows, samples, groups, places_in_files(rows))


def test_many_group_values_give_way_to_texts_and_the_strongest_of_each_row_stay():
    given = texts_of(60, 300, GROUPS)
    blocks, cut = text_blocks(given, 40_000)
    assert (cut.length, cut.groups, cut.fits) == (None, STRONGEST, True)
    assert sum(map(len, blocks)) <= 40_000
    told = unpacked(blocks[0])[7]
    assert "g" not in told
    values = [abs(value) for value in given.rows[7].groups.values()]
    assert [abs(value) for _, value in told["k"]] == pytest.approx(sorted(values)[::-1][:STRONGEST], rel=0.01)
    assert all(value * given.rows[7].groups[GROUPS[place]] > 0 for place, value in told["k"])
    assert len(told["r"]) == 300


def test_a_few_group_values_stay_while_texts_can_be_cut():
    blocks, cut = text_blocks(texts_of(60, 3000, GROUPS[:3]), 60_000)
    assert cut.groups is None
    assert 200 <= cut.length < 3000
    assert unpacked(blocks[0])[0]["g"] is not None


@pytest.mark.parametrize("budget", [25_000, 12_000, 6_000])
def test_a_smaller_budget_leaves_out_more_until_it_fits(budget):
    blocks, cut = text_blocks(texts_of(60, 1000, GROUPS), budget)
    assert cut.fits
    assert sum(map(len, blocks)) <= budget


def test_what_does_not_fit_at_all_says_so():
    _, cut = text_blocks(texts_of(60, 300, GROUPS), 500)
    assert cut == Cut(0, 0, fits=False)


def test_no_rows_fit_any_budget():
    assert text_blocks(texts_of(0, 0, ()), 0) == ([], Cut())


def test_where_the_shortest_texts_leave_room_for_some_group_values_so_many_stay():
    # ten rows of 200 characters at least, and 30 bytes for each of their 8 group values: 2,000 and 300 a value
    def size(_, cut):
        return 10 * (200 if cut.length is None else cut.length) + 300 * (8 if cut.groups is None else cut.groups)

    assert fitting_cut(size, range(1), 200, 3_500) == Cut(200, 5)  # all eight would make 4,400
    assert fitting_cut(size, range(1), 200, 3_000) == Cut(200, 3)
    assert fitting_cut(size, range(1), 200, 2_400).groups == 0


def test_the_mildest_cut_is_taken():
    # a block of ten texts of up to 1,000 characters, and 40 group values of 5 bytes in each
    def size(_, cut):
        letters = 1000 if cut.length is None else min(1000, cut.length)
        return 10 * (letters + 5 * (40 if cut.groups is None else cut.groups))

    assert fitting_cut(size, range(1), 1000, 14_000) == Cut()  # 12,000 are within nine tenths of it
    found = fitting_cut(size, range(1), 1000, 10_000)  # 9,000, less 2,000 for the groups, are 700 characters
    assert found.groups is None
    assert 665 <= found.length <= 700
    assert fitting_cut(size, range(1), 1000, 6_000).groups == STRONGEST  # 2,000 are more than three tenths


def test_after_a_cut_that_was_not_enough_comes_a_harder_one_until_nothing_is_left():
    assert shorter(Cut(), 1000, 3) == Cut(800)
    assert shorter(Cut(220), 1000, 3) == Cut(200)
    assert shorter(Cut(200), 1000, 3) == Cut(200, 5)
    assert shorter(Cut(200, 5), 1000, 3) == Cut(200, 3)
    assert shorter(Cut(200, 2), 1000, 3) == Cut(200, 0)
    assert shorter(Cut(200, 0), 1000, 3) == Cut(100, 0)
    assert shorter(Cut(200), 1000, 0) == Cut(100)
    assert shorter(Cut(0, 0), 1000, 3) is None


def page_with_groups(page_of):
    page = page_of([float(i) for i in range(40)], 5)
    draw = random.Random(1)
    rows = [replace(row, groups={name: draw.gauss(0, 1) for name in GROUPS}) for row in page.rows]
    return replace(page, rows=rows)


def limited(monkeypatch, spare):
    """Leaves so many bytes for the texts of the page."""

    def with_budget(texts, _):
        return text_blocks(texts, spare)

    monkeypatch.setattr(_document, "text_blocks", with_budget)


def test_the_page_says_that_rows_show_their_strongest_groups_alone(page_of, open_page, monkeypatch):
    limited(monkeypatch, 20_000)
    opened = open_page(page_with_groups(page_of))
    assert f"its {STRONGEST} strongest contributions by task group, not all 200" in opened.text("#rows-groups")
    opened.page.locator("#rows-table tbody button").first.click()
    opened.page.locator("#rows-table tr.detail pre").first.wait_for()
    told = opened.text("#rows-table tr.detail")
    assert f"Contribution by task group, the {STRONGEST} strongest" in told
    assert told.count("group 1") + told.count("group 0") == STRONGEST
    assert opened.said == []


def test_the_page_says_where_it_does_not_keep_to_its_size(page_of, monkeypatch):
    page = page_with_groups(page_of)
    assert "larger than the 25 MB" not in render(page)
    limited(monkeypatch, 100)
    html = render(page)
    assert "larger than the 25 MB" in html
    assert "no contributions by task group" in html
    assert "texts of more than 0 characters are cut" in html
