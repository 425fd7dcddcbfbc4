"""A row has one number, counted from 0 over the records, in every message and file, whatever the pool is written in."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import icon
from icon.errors import BadRowsError
from icon.runs.manifest import load_manifest

BAD, TWIN, LONGEST = 1, 3, 4
RECORDS = [{"instruction": f"Name river number {i}.", "output": f"River {i}" + " flows" * i} for i in range(6)]
RECORDS[BAD] = {"instruction": "Name river number 1.", "output": ""}
RECORDS[TWIN] = RECORDS[2]
LINES = {"jsonl": "line 4 ", "csv": "lines 3 to 4 "}
"""The bad record's lines: a blank line is before it in the one, and its text has a line break in the other."""


def lines(path: Path) -> None:
    path.write_text("\n\n" + "".join(json.dumps(record) + "\n" for record in RECORDS))


def cells(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(RECORDS[0])
        writer.writerows(
            [record["instruction"].replace("number 1", "number\n1"), record["output"]] for record in RECORDS
        )


POOLS = {
    "jsonl": lines,
    "csv": cells,
    "json": lambda path: path.write_text(json.dumps(RECORDS)),
    "parquet": lambda path: pq.write_table(pa.Table.from_pylist(RECORDS), path),
}


def run(path: Path, **more: object):
    settings = {"scorer": "length", "baselines": (), "selector": "top", "keep": "1", "report": False}
    tasks = path.parent / "tasks.jsonl"
    tasks.write_text(json.dumps({"instruction": "a task apart", "output": "done apart"}) + "\n")
    return icon.run(path, out=path.parent / "run", assessment=str(tasks), **settings | more)


@pytest.mark.parametrize("kind", POOLS)
def test_every_place_gives_a_record_the_same_number(tmp_path: Path, kind: str):
    path = tmp_path / f"pool.{kind}"
    POOLS[kind](path)
    place = f"{LINES[kind]}(row {BAD})" if kind in LINES else f"row {BAD}"
    with pytest.raises(BadRowsError, match=re.escape(f"\n  {place}, field 'output': found ")):
        run(path)
    done = run(path, on_bad_row="skip")
    by_status = {row.status: row for row in done.rows if row.status != "scored"}
    assert (by_status["bad_row"].row, by_status["duplicate"].row) == (BAD, TWIN)
    assert by_status["bad_row"].reason.startswith(f"{place}, field 'output'")
    assert by_status["duplicate"].reason == "exact duplicate of row 2"
    assert [row.row for row in done.rows if row.selected] == [done.summary["best"][0]["row"]] == [5]
    for record in map(json.loads, (tmp_path / "run/dropped.jsonl").read_text().splitlines()):
        if record["icon"]["status"] == "scored":
            assert record["instruction"] == f"Name river number {record['icon']['row']}."
    explained = icon.explain(done, f"row:{LONGEST}")
    assert explained["row"] == LONGEST
    assert f"Name river number {LONGEST}." in json.dumps(explained)
    exported = icon.export(done, "trl", tmp_path / "out.jsonl", which="all")
    assert [left_out["row"] for left_out in exported["left_out"]] == [BAD]
    assert f"(row {BAD})" in exported["left_out"][0]["reason"] or place == f"row {BAD}"


def test_a_skipped_quote_that_swallows_lines_is_warned_of_with_all_its_lines(tmp_path: Path):
    path = tmp_path / "pool.csv"
    path.write_text('instruction,output\nNo. 1,One.\n"No. 2,Two.\nNo. 3,Three.\n"No. 4,Four."\nNo. 5,Five.\n')
    done = run(path, on_bad_row="skip")
    warnings = load_manifest(tmp_path / "run/run.json").warning_lines
    assert sum("left out: lines 3 to 5; " in warning for warning in warnings) == 1
    assert [row.status for row in done.rows] == ["scored", "bad_row", "scored"]
