"""Every kind of bad row is told with its place, what was found and what is valid; the rows around it are read."""

from __future__ import annotations

import json

import pytest

from icon.errors import BadRowsError, InputError
from icon.samples import load_samples
from icon.samples.records import iter_records

GOOD = b'{"instruction": "Add 2 and 3.", "input": "", "output": "5"}'
ALSO_GOOD = b'{"instruction": "Add 2 and 4.", "input": "", "output": "6"}'


def row(**fields):
    return json.dumps({"instruction": "q", "input": "", "output": "a", **fields}).encode()


BAD = {
    "not UTF-8": (b'{"instruction": "caf\xe9"}', "", "byte 0xe9 at byte offset 20", "UTF-8"),
    "cut off": (GOOD[:-1], "", "is it cut off?", "one JSON object per line"),
    "not JSON": (b"{'instruction': 'q'}", "", "invalid JSON, Expecting property name", "one JSON object"),
    "two objects": (GOOD + GOOD, "", "Extra data at character 60", "one JSON object per line"),
    "a raw NUL": (b'{"instruction": "q\0", "output": "a"}', "", "Invalid control character", "one JSON object"),
    "nested too deeply": (b"[" * 100_000, "", "nested too deeply", "a few levels"),
    "a number of 5000 digits": (b'{"n": ' + b"9" * 5000 + b"}", "", "more than 4,300 digits", "4,300"),
    "an array": (b"[1, 2]", "", "a list", "a JSON object"),
    "a number": (b"42", "", "the number 42", "a JSON object"),
    "a text": (b'"q"', "", "text of 1 characters", "a JSON object"),
    "null": (b"null", "", "null", "a JSON object"),
    "no response": (b'{"instruction": "q"}', "output", "no such field (the fields are: instruction)", "text"),
    "no prompt": (b'{"output": "a"}', "instruction", "no such field (the fields are: output)", "text"),
    "an empty response": (row(output=""), "output", "an empty text", "text that is not blank"),
    "a blank response": (row(output=" \n\t\u00a0"), "output", "blank text", "text that is not blank"),
    "an empty prompt": (row(instruction=""), "instruction", "an empty text", "text that is not blank"),
    "a number for text": (row(output=5), "output", "the number 5", "text"),
    "true for text": (row(output=True), "output", "true", "text"),
    "null for text": (row(output=None), "output", "null", "text"),
    "an object for text": (row(instruction={"text": "q"}), "instruction", "an object", "text"),
    "a list for a passage": (row(input=["x"]), "input", "a list", "text or nothing"),
    "a NUL in a text": (row(output="a\0b"), "output", "a NUL character at offset 1", "without NUL"),
    "a NUL in the passage": (row(input="xy\0"), "input", "a NUL character at offset 2", "without NUL"),
    "a lone surrogate": (row(output="ab\ud800"), "output", "lone surrogate (U+D800) at offset 2", "pairs"),
    "a lone surrogate in the group": (row(group="\udfff"), "group", "lone surrogate (U+DFFF)", "pairs"),
    "a response too long": (row(output="x" * 1_000_001), "output", "text of 1,000,001 characters", "at most 1,000,000"),
    "a prompt of 5 MB": (row(instruction="y" * 5_000_000), "instruction", "text of 5,000,000 characters", "at most"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_row_is_told_with_its_line(write, kind):
    raw, field, found, valid = BAD[kind]
    source = write(b"\n".join([GOOD, b"", raw, ALSO_GOOD]))
    with pytest.raises(BadRowsError) as caught:
        load_samples(source, format="alpaca")
    (fault,) = caught.value.faults
    assert (fault.row, fault.where, fault.field) == (1, "line 3", field)
    assert found in fault.found
    assert valid in fault.valid
    assert "line 3" in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_all_bad_rows_are_told_at_once_and_skipped_where_that_is_asked(write):
    lines = [GOOD, *(raw for raw, *_ in BAD.values()), ALSO_GOOD]
    source = write(b"\n".join(lines))
    with pytest.raises(BadRowsError) as caught:
        load_samples(source, format="alpaca")
    assert [fault.where for fault in caught.value.faults] == [f"line {n}" for n in range(2, 2 + len(BAD))]
    loaded = load_samples(source, format="alpaca", on_bad_row="skip")
    assert loaded.faults == list(caught.value.faults)
    assert [sample.row for sample in loaded.samples] == [0, len(BAD) + 1]
    assert loaded.n_rows == len(BAD) + 2


def test_no_good_row_at_all_is_an_error_even_when_skipping(write):
    with pytest.raises(InputError, match=r"none of its 2 rows is a sample \(read as alpaca\)"):
        load_samples(write(row(output="") + b"\n" + row(output=" ")), on_bad_row="skip")


def test_not_one_line_of_json_is_told_line_by_line(write):
    with pytest.raises(BadRowsError) as caught:
        load_samples(write("instruction,output\nq,a\n", "pool.jsonl"), on_bad_row="skip")
    assert [fault.where for fault in caught.value.faults] == ["line 1", "line 2"]


@pytest.mark.parametrize(
    "raw", [row(score=float("nan"), bound=float("inf")), row(deep=[[[[1]]]]), row(note="\0\ud800")]
)
def test_oddities_in_fields_that_are_not_used_are_no_faults(write, raw):
    assert len(load_samples(write(raw)).samples) == 1


@pytest.mark.parametrize("n_bytes", [99, 100, 101, 102, 103, 250, 1000])
@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_line_over_the_byte_limit_is_passed_over(write, n_bytes, ending):
    long = b'{"a": "' + b"x" * (n_bytes - 9) + b'"}'
    assert len(long) == n_bytes
    records = list(iter_records(write(GOOD + b"\n" + long + ending), max_bytes_per_row=100))
    if n_bytes <= 100:
        assert records[1].raw == long
    else:
        assert (records[1].fields, records[1].raw) == (None, None)
        assert records[1].fault.found == "a line of more than 100 bytes"
    assert len(records) == 2


def test_the_row_behind_a_line_over_the_limit_is_read_whole(write):
    source = write(b"\n".join([b"x" * 1000, GOOD]))
    records = list(iter_records(source, max_bytes_per_row=100))
    assert [(r.row, r.where, r.raw) for r in records] == [(0, "line 1", None), (1, "line 2", GOOD)]


def test_the_character_limit_can_be_moved(write):
    source = write(row(output="x" * 30))
    assert load_samples(source, max_field_chars=30).samples
    with pytest.raises(BadRowsError, match="at most 29 characters"):
        load_samples(source, max_field_chars=29)


def test_a_group_field_that_is_missing_or_no_name_is_a_fault(write):
    source = write([{"question": "q", "answer": "a", "level": [1]}, {"question": "q", "answer": "b"}])
    with pytest.raises(BadRowsError) as caught:
        load_samples(source, group_field="level")
    assert [(fault.field, fault.found) for fault in caught.value.faults] == [
        ("level", "a list"),
        ("level", "no such field"),
    ]


def test_one_bad_turn_makes_the_whole_record_bad(write):
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    turns += [{"role": "user", "content": "c"}, {"role": "assistant", "content": "d\0"}]
    good = {"messages": turns[:2]}
    loaded = load_samples(write([{"messages": turns}, good]), every_turn=True, on_bad_row="skip")
    assert [(fault.where, fault.field) for fault in loaded.faults] == [("line 1", "messages[3].content")]
    assert [(sample.row, sample.response) for sample in loaded.samples] == [(1, "b")]
    assert loaded.duplicates == []
