"""Log-probabilities of candidates' own responses: what ppl and ifd are made of."""

from __future__ import annotations

from collections.abc import Sequence

from icon.contribution.rendering import TooLong, backend_of, render_target
from icon.errors import TemplateError
from icon.protocols import ScoringTask
from icon.types import Sample, Status, Target, TokenLogProbs


def score_responses(
    candidates: Sequence[Sample], task: ScoringTask, *, with_prompt: bool = True
) -> list[TokenLogProbs]:
    """Give log p(y_k given x, y_<k) of each candidate's response tokens; without its prompt, log p(y_k given y_<k).

    Without the prompt the first token follows the model's BOS; a model that has none reads a line break there instead.

    Returns:
        One result a candidate, in order; what cannot be rendered has a status and a reason.
    """
    backend = backend_of(task)
    results: list[TokenLogProbs | None] = [None] * len(candidates)
    places, targets = [], []
    bare = "" if backend.describe().bos else "\n"
    for place, candidate in enumerate(candidates):
        try:
            target, _ = render_target(candidate, task)
        except (TooLong, TemplateError) as error:
            status = Status.TOO_LONG if isinstance(error, TooLong) else Status.FAILED
            results[place] = TokenLogProbs((), (), status, str(error))
            continue
        places.append(place)
        targets.append(target if with_prompt else Target(bare, target.response))
    for place, got in zip(places, backend.score("", targets), strict=True):
        results[place] = got
    return [got for got in results if got is not None]
