"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `less`."""
    from icon.plugins import Strategy
    from icon_less.options import LessOptions

    return [Strategy("less", "likeness of gradients to those of the target tasks, LESS", _less, LessOptions)]


def _less(options: Any) -> Any:
    from icon_less.scorer import SCORERS

    return SCORERS[options.combine](options)
