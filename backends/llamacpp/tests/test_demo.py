"""The embedded model as a user first meets it: `icon run` without an option about the model.

Four candidates of the demo that teach its tasks and four garbled ones, on three tasks, are enough: the means of their
scores lie apart by far more than the choice of the precision can move them.
"""

import json
from importlib.resources import files
from statistics import fmean

import pyarrow.parquet as pq
import pytest

from icon.inference import cache as user_cache
from icon_llamacpp.models import embedded_file
from support import smollm2

pytestmark = pytest.mark.model


def shortest(name, n, **fields):
    """The n shortest records of an embedded file that have these values."""
    records = [json.loads(line) for line in files("icon.samples.demo").joinpath(name).read_text("utf-8").splitlines()]
    some = [each for each in records if fields.items() <= each.items()]
    return sorted(some, key=lambda each: len(each["instruction"] + each["input"] + each["output"]))[:n]


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")


def test_a_run_takes_f32_and_ranks_what_teaches_the_tasks_above_garbled_answers(cache, command_line, tmp_path):
    smollm2.gguf("f32")  # made once for all test processes
    teaching, garbled = (shortest("demo_pool.jsonl", 4, planted=planted, input="") for planted in ("+tasks", "garbled"))
    write(tmp_path / "pool.jsonl", [*teaching, *garbled])
    write(tmp_path / "tasks.jsonl", shortest("demo_assessment.jsonl", 3))
    command_line("run", "pool.jsonl", "--assessment", "tasks.jsonl", "--keep", "4", "--out", "found", code=0)
    manifest = json.loads((tmp_path / "found" / "run.json").read_text("utf-8"))
    made = cache / "models" / f"SmolLM2-135M-Instruct.Q4_1-{user_cache.digest(embedded_file())[:16]}-f32.gguf"
    assert manifest["model"]["precision"] == "all F32"
    assert manifest["model"]["digest"] == user_cache.digest(made)
    rows = pq.read_table(tmp_path / "found" / "scores.parquet").sort_by("row").to_pylist()
    assert [each["status"] for each in rows] == ["scored"] * 8
    scores = [each["score"] for each in rows]
    assert fmean(scores[:4]) > fmean(scores[4:])
