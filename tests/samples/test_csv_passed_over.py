"""What is left of a CSV row that cannot be read is passed over with it: nothing within its quotes becomes a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from icon.samples.sources import csv_rows


def rows_beyond(write, text, limit):
    """What a reader with a limit makes of a CSV file of the columns a and b: per row its lines, and its cells or None.

    A made-up row would be cells that the file does not have.
    """
    read = csv_rows.read(Path(write("a,b\n" + text, "pool.csv")), limit)
    return [(record.where, None if record.fault else tuple(record.fields.values())) for record in read]


LONG = "x" * 100
PASSED_OVER = {
    "a cell that goes on": (f'"{LONG}\nmore",b\nc,d\n', [("lines 2 to 3", None), ("line 4", ("c", "d"))]),
    "several lines, one blank": (f'"{LONG}\n\nmore, and\n",b\nc,d\n', [("lines 2 to 5", None), ("line 6", ("c", "d"))]),
    "too long in a later line": (f'"a\n{LONG}\nmore",b\nc,d\n', [("lines 2 to 4", None), ("line 5", ("c", "d"))]),
    "doubled quotes": (f'"{LONG} ""said""\n""more""",b\nc,d\n', [("lines 2 to 3", None), ("line 4", ("c", "d"))]),
    "a quote within a plain cell": (f'5" {LONG},b\nc,d\n', [("line 2", None), ("line 3", ("c", "d"))]),
    "the second cell": (f'{LONG},"b\nmore"\nc,d\n', [("lines 2 to 3", None), ("line 4", ("c", "d"))]),
    "Windows": (f'"{LONG}\r\nmore",b\r\nc,d\r\n', [("lines 2 to 3", None), ("line 4", ("c", "d"))]),
    "never closed": (f'"{LONG}\nc,d\ne,f\n', [("lines 2 to 4", None)]),
    "quotes at a cut": (f'"{"y" * 79}""""\nmore",b\nc,d\n', [("lines 2 to 3", None), ("line 4", ("c", "d"))]),
    "broken, then a cell that goes on": ('"a"b,"c\nmore,e"\nc,d\n', [("lines 2 to 3", None), ("line 4", ("c", "d"))]),
    "broken, and closed": ('"a"b,"c"\nc,d\n', [("line 2", None), ("line 3", ("c", "d"))]),
    "a word in quotes": ('"say "hi" there",b\nc,d\n', [("line 2", None), ("line 3", ("c", "d"))]),
}


@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
@pytest.mark.parametrize("case", PASSED_OVER)
def test_what_is_left_of_a_row_that_cannot_be_read_is_no_row_of_its_own(write, monkeypatch, case, piece):
    """The second line of a quoted cell was a sound row, with cells that the file does not have."""
    monkeypatch.setattr("icon.samples.sources._csv_lines._PIECE", piece, raising=False)
    text, expected = PASSED_OVER[case]
    assert rows_beyond(write, text, 80) == expected


def test_what_is_left_of_a_row_of_too_many_cells_is_no_row_of_its_own(write, monkeypatch):
    monkeypatch.setattr("icon.samples.sources._csv_lines.CHECKED_FROM", 10)
    monkeypatch.setattr("icon.samples.sources._csv_lines.MAX_VALUES_PER_ROW", 20)
    text = "x," * 30 + '"y\nmore",z\nc,d\n'
    assert rows_beyond(write, text, 1000) == [("lines 2 to 3", None), ("line 4", ("c", "d"))]
