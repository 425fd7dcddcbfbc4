"""Files are replaced whole: who reads the old one meanwhile reads it to its end."""

import os
import subprocess
import sys

import pytest

from icon.errors import RunError
from icon.results.export._staging import placed, staged
from icon.runs.staging import stage, staged_path
from icon.runs.writing import atomic, remove_temporaries, temporary_beside, write_bytes


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


def test_two_writers_of_one_file_never_share_a_temporary_one(tmp_path):
    """As two threads do, or processes of two machines that have one name and number their processes alike."""
    path = tmp_path / "part.parquet"
    with atomic(path) as first:
        first.write(b"1" * 1000)
        with atomic(path) as second:
            second.write(b"22")
        assert path.read_bytes() == b"22"
    assert path.read_bytes() == b"1" * 1000
    assert [found.name for found in tmp_path.iterdir()] == ["part.parquet"]


def test_two_that_stage_one_file_publish_their_own_bytes(tmp_path):
    with stage(tmp_path, "selected.jsonl") as first:
        first.write(b"1" * 1000)
        with stage(tmp_path, "selected.jsonl") as second:
            second.write(b"22")
    made = [staged_path(tmp_path, "selected.jsonl", file.record) for file in (first, second)]
    assert [path.read_bytes() for path in made] == [b"1" * 1000, b"22"]
    assert sorted(tmp_path.iterdir()) == sorted(made)


def test_two_exports_to_one_place_do_not_mix(tmp_path):
    with placed(tmp_path / "out.jsonl", force=True) as first, placed(tmp_path / "out.jsonl", force=True) as second:
        first.write(b"1" * 1000)
        second.write(b"22")
    assert (tmp_path / "out.jsonl").read_bytes() == b"1" * 1000
    with staged(tmp_path / "out", force=True) as one, staged(tmp_path / "out", force=True) as other:
        (one / "rows").write_bytes(b"1" * 1000)
        (other / "rows").write_bytes(b"22")
    assert (tmp_path / "out/rows").read_bytes() == b"1" * 1000
    assert {found.name for found in tmp_path.iterdir()} == {"out", "out.jsonl"}


def test_a_temporary_file_of_a_killed_process_is_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    left = temporary_beside(tmp_path / "part.parquet")
    left.write_bytes(b"of this process")
    dead.wait()
    killed = left.with_name(left.name.replace(f".{os.getpid()}.tmp", f".{dead.pid}.tmp"))
    killed.write_bytes(b"half")
    remove_temporaries(tmp_path)
    assert list(tmp_path.iterdir()) == [left]


def _fail_half_way(path):
    with atomic(path) as file:
        file.write(b"half")
        raise OSError(28, "No space left on device")
