"""What a cascade captures on pools of real records that are measured in full; beside top and classifier.

Run it with `python tests/benchmarks/bench_cascade_pool.py`; it needs alpaca_4000.jsonl (set ICON_TEST_DATA), and takes
the scores of its records that the board has measured (`board/results/scores-*.jsonl`: `icon` on 8 assessment samples of
a target, every pair, and the cheap scores), so no model is run. Captured gain is the mean score of the chosen above
that of all, over that of the best; the scores that choose are those that judge, so the noise of 8 samples counts as
something to capture. `top`, `classifier` and the draw of the checks are over seeds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tables import markdown, publish
from workload import data_folder, positive

from icon.api import load_samples
from icon.plugins import Narrowed, SelectionTask
from icon.selection.cascade import CascadeOptions, CascadeSelector
from icon.selection.classifier import ClassifierOptions, ClassifierSelector
from icon.types import Keep, Sample, Selection

RESULTS = Path(__file__).parent / "board" / "results"
SHARES = (0.2, 0.3, 0.5)
"""Shares of the candidates that are measured; 0.3 is twice as many as are kept, the default."""
KEEP = Keep(share=0.15)
CHEAP = {"length": ("tokens", 1), "ppl": ("nll", -1), "rds": ("rds", 1)}
"""Cheap scorers, and the columns of the board with a sign, which order as they do: `ppl` prefers the low end."""


@dataclass(frozen=True)
class Choice:
    """One choice.

    Attributes:
        target: Whose assessment samples measure.
        way: How it was chosen.
        share: Share of the candidates that was measured.
        captured: Captured gain.
        seconds: Processor seconds of the choice itself, without measuring.
        expected: What the cascade says of its own captured gain; None elsewhere.
        like_draw: Whether its check cannot tell the cheap score from a draw; None elsewhere.
    """

    target: str
    way: str
    share: float
    captured: float
    seconds: float
    expected: float | None
    like_draw: bool | None


@dataclass(frozen=True)
class Pool:
    """Records that are measured in full on one target; `scores` and `cheap` are by id."""

    target: str
    samples: Sequence[Sample]
    scores: Mapping[str, float]
    cheap: Mapping[str, Mapping[str, float]]

    def choices(self, share: float, seed: int) -> list[Choice]:
        """Every way of choosing that measures this share."""
        size = round(share * len(self.samples))
        drawn = np.random.default_rng(seed).permutation(len(self.samples))[:size]
        some = {self.samples[place].id: self.scores[self.samples[place].id] for place in sorted(drawn.tolist())}
        task = SelectionTask(self.samples, some, KEEP, seed, None)
        found = [
            self._choice("top of a random subset", share, CascadeSelector(CascadeOptions()), task),
            self._choice("classifier from a random subset", share, ClassifierSelector(ClassifierOptions()), task),
        ]
        draw = np.random.default_rng(seed + 10_000).random(len(self.samples)).tolist()
        random = dict(zip(self.scores, draw, strict=True))
        for name, values in {**self.cheap, "random": random}.items():
            for prefer in ("high", "low") if name != "random" else ("high",):
                selector = CascadeSelector(CascadeOptions(cheap=name, prefer=prefer))
                narrow = selector.narrow(values, size, seed)
                some = {id_: self.scores[id_] for part in narrow for id_ in part}
                task = SelectionTask(
                    self.samples, some, KEEP, seed, None, narrowed=Narrowed("icon", name, values, *narrow)
                )
                found.append(self._choice(f"cascade, {prefer} {name}", share, selector, task))
        return found

    def _choice(self, way: str, share: float, selector: Any, task: SelectionTask) -> Choice:
        start = time.process_time()
        selection: Selection = selector.select(task)
        seconds = time.process_time() - start
        quality = selection.quality
        expected, like_draw = quality.get("captured_of_all"), quality.get("like_draw")
        return Choice(self.target, way, share, self._captured(selection), seconds, expected, like_draw)

    def _captured(self, selection: Selection) -> float:
        chosen = [self.scores[one.id] for one in selection.decisions if one.selected]
        everyone = sorted(self.scores.values(), reverse=True)
        mean, best = statistics.mean(everyone), statistics.mean(everyone[: len(chosen)])
        return (statistics.mean(chosen) - mean) / (best - mean)


def pool_of(target: str, records: Mapping[str, Sample], results: Path) -> Pool:
    """The records that the board has measured on a target, in the order of the file they are from."""
    with (results / f"scores-{target}.jsonl").open(encoding="utf-8") as lines:
        found = {row["id"]: row for row in map(json.loads, lines) if row["id"] in records}
    samples = [sample for id_, sample in records.items() if id_ in found]
    cheap = {name: {one.id: sign * found[one.id][column] for one in samples} for name, (column, sign) in CHEAP.items()}
    return Pool(target, samples, {one.id: found[one.id]["c"] for one in samples}, cheap)


def table_of(choices: Sequence[Choice]) -> str:
    """Captured gain by way and share; what the cascade says of itself at 0.3."""
    header = ["way", *(f"{share:.0%} measured" for share in SHARES), "as expected by itself, at 30%"]
    header += ["better than a draw, it says, at 30%", "processor s of the choice"]
    rows: list[list[Any]] = []
    for way in dict.fromkeys(one.way for one in choices):
        own = [one for one in choices if one.way == way]
        at = [one for one in own if one.share == SHARES[1] and one.like_draw is not None]
        by_share = [statistics.mean(one.captured for one in own if one.share == share) for share in SHARES]
        said = [one.expected for one in at if one.expected is not None]
        better = statistics.mean(not one.like_draw for one in at) if at else None
        seconds = statistics.mean(one.seconds for one in own)
        rows.append([way, *by_share, statistics.mean(said) if said else None, better, seconds])
    return markdown(header, rows)


def main() -> None:
    """Choose, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=positive, default=20, help="draws that each figure is a mean of")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder with the board's scores")
    parser.add_argument("--targets", nargs="+", default=["alpaca", "other"])
    parser.add_argument("--out", type=Path, default=Path("bench-results/cascade_pool.json"), help="where the JSON goes")
    given = parser.parse_args()
    folder = data_folder()
    if folder is None:
        raise SystemExit(1)
    records = {sample.id: sample for sample in load_samples(folder / "alpaca_4000.jsonl")}
    tables, choices = [], []
    for target in given.targets:
        pool = pool_of(target, records, given.results)
        own = [one for seed in range(given.seeds) for share in SHARES for one in pool.choices(share, seed)]
        tables.append(f"{target}: {len(pool.samples):,} records\n\n{table_of(own)}")
        choices += own
    publish(given.out, "\n\n".join(tables), {"choices": [asdict(one) for one in choices]})


if __name__ == "__main__":
    main()
