"""Candidates in clusters of like texts, each named by the terms that set it apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.report.page.features import TextVectors

MOST_CLUSTERS = 10
A_CLUSTER = 8
"""Texts there must be for k clusters: k^2 times this, so that the means of a cluster stand on some members."""
TERMS = 3
"""Terms of a name."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters of texts.

    Attributes:
        names: Of each cluster.
        labels: Which cluster each text is in, shape (texts,).
    """

    names: list[str]
    labels: NDArray[np.int_]


def cluster(vectors: TextVectors | None, n: int, seed: int) -> Clusters:
    """K-means over the main directions of TF-IDF; one cluster, "all", where there is too little to part.

    Args:
        vectors: Of the texts; None where there are none.
        n: How many texts.
        seed: Seed of directions and of k-means.
    """
    from sklearn.cluster import KMeans

    k = min(MOST_CLUSTERS, round((n / A_CLUSTER) ** 0.5))
    directions = vectors.directions(seed) if vectors is not None and k > 1 else None
    if directions is not None:
        k = min(k, len(np.unique(directions.round(9), axis=0)))
    if vectors is None or directions is None or k < 2:
        return Clusters(["all"], np.zeros(n, dtype=np.int_))
    labels = KMeans(k, n_init=4, random_state=seed).fit(directions).labels_
    _, places, labels = np.unique(labels, return_index=True, return_inverse=True)
    return Clusters(_names(vectors, labels, len(places)), labels)


def _names(vectors: TextVectors, labels: NDArray[np.int_], n: int) -> list[str]:
    """The terms whose mean weight in the cluster exceeds that over all texts the most."""
    overall = np.asarray(vectors.tfidf.mean(axis=0)).ravel()
    names = []
    for number in range(n):
        excess = np.asarray(vectors.tfidf[labels == number].mean(axis=0)).ravel() - overall
        best = [place for place in np.argsort(-excess)[:TERMS] if excess[place] > 0]
        names.append(", ".join(str(vectors.terms[place]) for place in best) or f"cluster {number + 1}")
    return names
