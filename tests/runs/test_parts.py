"""A part is there whole or not at all, and never mixed with others."""

import os
import platform
import subprocess
import sys
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from icon.errors import RunError
from icon.runs.parts import PartStore, checksum, in_order
from icon.runs.tables import parquet_bytes
from icon.runs.writing import atomic
from icon.types import Measurement, Status

ROWS = [
    Measurement("c1", "s1", nll=1.5, nll_random=2.0, n_tokens=3, c=0.1, log_gain=0.5, reason="cut"),
    Measurement("c1", "s2", status=Status.TOO_LONG, reason="9 tokens, limit 8"),
    Measurement("c2", value=4.25),
]


def test_measurements_come_back_as_they_were(tmp_path):
    store = PartStore(tmp_path, "f")
    store.write("000000", ROWS)
    assert PartStore(tmp_path, "f").read() == {"000000": ROWS}


def test_tokens_are_read_where_they_are_asked_for_and_else_take_no_memory(tmp_path):
    shown = Measurement("c3", "s1", nll=1.0, given=(-0.5, -1.5), control=(-2.0, -0.25))
    store = PartStore(tmp_path, "f")
    store.write("000000", [*ROWS, shown])
    assert store.read() == {"000000": [*ROWS, replace(shown, given=None, control=None)]}
    assert store.of(["c3"]) == [replace(shown, given=None, control=None)]
    assert store.of(["c1", "c3"], tokens=True) == [*ROWS[:2], shown]


def test_the_same_measurements_give_the_same_file(tmp_path):
    one = PartStore(tmp_path / "a", "f").write("000000", ROWS)
    two = PartStore(tmp_path / "b", "f").write("000000", ROWS)
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()


def test_a_damaged_part_is_set_aside_and_named(tmp_path):
    path = PartStore(tmp_path, "f").write("000000", ROWS)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    store = PartStore(tmp_path, "f")
    assert store.read() == {}
    assert store.damaged == [path.name]
    assert not list(tmp_path.glob("part-*.parquet"))


def test_a_truncated_part_is_set_aside(tmp_path):
    path = PartStore(tmp_path, "f").write("000000", ROWS)
    path.write_bytes(path.read_bytes()[:-7])
    assert PartStore(tmp_path, "f").read() == {}


def test_a_part_under_another_label_is_set_aside_and_one_of_an_older_version_is_read(tmp_path):
    path = PartStore(tmp_path, "f").write("000000", ROWS)
    for label in ("000001", "shared"):
        path.rename(path.with_name(path.name.replace("000000", label)))
        store = PartStore(tmp_path, "f")
        assert store.read() == {}
        assert store.damaged == [path.name.replace("000000", label)]
        (tmp_path / path.name.replace("000000", label)).with_suffix(".damaged").rename(path)
    table = pq.read_table(path)
    older = parquet_bytes(table.replace_schema_metadata({"icon.fingerprint": "f"}))
    path.unlink()
    (tmp_path / f"part-000001-{checksum(older)}.parquet").write_bytes(older)
    assert PartStore(tmp_path, "f").read() == {"000001": ROWS}


@pytest.mark.parametrize(
    "data",
    [
        b"no table at all",
        parquet_bytes(pa.table({"a": [1]})),
        parquet_bytes(pa.table({"candidate": ["c"], "status": ["marvellous"]})),
        parquet_bytes(pa.table({"candidate": [1], "status": ["ok"]})),
        parquet_bytes(pa.table({"abcdefgh": [1]})).replace(b"abcdefgh", b"\xf3bcdefgh"),
    ],
)
def test_a_file_that_icon_did_not_write_is_refused_in_words(tmp_path, data):
    (tmp_path / f"part-000000-{checksum(data)}.parquet").write_bytes(data)
    with pytest.raises(RunError, match="not a part that icon wrote"):
        PartStore(tmp_path, "f").read()


def test_parts_of_other_settings_are_refused(tmp_path):
    PartStore(tmp_path, "one").write("000000", ROWS)
    with pytest.raises(RunError, match="other settings"):
        PartStore(tmp_path, "two").read()


