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
    ("name", "expected"),
    [("abc1", 0), ("abc", 0), ("77f", 2), ("77f0", 2), ("e2", 6), ("row:0", 0), ("row:4", 4), ("2", 2), ("7", 8)],
)
def test_a_row_is_found(name, expected):
    assert find(ROWS, name, "RUN") == ROWS[expected]


def test_a_duplicate_is_found_by_its_number_and_its_id_means_the_candidate():
    assert find(ROWS, "row:3", "RUN").status == "duplicate"
    assert [find(ROWS, f"row:5/{turn}", "RUN").id for turn in (0, 1)] == ["e1aa", "e2bb"]
    assert find(ROWS, "9999", "RUN") == ROWS[8]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ab", "2 ids begin with 'ab': abc1, abd2;"),
        ("", "no row has the id ''"),
        ("abx", "no row has the id 'abx'; near it: abc1, abd2;"),
        ("q", "no row has the id 'q'; valid: an id of scores.parquet"),
        ("5", "row 5 has 2 candidates, one per turn; valid: row:5/0, row:5/1"),
        ("8", "no row has the id '8'; valid: an id of scores.parquet"),
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


def test_digits_mean_the_row_of_that_number_unless_an_id_begins_so_too():
    rows = [row(f"1234{i:04d}" if i == 7 else f"b{i:04d}", i) for i in range(1300)]
    assert find(rows, "12", "RUN").row == 12
    assert find(rows, "1233", "RUN").row == 1233
    assert find(rows, "12340", "RUN").row == 7
    with pytest.raises(InputError, match="1 id begins with '1234': 12340007; for the row of that number: row:1234"):
        find(rows, "1234", "RUN")


def test_an_id_that_is_mistyped_gets_near_ones():
    rows = [row(id_, i) for i, id_ in enumerate(["3fa8c1d2", "9bb0e7aa"])]
    with pytest.raises(InputError, match="no row has the id '3fa8d1c2'; near it: 3fa8c1d2; valid"):
        find(rows, "3fa8d1c2", "RUN")
