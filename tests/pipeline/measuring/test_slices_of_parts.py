"""A race with long demonstrations has fewer slices, and one that was begun with others goes on by those."""

import json

import pytest

from icon.pipeline import _raced, measuring

SETTINGS = {"capture": 1, "baselines": ()}


@pytest.fixture(autouse=True)
def smallest_parts(monkeypatch):
    """Parts of one candidate, as with the longest records: nothing but its samples says which slice a part is of."""
    monkeypatch.setattr(measuring, "TOKENS_PER_PART", 1)


@pytest.fixture(scope="module")
def long_pool(data):
    """36 candidates that are several times as long as a task: three slices do not fit into the 34 samples."""
    path = data / "long.jsonl"
    words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll", "larch"]
    answers = [" ".join([*words[: i % 12], *[f"more {i}"] * 40]) for i in range(36)]
    rows = [json.dumps({"instruction": f"question {i}", "output": answer}) for i, answer in enumerate(answers)]
    path.write_text("\n".join(rows))
    return str(path)


def reached(folder):
    return [
        step["samples"] for step in json.loads((folder / "run.json").read_text())["stages"]["score"]["race"]["path"]
    ]


def test_a_race_that_was_begun_with_slices_of_before_goes_on_by_them(
    start, stop_after, contents, long_pool, tasks, tmp_path, monkeypatch
):
    with monkeypatch.context() as before:
        before.setattr(_raced, "fewest_of", lambda *_: 1)
        start(long_pool, tasks, tmp_path / "whole", **SETTINGS)
        start(long_pool, tasks, tmp_path / "run", stop_after(37), **SETTINGS)
    start(long_pool, tasks, tmp_path / "run", **SETTINGS)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")
    assert reached(tmp_path / "run")[:2] == [8, 12]


def test_with_long_demonstrations_a_new_race_is_one_slice_and_goes_on_after_a_stop(
    start, stop_after, contents, long_pool, tasks, tmp_path
):
    start(long_pool, tasks, tmp_path / "whole", **SETTINGS)
    assert reached(tmp_path / "whole") == [34]
    start(long_pool, tasks, tmp_path / "run", stop_after(20), **SETTINGS)
    start(long_pool, tasks, tmp_path / "run", **SETTINGS)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_a_race_stopped_after_its_first_slice_goes_on_by_its_rule_of_leaving(start, stop_after, pool, tasks, tmp_path):
    """Its four samples are no whole first slice of the other rule, which has eight."""
    start(pool, tasks, tmp_path / "run", stop_after(37), capture=0.5, baselines=())
    session = start(pool, tasks, tmp_path / "run", capture=1, baselines=())
    assert any("this race was begun with a capture of at most" in said for said in session.manifest.warnings["score"])
    assert reached(tmp_path / "run")[:2] == [4, 8]


@pytest.mark.parametrize(("settings", "first"), [({"schedule": "uniform"}, 8), ({}, 4), ({"budget": "9k tokens"}, 1)])
def test_other_ways_to_measure_look_as_early_as_ever(start, long_pool, tasks, tmp_path, settings, first):
    """All candidates on every slice, candidates at rest, and a budget."""
    start(long_pool, tasks, tmp_path / "run", capture=0.5, baselines=(), **settings)
    assert reached(tmp_path / "run")[0] == first
