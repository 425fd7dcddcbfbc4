"""What a run has measured, in numbers, and what more of it would take: for the question whether it carries a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icon.pipeline._alone import scores_of
from icon.pipeline.planned import Choice, Planned
from icon.pipeline.schedule import in_race_order
from icon.results.at_length import AtLength
from icon.results.standing import Measured
from icon.results.summary import reliability_of
from icon.runs.outcome import RaceFacts
from icon.scorers.contributed import number_scored
from icon.scorers.cost import costs_of
from icon.selection.checking import like_draw
from icon.types import Contribution, Measurement

SLICES = 4
"""How many slices of one assessment sample each are counted to estimate what a pair takes."""

MOST = 200
"""Most candidates whose tokens are counted for it; a larger subset is assumed to have the same proportions."""


def measured(
    plan: Planned,
    choice: Choice,
    main: Mapping[str, Contribution],
    measurements: Mapping[str, Sequence[Measurement]],
    race: RaceFacts | None,
    at: AtLength,
) -> Measured:
    """What was measured.

    Args:
        plan: The run's inputs.
        choice: The settings of the selection.
        main: Contributions of the run's scorer, by candidate.
        measurements: Its measurements, by candidate.
        race: The facts of its race; None where every pair was measured.
        at: How the scores are made equal in length.
    """
    run, scorer = plan.main.run, plan.main.scorer
    pairs = sum(row.assessment is not None for rows in measurements.values() for row in rows)
    complete = {} if race else measurements
    return Measured(
        wanted=choice.config.keep_amount.of(len(plan.candidates)),
        candidates=len(plan.candidates),
        subset=len(plan.subset),
        tried=len(main),
        scored=number_scored(main),
        race=race,
        reliability=reliability_of(complete, scorer, choice.config.seed, at) if pairs else None,
        pairs=race.pairs if race else pairs,
        seconds=seconds_of(plan.main.name, run.manifest.times.seconds),
        tokens=run.manifest.times.tokens_evaluated,
        tokens_each=_tokens_each(plan) if race else None,
        narrowed=plan.narrowed is not None,
        like_draw=_like_draw(plan, choice, main),
    )


def _like_draw(plan: Planned, choice: Choice, main: Mapping[str, Contribution]) -> bool | None:
    """Whether the checks do not show that the cheap score is better than a draw; None where there are none."""
    if plan.narrowed is None:
        return None
    scores = scores_of(main)
    best = [scores[id_] for id_ in plan.narrowed.best if id_ in scores]
    checked = [scores[id_] for id_ in plan.narrowed.checked if id_ in scores]
    return like_draw(best, checked, choice.config.keep_amount.of(len(plan.candidates)))


def seconds_of(scorer: str, spent: Mapping[str, float]) -> float | None:
    """Seconds that a scorer has measured, over all starts; None where nothing was timed.

    Args:
        scorer: Its name; that of another may begin with it.
        spent: Seconds of the run by what they went into: "scoring: NAME", in a race followed by a comma and the slice.
    """
    own = [seconds for what, seconds in spent.items() if what.partition(", ")[0] == f"scoring: {scorer}"]
    return sum(own) or None


def _tokens_each(plan: Planned) -> float | None:
    """Tokens that a pair takes in slices of one assessment sample; None where no model is open to count them."""
    work = plan.main
    if not work.model.is_open:
        return None
    chosen, samples = plan.subset[:MOST], in_race_order(plan.samples, work.run.config.seed)[:SLICES]
    costs = costs_of(work.scorer, work.task(plan.samples))
    tokens = 0.0
    for number, sample in enumerate(samples):
        tokens += costs.pairs(chosen, [sample], first=number == 0).tokens
        tokens += costs.shared(chosen, [sample]).tokens * len(chosen) / len(plan.subset)
    return tokens / max(1, len(chosen) * len(samples))
