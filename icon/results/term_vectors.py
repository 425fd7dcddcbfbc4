"""TF-IDF of texts: vectors of their terms, without scikit-learn, which takes longer to import than a page to draw."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TermVectors:
    """Vectors of some texts.

    Attributes:
        tfidf: Sparse (CSR), shape (texts, terms), each row of Euclidean length 1 or, for a text without any known term,
            0.
        terms: Name of each column, in alphabetical order.
    """

    tfidf: Any
    terms: NDArray[np.str_]

    def some(self, places: Sequence[int]) -> TermVectors:
        """The vectors of some of the texts."""
        return TermVectors(self.tfidf[list(places)], self.terms)


def term_vectors(
    texts: Iterable[Sequence[str]], *, fewest: int = 1, most: int | None = None, sublinear: bool = False
) -> TermVectors | None:
    """TF-IDF with smooth inverse document frequencies, ln((1 + n) / (1 + n_t)) + 1; None where no term is left.

    It is what scikit-learn's `TfidfVectorizer` computes (n texts, n_t of them with the term).

    Args:
        texts: The terms of each text, as often as they come.
        fewest: Texts that a term must be in.
        most: Most terms; of more, those that come most often, and of equals the first in alphabetical order.
        sublinear: Whether a term that comes k times counts 1 + ln k, and not k.
    """
    from scipy.sparse import csr_matrix

    known: dict[str, int] = {}
    columns, counts, ends = array("q"), array("q"), array("q", [0])
    for terms in texts:
        for term, count in Counter(terms).items():
            columns.append(known.setdefault(term, len(known)))
            counts.append(count)
        ends.append(len(columns))
    if not known:
        return None
    places, weights = np.array(columns, dtype=np.int64), np.array(counts, dtype=np.float64)
    names, n = np.array(list(known)), len(ends) - 1
    having = np.bincount(places, minlength=len(known))
    kept = np.flatnonzero(having >= fewest)
    kept = kept[np.argsort(names[kept])]
    if most is not None and len(kept) > most:
        total = np.bincount(places, weights, minlength=len(known))[kept]
        kept = kept[np.sort(np.argsort(-total, kind="stable")[:most])]
    if not len(kept):
        return None
    if sublinear:
        weights = np.log(weights) + 1
    matrix = csr_matrix((weights, places, np.array(ends)), shape=(n, len(known)))[:, kept]
    matrix = matrix.multiply(np.log((1 + n) / (1 + having[kept])) + 1).tocsr()
    length = np.sqrt(matrix.multiply(matrix).sum(axis=1).A1)
    matrix.data /= np.repeat(np.where(length > 0, length, 1), np.diff(matrix.indptr))
    matrix.sort_indices()
    return TermVectors(matrix, names[kept])
