"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy

SUMMARY = "the model's own rating from 1 to 5, weighted by its confidence and its consistency"


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `selectit`."""
    from icon.plugins import Strategy
    from icon_selectit.options import SelectitOptions

    return [Strategy("selectit", SUMMARY, _selectit, SelectitOptions)]


def _selectit(options: Any) -> Any:
    from icon_selectit.scorer import SelectitScorer

    return SelectitScorer(options)
