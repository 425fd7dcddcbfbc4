"""The contract of a selector as tests: subclass `SelectorSuite` and say how to make yours.

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
"""The last one is more than `top` can give: there are fewer scored candidates."""

WORDS = "river bridge winter garden engine letter market teacher harbour bottle window colour"
GROUPS = ["code", "two\nlines", None]
SEED = 7


class SelectorSuite:
    """What every selector keeps."""

    @pytest.fixture
    def make_selector(self) -> Callable[[], Selector]:
        """What makes a new selector: override this one."""
        raise NotImplementedError("a subclass says how to make the selector: a fixture make_selector")

    @pytest.fixture
    def candidates(self) -> list[Sample]:
        """Samples with groups and sources, some without, in no order of their ids; some resemble one another."""
        return _samples()

    @pytest.fixture
    def scores(self, candidates: list[Sample]) -> dict[str, float]:
        """Scores of two thirds of the candidates, some of them equal."""
        return {sample.id: float(row % 25) for row, sample in enumerate(candidates) if row % 3}

    @pytest.fixture
    def backend(self, make_selector: Callable[[], Selector]) -> Backend | None:
        """The backend, where the selector asks for one."""
        return FakeBackend() if make_selector().needs_backend else None

    @pytest.fixture
    def select(
        self,
        make_selector: Callable[[], Selector],
        candidates: list[Sample],
        scores: dict[str, float],
        backend: Backend | None,
    ) -> Callable[..., Selection]:
        """Selects with a new selector; what is not given is that of the fixtures."""

        def selected(**given: Any) -> Selection:
            told = {"candidates": candidates, "scores": scores, "keep": KEEPS[0], "seed": SEED, "backend": backend}
            return make_selector().select(SelectionTask(**{**told, **given}))

        return selected

    @pytest.fixture(params=KEEPS, ids=str)
    def keep(self, request: pytest.FixtureRequest) -> Keep:
        """Shares and counts."""
        kept: Keep = request.param
        return kept

    def test_says_what_it_needs(self, make_selector: Callable[[], Selector]) -> None:
        selector = make_selector()
        assert isinstance(selector.needs_backend, bool)
        assert selector.fewest_scored >= 1

    def test_gives_one_decision_a_candidate_in_the_order_given(
        self, select: Callable[..., Selection], candidates: list[Sample]
    ) -> None:
        assert [decision.id for decision in select().decisions] == [sample.id for sample in candidates]

    def test_selects_the_share_or_count_of_what_it_ranks(self, select: Callable[..., Selection], keep: Keep) -> None:
        decisions = select(keep=keep).decisions
        ranked = [decision for decision in decisions if decision.rank is not None]
        assert sum(decision.selected for decision in decisions) == keep.of(len(ranked))

    def test_ranks_every_scored_candidate(self, select: Callable[..., Selection], scores: dict[str, float]) -> None:
        ranks = {decision.id: decision.rank for decision in select().decisions}
        assert [id_ for id_ in scores if ranks[id_] is None] == []

    def test_ranks_count_from_one_and_the_selected_come_first(
        self, select: Callable[..., Selection], keep: Keep
    ) -> None:
        decisions = select(keep=keep).decisions
        ranked = sorted((each for each in decisions if each.rank is not None), key=lambda each: each.rank or 0)
        assert [decision.rank for decision in ranked] == list(range(1, len(ranked) + 1))
        n = sum(decision.selected for decision in decisions)
        assert [decision.selected for decision in ranked] == [True] * n + [False] * (len(ranked) - n)

    def test_says_why_of_every_candidate_on_one_line(self, select: Callable[..., Selection], keep: Keep) -> None:
        for decision in select(keep=keep).decisions:
            assert decision.reason.strip()
            assert decision.reason.splitlines() == [decision.reason]

    def test_a_probability_is_one(self, select: Callable[..., Selection]) -> None:
        given = [each.probability for each in select().decisions if each.probability is not None]
        assert all(0 <= each <= 1 for each in given)

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

    def test_the_order_of_candidates_and_scores_plays_no_part(
        self, select: Callable[..., Selection], candidates: list[Sample], scores: dict[str, float], keep: Keep
    ) -> None:
        shuffled = random.Random(1).sample(candidates, len(candidates))
        others = dict(random.Random(2).sample(sorted(scores.items()), len(scores)))
        again = select(candidates=shuffled, scores=others, keep=keep)
        assert [decision.id for decision in again.decisions] == [sample.id for sample in shuffled]
        assert _plain(again) == _plain(select(keep=keep))

    def test_scores_of_samples_that_are_no_candidates_play_no_part(
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
    def test_a_score_that_is_no_number_is_refused(
        self, select: Callable[..., Selection], scores: dict[str, float], score: float
    ) -> None:
        struck = sorted(scores)[len(scores) // 2]
        with pytest.raises(PluginError, match=struck):
            select(scores={**scores, struck: score})

    def test_leaves_what_it_is_given_alone(
        self, select: Callable[..., Selection], candidates: list[Sample], scores: dict[str, float]
    ) -> None:
        before = list(candidates), dict(scores)
        select()
        assert (candidates, scores) == before

    def test_quality_can_be_written_down_and_warnings_are_lines(self, select: Callable[..., Selection]) -> None:
        selection = select(keep=KEEPS[-1])
        assert json.loads(json.dumps(selection.quality, allow_nan=False)) == selection.quality
        assert all(warning.splitlines() == [warning] for warning in selection.warnings)

    def test_progress_never_exceeds_its_total(self, select: Callable[..., Selection]) -> None:
        told: list[tuple[int, int, str]] = []
        select(progress=lambda *each: told.append(each))
        assert all(0 <= done <= total and isinstance(note, str) for done, total, note in told)


def _samples() -> list[Sample]:
    generator = random.Random(SEED)
    found = []
    for row in range(N_CANDIDATES):
        messages = (Message("user", f"Tell of the {generator.choice(WORDS.split())}."),)
        response = f"{' '.join(generator.choices(WORDS.split(), k=3 + row % 4))} {row}"
        id_ = content_id(messages, "", response)
        found.append(Sample(id_, row, messages, response, group=GROUPS[row % 3], source=GROUPS[row % 2]))
    return found


def _plain(selection: Selection) -> tuple[list[Decision], dict[str, Any], list[str]]:
    """Everything that a selection says, in an order of its own."""
    decisions = sorted(selection.decisions, key=lambda decision: decision.id)
    return decisions, dict(selection.quality), list(selection.warnings)
