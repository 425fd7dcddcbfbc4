"""At the end of a run: a few candidates token by token, for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from icon.results.explain._details import keep, passes_over, stored, why_none
from icon.results.explain._pairs import Pair, helped, hurt, measured_pairs
from icon.results.explain._tokens import TokenPasses
from icon.runs.files import TokenDetail, assessment_of
from icon.runs.model import Model
from icon.runs.pool import PoolReader
from icon.runs.row_view import RowView
from icon.runs.run import Run
from icon.runs.scores import scores_of
from icon.runs.work import Work
from icon.samples.ids import texts_of
from icon.scorers.cost import Costs
from icon.types import Sample, ScoreRow

SHARE = 0.02
"""Most that the examples may add to what the run has read for its pairs."""
FEWEST_TOKENS = 1_500
"""What they may read in any case: about three seconds on a laptop with a small model."""


def examples(run: Run, model: Model, pool: PoolReader, *, opening: bool = False) -> list[TokenDetail]:
    """Token details of the best candidate, the worst, the one nearest the cut and the second best.

    Each with the assessment sample that it helped most and the one that it hurt most. Their tokens are in the run's
    parts, where the scorer keeps them; else as many of these candidates are measured again as the allowance has room
    for, and always the first. Where explained.jsonl has the first already, nothing is measured, and no model is opened.

    Args:
        run: A run that has selected.
        model: Its model.
        pool: Its pool.
        opening: Whether the model may be opened for them, as a run does that was stopped after it had scored; else
            nothing is measured unless it is open.

    Returns:
        The details of the chosen candidates that are known now; nothing where the scorer has no tokens to show.

    Raises:
        RunError: A file of the run is damaged.
        BackendError: The model cannot be opened.
    """
    work = Work(run, model, run.config.scorer)
    if why_none(work):
        return []
    ids = choose(scores_of(run.directory, run.manifest))
    measured, _ = measured_pairs(work, ids)  # none is damaged: the selection was made from them
    chosen = {id_: pairs for id_ in ids if (pairs := [*helped(measured[id_], 1), *hurt(measured[id_], 1)])}
    known = stored(run, [pair for pairs in chosen.values() for pair in pairs])
    missing = chosen and any(pair.key not in known for pair in next(iter(chosen.values())))
    if missing and (opening or model.is_open):
        known |= _measure(work, pool, chosen)
    return list(known.values())


def choose(rows: Sequence[ScoreRow]) -> list[str]:
    """Ids of the best candidate by score, the worst, the one nearest the cut, and the second best, in this order.

    Nearest the cut is the scored candidate whose rank is nearest the number of those kept.
    """
    view = RowView.of(rows)
    scored = view.where(~np.isnan(view.numbers("score"))).best_first()
    if not len(scored):
        return []
    ranks = scored.table.whole("rank")[scored.places]
    apart = np.where(ranks > 0, np.abs(ranks - int(view.selected.sum())), np.iinfo(np.int64).max)
    nearest = scored.where((apart == apart.min()) & (ranks > 0))
    at_cut = nearest.places[np.argsort(nearest.ids)[:1]].tolist()
    shown = [*scored.places[[0, -1]].tolist(), *at_cut, *scored.places[1:2].tolist()]
    return list(dict.fromkeys(texts_of(scored.table.ids[shown])))


def _measure(work: Work, pool: PoolReader, chosen: Mapping[str, Sequence[Pair]]) -> dict[tuple[str, str], TokenDetail]:
    """Measure as many of the candidates as there is room for, and keep their details."""
    run = work.run
    with run.timed("measuring the tokens of examples"):
        assessment = assessment_of(run.directory, run.manifest)
        candidates = list(pool.samples.samples.by_id(chosen).values())
        passes = passes_over(work, [pair for pairs in chosen.values() for pair in pairs], candidates, assessment)
        pairs = _within_allowance(work, chosen, passes, assessment)
        details, failed = passes.measure(pairs=pairs)
    for (candidate, task), reason in failed.items():
        run.warn(f"tokens of the example {candidate} on {task} could not be measured: {reason}")
    keep(run, details)
    return {(detail.candidate, detail.assessment): detail for detail in details}


def _within_allowance(
    work: Work, chosen: Mapping[str, Sequence[Pair]], passes: TokenPasses, assessment: Sequence[Sample]
) -> list[tuple[str, str]]:
    """The pairs of the first candidate, and those of more of them while their passes stay within the allowance."""
    first, *others = ([pair.key for pair in pairs] for pairs in chosen.values())
    pairs = first
    allowance = max(FEWEST_TOKENS, SHARE * _read_for_pairs(work, assessment))
    for more in others:
        if passes.tokens_of([*pairs, *more]) > allowance:
            break
        pairs = [*pairs, *more]
    return pairs


def _read_for_pairs(work: Work, assessment: Sequence[Sample]) -> float:
    """About how many tokens the run read for its pairs: their number times the mean length of the assessment samples.

    From what is stored and not from a clock or counter, so that a run that was stopped and taken up chooses the same.
    """
    stage = work.run.manifest.stages.score
    assert stage is not None
    n_pairs = stage.race.path[-1].pairs if stage.race else stage.candidates * len(assessment)
    return float(n_pairs * Costs(work.task(assessment)).targets(assessment) / len(assessment))
