"""Forward passes over an assessment set under one context and over candidates' own responses, and their outcomes."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from icon.errors import TemplateError
from icon.inference.received import scored
from icon.plugins import ScoringTask
from icon.scorers.rendering import TooLong, backend_of, render_target
from icon.types import Sample, Status, Target, TokenLogProbs


@dataclass(frozen=True, slots=True)
class Outcome:
    """NLL and status of a target; outcomes of controls stay in memory for the whole run.

    Attributes:
        nll: Nats per token; NaN where the status is not OK, and then never used.
        n_tokens: Number of response tokens that count.
        status: OK, or why there is no number.
        reason: What happened, where the status is not OK; else what was truncated, where that is noted.
        first: -log p of the first response token, in nats, whether or not it counts; None where it is not known.
        second: The same of the second response token; 0 for a response of one token.
        tokens: log p of each response token, whether or not it counts; None where they are not known.
        parts: The outcomes that this one is the weighted mean of, with their weights.
    """

    nll: float
    n_tokens: int
    status: Status
    reason: str
    first: float | None = None
    second: float | None = None
    tokens: array[float] | None = field(default=None, compare=False, repr=False)
    parts: tuple[tuple[float, Outcome], ...] = field(default=(), compare=False, repr=False)

    @property
    def logprobs(self) -> tuple[float, ...] | None:
        """Log p of each response token; of a mean the mean, token by token. None where they are not known."""
        if not self.parts:
            return None if self.tokens is None else tuple(self.tokens)
        of_parts = [(weight, outcome.logprobs) for weight, outcome in self.parts]
        known = [(weight, logprobs) for weight, logprobs in of_parts if logprobs is not None]
        if len(known) < len(of_parts):
            return None
        weights = [weight for weight, _ in known]
        columns = zip(*(logprobs for _, logprobs in known), strict=True)
        return tuple(math.fsum(w * value for w, value in zip(weights, column, strict=True)) for column in columns)

    @classmethod
    def of(cls, result: TokenLogProbs, note: str = "", *, skip_tokens: int = 0) -> Outcome:
        """The outcome of a backend's result.

        Args:
            result: Log-probabilities of all N response tokens.
            note: What was truncated.
            skip_tokens: K; the NLL is the mean over the tokens after the first K. A response without such a token has
                failed.
        """
        if result.status != Status.OK:
            return cls(math.nan, len(result.token_ids), result.status, result.reason)
        if fault := too_short(len(result.logprobs), skip_tokens):
            return cls(math.nan, len(result.token_ids), Status.FAILED, fault)
        counted = result.logprobs[skip_tokens:]
        second = -result.logprobs[1] if len(result.logprobs) > 1 else 0.0
        nll, first, tokens = -math.fsum(counted) / len(counted), -result.logprobs[0], array("f", result.logprobs)
        return cls(nll, len(counted), result.status, note, first, second, tokens)


def too_short(n_tokens: int, skip_tokens: int) -> str:
    """Why a response of that many tokens has no NLL; "" where a token of it counts."""
    if n_tokens > skip_tokens:
        return ""
    tokens = "1 token" if n_tokens == 1 else f"{n_tokens} tokens"
    return f"response of {tokens}: none is left to score, since the first {skip_tokens} are left out (skip_tokens)"


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

    def mean(name: Literal["nll", "first", "second"]) -> float | None:
        values = [(weight, getattr(outcome, name)) for weight, outcome in used]
        known = all(value is not None for _, value in values)
        return math.fsum(weight * value for weight, value in values) if known else None

    nll = mean("nll")
    assert nll is not None
    return Outcome(nll, used[0][1].n_tokens, Status.OK, "", mean("first"), mean("second"), parts=tuple(used))


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
    given = row.nll, row.first, row.second
    nll, first, second = given if number == "nll" else (row.nll_alone, row.first_random, row.second_random)
    return None if nll is None else Outcome(nll, row.n_tokens, Status.OK, row.reason, first, second)


def score_given(context: str, targets: Sequence[Target], task: ScoringTask, beginning: str = "") -> list[TokenLogProbs]:
    """Log-probabilities of every target's response tokens, conditioned on the task's primer and the context.

    Args:
        context: The demonstration, separator included; "" for none.
        targets: What to score.
        task: Backend and primer.
        beginning: What the contexts of other candidates begin with as well, which is read once (`Rendered.beginning`).

    Raises:
        PluginError: The backend breaks its contract, such as by a number that is no log-probability.
    """
    return scored(backend_of(task), task.primer + context, targets, beginning and task.primer + beginning)


def outcomes_given(context: str, targets: Sequence[Target], task: ScoringTask, beginning: str = "") -> list[Outcome]:
    """NLL of every target conditioned on primer and context, over the response tokens that count."""
    results = score_given(context, targets, task, beginning)
    return [Outcome.of(result, skip_tokens=task.skip_tokens) for result in results]


def score_pairs(
    candidate: str, context: str, task: ScoringTask, targets: Sequence[Target], beginning: str = ""
) -> list[Outcome]:
    """NLL(S_i given the context) for all n, in order; only those that no scorer of the run has measured are read.

    Args:
        candidate: Id of the candidate whose demonstration the context is; "" for the baseline NLL(S_i).
        context: The demonstration, separator included; "" for the baseline. The task's primer is put in front.
        task: Backend, assessment set and existing measurements.
        targets: The assessment set as scored.
        beginning: As for `score_given`.
    """
    known = [known_pass(task, candidate, sample.id) for sample in task.assessment]
    missing = [target for target, outcome in zip(targets, known, strict=True) if outcome is None]
    measured = iter(outcomes_given(context, missing, task, beginning) if missing else ())
    return [next(measured) if outcome is None else outcome for outcome in known]


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
    skip = task.skip_tokens
    return [Outcome.of(*next(measured), skip_tokens=skip) if outcome is None else outcome for outcome in known]


def score_responses(
    candidates: Sequence[Sample], task: ScoringTask, *, with_prompt: bool = True
) -> list[tuple[TokenLogProbs, str]]:
    """Log-probabilities of each response token: log p(y_k given x, y_<k); without the prompt, log p(y_k given y_<k).

    Without the prompt the first token follows the primer, or else the model's BOS; a model without one reads a line
    break instead. All response tokens are in the results, also those that the run skips.

    Returns:
        One result per candidate, in order, with a note of what was truncated; a candidate that cannot be rendered has a
        status and a reason.
    """
    results: dict[int, tuple[TokenLogProbs, str]] = {}
    places, targets, notes = [], [], []
    bare = "" if task.primer or backend_of(task).describe().bos else "\n"
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
    for place, result, note in zip(places, score_given("", targets, task), notes, strict=True):
        results[place] = (result, note)
    return [results[place] for place in range(len(candidates))]
