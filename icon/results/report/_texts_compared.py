"""Charts that compare the candidates' texts: what helps what, diversity, and the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from icon.results.report._assets import Block
from icon.results.report._clusters import Clusters, TextVectors, cluster, text_vectors
from icon.results.report._histograms import draw
from icon.results.report._rows import head
from icon.results.report._threshold import PageInput
from icon.types import Sample, ScoreRow

MOST_POOL = 6000

MOST_SELECTED = 2000

MOST_SCORED = 4000
"""Texts of each kind that are compared; of more, a random draw."""

ALL, NO_TASKS = "all tasks", "mean score"
"""Name of the single row without groups: of scores over tasks, and of scores without tasks."""

MOST_GROUPS = 60

DRAWS = 100

MOST_ON_MAP = 1000

FEWEST_FOR_TSNE = 40

FEWEST_ON_MAP = 5

STRONGEST = 50
"""Percent of the colour that the cell furthest from the mean of its row has."""

EXAMPLE = 45
"""Characters of a cluster's example."""

ITERATIONS = 500
"""Iterations of t-SNE: half of scikit-learn's default; few points move after them."""


def texts_compared(page: PageInput) -> Block:
    """The three charts, each None where there is too little data.

    Returns:
        heat (`heat_map`), diversity (`diversity`), map (`plane`, with row,
        turn and selected of each point), and of how many candidates each was drawn.
    """
    known = [row for row in page.candidates if row.id in page.samples]
    pool = draw(known, MOST_POOL, page.seed)
    selected = draw([row for row in known if row.selected], MOST_SELECTED, page.seed)
    scored = draw([row for row in known if row.score is not None], MOST_SCORED, page.seed)
    rows = list({row.id: row for row in (*pool, *selected, *scored)}.values())
    places = {row.id: place for place, row in enumerate(rows)}
    vectors = text_vectors([page.samples[row.id].text for row in rows])
    spread = diversity(vectors.tfidf, _at(pool, places), _at(selected, places), page.seed) if vectors else None
    # Several threads add up in another order each time: the page would not come out the same.
    with threadpool_limits(limits=1):
        heat = _heat(scored, page.samples, vectors, places, page.seed)
        plane_map = _map(pool, vectors, places, page.seed)
    return {
        "candidates": len(known),
        "heat": heat,
        "scored_shown": len(scored),
        "scored": sum(row.score is not None for row in known),
        "diversity": spread,
        "map": plane_map,
    }


def _heat(
    scored: Sequence[ScoreRow],
    samples: Mapping[str, Sample],
    vectors: TextVectors | None,
    places: dict[str, int],
    seed: int,
) -> Block | None:
    if not scored:
        return None
    of_scored = vectors.some(_at(scored, places)) if vectors else None
    clusters = cluster(of_scored, len(scored), seed)
    examples = [head(samples[scored[place].id].prompt_text, EXAMPLE) for place in clusters.central]
    return heat_map(scored, clusters, examples)


def _map(pool: Sequence[ScoreRow], vectors: TextVectors | None, places: dict[str, int], seed: int) -> Block | None:
    shown = draw(pool, MOST_ON_MAP, seed)
    found = plane(vectors.some(_at(shown, places)), seed) if vectors else None
    if found is None:
        return None
    return found | {
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


def plane(vectors: TextVectors, seed: int) -> Block | None:
    """Two coordinates per text; None with too few texts.

    Args:
        vectors: At most `MOST_POINTS` texts.
        seed: Seed of the directions.

    Returns:
        method in words, x and y, each scaled to -1 to 1.
    """
    directions = vectors.directions(seed) if vectors.tfidf.shape[0] >= FEWEST_ON_MAP else None
    if directions is None:
        return None
    if len(directions) >= FEWEST_FOR_TSNE:
        from sklearn.manifold import TSNE

        perplexity = min(30, len(directions) / 4)
        tsne = TSNE(2, init="pca", perplexity=perplexity, max_iter=ITERATIONS, random_state=seed)
        found = tsne.fit_transform(directions)
        method = f"TF-IDF of the words, {directions.shape[1]} directions of a truncated SVD, then t-SNE"
    else:
        from sklearn.decomposition import PCA

        found = PCA(2, random_state=seed).fit_transform(directions)
        method = f"TF-IDF of the words, {directions.shape[1]} directions of a truncated SVD, then two of a PCA"
    found = found - found.mean(axis=0)
    found = found / max(float(np.abs(found).max()), 1e-12)
    return {"method": method, "x": found[:, 0].round(4).tolist(), "y": found[:, 1].round(4).tolist()}
