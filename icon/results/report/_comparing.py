"""The candidates' texts compared for the page: which of them, as vectors, in clusters, and on a plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from icon.results.compared import Compared
from icon.results.report._assets import Block
from icon.results.report._clusters import cluster
from icon.results.report._histograms import draw
from icon.results.report._pool_texts import answers_of, some_of
from icon.results.report._threshold import PageInput
from icon.results.text_vectors import TextVectors, text_vectors
from icon.runs.row_view import RowView
from icon.types import ScoreRow

MOST_POOL = 6000

MOST_SELECTED = 2000

MOST_SCORED = 4000
"""Texts of each kind that are compared; of more, a random draw."""

MOST_ON_MAP = 1000

FEWEST_FOR_TSNE = 40

FEWEST_ON_MAP = 5

ITERATIONS = 500
"""Iterations of t-SNE: half of scikit-learn's default; few points move after them."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Candidates whose texts are compared.

    Attributes:
        known: All that have a text.
        pool: Of these, those that stand for the pool; `selected`, `scored` and `shown` (on the map) likewise.
        rows: All of them, once each, in the order of the vectors.
    """

    known: RowView
    pool: Sequence[ScoreRow]
    selected: Sequence[ScoreRow]
    scored: Sequence[ScoreRow]
    shown: Sequence[ScoreRow]

    @property
    def rows(self) -> list[ScoreRow]:
        return list({row.id: row for row in (*self.pool, *self.selected, *self.scored)}.values())


def draws(page: PageInput) -> Draws:
    """The candidates whose texts the page compares; as long as all are, they do not depend on the selection."""
    candidates = page.candidates
    known = candidates.where(answers_of(page.samples, candidates) >= 0)
    pool = draw(known, MOST_POOL, page.seed)
    return Draws(
        known=known,
        pool=pool,
        selected=draw(known.where(known.selected), MOST_SELECTED, page.seed),
        scored=draw(known.where(~np.isnan(known.numbers("score"))), MOST_SCORED, page.seed),
        shown=draw(pool, MOST_ON_MAP, page.seed),
    )


def is_compared(compared: Compared, drawn: Draws, seed: int) -> bool:
    """Whether it is what `compare` would give for these candidates."""
    ids = ([row.id for row in rows] for rows in (drawn.rows, drawn.scored, drawn.shown))
    return compared.is_of(seed, *ids)


def compare(page: PageInput, drawn: Draws) -> Compared | None:
    """Compare the texts; None where no two of them share a term."""
    rows, seed = drawn.rows, page.seed
    texts = some_of(page.samples, [row.id for row in rows])
    vectors = text_vectors([texts[row.id].text for row in rows])
    if vectors is None:
        return None
    places = {row.id: place for place, row in enumerate(rows)}
    scored = [row.id for row in drawn.scored]
    # Several threads add up in another order each time: the page would not come out the same.
    with threadpool_limits(limits=1):
        clusters = cluster(vectors.some([places[id_] for id_ in scored]), len(scored), seed) if scored else None
        found = plane(vectors.some([places[row.id] for row in drawn.shown]), seed)
    return Compared(
        seed=seed,
        ids=[row.id for row in rows],
        tfidf=vectors.tfidf,
        names=clusters.names if clusters else [],
        cluster=dict(zip(scored, map(int, clusters.labels), strict=True)) if clusters else {},
        central=[scored[place] for place in clusters.central] if clusters else [],
        method=found["method"] if found else None,
        places={row.id: (x, y) for row, x, y in zip(drawn.shown, found["x"], found["y"], strict=True)} if found else {},
    )


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
