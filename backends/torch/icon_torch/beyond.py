"""Up to which length an engine's numbers are those of plain passes, by sequences beyond the model's limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.inference import OutOfMemoryError
from icon_torch import tries
from icon_torch.apart import PlainEngine
from icon_torch.engine import Engine
from icon_torch.limits import limits_of, rope_limit, within
from icon_torch.tries import Try, evaluate

Fault = Callable[[Engine, Try, NDArray[np.float64]], str]
"""Why an engine is not correct on a try, given the log-probabilities of plain passes; empty where it is."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to which length an engine may be used.

    Attributes:
        length: Longest sequence, in tokens that are read.
        reason: Why longer ones are evaluated alone; empty where there are none.
        untried: Whether the reason is only that nothing longer could be tried.
    """

    length: int
    reason: str = ""
    untried: bool = False


class Beyond:
    """Tries engines on sequences beyond the limits that the model's configuration states.

    As many limits are tried, from the smallest on, as time and memory allow; see `tries.WORK`.

    Args:
        model: The model.
        plain: The reference engine.
        context_length: Longest sequence, in tokens.
        fault: Compares an engine with the reference.
    """

    def __init__(self, model: Any, plain: PlainEngine, context_length: int, fault: Fault) -> None:
        self._model, self._plain, self._fault = model, plain, fault
        limits, rope = limits_of(model.config, context_length), rope_limit(model.config, context_length)
        self._end, self._length, self._reason = context_length, context_length, ""
        if rope is not None:
            limit = f"{limits[rope]}={rope}" if rope in limits else f"a rope limit of {rope}"
            self._reason = f"beyond {limit} its rotations depend on the longest sequence of a pass"
            self._end, self._length = rope - 1, rope
        self._limits = [(number, name) for number, name in limits.items() if within(number, name) < self._end]
        self._left = tries.most_work(model.device.type)
        self._tried: dict[int, tuple[Try, NDArray[np.float64]]] = {}

    def reach(self, engine: Engine) -> Reach:
        """Up to which length the engine is correct."""
        for count in range(len(self._limits), 0, -1):
            try:
                tried = self._pay_for(count)
                fault = self._fault(engine, *tried) if tried else ""
            except OutOfMemoryError:
                continue
            if fault:
                number, name = self._limits[0]
                return Reach(within(number, name), f"beyond {name}={number} {fault}")
            if tried:
                return self._up_to(count)
        return self._up_to(0)

    def _pay_for(self, count: int) -> tuple[Try, NDArray[np.float64]] | None:
        """Sequences beyond the first limits and what plain passes give for them; None where that takes too long.

        Raises:
            OutOfMemoryError: There is no memory for a plain pass.
        """
        known = self._tried.get(count)
        vocabulary = self._model.get_input_embeddings().weight.shape[0]
        limits = [number for number, _ in self._limits[:count]]
        tried = known[0] if known else tries.beyond(limits, self._length, vocabulary)
        # An engine is evaluated twice: with its cache empty and full, or padded to up to twice the tokens.
        work = tries.work(tried, self._model, 2 if known else 3)
        if work > self._left:
            return None
        self._left -= work
        if not known:
            known = self._tried[count] = tried, evaluate(self._plain, tried)
        return known

    def _up_to(self, count: int) -> Reach:
        """The reach of an engine that is correct beyond so many limits."""
        if count == len(self._limits):
            return Reach(self._end, self._reason)
        number, name = self._limits[count]
        return Reach(within(number, name), f"packs beyond {name}={number} are too long to be tried here", untried=True)
