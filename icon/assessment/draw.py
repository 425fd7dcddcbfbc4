"""Seeded, stratified draws: how many samples in all and per stratum, which ones, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from icon.errors import ConfigError
from icon.types import Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from icon.samples.pool_samples import PoolSamples

Stratum = TypeVar("Stratum", str, tuple[str, str])

DEFAULT_SIZE = 128


def source_and_group(sample: Sample) -> tuple[str, str]:
    """The stratum (source, group) of METHOD's stage 1; a missing one is an empty string."""
    return sample.source or "", sample.group or ""


def allocate(size: int, counts: Mapping[Stratum, int]) -> dict[Stratum, int]:
    """Allocate `size` places to strata in proportion to their counts, by largest remainder.

    Each stratum first gets the whole part of its quota size * count / total; the remaining places go one each to
    the largest fractional parts; ties go to the larger stratum, then by name. As long as `size` is at most the
    total, no stratum gets more than it has.
    """
    total = sum(counts.values())
    quotas = {stratum: divmod(size * count, total) for stratum, count in counts.items()}
    places = {stratum: whole for stratum, (whole, _) in quotas.items()}
    by_remainder = sorted(counts, key=lambda stratum: (-quotas[stratum][1], -counts[stratum], stratum))
    for stratum in by_remainder[: size - sum(places.values())]:
        places[stratum] += 1
    return places


def draw_key(identity: str, seed: int) -> bytes:
    """A sample's place in the draw: a seeded hash of its id, so that the order of the source does not matter."""
    return blake2b(f"{seed}:{identity}".encode(), digest_size=16).digest()


def draw_order(samples: Iterable[Sample], seed: int) -> list[Sample]:
    """The samples in seeded random order; a shorter draw is a prefix of a longer one."""
    return sorted(samples, key=lambda sample: (draw_key(sample.id, seed), sample.id))


def interleave(strata: Mapping[Stratum, Sequence[Sample]]) -> list[Sample]:
    """Mix the strata so that every prefix holds them in nearly the proportions of the whole.

    Sample j (from 0) of a stratum with n samples has the position (j + 1/2) / n; equal positions go by name.
    """
    placed = [
        ((2 * j + 1) / (2 * len(members)), stratum, sample)
        for stratum, members in strata.items()
        for j, sample in enumerate(members)
    ]
    placed.sort(key=lambda entry: entry[:2])
    return [sample for _, _, sample in placed]


def first_drawn(samples: Sequence[Sample], n: int, seed: int) -> list[Sample]:
    """The first n of `draw_order`; of a pool whose texts are not in memory, those of the others are not read."""
    from icon.samples.pool_samples import PoolSamples

    pool = PoolSamples.of(samples)
    return pool.at(_order(pool, seed)[:n])


def stratified_draw(
    samples: Sequence[Sample], size: int | None, seed: int, stratum_of: Callable[[Sample], Stratum]
) -> list[Sample]:
    """Draw `size` samples in proportion to their strata, interleaved; all of them where `size` is None or larger.

    Samples that are not drawn are passed over once, for their strata.
    """
    import numpy as np

    from icon.samples.pool_samples import PoolSamples

    pool = PoolSamples.of(samples)
    if not len(pool):
        return []
    codes: dict[Stratum, int] = {}
    of_each = np.fromiter((codes.setdefault(stratum_of(one), len(codes)) for one in pool), np.int64, len(pool))
    order = _order(pool, seed)
    by_stratum = order[np.argsort(of_each[order], kind="stable")]
    ends = np.cumsum(np.bincount(of_each, minlength=len(codes)))
    strata = dict(zip(codes, np.split(by_stratum, ends[:-1]), strict=True))
    counts = {stratum: len(members) for stratum, members in strata.items()}
    total = sum(counts.values())
    places = allocate(total if size is None else min(size, total), counts)
    drawn = {stratum: members[: places[stratum]] for stratum, members in strata.items()}
    read = iter(pool.at(np.concatenate(list(drawn.values()))))
    return interleave({stratum: [next(read) for _ in members] for stratum, members in drawn.items()})


def _order(pool: PoolSamples, seed: int) -> NDArray[np.int64]:
    """The numbers of the samples in the order of `draw_order`, by their ids alone."""
    import numpy as np

    from icon.samples.ids import each_text

    keys = np.array([draw_key(id_, seed) for id_ in each_text(pool.ids)], "S16")
    return np.lexsort((pool.ids, keys))


def draw_from_stream(samples: Iterable[Sample], places: Mapping[str, int], seed: int) -> dict[str, list[Sample]]:
    """Draw a number of samples of each group from a stream that need not fit into memory; other groups are ignored.

    A group with fewer samples than places gives all it has.
    """
    kept: dict[str, dict[str, Sample]] = {group: {} for group in places}
    for sample in samples:
        members = kept.get(sample.group or "")
        if members is None:
            continue
        members[sample.id] = sample
        group, most = sample.group or "", places[sample.group or ""]
        if len(members) > 2 * most + 1000:
            kept[group] = {drawn.id: drawn for drawn in draw_order(members.values(), seed)[:most]}
    return {group: draw_order(members.values(), seed)[: places[group]] for group, members in kept.items()}


def holdout_size(asked: int | None, n_pool: int) -> int:
    """How many samples to hold out: as many as asked for, or 128, or a tenth of the pool where that is fewer.

    Raises:
        ConfigError: It would leave no candidate.
    """
    size = min(DEFAULT_SIZE, max(1, n_pool // 10)) if asked is None else asked
    if size >= n_pool:
        raise ConfigError(
            f"assessment: {size} samples to hold out of a pool of {n_pool} leave no candidate; valid: fewer. "
            "Lower the assessment size, or name a file of target tasks"
        )
    return size
