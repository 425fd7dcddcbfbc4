"""Files are replaced whole: who reads the old one meanwhile reads it to its end."""

import pytest

from icon.errors import RunError
from icon.runs.writing import atomic, write_bytes


def test_a_file_is_replaced_and_not_written_over(tmp_path):
    path = tmp_path / "run.json"
    write_bytes(path, b"old")
    with path.open("rb") as reader:
        write_bytes(path, b"new and longer")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new and longer"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "run.json"
    write_bytes(path, b"old")
    with pytest.raises(RunError, match="cannot be written"):
        _fail_half_way(path)
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["run.json"]


def _fail_half_way(path):
    with atomic(path) as file:
        file.write(b"half")
        raise OSError(28, "No space left on device")
