"""Stage 2, contribution quantification: how much each candidate helps as a demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon._lazy import lazily

if TYPE_CHECKING:
    from icon.scorers.aggregate import contribution, contributions
    from icon.scorers.alone import AloneScorer, RatioScorer
    from icon.scorers.baselines import LengthScorer, PplScorer, RandomScorer
    from icon.scorers.formulas import ppl
    from icon.scorers.icon import IconScorer
    from icon.scorers.nuggets import NuggetsScorer
    from icon.scorers.options import IconOptions, LengthOptions, PplOptions, ReverseOptions
    from icon.scorers.passes import (
        Outcome,
        known_pass,
        outcomes_given,
        response_outcomes,
        score_given,
        score_pairs,
        score_responses,
    )
    from icon.scorers.rendering import Rendered, TooLong, backend_of, render_demonstration, render_target
    from icon.scorers.reverse import ReverseScorer

__all__ = [
    "AloneScorer",
    "IconOptions",
    "IconScorer",
    "LengthOptions",
    "LengthScorer",
    "NuggetsScorer",
    "Outcome",
    "PplOptions",
    "PplScorer",
    "RandomScorer",
    "RatioScorer",
    "Rendered",
    "ReverseOptions",
    "ReverseScorer",
    "TooLong",
    "backend_of",
    "contribution",
    "contributions",
    "known_pass",
    "outcomes_given",
    "ppl",
    "render_demonstration",
    "render_target",
    "response_outcomes",
    "score_given",
    "score_pairs",
    "score_responses",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(
        __name__,
        {
            "aggregate": ["contribution", "contributions"],
            "alone": ["AloneScorer", "RatioScorer"],
            "baselines": ["LengthScorer", "PplScorer", "RandomScorer"],
            "formulas": ["ppl"],
            "icon": ["IconScorer"],
            "nuggets": ["NuggetsScorer"],
            "options": ["IconOptions", "LengthOptions", "PplOptions", "ReverseOptions"],
            "passes": [
                "Outcome",
                "known_pass",
                "outcomes_given",
                "response_outcomes",
                "score_given",
                "score_pairs",
                "score_responses",
            ],
            "rendering": ["Rendered", "TooLong", "backend_of", "render_demonstration", "render_target"],
            "reverse": ["ReverseScorer"],
        },
    )
