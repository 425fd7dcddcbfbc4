"""The plugin's hooks; importing them is light, the scorer is imported when it is built."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from icon.plugins import Options, Strategy, hookimpl
from icon.types import Pooling


class RdsOptions(Options):
    """Options of the scorer `rds`."""

    pooling: Pooling = Field(
        "position-weighted",
        description="How a text's hidden states become a vector: position-weighted (later tokens weigh more) or mean.",
    )


@hookimpl
def icon_contribution_scorers() -> list[Strategy]:
    """The scorer `rds`."""
    return [Strategy("rds", "similarity to the target tasks in hidden states, round-robin", _rds, RdsOptions)]


def _rds(options: Any) -> Any:
    from icon_rds.scorer import RdsScorer

    return RdsScorer(options)
