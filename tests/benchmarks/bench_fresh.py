"""A race on data that nobody looked at while it was made.

`python tests/benchmarks/bench_fresh.py` needs no model: it reads the judging matrix, on which the race was made, and
those of make_race_matrices.py that are measured, and names the others. The bar was written down before these were
looked at, for the race that rests candidates (`--capture 0.95`), which was to be the default and is not, since it
missed the bar:

- Over 20 splits of the samples, two thirds to choose by and a third to judge by, 15% of the candidates kept, the
  race measures at most a quarter of the pairs of the exact choice, on average over the splits.
- The gain of its choice on the samples to judge by, averaged over the splits, is at least 0.95 of that of the exact
  choice. (Gains are averaged before they are divided: that of the exact choice is near 0 in some splits.)
- The pairs that a plan foretells are within 25% of those that were measured, on average over the splits.

Each holds of each matrix by itself. The lowest split is shown too, whose ratio is of two noisy gains.

`--scorer nuggets` races the votes of that score on the same matrices; the bar was not written for it.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from judging import FILE, FloatArray, Judging
from schedules import Choice, exact, fewest_in, keep_of, race
from tables import markdown, publish

from icon.config import RunConfig
from icon.pipeline._expected import expected_slices
from icon.pipeline.schedule import LIKELY_UP_TO
from icon.scorers.racing import FIRST, FIRST_LOOK, Leaving, Rules

SPLITS, PAIRS, CAPTURED, FORETOLD = 20, 0.25, 0.95, 0.25
"""The bar, and over how many splits."""
NAMES = ("judging_matrix", "race_matrix_alpaca", "race_matrix_mixed", "race_matrix_paper_set")
CAPTURE = RunConfig.model_fields["capture"].default
"""Where the default race ends."""


@dataclass(frozen=True)
class Found:
    """What became of a race on one matrix.

    Attributes:
        matrix: Its name.
        candidates: How many candidates it has.
        chosen_by: Samples of a split that choices are made by.
        judged_by: The others.
        pairs: Mean share of the pairs of the exact choice.
        most_pairs: The largest share of a split.
        tokens: Mean share of the tokens that the exact choice reads.
        captured: Mean gain of the race's choices over that of the exact choices.
        lowest: The same ratio in the split where it is lowest.
        below: Share of the splits where it is below the bar.
        expected: Mean of what the races themselves expected to capture.
        foretold: Pairs that a plan foretells over those measured.
        foretold_tokens: Tokens that it foretells over those read.
        holds: Whether the bar is met.
    """

    matrix: str
    candidates: int
    chosen_by: int
    judged_by: int
    pairs: float
    most_pairs: float
    tokens: float
    captured: float
    lowest: float
    below: float
    expected: float
    foretold: float
    foretold_tokens: float
    holds: bool


def find(name: str, judging: Judging, splits: int, capture: float, scorer: str) -> Found:
    """The race to a captured gain on every split of a matrix, against the exact choice."""
    c = judging.votes() if scorer == "nuggets" else judging.contributions(judging.bank_control())
    run, shares, tokens, expected, planned = race(capture), [], [], [], []
    gains: list[tuple[float, float]] = []
    foretold_tokens: list[float] = []
    for seed in range(splits):
        tasks, others = judging.split(seed)
        raced, whole = run(judging, c, tasks, seed), exact(judging, c, tasks, seed)
        gains.append((_gain(c, raced, others), _gain(c, whole, others)))
        shares.append(raced.pairs / whole.pairs)
        tokens.append(raced.tokens / whole.tokens)
        expected.append(raced.capture or 0.0)
        planned.append(_foretold(judging, tasks, capture))
        foretold_tokens.append(planned[-1][1] / raced.tokens)
    of_race, of_exact = np.mean(gains, axis=0)
    ratios = [raced / whole for raced, whole in gains]
    pairs, captured = statistics.mean(shares), float(of_race / of_exact)
    foretold = statistics.mean(share for share, _ in planned) / pairs
    holds = pairs <= PAIRS and captured >= CAPTURED and abs(foretold - 1) <= FORETOLD
    below = statistics.mean(ratio < CAPTURED for ratio in ratios)
    sizes = len(c), len(tasks), len(others)
    return Found(
        name,
        *sizes,
        pairs,
        max(shares),
        statistics.mean(tokens),
        captured,
        min(ratios),
        below,
        statistics.mean(expected),
        foretold,
        statistics.mean(foretold_tokens),
        holds,
    )


def _gain(c: FloatArray, choice: Choice, others: list[int]) -> float:
    """Mean contribution of the chosen less that of all, on the samples to judge by."""
    means = c[:, others].mean(axis=1)
    return float(means[choice.chosen].mean() - means.mean())


def _foretold(judging: Judging, tasks: list[int], capture: float) -> tuple[float, float]:
    """The share of the pairs that `icon plan` foretells, and the tokens, with candidates of average length."""
    everyone = list(range(len(judging.lengths)))
    leaving: Leaving = "likely" if capture <= LIKELY_UP_TO else "certain"
    first, fewest = (FIRST_LOOK, 1) if leaving == "likely" else (FIRST, fewest_in(judging, tasks))
    rules = Rules(keep_of(len(everyone)), first, capture, 0.95, stops=True, seed=0, leaving=leaving, fewest=fewest)
    pairs = tokens = 0.0
    start = 0
    for size, many in expected_slices(len(everyone), len(tasks), rules):
        part = tasks[start : start + size]
        own = judging.tokens(everyone, part, bank=False)
        tokens += own * many / len(everyone) + judging.tokens(everyone, part) - own
        pairs += size * many
        start = (start + size) % len(tasks)
    return pairs / (len(everyone) * len(tasks)), tokens


def main() -> None:
    """Judge, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=SPLITS, help="splits of each matrix")
    parser.add_argument("--matrices", nargs="+", default=NAMES, choices=NAMES, help="which ones")
    parser.add_argument("--capture", type=float, default=CAPTURE, help="where the race ends")
    parser.add_argument("--scorer", default="icon", choices=("icon", "nuggets"), help="whose values are raced")
    parser.add_argument("--out", type=Path, default=Path("bench-results/fresh.json"), help="where the JSON goes")
    given = parser.parse_args()
    files = {name: FILE.with_name(f"{name}.json") for name in given.matrices}
    there = {name: Judging.load(path) for name, path in files.items() if path.is_file()}
    rows = [find(name, judging, given.splits, given.capture, given.scorer) for name, judging in there.items()]
    header = [
        "matrix",
        "candidates",
        "to choose by",
        "to judge by",
        "pairs",
        "most",
        "tokens",
        "captured gain (of exact)",
    ]
    header += [
        "lowest split",
        "splits below 0.95",
        "as expected by itself",
        "planned / measured",
        "in tokens",
        "the bar is met",
    ]
    data = [asdict(row) for row in rows]
    missing = [f"{name}: not measured" for name in given.matrices if name not in there]
    table = markdown(header, [list(row.values()) for row in data])
    publish(given.out, "\n\n".join([table, *missing]), {"rows": data, "missing": missing})


if __name__ == "__main__":
    main()
