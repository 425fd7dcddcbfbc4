"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `nuggets`."""
    from icon.plugins import Options, Strategy

    return [Strategy("nuggets", "golden score: share of tasks that a candidate helps as demonstration", _make, Options)]


def _make(options: Any) -> Any:
    from icon_nuggets.scorer import NuggetsScorer

    return NuggetsScorer()
