"""Kept tokens: of each candidate its best and worst pair, of shared passes all, never more than there is room for."""

import pytest

from icon.plugins import ScoringTask
from icon.results.explain._pairs import Pair, best_first
from icon.samples.templates import load_template
from icon.scorers import IconOptions, IconScorer
from icon.scorers.kept_tokens import ENTRY, KeptTokens, keeping, kept_now
from icon.scorers.received import measured, shared_of
from icon.scorers.rendering import render_demonstration
from icon.testing import FakeBackend
from icon.types import Measurement, Message, Sample, Status, Target, TokenLogProbs


def result(*logprobs):
    return TokenLogProbs(tuple(range(len(logprobs))), logprobs)


def rows(**effects):
    return [Measurement("t", name, c=effect) for name, effect in effects.items()]


def noted(kept, **effects):
    for name, effect in effects.items():
        kept.note_pair("t", name, "shown", result(-1.0, effect - 10))
    kept.settle("t", rows(**effects))
    return [name for name in "abcdefgh" if kept.pair("t", name, "shown")]


def test_the_pair_that_was_helped_most_and_the_one_that_was_hurt_most_remain():
    kept = KeptTokens()
    assert noted(kept, a=0.1, b=0.9, c=-0.3, d=0.2) == ["b", "c"]
    assert kept.pair("t", "b", "shown") == TokenLogProbs((0, 1), (-1.0, -9.1))


def test_over_the_slices_of_a_race_they_are_those_of_all_slices():
    kept = KeptTokens()
    noted(kept, a=0.5, b=-0.5)
    assert noted(kept, c=0.4, d=-0.9) == ["a", "d"]
    assert noted(kept, e=0.6) == ["d", "e"]


def test_of_pairs_with_one_effect_those_remain_that_the_report_shows():
    kept = KeptTokens()
    names = noted(kept, c=0.5, a=0.5, b=0.1, d=0.1)
    pairs = best_first([Pair(row, None) for row in rows(c=0.5, a=0.5, b=0.1, d=0.1)])
    assert names == sorted(pair.key[1] for pair in (pairs[0], pairs[-1])) == ["a", "d"]


def test_there_is_never_more_than_there_is_room_for_and_what_is_dropped_makes_room():
    kept = KeptTokens(2 * (2 + ENTRY))
    assert noted(kept, a=0.5, b=-0.5) == ["a", "b"]  # two of two tokens: full
    kept.note_pair("u", "a", "shown", result(-1.0))
    kept.note_shared("noise", [Target("p", "r")], [result(-1.0)])
    assert (kept.pair("u", "a", "shown"), kept.shared("noise", Target("p", "r"))) == (None, None)
    kept.settle("t", rows(c=0.9))  # which is not kept itself, but is better than a
    kept.note_pair("u", "a", "shown", result(-1.0, -2.0))
    assert kept.pair("u", "a", "shown") is not None


def test_shared_passes_which_come_first_leave_a_third_of_the_room_for_pairs():
    kept = KeptTokens(3 * (1 + ENTRY))
    targets = [Target("p", name) for name in "abc"]
    kept.note_shared("noise", targets, [result(-1.0)] * 3)
    assert [kept.shared("noise", target) is not None for target in targets] == [True, True, False]
    kept.note_pair("t", "a", "shown", result(-1.0))
    assert kept.pair("t", "a", "shown") == result(-1.0)


def test_a_pass_that_failed_is_not_kept():
    kept = KeptTokens()
    kept.note_pair("t", "a", "shown", TokenLogProbs((1,), (), Status.TOO_LONG, "too long"))
    assert kept.pair("t", "a", "shown") is None


def test_a_pass_over_the_same_pair_conditioned_on_something_else_is_not_taken_for_it():
    kept = KeptTokens()
    kept.note_pair("t", "a", "its own control", result(-5.0))
    kept.note_pair("t", "a", "the demonstration", result(-1.0))
    kept.note_pair("t", "b", "its own control", result(-6.0))
    kept.settle("t", rows(a=0.5, b=0.4, c=-0.4))
    assert kept.pair("t", "a", "the demonstration") == result(-1.0)
    assert kept.pair("t", "a", "another") is None
    assert kept.pair("t", "b", "its own control") is None


@pytest.mark.parametrize("control", ["random", "paired", "none"])
def test_a_scorer_that_is_measured_keeps_the_passes_that_its_numbers_are_made_of(control):
    samples = [Sample(f"s{i}", i, (Message("user", f"task {i}"),), "amber birch cedar"[: 5 + 6 * i]) for i in range(3)]
    shown = Sample("t", 9, (Message("user", "a question"),), "an answer with birch")
    scorer = IconScorer(IconOptions(control=control))
    task = ScoringTask(FakeBackend(), load_template("alpaca"), samples, 0, 100, 100, 100, truncate=False)
    kept = KeptTokens()
    with keeping(kept):
        shared_of(scorer, task, [])
        found = next(measured(scorer, [shown], samples))
    assert kept_now() is None
    by_id = {row.assessment: row for row in found}
    best = max(found, key=lambda row: row.c)
    demonstration = render_demonstration(shown, task).text
    given = kept.pair("t", best.assessment, demonstration)
    assert given.nll == pytest.approx(by_id[best.assessment].nll)
    contexts = next(iter(scorer.compared_with(task, [shown])))[int(best.assessment[1])]
    target = scorer.targets[int(best.assessment[1])]
    mean = sum(weight * kept.shared(text, target).nll for weight, text in contexts)
    assert mean - given.nll == pytest.approx(best.log_gain)
