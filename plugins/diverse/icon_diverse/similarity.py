"""Samples as rows of length 1, and the cosines between them, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler, normalize

from icon.plugins import Embedder
from icon.samples import words
from icon.selection import embedding
from icon.types import Sample

BLOCK = 1024
"""Rows compared at once; it bounds the memory, whatever the number of candidates."""


def lexical(samples: Sequence[Sample]) -> csr_matrix:
    """TF-IDF of the words of prompt and response, term frequencies as 1 + ln(count); sparse rows of length 1.

    Words are weighted by how many of these samples contain them, so a cosine depends on all the samples given.
    """
    vectorizer = TfidfVectorizer(analyzer=_words, sublinear_tf=True, dtype=np.float32)
    return csr_matrix(vectorizer.fit_transform([sample.text for sample in samples]))


def embedded(samples: Sequence[Sample], embedder: Embedder) -> NDArray[np.float32]:
    """The model's embeddings, each dimension standardised over these samples, then brought to length 1.

    The raw embeddings of a language model all point in a similar direction: the cosine of two unrelated samples is 0.65
    to 0.75. Standardised, it is 0 on average.
    """
    vectors = StandardScaler().fit_transform(embedding(samples, embedder))
    return np.asarray(normalize(vectors), dtype=np.float32)


def cosines(rows: Any, others: Any) -> NDArray[np.float32]:
    """Cosines of each row with each of the others: a dense array of shape (len(rows), len(others)).

    Args:
        rows: Rows of length 1, dense or sparse.
        others: The other rows, as columns (see `columns`).
    """
    product = rows @ others
    dense = product.toarray() if issparse(product) else product
    return np.minimum(np.asarray(dense, dtype=np.float32), np.float32(1))


def columns(rows: Any) -> Any:
    """The rows as columns, in a layout that is fast to multiply with."""
    return rows.T.tocsr() if issparse(rows) else rows.T


def mean_cosine(rows: Any) -> float | None:
    """Mean cosine over all pairs of distinct rows; None where there are fewer than two.

    With unit rows x_i it is (|sum x_i|^2 - sum |x_i|^2) / (n (n - 1)), so no pair is ever formed.
    """
    n = rows.shape[0]
    if n < 2:
        return None
    total = np.asarray(rows.sum(axis=0, dtype=np.float64)).ravel()
    squares = float((rows.multiply(rows) if issparse(rows) else rows * rows).sum(dtype=np.float64))
    return float((total @ total - squares) / (n * (n - 1)))


def largest_cosine(rows: Any) -> float | None:
    """The largest cosine between two distinct rows; None where there are fewer than two."""
    n = rows.shape[0]
    if n < 2:
        return None
    largest = -1.0
    for start in range(0, n, BLOCK):
        block = columns(rows[start : start + BLOCK])
        for other in range(0, start + 1, BLOCK):
            pairs = cosines(rows[other : other + BLOCK], block)
            if other == start:
                pairs[np.tril_indices(len(pairs))] = -1  # each pair once, and no row with itself
            largest = max(largest, float(pairs.max()))
    return largest


def _words(text: str) -> list[str]:
    """The words in lower case; a text without words is a word itself, so that it is similar to equal texts alone."""
    return words(text) or [text]
