"""A page of 50,000 rows keeps to its size."""

import random
import re

import pytest

from icon.report.page.document import render

ROWS = 50_000


@pytest.mark.slow
def test_fifty_thousand_rows_take_less_than_25_megabytes_and_cut_texts_say_so(page_of):
    draw = random.Random(5)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 10))) for _ in range(20_000)]
    texts = [(" ".join(draw.choices(words, k=12)), " ".join(draw.choices(words, k=120))) for _ in range(ROWS)]
    html = render(page_of([draw.gauss(0, 1) for _ in range(ROWS)], 7_500, texts=texts))
    assert len(html.encode()) < 25_000_000
    length = int(re.search(r"texts of more than ([\d,]+) characters are cut", html)[1].replace(",", ""))
    assert 200 <= length < max(len(response) for _, response in texts)
