"""Embeddings for every backend: texts to branches, and the weights of their tokens' hidden states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icon.inference.following import tokens_after
from icon.inference.packing import Branch
from icon.inference.scoring import Vocabulary
from icon.types import Pooling


def weights(n_tokens: int, pooling: Pooling) -> NDArray[np.float32]:
    """Weight of each token's hidden state, shape (n_tokens,), adding up to 1.

    `mean` weighs all alike; `position-weighted` weighs token i (from 1) by i / (1 + ... + n), since the states of later
    tokens of a causal model have seen more of the text (RDS+: Ivison et al. 2025, section 3).
    """
    ranks = np.arange(1, n_tokens + 1) if pooling == "position-weighted" else np.ones(n_tokens)
    normalised: NDArray[np.float32] = (ranks / ranks.sum()).astype(np.float32)
    return normalised


def token_branches(vocabulary: Vocabulary, texts: Sequence[str], context_length: int) -> list[Branch]:
    """The texts as branches after the BOS that the vocabulary adds, each cut to the model's context length.

    Raises:
        ValueError: A text is empty.
        InputError: A text is not Unicode.
    """
    limit = context_length - int(vocabulary.adds_bos)
    branches = []
    for index, text in enumerate(texts):
        tokens = tokens_after(vocabulary, "", text)
        tokens = tokens[1 if vocabulary.adds_bos and tokens[:1] == [vocabulary.bos] else 0 :][:limit]
        if not tokens:
            raise ValueError(f"text {index} is empty: there is no token to take a mean over")
        branches.append(Branch(index, tuple(tokens), ()))
    return branches


def branch_weights(vocabulary: Vocabulary, branch: Branch, pooling: Pooling) -> NDArray[np.float32]:
    """Weight of the hidden state of each token of a branch of `token_branches`, shape (n_tokens,), adding up to 1.

    A BOS that the text brings, where the vocabulary adds none, has the weight 0, as one that is added is not averaged.
    One that comes again later marks turns, is a part of the text, and is averaged.
    """
    tokens = branch.tokens
    opens = tokens[0] == vocabulary.bos and tokens.count(vocabulary.bos) == 1 < len(tokens)
    if vocabulary.adds_bos or not opens:
        return weights(len(tokens), pooling)
    return np.concatenate([np.zeros(1, np.float32), weights(len(tokens) - 1, pooling)])
