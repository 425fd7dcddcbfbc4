"""Packs for the sequences that were tried, and plain passes for those beyond a limit of the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from icon import inference
from icon.inference import Branch, Pack
from icon_torch.apart import PlainEngine
from icon_torch.engine import Engine

Result = TypeVar("Result")


class WithinReach(Engine):
    """Evaluates sequences up to a length by a fast engine and longer ones alone, by plain passes.

    So no sequence is packed with one that makes the model compute differently, as in LongRoPE, where one sequence
    beyond the limit gives all tokens of a pass other frequencies.

    Args:
        fast: The engine for sequences within reach.
        plain: The engine for the others.
        reach: Longest sequence for the fast engine, in tokens that are read: all but the response's last one.

    Attributes:
        n_beyond: Number of sequences that were evaluated alone so far.
    """

    name = "within-reach"

    def __init__(self, fast: Engine, plain: PlainEngine, reach: int) -> None:
        self.fast, self.plain, self.reach = fast, plain, reach
        super().__init__(fast.model, fast.body, fast.head, fast.context_length, fast.pack_tokens)
        self.n_beyond = 0

    @property
    def label(self) -> str:
        """The fast engine's label."""
        return self.fast.label

    @property
    def tokens_evaluated(self) -> int:
        """Tokens that the model has read so far in both ways."""
        return self.fast.tokens_evaluated + self.plain.tokens_evaluated

    @tokens_evaluated.setter
    def tokens_evaluated(self, number: int) -> None:
        self.fast.tokens_evaluated = number
        self.plain.tokens_evaluated = 0

    def start(self, shared: Sequence[int], *, beginning: int = 0, wipe: bool = False) -> None:
        """Set the tokens that all branches share, for both engines."""
        super().start(shared, wipe=wipe)
        self.fast.start(shared, beginning=beginning, wipe=wipe)
        self.fast.pack_tokens = self.pack_tokens
        self.plain.start(shared, wipe=True)

    def logprobs(self, pack: Pack) -> list[NDArray[np.float64]]:
        """Log-probabilities of every branch's response tokens; see `Engine.logprobs`."""
        return self._evaluated(pack, self.fast.logprobs, self.plain.logprobs)

    def states(self, pack: Pack) -> list[Tensor]:
        """Last hidden states of every branch's tokens; see `Engine.states`."""
        return self._evaluated(pack, self.fast.states, self.plain.states)

    def _evaluated(
        self, pack: Pack, fast: Callable[[Pack], list[Result]], plain: Callable[[Pack], list[Result]]
    ) -> list[Result]:
        """The results of all branches in the pack's order, each from the engine for its length."""
        longest = self.reach - len(self.shared)
        beyond = [place for place, branch in enumerate(pack.branches) if len(branch.tokens) > longest]
        if not beyond:
            return fast(pack)
        self.n_beyond += len(beyond)
        within = sorted(set(range(len(pack.branches))).difference(beyond))
        found = {**_by_place(pack, within, fast), **_by_place(pack, beyond, plain)}
        return [found[place] for place in range(len(pack.branches))]


def _by_place(pack: Pack, places: Sequence[int], evaluate: Callable[[Pack], list[Result]]) -> dict[int, Result]:
    """Results of some of a pack's branches by their places, from a pack of these alone."""
    if not places:
        return {}
    chosen = [Branch(place, pack.branches[place].tokens, pack.branches[place].response) for place in places]
    (part,) = inference.pack(chosen, max_tokens=sum(len(branch.tokens) for branch in chosen), max_branches=len(chosen))
    return {branch.index: result for branch, result in zip(part.branches, evaluate(part), strict=True)}
