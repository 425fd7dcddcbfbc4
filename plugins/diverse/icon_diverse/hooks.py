"""The plugin's hooks; importing them is light, the selector is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_selectors() -> list[Strategy]:
    """The selector `diverse`."""
    from icon.plugins import Strategy
    from icon_diverse.options import DiverseOptions

    summary = "the best of the scored candidates that are not too similar to one another"
    return [Strategy("diverse", summary, _diverse, DiverseOptions)]


def _diverse(options: Any) -> Any:
    from icon_diverse.selector import DiverseSelector

    return DiverseSelector(options)
