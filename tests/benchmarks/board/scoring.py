"""Scores of candidates, measured once per target by icon's own scorers and kept as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from board.conditions import Data
from icon.config import RunConfig
from icon.plugins import Backend, ContributionScorer, ScoringTask, Template
from icon.scorers.icon import IconScorer
from icon.scorers.options import IconOptions, ReverseOptions
from icon.scorers.passes import response_outcomes
from icon.scorers.positions import by_class
from icon.scorers.reverse import ReverseScorer
from icon.scorers.task import scoring_task
from icon.types import Measurement, Sample, Status

Scores = dict[str, float]
"""Figures of one candidate, by name."""

CONTEXTS = 4
"""Contexts of the scorer `reverse`."""

BATCH = 8
"""Candidates measured and written at a time."""


@dataclass(frozen=True, slots=True)
class Store:
    """One JSON lines file: a line per candidate, appended when it is measured.

    Attributes:
        path: The file.
    """

    path: Path

    def read(self) -> dict[str, Scores]:
        """What is measured, by candidate; a line cut off by a kill is left out, and measured again."""
        found: dict[str, Scores] = {}
        if self.path.exists():
            for line in self.path.read_text("utf-8").splitlines():
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                found[record.pop("id")] = record
        return found

    def add(self, rows: Mapping[str, Scores]) -> None:
        """Append rows, and see them on disk."""
        append(
            self.path,
            ({"id": id_} | {name: round(value, 6) for name, value in row.items()} for id_, row in rows.items()),
        )


def append(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """Append records as JSON lines; a line that a kill cut off is ended first, so that it spoils no other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cut = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * cut + "".join(json.dumps(record) + "\n" for record in records))
        file.flush()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Scorers that have read a target, and the bare model's NLL of it."""

    icon: IconScorer
    bare: list[Measurement]
    reverse: ContributionScorer
    less: ContributionScorer
    rds: ContributionScorer


class Scoring:
    """Measures candidates on a target.

    Args:
        data: The records.
        backend: The model.
        template: The prompt form.
        folder: Where stores are.
    """

    def __init__(self, data: Data, backend: Backend, template: Template, folder: Path) -> None:
        self._data, self._backend, self._template, self._folder = data, backend, template, folder
        self._prepared: dict[str, _Prepared] = {}

    def scores(self, target: str, candidates: Sequence[Sample]) -> dict[str, Scores]:
        """All figures of these candidates; those without any are measured first."""
        store = Store(self._folder / f"scores-{target}.jsonl")
        known = store.read()
        missing = [one for one in candidates if one.id not in known]
        for start in range(0, len(missing), BATCH):
            rows = self._measure(target, missing[start : start + BATCH])
            store.add(rows)
            known |= rows
        return {one.id: known[one.id] for one in candidates}

    def _scorers(self, target: str) -> _Prepared:
        if target not in self._prepared:
            from icon_less.options import LessOptions
            from icon_less.scorer import LessScorer
            from icon_rds.options import RdsOptions
            from icon_rds.scorer import RdsScorer

            samples = self._data.assessment(target)
            icon, reverse = IconScorer(IconOptions()), ReverseScorer(ReverseOptions(contexts=CONTEXTS))
            less, rds = LessScorer(LessOptions(projection=0, rank=16, alpha=64)), RdsScorer(RdsOptions())
            bare = icon.prepare(self._task(icon, samples), [])
            reverse.prepare(self._task(reverse, samples[:CONTEXTS]), [])
            less.prepare(self._task(less, samples), [])
            rds.prepare(self._task(rds, samples), [])
            self._prepared[target] = _Prepared(icon, bare, reverse, less, rds)
        return self._prepared[target]

    def _task(self, scorer: ContributionScorer, samples: Sequence[Sample]) -> ScoringTask:
        return scoring_task(RunConfig(template="chat"), scorer, samples, self._template, self._backend)

    def _measure(self, target: str, candidates: Sequence[Sample]) -> dict[str, Scores]:
        scorers = self._scorers(target)
        task = scorers.icon.task
        own = response_outcomes(candidates, task)
        alone = response_outcomes(candidates, task, with_prompt=False)
        pairs = list(scorers.icon.measure(candidates))
        means = {
            name: [float(np.mean([row.value for row in _ok(rows)])) for rows in scorer.measure(candidates)]
            for name, scorer in (("reverse", scorers.reverse), ("less", scorers.less), ("rds", scorers.rds))
        }
        return {
            one.id: {
                "nll": own[i].nll,
                "nll_alone": alone[i].nll,
                "tokens": own[i].n_tokens,
                **_icon(_ok(pairs[i]), scorers.bare),
                **{name: values[i] for name, values in means.items()},
            }
            for i, one in enumerate(candidates)
        }


def _icon(pairs: Sequence[Measurement], bare: Sequence[Measurement]) -> Scores:
    """Means over the assessment samples: c, the log-gain with and without the first two tokens, and nuggets' share."""
    given, control = (
        by_class(
            [getattr(row, name) for row in pairs],
            [row.n_tokens for row in pairs],
            [getattr(row, first) for row in pairs],
            [getattr(row, second) for row in pairs],
        )
        for name, first, second in (("nll", "first", "second"), ("nll_random", "first_random", "second_random"))
    )
    beyond = np.array([max(1, (row.n_tokens or 0) - 2) for row in pairs])
    return {
        "c": float(np.mean([row.c for row in pairs])),
        "log_gain": float(np.mean([row.log_gain for row in pairs])),
        "rest": float(np.mean((control - given)[:, 2] / beyond)),
        "nuggets": float(np.mean([row.nll < base.nll for row, base in zip(pairs, bare, strict=True)])),
    }


def _ok(rows: Sequence[Measurement]) -> Sequence[Measurement]:
    if failed := [row for row in rows if row.status != Status.OK]:
        raise RuntimeError(f"candidate {failed[0].candidate}: {failed[0].reason}")
    return rows
