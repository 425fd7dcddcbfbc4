"""How large the slices of a run's race are, and by which rules its stored slices were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from icon.config import RunConfig
from icon.plugins import ContextScorer, ContributionScorer
from icon.scorers.racing import Leaving, Rules, fewest_samples
from icon.types import Sample

CHARACTERS_A_TOKEN = 4
"""A rule of thumb for English."""


def fewest_of(
    config: RunConfig, scorer: ContributionScorer, candidates: Sequence[Sample], samples: Sequence[Sample]
) -> int:
    """Fewest assessment samples of a slice, from the characters of the texts alone, so that it replays without a model.

    A scorer with the assessment samples as contexts reads each of them in one slice only: for it, 1.

    Args:
        config: The run's settings; a demonstration counts up to the limit on its length.
        scorer: The scorer that is raced.
        candidates: The candidates of the race.
        samples: The assessment samples of the race.
    """
    if isinstance(scorer, ContextScorer):
        return 1
    longest = CHARACTERS_A_TOKEN * config.max_demonstration_tokens
    demonstrations = [min(longest, len(candidate.text)) for candidate in candidates]
    return fewest_samples(demonstrations, [len(sample.text) for sample in samples])


def rules_of_parts(make: Callable[[Leaving | None], Rules], fits: Callable[[Rules], bool]) -> Rules:
    """The rules that the stored parts of a race were asked for by.

    Those of today, unless only others fit: older versions knew one way of leaving, and slices whose sizes did not
    depend on the texts; and a race that goes on with another capture goes on by the rule that it began with.

    Args:
        make: Gives the rules with a way of leaving; None for that of today.
        fits: Whether the stored parts are those that a race by these rules asks for.
    """
    today = make(None)
    other = make("certain" if today.leaving == "likely" else "likely")
    ways = (today, replace(today, fewest=1), other, replace(other, fewest=1))
    return next((rules for rules in ways if fits(rules)), today)
