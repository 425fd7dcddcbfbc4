"""Embeddings of texts: a mean of the last hidden states over a text's tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from icon.errors import BackendError
from icon.inference import OutOfMemoryError, Vocabulary, branch_weights, pack, token_branches
from icon.types import Pooling
from icon_torch.engine import Engine
from icon_torch.known_tokens import UnknownTokenError


def embed(vocabulary: Vocabulary, engine: Engine, texts: Sequence[str], pooling: Pooling) -> NDArray[np.float32]:
    """Mean of the last hidden states over each text's tokens; a BOS is read first and not averaged.

    See `TorchBackend.embed`.
    """
    try:
        pending = token_branches(vocabulary, texts, engine.context_length)
    except UnknownTokenError as error:
        raise BackendError(f"a text cannot be embedded: {error}") from error
    bos = [vocabulary.bos] * vocabulary.adds_bos
    vectors: dict[int, NDArray[np.float32]] = {}
    while pending:
        exhausted = ""
        try:
            engine.start(bos)
            for packed in pack(pending, max_tokens=engine.pack_tokens, max_branches=engine.max_branches):
                for branch, states in zip(packed.branches, engine.states(packed), strict=True):
                    weighting = torch.from_numpy(branch_weights(vocabulary, branch, pooling)).to(states.device)
                    vectors[branch.index] = (weighting @ states.float()).cpu().numpy()
        except OutOfMemoryError as error:
            exhausted = str(error)
        if exhausted and not engine.shrink():
            raise BackendError(f"no memory to embed {len(texts)} texts: {exhausted}")
        pending = [branch for branch in pending if branch.index not in vectors]
    width = engine.model.config.get_text_config(decoder=True).hidden_size
    result = np.stack([vectors[index] for index in range(len(texts))]) if texts else np.empty((0, width), np.float32)
    if not np.isfinite(result).all():
        raise BackendError(f"hidden states of text {int(np.argmin(np.isfinite(result).all(axis=1)))} are not finite")
    return result
