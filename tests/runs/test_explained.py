"""explained.jsonl reads back as it was written, holds a pair once, and a damaged file says what to do."""

import json

import pytest

from icon.errors import RunError
from icon.runs.files import TokenDetail, read_details, write_details

ONE = TokenDetail("c1", "a1", ("The", " cat"), (-0.5, -2.0), (-1.5, -1.75))
OTHER = TokenDetail("c1", "a2", ("é\n",), (-0.0,), (-3.25,))
GOOD = {"candidate": "c", "assessment": "a", "pieces": ["x"], "given": [-1.0], "control": [-2]}


def test_details_read_back_as_they_were_written(tmp_path):
    path = tmp_path / "explained.jsonl"
    write_details(path, [ONE, OTHER])
    assert read_details(path) == [ONE, OTHER]
    assert [path.name for path in tmp_path.iterdir()] == ["explained.jsonl"]
    first, second = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == {
        "candidate": "c1",
        "assessment": "a1",
        "pieces": ["The", " cat"],
        "given": [-0.5, -2.0],
        "control": [-1.5, -1.75],
    }
    assert "é" in second


def test_differences_are_given_less_control():
    assert ONE.differences == [1.0, -0.25]


def test_a_pair_has_one_line_and_the_last_one_stays(tmp_path):
    newer = TokenDetail("c1", "a1", ("The", " cat"), (-0.25, -2.0), (-1.5, -1.75))
    write_details(tmp_path / "e", [ONE, OTHER, newer])
    assert read_details(tmp_path / "e") == [newer, OTHER]


def test_a_file_that_is_not_there_has_no_details(tmp_path):
    assert read_details(tmp_path / "explained.jsonl") == []


def test_a_piece_that_is_no_unicode_survives(tmp_path):
    odd = TokenDetail("c", "a", ("\ud83d",), (-1.0,), (-1.0,))
    write_details(tmp_path / "e", [odd])
    assert read_details(tmp_path / "e") == [odd]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"candidate": "c", "pie', "invalid JSON"),
        ("[]", "a list"),
        (json.dumps({name: GOOD[name] for name in GOOD if name != "control"}), "no field 'control'"),
        (json.dumps(GOOD | {"candidate": 3}), "candidate 3"),
        (json.dumps(GOOD | {"pieces": [1]}), "pieces that are not all texts"),
        (json.dumps(GOOD | {"given": [0.5]}), "given that are not all log-probabilities"),
        (json.dumps(GOOD | {"given": [None]}), "given that are not all log-probabilities"),
        (json.dumps(GOOD | {"control": [float("nan")]}), "control that are not all log-probabilities"),
        (json.dumps(GOOD | {"control": [True]}), "control that are not all log-probabilities"),
        (json.dumps(GOOD | {"given": [-1.0, -2.0]}), "1 pieces, 2 given and 1 control"),
    ],
)
def test_a_damaged_line_is_told_with_its_number_and_what_to_do(tmp_path, line, found):
    path = tmp_path / "explained.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + line + "\n")
    with pytest.raises(RunError) as error:
        read_details(path)
    assert f"{path}, line 2: found {found}" in str(error.value)
    assert "Move the file away" in str(error.value)


def test_bytes_that_are_no_text_and_a_folder_are_told(tmp_path):
    (tmp_path / "e").write_bytes(b"\xff\xfe\n")
    with pytest.raises(RunError, match="line 1: found invalid JSON in UTF-8"):
        read_details(tmp_path / "e")
    (tmp_path / "folder").mkdir()
    with pytest.raises(RunError, match="cannot be read"):
        read_details(tmp_path / "folder")
