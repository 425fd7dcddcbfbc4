"""Log-probabilities from logits, in blocks of rows: no second array of the pack's size is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 8
"""Rows reduced at once: with a vocabulary of 50,000 the working array fits the processor's cache."""


def log_normalisers(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logarithm of the sum of exponentials of every row.

    The largest logit is subtracted first; the exponentials are float32, their sum float64.

    Args:
        logits: Shape (rows, vocabulary).

    Returns:
        Shape (rows,); not finite where the row holds NaN or +inf, or only -inf.
    """
    rows = logits.shape[0]
    result = np.empty(rows, dtype=np.float64)
    scratch = np.empty((min(rows, BLOCK_ROWS), logits.shape[1]), dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for start in range(0, rows, BLOCK_ROWS):
            block = logits[start : start + BLOCK_ROWS]
            work = scratch[: len(block)]
            highest = block.max(axis=1, keepdims=True)
            np.subtract(block, highest, out=work)
            np.exp(work, out=work)
            result[start : start + len(block)] = highest[:, 0] + np.log(work.sum(axis=1, dtype=np.float64))
    return result
