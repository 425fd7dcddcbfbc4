"""Charts that compare the candidates' texts: what helps what, diversity, and the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.results.compared import Compared
from icon.results.report._assets import Block
from icon.results.report._clusters import EVERYTHING, Clusters
from icon.results.report._comparing import compare, draws
from icon.results.report._pool_texts import some_of
from icon.results.report._rows import head
from icon.results.report._threshold import PageInput
from icon.types import Sample, ScoreRow

ALL, NO_TASKS = "all tasks", "mean score"
"""Name of the single row without groups: of scores over tasks, and of scores without tasks."""

MOST_GROUPS = 60

DRAWS = 100

STRONGEST = 50
"""Percent of the colour that the cell furthest from the mean of its row has."""

EXAMPLE = 45
"""Characters of a cluster's example."""


def texts_compared(page: PageInput) -> Block:
    """The three charts, each None where there is too little data.

    Returns:
        heat (`heat_map`), diversity (`diversity`), map (`plane`, with row,
        turn and selected of each point), and of how many candidates each was drawn.
    """
    drawn = draws(page)
    found = page.compared or compare(page, drawn)
    places = {row.id: place for place, row in enumerate(drawn.rows)}
    spread = None
    if found is not None:
        spread = diversity(found.tfidf, _at(drawn.pool, places), _at(drawn.selected, places), page.seed)
    return {
        "candidates": len(drawn.known),
        "heat": _heat(drawn.scored, page.samples, found),
        "scored_shown": len(drawn.scored),
        "scored": int((~np.isnan(drawn.known.numbers("score"))).sum()),
        "diversity": spread,
        "map": _map(drawn.shown, found),
    }


def _heat(scored: Sequence[ScoreRow], samples: Mapping[str, Sample], found: Compared | None) -> Block | None:
    if not scored:
        return None
    if found is None:
        return heat_map(scored, Clusters([EVERYTHING], np.zeros(len(scored), dtype=np.int_)))
    clusters = Clusters(list(found.names), np.array([found.cluster[row.id] for row in scored], dtype=np.int_))
    texts = some_of(samples, found.central)
    return heat_map(scored, clusters, [head(texts[id_].prompt_text, EXAMPLE) for id_ in found.central])


def _map(shown: Sequence[ScoreRow], found: Compared | None) -> Block | None:
    if found is None or found.method is None:
        return None
    return {
        "method": found.method,
        "x": [found.places[row.id][0] for row in shown],
        "y": [found.places[row.id][1] for row in shown],
        "row": [row.row for row in shown],
        "turn": [row.turn for row in shown],
        "selected": [int(row.selected) for row in shown],
    }


def _at(rows: Sequence[ScoreRow], places: dict[str, int]) -> list[int]:
    return [places[row.id] for row in rows]


def heat_map(rows: Sequence[ScoreRow], clusters: Clusters, examples: Sequence[str] = ()) -> Block:
    """Means of the group contributions by cluster; of the score itself, in one row, where there are no groups.

    Args:
        rows: Scored rows, in the order of the clusters' labels.
        clusters: Which cluster each is in.
        examples: The beginning of a text of each cluster.

    Returns:
        groups, clusters, sizes: members of each cluster; examples; means: by group and cluster, None where nobody has
        one; overall: mean by group over all rows; shades: the means as the table shows them; grouped: whether there are
        groups; more: groups that are not shown.
    """
    names = sorted({name for row in rows for name in row.groups})
    shown = names[:MOST_GROUPS] or [ALL if any(row.n_assessed for row in rows) else NO_TASKS]
    table = np.array(
        [[row.groups.get(name, np.nan) if names else row.score for name in shown] for row in rows], dtype=np.float64
    ).reshape(len(rows), len(shown))
    order = [int(number) for number in np.argsort(-np.bincount(clusters.labels, minlength=len(clusters.names)))]
    means = [[_mean(column[clusters.labels == number]) for number in order] for column in table.T]
    overall = [_mean(column) for column in table.T]
    return {
        "groups": shown,
        "clusters": [clusters.names[number] for number in order],
        "examples": [examples[number] for number in order] if examples else [""] * len(order),
        "sizes": [int((clusters.labels == number).sum()) for number in order],
        "means": means,
        "overall": overall,
        "shades": _shades(means, overall),
        "grouped": bool(names),
        "more": max(0, len(names) - MOST_GROUPS),
    }


def _shades(means: Sequence[Sequence[float | None]], overall: Sequence[float | None]) -> list[list[Block | None]]:
    """Each mean in words, on which side of the mean of its row it lies, and how strong its colour is, in percent."""
    apart = [
        [None if value is None else value - (own or 0.0) for value in row]
        for row, own in zip(means, overall, strict=True)
    ]
    most = max((abs(value) for row in apart for value in row if value is not None), default=0.0) or 1.0
    return [
        [
            None
            if value is None or far is None
            else {
                "value": f"{value:.3f}".replace("-", "−"),
                "way": "up" if far >= 0 else "down",
                "share": round(STRONGEST * abs(far) / most),
            }
            for value, far in zip(row, distances, strict=True)
        ]
        for row, distances in zip(means, apart, strict=True)
    ]


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def mean_distance(vectors: Any) -> float | None:
    """Mean cosine distance over all pairs of distinct rows; None with under two rows.

    For rows of length 1 it is 1 - (|sum|^2 - sum of |row|^2) / (n (n - 1)), so no pair has to be looked at.

    Args:
        vectors: Sparse or dense, shape (n, terms), rows of Euclidean length 1; a row of zeros is 1 away from any other.
    """
    n = vectors.shape[0]
    if n < 2:
        return None
    total = np.asarray(vectors.sum(axis=0)).ravel()
    own = float(vectors.multiply(vectors).sum()) if hasattr(vectors, "multiply") else float((vectors**2).sum())
    return float(1 - (total @ total - own) / (n * (n - 1)))


def diversity(vectors: Any, pool: Sequence[int], selected: Sequence[int], seed: int) -> Block | None:
    """The selection's mean distance, and that of random selections of its size; None where that says nothing.

    Args:
        vectors: TF-IDF of the texts.
        pool: Rows of it that random selections are drawn from.
        selected: Rows of it that were selected.
        seed: Seed of the draws.

    Returns:
        selected, random: the mean over the draws, low and high: their 5% and 95% points, n: size, draws.
    """
    n = len(selected)
    found = mean_distance(vectors[list(selected)]) if n >= 2 else None
    if found is None or n >= len(pool):
        return None
    draws = _random(vectors[list(pool)], n, seed)
    low, high = np.quantile(draws, (0.05, 0.95))
    random = float(draws.mean())
    return {"selected": found, "random": random, "low": float(low), "high": float(high), "n": n, "draws": DRAWS}


def _random(vectors: Any, n: int, seed: int) -> NDArray[np.float64]:
    generator = np.random.default_rng(seed)
    size = vectors.shape[0]
    return np.array([mean_distance(vectors[generator.choice(size, n, replace=False)]) for _ in range(DRAWS)])
