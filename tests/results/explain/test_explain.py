"""One sample explained from a finished run: its numbers are the run's, and no other file is changed."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import icon
from icon.errors import ConfigError, InputError, RunError
from icon.runs import writing
from icon.runs.files import read_details, write_details
from icon.testing import FakeBackend
from icon.types import BackendInfo, Status
from support.sealed import seal


@pytest.fixture(scope="module")
def made(tmp_path_factory, pool, tasks):
    """The folder of a finished run."""
    return icon.run(
        pool,
        backend=FakeBackend(),
        assessment=tasks,
        out=tmp_path_factory.mktemp("made") / "run",
        scorer="icon",
        keep=4,
        selector="top",
        on_bad_row="skip",
        report=False,
    ).path


@pytest.fixture
def path(made, tmp_path):
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "run")


def stored(path, candidate):
    """The candidate's pairs, best first, read without icon."""
    rows = [row for part in path.glob("contributions/part-0*") for row in pq.read_table(part).to_pylist()]
    return sorted((row for row in rows if row["candidate"] == candidate), key=lambda row: -row["c"])


def contents(folder):
    """Every file but explained.jsonl, and run.json without what it says of that file."""
    found = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "explained.jsonl"}
    manifest = json.loads(found[folder / "run.json"])
    manifest["files"].pop("explained.jsonl", None)
    return found | {folder / "run.json": {name: manifest[name] for name in manifest if name != "checksum"}}


def test_the_numbers_are_the_runs_own(path):
    row = icon.load_run(path).rows[7]
    found = icon.explain(path, "row:7", backend=FakeBackend())
    assert (found["id"], found["row"], found["status"], found["decision"]) == (row.id, 7, "scored", row.decision)
    assert found["score"]["value"] == row.score
    assert found["score"]["standard_error"] == row.standard_error
    assert found["rank"] == found["score_rank"] == {"rank": row.rank, "of": 16}
    assert found["groups"] == row.groups
    assert found["baselines"].keys() == {"length", "random"}
    assert found["prompt"].startswith("question number 7 more")
    assert found["pairs"]["measured"] == 6
    pairs = stored(path, row.id)
    assert found["pairs"]["helped"] == sum(pair["c"] > 0 for pair in pairs)
    assert found["pairs"]["hurt"] == sum(pair["c"] < 0 for pair in pairs)


def test_the_pairs_are_those_it_helped_and_hurt_most(path):
    rows = icon.load_run(path).rows
    mixed = next(
        row.id for row in rows if row.score is not None and len({p["c"] > 0 for p in stored(path, row.id)}) == 2
    )
    pairs = stored(path, mixed)
    found = icon.explain(path, mixed, top=1, backend=FakeBackend())
    (helped,), (hurt,) = found["helped"], found["hurt"]
    assert (helped["assessment"], helped["c"]) == (pairs[0]["assessment"], pairs[0]["c"])
    assert (hurt["assessment"], hurt["c"]) == (pairs[-1]["assessment"], pairs[-1]["c"])
    assert helped["nll_random"] - helped["nll"] == pytest.approx(helped["log_gain"])
    assert helped["prompt"].startswith("task ")
    assert "".join(helped["tokens"]["pieces"]) == helped["response"]
    apart = [a - b for a, b in zip(hurt["tokens"]["given"], hurt["tokens"]["control"], strict=True)]
    assert math.fsum(apart) / len(apart) == pytest.approx(hurt["log_gain"], abs=1e-6)  # parts have float32


def test_it_measures_once_and_only_what_is_not_known(path):
    before, backend = contents(path), FakeBackend()
    first = icon.explain(path, "row:3", backend=backend)
    assert (read := backend.tokens_evaluated) > 0
    assert icon.explain(path, "row:3", backend=backend) == first
    assert icon.explain(path, "row:3", tokens=False) == first  # and no backend: the run has its tokens now
    assert backend.tokens_evaluated == read
    assert contents(path) == before
    assert len(read_details(path / "explained.jsonl")) == len(first["helped"]) + len(first["hurt"])


