"""What a decision costs and what it is worth: schedules on the judging matrix.

Run it with `python tests/benchmarks/bench_decision.py`; it needs no model and no data, only judging_matrix.json, and
takes some seconds. Each seed splits the 192 assessment samples into 128 to choose by and 64 that no choice ever sees,
to judge by. Captured gain is (mean contribution of the chosen - mean of all) on the 64, over that of the exact choice.
What the schedules take in seconds: bench_forms.py.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from judging import FILE, FloatArray, Judging
from schedules import Choice, Schedule, budgeted, exact, halving, race, uniform
from tables import markdown, publish
from workload import positive

SEEDS = range(5)
MINUTES = (0.5, 1, 2, 4, 8)
TOKENS_A_MINUTE = 30_000
"""What a budget of a minute is taken to buy: 500 tokens a second, as the embedded model reads on two cores."""
SCHEDULES: dict[str, Schedule] = {
    "exact, 128 samples": exact,
    **{f"uniform, {size} samples": uniform(size) for size in (4, 8, 16, 32, 64)},
    **{f"halving from {first} samples": halving(first) for first in (8, 16, 32)},
    **{f"race, capture {capture:g}": race(capture) for capture in (0.9, 0.95, 0.98, 0.99, 1)},
    "race, capture 0.95, informative order": race(0.95, informative=True),
    "race until decided, capture 0.95": race(0.95, leaving="certain", fewest=1),
    "no stopping, capture 0.98": race(0.98, stops=False),
}


DEFAULT = "race, capture 0.99"
"""What a run does without options."""


@dataclass(frozen=True)
class Judged:
    """A choice, judged."""

    schedule: str
    seed: int
    pairs: float
    tokens: int
    captured: float
    captured_of_best: float
    overlap: float
    reliability: float
    expected: float | None


@dataclass(frozen=True)
class Coverage:
    """How often intervals of races hold the score over all samples."""

    cases: int
    relative: float
    absolute: float


def judge(name: str, judging: Judging, c: FloatArray, seed: int) -> tuple[Judged, Choice]:
    """One choice, on the samples it never saw."""
    tasks, others = judging.split(seed)
    found, whole = SCHEDULES[name](judging, c, tasks, seed), exact(judging, c, tasks, seed)
    means = c[:, others].mean(axis=1)

    def gain(chosen: list[int]) -> float:
        return float(means[chosen].mean() - means.mean())

    best = gain(np.argsort(-means)[: len(whole.chosen)].tolist())
    return Judged(
        name,
        seed,
        found.pairs / whole.pairs,
        found.tokens,
        gain(found.chosen) / gain(whole.chosen),
        gain(found.chosen) / best,
        len(set(found.chosen) & set(whole.chosen)) / len(whole.chosen),
        found.reliability,
        found.capture,
    ), found


def budget_curve(judging: Judging, c: FloatArray, splits: int) -> list[dict[str, float]]:
    """Captured gain by budget, the mean over so many splits, each with an order of the candidates."""
    rows = []
    for minutes in MINUTES:
        found, pairs = [], []
        for seed in range(splits):
            tasks, others = judging.split(seed)
            whole = exact(judging, c, tasks, seed)
            bought = budgeted(round(minutes * TOKENS_A_MINUTE))(judging, c, tasks, seed)
            means = c[:, others].mean(axis=1)
            gains = [float(means[each.chosen].mean() - means.mean()) for each in (bought, whole)]
            found.append(gains)
            pairs.append(bought.pairs / whole.pairs)
        bought_gain, exact_gain = np.mean(found, axis=0)
        rows.append(
            {
                "minutes": minutes,
                "tokens": round(minutes * TOKENS_A_MINUTE),
                "pairs": statistics.mean(pairs),
                "captured": float(bought_gain / exact_gain),
            }
        )
    return rows


def coverage(judging: Judging, c: FloatArray, name: str) -> Coverage:
    """Over every candidate and look of every seed."""
    relative, absolute = [], []
    for seed in SEEDS:
        tasks, _ = judging.split(seed)
        truth = c[:, tasks].mean(axis=1)
        for look in SCHEDULES[name](judging, c, tasks, seed).looks:
            found = look.estimates
            still_in = found.margin <= found.margin.min()  # the level of the samples is the same for all of these
            apart = found.centre - truth
            apart -= apart[still_in].mean()
            relative += (np.abs(apart) <= found.margin + 1e-9).tolist()
            absolute += ((found.low - 1e-9 <= truth) & (truth <= found.high + 1e-9)).tolist()
    return Coverage(len(relative), statistics.mean(relative), statistics.mean(absolute))


def main() -> None:
    """Judge, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matrix", type=Path, default=FILE, help="the judging matrix")
    parser.add_argument("--splits", type=positive, default=40, help="splits that a budget's curve is the mean over")
    parser.add_argument("--out", type=Path, default=Path("bench-results/decision.json"), help="where the JSON goes")
    given = parser.parse_args()
    judging = Judging.load(given.matrix)
    c = judging.contributions(judging.bank_control())
    rows = [judge(name, judging, c, seed)[0] for name in SCHEDULES for seed in SEEDS]
    covered = {name: coverage(judging, c, name) for name in (DEFAULT, "race, capture 0.95")}
    curve = budget_curve(judging, c, given.splits)
    text = "\n\n".join([_curve(rows), _by_seed(rows), _covered(covered), _bought(curve)])
    data = {"budgets": curve} | {
        "rows": [asdict(each) for each in rows],
        "coverage": {name: asdict(each) for name, each in covered.items()},
    }
    publish(given.out, text, data)


def _curve(rows: list[Judged]) -> str:
    header = [
        "schedule",
        "pairs",
        "tokens",
        "captured gain (of exact)",
        "lowest of the seeds",
        "of the best choice",
        "overlap with exact",
        "reliability",
        "captured, as expected by itself",
    ]
    table = []
    for name in SCHEDULES:
        own = [each for each in rows if each.schedule == name]
        expected = [each.expected for each in own if each.expected is not None]
        table.append(
            [
                name,
                statistics.mean(each.pairs for each in own),
                round(statistics.mean(each.tokens for each in own)),
                statistics.mean(each.captured for each in own),
                min(each.captured for each in own),
                statistics.mean(each.captured_of_best for each in own),
                statistics.mean(each.overlap for each in own),
                statistics.mean(each.reliability for each in own),
                statistics.mean(expected) if expected else None,
            ]
        )
    return "Means over the seeds\n\n" + markdown(header, table)


def _by_seed(rows: list[Judged]) -> str:
    names = [DEFAULT, "race, capture 0.98", "race, capture 0.95"]
    table = [
        [name, *(next(each.captured for each in rows if (each.schedule, each.seed) == (name, seed)) for seed in SEEDS)]
        for name in names
    ]
    return "Captured gain by seed\n\n" + markdown(["schedule", *map(str, SEEDS)], table)


def _bought(curve: list[dict[str, float]]) -> str:
    header = ["budget, minutes", "tokens", "pairs", "captured gain (of exact)"]
    return markdown(header, [list(each.values()) for each in curve])


def _covered(covered: dict[str, Coverage]) -> str:
    rows = [[name, each.cases, each.relative, each.absolute] for name, each in covered.items()]
    header = ["95% intervals of", "cases", "hold the score relative to the others", "hold the score itself"]
    return markdown(header, rows)


if __name__ == "__main__":
    main()
