"""What came of each source of a pool, in words."""

from __future__ import annotations

from collections.abc import Sequence

from icon.runs.outcome import Summary
from icon.runs.sources import SourceFacts

SOURCES_SHOWN = 8
"""Most sources that are named; the others are counted together."""


def by_source(summary: Summary) -> str:
    """How many of each source's candidates are selected, where the pool has several; of many, those with the most."""
    shown = sorted(summary.sources, key=lambda one: (-one.selected, -one.candidates))[:SOURCES_SHOWN]
    parts = [_selected_of(one.source, [one]) for one in summary.sources if one in shown]
    others = [one for one in summary.sources if one not in shown]
    return "; ".join([*parts, *([_selected_of(f"{len(others):,} more", others)] if others else [])])


def _selected_of(name: str, sources: Sequence[SourceFacts]) -> str:
    selected, candidates = (sum(getattr(one, what) for one in sources) for what in ("selected", "candidates"))
    return f"{name}: {selected:,} of {candidates:,} ({selected / max(1, candidates):.0%})"
