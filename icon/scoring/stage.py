"""Which way a scorer is measured: every pair, or a race."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from icon.config import RunConfig
from icon.contribution.measure import WHOLE, Share
from icon.contribution.racing import Ended, Outcome
from icon.errors import RunError
from icon.hooks.contract import blamed
from icon.protocols import WarningScorer
from icon.scoring import exact
from icon.scoring.rounds import Rounds
from icon.scoring.schedule import OF_A_RACE, RACE_FROM, schedule_of
from icon.session import Session
from icon.types import Contribution, Measurement, Sample, Selection

Found = tuple[dict[str, Contribution], dict[str, list[Measurement]]]


def measure(
    session: Session,
    name: str,
    subset: list[Sample],
    assessment: list[Sample],
    n_candidates: int,
    share: Share = WHOLE,
) -> Outcome | None:
    """Measure what is not finished of a scorer's work.

    Args:
        session: The run.
        name: The scorer.
        subset: The candidates to score, in scoring order.
        assessment: The assessment set.
        n_candidates: How many candidates the pool has.
        share: Which parts are this process's to measure.

    Returns:
        The outcome of a race; None where every pair is measured.
    """
    rounds = raced(session, name, subset, assessment, n_candidates)
    if rounds is None:
        if name == session.config.scorer:
            _say_what_is_idle(session, len(assessment))
        # Beside a race, workers measure that alone: one that waits for a slice cannot be waited for over a baseline.
        exact.measure(
            session, name, subset, assessment, share, () if is_raced(session, assessment) else session.devices
        )
        return None
    return rounds.measure(share)


def _say_what_is_idle(session: Session, n_samples: int) -> None:
    """Say which settings of a race have no effect, where every pair is measured though nobody asked for that."""
    config = session.config
    changed = [name for name in OF_A_RACE if getattr(config, name) != RunConfig.model_fields[name].default]
    if changed and config.schedule == "auto":
        told = ", ".join(f"{name} {getattr(config, name)}" for name in changed)
        session.warn(
            f"{told}: without effect, since every pair is measured: a race begins at {RACE_FROM} assessment samples "
            f"(this run has {n_samples}) with a scorer that allows it, or with --schedule race"
        )


def contributions(
    session: Session, name: str, subset: list[Sample], assessment: list[Sample], n_candidates: int
) -> tuple[Found, Outcome | None]:
    """Contributions and measurements of a scorer by candidate, from its parts, and the outcome of a race.

    Raises:
        RunError: Parts are missing or damaged.
    """
    rounds = raced(session, name, subset, assessment, n_candidates)
    if rounds is None:
        return exact.contributions(session, name, assessment), None
    stopped: Ended | None = session.manifest.stages["score"]["race"]["ended"]
    outcome = rounds.outcome(stopped)
    _refuse_lost_parts(session, outcome)
    return rounds.contributions(outcome), outcome


def selection_warnings(session: Session, scores: Mapping[str, float], selection: Selection) -> Sequence[str]:
    """What the run's scorer has to say of a selection by its scores; nothing where it has no such ability.

    Raises:
        PluginError: The scorer raised.
    """
    name = session.config.scorer
    scorer = session.make_scorer(name)
    if not isinstance(scorer, WarningScorer):
        return []
    kept = [each.id for each in selection.decisions if each.selected]
    with blamed(session.plugins.get("scorer", name), "scorer", "raised"):
        return [str(each) for each in scorer.selection_warnings(scores, kept)]


def _refuse_lost_parts(session: Session, outcome: Outcome) -> None:
    """A race read back without some of its parts looks like one that was stopped earlier."""
    found, expected = outcome.path[-1]["pairs"], session.manifest.stages["score"]["race"]["path"][-1]["pairs"]
    if found != expected:
        folder = session.directory.contributions()
        raise RunError(
            f"{folder}: found {found} measured pairs, expected {expected}; parts are missing, damaged or still to "
            f"be measured. To measure them: icon score {session.directory.path}"
        )


def is_raced(session: Session, assessment: list[Sample]) -> bool:
    """Whether the run's own scorer is raced."""
    return schedule_of(session, session.make_scorer(session.config.scorer), len(assessment)) != "exact"


def raced(
    session: Session, name: str, subset: list[Sample], assessment: list[Sample], n_candidates: int
) -> Rounds | None:
    """The race of the run's own scorer; None for a baseline scorer, and where every pair is measured."""
    if name != session.config.scorer or not is_raced(session, assessment):
        return None
    return Rounds(session, session.make_scorer(name), subset, assessment, n_candidates)