def test_without_tokens_nothing_is_measured_and_that_is_said(path):
    found = icon.explain(path, "row:3", tokens=False)
    shown = [*found["helped"], *found["hurt"]]
    assert shown
    assert all(pair["tokens"] is None for pair in shown)
    assert found["notes"] == [f"tokens of {len(shown)} pairs are not shown: they are not measured yet"]
    assert not (path / "explained.jsonl").exists()


def test_a_kept_detail_that_does_not_fit_the_runs_numbers_is_measured_anew_and_replaced(path):
    first = icon.explain(path, "row:3", top=1, backend=FakeBackend())
    good = read_details(path / "explained.jsonl")
    wrong = replace(good[0], given=tuple(logprob - 0.5 for logprob in good[0].given))
    write_details(path / "explained.jsonl", [wrong, *good[1:]])
    seal(path)
    assert icon.explain(path, "row:3", top=1, tokens=False)["notes"]
    assert icon.explain(path, "row:3", top=1, backend=FakeBackend()) == first
    assert sorted(read_details(path / "explained.jsonl"), key=str) == sorted(good, key=str)


def test_a_duplicate_and_a_bad_row_are_explained_as_such(path):
    duplicate = icon.explain(path, "row:16")
    assert (duplicate["status"], duplicate["reason"]) == ("duplicate", "exact duplicate of row 0")
    assert duplicate["prompt"].startswith("question number 0")
    assert icon.explain(path, duplicate["id"], tokens=False)["row"] == 0
    bad = icon.explain(path, "row:17")
    assert (bad["status"], bad["id"], bad["prompt"]) == ("bad_row", "", None)
    assert "'output'" in bad["reason"]
    for found in (duplicate, bad):
        assert (found["score"], found["rank"], found["pairs"], found["neighbours"]) == (None, None, None, None)
        assert found["helped"] == found["hurt"] == []


def test_leaks_and_held_out_samples_are_explained_as_such(tmp_path, tasks):
    records = [json.loads(line) for line in Path(tasks).read_text().splitlines()]
    texts = [{"instruction": f"question {i} of the pool", "output": f"an answer {i} of words"} for i in range(12)]
    leaking = tmp_path / "leaking.jsonl"
    leaking.write_text("".join(json.dumps(record) + "\n" for record in [*texts, records[2]]))
    run = icon.run(
        leaking, backend=FakeBackend(), assessment=tasks, out=tmp_path / "a", selector="top", report=False
    ).path
    leak = icon.explain(run, "row:12")
    assert (leak["status"], leak["score"]) == ("leak", None)
    assert leak["reason"]
    run = icon.run(
        leaking, backend=FakeBackend(), assessment_size=3, out=tmp_path / "b", selector="top", report=False
    ).path
    held = next(row for row in icon.load_run(run).rows if row.status == "held_out")
    assert icon.explain(run, held.id)["reason"] == "held out of the pool for the assessment set"


def test_a_candidate_that_was_not_scored_has_neighbours_and_no_pairs(tmp_path, pool, tasks):
    settings = {"subset": 5, "selector": "top", "on_bad_row": "skip"}
    run = icon.run(pool, backend=FakeBackend(), assessment=tasks, out=tmp_path / "run", **settings)
    row = next(row for row in run.rows if row.status == "not_scored")
    found = icon.explain(run, row.id)
    assert (found["score"], found["pairs"], found["helped"]) == (None, None, [])
    assert found["neighbours"]["kept"]


def test_a_candidate_that_failed_shows_what_did_not(tmp_path, pool, tasks):
    settings = {"selector": "top", "on_bad_row": "skip", "assessment": tasks, "out": tmp_path / "run"}
    faults = {"answer 2": Status.NOT_FINITE}
    run = icon.run(pool, backend=FakeBackend(faults=faults), **settings)
    found = icon.explain(run, "row:2", backend=FakeBackend(faults=faults))
    assert (found["status"], found["score"], found["pairs"]) == ("failed", None, None)
    assert "not_finite" in found["reason"] or "answer 2" in found["reason"]
    again = icon.explain(run, "row:3", backend=FakeBackend(faults={"task 0 alpha": Status.OUT_OF_MEMORY}), top=6)
    assert any("could not be measured again: out_of_memory" in note for note in again["notes"])
    assert sum(pair["tokens"] is None for pair in (*again["helped"], *again["hurt"])) == 1


