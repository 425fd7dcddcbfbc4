"""Chooses the fastest engine that is correct for a model, by comparing the engines with plain passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from icon.inference import Branch, Pack, pack
from icon_torch.apart import PaddedEngine, PlainEngine
from icon_torch.engine import Engine, SharedEngine
from icon_torch.head import Head
from icon_torch.masks import Form, UnsupportedAttentionError
from icon_torch.options import Attention

TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.3, torch.float16: 0.1}
"""Largest difference of a token's log-probability from the plain pass's, in nats: rounding, by type of the weights."""

REFUSALS = (UnsupportedAttentionError, RuntimeError, TypeError, ValueError, AttributeError, LookupError)
"""Exceptions of architectures for features that they do not support."""

SHARED = (17, 29, 3, 41, 11, 23)
BRANCHES = ((5, 7, 31, 13), (5, 7, 19, 2, 37, 43), (47, 5))
"""Token ids of a small trie: a shared context, two branches with a common beginning, and one without it."""


class NotCausalError(Exception):
    """The model's predictions depend on later tokens, so it gives no likelihood of a text."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen engine, and a note of why the faster ones were not chosen."""

    engine: Engine
    note: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The parts that an engine is built from; see `Engine`."""

    model: Any
    body: Any
    context_length: int
    pack_tokens: int


def choose(loaded: Loaded, attention: Attention) -> Chosen:
    """The fastest engine whose numbers on a small trie are those of plain passes.

    Args:
        loaded: The model.
        attention: `auto`, or the one engine that the user sets.

    Raises:
        ValueError: The engine that the user sets is not correct for this model; the message says why.
        NotCausalError: The model's predictions depend on later tokens.
    """
    plain = plain_engine(loaded)
    # On a GPU as long as real packs: other kernels compute short ones there.
    lengths = 1 if loaded.model.device.type == "cpu" else 30
    branches = [Branch(n, ids * lengths, (*(ids * lengths)[1:], 53)) for n, ids in enumerate(BRANCHES)]
    (trie,) = pack(branches, max_tokens=999, max_branches=9)
    reasons: list[str] = []
    try:
        expected = _evaluate(plain, trie)
    except UnsupportedAttentionError as error:
        # Engines with a layout are then refused by their numbers, since this attention ignores it.
        loaded.model.set_attn_implementation("eager")
        reasons.append(f"with the model's own attention: {error}")
        expected = _evaluate(plain, trie)
    _check_causal(trie, expected, loaded.model.dtype)
    for name, engine in _candidates(loaded, attention):
        fault = engine if isinstance(engine, str) else _fault(engine, trie, expected, loaded.model.dtype)
        if not fault:
            assert isinstance(engine, Engine)
            engine.tokens_evaluated = 0
            return Chosen(engine, "; ".join(reasons))
        reasons.append(f"not {name}: {fault}")
    plain.tokens_evaluated = 0
    if attention not in ("auto", "plain"):
        raise ValueError("; ".join(reasons))
    return Chosen(plain, "; ".join(reasons))


def _check_causal(trie: Pack, expected: NDArray[np.float64], dtype: torch.dtype) -> None:
    """Check that the first two branches, which begin alike, have the same first prediction.

    Raises:
        NotCausalError: They differ, so later tokens are seen.
    """
    one, other = expected[0], expected[len(trie.branches[0].response)]
    if abs(one - other) > TOLERANCE.get(dtype, 0.3):
        raise NotCausalError("its prediction of a token depends on the tokens after it")


def plain_engine(loaded: Loaded) -> PlainEngine:
    """The reference engine: one sequence at a time, through the model as transformers runs it."""
    head: Any = None  # a plain pass takes the model's own logits
    return PlainEngine(loaded.model, loaded.body, head, loaded.context_length, loaded.pack_tokens)


def _candidates(loaded: Loaded, attention: Attention) -> Iterator[tuple[str, Engine | str]]:
    """The engines to try, the fastest first; a text in place of one says why it cannot be built."""
    if attention == "plain":
        return
    try:
        head = Head(loaded.model)
    except TypeError as error:
        yield "shared" if attention == "auto" else attention, str(error)
        return
    parts = (loaded.model, loaded.body, head, loaded.context_length, loaded.pack_tokens)
    forms: tuple[Form, ...] = ("branches",) if loaded.model.device.type == "cpu" else ("flex", "masked")
    for form in forms if attention == "auto" else ("branches", "masked", "flex"):
        if attention in ("auto", form):
            yield form, SharedEngine(*parts, form=form)
    if attention in ("auto", "padded"):
        yield "padded", PaddedEngine(*parts)


def _fault(engine: Engine, trie: Pack, expected: NDArray[np.float64], dtype: torch.dtype) -> str:
    """Why the engine is not correct for the model; empty where it is."""
    try:
        measured = _evaluate(engine, trie)
    except REFUSALS as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    difference = float(np.max(np.abs(measured - expected)))
    if np.isnan(expected).any() or difference <= TOLERANCE.get(dtype, 0.3):
        return ""
    # Without the figure: the note describes the model, and must be the same at every start.
    return "its log-probabilities differ from a plain pass's by more than rounding"


def _evaluate(engine: Engine, trie: Pack) -> NDArray[np.float64]:
    vocabulary = engine.model.get_input_embeddings().weight.shape[0]
    if vocabulary <= max(*SHARED, 53):
        raise ValueError(f"a vocabulary of {vocabulary} tokens is too small to try the engine on")
    engine.start(SHARED)
    first = engine.logprobs(trie)
    again = engine.logprobs(trie)  # the first read the context too, this one has it in the cache
    return np.concatenate([*first, *again])
