"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy

SUMMARY = "how much the instruction helps a small model: PPL(y given x) / PPL(y), below 1"


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `superfiltering`."""
    from icon.plugins import Options, Strategy

    return [Strategy("superfiltering", SUMMARY, _superfiltering, Options)]


def _superfiltering(options: Any) -> Any:
    from icon_superfiltering.scorer import SuperfilteringScorer

    return SuperfilteringScorer()
