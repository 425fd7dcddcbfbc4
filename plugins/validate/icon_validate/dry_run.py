"""What a validation would train and how long that takes, by a measured trial of the model's speed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from icon_validate.records import DryRun, PlannedArm
from icon_validate.training import memory_explained

if TYPE_CHECKING:
    from icon_validate.performing import Work

TRIAL_STEPS = 2
"""Optimiser steps of the trial."""

TRIAL_SAMPLES = 4
"""Judge samples that the trial reads."""


def dry_run(work: Work) -> DryRun:
    """The arms that are still to be trained, their tokens, and the seconds that a trial suggests.

    Nothing is kept of the trial. Benchmark tasks and answers to requests are not in the seconds.
    """
    bench = work.bench
    _ = bench.judge, bench.known_arms, bench.judged
    work.look()
    arms = [
        PlannedArm(
            table=piece.table,
            name=piece.spec.name,
            kind=piece.spec.kind,
            records=len(lesson.records),
            steps=len(lesson.order),
            tokens=lesson.tokens,
            done=work.finished(piece) is not None,
        )
        for piece in work.pieces
        for lesson in [bench.lesson(piece.table, piece.spec)]
    ]
    trained, judged = _seconds_per_token(work)
    judge_tokens = sum(len(one.ids) for one in bench.judged)
    left = [arm for arm in arms if not arm.done]
    seconds = sum(arm.tokens * trained + judge_tokens * judged for arm in left)
    budget = work.asked.budget
    return DryRun(
        arms=tuple(arms),
        judge=bench.judge.record.samples,
        judge_tokens=judge_tokens,
        tokens=sum(arm.tokens for arm in left),
        seconds=round(seconds + bench.seconds_to_open, 1),
        seconds_to_open=round(bench.seconds_to_open, 1),
        tokens_per_second=round(1 / trained, 1),
        budget_seconds=budget.amount if budget else None,
        notes=tuple(bench.notes),
    )


def _seconds_per_token(work: Work) -> tuple[float, float]:
    """Seconds per token trained on, and per token judged, measured on a few steps of the selection."""
    bench = work.bench
    lesson, samples = bench.lesson("steps", bench.selection), bench.judged[:TRIAL_SAMPLES]
    order = lesson.order[:TRIAL_STEPS]
    tokens = sum(len(lesson.records[place].ids) for places in order for place in places)
    start = time.perf_counter()
    with bench.run.timed("measuring the speed"), memory_explained(bench):
        with bench.trainer.train(lesson.records, order) as trained:
            middle = time.perf_counter()
            trained.token_losses(samples)
        end = time.perf_counter()
    return (middle - start) / tokens, (end - middle) / sum(len(one.ids) for one in samples)