def test_a_scorer_that_looks_at_a_candidate_alone_has_no_tokens_and_says_so(tmp_path, pool, tasks):
    made = {"selector": "top", "on_bad_row": "skip", "assessment": tasks}
    run = icon.run(pool, backend=FakeBackend(), scorer="ppl", baselines=("length",), out=tmp_path / "run", **made)
    found = icon.explain(run, "row:1", backend=FakeBackend())
    assert (found["pairs"], found["helped"], found["hurt"]) == (None, [], [])
    assert found["notes"] == [
        "no tokens to show: the scorer ppl looks at a candidate alone, not at what it does to a task"
    ]
    assert found["score"]["value"] == icon.load_run(run.path).rows[1].score
    assert found["score"]["n_assessed"] == 0


def test_an_estimate_comes_with_its_interval(tmp_path, pool, many_tasks):
    made = {"keep": 4, "selector": "top", "on_bad_row": "skip"}
    run = icon.run(pool, backend=FakeBackend(), assessment=many_tasks, out=tmp_path / "run", **made)
    row = run.rows[1]
    score = icon.explain(run, row.id, tokens=False)["score"]
    assert (score["low"], score["high"], score["margin"]) == (row.low, row.high, row.margin)
    assert score["low"] <= score["value"] <= score["high"]
    assert score["decided"] in ("in", "out", "open")


class Other(FakeBackend):
    """A model with another tokenizer."""

    def describe(self):
        return replace(super().describe(), tokenizer_digest="other")


class Elsewhere(FakeBackend):
    """The same model on another device."""

    def describe(self) -> BackendInfo:
        return replace(super().describe(), device="elsewhere", versions={"lib": "2"})


def test_another_model_is_refused_and_the_same_one_elsewhere_is_not(path):
    with pytest.raises(ConfigError, match="not the model this run was scored with"):
        icon.explain(path, "row:3", backend=Other())
    assert icon.explain(path, "row:3", backend=Elsewhere())["notes"] == []


def test_wrong_use_is_reported(path, tmp_path, pool, tasks):
    with pytest.raises(ConfigError, match="top: found 0; valid: at least 1"):
        icon.explain(path, "row:3", top=0)
    with pytest.raises(InputError, match="no row has the id 'zzz'"):
        icon.explain(path, "zzz")
    with pytest.raises(RunError, match=r"run\.json"):
        icon.explain(tmp_path / "nowhere", "row:1")
    (path / "explained.jsonl").write_text("{\n")
    with pytest.raises(RunError, match="line 1: found invalid JSON"):
        icon.explain(path, "row:3", backend=FakeBackend())


def test_a_run_that_has_not_selected_says_what_comes_first(prepare, pool, tasks, tmp_path):
    opened = prepare(pool, tasks, tmp_path / "run", on_bad_row="skip")
    opened.assess()
    opened.score()
    with pytest.raises(RunError, match=r"all is scored, and nothing is selected yet\. Next: icon select"):
        icon.explain(tmp_path / "run", "row:1")


def test_a_run_that_cannot_be_written_is_explained_all_the_same(path, monkeypatch):
    (path / "taken").mkdir()
    monkeypatch.setattr(writing, "temporary_beside", lambda file: file.with_name("taken"))  # where it would be written
    found = icon.explain(path, "row:3", top=1, backend=FakeBackend())
    assert found["helped"][0]["tokens"]
    assert any("shown here and not kept" in note and "cannot be written" in note for note in found["notes"])


def test_damaged_parts_are_reported_and_stay_where_they_are(path):
    (part,) = path.glob("contributions/part-000000-*")
    part.write_bytes(part.read_bytes()[:-1])
    before = contents(path)
    found = icon.explain(path, "row:3", tokens=False)
    assert contents(path) == before
    assert f"{part.name}: its checksum does not fit its bytes" in found["notes"][0]
    assert found["pairs"] is None
    assert found["score"]["value"] == icon.load_run(path).rows[3].score
