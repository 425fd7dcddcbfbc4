"""The expected size of a race, from simulated races on typical candidates and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from icon.scorers.racing import Rules, Slice, pilot_size, run_race
from icon.types import Measurement, Message, Sample, part_of

SIGNAL = 0.1
"""v, the variance of the candidates' effects over that of a single measurement. 0.5 was measured on Alpaca candidates;
a fifth of that stands for the heavy tails of real measurements, which are not simulated: with it a race until
candidates are decided needs as many pairs as the three matrices of tests/benchmarks/bench_fresh.py needed, within a
quarter. A race in which candidates rest depends little on it."""
SCALE_SPREAD = 0.44
"""Standard deviation of the logarithm of the tasks' scales, measured on 120 Alpaca candidates and 64 samples."""
MOST = 300
"""Most candidates of a simulated race; a larger race is assumed to have the same proportions."""
RACES = 3
"""Number of simulated races, which are averaged."""


def expected_slices(n_candidates: int, n_samples: int, rules: Rules) -> list[tuple[int, float]]:
    """For each slice, its number of assessment samples and the expected number of candidates measured on it.

    Args:
        n_candidates: Number of candidates in the race.
        n_samples: Size of the assessment set.
        rules: The rules of the race.
    """
    n = min(n_candidates, MOST)
    smaller = replace(rules, keep=max(1, part_of(n / n_candidates, rules.keep)))
    pilot = pilot_size(n) if rules.informative else 0  # does not grow with the pool
    growth = (n_candidates - pilot) / (n - pilot)
    sums: dict[int, tuple[int, float]] = {}
    for seed in range(RACES):
        for number, (samples, candidates) in enumerate(_simulate(n, n_samples, smaller, seed)):
            expected = candidates if pilot and number == 0 else candidates * growth
            size, so_far = sums.get(number, (samples, 0.0))  # slices of one number may differ in size: pairs are added
            sums[number] = (size, so_far + expected * samples / size / RACES)
    return [sums[number] for number in sorted(sums)]


def _simulate(n: int, n_samples: int, rules: Rules, seed: int) -> list[tuple[int, int]]:
    """The slices of one race on random contributions: numbers of samples and candidates."""
    draw = np.random.default_rng(seed)
    scale = np.exp(SCALE_SPREAD * draw.standard_normal(n_samples))
    effect = np.sqrt(SIGNAL) * draw.standard_normal((n, 1))
    c = scale * (effect + draw.standard_normal((n, n_samples)))
    candidates, samples = _named(n), _named(n_samples)
    sizes: list[tuple[int, int]] = []

    def take(part: Slice) -> tuple[Sequence[Measurement], None]:
        sizes.append((len(part.samples), len(part.candidates)))
        return [
            Measurement(candidate.id, sample.id, c=float(c[candidate.row, sample.row]))
            for candidate in part.candidates
            for sample in part.samples
        ], None

    run_race(candidates, samples, rules, take)
    return sizes


def _named(n: int) -> list[Sample]:
    return [Sample(str(place), place, (Message("user", ""),), "") for place in range(n)]
