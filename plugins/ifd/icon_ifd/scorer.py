"""Scorer `ifd`: the ratio by which the instruction helps the model to predict the response."""

from __future__ import annotations

import math

from icon.scorers import RatioScorer


class IfdScorer(RatioScorer):
    """IFD = mean NLL(y given x) / mean NLL(y), in nats per token, highest first among those below 1.

    Source: "From Quantity to Quality" (arXiv 2308.12032), section 2.2.
    """

    def ratio(self, nll: float, nll_alone: float) -> float:
        """The ratio of the two; NaN for a response that is certain without its prompt."""
        return nll / nll_alone if nll_alone else math.nan
