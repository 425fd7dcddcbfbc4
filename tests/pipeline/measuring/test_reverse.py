"""The scorer `reverse` in a run: which contexts it measures, what it reads, races over contexts, stops and resumes."""

from collections import Counter

import pytest

import icon
from icon.errors import InterruptedRun
from icon.pipeline.schedule import in_race_order
from icon.testing import FakeBackend

REVERSE = {"scorer": "reverse", "baselines": (), "equal_length": "none"}
RACE = {**REVERSE, "scorer_options": {"contexts": 34}}


class Counting(FakeBackend):
    """Counts the passes per context, and those over each response."""

    def __init__(self):
        super().__init__()
        self.passes, self.bare = Counter(), Counter()

    def score(self, context, targets):
        self.passes[context] += len(targets)
        self.bare.update(target.response for target in targets if not context)
        return super().score(context, targets)


def demonstration(sample, template):
    return template.demonstration(sample) + template.separator


def test_each_candidate_is_measured_on_the_first_four_samples_of_the_stratified_order(
    start, pool, tasks, tmp_path, pairs_in
):
    backend = Counting()
    opened = start(pool, tasks, tmp_path / "run", make=lambda: backend, **REVERSE)
    first = in_race_order(icon.load_samples(tasks), opened.run.config.seed)[:4]
    pairs = pairs_in(tmp_path / "run")
    assert {sample for _, sample in pairs} == {sample.id for sample in first}
    assert len(pairs) == 36 * 4
    assert backend.passes == {"": 36, **{demonstration(sample, opened.model.template): 36 for sample in first}}


def test_scores_are_those_of_plain_passes_one_at_a_time(start, pool, tasks, tmp_path):
    opened = start(pool, tasks, tmp_path / "run", **REVERSE)
    template, backend = opened.model.template, FakeBackend()
    first = in_race_order(icon.load_samples(tasks), opened.run.config.seed)[:4]
    contexts = [demonstration(sample, template) for sample in first]
    rows = {row.id: row.score for row in icon.load_run(tmp_path / "run").rows}
    for sample in icon.load_samples(pool):
        (bare,) = backend.score("", [template.target(sample)])
        given = [backend.score(context, [template.target(sample)])[0].nll for context in contexts]
        expected = sum((bare.nll - nll) / bare.nll for nll in given) / 4
        assert rows[sample.id] == pytest.approx(expected, rel=1e-12)


def test_a_race_over_contexts_begins_with_two_of_them_and_reads_each_response_alone_once(start, pool, tasks, tmp_path):
    backend = Counting()
    opened = start(pool, tasks, tmp_path / "run", make=lambda: backend, capture=1, **RACE)
    path = opened.manifest.stages.score.race.path
    assert [step.samples for step in path[:3]] == [2, 4, 8]
    assert set(backend.bare.values()) == {1}
    assert len(backend.bare) == 36
    assert sum(backend.passes.values()) == 36 + path[-1].pairs


def test_a_uniform_race_to_the_end_has_the_scores_of_the_exact_schedule(start, pool, tasks, tmp_path):
    settings = {**RACE, "scorer_options": {"contexts": 34, "shots": 2}, "capture": 1, "confidence": 0.999999}
    start(pool, tasks, tmp_path / "raced", schedule="uniform", **settings)
    start(pool, tasks, tmp_path / "exact", schedule="exact", **settings)
    raced, exact = ({row.id: row.score for row in icon.load_run(tmp_path / name).rows} for name in ("raced", "exact"))
    assert raced == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("settings", [REVERSE, RACE], ids=["exact", "race"])
@pytest.mark.usefixtures("small_parts")
def test_a_run_that_is_stopped_and_resumed_comes_out_the_same(
    start, stop_after, pool, tasks, tmp_path, contents, settings
):
    start(pool, tasks, tmp_path / "whole", **settings)
    with pytest.raises(InterruptedRun):
        start(pool, tasks, tmp_path / "run", stop_after(20), **settings)
    start(pool, tasks, tmp_path / "run", **settings)
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_what_ppl_has_measured_is_not_read_again(start, pool, tasks, tmp_path):
    backend = Counting()
    start(pool, tasks, tmp_path / "run", make=lambda: backend, **{**REVERSE, "baselines": ("ppl",)})
    assert set(backend.bare.values()) == {1}


def test_ppl_reads_nothing_that_reverse_has_measured(start, pool, tasks, tmp_path):
    backend = Counting()
    opened = start(pool, tasks, tmp_path / "run", make=lambda: backend, **REVERSE)
    before = sum(backend.passes.values())
    opened.score("ppl")
    opened.select()
    assert sum(backend.passes.values()) == before
    assert all(row.baselines["ppl"] < 0 for row in icon.load_run(tmp_path / "run").rows)


@pytest.mark.usefixtures("small_parts")
def test_a_budget_of_passes_is_kept(start, pool, tasks, tmp_path):
    backend = Counting()
    opened = start(pool, tasks, tmp_path / "run", make=lambda: backend, capture=1, budget="150 passes", **RACE)
    assert opened.manifest.results.race.ended == "budget"
    assert 100 < sum(backend.passes.values()) <= 150


def test_its_pairs_are_verified(start, pool, tasks, tmp_path):
    start(pool, tasks, tmp_path / "run", **{**REVERSE, "scorer_options": {"shots": 2}})
    found = icon.verify(icon.load_run(tmp_path / "run"), pairs=10, backend=FakeBackend())
    assert found["pairs"] == 10
    assert found["failed"] == []
