"""Which pairs a run measures, and the rules of its race."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from icon.assessment.draw import stratified_draw
from icon.config import RunConfig
from icon.contribution.racing import FIRST, Rules
from icon.errors import ConfigError
from icon.protocols import ContributionScorer
from icon.types import Sample

RACE_FROM = 32
"""The smallest assessment set that is raced unless asked for: below it there is little to save."""

OF_A_RACE = ("capture", "confidence", "order")
"""Settings that say how a race, or one without stops, goes and ends."""


def schedule_of(config: RunConfig, scorer: ContributionScorer, n_samples: int) -> Literal["race", "uniform", "exact"]:
    """The schedule by name; left open, a race where the score is a mean over enough assessment samples.

    Raises:
        ConfigError: The scorer cannot be measured on a part of the assessment set, or is to be measured on all of it
            within a budget.
    """
    asked, able = config.schedule, getattr(scorer, "mean_of_column", False) and scorer.needs_assessment
    if asked == "auto":
        asked = "race" if able and (n_samples >= RACE_FROM or config.budget) else "exact"
    if asked != "exact" and not able:
        raise ConfigError(
            f"schedule {asked}: the scorer {config.scorer} with these options gives no mean over assessment samples; "
            "valid: --schedule exact"
        )
    if asked == "exact" and config.budget:
        other = "--schedule race or uniform, or no --budget" if able else f"no --budget with the scorer {config.scorer}"
        raise ConfigError(f"budget: schedule exact measures every pair; valid: {other}")
    if config.order == "informative" and config.budget:
        raise ConfigError(
            "order informative: it measures 16 candidates on every assessment sample first, which a budget may not "
            "reach; valid: --order stratified, or no --budget"
        )
    return asked


def rules_of(config: RunConfig, schedule: str, n_scored: int, n_candidates: int) -> Rules:
    """The rules of the race that these settings ask for.

    Args:
        config: The run's settings.
        schedule: race or uniform.
        n_scored: How many candidates race.
        n_candidates: How many the pool has; a count to keep is a share of these.
    """
    keep = config.keep_amount
    return Rules(
        keep=keep.of(n_scored) if n_scored == n_candidates else max(1, round(keep.as_share(n_candidates) * n_scored)),
        first=1 if config.budget else FIRST,
        capture=config.capture,
        confidence=config.confidence,
        stops=schedule == "race",
        seed=config.seed,
        informative=config.order == "informative",
    )


def in_race_order(assessment: Sequence[Sample], seed: int) -> list[Sample]:
    """The assessment set as a race goes through it: any beginning is a random draw, stratified by task group."""
    return stratified_draw(assessment, None, seed, lambda sample: sample.group or "")
