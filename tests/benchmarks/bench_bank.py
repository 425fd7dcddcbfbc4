"""The error of the bank of random contexts, held against that of one control a length, which is itself a draw.

Run it with `python tests/benchmarks/bench_bank.py`; it needs no model and no data, only judging_matrix.json.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from judging import FloatArray, Judging
from tables import markdown, publish

from icon.scorers.formulas import spearman


@dataclass(frozen=True)
class Agreement:
    """Two controls over the same pairs."""

    between: str
    spearman: float | None
    nll_apart: float
    scores_apart: float


def main() -> None:
    """Compare, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("bench-results/bank.json"), help="where the JSON goes")
    given = parser.parse_args()
    judging = Judging.load()
    one, other = judging.paired_control(0), judging.paired_control(1)
    n = one.shape[1]
    bank, second = judging.bank_control((0, 1), n), judging.bank_control((2, 3), n)

    def scores(control: FloatArray) -> FloatArray:
        return np.asarray(judging.contributions(control).mean(axis=1))

    def agreement(between: str, a: FloatArray, b: FloatArray) -> Agreement:
        apart = scores(a) - scores(b)
        return Agreement(
            between, spearman(scores(a), scores(b)), float(np.sqrt(np.mean((a - b) ** 2))), float(apart.std())
        )

    rows = [
        agreement("two seeds of one control a length", one, other),
        agreement("the bank and the first of them", bank, one),
        agreement("the bank and the second", bank, other),
        agreement("two banks of other draws", bank, second),
    ]
    whole = scores(judging.bank_control())
    controls = {"a control a length": one, "the same, another seed": other, "a bank": bank, "another bank": second}
    kept = {name: spearman(scores(control), whole) for name, control in controls.items()}
    header = ["between", "Spearman of the scores", "NLL apart (root mean square)", "scores apart, less a common shift"]
    text = markdown(header, [list(asdict(each).values()) for each in rows]) + "\n\n"
    header = [f"scores over {n} samples with", "Spearman with the scores over all, with a bank"]
    text += markdown(header, [list(each) for each in kept.items()])
    publish(given.out, text, {"agreement": [asdict(each) for each in rows], "with_all": kept})


if __name__ == "__main__":
    main()
