"""Stage 3, selection: which candidates are kept, and how reliable that choice is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.selection.cascade import CascadeOptions, CascadeSelector
    from icon.selection.classifier import ClassifierOptions, ClassifierSelector
    from icon.selection.drop_worst import DropWorstOptions, DropWorstSelector
    from icon.selection.features import embedding, response_words
    from icon.selection.ranking import (
        FEWEST,
        against_top,
        by_score,
        chance_warnings,
        checked_scores,
        decide,
        embedder_of,
        label_warnings,
        not_scored,
        scarcity_warnings,
        tie_warnings,
    )
    from icon.selection.top import TopOptions, TopSelector

__all__ = [
    "FEWEST",
    "CascadeOptions",
    "CascadeSelector",
    "ClassifierOptions",
    "ClassifierSelector",
    "DropWorstOptions",
    "DropWorstSelector",
    "TopOptions",
    "TopSelector",
    "against_top",
    "by_score",
    "chance_warnings",
    "checked_scores",
    "decide",
    "embedder_of",
    "embedding",
    "label_warnings",
    "not_scored",
    "response_words",
    "scarcity_warnings",
    "tie_warnings",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "cascade": ["CascadeOptions", "CascadeSelector"],
            "classifier": ["ClassifierOptions", "ClassifierSelector"],
            "drop_worst": ["DropWorstOptions", "DropWorstSelector"],
            "features": ["embedding", "response_words"],
            "ranking": [
                "FEWEST",
                "against_top",
                "by_score",
                "chance_warnings",
                "checked_scores",
                "decide",
                "embedder_of",
                "label_warnings",
                "not_scored",
                "scarcity_warnings",
                "tie_warnings",
            ],
            "top": ["TopOptions", "TopSelector"],
        },
    )
