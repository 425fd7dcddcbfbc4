"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import Any

from icon.plugins import Options, Strategy, hookimpl


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `nuggets`."""
    return [Strategy("nuggets", "golden score: share of tasks that a candidate helps as demonstration", _make, Options)]


def _make(options: Any) -> Any:
    from icon_nuggets.scorer import NuggetsScorer

    return NuggetsScorer()
