"""Selector `classifier`: learns to predict high scores from the text of scored candidates, and ranks the whole pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from icon.plugins import Embedder, Options, SelectionTask
from icon.selection.ranking import FEWEST, chance_warnings, embedder_of, label_warnings
from icon.types import Sample, Selection

if TYPE_CHECKING:
    from icon.samples.ids import IntArray
    from icon.selection.scored import FloatArray

BATCH = 4096


class ClassifierOptions(Options):
    """Options of `classifier`."""

    features: Literal["lexical", "embedding"] = Field(
        "lexical", description="Features of a sample: hashed n-grams and lengths, or embeddings from the backend."
    )
    label_share: float | None = Field(
        None, gt=0, lt=1, description="Top share of the scored candidates labelled 1; None: the share to keep."
    )
    test_share: float = Field(0.1, gt=0, le=0.5, description="Share of the scored candidates held out to evaluate it.")
    regularisation: float = Field(1.0, gt=0, description="Strength of the L2 penalty; higher is simpler.")


class ClassifierSelector:
    """Ranks every candidate by the probability that its score is in the top share (METHOD: stage 3).

    Scored candidates at or above the (1 - label_share) quantile are labelled 1, the rest 0. A logistic regression is
    trained on 90% of them and evaluated on the rest; as in the paper it is not trained again on all. It then ranks the
    whole pool, scored candidates included. The outcome depends on the seed, not on the order of the pool.
    """

    fewest_scored = FEWEST

    def __init__(self, options: ClassifierOptions) -> None:
        self.options = options

    @property
    def needs_backend(self) -> bool:
        """Whether the features are embeddings, which the model computes."""
        return self.options.features == "embedding"

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given.

        `quality` holds the held-out AUC with its 95% interval (Newcombe 2006, method 5), the average precision with a
        bootstrap interval, the AUC that response length alone reaches on the same rows, and all their counts;
        with fewer than 100 held-out positives also the AUC over five folds of all scored candidates. `chance` says
        whether the held-out interval goes down to 0.5 or below.

        Raises:
            ConfigError: Too few candidates are scored to learn from.
            PluginError: A score is not finite.
            AbilityError: Embeddings are asked for and the backend has none.
        """
        import numpy as np

        from icon.samples.ids import samples_at
        from icon.selection.scored import Candidates, decided_by

        candidates = Candidates.of(task)
        embedder = embedder_of(task, "classifier") if self.needs_backend else None
        # In the order of ids, so that neither the split nor the last bits depend on the order of the pool.
        places = candidates.scored
        model, quality = self._learn(samples_at(task.candidates, places), candidates.scores[places], task, embedder)
        n = len(candidates.ids)
        probabilities, done = np.empty(n), 0
        for batch, samples in self._batches(task.candidates, candidates.by_id):
            probabilities[batch] = model.predict_proba(self._features(samples, embedder))[:, 1]
            done += len(batch)
            if n > BATCH:
                task.progress(done, n, "ranked")
        kept = task.keep.of(n)
        quality |= {"n_candidates": n, "n_selected": kept}
        warnings = [*label_warnings(quality["labelled"], quality["label_share"]), *chance_warnings(quality)]
        return Selection(decided_by(candidates, probabilities, kept), quality, warnings)

    def _batches(self, candidates: Sequence[Sample], by_id: IntArray) -> Iterator[tuple[IntArray, Sequence[Sample]]]:
        """The candidates some at a time, each batch with its places.

        Lexical features and what is predicted from them depend on each sample alone, so that they are taken as the pool
        is read; the last bits of embeddings depend on the batch, so that they are taken in the order of the ids.
        """
        import numpy as np

        from icon.samples.ids import samples_at

        if self.needs_backend:
            for start in range(0, len(by_id), BATCH):
                places = by_id[start : start + BATCH]
                yield places, samples_at(candidates, places)
            return
        passing = iter(candidates)
        for start in range(0, len(candidates), BATCH):
            samples = list(islice(passing, BATCH))
            yield np.arange(start, start + len(samples)), samples

    def _learn(
        self, scored: Sequence[Sample], scores: FloatArray, task: SelectionTask, embedder: Embedder | None
    ) -> tuple[Any, dict[str, Any]]:
        from icon.selection import learning
        from icon.selection.features import response_words

        share = self.options.label_share or task.keep.as_share(len(task.candidates))
        labels, cut = learning.quantile_labels(scores, share)
        split = learning.stratified_split(labels, self.options.test_share, task.seed)
        features = self._features(scored, embedder)
        build = learning.embedding_model if embedder else learning.lexical_model
        model = build(self.options.regularisation).fit(features[split.train], labels[split.train])
        held_out = labels[split.test]
        quality: dict[str, Any] = {
            **learning.held_out_quality(held_out, model.predict_proba(features[split.test])[:, 1], task.seed),
            "auc_length": learning.auc(held_out, response_words(scored)[split.test]),
            "features": self.options.features,
            "label_share": share,
            "label_cut": cut,
            "labelled": float(labels.mean()),
            "n_train": len(split.train),
            "n_test": len(split.test),
            "positives_train": int(labels[split.train].sum()),
            "positives_test": int(held_out.sum()),
        }
        quality["chance"] = quality["auc_low"] <= 0.5
        if quality["positives_test"] < learning.ENOUGH_POSITIVES:
            quality |= learning.cross_validated_auc(build(self.options.regularisation), features, labels, task.seed)
        return model, quality

    def _features(self, samples: Sequence[Sample], embedder: Embedder | None) -> Any:
        from icon.selection import features

        return features.embedding(samples, embedder) if embedder else features.lexical(samples)