def test_what_a_killed_process_left_half_written_is_cleared(tmp_path):
    dead = subprocess.Popen([sys.executable, "-IS", "-c", ""])
    dead.wait()
    name = f".part-000000-0123456789abcdef.parquet.{platform.node()}"
    (tmp_path / f"{name}.{dead.pid}.tmp").write_bytes(b"half")
    (tmp_path / f"{name}.{os.getpid()}.tmp").write_bytes(b"in the writing")
    PartStore(tmp_path, "f")
    assert [each.name for each in tmp_path.iterdir()] == [f"{name}.{os.getpid()}.tmp"]


def test_numbered_parts_come_in_order_and_the_shared_one_is_left_out(tmp_path):
    parts = {"000001": ROWS[2:], "shared": [Measurement("", "s1", nll=1.0)], "000000": ROWS[:2]}
    assert list(in_order(parts)) == ROWS


def test_an_error_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half():
        with atomic(path) as file:
            file.write(b"new")
            raise OSError("disk full")

    with pytest.raises(RunError, match="disk full"):
        write_half()
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_process_that_has_read_parts_ends_in_peace(tmp_path):
    """Arrow's threads hold nothing of Python's when it shuts down; where they did, every second process aborted.

    One after the other: of eight at once one in twelve did. Without pandas, which Arrow would import, they take half
    the time.
    """
    PartStore(tmp_path / "parts", "f").write("000000", ROWS * 200)
    (tmp_path / "pandas.py").write_text("raise ImportError('not here')\n")
    folder = f"pathlib.Path({str(tmp_path / 'parts')!r})"
    command = [sys.executable, "-c", f"import pathlib, icon.runs.parts as p; assert p.PartStore({folder}, 'f').read()"]
    given = {"env": {**os.environ, "PYTHONPATH": str(tmp_path)}, "stderr": subprocess.PIPE}
    ended = [subprocess.run(command, check=False, **given) for _ in range(8)]
    assert [(process.stderr, process.returncode) for process in ended] == [(b"", 0)] * 8


def test_of_two_parts_with_one_label_every_reader_takes_the_same(tmp_path):
    """Two machines that differ in the last bits may both have measured it."""
    store = PartStore(tmp_path, "f")
    for nll in (1.5, 1.5000001):
        store.write("000000", [Measurement("c1", "s1", nll=nll, n_tokens=3)])
    assert len(list(tmp_path.glob("part-*.parquet"))) == 2
    assert store.of(["c1"]) == store.read()["000000"]


def test_a_folder_that_a_killed_export_left_half_written_is_cleared(tmp_path):
    dead = subprocess.Popen([sys.executable, "-IS", "-c", ""])
    dead.wait()
    left = tmp_path / f".mine.{platform.node()}.{dead.pid}.tmp"
    (left / "data").mkdir(parents=True)
    PartStore(tmp_path, "f")
    assert not left.exists()


def test_parts_as_tables_are_the_same_measurements(tmp_path, monkeypatch):
    from icon.runs import part_rows

    monkeypatch.setattr(part_rows, "ROWS", 2)
    store = PartStore(tmp_path, "f")
    rows = [Measurement(f"c{n}", None, value=n / 4, reason="cut" if n == 1 else "") for n in range(5)]
    pairs = [Measurement("c9", f"a{n}", nll=1.0, c=-0.5, n_tokens=n) for n in range(3)]
    store.write("000000", rows)
    store.write("000001", pairs)
    store.write("shared", [Measurement("", "a0", nll=2.0)])
    found, whole = store.read_tables(), store.read()
    assert {label: list(part) for label, part in found.items()} == whole
    first, second = found["000000"], found["000001"]
    assert (len(first), first[1], first[-1], first[1:3]) == (5, rows[1], rows[4], rows[1:3])
    assert (first.names("candidate"), first.names("assessment")) == ({"c0", "c1", "c2", "c3", "c4"}, set())
    assert (second.names("candidate"), second.names("assessment")) == ({"c9"}, {"a0", "a1", "a2"})
