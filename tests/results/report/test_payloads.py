"""In the page, opened in a browser, people see of every payload what the table says, and honest texts as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.payloads import HONEST, PAYLOADS
from icon.plugins import Section
from icon.runs.files import TokenDetail
from icon.runs.writing import printable
from support.records import with_choice

EVERYTHING = " ".join(payload.text for payload in PAYLOADS)

OPEN_ALL = (
    "[...document.querySelectorAll('#rows-table tbody button[aria-expanded=false]')].forEach(each => each.click())"
)

TEXTS_OF_ROWS = """[...document.querySelectorAll('#rows-table tr.detail')].map(detail => [
    parseInt(detail.previousElementSibling.querySelector('button').textContent),
    [...detail.querySelectorAll('pre')].map(each => each.textContent)])"""

UNSEEN = """(() => {
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll('script, style').forEach(each => each.remove());
    return [...new Set(copy.outerHTML.match(/[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]/gu))];
})()"""
"""Characters of the document, attributes included, that are not seen."""


@pytest.fixture(scope="module")
def texts_of_rows():
    """Opens every row, a page of the table after the other; gives its prompt and response by its number."""

    def _texts(opened, n):
        found = {}
        while True:
            opened.page.evaluate(OPEN_ALL)
            opened.wait_until("!document.querySelector('#rows-table tbody button[aria-expanded=false]')")
            opened.wait_until(
                "document.querySelectorAll('#rows-table tr.detail').length * 2"
                " === document.querySelectorAll('#rows-table tr.detail pre').length"
            )
            found |= {row: tuple(texts) for row, texts in opened.page.evaluate(TEXTS_OF_ROWS)}
            if len(found) == n:
                return found
            opened.page.click("#rows-next")

    return _texts


def full_of_payloads(page_of):
    """A page with every payload in its texts, ids, groups, decisions, tokens, warnings, sections and settings."""
    texts = [payload.text for payload in PAYLOADS]
    page = page_of([float(row) for row in range(len(texts))], 5, texts=[(text, text) for text in texts])
    rows = [
        replace(row, groups={text: 0.5}, baselines={f"{text} baseline": 1.0}, decision=text, reason=text)
        for row, text in zip(page.rows, map(printable, texts), strict=True)  # UTF-8, as scores.parquet holds them
    ]
    old = with_choice(page, selector=EVERYTHING).manifest
    manifest = old.updated(
        config=old.config.model_copy(update={"pool": EVERYTHING, "group_field": EVERYTHING}),
        warnings={"select": tuple(texts)},
        versions={**old.versions, EVERYTHING: EVERYTHING},
    )
    numbers = (-1.0,) * len(texts)
    return replace(
        page,
        manifest=manifest,
        path=EVERYTHING,
        rows=rows,
        details=[TokenDetail(rows[0].id, "t1", tuple(texts), numbers, numbers)],
        sections=[Section(EVERYTHING, texts, texts, [texts])],
        notes=texts,
    )


def test_of_every_payload_the_page_shows_what_the_table_says(page_of, open_page, texts_of_rows):
    opened = open_page(full_of_payloads(page_of))
    found = texts_of_rows(opened, len(PAYLOADS))
    assert found == {row: (payload.shown,) * 2 for row, payload in enumerate(PAYLOADS)}
    tokens = opened.page.locator("#tokens-shown .tokens").nth(1).locator("span").all_text_contents()
    assert tokens == [payload.shown for payload in PAYLOADS]
    assert set(opened.page.evaluate(UNSEEN)) <= {"\t", "\n", "\u200c"}  # a non-joiner that its Arabic letter needs
    assert opened.page.evaluate("window.__ran") is None
    assert (opened.asked, opened.said, opened.dialogs) == ([], [], [])


def test_honest_texts_are_shown_as_they_are(page_of, open_page, texts_of_rows):
    texts = list(HONEST.values())
    opened = open_page(page_of([float(row) for row in range(len(texts))], 5, texts=[(text, text) for text in texts]))
    assert texts_of_rows(opened, len(texts)) == {row: (text, text) for row, text in enumerate(texts)}
