"""Passes that another scorer of the run has made already, so that none is made twice."""

from __future__ import annotations

from typing import Literal

from icon.contribution.outcome import Outcome
from icon.protocols import ScoringTask
from icon.types import Status


def known_pass(
    task: ScoringTask, candidate: str, assessment: str | None, number: Literal["nll", "nll_alone"] = "nll"
) -> Outcome | None:
    """What is known of one pass, as it would have been measured; None where it is still to be made.

    Args:
        task: Its `known` has what was measured.
        candidate: Id of the candidate; "" for the passes that candidates share.
        assessment: Id of the assessment sample; None for the candidate's own response.
        number: Which pass over the own response: behind its prompt (`nll`) or without it (`nll_alone`).
    """
    row = task.known.get((candidate, assessment))
    if row is None or row.n_tokens is None:
        return None
    nll = row.nll if number == "nll" else row.nll_alone
    return None if nll is None else Outcome(nll, row.n_tokens, Status.OK, row.reason)
