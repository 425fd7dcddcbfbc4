"""How texts become vectors: which tokens are read, and how their hidden states are weighted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icon.inference.packing import Branch
from icon.inference.scoring import Vocabulary
from icon.types import Pooling


def weights(n_tokens: int, pooling: Pooling) -> NDArray[np.float32]:
    """Weight of each token's hidden state, shape (n_tokens,), adding up to 1.

    `mean` weighs all alike; `position-weighted` weighs token i (from 1) by i / (1 + ... + n), since a causal model has
    read more behind later tokens (RDS+: Ivison et al. 2025, section 3).
    """
    ranks = np.arange(1, n_tokens + 1) if pooling == "position-weighted" else np.ones(n_tokens)
    found: NDArray[np.float32] = (ranks / ranks.sum()).astype(np.float32)
    return found


def token_branches(vocabulary: Vocabulary, texts: Sequence[str], context_length: int) -> list[Branch]:
    """The texts as branches behind BOS, each cut off where the model ends.

    Raises:
        ValueError: A text is empty.
        InputError: A text is not Unicode.
    """
    limit = context_length - int(vocabulary.adds_bos)
    branches = []
    for index, text in enumerate(texts):
        tokens = vocabulary.tokenize(text)[:limit]
        if not tokens:
            raise ValueError(f"text {index} is empty: there is no token to take a mean over")
        branches.append(Branch(index, tuple(tokens), ()))
    return branches
