"""All that a run knows of one sample of its pool, and its place among the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.errors import ConfigError, WrongRunError
from icon.plugins import Backend
from icon.results import wording
from icon.results.compared import compared_of
from icon.results.explain._details import Details, details_of, why_none
from icon.results.explain._finding import find, method, nearest_kept
from icon.results.explain._pairs import Pair, helped, hurt, measured_pairs
from icon.results.explain._records import (
    BaselineValue,
    ExplainedPair,
    Explanation,
    Measured,
    Neighbours,
    PairCounts,
    Place,
    ScoreStatistics,
    Standing,
    TokenTable,
)
from icon.runs.files import assessment_of
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.run import Run
from icon.runs.scores import as_table, scores_of
from icon.runs.unfinished import not_done
from icon.runs.work import Work
from icon.types import Sample, ScoreRow

SAME = 5e-4
"""By how much a score may differ from a mean that is printed with three decimals and still be the same."""


def explain(
    run: Run, model: Model, name: str, *, tokens: bool = True, top: int = 3, backend: Backend | None = None
) -> Explanation:
    """Explain one sample of a run: its score and place, what it helped and hurt, and the kept samples most like it.

    Nothing of the run is changed but explained.jsonl, which the token details are added to.

    Args:
        run: A run that has selected.
        model: Its model, which is opened only where tokens are to be measured.
        name: An id, a unique beginning of one, or `row:` and a row's number.
        tokens: Whether to measure what each token gained, where that is not known yet; opens the model.
        top: How many assessment samples of either kind, and how many neighbours.
        backend: A backend that is open already and stays open; None to open the run's own.

    Returns:
        The explanation; a sample that is no candidate has its reason and no numbers.

    Raises:
        ConfigError: `top` is less than 1, or model or pool are not the run's any more.
        InputError: No sample is meant, or several.
        RunError: Nothing is selected yet, or a file of the run is damaged.
    """
    if top < 1:
        raise ConfigError(f"top: found {top}; valid: at least 1")
    where = run.path
    if run.manifest.stages.select is None:
        raise WrongRunError(not_done(where, run.manifest))
    rows = scores_of(run.directory, run.manifest)
    row = find(rows, name, str(where))
    pool = PoolReader(run).samples.samples
    sample = pool.by_id([row.id]).get(row.id)
    known: dict[str, Any] = {"run": str(where), "scorer": run.config.scorer, **_identity(row, sample)}
    known |= dict(standing(rows, row)) | {"of_run": _state(run)}
    if not row.status.is_candidate or sample is None:
        return Explanation(**known)
    neighbours = None
    if run.manifest.has_selection:
        with run.timed("comparing with the kept samples"):
            compared = compared_of(run.directory, run.manifest)
            kept = tuple(nearest_kept(pool, rows, row.id, top, compared))
            neighbours = Neighbours(method=method(int(rows.are_candidates.sum())), kept=kept)
    measured = _measured(Work(run, model, run.config.scorer), sample, row, tokens=tokens, top=top, backend=backend)
    return Explanation(**known, **dict(measured), neighbours=neighbours)


def _identity(row: ScoreRow, sample: Sample | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "row": row.row,
        "turn": row.turn,
        "prompt": None if sample is None else sample.prompt_text,
        "response": None if sample is None else sample.response,
    }


def _state(run: Run) -> str:
    """Of what kind of run the selection is."""
    if not run.manifest.has_selection:
        return "nothing selected"
    return "stopped" if run.manifest.is_partial else "finished"


def _measured(
    work: Work, candidate: Sample, row: ScoreRow, *, tokens: bool, top: int, backend: Backend | None
) -> Measured:
    """Token details and counts of the candidate's pairs."""
    measured, damaged = measured_pairs(work, [candidate.id])
    pairs, reason = measured[candidate.id], why_none(work)
    state = wording.partial(work.run.manifest)
    notes = [state] if state else []
    notes += [f"{part}: its checksum does not fit its bytes; pairs that are in it are not shown" for part in damaged]
    if not pairs:
        return Measured(notes=(*notes, reason) if reason else tuple(notes))
    assessment = assessment_of(work.run.directory, work.run.manifest)
    best, worst = helped(pairs, top), hurt(pairs, top)
    if reason:
        details = Details(notes=[reason])
    else:
        shown = [*best, *worst]
        details = details_of(work, shown, [candidate], assessment, measure=tokens, backend=backend)
    tasks = {task.id: task for task in assessment}
    n_helped, n_hurt = len(helped(pairs, len(pairs))), len(hurt(pairs, len(pairs)))
    return Measured(
        pairs=PairCounts(measured=len(pairs), helped=n_helped, hurt=n_hurt),
        why_score=why_score(row, [getattr(pair.row, work.scorer.column) for pair in pairs], len(assessment)),
        helped=_explained(best, tasks, details),
        hurt=_explained(worst, tasks, details),
        notes=(*notes, *details.notes),
    )


