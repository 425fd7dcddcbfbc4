"""A validation made by hand: arms whose losses are known, without a model."""

from __future__ import annotations

from pathlib import Path

from icon.runs.scores import read_scores
from icon.runs.validation import JudgeInput, Validation, ValidationStore
from icon.validation.arms import selection_digest
from icon.validation.losses import ArmLosses, JudgeLoss
from icon.validation.statistics import verdict_of

GROUPS = {f"s{i}": "ab"[i % 2] for i in range(8)}
SETTINGS = {"train": "top-blocks", "learning_rate": 2e-4, "seed": 0}


def arm(name, kind, rest, first=3.0):
    """An arm with `rest` nats behind the second token of each of eight samples, and an eighth of a nat per sample."""
    judged = tuple(JudgeLoss.of(f"s{i}", [first, 2.0, rest + i / 8, rest]) for i in range(8))
    return ArmLosses(name=name, kind=kind, judged=judged, n_records=4, steps=9, tokens=900, seconds=20.0)


def arms(selection=1.0):
    """The bare model, a selection, four draws whose means lie 0.02 apart, two rules and the pool."""
    draws = [arm(f"random-{k:02d}", "random", 1.5 + k / 50) for k in range(4)]
    rules = [arm("longest", "rule", 1.7), arm("low-ppl", "rule", 1.53), arm("pool", "pool", 1.4)]
    return [arm("bare", "bare", 2.5, first=9.0), arm("selection", "selection", selection), *draws, *rules]


def conclude(run: Path, selection: float = 1.0) -> Validation:
    """Write a validation of a run's selection, and return it."""
    made = Validation(
        selection=selection_digest(read_scores(run / "scores.parquet")),
        selected=4,
        judge=JudgeInput(source="held_out.jsonl", samples=8, digest="j"),
        settings=SETTINGS,
        tables={table: verdict_of(arms(selection), groups=GROUPS) for table in ("steps", "tokens")},
        notes=("ifd is left out: it is known of 3 candidates, and 4 are selected",),
    )
    made = ValidationStore(run).conclude(made)
    return made
