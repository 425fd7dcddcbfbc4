"""The conditions of the board: pools, what they are scored on, and what arms are judged on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from board.corrupting import corrupted, near_duplicates
from icon.samples.load import load_samples
from icon.samples.making import content_id, single_turn
from icon.types import Sample

N_POOLS, POOL, KEPT = 8, 120, 18
"""Pools per condition, candidates per pool, and how many an arm is trained on: 15%."""

SCORED_ON, JUDGED_ON = 8, 32
"""Assessment samples of a target, and judge samples of a pool; no judge sample is ever scored on."""

LONGEST, SHORTEST = 160, 8
"""Most tokens of a record in all, and fewest tokens of a response: every arm has tokens beyond the first two."""

CONDITIONS = ("clean", "noisy", "mixed", "redundant", "other", "short", "long")

Length = Callable[[Sample], tuple[int, int]]
"""Number of tokens of a sample in all, and of its response."""


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool of one condition.

    Attributes:
        condition: Name of the condition.
        number: Number of the pool, from 0.
        target: What candidates are scored on: the name of an assessment set.
        candidates: The candidates.
        judge: Samples that arms are judged on.
    """

    condition: str
    number: int
    target: str
    candidates: tuple[Sample, ...]
    judge: tuple[Sample, ...]


class Data:
    """Real records, cut into the parts that pools, assessment sets and judges are drawn from; parts never overlap.

    Args:
        folder: Where alpaca_4000.jsonl, gsm8k_400.jsonl and assessment_1020.jsonl are.
        length: Counts tokens.
    """

    def __init__(self, folder: Path, length: Length) -> None:
        self._length = length
        self.alpaca = self._fitting(load_samples(str(folder / "alpaca_4000.jsonl")).samples, LONGEST)
        self.other = self._fitting(load_samples(str(folder / "assessment_1020.jsonl")).samples, LONGEST)
        lines = (folder / "gsm8k_400.jsonl").read_text("utf-8").splitlines()
        self.gsm8k = self._fitting([_problem(json.loads(line), row) for row, line in enumerate(lines)], 240)

    def assessment(self, target: str) -> list[Sample]:
        """The assessment set of a target: `alpaca`, `gsm8k` or `other`."""
        return self._parts[target][:SCORED_ON]

    def pool(self, condition: str, number: int) -> Pool:
        """A pool of a condition, the same each time."""
        draw = np.random.default_rng([CONDITIONS.index(condition), number])
        target = {"mixed": "gsm8k", "other": "other"}.get(condition, "alpaca")
        waiting = self._parts[target][SCORED_ON:]
        judge = [waiting[place] for place in draw.permutation(len(waiting))[:JUDGED_ON]]
        candidates = getattr(self, f"_{condition}")(number, draw)
        return Pool(condition, number, target, tuple(candidates), tuple(judge))

    @cached_property
    def _parts(self) -> dict[str, list[Sample]]:
        """Samples that are never candidates, by target."""
        return {"alpaca": self.alpaca[:300], "gsm8k": self.gsm8k[:100], "other": self.other}

    @cached_property
    def _records(self) -> list[Sample]:
        """Records for pools, 120 of which make a clean one."""
        return self.alpaca[300 : 300 + N_POOLS * POOL]

    def _clean(self, number: int, draw: np.random.Generator) -> list[Sample]:
        return self._records[number * POOL : (number + 1) * POOL]

    _other = _clean

    def _noisy(self, number: int, draw: np.random.Generator) -> list[Sample]:
        """The clean pool, every third record corrupted."""
        clean = self._clean(number, draw)
        first = number * POOL
        return [corrupted(one, first + i // 3, clean) if i % 3 == 0 else one for i, one in enumerate(clean)]

    def _mixed(self, number: int, draw: np.random.Generator) -> list[Sample]:
        """60 of the clean pool's records and 60 GSM8K problems; the target is other problems."""
        problems = self.gsm8k[100:]
        drawn = draw.permutation(len(problems))[: POOL // 2]
        return [*self._clean(number, draw)[: POOL // 2], *(problems[place] for place in drawn)]

    def _redundant(self, number: int, draw: np.random.Generator) -> list[Sample]:
        """60 of the clean pool's records, and four near duplicates of each of 15 of them."""
        clean = self._clean(number, draw)[: POOL // 2]
        return [*clean, *(copy for one in clean[:15] for copy in near_duplicates(one))]

    def _short(self, number: int, draw: np.random.Generator) -> list[Sample]:
        return self._by_length(number)[:POOL]

    def _long(self, number: int, draw: np.random.Generator) -> list[Sample]:
        return self._by_length(number)[-POOL:]

    def _by_length(self, number: int) -> list[Sample]:
        """Two clean pools' records, shortest response first."""
        both = [
            *self._clean(number, np.random.default_rng()),
            *self._clean((number + 1) % N_POOLS, np.random.default_rng()),
        ]
        return sorted(both, key=lambda one: (self._length(one)[1], one.id))

    def _fitting(self, samples: Sequence[Sample], longest: int) -> list[Sample]:
        """Samples of fitting length, in a random order."""
        kept = []
        for sample in samples:
            total, response = self._length(sample)
            if total <= longest and response >= SHORTEST:
                kept.append(sample)
        return [kept[place] for place in np.random.default_rng(0).permutation(len(kept))]


def _problem(record: dict[str, str], row: int) -> Sample:
    messages = single_turn(record["question"])
    return Sample(content_id(messages, "", record["answer"]), row, messages, record["answer"])