def why_score(row: ScoreRow, values: Sequence[float | None], n: int) -> str:
    """Why a score is not the mean of what was measured; empty where it is.

    Args:
        row: The candidate's row.
        values: What it was measured to be, by assessment sample.
        n: Size of the assessment set.
    """
    known = [value for value in values if value is not None]
    if row.score is None or not known or abs(row.score - fsum(known) / len(known)) < SAME:
        return ""
    mean = f"{fsum(known) / len(known):+.3f}"
    on = f"the {len(known):,} assessment samples measured" if len(known) > 1 else "the one assessment sample measured"
    if row.raw_score is not None:
        return f"what the length of the response explains is taken out of it; on {on} it was {mean}"
    if row.decided:
        return (
            f"an estimate for all {n:,} assessment samples; on {on} it was {mean}, and the fewer are measured, the "
            "closer the estimate is to the mean of all candidates"
        )
    return f"made of more than the mean over {on}, which is {mean}"


def _explained(pairs: Sequence[Pair], tasks: Mapping[str, Sample], details: Details) -> tuple[ExplainedPair, ...]:
    return tuple(_pair(pair, tasks[pair.key[1]], details) for pair in pairs)


def _pair(pair: Pair, task: Sample, details: Details) -> ExplainedPair:
    row, detail = pair.row, details.found.get(pair.key)
    tokens = None
    if detail is not None:
        tokens = TokenTable(pieces=detail.pieces, given=detail.given, control=detail.control)
    return ExplainedPair(
        assessment=task.id,
        group=task.group,
        prompt=task.prompt_text,
        response=task.response,
        c=row.c,
        value=row.value,
        log_gain=pair.log_gain,
        nll=row.nll,
        nll_random=row.nll_random,
        nll_baseline=pair.nll_baseline,
        n_tokens=row.n_tokens,
        tokens=tokens,
    )


def standing(rows: Sequence[ScoreRow], row: ScoreRow) -> Standing:
    """Status, decision, score and ranks of a row; equal values have the same rank."""
    table = as_table(rows)
    ranks = table.whole("rank")
    return Standing(
        status=row.status,
        reason=row.reason,
        selected=row.selected,
        decision=row.decision,
        rank=_place(None if row.rank is None else -row.rank, -ranks[ranks > 0].astype(np.float64)),
        score=_score(row),
        score_rank=_place(row.score, table.numbers("score")),
        probability=row.probability,
        groups=row.groups,
        baselines={
            name: BaselineValue(value=value, **dict(place))
            for name, value in row.baselines.items()
            if (place := _place(value, table.of_map("baselines", name)))
        },
    )


def _score(row: ScoreRow) -> ScoreStatistics | None:
    if row.score is None:
        return None
    names = ScoreStatistics.model_fields.keys() - {"value"}
    return ScoreStatistics(value=row.score, **{name: getattr(row, name) for name in names})


def _place(value: float | None, values: NDArray[np.float64]) -> Place | None:
    """The place of a value among others, the highest first; NaN is none of them."""
    if value is None:
        return None
    return Place(rank=int((values > value).sum()) + 1, of=int((~np.isnan(values)).sum()))
