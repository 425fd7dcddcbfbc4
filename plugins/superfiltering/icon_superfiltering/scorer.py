"""Scorer `superfiltering`: the ratio by which the instruction helps a small model to predict the response."""

from __future__ import annotations

from icon.scorers import RatioScorer, ppl


class SuperfilteringScorer(RatioScorer):
    """PPL(y given x) / PPL(y), highest first among those below 1.

    Source: "Superfiltering" (arXiv 2402.00530), section 2: the ranking of a small model by this ratio is close to that
    of the large model that is fine-tuned later.
    """

    def ratio(self, nll: float, nll_alone: float) -> float:
        """The ratio of the two perplexities, as exp of the difference, so that neither overflows by itself."""
        return ppl(nll - nll_alone)
