"""The contract of a scorer as tests: subclass `ScorerSuite` with a fixture that builds yours.

    class TestMyScorer(ScorerSuite):
        hooks = "my_scorer"

        @pytest.fixture
        def make_scorer(self):
            return lambda: MyScorer(MyOptions())

The rules are those of `icon.plugins.ContributionScorer`. The scorer gets the fake backend and a small assessment
set, each only if it needs one: override `backend`, `plain_backend`, `faulty_backend` and `assessment` for others.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from icon.errors import InputError
from icon.plugins import Backend, ContributionScorer, ScoringTask, TogetherScorer
from icon.samples.templates import load_template
from icon.testing._fake_backend import FakeBackend
from icon.testing.cases import ASSESSMENT, CANDIDATES, NUMBERS, assert_reported, columns, measured, recording, true_nlls
from icon.types import Measurement, Sample, Status

HEAVY = {"numpy", "scipy", "sklearn", "datasets", "pyarrow", "torch", "transformers", "llama_cpp"}


class ScorerSuite:
    """Tests that every scorer passes.

    Attributes:
        hooks: The module with the scorer's hook, to check that listing it imports nothing heavy.
        tolerance: Largest difference between two numbers of one measurement that other candidates in the same call may
            cause: 0 with the fake backend, the rounding of a real one.
        poison: The word that `faulty_backend` cannot score.
    """

    hooks: ClassVar[str] = ""
    tolerance: ClassVar[float] = 0.0
    poison: ClassVar[str] = "quagga"

    @pytest.fixture
    def make_scorer(self) -> Callable[[], ContributionScorer]:
        """A function that builds a new scorer: override this fixture."""
        raise NotImplementedError("a subclass needs a fixture make_scorer, which builds the scorer")

    @pytest.fixture
    def backend(self) -> Backend:
        """The scorer's backend, if it needs one."""
        return FakeBackend()

    @pytest.fixture
    def plain_backend(self) -> Backend:
        """The backend in the tests of failures and limits; override it where the scorer needs a model of a kind."""
        return FakeBackend()

    @pytest.fixture
    def faulty_backend(self) -> Backend:
        """The same, unable to score a text that contains `poison`."""
        return FakeBackend(faults={self.poison: Status.OUT_OF_MEMORY})

    @pytest.fixture
    def assessment(self) -> Sequence[Sample]:
        """The scorer's assessment set, if it needs one."""
        return ASSESSMENT

    @pytest.fixture
    def task(
        self, make_scorer: Callable[[], ContributionScorer], backend: Backend, assessment: Sequence[Sample]
    ) -> ScoringTask:
        """A task with what the scorer says it needs, and no more."""
        scorer, template = make_scorer(), load_template("paper")
        given = assessment if scorer.needs_assessment else ()
        return ScoringTask(backend if scorer.needs_backend else None, template, given, 7, 1024, 2040, 1024, True)

    def assert_near(self, one: Sequence[Measurement], other: Sequence[Measurement]) -> None:
        """Assert equal rows and, within the tolerance, equal numbers."""
        blank = dict.fromkeys((*NUMBERS, "given", "control"))  # tokens are not those of a pass that is known already
        assert [replace(row, **blank) for row in one] == [replace(row, **blank) for row in other]  # type: ignore[arg-type]
        for name in NUMBERS:
            ours, theirs = ([getattr(row, name) for row in rows] for rows in (one, other))
            assert [a is None for a in ours] == [b is None for b in theirs], name
            pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None]
            assert all(math.isclose(a, b, rel_tol=self.tolerance, abs_tol=self.tolerance) for a, b in pairs), name

    def test_declares_its_needs_and_its_column(self, make_scorer: Any) -> None:
        scorer = make_scorer()
        assert isinstance(scorer.needs_backend, bool)
        assert isinstance(scorer.needs_assessment, bool)
        assert scorer.column in ("c", "log_gain", "value")
        assert all(callable(getattr(scorer, name)) for name in ("prepare", "measure", "score"))

    def test_gives_one_list_per_candidate_in_order_with_one_row_per_assessment_sample(
        self, make_scorer: Any, task: ScoringTask
    ) -> None:
        expected = [sample.id for sample in task.assessment] if make_scorer().needs_assessment else [None]
        for candidate, rows in zip(CANDIDATES, measured(make_scorer(), task), strict=True):
            assert {row.candidate for row in rows} == {candidate.id}
            assert [row.status for row in rows] == [Status.OK] * len(rows), [row.reason for row in rows]
            assert [row.assessment for row in rows] == expected

    def test_numbers_are_finite_and_the_column_is_filled(self, make_scorer: Any, task: ScoringTask) -> None:
        for row in [row for rows in measured(make_scorer(), task) for row in rows]:
            numbers = [getattr(row, name) for name in NUMBERS]
            assert all(math.isfinite(number) for number in numbers if number is not None)
            assert getattr(row, make_scorer().column) is not None

    def test_a_candidate_measures_the_same_alone_as_among_others(self, make_scorer: Any, task: ScoringTask) -> None:
        for candidate, rows in zip(CANDIDATES, measured(make_scorer(), task), strict=True):
            (alone,) = measured(make_scorer(), task, [candidate])
            self.assert_near(alone, rows)

    def test_the_order_of_the_candidates_does_not_matter(self, make_scorer: Any, task: ScoringTask) -> None:
        forward, backward = measured(make_scorer(), task), measured(make_scorer(), task, CANDIDATES[::-1])
        for one, other in zip(forward, backward[::-1], strict=True):
            self.assert_near(one, other)

    def test_measuring_twice_gives_the_same(self, make_scorer: Any, task: ScoringTask) -> None:
        scorer = make_scorer()
        first = measured(scorer, task)
        again = [list(rows) for rows in scorer.measure(CANDIDATES)]
        for one, other in zip(first, again, strict=True):
            self.assert_near(one, other)

    def test_continues_from_what_an_interrupted_run_has_prepared(self, make_scorer: Any, task: ScoringTask) -> None:
        shared = make_scorer().prepare(task, [])
        second = make_scorer()
        assert second.prepare(task, shared) == shared
        for one, other in zip(measured(make_scorer(), task), second.measure(CANDIDATES), strict=True):
            self.assert_near(one, other)

    def test_uses_known_measurements_as_its_own(self, make_scorer: Any, task: ScoringTask) -> None:
        rows = measured(make_scorer(), task)
        flat = [*make_scorer().prepare(task, []), *(row for own in rows for row in own)]
        known = {(row.candidate, row.assessment): row for row in flat if (row.nll, row.nll_alone) != (None, None)}
        for one, other in zip(rows, measured(make_scorer(), replace(task, known=known)), strict=True):
            self.assert_near(one, other)

    def test_a_score_is_finite_and_depends_on_the_measurements_alone(self, make_scorer: Any, task: ScoringTask) -> None:
        """A run reads its parts back and scores them with a scorer that was never prepared."""
        scorer = make_scorer()
        for rows in measured(scorer, task):
            score = scorer.score(*columns(rows))
            assert isinstance(score, float)
            assert math.isfinite(score)
            assert make_scorer().score(*columns(rows)) == score

    def test_a_failure_has_a_status_and_a_reason_and_no_number_and_changes_no_other(
        self, make_scorer: Any, task: ScoringTask, plain_backend: Backend, faulty_backend: Backend
    ) -> None:
        if not make_scorer().needs_backend:
            pytest.skip("this scorer needs no backend, so none can fail")
        faulty = replace(task, backend=faulty_backend)
        struck = replace(CANDIDATES[0], id="struck", response=f"A {self.poison} is a river in France.")
        first, *rest = measured(make_scorer(), faulty, [struck, *CANDIDATES])
        failed = [row for row in first if row.status is not Status.OK]
        assert failed
        assert {row.candidate for row in failed} == {"struck"}
        assert_reported(failed)
        for one, other in zip(rest, measured(make_scorer(), replace(task, backend=plain_backend)), strict=True):
            self.assert_near(one, other)

    @pytest.mark.parametrize("limits", [(1024, 1024, 1), (1, 1, 1)], ids=["demonstration", "all"])
    def test_a_text_that_is_too_long_has_a_reason_and_no_number_and_raises_nothing(
        self, make_scorer: Any, task: ScoringTask, plain_backend: Backend, limits: tuple[int, int, int]
    ) -> None:
        """In a run that does not truncate, with limits of prompt, response and demonstration that are exceeded."""
        scorer = make_scorer()
        if not scorer.needs_backend:
            pytest.skip("this scorer reads no tokens, so nothing is too long for it")
        plain = replace(task, backend=plain_backend, truncate=False, max_demonstration_tokens=limits[2])
        tight = replace(plain, max_prompt_tokens=limits[0], max_response_tokens=limits[1])
        try:
            scorer.prepare(tight, [])
        except InputError:
            assert scorer.needs_assessment, "only an assessment set may be refused as a whole"
            return
        for candidate, rows in zip(CANDIDATES, scorer.measure(CANDIDATES), strict=True):
            assert {row.candidate for row in rows} == {candidate.id}
            assert_reported([row for row in rows if row.status is not Status.OK])

    @pytest.mark.parametrize("more", [{}, {"skip_tokens": 2, "primer": "Hello.\n"}], ids=["plain", "skipped-primed"])
    def test_nlls_that_it_shares_are_those_that_other_scorers_expect(
        self, make_scorer: Any, task: ScoringTask, plain_backend: Backend, more: Mapping[str, Any]
    ) -> None:
        scorer = make_scorer()
        if not getattr(scorer, "shares_passes", False):
            pytest.skip("this scorer shares no NLLs with others")
        plain = replace(task, backend=plain_backend, **more)
        rows = [*scorer.prepare(plain, []), *(row for own in scorer.measure(CANDIDATES) for row in own)]
        true = true_nlls(plain)
        for row in (row for row in rows if row.status is Status.OK):
            for name, expected in zip(("nll", "nll_alone"), true[row.candidate, row.assessment], strict=True):
                if (shared := getattr(row, name)) is not None:
                    assert shared == pytest.approx(expected, rel=1e-9, abs=1e-9), (row.candidate, row.assessment, name)

    def test_uses_the_backend_that_it_says_it_needs(
        self, make_scorer: Any, task: ScoringTask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if task.backend is None:
            pytest.skip("this scorer needs no backend, and got none in every other test")
        calls: list[str] = []
        for name in ("score", "embed"):
            if method := getattr(task.backend, name, None):
                monkeypatch.setattr(task.backend, name, recording(calls, name, method))
        measured(make_scorer(), task)
        assert calls

    def test_a_mean_of_a_column_is_one_also_on_a_part_of_the_assessment_set(
        self, make_scorer: Any, task: ScoringTask
    ) -> None:
        """A race relies on this."""
        scorer = make_scorer()
        if not getattr(scorer, "mean_of_column", False):
            pytest.skip("this scorer's score is not a mean, so it is not raced")
        part = measured(make_scorer(), replace(task, assessment=task.assessment[1:]))
        for rows, later in zip(measured(scorer, task), part, strict=True):
            mean = np.mean([getattr(row, scorer.column) for row in rows])
            assert scorer.score(*columns(rows)) == pytest.approx(mean)
            self.assert_near(rows[1:], later)

    def test_scores_of_all_candidates_together_are_complete_and_finite_whatever_the_order(
        self, make_scorer: Any, task: ScoringTask
    ) -> None:
        if not isinstance(make_scorer(), TogetherScorer):
            pytest.skip("this scorer scores each candidate by itself")
        rows = {candidate.id: own for candidate, own in zip(CANDIDATES, measured(make_scorer(), task), strict=True)}
        scores: Mapping[str, float] = make_scorer().together(rows)
        assert scores.keys() == rows.keys()
        assert all(math.isfinite(score) for score in scores.values())
        assert make_scorer().together(dict(reversed(rows.items()))) == scores
        assert make_scorer().together({}) == {}

    def test_listing_it_imports_nothing_heavy(self) -> None:
        if not self.hooks:
            pytest.skip("the subclass does not set `hooks`")
        program = f"import sys, {self.hooks} as hooks; hooks.icon_contribution_scorers(); print(*sys.modules)"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert not HEAVY & set(done.stdout.split())
