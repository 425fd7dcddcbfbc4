"""A page of many long texts keeps to its size."""

import random
import re

from icon.results.report import _document, _texts
from icon.results.report._document import render
from support.tiers import of_tier

ROWS, ALLOWED = of_tier((4_000, 2_900_000), (50_000, 24_000_000))
"""Rows, and bytes of their page: scripts take half a million of them, and whole texts do not fit into what is left."""


def test_a_page_of_many_texts_keeps_to_its_size_and_cut_texts_say_so(page_of, monkeypatch):
    assert _document.MOST_BYTES < 25_000_000
    monkeypatch.setattr(_document, "MOST_BYTES", ALLOWED)
    for module in (_texts, _document):
        monkeypatch.setattr(module, "BLOCK", ROWS // 100)
    draw = random.Random(5)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 10))) for _ in range(ROWS * 2 // 5)]
    pairs = [(" ".join(draw.choices(words, k=12)), " ".join(draw.choices(words, k=120))) for _ in range(ROWS)]
    html = render(page_of([draw.gauss(0, 1) for _ in range(ROWS)], ROWS * 3 // 20, texts=pairs))
    assert len(html.encode()) < ALLOWED
    length = int(re.search(r"texts of more than ([\d,]+) characters are cut", html)[1].replace(",", ""))
    assert 200 <= length < max(len(response) for _, response in pairs)


def test_a_small_run_makes_a_small_page(page_of):
    """Of the scripts 490 kB are those of the chart library; plotly took 4.8 MB."""
    assert (
        len(render(page_of([float(score) for score in range(90)], 14)).encode()) < 700_000
    )  # plotly alone took 4.8 MB
