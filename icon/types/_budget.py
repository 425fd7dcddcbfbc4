"""Budgets of a run in seconds, tokens or passes, and the meter that keeps them."""

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
    """An amount of seconds, tokens or passes that a run may spend.

    Attributes:
        amount: How much.
        unit: Seconds count from the start of the command. Tokens and passes count over the whole run, its earlier
            starts included, so that an interrupted run ends at the same point.
    """

    amount: float
    unit: Unit


def parse_budget(text: str) -> Budget:
    """Parse a budget such as '5m', '200k tokens' or '5000 passes'.

    Raises:
        ValueError: The text is not a budget, or its amount is zero.
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
    """Meter of a budget, which says whether the next piece of work still fits into it.

    Seconds are read from the clock, and those of the next piece are estimated from the pieces before it, in proportion
    to their tokens; each piece weighs as much as all before it, so that a machine that slows down is noticed. Tokens
    and passes are the sums over the pieces, those that an earlier start finished included.

    Attributes:
        budget: The budget; None for none.
        started: When the command began, on the clock of `time.perf_counter`.
        reserve: Seconds reserved for selecting and writing; at most half of the budget counts.
    """

    budget: Budget | None
    started: float
    reserve: float = 2.0
    spent: dict[Unit, float] = field(default_factory=lambda: {"tokens": 0.0, "passes": 0.0})
    _measured_tokens: float = 0.0
    _measured_seconds: float = 0.0

    @property
    def ends(self) -> float | None:
        """When the measuring is to end, on the same clock; None without a budget of time."""
        if self.budget is None or self.budget.unit != "seconds":
            return None
        return self.started + self.budget.amount - min(self.reserve, self.budget.amount / 2)

    def fits(self, tokens: float, passes: float) -> bool:
        """Whether a piece of so many tokens and passes can be done within the budget."""
        if self.budget is None:
            return True
        if self.ends is not None:
            left = self.ends - time.perf_counter()
            rate = self._measured_seconds / self._measured_tokens if self._measured_tokens else 0.0
            return left > tokens * rate
        asked = tokens if self.budget.unit == "tokens" else passes
        return self.spent[self.budget.unit] + asked <= self.budget.amount

    def count(self, tokens: float, passes: float, seconds: float | None = None) -> None:
        """Count a piece as done; `seconds` is how long it took, None where an earlier start finished it."""
        self.spent["tokens"] += tokens
        self.spent["passes"] += passes
        if seconds is not None:
            self._measured_tokens = self._measured_tokens / 2 + tokens
            self._measured_seconds = self._measured_seconds / 2 + seconds
