"""A data set's card and a CSV show of every payload what the table says, and honest texts as they are."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import icon
from corpus.payloads import HONEST, PAYLOADS
from icon.results.export import _card

TEXTS = [*((payload.text, payload.shown) for payload in PAYLOADS), *((text, text) for text in HONEST.values())]

GUARDED = {"=1+cmd|' /C calc'!A0", "@SUM(1)", "\N{FULLWIDTH EQUALS SIGN}1+1"}
"""What a spreadsheet could run: an apostrophe comes before it."""


REFUSED = re.compile("[\0\ud800-\udfff]")
"""What no pool may hold."""


@pytest.fixture
def run(make_run, tmp_path):
    """A finished run on a record for every text, in a file whose own name would colour the terminal."""
    pool = tmp_path / "pool\x1b[31m\u202e.jsonl"
    rows = [{"instruction": f"{row}: {text}", "output": text} for row, (text, _) in enumerate(TEXTS)]
    pool.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return make_run(pool, keep=5, on_bad_row="skip")


def test_of_every_payload_a_csv_shows_what_the_table_says(run, tmp_path):
    path = icon.export(run, "csv", tmp_path / "full.csv", full=True)["files"][0]
    with Path(path).open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file, strict=True), key=lambda row: int(row["row"]))
    good = {row for row, (text, _) in enumerate(TEXTS) if not REFUSED.search(text)}
    assert len(good) == len(TEXTS) - 4
    assert {int(row["row"]) for row in rows if row["status"] != "bad_row"} == good
    for row, (text, shown) in enumerate(TEXTS):
        if row in good:
            assert rows[row]["response"] == ("'" if text in GUARDED else "") + shown
            assert rows[row]["prompt"] == f"{row}: {shown}"


class Cells(HTMLParser):
    """The texts of a rendered card's cells, and the names of all its elements."""

    def __init__(self):
        super().__init__()
        self.cells, self.names, self.inside = [], set(), False

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.inside = tag == "td"
        if self.inside:
            self.cells.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        if self.inside:
            self.cells[-1] += data


def test_of_every_payload_the_card_shows_what_the_table_says(run, tmp_path, monkeypatch):
    monkeypatch.setattr(_card, "facts", lambda source: [(str(row), text) for row, (text, _) in enumerate(TEXTS)])
    icon.export(run, "datasets", tmp_path / "card")
    text = (tmp_path / "card" / "README.md").read_text(encoding="utf-8")
    assert not set(text) & set("\x1b\u202e")
    assert r"pool\u001b[31m\u202e.jsonl" in text.split("## Repeat it")[1]  # the command, a block of code
    page = Cells()
    page.feed(MarkdownIt("commonmark").enable("table").render(text.split("---\n", 2)[2]))
    assert page.cells[1::2] == [" ".join(shown.split()) for _, shown in TEXTS]
    assert page.names == {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre"}
