"""Bad rows are listed by kind: how many, the first places, what was found and what is valid."""

from __future__ import annotations

from icon.errors import BadRowsError, RowFault


def fault(row, field="output", found="null", valid="text"):
    return RowFault(row, f"line {row + 1}", field, found, valid)


def lines(faults, **more):
    return str(BadRowsError("pool.jsonl", faults, **more)).splitlines()[1:-1]


def test_a_row_by_itself_is_a_line_as_the_fault_says_it():
    assert lines([fault(3)]) == ["  line 4 (row 3), field 'output': found null; valid: text"]


def test_rows_of_one_kind_are_a_line_with_three_places():
    faults = [fault(0), fault(1, found="an object"), *(fault(n) for n in range(2, 9))]
    assert lines(faults) == [
        "  8 rows: line 1 (row 0), line 3 (row 2), line 4 (row 3) and 5 more, field 'output': found null; valid: text",
        "  line 2 (row 1), field 'output': found an object; valid: text",
    ]


def test_rows_that_differ_in_numbers_alone_are_of_one_kind():
    faults = [fault(n, f"messages[{n}].content", f"text of {1_000 * n:,} characters") for n in (1, 3)]
    assert lines(faults) == [
        "  2 rows: line 2 (row 1), line 4 (row 3), field 'messages[1].content' and the like: found text of 1,000 "
        "characters and the like; valid: text"
    ]


def test_rows_beyond_the_kinds_that_are_shown_are_counted():
    faults = [fault(n, field=name) for n, name in enumerate("abcabd")]
    assert lines(faults, shown=2, n_bad=10) == [
        "  2 rows: line 1 (row 0), line 4 (row 3), field 'a': found null; valid: text",
        "  2 rows: line 2 (row 1), line 5 (row 4), field 'b': found null; valid: text",
        "  ... and 6 more",
    ]
