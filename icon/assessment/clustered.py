"""Builder `clustered`: a part of the pool, held out in proportion to clusters of its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from icon.assessment.draw import first_drawn, holdout_size, stratified_draw
from icon.plugins import AssessmentTask, Options
from icon.types import Sample

LARGEST = 20_000
"""Larger pools are clustered on a seeded random part of this size, which holds the clusters in the same proportions."""


class ClusteredOptions(Options):
    """Options of `clustered`."""

    clusters: int = Field(16, ge=2, description="Number of clusters of texts used as task groups.")


class ClusteredBuilder:
    """Clusters a pool without groups by k-means, and draws a proportional, seeded share of each cluster.

    The share is drawn at random within a cluster rather than nearest to its centre, so that the set resembles the pool
    rather than its most typical samples. Samples without a group get their cluster as group, numbered by size.
    """

    held_out = True

    def __init__(self, options: ClusteredOptions) -> None:
        self.options = options
        self.notes: list[str] = []

    def build(self, task: AssessmentTask) -> list[Sample]:
        """Samples of the pool, interleaved over the clusters; 128, or a tenth of a smaller pool, where no size is set.

        Raises:
            ConfigError: The size would leave no candidate.
        """
        size = holdout_size(task.size, len(task.pool))
        samples = first_drawn(task.pool, max(LARGEST, size), task.seed)
        numbers = _cluster([sample.text for sample in samples], min(self.options.clusters, len(samples)), task.seed)
        by_size = [number for number, _ in Counter(numbers).most_common()]
        names = {number: f"cluster-{place:02d}" for place, number in enumerate(by_size)}
        clusters = {sample.id: names[number] for sample, number in zip(samples, numbers, strict=True)}
        drawn = stratified_draw(samples, size, task.seed, lambda sample: clusters[sample.id])
        return [replace(sample, group=sample.group or clusters[sample.id]) for sample in drawn]


def _cluster(texts: Sequence[str], clusters: int, seed: int) -> list[int]:
    """Cluster number of each text, by k-means on 50 latent dimensions of hashed, weighted word counts."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer
    from threadpoolctl import threadpool_limits

    state = seed % 2**32
    pipeline = make_pipeline(
        HashingVectorizer(n_features=2**16, alternate_sign=False),
        TfidfTransformer(),
        TruncatedSVD(min(50, len(texts)), random_state=state),
        Normalizer(),
        KMeans(clusters, n_init=3, random_state=state),
    )
    # Threads sum in any order, and the last bits can move a text to another cluster.
    with threadpool_limits(limits=1):
        numbers: list[int] = pipeline.fit_predict(texts).tolist()
    return numbers
