"""A row is found by its id, a unique beginning of it or its number; anything else is told with what is valid."""

import pytest

from icon.errors import InputError
from icon.results.explain._finding import find
from icon.types import ScoreRow


def row(id_, number, status="scored", turn=0):
    return ScoreRow(id_, number, turn, status, "", "")


ROWS = [
    row("abc1", 0),
    row("abd2", 1),
    row("77f0", 2),
    row("77f0", 3, "duplicate"),
    row("", 4, "bad_row"),
    row("e1aa", 5, turn=0),
    row("e2bb", 5, turn=1),
    row("9999", 6, "duplicate"),
    row("9999", 7),
]


@pytest.mark.parametrize(
    ("name", "expected"), [("abc1", 0), ("abc", 0), ("77f", 2), ("77f0", 2), ("e2", 6), ("row:0", 0), ("row:4", 4)]
)
def test_a_row_is_found(name, expected):
    assert find(ROWS, name, "RUN") is ROWS[expected]


def test_a_duplicate_is_found_by_its_number_and_its_id_means_the_candidate():
    assert find(ROWS, "row:3", "RUN").status == "duplicate"
    assert [find(ROWS, f"row:5/{turn}", "RUN").id for turn in (0, 1)] == ["e1aa", "e2bb"]
    assert find(ROWS, "9999", "RUN") is ROWS[8]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ab", "2 ids begin with 'ab': abc1, abd2;"),
        ("", "no row has the id ''"),
        ("abx", "no row has the id 'abx'; near it: abc1, abd2;"),
        ("q", "no row has the id 'q'; valid: an id of scores.parquet"),
        ("5", "for the row of that number: row:5"),
        ("row:8", "no row '8'; valid: row:0 to row:7"),
        ("row:-1", "no row '-1'"),
        ("row:", "no row ''"),
        ("row:x", "no row 'x'"),
        ("row:5", "row 5 has 2 candidates, one per turn; valid: row:5/0, row:5/1"),
        ("row:5/2", "row 5 has no candidate of turn '2'; valid: row:5/0, row:5/1"),
    ],
)
def test_what_means_no_row_or_several_is_told(name, told):
    with pytest.raises(InputError) as error:
        find(ROWS, name, "RUN")
    assert str(error.value).startswith("RUN: ")
    assert told in str(error.value)


def test_of_many_ids_a_few_are_listed():
    rows = [row(f"a{i:02d}", i) for i in range(9)]
    with pytest.raises(InputError, match="9 ids begin with 'a': a00, a01, a02, a03, a04 and 4 more"):
        find(rows, "a", "RUN")


def test_a_few_digits_are_no_beginning_of_an_id_but_perhaps_a_row():
    with pytest.raises(InputError, match=r"no row has the id '7'.*for the row of that number: row:7"):
        find(ROWS, "7", "RUN")
