"""The options of the selector `diverse`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from icon.plugins import Options

BOUNDS = {"lexical": 0.4, "embedding": 0.7}
"""Default bound by features: in real pools two samples just above it are mostly about one and the same thing."""


class DiverseOptions(Options):
    """What a user can set."""

    max_similarity: float | None = Field(
        None,
        gt=0,
        le=1,
        description="A candidate more similar than this (cosine) to one that is kept is passed over; None: 0.4 for "
        "lexical features, 0.7 for embeddings.",
    )
    features: Literal["lexical", "embedding"] = Field(
        "lexical", description="What is compared: TF-IDF of the words, or embeddings from the backend."
    )
    fill: bool = Field(
        True,
        description="Where too few are left, whether those passed over fill up, the least similar first; else fewer "
        "are selected.",
    )

    @property
    def bound(self) -> float:
        """The bound in force."""
        return BOUNDS[self.features] if self.max_similarity is None else self.max_similarity
