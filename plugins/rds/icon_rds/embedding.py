"""Samples as vectors of length 1; one that cannot be embedded fails by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from icon.errors import AbilityError, BackendError, TemplateError
from icon.plugins import Embedder, ScoringTask
from icon.scorers import Rendered, TooLong, backend_of, render_demonstration
from icon.types import Pooling, Sample, Status

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A sample's vector, or why there is none.

    Attributes:
        vector: Shape (width,), Euclidean length 1; None where the status is not OK.
        status: OK, or why there is no vector.
        reason: What happened, where the status is not OK; else what was truncated.
    """

    vector: FloatArray | None
    status: Status = Status.OK
    reason: str = ""


def embedder_of(task: ScoringTask) -> Embedder:
    """The task's backend as one that embeds.

    Raises:
        AbilityError: It cannot.
    """
    backend = backend_of(task)
    if isinstance(backend, Embedder):
        return backend
    raise AbilityError(
        f"scorer rds: needs a backend that can embed texts; found {backend.describe().backend}; valid: "
        "--backend llamacpp, --backend torch, or another that has the ability embed"
    )


def embed(samples: Sequence[Sample], task: ScoringTask, pooling: Pooling) -> list[Embedded]:
    """Prompt and response of each sample, rendered by the template, as one vector a sample, in order."""
    rendered = [_rendered(sample, task) for sample in samples]
    texts = [each.text for each in rendered if isinstance(each, Rendered)]
    vectors = iter(_vectors(embedder_of(task), texts, pooling))
    return [
        replace(got := next(vectors), reason=got.reason or each.note) if isinstance(each, Rendered) else each
        for each in rendered
    ]


def _rendered(sample: Sample, task: ScoringTask) -> Rendered | Embedded:
    """The sample's text, which the model can read whole: a backend's `embed` would cut it without a word."""
    try:
        found = render_demonstration(sample, task)
    except (TemplateError, TooLong) as error:
        status = Status.TOO_LONG if isinstance(error, TooLong) else Status.FAILED
        return Embedded(None, status, str(error))
    backend = backend_of(task)
    text = found.text.removesuffix(task.template.separator)
    n_tokens, info = len(backend.tokenize(text)), backend.describe()
    if n_tokens + info.bos > info.context_length:
        reason = f"prompt and response are {n_tokens} tokens; this backend reads {info.context_length}"
        return Embedded(None, Status.TOO_LONG, reason)
    return Rendered(text, n_tokens, found.note)


def _vectors(embedder: Embedder, texts: Sequence[str], pooling: Pooling) -> list[Embedded]:
    """One a text. A backend refuses the whole call over one broken text, so then each is asked for by itself."""
    if not texts:
        return []
    try:
        rows = embedder.embed(texts, pooling=pooling)
    except AbilityError:
        raise
    except BackendError as error:
        if len(texts) == 1:
            return [Embedded(None, Status.FAILED, str(error))]
        found = [one for text in texts for one in _vectors(embedder, [text], pooling)]
        if all(one.status == Status.FAILED for one in found):
            raise  # not one text can be embedded: it is the backend that fails
        return found
    return [_unit(np.asarray(row, dtype=np.float64)) for row in rows]


def _unit(row: FloatArray) -> Embedded:
    """The row at length 1."""
    length = float(np.linalg.norm(row))
    if not np.isfinite(length) or length == 0:
        reason = f"the Euclidean length of its embedding is {length}, so it has no cosine"
        return Embedded(None, Status.NOT_FINITE, reason)
    return Embedded(row / length)
