"""Candidates' texts as vectors: TF-IDF of their words, and the main directions of it (LSA)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.samples.text import words

MOST_CHARACTERS = 4000
"""Characters of a text that are looked at."""

MOST_TERMS = 20_000

DIRECTIONS = 50


@dataclass(frozen=True, slots=True)
class TextVectors:
    """Vectors of some texts.

    Attributes:
        tfidf: Sparse, shape (texts, terms), each row of Euclidean length 1 or, for a text without any known term, 0.
        terms: Name of each column.
    """

    tfidf: Any
    terms: NDArray[np.str_]

    def directions(self, seed: int, n: int = DIRECTIONS) -> NDArray[np.float64] | None:
        """The texts in at most n directions (truncated SVD), rows of length 1; None for too few or equal texts.

        Returns:
            Shape (texts, directions).
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.preprocessing import normalize

        n = min(n, self.tfidf.shape[1] - 1, self.tfidf.shape[0] - 1)
        if n < 2 or (self.tfidf.max(axis=0) - self.tfidf.min(axis=0)).nnz == 0:
            return None
        found: NDArray[np.float64] = normalize(TruncatedSVD(n, random_state=seed).fit_transform(self.tfidf))
        return found

    def some(self, places: Sequence[int]) -> TextVectors:
        """The vectors of some of the texts."""
        return TextVectors(self.tfidf[list(places)], self.terms)


def text_vectors(texts: Sequence[str]) -> TextVectors | None:
    """TF-IDF of the texts, English stop words left out; None where no two texts share a term.

    Terms are words of two letters or more, and single characters of scripts that are written without blanks.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

    def terms(text: str) -> list[str]:
        return [word for word in words(text[:MOST_CHARACTERS], shortest=2) if word not in ENGLISH_STOP_WORDS]

    vectorizer = TfidfVectorizer(analyzer=terms, max_features=MOST_TERMS, sublinear_tf=True, min_df=2, dtype=np.float64)
    try:
        found = vectorizer.fit_transform(texts)
    except ValueError:  # what scikit-learn raises where no term is left
        return None
    return TextVectors(found, vectorizer.get_feature_names_out())
