"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from icon.plugins import hookimpl

if TYPE_CHECKING:
    from icon.plugins import Strategy


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `rds`."""
    from icon.plugins import Strategy
    from icon_rds.options import RdsOptions

    return [Strategy("rds", "similarity to the target tasks in hidden states, round-robin", _rds, RdsOptions)]


def _rds(options: Any) -> Any:
    from icon_rds.scorer import RdsScorer

    return RdsScorer(options)
