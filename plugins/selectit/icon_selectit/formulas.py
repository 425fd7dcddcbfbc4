"""The formulas of SelectIT (arXiv 2402.16705, section 3), for one model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, pstdev


def token_level(logprobs: Sequence[float]) -> float:
    """S_token = S_base / (K - 1) * sum over k of |P'_k - P'_base|.

    P'_k is the probability of rating k among the K ratings alone. S_base is the likeliest rating, the lowest in a
    tie: an undecided model gives no credit. The sum is how far the probabilities of the others are below it.

    Args:
        logprobs: log P of the ratings 1 to K in order, nats, shape (K,).

    Returns:
        A number from 0 (all ratings alike) to K.
    """
    top = max(logprobs)
    weights = [math.exp(logprob - top) for logprob in logprobs]
    total = math.fsum(weights)
    shares = [weight / total for weight in weights]
    base = max(shares)
    lead = math.fsum(abs(share - base) for share in shares)
    return (shares.index(base) + 1) * lead / (len(shares) - 1)


def sentence_level(ratings: Sequence[float], alpha: float) -> float:
    """S_sent = mean / (1 + alpha * std) over the rating prompts; the standard deviation is divided by their number.

    Args:
        ratings: S_token of each rating prompt.
        alpha: Weight of their disagreement.
    """
    return fmean(ratings) / (1 + alpha * pstdev(ratings))
