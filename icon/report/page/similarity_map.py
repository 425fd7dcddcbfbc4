"""The candidates on a plane, like texts beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from icon.report.page.features import TextVectors

MOST_POINTS = 1000
FEWEST_FOR_TSNE = 40
FEWEST = 5
ITERATIONS = 500
"""Of t-SNE: half of what scikit-learn takes, which moves few points by then."""


def plane(vectors: TextVectors, seed: int) -> dict[str, Any] | None:
    """Two coordinates a text; None with too few texts.

    Args:
        vectors: At most `MOST_POINTS` texts.
        seed: Seed of the directions.

    Returns:
        method in words, x and y, each scaled to lie within -1 and 1.
    """
    directions = vectors.directions(seed) if vectors.tfidf.shape[0] >= FEWEST else None
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
