"""Forward passes over an assessment set under one context and over candidates' own responses, and their outcomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from icon.errors import TemplateError
from icon.plugins import ScoringTask
from icon.scorers.rendering import TooLong, backend_of, render_target
from icon.types import Sample, Status, Target, TokenLogProbs


@dataclass(frozen=True, slots=True)
class Outcome:
    """NLL and status of a target, without its tokens: outcomes of controls stay in memory for the whole run.

    Attributes:
        nll: Nats per token; NaN where the status is not OK, and then never used.
        n_tokens: N, the number of response tokens.
        status: OK, or why there is no number.
        reason: What happened, where the status is not OK; else what was truncated, where that is noted.
    """

    nll: float
    n_tokens: int
    status: Status
    reason: str

    @classmethod
    def of(cls, result: TokenLogProbs, note: str = "") -> Outcome:
        """The outcome of a backend's result, with a note of what was truncated."""
        if result.status != Status.OK:
            return cls(math.nan, len(result.token_ids), result.status, result.reason)
        return cls(result.nll, len(result.token_ids), result.status, note)


def weighted_mean(parts: Sequence[tuple[float, Outcome]]) -> Outcome:
    """Weighted mean of several outcomes of one target: the sum of weight times NLL, in nats per token.

    Args:
        parts: Weights that sum to 1, each with its outcome; one of weight 0 is ignored.

    Returns:
        The mean; or, where an outcome that counts has failed, the first such failure, which has no number.
    """
    used = [(weight, outcome) for weight, outcome in parts if weight]
    for _, outcome in used:
        if outcome.status != Status.OK:
            return outcome
    return Outcome(math.fsum(weight * outcome.nll for weight, outcome in used), used[0][1].n_tokens, Status.OK, "")


def known_pass(
    task: ScoringTask, candidate: str, assessment: str | None, number: Literal["nll", "nll_alone"] = "nll"
) -> Outcome | None:
    """The outcome of a pass that was already measured; None where it is still to be made.

    Args:
        task: Its `known` has the existing measurements.
        candidate: Id of the candidate; "" for the passes that candidates share.
        assessment: Id of the assessment sample; None for the candidate's own response.
        number: Which pass over the own response: conditioned on its prompt (`nll`) or without it (`nll_alone`).
    """
    row = task.known.get((candidate, assessment))
    if row is None or row.n_tokens is None:
        return None
    nll = row.nll if number == "nll" else row.nll_alone
    return None if nll is None else Outcome(nll, row.n_tokens, Status.OK, row.reason)


def score_pairs(candidate: str, context: str, task: ScoringTask, targets: Sequence[Target]) -> list[Outcome]:
    """NLL(S_i given the context) for all n, in order; only those that no scorer of the run has measured are read.

    Args:
        candidate: Id of the candidate whose demonstration the context is; "" for the baseline NLL(S_i).
        context: The demonstration, separator included; "" for the baseline.
        task: Backend, assessment set and existing measurements.
        targets: The assessment set as scored.
    """
    known = [known_pass(task, candidate, sample.id) for sample in task.assessment]
    missing = [target for target, outcome in zip(targets, known, strict=True) if outcome is None]
    measured = iter(backend_of(task).score(context, missing) if missing else ())
    return [Outcome.of(next(measured)) if outcome is None else outcome for outcome in known]


def response_outcomes(candidates: Sequence[Sample], task: ScoringTask, *, with_prompt: bool = True) -> list[Outcome]:
    """NLL(y given x) of each candidate's response, or NLL(y) without its prompt.

    The model reads only those that no scorer of the run has measured, in one call.

    Returns:
        One outcome per candidate, in order; its reason says what was truncated, or why there is no number.
    """
    number: Literal["nll", "nll_alone"] = "nll" if with_prompt else "nll_alone"
    known = [known_pass(task, candidate.id, None, number) for candidate in candidates]
    missing = [candidate for candidate, outcome in zip(candidates, known, strict=True) if outcome is None]
    measured = iter(score_responses(missing, task, with_prompt=with_prompt) if missing else ())
    return [Outcome.of(*next(measured)) if outcome is None else outcome for outcome in known]


def score_responses(
    candidates: Sequence[Sample], task: ScoringTask, *, with_prompt: bool = True
) -> list[tuple[TokenLogProbs, str]]:
    """Log-probabilities of each response token: log p(y_k given x, y_<k); without the prompt, log p(y_k given y_<k).

    Without the prompt the first token follows the model's BOS; a model without one reads a line break instead.

    Returns:
        One result per candidate, in order, with a note of what was truncated; a candidate that cannot be rendered has a
        status and a reason.
    """
    backend = backend_of(task)
    results: dict[int, tuple[TokenLogProbs, str]] = {}
    places, targets, notes = [], [], []
    bare = "" if backend.describe().bos else "\n"
    for place, candidate in enumerate(candidates):
        try:
            target, note = render_target(candidate, task)
        except (TooLong, TemplateError) as error:
            status = Status.TOO_LONG if isinstance(error, TooLong) else Status.FAILED
            results[place] = (TokenLogProbs((), (), status, str(error)), "")
            continue
        places.append(place)
        notes.append(note)
        targets.append(target if with_prompt else Target(bare, target.response))
    for place, result, note in zip(places, backend.score("", targets), notes, strict=True):
        results[place] = (result, note)
    return [results[place] for place in range(len(candidates))]
