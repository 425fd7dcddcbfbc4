"""Whole runs with `less` on the tiny model: gone on with after an interruption, refused on another backend."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the torch backend is not installed")

import icon
from icon.runs.directory import RunDirectory
from icon.runs.scores import read_scores
from support.command_line import CommandLine

TASKS = [{"instruction": f"Name river {i}.", "output": f"River {i * i}.", "group": "ab"[i % 2]} for i in range(6)]

ANSWERS = ["Rain falls.", "The Ebro is long.", "4", "It is so, and so it stays.", "Yes", "One, two, three."]
POOL = [{"instruction": f"question {i}", "output": f"{ANSWERS[i % 6]} {i}" * 60} for i in range(12)]
"""As long as makes several parts of them."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("less")
    for name, records in (("pool", POOL), ("tasks", TASKS)):
        (made / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return made


@pytest.fixture(scope="module")
def run(folder, tiny):
    """Runs with the tiny model, which is opened once."""

    def make(out, **settings):
        given = {"scorer": "less", "scorer_options": {"rank": 4, "projection": 256}, "baselines": (), "keep": 4}
        given |= {"template": "paper", "selector": "top", "report": False} | settings
        icon.run(str(folder / "pool.jsonl"), assessment=str(folder / "tasks.jsonl"), backend=tiny, out=out, **given)
        return out

    return make


@pytest.fixture(scope="module")
def finished(run, folder):
    return run(folder / "finished")


def scores(out):
    return {
        row.id: (row.score, row.standard_error, row.groups, row.rank) for row in read_scores(RunDirectory(out).scores)
    }


def test_a_run_has_a_score_an_error_and_group_contributions_of_every_candidate(finished):
    found = scores(finished)
    assert len(found) == 12
    for score, error, groups, _ in found.values():
        assert -1 <= score <= 1
        assert error > 0
        assert groups.keys() == {"a", "b"}
        assert score == pytest.approx((groups["a"] + groups["b"]) / 2)


def test_a_run_that_lost_parts_goes_on_to_the_same_files(finished, run, tmp_path):
    """What is measured again are the candidates of lost parts, with gradients of the tasks that are taken again."""
    again = shutil.copytree(finished, tmp_path / "run")
    parts = sorted(Path(again, "contributions").glob("part-0*.parquet"))
    kept = {path.name: path.read_bytes() for path in parts}
    assert len(parts) > 1
    for path in [*parts[::2], again / "scores.parquet"]:
        path.unlink()
    run(again)
    assert {path.name: path.read_bytes() for path in Path(again, "contributions").glob("part-0*.parquet")} == kept
    assert scores(again) == scores(finished)


def test_another_backend_is_refused_before_anything_is_measured(folder, tmp_path):
    pytest.importorskip("icon_llamacpp", reason="the llama.cpp backend is not installed")
    given = ["pool.jsonl", "--assessment", "tasks.jsonl", "--out", tmp_path / "run", "--backend", "llamacpp"]
    refused = CommandLine(folder)("run", *given, "--scorer", "less", code=2)
    assert "scorer less: found the backend llamacpp; valid: --backend torch" in " ".join(refused.stderr.split())
    assert not list(tmp_path.rglob("*.parquet"))
