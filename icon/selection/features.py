"""Features of a sample for the classifier, from its text alone: hashed n-grams and lengths, or a model's embedding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer

from icon.errors import BackendError
from icon.plugins import Embedder
from icon.types import Sample

N_HASHED = 2**18
N_LENGTHS = 6

# Character 3- and 5-grams beside these would take three times as long over the pool.
_VECTORIZERS = (
    HashingVectorizer(ngram_range=(1, 2), n_features=N_HASHED, dtype=np.float32),
    HashingVectorizer(analyzer="char_wb", ngram_range=(4, 4), n_features=N_HASHED, dtype=np.float32),
)


def lexical(samples: Sequence[Sample]) -> csr_matrix:
    """Lexical features: lengths, hashed words and word pairs, and hashed character 4-grams of prompt and response.

    The first `N_LENGTHS` columns are log(1 + characters) and log(1 + words) of prompt, passage and response; each
    hashed block (4-grams within words) has rows of Euclidean length 1. A row depends on its own sample alone.

    Returns:
        A sparse matrix of shape (len(samples), N_LENGTHS + 2 * N_HASHED).
    """
    texts = [sample.text for sample in samples]
    blocks = [csr_matrix(_lengths(samples)), *(vectorizer.transform(texts) for vectorizer in _VECTORIZERS)]
    return hstack(blocks, format="csr")


def embedding(samples: Sequence[Sample], embedder: Embedder) -> NDArray[np.float32]:
    """The model's embeddings of prompt and response.

    Returns:
        An array of shape (len(samples), width).

    Raises:
        BackendError: The backend returned another number of vectors, or numbers that are not finite.
    """
    vectors = np.asarray(embedder.embed([sample.text for sample in samples]), dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != len(samples):
        raise BackendError(
            f"embed returned an array of shape {vectors.shape} for {len(samples)} texts; valid: one row per text"
        )
    broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(broken):
        raise BackendError(f"embed returned numbers that are not finite for candidate {samples[broken[0]].id}")
    return vectors


def response_words(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Number of words of each response: the baseline that a classifier must beat."""
    return np.array([len(sample.response.split()) for sample in samples], dtype=np.float64)


def _lengths(samples: Sequence[Sample]) -> NDArray[np.float32]:
    texts = [(sample.prompt_text, sample.passage, sample.response) for sample in samples]
    counts = [[count for text in parts for count in (len(text), len(text.split()))] for parts in texts]
    return np.log1p(np.array(counts, dtype=np.float32).reshape(-1, N_LENGTHS))
