"""The reference of files names what is written: every column of the tables and every key of run.json."""

import re
from pathlib import Path

from icon.runs import parts, scores
from icon.runs.directory import RunDirectory
from icon.runs.manifest import Manifest

PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/files.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.split(f"### {title}\n")[1].split("\n### ")[0]


def named(text):
    """The names in the first column of a section's table."""
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_columns_of_scores_parquet():
    assert sorted(named(section("scores.parquet"))) == sorted(scores.SCHEMA.names)


def test_columns_of_the_parts():
    assert sorted(named(section("contributions/"))) == sorted(parts.SCHEMA.names)


def test_keys_of_run_json():
    assert sorted(named(section("run.json"))) == sorted(Manifest.model_fields)


def test_files_of_a_run():
    table = named(PAGE.split("## The run directory")[1].split("\n### ")[0])
    directory = RunDirectory(Path("run"))
    found = [getattr(directory, name) for name, kind in vars(RunDirectory).items() if isinstance(kind, property)]
    paths = [path.name for path in found if isinstance(path, Path)]
    assert sorted(table) == sorted([*paths, "contributions/", "export/", "validation/"])
