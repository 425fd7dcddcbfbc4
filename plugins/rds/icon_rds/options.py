"""Options of the scorer `rds`."""

from __future__ import annotations

from pydantic import Field

from icon.plugins import Options
from icon.types import Pooling


class RdsOptions(Options):
    """Options of the scorer `rds`."""

    pooling: Pooling = Field(
        "position-weighted",
        description="How a text's hidden states become a vector: position-weighted (later tokens weigh more) or mean.",
    )
