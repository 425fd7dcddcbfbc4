"""How much a run may spend: seconds, tokens or passes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["seconds", "tokens", "passes"]

SCALES: dict[str, tuple[Unit, float]] = {
    "s": ("seconds", 1.0),
    "m": ("seconds", 60.0),
    "h": ("seconds", 3600.0),
    "tokens": ("tokens", 1.0),
    "passes": ("passes", 1.0),
}
THOUSANDS = {"": 1.0, "k": 1e3, "M": 1e6}
VALID = "a time such as 90s, 5m or 1.5h, tokens such as '200k tokens', or passes such as '5000 passes'"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount of one unit.

    Attributes:
        amount: How much.
        unit: A time counts from the start of the command; tokens and passes count over the whole run, whatever
            part of it was measured before, so that a run that was stopped ends at the same place.
    """

    amount: float
    unit: Unit


def parse_budget(text: str) -> Budget:
    """A budget such as '5m', '200k tokens' or '5000 passes'.

    Raises:
        ValueError: It is none, or nothing.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:([kM]?)\s*(tokens|passes)|([smh]))", text.strip())
    if match:
        unit, scale = SCALES[match[3] or match[4]]
        amount = float(match[1]) * scale * THOUSANDS[match[2] or ""]
        if amount > 0:
            return Budget(amount, unit)
    raise ValueError(f"found {text!r}; valid: {VALID}")


@dataclass(slots=True)
class Meter:
    """Says whether the next piece of work still fits into a budget.

    A time is spent as the clock says, and what a piece will take is told from the pieces before it, in proportion
    to their tokens. Tokens and passes are counted from what the pieces hold, the finished ones of an earlier start
    included.

    Attributes:
        budget: What may be spent; None for no end.
        started: When the command began, on the clock of `time.perf_counter`.
        reserve: Seconds kept back for choosing and writing.
    """

    budget: Budget | None
    started: float
    reserve: float = 2.0
    spent: dict[Unit, float] = field(default_factory=lambda: {"tokens": 0.0, "passes": 0.0})
    _measured_tokens: float = 0.0
    _measured_seconds: float = 0.0

    def fits(self, tokens: float, passes: float) -> bool:
        """Whether a piece of so many tokens and passes can be done within the budget."""
        if self.budget is None:
            return True
        if self.budget.unit == "seconds":
            left = self.started + self.budget.amount - self.reserve - time.perf_counter()
            rate = self._measured_seconds / self._measured_tokens if self._measured_tokens else 0.0
            return left > tokens * rate
        asked = tokens if self.budget.unit == "tokens" else passes
        return self.spent[self.budget.unit] + asked <= self.budget.amount

    def count(self, tokens: float, passes: float, seconds: float | None = None) -> None:
        """A piece is done; `seconds` is how long it took, None where it was found finished."""
        self.spent["tokens"] += tokens
        self.spent["passes"] += passes
        if seconds is not None:
            self._measured_tokens += tokens
            self._measured_seconds += seconds
