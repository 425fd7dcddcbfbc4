"""Token examples at the end of a run: few, chosen by rule, within an allowance, and measured once."""

import pytest

from icon.results import explain
from icon.results.explain import _examples
from icon.results.explain._examples import choose
from icon.runs.files import read_details
from icon.runs.scores import read_scores
from icon.scorers.passes import Outcome
from icon.testing import FakeBackend
from icon.types import ScoreRow


def row(id_, score, rank, selected=False):
    return ScoreRow(id_, 0, 0, "scored", "", "", score=score, rank=rank, selected=selected)


def test_the_best_the_worst_the_one_at_the_cut_and_the_second_best_are_chosen():
    rows = [row(f"c{i}", 1 - i / 10, i + 1, i < 4) for i in range(9)]
    assert choose(rows) == ["c0", "c8", "c3", "c1"]  # four are kept: the fourth is nearest the cut


def test_the_cut_is_the_selectors_where_that_ranks_otherwise():
    rows = [row("a", 0.9, 3), row("b", 0.8, 1, True), row("c", 0.7, 2), row("d", None, 4)]
    assert choose(rows) == ["a", "c", "b"]  # b is kept, and the second best as well


def test_a_candidate_is_chosen_once_and_none_where_none_is_scored():
    assert choose([row("a", 0.9, 1, True)]) == ["a"]
    assert choose([row("a", None, None)]) == []


@pytest.fixture
def session(start, pool, tasks, tmp_path):
    """A finished run whose model is still open."""
    return start(pool, tasks, tmp_path / "run", on_bad_row="skip", keep=4)


def test_each_example_is_a_pair_of_a_chosen_candidate_and_lies_with_the_run(session):
    (session.directory.explained).unlink(missing_ok=True)
    found = explain.examples(session.run, session.model, session.pool)
    chosen = choose(read_scores(session.directory.scores))
    assert found == read_details(session.directory.explained)
    assert {row.candidate for row in found} == set(chosen)
    assert len({(row.candidate, row.assessment) for row in found}) == len(found) <= 2 * len(chosen)


def test_they_are_not_measured_again_and_need_no_model_then(session):
    first = explain.examples(session.run, session.model, session.pool)
    before = session.model.tokens_evaluated
    assert explain.examples(session.run, session.model, session.pool) == first
    assert session.model.tokens_evaluated == before
    session.model.close()
    session.run.stage = "report"
    assert explain.examples(session.run, session.model, session.pool) == first
    assert not session.model.is_open
    assert not session.manifest.warnings.get("report")


def test_no_model_is_opened_for_them(session):
    session.directory.explained.unlink(missing_ok=True)
    session.model.close()
    session.run.stage = "report"
    assert explain.examples(session.run, session.model, session.pool) == []
    assert not session.model.is_open
    assert not session.directory.explained.exists()


@pytest.fixture
def unstored(start, pool, tasks, tmp_path):
    """A finished run whose scorer keeps no tokens: a control of its own for every length."""
    settings = {"scorer_options": {"control": "paired"}, "on_bad_row": "skip", "keep": 4}
    return start(pool, tasks, tmp_path / "run", **settings)


@pytest.mark.parametrize("schedule", ["exact", "race"])
def test_nothing_is_read_for_them_since_the_parts_have_their_tokens(
    start, pool, tasks, tmp_path, monkeypatch, schedule
):
    monkeypatch.setattr(_examples, "FEWEST_TOKENS", 1)
    monkeypatch.setattr(_examples, "SHARE", 0)
    settings = {"schedule": schedule, "baselines": (), "report": True, "on_bad_row": "skip", "keep": 4}
    made = start(pool, tasks, tmp_path / "run", **settings)
    assert made.model.tokens_evaluated == made.manifest.times.tokens_evaluated  # those of the scoring
    found = read_details(made.directory.explained)
    assert list(dict.fromkeys(row.candidate for row in found)) == choose(read_scores(made.directory.scores))


def test_they_are_those_of_passes_made_again(start, pool, tasks, tmp_path, monkeypatch):
    monkeypatch.setattr(_examples, "FEWEST_TOKENS", 10**6)
    settings = {"on_bad_row": "skip", "keep": 4, "report": True, "scorer_options": {"match": "tokens"}}
    kept = read_details(start(pool, tasks, tmp_path / "run", **settings).directory.explained)
    monkeypatch.setattr(Outcome, "logprobs", None)  # a scorer that keeps none
    measured = read_details(start(pool, tasks, tmp_path / "again", **settings).directory.explained)
    assert [(row.candidate, row.assessment, row.pieces) for row in kept] == [
        (row.candidate, row.assessment, row.pieces) for row in measured
    ]
    for one, other in zip(kept, measured, strict=True):
        assert one.given == pytest.approx(other.given, rel=1e-6)  # parts have them as float32
        assert one.control == pytest.approx(other.control, rel=1e-6)


def test_the_allowance_bounds_what_is_read_and_the_best_candidate_is_always_there(unstored, monkeypatch):
    session = unstored

    def read(fewest, share):
        session.directory.explained.unlink(missing_ok=True)
        monkeypatch.setattr(_examples, "FEWEST_TOKENS", fewest)
        monkeypatch.setattr(_examples, "SHARE", share)
        before = session.model.tokens_evaluated
        found = explain.examples(session.run, session.model, session.pool)
        return list(dict.fromkeys(row.candidate for row in found)), session.model.tokens_evaluated - before

    chosen = choose(read_scores(session.directory.scores))
    assert read(1, 0)[0] == chosen[:1]
    everything, tokens = read(10**6, 0)
    assert everything == chosen
    two, fewer = read(tokens // 2, 0)
    assert two == chosen[: len(two)]
    assert fewer < tokens
    # 16 candidates on 6 samples: a share of 1 is far more than the examples need, and of 0 nothing
    assert read(1, 1)[0] == chosen


def test_a_scorer_without_tokens_has_no_examples(start, pool, tasks, tmp_path):
    made = start(pool, tasks, tmp_path / "run", on_bad_row="skip", scorer="ppl", baselines=("length",))
    assert explain.examples(made.run, made.model, made.pool) == []
    assert not made.directory.explained.exists()


def test_what_cannot_be_measured_is_noted(start, pool, tasks, tmp_path):
    session = start(pool, tasks, tmp_path / "run", on_bad_row="skip", scorer_options={"control": "paired"})
    session.directory.explained.unlink(missing_ok=True)
    session.model.measure_with(FakeBackend(context_length=5))
    session.run.stage = "report"
    assert explain.examples(session.run, session.model, session.pool) == []
    assert any("could not be measured: too_long" in each for each in session.manifest.warnings["report"])
