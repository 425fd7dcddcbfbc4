"""Packs on which engines are tried: a small one, and one with sequences beyond the model's limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.inference import Branch, Pack, pack
from icon_torch.engine import Engine

SHARED = (17, 29, 3, 41, 11, 23)
BRANCHES = ((5, 7, 31, 13), (5, 7, 19, 2, 37, 43), (47, 5))
"""Token ids of a small trie: a shared context, two branches with a common beginning, and one without it."""

LAST = 53
"""The token after each branch: the largest id of the small trie."""

FARTHER = 1.25
"""Length of a sequence beyond a limit, as a multiple of the limit: its last token has a fifth outside of a window."""

FEWEST_BEYOND = 16
"""By how many tokens such a sequence exceeds its limit at least."""

RESPONSE = 48
"""Most response tokens of a sequence beyond a limit: its last ones, which the limit concerns."""

WORK = {"cpu": 5e10, "cuda": 1e15}
"""Most multiplications and additions of a trial beyond the limits, by kind of device: a few seconds."""


@dataclass(frozen=True, slots=True)
class Try:
    """A pack after a shared context.

    Attributes:
        shared: The context's tokens.
        pack: The pack.
        beginning: How many of the context's tokens are also tried as a beginning that is kept; 0 for none.
    """

    shared: tuple[int, ...]
    pack: Pack
    beginning: int = 0

    def in_other_context(self) -> Try:
        """The same pack after another context."""
        return replace(self, shared=tuple(token + 1 for token in self.shared))

    @property
    def lengths(self) -> list[int]:
        """Length of every sequence, in tokens that are read."""
        return [len(self.shared) + len(branch.tokens) for branch in self.pack.branches]

    @property
    def n_tokens(self) -> int:
        """Number of tokens that plain passes over all its sequences read."""
        return sum(self.lengths)


def small(lengths: int) -> Try:
    """The small trie, its branches repeated so many times."""
    branches = [Branch(n, ids * lengths, (*(ids * lengths)[1:], LAST)) for n, ids in enumerate(BRANCHES)]
    return replace(_of(SHARED, branches), beginning=len(SHARED) // 2)


def beyond(limits: Iterable[int], context_length: int, n_known: int) -> Try:
    """A pack with one sequence beyond each limit, and one within all of them.

    The context is a quarter as long as the smallest limit; the long sequences begin alike. A window thus leaves out
    tokens of the context, of a common beginning and of a branch's own.
    """
    limits = sorted(limits)
    shared = _ids(max(len(SHARED), limits[0] // 4), 0, n_known)
    common = _ids(limits[0] // 4, 1, n_known)
    sequences = [(5, *_ids(1, 2, n_known))]
    for number, limit in enumerate(limits, 3):
        length = min(max(int(FARTHER * limit), limit + FEWEST_BEYOND), context_length - 1) - len(shared)
        sequences.append((*common, *_ids(length - len(common), number, n_known)))
    branches = [Branch(n, ids, (*ids[1:], LAST)[-RESPONSE:]) for n, ids in enumerate(sequences) if ids]
    return _of(shared, branches)


def most_work(device: str) -> float:
    """Most multiplications and additions of a trial beyond the limits; an unknown kind of device counts as slow."""
    return WORK.get(device, WORK["cpu"])


def work(tried: Try, model: Any, evaluations: int) -> float:
    """Multiplications and additions of so many evaluations of all sequences: of weights, and of attention.

    Embeddings are not counted: one is looked up, and the other one is used for a few tokens only.
    """
    embeddings = (model.get_input_embeddings(), model.get_output_embeddings())
    apart = {id(embedding.weight) for embedding in embeddings if hasattr(embedding, "weight")}
    weights = sum(parameter.numel() for parameter in model.parameters() if id(parameter) not in apart)
    config = model.config.get_text_config(decoder=True)
    heads, size = getattr(config, "num_attention_heads", None), getattr(config, "head_dim", None)
    width = heads * size if heads and size else getattr(config, "hidden_size", None) or 0
    layers = getattr(config, "num_hidden_layers", None) or 0
    attention = 4.0 * layers * width * sum(length * length for length in tried.lengths)
    return float(evaluations * (2.0 * weights * tried.n_tokens + attention))


def evaluate(engine: Engine, tried: Try) -> NDArray[np.float64]:
    """Log-probabilities of all responses, the context read at first, found in the cache, and found there in part.

    Raises:
        ValueError: The model's vocabulary is too small.
    """
    vocabulary = engine.model.get_input_embeddings().weight.shape[0]
    if vocabulary <= LAST:
        raise ValueError(f"a vocabulary of {vocabulary} tokens is too small to try the engine on")
    packed, engine.pack_tokens = engine.pack_tokens, max(engine.pack_tokens, tried.n_tokens)
    try:
        engine.start(tried.shared)
        first = engine.logprobs(tried.pack)
        again = engine.logprobs(tried.pack) if engine.caches else first
        from_beginning = first if tried.beginning else []
        if tried.beginning and engine.caches:
            for _ in range(2):  # the beginning is read, and then kept
                engine.start(tried.shared, beginning=tried.beginning)
                from_beginning = engine.logprobs(tried.pack)
    finally:
        engine.pack_tokens = packed
    return np.concatenate([*first, *again, *from_beginning])


def _of(shared: tuple[int, ...], branches: list[Branch]) -> Try:
    (trie,) = pack(branches, max_tokens=sum(len(branch.tokens) for branch in branches), max_branches=len(branches))
    return Try(shared, trie)


def _ids(n: int, seed: int, n_known: int) -> tuple[int, ...]:
    """Token ids drawn at random, without the first two, which often are special ones."""
    draw = np.random.default_rng(seed)
    return tuple(draw.integers(2, min(n_known, 1000), max(0, n)).tolist())
