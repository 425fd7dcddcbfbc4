"""The assessment set behind one context: what icon and nuggets are made of."""

from __future__ import annotations

from collections.abc import Sequence

from icon.contribution.known import known_pass
from icon.contribution.outcome import Outcome
from icon.contribution.rendering import backend_of
from icon.protocols import ScoringTask
from icon.types import Target


def score_pairs(candidate: str, context: str, task: ScoringTask, targets: Sequence[Target]) -> list[Outcome]:
    """NLL(S_i given the context), n of them in order; the model reads those that no scorer of the run has measured.

    Args:
        candidate: Id of the candidate whose demonstration the context is; "" for the baseline NLL(S_i).
        context: The demonstration, separator included; "" for the baseline.
        task: Backend, assessment set, and what is known.
        targets: The assessment set as scored.
    """
    known = [known_pass(task, candidate, sample.id) for sample in task.assessment]
    missing = [target for target, got in zip(targets, known, strict=True) if got is None]
    measured = iter(backend_of(task).score(context, missing) if missing else ())
    return [Outcome.of(next(measured)) if got is None else got for got in known]
