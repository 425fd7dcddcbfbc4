"""Which way a scorer is measured: every pair, or a race."""

from __future__ import annotations

from icon.config import RunConfig
from icon.contribution.measure import WHOLE, Share
from icon.contribution.racing import Outcome
from icon.errors import RunError
from icon.pipeline.exact import contributions_of_every_pair, measure_every_pair
from icon.pipeline.planned import Planned
from icon.pipeline.raced import Race
from icon.pipeline.schedule import OF_A_RACE, RACE_FROM
from icon.runs.records import ScoreStage
from icon.runs.work import Work
from icon.types import Contribution, Measurement

Found = tuple[dict[str, Contribution], dict[str, list[Measurement]]]


def measure(work: Work, plan: Planned, share: Share = WHOLE) -> Outcome | None:
    """Measure what is not finished of a scorer's work.

    Args:
        work: The scorer.
        plan: What the run's first stage left.
        share: Which parts are this process's to measure.

    Returns:
        The outcome of a race; None where every pair is measured.
    """
    if race := race_of(work, plan):
        return race.measure(share)
    if work.is_main:
        _warn_of_idle_settings(work, len(plan.assessment))
    # Beside a race, workers measure that alone: one that waits for a slice cannot be waited for over a baseline.
    devices = () if plan.is_raced else work.model.devices
    measure_every_pair(work, plan.subset, plan.assessment, plan.works.values(), share, devices)
    return None


def _warn_of_idle_settings(work: Work, n_samples: int) -> None:
    """Warn of settings of a race that have no effect, where every pair is measured though nobody asked for that."""
    config = work.run.config
    changed = [name for name in OF_A_RACE if getattr(config, name) != RunConfig.model_fields[name].default]
    if changed and config.schedule == "auto":
        idle = ", ".join(f"{name} {getattr(config, name)}" for name in changed)
        work.run.warn(
            f"{idle}: without effect, since every pair is measured: a race begins at {RACE_FROM} assessment samples "
            f"(this run has {n_samples}) with a scorer that allows it, or with --schedule race"
        )


def contributions(work: Work, plan: Planned, stage: ScoreStage) -> tuple[Found, Outcome | None]:
    """Contributions and measurements of a scorer by candidate, from its parts, and the outcome of a race.

    Args:
        work: The scorer.
        plan: What the run's first stage left.
        stage: What the second stage recorded.

    Raises:
        RunError: Parts are missing or damaged.
    """
    race = race_of(work, plan)
    if race is None or stage.race is None:
        return contributions_of_every_pair(work, plan.assessment, stage.candidates), None
    outcome = race.outcome(stage.race.ended)
    found, expected = outcome.path[-1].pairs, stage.race.path[-1].pairs
    if found != expected:  # read back without some of its parts, it looks like one that was stopped earlier
        raise RunError(
            f"{work.run.directory.contributions()}: found {found} measured pairs, expected {expected}; parts are "
            f"missing, damaged or still to be measured. To measure them: icon score {work.run.path}"
        )
    return race.contributions(outcome), outcome


def race_of(work: Work, plan: Planned) -> Race | None:
    """The race of the run's own scorer; None for a baseline scorer, and where every pair is measured."""
    return Race(work, plan) if work.is_main and plan.is_raced else None
