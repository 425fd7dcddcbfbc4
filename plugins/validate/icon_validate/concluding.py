"""The verdict of a validation over the arms that are finished, and what an earlier call measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from icon.errors import RunError, UserError
from icon.runs.validation import Table, Validation, read_validation
from icon.validation.arms import selection_digest
from icon.validation.losses import ArmLosses
from icon.validation.statistics import FEWEST_DRAWS, by_values, verdict_of
from icon_validate.judging import judged
from icon_validate.performing import Piece, interruptible

if TYPE_CHECKING:
    from icon_validate.performing import Work

ENOUGH_DRAWS = 5
"""Fewer random draws are warned of: in simulations with 2 to 4 the interval is too narrow (docs/method.md)."""
MUCH = 0.1
"""By which share the selection's tokens may differ from those of the mean draw before that is said."""


def conclude(work: Work) -> Validation:
    """Judge the answers, and write the verdict over the arms that are finished.

    Raises:
        UserError: The budget was too small for a verdict.
        InterruptedRun: Stopped by the user; finished judgments are kept.
    """
    bench = work.bench
    tables = {table: _arms(work, table) for table in work.tables}
    _check_enough(work, tables["steps"])
    verdicts = {
        table: verdict_of(arms, groups=bench.judge.groups) for table, arms in tables.items() if _is_enough(arms)
    }
    headline = list(tables["steps"])
    with interruptible(bench):
        if work.answers is not None:
            headline = judged(work, headline)
    earlier = _earlier(work)
    wanted = _measured_by_all(_ok(headline)) if work.tasks is None else work.tasks.keys
    narrowed = [arm.model_copy(update={"tasks": {key: arm.tasks[key] for key in wanted}}) for arm in _ok(headline)]
    answers = by_values(_ok(headline), "answers")
    has_tokens = "tokens" in verdicts or (earlier is not None and "tokens" in earlier.tables)
    if (said := by_length(tables["steps"])) and not has_tokens:
        bench.note(said)
    if earlier is not None:
        verdicts |= {table: found for table, found in earlier.tables.items() if table not in work.tables}
        answers = earlier.answers if work.answers is None else answers
    validation = Validation(
        selection=selection_digest(bench.rows),
        selected=len(bench.selection.ids),
        judge=bench.judge.record,
        settings=bench.settings,
        tables=verdicts,
        tasks=by_values(narrowed, "tasks"),
        answers=answers,
        notes=tuple(bench.notes),
    )
    return work.store.conclude(validation)


def by_length(arms: Sequence[ArmLosses]) -> str:
    """That the selection reads more or fewer tokens than the mean draw at equal steps; empty where about as many.

    Args:
        arms: The arms at equal steps, finished ones.
    """
    draws = [arm.tokens for arm in _ok(arms) if arm.kind == "random"]
    own = [arm.tokens for arm in _ok(arms) if arm.kind == "selection"]
    share = own[0] / fmean(draws) if own and draws and sum(draws) else 1.0
    if 1 - MUCH <= share <= 1 + MUCH:
        return ""
    side = "more" if share > 1 else "fewer"
    return (
        f"at equal steps the selection reads {abs(share - 1):.0%} {side} tokens than the mean draw, so its length has "
        "a part in this verdict; --tokens adds one at equal tokens"
    )


def _earlier(work: Work) -> Validation | None:
    """The verdict of an earlier call on the same selection: what this call does not ask for stays in it."""
    try:
        earlier = read_validation(work.bench.run.path)
    except RunError:  # damaged: it is written anew
        return None
    now = json.loads(json.dumps(work.bench.settings))
    if earlier is None or (earlier.selection, earlier.settings) != (selection_digest(work.bench.rows), now):
        return None
    return earlier


def _arms(work: Work, table: Table) -> list[ArmLosses]:
    """The finished arms of a table; what the budget did not reach is noted."""
    arms, missing = [], []
    for spec in work.bench.arms.specs:
        arm = work.finished(Piece(table, spec))
        if arm is None:
            missing.append(spec)
        else:
            arms.append(arm)
    if missing:
        draws = [spec for spec in missing if spec.kind == "random"]
        others = [spec.name for spec in missing if spec.kind != "random"]
        parts = [f"{len(draws)} of {work.asked.draws} random draws"] if draws else []
        work.bench.note(f"equal {table}: not within the budget: {', '.join([*parts, *others])}")
    return arms


def _check_enough(work: Work, arms: Sequence[ArmLosses]) -> None:
    n = sum(arm.kind == "random" and arm.is_ok for arm in arms)
    if not _is_enough(arms):
        without = "" if _has_selection(arms) else ", and not the selection"
        failed = "".join(f"\n  {arm.name}: {arm.reason}" for arm in arms if arm.reason)
        raise UserError(
            f"no verdict: {n} random draws were trained{without}; valid: the selection and at least "
            f"{FEWEST_DRAWS} draws. Finished arms are kept; the same command with a larger --budget goes on{failed}"
        )
    if n < ENOUGH_DRAWS:
        work.bench.note(f"{n} random draws are few: the interval holds 88 to 95 times in 100; better --draws 12")


def _ok(arms: Sequence[ArmLosses]) -> list[ArmLosses]:
    return [arm for arm in arms if arm.is_ok]


def _measured_by_all(arms: Sequence[ArmLosses]) -> list[str]:
    """The tasks that every arm was measured on, in the order of the first."""
    return [key for key in arms[0].tasks if all(key in arm.tasks for arm in arms)]


def _has_selection(arms: Sequence[ArmLosses]) -> bool:
    return any(arm.kind == "selection" and arm.is_ok for arm in arms)


def _is_enough(arms: Sequence[ArmLosses]) -> bool:
    """Whether there are arms enough for a verdict."""
    return _has_selection(arms) and sum(arm.kind == "random" and arm.is_ok for arm in arms) >= FEWEST_DRAWS
