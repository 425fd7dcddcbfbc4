"""The few figures at the top of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from icon.report.page.inputs import PageInput


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: what it is of, the figure itself, and what stands behind it."""

    name: str
    value: str
    note: str


def figures(page: PageInput, length: Mapping[str, Any] | None) -> Iterator[Figure]:
    """Selected, scored, reliability or captured gain, length, time."""
    summary, times = page.summary, page.manifest.times
    candidates, selected = summary.candidates, summary.selected
    yield Figure("Selected", f"{selected:,}", f"of {candidates:,} candidates, {selected / max(1, candidates):.1%}")
    yield Figure("Scored", f"{len(page.scored):,}", f"candidates, by {summary.scorer}")
    if race := summary.race:
        known = "unknown" if race.capture is None else f"{race.capture:.0%}"
        yield Figure("Captured gain", known, "of what measuring every pair would gain, as estimated")
    elif summary.reliability:
        yield Figure("Reliability", f"{summary.reliability.full:.2f}", "split-half, for the whole assessment set")
    if length and length["r_squared"] is not None:
        yield Figure("Explained by length", f"{length['r_squared']:.0%}", "of the variance of the score")
    if seconds := times.total_seconds:
        tokens = f"{times.tokens_evaluated:,} tokens" if times.tokens_evaluated else "in all"
        yield Figure("Time", duration(seconds), tokens)


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
