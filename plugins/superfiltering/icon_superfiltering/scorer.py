"""Scorer `superfiltering`: how much the instruction helps a small model to predict the response."""

from __future__ import annotations

from icon.scorers import RatioScorer, ppl


class SuperfilteringScorer(RatioScorer):
    """PPL(y given x) / PPL(y), highest first among those below 1.

    Source: "Superfiltering" (arXiv 2402.00530), section 2: the order that a small model gives by this ratio is close to
    that of the large model which is fine-tuned later.
    """

    def ratio(self, nll: float, nll_alone: float) -> float:
        """The ratio of the two perplexities, as exp of the difference so that neither can overflow by itself."""
        return ppl(nll - nll_alone)
