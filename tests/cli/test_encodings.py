"""A terminal that is not UTF-8 gets "?" for what it cannot show, and JSON escapes; never a traceback.

True processes: the encoding of the standard streams is set when a process starts.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

QUESTION = "Wie heißt „Haus“ auf Chinesisch?"
ANSWER = "家 – mit ✓"


def icon_in(folder: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[bytes]:
    unset = {"PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LANG", "PYTHONCOERCECLOCALE"}
    given = {name: value for name, value in os.environ.items() if name not in unset}
    environment = given | {"LANG": "C.UTF-8", "COLUMNS": "200", "HF_HUB_OFFLINE": "1"} | environment
    return subprocess.run([sys.executable, "-m", "icon", *words], cwd=folder, env=environment, capture_output=True)


def faults(done: subprocess.CompletedProcess[bytes]) -> list[bytes]:
    """The lines on standard error that are no progress: where there is no terminal, progress is lines of text."""
    return [line for line in done.stderr.splitlines() if not re.match(rb"icon: [a-z: ]+: done in [\d.]+ s$", line)]


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    path = tmp_path / "pool.jsonl"
    records = [{"instruction": f"{QUESTION} {i}", "output": f"{ANSWER} {i}" + "!" * i} for i in range(4)]
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


RUN = ("run", "pool.jsonl", "--scorer", "length", "--keep", "2", "--out", "mine", "--no-report")


@pytest.mark.parametrize(
    ("environment", "encoding", "shown"),
    [
        ({"PYTHONIOENCODING": "cp1252"}, "cp1252", "Wie heißt „Haus“ auf Chinesisch? 0"),
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, "ascii", "Wie hei?t ?Haus? auf Chinesisch? 0"),
    ],
    ids=["cp1252", "C locale"],
)
def test_a_run_ends_with_its_summary_on_any_terminal(
    pool: Path, environment: dict[str, str], encoding: str, shown: str
):
    done = icon_in(pool.parent, environment, *RUN)
    assert (done.returncode, faults(done)) == (0, [])
    assert shown in done.stdout.decode(encoding)
    selected = (pool.parent / "mine" / "selected.jsonl").read_text("utf-8").splitlines()
    assert set(selected) < set(pool.read_text("utf-8").splitlines())  # files are UTF-8 whatever the terminal is


def test_json_loses_no_character_on_an_ascii_stream(pool: Path):
    done = icon_in(pool.parent, {"PYTHONIOENCODING": "ascii"}, *RUN, "--json")
    assert (done.returncode, faults(done)) == (0, [])
    best = json.loads(done.stdout.decode("ascii"))["best"]
    assert QUESTION in best[0]["prompt"]
    assert ANSWER in best[0]["response"]


def test_a_file_name_that_is_no_text_there_is_refused_with_what_to_set(pool: Path):
    pool.rename(pool.with_name("pool-größer.jsonl"))
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0"}
    done = icon_in(pool.parent, environment, "run", "pool-größer.jsonl", "--scorer", "length", "--out", "größer")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"PYTHONUTF8=1" in done.stderr
