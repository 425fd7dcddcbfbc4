"""The contract of a selector as tests: subclass `SelectorSuite` with a fixture that makes yours.

    class TestMySelector(SelectorSuite):
        @pytest.fixture
        def make_selector(self):
            return lambda: MySelector(MyOptions())

The rules are those of `icon.plugins.Selector`. Override `candidates`, `scores` or `backend` where yours needs others.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from icon.errors import PluginError
from icon.plugins import Backend, SelectionTask, Selector
from icon.samples.making import content_id
from icon.testing._fake_backend import FakeBackend
from icon.types import Decision, Keep, Message, Sample, Selection

N_CANDIDATES, N_SCORED = 90, 60
KEEPS = [Keep(share=0.2), Keep(share=0.5), Keep(count=7), Keep(count=N_CANDIDATES - 5)]
"""The last one is more than `top` can select: there are fewer scored candidates."""

WORDS = "river bridge winter garden engine letter market teacher harbour bottle window colour"
GROUPS = ["code", "two\nlines", None]
SEED = 7


class SelectorSuite:
    """Tests that every selector passes."""

    @pytest.fixture
    def make_selector(self) -> Callable[[], Selector]:
        """A function that makes a new selector: override this fixture."""
        raise NotImplementedError("a subclass needs a fixture make_selector, which makes the selector")

    @pytest.fixture
    def candidates(self) -> list[Sample]:
        """Samples with and without groups and sources, not in the order of their ids; some are similar."""
        return _samples()

    @pytest.fixture
    def scores(self, candidates: list[Sample]) -> dict[str, float]:
        """Scores of two thirds of the candidates, some of them equal."""
        return {sample.id: float(row % 25) for row, sample in enumerate(candidates) if row % 3}

    @pytest.fixture
    def backend(self, make_selector: Callable[[], Selector]) -> Backend | None:
        """The selector's backend, if it needs one."""
        return FakeBackend() if make_selector().needs_backend else None

    @pytest.fixture
    def select(
        self,
        make_selector: Callable[[], Selector],
        candidates: list[Sample],
        scores: dict[str, float],
        backend: Backend | None,
    ) -> Callable[..., Selection]:
        """A function that selects with a new selector; arguments not given are those of the fixtures."""

        def selected(**given: Any) -> Selection:
            task = {"candidates": candidates, "scores": scores, "keep": KEEPS[0], "seed": SEED, "backend": backend}
            return make_selector().select(SelectionTask(**{**task, **given}))

        return selected

    @pytest.fixture(params=KEEPS, ids=str)
    def keep(self, request: pytest.FixtureRequest) -> Keep:
        """Shares and counts to keep."""
        kept: Keep = request.param
        return kept

    def test_declares_its_needs(self, make_selector: Callable[[], Selector]) -> None:
        selector = make_selector()
        assert isinstance(selector.needs_backend, bool)
        assert selector.fewest_scored >= 1

    def test_gives_one_decision_per_candidate_in_the_order_given(
        self, select: Callable[..., Selection], candidates: list[Sample]
    ) -> None:
        assert [decision.id for decision in select().decisions] == [sample.id for sample in candidates]

    def test_selects_the_share_of_all_candidates_or_the_count_as_far_as_it_ranks_them(
        self, select: Callable[..., Selection], keep: Keep, candidates: list[Sample]
    ) -> None:
        decisions = select(keep=keep).decisions
        ranked = sum(decision.rank is not None for decision in decisions)
        assert sum(decision.selected for decision in decisions) == min(ranked, keep.of(len(candidates)))

    def test_a_share_does_not_depend_on_how_many_were_to_be_scored(
        self, select: Callable[..., Selection], candidates: list[Sample], scores: dict[str, float]
    ) -> None:
        measured = len(scores) + (len(candidates) - len(scores)) // 2  # some of the candidates without a score failed
        chosen = [select(keep=KEEPS[1], measured=n).decisions for n in (measured, len(scores))]
        assert chosen[0] == chosen[1]

    def test_ranks_every_scored_candidate(self, select: Callable[..., Selection], scores: dict[str, float]) -> None:
        ranks = {decision.id: decision.rank for decision in select().decisions}
        assert [id_ for id_ in scores if ranks[id_] is None] == []

    def test_ranks_count_from_one_and_the_selected_come_first(
        self, select: Callable[..., Selection], keep: Keep
    ) -> None:
        decisions = select(keep=keep).decisions
        ranked = sorted((one for one in decisions if one.rank is not None), key=lambda one: one.rank or 0)
        assert [decision.rank for decision in ranked] == list(range(1, len(ranked) + 1))
        n = sum(decision.selected for decision in decisions)
        assert [decision.selected for decision in ranked] == [True] * n + [False] * (len(ranked) - n)

    def test_gives_a_reason_of_one_line_for_every_candidate(self, select: Callable[..., Selection], keep: Keep) -> None:
        for decision in select(keep=keep).decisions:
            assert decision.reason.strip()
            assert decision.reason.splitlines() == [decision.reason]

    def test_a_probability_is_between_0_and_1(self, select: Callable[..., Selection]) -> None:
        probabilities = [one.probability for one in select().decisions if one.probability is not None]
        assert all(0 <= probability <= 1 for probability in probabilities)

    def test_one_selector_selects_the_same_twice(
        self,
        make_selector: Callable[[], Selector],
        candidates: list[Sample],
        scores: dict[str, float],
        backend: Backend | None,
    ) -> None:
        selector = make_selector()
        task = SelectionTask(candidates, scores, KEEPS[0], SEED, backend)
        assert _plain(selector.select(task)) == _plain(selector.select(task))

    def test_the_order_of_candidates_and_scores_does_not_matter(
        self, select: Callable[..., Selection], candidates: list[Sample], scores: dict[str, float], keep: Keep
    ) -> None:
        shuffled = random.Random(1).sample(candidates, len(candidates))
        others = dict(random.Random(2).sample(sorted(scores.items()), len(scores)))
        again = select(candidates=shuffled, scores=others, keep=keep)
        assert [decision.id for decision in again.decisions] == [sample.id for sample in shuffled]
        assert _plain(again) == _plain(select(keep=keep))

    def test_scores_of_samples_that_are_not_candidates_are_ignored(
        self, select: Callable[..., Selection], scores: dict[str, float]
    ) -> None:
        strangers = {"no candidate": 1e9, "nor this one": math.nan}
        assert _plain(select(scores={**strangers, **scores})) == _plain(select())

    def test_works_where_every_candidate_is_scored(
        self, select: Callable[..., Selection], candidates: list[Sample]
    ) -> None:
        decisions = select(scores={sample.id: float(row) for row, sample in enumerate(candidates)}).decisions
        assert sum(decision.selected for decision in decisions) == KEEPS[0].of(len(candidates))

    @pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
    def test_a_score_that_is_not_finite_is_refused(
        self, select: Callable[..., Selection], scores: dict[str, float], score: float
    ) -> None:
        struck = sorted(scores)[len(scores) // 2]
        with pytest.raises(PluginError, match=struck):
            select(scores={**scores, struck: score})

    def test_does_not_change_its_input(
        self, select: Callable[..., Selection], candidates: list[Sample], scores: dict[str, float]
    ) -> None:
        before = list(candidates), dict(scores)
        select()
        assert (candidates, scores) == before

    def test_quality_is_json_and_warnings_are_lines(self, select: Callable[..., Selection]) -> None:
        selection = select(keep=KEEPS[-1])
        assert json.loads(json.dumps(selection.quality, allow_nan=False)) == selection.quality
        assert all(warning.splitlines() == [warning] for warning in selection.warnings)

    def test_progress_never_exceeds_its_total(self, select: Callable[..., Selection]) -> None:
        reports: list[tuple[int, int, str]] = []
        select(progress=lambda *report: reports.append(report))
        assert all(0 <= done <= total and isinstance(note, str) for done, total, note in reports)


def _samples() -> list[Sample]:
    generator = random.Random(SEED)
    samples = []
    for row in range(N_CANDIDATES):
        messages = (Message("user", f"Tell of the {generator.choice(WORDS.split())}."),)
        response = f"{' '.join(generator.choices(WORDS.split(), k=3 + row % 4))} {row}"
        id_ = content_id(messages, "", response)
        samples.append(Sample(id_, row, messages, response, group=GROUPS[row % 3], source=GROUPS[row % 2]))
    return samples


def _plain(selection: Selection) -> tuple[list[Decision], dict[str, Any], list[str]]:
    """All of a selection, decisions in the order of their ids."""
    decisions = sorted(selection.decisions, key=lambda decision: decision.id)
    return decisions, dict(selection.quality), list(selection.warnings)
