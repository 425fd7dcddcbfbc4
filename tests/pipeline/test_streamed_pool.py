"""A pool whose texts stay on the disk gives the files of one in memory, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import icon
from icon.pipeline import building
from icon.samples import bounds

N = 240


def write_pool(folder: Path) -> None:
    """Rows of two groups, of which one is a repetition, one cannot be read, and one is a task, too."""
    rows = [
        {"instruction": f"Question {n}, {'long ' * (n % 7)}?", "output": "word " * (n % 11 + 1), "group": "ab"[n % 2]}
        for n in range(N)
    ]
    lines = [json.dumps(row) for row in [*rows, rows[3]]]
    (folder / "pool.jsonl").write_text("\n".join([*lines[:5], "{", *lines[5:]]))
    (folder / "tasks.jsonl").write_text(lines[7] + "\n" + json.dumps({"instruction": "A task", "output": "done"}))


def files_of(run: Path) -> dict[str, object]:
    """The content of every file of a run, times apart."""
    found: dict[str, object] = {}
    for path in sorted(run.rglob("*")):
        if path.is_file() and path.suffix in (".jsonl", ".parquet"):
            found[str(path.relative_to(run))] = path.read_bytes()
    written = json.loads((run / "run.json").read_text())
    (written["results"]["standing"] or {}).pop("needed", None)  # it has seconds
    return {**found, "run.json": {name: value for name, value in written.items() if name not in ("times", "checksum")}}


@pytest.mark.parametrize(
    "settings",
    [
        {"selector": "top", "assessment": "tasks.jsonl", "baselines": ("random",)},
        {"selector": "classifier", "subset": 80, "skip_urls": True, "hold_out": "10", "assessment_size": 30},
        {"selector": "top", "subset": 80, "subset_draw": "pandas", "assessment": "clustered", "hold_out": "8"},
    ],
)
def test_a_run_of_a_pool_on_the_disk_writes_the_files_of_one_in_memory(tmp_path, monkeypatch, settings):
    write_pool(tmp_path)
    monkeypatch.chdir(tmp_path)
    runs = []
    for name, held in (("held", bounds.HELD), ("streamed", 0)):
        monkeypatch.setattr(bounds, "HELD", held)
        icon.run(
            "pool.jsonl", scorer="length", template="alpaca", on_bad_row="skip", report=False, out=name, **settings
        )
        runs.append(files_of(tmp_path / name))
    assert runs[0].keys() == runs[1].keys() >= {"scores.parquet", "selected.jsonl", "dropped.jsonl"}
    assert [name for name in runs[0] if runs[0][name] != runs[1][name]] == []


def test_more_candidates_than_fit_into_memory_are_refused_before_anything_is_measured(tmp_path, monkeypatch):
    write_pool(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(building, "MOST_COMPARED", 200)
    given = {"scorer": "length", "template": "alpaca", "on_bad_row": "skip", "near_duplicates": "drop", "out": "run"}
    with pytest.raises(icon.ConfigError, match=r"--near-duplicates drop: found 240 candidates.*valid: at most 200"):
        icon.run("pool.jsonl", **given)
    assert not (tmp_path / "run").exists()
