"""The options of the selector `diverse`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.plugins import Options

BOUNDS = {"lexical": 0.4, "embedding": 0.7}
"""Default bound by features: in real pools, two samples just above it are mostly about the same thing."""


class DiverseOptions(Options):
    """Options of the selector `diverse`."""

    max_similarity: float | None = Field(
        None,
        gt=0,
        le=1,
        description="A candidate more similar than this (cosine) to one that is kept is passed over; None: 0.4 for "
        "lexical features, 0.7 for embeddings.",
    )
    features: Literal["lexical", "embedding"] = Field(
        "lexical", description="Features that are compared: TF-IDF of the words, or embeddings from the backend."
    )
    fill: bool = Field(
        True,
        description="Whether those passed over fill up a selection that is too small, the least similar first; else "
        "fewer are selected.",
    )

    @property
    def bound(self) -> float:
        """The bound in effect: as set, or the default of the features."""
        return BOUNDS[self.features] if self.max_similarity is None else self.max_similarity
