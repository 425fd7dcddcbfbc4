"""Embeds samples as vectors of length 1; one that cannot be embedded fails alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from icon.errors import AbilityError, BackendError, TemplateError
from icon.plugins import Embedder, ScoringTask
from icon.samples.templates.loading import opening_of
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
    """The task's backend, with its ability to embed.

    Raises:
        AbilityError: It cannot embed.
    """
    backend = backend_of(task)
    if isinstance(backend, Embedder):
        return backend
    raise AbilityError(
        f"scorer rds: needs a backend that can embed texts; found {backend.describe().backend}; valid: "
        "--backend llamacpp, --backend torch, or another with the ability embed"
    )


def embed(samples: Sequence[Sample], task: ScoringTask, pooling: Pooling) -> list[Embedded]:
    """One vector per sample, in order, of its prompt and response as the template renders them."""
    rendered = [_rendered(sample, task) for sample in samples]
    texts = [one.text for one in rendered if isinstance(one, Rendered)]
    vectors = iter(_vectors(embedder_of(task), texts, pooling))
    return [
        replace(vector := next(vectors), reason=vector.reason or one.note) if isinstance(one, Rendered) else one
        for one in rendered
    ]


def _rendered(sample: Sample, task: ScoringTask) -> Rendered | Embedded:
    """The sample's text, if it fits the model's context: a backend's `embed` would truncate it silently."""
    try:
        rendered = render_demonstration(sample, task)
    except (TemplateError, TooLong) as error:
        status = Status.TOO_LONG if isinstance(error, TooLong) else Status.FAILED
        return Embedded(None, status, str(error))
    backend = backend_of(task)
    text = opening_of(task.template) + rendered.text.removesuffix(task.template.separator)
    n_tokens, info = len(backend.tokenize(text)), backend.describe()
    if n_tokens + info.bos > info.context_length:
        reason = f"prompt and response are {n_tokens} tokens; this backend reads {info.context_length}"
        return Embedded(None, Status.TOO_LONG, reason)
    return Rendered(text, n_tokens, rendered.note)


def _vectors(embedder: Embedder, texts: Sequence[str], pooling: Pooling) -> list[Embedded]:
    """One vector per text. A backend refuses the whole call over one broken text; then each is embedded alone."""
    if not texts:
        return []
    try:
        rows = embedder.embed(texts, pooling=pooling)
    except AbilityError:
        raise
    except BackendError as error:
        if len(texts) == 1:
            return [Embedded(None, Status.FAILED, str(error))]
        single = [one for text in texts for one in _vectors(embedder, [text], pooling)]
        if all(one.status == Status.FAILED for one in single):
            raise  # no text can be embedded: the backend itself fails
        return single
    found = np.asarray(rows, dtype=np.float64)
    if found.ndim != 2 or len(found) != len(texts):
        raise BackendError(
            f"embed returned an array of shape {found.shape} for {len(texts)} texts; valid: one row per text"
        )
    return [_unit(row) for row in found]


def _unit(row: FloatArray) -> Embedded:
    """The row scaled to length 1."""
    length = float(np.linalg.norm(row))
    if not np.isfinite(length) or length == 0:
        reason = f"the Euclidean length of its embedding is {length}, so it has no cosine"
        return Embedded(None, Status.NOT_FINITE, reason)
    return Embedded(row / length)
