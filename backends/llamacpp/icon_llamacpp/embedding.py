"""Texts to vectors: the mean of the last hidden states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError
from icon.inference.packing import Branch, pack
from icon.inference.scoring import OutOfMemoryError
from icon_llamacpp.evaluator import Evaluator
from icon_llamacpp.model import Model
from icon_llamacpp.setup import MAX_BRANCHES, PACK_TOKENS
from icon_llamacpp.vocabulary import Vocabulary


def embed(model: Model, vocabulary: Vocabulary, evaluator: Evaluator, texts: Sequence[str]) -> NDArray[np.float32]:
    """Mean of the last hidden states over each text's tokens; a BOS is read in front and not averaged.

    See `LlamaCppBackend.embed`.
    """
    bos = [vocabulary.bos] * vocabulary.adds_bos
    limit = model.context_length - len(bos)
    branches = []
    for index, text in enumerate(texts):
        tokens = vocabulary.tokenize(text)[:limit]
        if not tokens:
            raise ValueError(f"text {index} is empty: there is no token to take a mean over")
        branches.append(Branch(index, tuple(tokens), ()))
    result = np.empty((len(texts), model.width), dtype=np.float32)
    if not branches:
        return result
    try:
        evaluator.start(bos)
        for each in pack(branches, max_tokens=PACK_TOKENS, max_branches=MAX_BRANCHES):
            for branch, state in zip(each.branches, evaluator.mean_states(each), strict=True):
                result[branch.index] = state
    except OutOfMemoryError as error:
        raise BackendError(f"no memory to embed {len(texts)} texts: {error}") from error
    if not np.isfinite(result).all():
        raise BackendError(f"hidden states of text {int(np.argmin(np.isfinite(result).all(axis=1)))} are not finite")
    return result
