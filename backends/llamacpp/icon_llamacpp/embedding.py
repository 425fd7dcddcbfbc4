"""Embeddings of texts: a mean of the last hidden states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError
from icon.inference import OutOfMemoryError, branch_weights, pack, token_branches
from icon.types import Pooling
from icon_llamacpp.evaluator import Evaluator
from icon_llamacpp.model import Model
from icon_llamacpp.setup import MAX_BRANCHES, PACK_TOKENS
from icon_llamacpp.vocabulary import Vocabulary


def embed(
    model: Model, vocabulary: Vocabulary, evaluator: Evaluator, texts: Sequence[str], pooling: Pooling
) -> NDArray[np.float32]:
    """Mean of the last hidden states over each text's tokens; a BOS is read first and not averaged.

    See `LlamaCppBackend.embed`.
    """
    branches = token_branches(vocabulary, texts, model.context_length)
    result = np.empty((len(texts), model.width), dtype=np.float32)
    if not branches:
        return result
    try:
        evaluator.start([vocabulary.bos] * vocabulary.adds_bos)
        for packed in pack(branches, max_tokens=PACK_TOKENS, max_branches=MAX_BRANCHES):
            for branch, states in zip(packed.branches, evaluator.states(packed), strict=True):
                result[branch.index] = branch_weights(vocabulary, branch, pooling) @ states
    except OutOfMemoryError as error:
        raise BackendError(f"no memory to embed {len(texts)} texts: {error}") from error
    if not np.isfinite(result).all():
        raise BackendError(f"hidden states of text {int(np.argmin(np.isfinite(result).all(axis=1)))} are not finite")
    return result
