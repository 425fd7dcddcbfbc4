"""Log-probabilities of candidates' own responses: what ppl and ifd are made of."""

from __future__ import annotations

from collections.abc import Sequence

from icon.contribution.rendering import TooLong, backend_of, render_target
from icon.errors import TemplateError
from icon.protocols import ScoringTask
from icon.types import Sample, Status, Target, TokenLogProbs


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
