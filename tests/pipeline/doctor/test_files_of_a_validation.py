"""The doctor reads every file of a validation, and names each that does not fit its checksum."""

import json

import pytest

import icon
from icon.runs.sealed import sealed_line, write_sealed

SETTINGS = {"scorer": "length", "selector": "top", "keep": "3", "report": False}
NAMES = (
    "settings.json",
    "perplexity.json",
    "pairwise.json",
    "answers/steps-selection.json",
    "answers/steps.by-1.jsonl",
)


@pytest.fixture
def run(tmp_path):
    rows = [{"instruction": f"question {n}", "output": "word " * (n % 7 + 1)} for n in range(12)]
    (tmp_path / "pool.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "tasks.jsonl").write_text('{"instruction": "a task", "output": "done"}\n')
    return icon.run(tmp_path / "pool.jsonl", assessment=tmp_path / "tasks.jsonl", out=tmp_path / "run", **SETTINGS).path


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_value_is_named_and_older_files_without_a_checksum_are_not(run, name, command_line):
    path = run / "validation" / name
    path.parent.mkdir(parents=True)
    if path.suffix == ".json":
        write_sealed(path, {"loss": "0.25"})
    else:
        path.write_text(sealed_line(["one", "first", "0.25"]) + "\n")
    command_line("doctor", run, code=0)
    path.write_text(path.read_text().replace("0.25", "0.26"))
    found = json.loads(command_line("doctor", run, "--json", code=1).stdout)["findings"]
    (damaged,) = [finding for finding in found if finding["state"] == "damaged"]
    assert damaged["file"] == f"validation/{name}"
    assert damaged["command"] == f"icon validate {run}"
    path.write_text('{"loss": "0.25"}\n' if path.suffix == ".json" else '["one", "first", "0.25"]\n')
    command_line("doctor", run, code=0)
