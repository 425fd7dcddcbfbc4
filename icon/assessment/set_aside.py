"""Setting judge samples aside: a part of the assessment set that no score sees, to validate a selection on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b

from icon.assessment.draw import allocate
from icon.errors import ConfigError
from icon.types import Keep, Sample, part_of

FEWEST = 8
"""Fewest judge samples: with fewer, their choice alone decides a verdict."""
FEW = 16
"""Fewer judge samples are warned of."""


def set_aside(samples: Sequence[Sample], amount: Keep, seed: int) -> tuple[list[Sample], list[Sample]]:
    """Part an assessment set into assessment samples and judge samples, in proportion to the task groups.

    Args:
        samples: The assessment set as built.
        amount: How many judge samples to set aside, or which share.
        seed: Decides which ones, whatever the order of the set.

    Returns:
        The assessment samples that are left, and the judge samples, both in the order of the set.

    Raises:
        ConfigError: Fewer than eight judge samples, or no assessment sample, would be left.
    """
    n, total = _size(amount, len(samples)), len(samples)
    if not FEWEST <= n < total:
        raise ConfigError(
            f"--hold-out {amount}: {n:,} judge samples of an assessment set of {total:,} leave {max(0, total - n):,} "
            f"to score on; valid: at least {FEWEST} judge samples and at least 1 assessment sample. Choose another "
            "--hold-out, or a larger assessment set (--assessment-size, or a longer file)"
        )
    strata: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda one: (_key(one.id, seed), one.id)):
        strata[sample.group or ""].append(sample)
    places = allocate(n, {stratum: len(members) for stratum, members in strata.items()})
    drawn = {sample.id for stratum, members in strata.items() for sample in members[: places[stratum]]}
    return [one for one in samples if one.id not in drawn], [one for one in samples if one.id in drawn]


def few_warning(judge: Sequence[Sample]) -> str | None:
    """The warning that there are few judge samples; None where there are enough."""
    if len(judge) >= FEW:
        return None
    return (
        f"{len(judge)} judge samples are few: a verdict will have a wide interval; 64 or more are better (--hold-out)"
    )


def _size(amount: Keep, total: int) -> int:
    return amount.count if amount.count is not None else part_of(amount.share or 0.0, total)


def _key(identity: str, seed: int) -> bytes:
    """A sample's place in the draw, another one than in the draw of the assessment set itself."""
    return blake2b(f"judge {seed}:{identity}".encode(), digest_size=16).digest()
