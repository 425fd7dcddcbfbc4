"""What every selector does with the scores before it believes them."""

from __future__ import annotations

import math
from itertools import pairwise

from icon.errors import ConfigError, PluginError
from icon.protocols import SelectionTask

FEWEST = 20
"""Scored candidates without which a classifier has nothing to learn from."""


def checked_scores(task: SelectionTask) -> dict[str, float]:
    """The scores of the candidates at hand, in the order of their ids; those of other samples play no part.

    Raises:
        ConfigError: There is no candidate, none has a score, or two have one id.
        PluginError: A score is not finite.
    """
    ids = sorted(sample.id for sample in task.candidates)
    if twice := next((one for one, other in pairwise(ids) if one == other), None):
        raise ConfigError(f"two candidates have the id {twice}; valid: distinct candidates")
    scores = {id_: task.scores[id_] for id_ in ids if id_ in task.scores}
    if not scores:
        raise ConfigError(f"none of the {len(ids)} candidates has a score; score some of them first")
    for id_, score in scores.items():
        if not math.isfinite(score):
            raise PluginError(f"the score of candidate {id_} is {score}; valid: a finite number, or no score at all")
    return scores
