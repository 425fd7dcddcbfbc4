"""Orders of the assessment samples: how reliable scores are, a token, when the first samples of each are measured.

Run it with `python tests/benchmarks/bench_order.py`; it needs no model and no data, only judging_matrix.json. The
informative order is learnt from 16 candidates drawn at random and judged on the others; what the pilot costs is left
out.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

import numpy as np
from judging import FloatArray, Judging
from tables import markdown, publish

from icon.scorers.racing import estimate
from icon.scorers.racing._slices import PILOT, informative_order

DRAWS = 40
TOKENS = (250, 500, 1000, 2000, 4000)
"""Tokens of assessment samples behind each candidate."""


def reliability(c: FloatArray, order: list[int], lengths: FloatArray, tokens: int) -> float:
    """Squared correlation of the scores from the first samples, so many tokens of them, with the means over all."""
    many = max(2, int((np.cumsum(lengths[order]) <= tokens).sum()))
    found = estimate(c[:, order[:many]], c.shape[1]).score
    return float(np.corrcoef(found, c.mean(axis=1))[0, 1] ** 2)


def main() -> None:
    """Compare, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("bench-results/order.json"), help="where the JSON goes")
    given = parser.parse_args()
    judging = Judging.load()
    c, lengths = judging.contributions(judging.bank_control()), judging.task_tokens.astype(np.float64)
    found: dict[tuple[str, int], list[float]] = {}
    for seed in range(DRAWS):
        draw = np.random.default_rng(seed)
        places = draw.permutation(len(c))
        pilot, rest = c[places[:PILOT]], c[places[PILOT:]]
        orders = {
            "random": draw.permutation(c.shape[1]).tolist(),
            "informative": informative_order(pilot, judging.task_tokens.tolist()),
        }
        for name, order in orders.items():
            for tokens in TOKENS:
                found.setdefault((name, tokens), []).append(reliability(rest, order, lengths, tokens))
    means = {key: statistics.mean(values) for key, values in found.items()}
    rows = [[tokens, means["random", tokens], means["informative", tokens]] for tokens in TOKENS]
    data = [{"tokens": tokens, "random": a, "informative": b} for tokens, a, b in rows]
    publish(
        given.out, markdown(["tokens behind a candidate", "random order", "informative order"], rows), {"rows": data}
    )


if __name__ == "__main__":
    main()
