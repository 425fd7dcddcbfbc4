"""The judging matrix: every candidate in front of every assessment sample, measured once by make_judging_matrix.py."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.assessment.draw import allocate
from icon.scorers._bank import DRAWS, control_lengths, ends
from icon.scorers.formulas import EPSILON

FloatArray = NDArray[np.float64]
FILE = Path(__file__).resolve().parent / "judging_matrix.json"
LONGEST = 2040
CHOOSING = 2 / 3
"""Share of the tasks that choices are made by; the others judge them."""


@dataclass
class Judging:
    """What was measured.

    Attributes:
        data: The file as it is: row numbers, groups, lengths, NLLs.
    """

    data: dict[str, Any]
    _bank: dict[tuple[int, int], FloatArray] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = FILE) -> Judging:
        """Read the file."""
        return cls(json.loads(path.read_text("utf-8")))

    @cached_property
    def baseline(self) -> FloatArray:
        """NLL(S_i), shape (tasks,)."""
        return np.array(self.data["nll"])

    @cached_property
    def given(self) -> FloatArray:
        """NLL(S_i given T_j), shape (candidates, tasks)."""
        return np.array(self.data["nll_candidates"])

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of each demonstration."""
        return list(self.data["demonstration_tokens"])

    @cached_property
    def task_tokens(self) -> NDArray[np.int64]:
        """Tokens that are read of each task: prompt, and response without its last token."""
        return np.array([prompt + response - 1 for prompt, response in self.data["task_tokens"]])

    def bank(self, length: int, draws: tuple[int, ...], n_tasks: int | None = None) -> FloatArray:
        """NLL behind the bank's contexts of a length, the mean over draws."""
        found = [values for key, values in self.data["nll_controls"].items() if _is_bank(key, length, draws)]
        assert len(found) == len(draws), (length, draws)
        return np.mean([values[:n_tasks] for values in found], axis=0)

    def bank_control(self, draws: tuple[int, ...] = (0, 1), n_tasks: int | None = None) -> FloatArray:
        """NLL(S_i given R_j) as the bank interpolates it, shape (candidates, tasks)."""
        rows = []
        for length in self.lengths:
            lower, upper, weight = ends(length, LONGEST)
            lower, upper = max(lower, 16), max(upper, 16)  # the shortest that was measured
            if lower != upper:
                weight = float(np.log(length / lower) / np.log(upper / lower))
            rows.append(
                (1 - weight) * self.bank(_at(lower), draws, n_tasks) + weight * self.bank(_at(upper), draws, n_tasks)
            )
        return np.array(rows)

    def paired_control(self, which: int) -> FloatArray:
        """NLL behind a control of exactly each demonstration's length, under one of two seeds; the first tasks only."""
        controls = self.data["nll_controls"]
        seeds = sorted({int(key.split("/")[3]) for key in controls if key.startswith("paired/")})
        return np.array([controls[f"paired/{length}/0/{seeds[which]}"] for length in self.lengths])

    def contributions(self, control: FloatArray) -> FloatArray:
        """c_ij, shape (candidates, tasks), over the tasks of the control."""
        n = control.shape[1]
        return (np.exp(control) - np.exp(self.given[:, :n])) / (np.exp(self.baseline[:n]) + EPSILON)

    def votes(self) -> FloatArray:
        """1 where a candidate helps a task (NLL below the bare prompt's), else 0: what `nuggets` averages."""
        return (self.given < self.baseline).astype(np.float64)

    def split(self, seed: int) -> tuple[list[int], list[int]]:
        """Tasks to choose by, stratified by group and mixed as a run mixes them, and the others, to judge by."""
        draw = np.random.default_rng(seed)
        strata: dict[str, list[int]] = defaultdict(list)
        for place in draw.permutation(len(self.baseline)):
            strata[self.data["groups"][place] or ""].append(int(place))
        places = allocate(
            round(CHOOSING * len(self.baseline)), {name: len(members) for name, members in strata.items()}
        )
        chosen = [each for name, members in strata.items() for each in members[: places[name]]]
        others = [each for name, members in strata.items() for each in members[places[name] :]]
        return [int(each) for each in draw.permutation(chosen)], others

    def contexts(self, candidates: list[int]) -> int:
        """Tokens of the contexts that every slice with these candidates reads: demonstrations, and the bank's."""
        lengths = [self.lengths[each] for each in candidates]
        return sum(lengths) + sum(control_lengths("random", lengths, LONGEST))

    def tokens(self, candidates: list[int], tasks: list[int], *, bank: bool = True) -> int:
        """Tokens that measuring these pairs at once reads: demonstrations, tasks behind each, baseline and bank."""
        behind = int(self.task_tokens[tasks].sum())
        contexts = control_lengths("random", [self.lengths[each] for each in candidates], LONGEST)
        own = sum(self.lengths[each] + behind for each in candidates)
        return own + (sum(contexts) + (len(contexts) + 1) * behind if bank else 0)


def _is_bank(key: str, length: int, draws: tuple[int, ...]) -> bool:
    kind, size, draw, _ = key.split("/")
    return kind == "bank" and int(size) == length and int(draw) in draws


def _at(length: int) -> int:
    """The nearest measured length at or below; powers of two from 16 to 512 were measured."""
    return min(512, max(16, 1 << (length.bit_length() - 1)))


assert DRAWS == 2, "the judging matrix holds two draws of each length"
