"""Scorer `ifd`: how much the instruction helps the model to predict the response, as a ratio."""

from __future__ import annotations

import math

from icon.scorers import RatioScorer


class IfdScorer(RatioScorer):
    """IFD = mean NLL(y given x) / mean NLL(y), in nats per token, highest first among those below 1.

    Source: "From Quantity to Quality" (arXiv 2308.12032), section 2.2.
    """

    def ratio(self, nll: float, nll_alone: float) -> float:
        """The ratio of the two; a response that is certain by itself has none."""
        return nll / nll_alone if nll_alone else math.nan
