"""Selector `diverse`: the best scored candidates that are not too similar to one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icon.plugins import SelectionTask
from icon.selection import against_top, by_score, checked_scores, embedder_of, not_scored, scarcity_warnings
from icon.types import Sample, Selection
from icon_diverse.options import DiverseOptions
from icon_diverse.reasons import decide
from icon_diverse.similarity import embedded, largest_cosine, lexical, mean_cosine
from icon_diverse.walk import Walk, walk


class DiverseSelector:
    """Goes down the ranking by (score, highest first; id) and passes over candidates like a kept one.

    As in `top`, a share is one of all candidates. Where the bound leaves fewer than are to be
    kept, those passed over fill up, the least similar first, unless the option `fill` is off. Only scored candidates
    are compared, so neither the order of the pool nor the other candidates matter.
    """

    fewest_scored = 1

    def __init__(self, options: DiverseOptions) -> None:
        self.options = options

    @property
    def needs_backend(self) -> bool:
        """Whether the features are embeddings, which the model computes."""
        return self.options.features == "embedding"

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given; the selected ones rank first, in the order of choice.

        `quality` has the mean score, the mean similarity over all pairs and the largest one (None for a single sample),
        each with the figure of what `top` would have selected (`..._top`); and how many were passed over and fill up.

        Raises:
            ConfigError: There is no candidate, or none has a score.
            PluginError: A score is not finite.
            AbilityError: Embeddings are asked for and the backend has none.
        """
        scores = checked_scores(task)
        ranked, samples = by_score(scores), {sample.id: sample for sample in task.candidates}
        rows = self._features([samples[id_] for id_ in ranked], task)
        wanted = task.to_keep(len(ranked))
        walked = walk(rows, wanted, self.options.bound, task.progress)
        filled = walked.to_fill(wanted - len(walked.kept)) if self.options.fill else []
        chosen = [*walked.kept, *filled]
        quality = {
            "n_candidates": len(task.candidates),
            "n_scored": len(ranked),
            "n_selected": len(chosen),
            "n_passed_over": len(walked.passed) - len(filled),
            "n_filled": len(filled),
            "features": self.options.features,
            "max_similarity": self.options.bound,
            **against_top(scores, ranked, [ranked[position] for position in chosen]),
            **_alike(rows, chosen),
            **{f"{name}_top": value for name, value in _alike(rows, range(len(chosen))).items()},
        }
        decided = decide(ranked, walked, filled, self.options.bound)
        decisions = [decided.get(sample.id) or not_scored(sample.id, "diverse") for sample in task.candidates]
        scarcity = scarcity_warnings(task.keep, len(ranked), len(task.candidates)) if len(chosen) == wanted else []
        return Selection(decisions, quality, [*scarcity, *self._shortage(walked, filled, wanted)])

    def _features(self, samples: Sequence[Sample], task: SelectionTask) -> Any:
        return embedded(samples, embedder_of(task, "diverse")) if self.needs_backend else lexical(samples)

    def _shortage(self, walked: Walk, filled: Sequence[int], wanted: int) -> list[str]:
        """The warning that the bound leaves too few candidates."""
        left = len(walked.kept)
        if left == wanted:
            return []
        reason = f"max_similarity = {self.options.bound:g} leaves {left} of the {wanted} to keep"
        if not filled:
            return [f"{reason}, and fill = false: {left} are selected. Raise max_similarity, or score more candidates"]
        low, high = (float(walked.similarity[filled[end]]) for end in (0, -1))
        return [
            f"{reason}: {len(filled)} of the {len(walked.passed)} passed over fill up, the least similar first, with "
            f"similarities of {low:.3f} to {high:.3f} to one that is kept. Raise max_similarity, or score more "
            "candidates"
        ]


def _alike(rows: Any, positions: Sequence[int]) -> dict[str, float | None]:
    chosen = rows[list(positions)]
    return {"mean_similarity": mean_cosine(chosen), "largest_similarity": largest_cosine(chosen)}
