"""Clusters of like texts, with the terms that set them apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from icon.results.text_vectors import TextVectors

MOST_CLUSTERS = 10

A_CLUSTER = 8
"""Least texts for k clusters: k^2 times this, so that the means of a cluster are over some members."""

TERMS = 3
"""Terms of a name."""

SHARED = 0.12
"""Share of a cluster's texts that have a term of its name, at least."""

EVERYTHING = "all"
"""Name of the one cluster where there is too little to part."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters of texts.

    Attributes:
        names: Of each cluster.
        labels: Which cluster each text is in, shape (texts,).
        central: Of each cluster, the place of the text nearest to its middle; empty where there is one cluster.
    """

    names: list[str]
    labels: NDArray[np.int_]
    central: list[int] = field(default_factory=list)


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
        return Clusters([EVERYTHING], np.zeros(n, dtype=np.int_))
    labels = KMeans(k, n_init=4, random_state=seed).fit(directions).labels_
    _, labels = np.unique(labels, return_inverse=True)
    n_found = int(labels.max()) + 1
    if n_found < 2:
        return Clusters([EVERYTHING], labels)
    return Clusters(_names(vectors, labels, n_found), labels, _central(directions, labels, n_found))


def _central(directions: NDArray[np.float64], labels: NDArray[np.int_], n: int) -> list[int]:
    """Of each cluster, the place of the text with the largest cosine to the mean of its texts."""
    found = []
    for number in range(n):
        places = np.flatnonzero(labels == number)
        found.append(int(places[np.argmax(directions[places] @ directions[places].mean(axis=0))]))
    return found


def _names(vectors: TextVectors, labels: NDArray[np.int_], n: int) -> list[str]:
    """The words that most set a cluster apart: had by many of its texts and by few of the others.

    A term of a single letter or of digits says nothing, and neither does one that begins like one before it ("year",
    "years"). Where no term is had by an eighth of the texts, the cluster is what is left over: "mixed".
    """
    has = vectors.tfidf > 0
    names = []
    for number in range(n):
        inside, outside = has[labels == number], has[labels != number]
        share = np.asarray(inside.mean(axis=0)).ravel()
        excess = share - np.asarray(outside.mean(axis=0)).ravel()
        chosen: list[str] = []
        for place in np.argsort(-excess, kind="stable"):
            term = str(vectors.terms[place])
            if excess[place] <= 0 or len(chosen) == TERMS:
                break
            if share[place] >= SHARED and _says_something(term) and not any(_alike(term, one) for one in chosen):
                chosen.append(term)
        names.append(", ".join(chosen) or "mixed")
    return [f"{name} {names[:at].count(name) + 1}" if name in names[:at] else name for at, name in enumerate(names)]


def _says_something(term: str) -> bool:
    return not any(letter.isdigit() for letter in term) and (len(term) > 1 or not term.isascii())


def _alike(one: str, other: str) -> bool:
    """Whether two terms are forms of one word: the shorter one, three letters at least, begins the longer one."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 3 and long.startswith(short[: max(3, len(short) - 1)]) and len(long) - len(short) <= 3
