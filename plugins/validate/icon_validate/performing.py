"""The work of a validation: its arms, which are finished, and the training of those that are missing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from icon.errors import InterruptedRun
from icon.runs.validation import Table, ValidationStore
from icon.types import Meter
from icon.validation.arms import ArmSpec
from icon.validation.losses import ArmLosses
from icon_validate.answers import AnswerStore, Requests, answer, read_requests
from icon_validate.bench import Bench
from icon_validate.judging import check_judge
from icon_validate.tasks import Tasks
from icon_validate.trained import Trained
from icon_validate.training import train_arm

JUDGE_SHARE = 1 / 3
"""Seconds of a token that is only read, as a share of those of one that is trained on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One arm of one table."""

    table: Table
    spec: ArmSpec


class Work:
    """A validation that this process works on.

    Args:
        bench: What the arms share.
        store: The folder of the run's validation.
        started: When the command began, on the clock of `time.perf_counter`.

    Attributes:
        is_begun: Whether the folder was begun, or is gone on with: only then are its arms those of these settings.
    """

    def __init__(self, bench: Bench, store: ValidationStore, started: float) -> None:
        self.bench, self.store, self.asked = bench, store, bench.asked
        self.meter = Meter(bench.asked.budget, started)
        self.is_begun = False
        self.tasks = Tasks(bench.asked) if bench.asked.tasks else None

    @cached_property
    def requests(self) -> Requests | None:
        """The requests of pairwise judging; None where there is none."""
        return read_requests(self.asked.pairwise, self.asked.answer_tokens) if self.asked.pairwise else None

    @cached_property
    def answers(self) -> AnswerStore | None:
        """The store of answers; None without pairwise judging."""
        return None if self.requests is None else AnswerStore(self.store, self.requests)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables to fill: the second one where it was asked for, or within a budget, as far as that goes."""
        second = self.asked.tokens if self.asked.tokens is not None else self.asked.budget is not None
        return ("steps", "tokens") if second else ("steps",)

    @cached_property
    def pieces(self) -> list[Piece]:
        """All arms of all tables, in the order of their worth."""
        return [Piece(table, spec) for table in self.tables for spec in self.bench.arms.specs]

    def finished(self, piece: Piece) -> ArmLosses | None:
        """The arm as an earlier start left it; None where it lacks something, or was trained on other batches."""
        arm = self.store.read(piece.table, piece.spec) if self.is_begun else None
        if arm is None or arm.reason:
            return arm
        lesson = self.bench.lesson(piece.table, piece.spec)
        if (arm.steps, arm.tokens) != (len(lesson.order), lesson.tokens):
            return None
        if piece.table != "steps":
            return arm
        if self.tasks is not None and not arm.tasks.keys() >= set(self.tasks.keys):
            return None
        return None if self.answers is not None and self.answers.read(piece.table, piece.spec) is None else arm

    def prepare(self) -> None:
        """Open everything once, so that what is wrong is said before anything is trained.

        Raises:
            ConfigError: The run has a validation with other settings.
        """
        check_judge(self)
        bench = self.bench
        _ = bench.judge, self.requests, bench.known_arms, bench.judged, bench.arms
        self.store.begin(bench.settings)
        self.is_begun = True

    def look(self) -> None:
        """See what an earlier start finished, without beginning anything.

        Raises:
            ConfigError: The run has a validation with other settings.
        """
        if self.store.settings_path.exists():
            self.prepare()

    def train(self, pieces: Sequence[Piece]) -> None:
        """Train the pieces that are not finished, as far as the budget goes.

        Raises:
            InterruptedRun: Stopped by the user; finished arms are kept.
        """
        with interruptible(self.bench):
            for piece in pieces:
                if self.finished(piece) is None and not self._train(piece):
                    return

    def _train(self, piece: Piece) -> bool:
        """Train one arm and write it; whether the budget allowed it."""
        lesson = self.bench.lesson(piece.table, piece.spec)
        cost = lesson.tokens + JUDGE_SHARE * sum(len(one.ids) for one in self.bench.judged)
        if not self.meter.fits(cost, 0):
            return False
        start, tasks = time.perf_counter(), dict[str, float]()

        def measure(table: Table, spec: ArmSpec, trained: Trained) -> None:
            self._measure(table, spec, trained, tasks)

        arm = train_arm(self.bench, self.store, piece.table, piece.spec, measure)
        known = self.store.read(piece.table, piece.spec)
        both = {**(known.tasks if known else {}), **tasks}
        self.store.write(piece.table, piece.spec, arm.model_copy(update={"tasks": both}))
        self.meter.count(cost, 0, time.perf_counter() - start)
        return True

    def _measure(self, table: Table, spec: ArmSpec, trained: Trained, found: dict[str, float]) -> None:
        """Tasks and answers are of the arms at equal steps."""
        run, backend = self.bench.run, self.bench.backend
        if table != "steps":
            return
        if self.tasks is not None:
            with run.timed(f"{spec.name}: tasks"):
                found.update(self.tasks.measure(trained.model, backend.tokenizer))
        if self.answers is not None and self.requests is not None:
            from icon.plugins import StageProgressed

            with run.timed(f"{spec.name}: answers", total=len(self.requests.samples)):
                made = answer(
                    trained.model,
                    backend,
                    self.bench.template,
                    self.requests,
                    self.asked.answer_tokens,
                    lambda done, of: run.emit(StageProgressed(done, of)),
                )
            self.answers.write(table, spec, made)


@contextmanager
def interruptible(bench: Bench) -> Iterator[None]:
    """Turn Ctrl-C and signals into an interruption that says what is kept.

    Raises:
        InterruptedRun: Stopped by the user.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedRun(f"{bench.run.path}: interrupted; finished arms are kept") from None
