"""One sample explained: its place, what it was measured on, which tokens it helped or hurt, and what is like it."""

from __future__ import annotations

from icon.results.explain._examples import examples
from icon.results.explain._one_sample import explain
from icon.results.explain._records import (
    ExplainedPair,
    Explanation,
    Neighbours,
    Place,
    ScoreStatistics,
    TokenTable,
)

__all__ = [
    "ExplainedPair",
    "Explanation",
    "Neighbours",
    "Place",
    "ScoreStatistics",
    "TokenTable",
    "examples",
    "explain",
]
