"""What a cascade captures: a cheap score says whom a race measures, on the judging matrix; beside top and classifier.

Run it with `python tests/benchmarks/bench_cascade.py`; it needs alpaca_4000.jsonl and assessment_1020.jsonl (set
ICON_TEST_DATA), and measures the cheap scores of the 120 candidates with the embedded model first (a minute). As in
bench_decision.py each split has 128 assessment samples to choose by and 64 to judge by, and 18 of the 120 candidates
are kept; captured gain is that of a choice over that of measuring everything, both summed over the splits. Every way
measures the same number of candidates: drawn at random (top, classifier), or by the cheap score (cascade), a tenth of
them drawn from the others.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from judging import FloatArray, Judging
from schedules import exact, fewest_in, keep_of
from tables import markdown, publish
from workload import data_folder, positive

from icon.api import load_backend, load_samples, score
from icon.plugins import Narrowed, SelectionTask
from icon.scorers.racing import FIRST, Rules, Slice, run_race
from icon.selection.cascade import CascadeOptions, CascadeSelector
from icon.selection.classifier import ClassifierOptions, ClassifierSelector
from icon.types import Keep, Measurement, Message, Sample, Selection

SIZES = (24, 36, 60, 90)
"""How many candidates are measured; 36 is twice as many as are kept, the default of the cascade."""
CHEAP = ("length", "random", "ppl", "ifd", "rds")
RDS_TASKS = 32
"""Assessment samples that rds compares with: the first of the 1,020 that are not in the matrix."""


@dataclass(frozen=True)
class Judged:
    """One choice of one split.

    Attributes:
        way: How it was chosen.
        measured: How many candidates were raced.
        gain: Mean contribution of the chosen on the samples to judge by, above the mean of all.
        exact: The same of the choice that measures everything.
        tokens: Tokens that the race read.
        expected: What the cascade says of its own captured gain; None elsewhere.
        missed: Share of the others that would have been selected, as its check says; None elsewhere.
        like_draw: Whether its check cannot tell the cheap score from a draw; None elsewhere.
    """

    way: str
    measured: int
    gain: float
    exact: float
    tokens: int
    expected: float | None = None
    missed: float | None = None
    like_draw: bool | None = None


def raced(
    judging: Judging, c: FloatArray, rows: Sequence[int], tasks: list[int], seed: int
) -> tuple[dict[int, float], int]:
    """Scores by candidate from the library's own race, which looks for as many as are kept, and the tokens it reads."""
    candidates = [_named(row, "") for row in rows]
    samples = [_named(place, "x" * int(judging.task_tokens[place])) for place in tasks]
    keep, tokens = min(keep_of(len(c)), len(rows)), 0
    rules = Rules(keep, FIRST, 0.99, 0.95, stops=True, seed=seed, fewest=fewest_in(judging, tasks))

    def take(part: Slice) -> tuple[list[Measurement], None]:
        nonlocal tokens
        places = [each.row for each in part.samples]
        tokens += judging.tokens([each.row for each in part.candidates], places)
        pairs = ((each, task) for each in part.candidates for task in part.samples)
        return [Measurement(each.id, task.id, c=float(c[each.row, task.row])) for each, task in pairs], None

    outcome = run_race(candidates, samples, rules, take)
    centres = outcome.look.estimates.centre.tolist()
    return {int(id_): centre for id_, centre in zip(outcome.candidates, centres, strict=True)}, tokens


def _named(place: int, text: str) -> Sample:
    return Sample(str(place), place, (Message("user", text),), "")


