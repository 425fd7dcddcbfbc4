"""Log-probabilities of candidates' own responses: what ppl, ifd and superfiltering are made of."""

from __future__ import annotations

from collections.abc import Sequence

from icon.contribution.known import known_pass
from icon.contribution.outcome import Outcome
from icon.contribution.rendering import TooLong, backend_of, render_target
from icon.errors import TemplateError
from icon.protocols import ScoringTask
from icon.types import Sample, Status, Target, TokenLogProbs


def response_outcomes(candidates: Sequence[Sample], task: ScoringTask, *, with_prompt: bool = True) -> list[Outcome]:
    """NLL(y given x) of each candidate's response, or NLL(y) without its prompt.

    The model reads those that no scorer of the run has measured, in one call.

    Returns:
        One outcome a candidate, in order; its reason is what was truncated, or why there is no number.
    """
    known = [known_pass(task, each.id, None, "nll" if with_prompt else "nll_alone") for each in candidates]
    missing = [candidate for candidate, got in zip(candidates, known, strict=True) if got is None]
    measured = iter(score_responses(missing, task, with_prompt=with_prompt) if missing else ())
    return [Outcome.of(*next(measured)) if got is None else got for got in known]


def score_responses(
    candidates: Sequence[Sample], task: ScoringTask, *, with_prompt: bool = True
) -> list[tuple[TokenLogProbs, str]]:
    """Give log p(y_k given x, y_<k) of each candidate's response tokens; without its prompt, log p(y_k given y_<k).

    Without the prompt the first token follows the model's BOS; a model that has none reads a line break there instead.

    Returns:
        One result a candidate, in order, with a note of what was truncated; what cannot be rendered has a status and a
        reason.
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
    for place, got, note in zip(places, backend.score("", targets), notes, strict=True):
        results[place] = (got, note)
    return [results[place] for place in range(len(candidates))]
