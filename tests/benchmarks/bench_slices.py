"""What the sizes of a race's slices cost in tokens, with demonstrations as long as they are and longer.

`python tests/benchmarks/bench_slices.py` needs no model: it races on the matrices of bench_fresh.py, with slices whose
sizes depend on the number of samples alone (as before), and with those that hold at least three times as many tokens
as a demonstration has. For the lines with longer demonstrations the measurements stay as they are, and only the lengths
are multiplied: how much each pair says is real, what it costs is not.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from judging import FILE, FloatArray, Judging
from schedules import Choice, exact, race
from tables import markdown, publish

NAMES = ("judging_matrix", "race_matrix_alpaca", "race_matrix_mixed", "race_matrix_paper_set")
LONGER = (1, 3, 6)
"""Factors on the lengths of the demonstrations."""
HEADER = [
    "matrix",
    "demonstrations",
    "slices",
    "pairs",
    "tokens",
    "read again",
    "most",
    "captured gain (of exact)",
]


def compare(name: str, judging: Judging, longer: int, splits: int) -> list[list[object]]:
    """A row for each way to cut slices, with means over the splits, of the exact choice's tokens and gain."""
    c = judging.contributions(judging.bank_control())
    stretched = Judging(judging.data | {"demonstration_tokens": [longer * length for length in judging.lengths]})
    rows: list[list[object]] = []
    for label, fewest in (("as before", 1), ("by tokens", None)):
        run, found = race(0.99, fewest=fewest), []
        for seed in range(splits):
            tasks, others = judging.split(seed)
            means = c[:, others].mean(axis=1)
            raced, whole = run(stretched, c, tasks, seed), exact(stretched, c, tasks, seed)
            found.append((raced, whole, _gain(means, raced), _gain(means, whole)))
        rows.append([name, f"x {longer}", label, *_means(found)])
    return rows


def _means(found: Sequence[tuple[Choice, Choice, float, float]]) -> list[float]:
    tokens = [raced.tokens / whole.tokens for raced, whole, _, _ in found]
    return [
        statistics.mean(raced.pairs / whole.pairs for raced, whole, _, _ in found),
        statistics.mean(tokens),
        statistics.mean(raced.again / whole.tokens for raced, whole, _, _ in found),
        max(tokens),
        sum(gain for _, _, gain, _ in found) / sum(gain for _, _, _, gain in found),
    ]


def _gain(means: FloatArray, choice: Choice) -> float:
    return float(np.mean(means[choice.chosen]) - means.mean())


def main() -> None:
    """Compare, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=10, help="splits of each matrix")
    parser.add_argument("--out", type=Path, default=Path("bench-results/slices.json"), help="where the JSON goes")
    given = parser.parse_args()
    files = {name: FILE.with_name(f"{name}.json") for name in NAMES}
    rows = [
        row
        for name, path in files.items()
        for longer in LONGER
        for row in compare(name, Judging.load(path), longer, given.splits)
    ]
    publish(given.out, markdown(HEADER, rows), {"rows": [dict(zip(HEADER, row, strict=True)) for row in rows]})


if __name__ == "__main__":
    main()