@dataclass(frozen=True)
class Split:
    """One split of the assessment samples, and what choices on it are judged by."""

    judging: Judging
    c: FloatArray
    samples: Sequence[Sample]
    cheap: dict[str, dict[str, float]]
    seed: int

    def judged(self, size: int) -> list[Judged]:
        """Every way of choosing, measuring so many candidates."""
        tasks, others = self.judging.split(self.seed)
        means, keep = self.c[:, others].mean(axis=1), Keep(count=keep_of(len(self.c)))
        best = means[exact(self.judging, self.c, tasks, self.seed).chosen].mean() - means.mean()

        def judge(way: str, selection: Selection, tokens: int) -> Judged:
            chosen = [place for place, one in enumerate(selection.decisions) if one.selected]
            quality = selection.quality
            gain = float(means[chosen].mean() - means.mean())
            said = (quality.get(name) for name in ("captured_of_all", "missed", "like_draw"))
            return Judged(way, size, gain, float(best), tokens, *said)

        found = []
        drawn = np.random.default_rng(self.seed).permutation(len(self.c))[:size].tolist()
        scores, tokens = self._scores(drawn, tasks)
        task = SelectionTask(self.samples, scores, keep, self.seed, None)
        found.append(judge("top of a random subset", CascadeSelector(CascadeOptions()).select(task), tokens))
        if size >= ClassifierSelector.fewest_scored:
            learnt = ClassifierSelector(ClassifierOptions()).select(task)
            found.append(judge("classifier from a random subset", learnt, tokens))
        for name, values in self.cheap.items():
            for prefer in ("high", "low"):
                selector = CascadeSelector(CascadeOptions(cheap=name, prefer=prefer))
                narrow = selector.narrow(values, size, self.seed)
                scores, tokens = self._scores([self._place[id_] for part in narrow for id_ in part], tasks)
                narrowed = Narrowed("icon", name, values, *narrow)
                task = SelectionTask(self.samples, scores, keep, self.seed, None, narrowed=narrowed)
                found.append(judge(f"cascade, {prefer} {name}", selector.select(task), tokens))
        return found

    @property
    def _place(self) -> dict[str, int]:
        return {sample.id: place for place, sample in enumerate(self.samples)}

    def _scores(self, rows: list[int], tasks: list[int]) -> tuple[dict[str, float], int]:
        values, tokens = raced(self.judging, self.c, rows, tasks, self.seed)
        return {self.samples[row].id: value for row, value in values.items()}, tokens


def cheap_scores(
    names: Sequence[str], judging: Judging, samples: Sequence[Sample], folder: Path, kept: Path
) -> dict[str, dict[str, float]]:
    """The candidates' cheap scores by name and id; those measured before are taken from the file beside the figures."""
    found: dict[str, dict[str, float]] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    known = set(judging.data["tasks"])
    targets = [task for task in load_samples(folder / "assessment_1020.jsonl") if task.row not in known][:RDS_TASKS]
    kept.parent.mkdir(parents=True, exist_ok=True)
    for name in (name for name in names if name not in found):
        with load_backend("llamacpp", threads=1) as backend:
            start = time.process_time()
            given = score(samples, targets, backend=backend, scorer=name, template="paper")
            print(f"{name}: {time.process_time() - start:.1f} processor seconds", flush=True)
        found[name] = {one.id: one.score for one in given if one.score is not None}
        kept.write_text(json.dumps(found), encoding="utf-8")
    return {name: found[name] for name in names}


def main() -> None:
    """Judge, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=positive, default=40, help="splits that each figure is over")
    parser.add_argument("--cheap", nargs="+", default=CHEAP, help="the cheap scorers; rds needs its plugin")
    parser.add_argument("--out", type=Path, default=Path("bench-results/cascade.json"), help="where the JSON goes")
    given = parser.parse_args()
    folder = data_folder()
    if folder is None:
        raise SystemExit(1)
    judging = Judging.load()
    c = judging.contributions(judging.bank_control())
    everyone = {sample.row: sample for sample in load_samples(folder / "alpaca_4000.jsonl")}
    samples = [everyone[row] for row in judging.data["candidates"]]
    cheap = cheap_scores(given.cheap, judging, samples, folder, given.out.with_suffix(".cheap.json"))
    rows = [
        one
        for seed in range(given.splits)
        for size in SIZES
        for one in Split(judging, c, samples, cheap, seed).judged(size)
    ]
    publish(given.out, _table(rows), {"rows": [asdict(one) for one in rows]})


def _table(rows: list[Judged]) -> str:
    """Captured gain by way and number of measured candidates, and what the cascade says of itself by its check."""
    said = ["as expected by itself, at 60", *(f"better than a draw, it says, at {size}" for size in SIZES[1:])]
    header = ["way", *(f"{size} measured" for size in SIZES), "tokens at 36", *said]
    table = []
    for way in dict.fromkeys(row.way for row in rows):
        own = [row for row in rows if row.way == way]
        by_size = [_captured([row for row in own if row.measured == size]) for size in SIZES]
        expected = [row.expected for row in own if row.measured == 60 and row.expected is not None]
        tokens = round(statistics.mean(row.tokens for row in own if row.measured == 36))
        better = [_better([row for row in own if row.measured == size]) for size in SIZES[1:]]
        table.append([way, *by_size, tokens, statistics.mean(expected) if expected else None, *better])
    return markdown(header, table)


def _better(rows: list[Judged]) -> float | None:
    """Share of the splits in which the check says that the cheap score is better than a draw."""
    found = [not row.like_draw for row in rows if row.like_draw is not None]
    return statistics.mean(found) if found else None


def _captured(rows: list[Judged]) -> float | None:
    """Gain of all splits over that of measuring everything."""
    return sum(row.gain for row in rows) / sum(row.exact for row in rows) if rows else None


if __name__ == "__main__":
    main()
