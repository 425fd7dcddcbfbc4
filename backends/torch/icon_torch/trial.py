"""Chooses the fastest engine that is correct for a model, by comparing the engines with plain passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from icon.inference import Pack
from icon_torch import tries
from icon_torch.apart import PaddedEngine, PlainEngine
from icon_torch.attention import NAME
from icon_torch.beyond import Beyond
from icon_torch.engine import Engine, SharedEngine
from icon_torch.head import Head
from icon_torch.masks import Form, UnsupportedAttentionError
from icon_torch.options import Attention
from icon_torch.quiet import quiet
from icon_torch.reach import WithinReach
from icon_torch.tries import Try, evaluate

TOLERANCE = {torch.float32: 3e-4, torch.bfloat16: 0.3, torch.float16: 0.1}
"""Largest difference of a token's log-probability from the plain pass's, in nats: rounding, by type of the weights."""

DISTINCT, LEAST_SHARE = 3.0, 1 / 30
"""By how much another context changes a log-probability of a trained model, in nats. For models that it changes less,
such as untrained ones, the tolerance is smaller in proportion, down to this share: else they would pass any trial."""

REFUSALS = (UnsupportedAttentionError, RuntimeError, TypeError, ValueError, AttributeError, LookupError)
"""Exceptions of architectures for features that they do not support."""

LEAST_REACH = 256
"""Shortest reach in tokens of an engine that is wrong beyond it; below, one that is right everywhere is looked for.

What could only not be tried, for time or memory, never decides on the engine: a run goes on whatever is free then."""


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
    """The fastest engine whose numbers are those of plain passes, on a small trie and beyond the model's limits.

    An engine that is right on the small trie alone is used up to the smallest limit, and longer sequences are
    evaluated alone; see `WithinReach`.

    Args:
        loaded: The model.
        attention: `auto`, or the one engine that the user sets.

    Raises:
        ValueError: The engine that the user sets is not correct for this model; the message says why.
        NotCausalError: The model's predictions depend on later tokens.
    """
    plain = plain_engine(loaded)
    # On a GPU as long as real packs: other kernels compute short ones there.
    near = tries.small(1 if loaded.model.device.type == "cpu" else 30)
    reasons: list[str] = []
    expected = _expected(loaded, plain, near, reasons)
    tolerance = _tolerance(plain, near, expected, loaded.model.dtype)
    _check_causal(near.pack, expected, tolerance)
    fault_of = partial(_fault, tolerance=tolerance)
    beyond: Beyond | None = None
    for name, engine in _candidates(loaded, attention):
        fault = engine if isinstance(engine, str) else fault_of(engine, near, expected)
        if not fault:
            assert isinstance(engine, Engine)
            beyond = beyond or Beyond(loaded.model, plain, loaded.context_length, fault_of)
            reach = beyond.reach(engine)
            fault = reach.reason
            if fault and (reach.untried or reach.length >= LEAST_REACH or attention != "auto"):
                engine = WithinReach(engine, plain_engine(loaded), reach.length)
                reasons.append(f"sequences of more than {reach.length:,} tokens one at a time: {fault}")
                fault = ""
            if not fault:
                engine.tokens_evaluated = 0
                return Chosen(engine, "; ".join(reasons))
        reasons.append(f"not {name}: {fault}")
    plain.tokens_evaluated = 0
    if attention not in ("auto", "plain"):
        raise ValueError("; ".join(reasons))
    return Chosen(plain, "; ".join(reasons))


def _expected(loaded: Loaded, plain: PlainEngine, near: Try, reasons: list[str]) -> NDArray[np.float64]:
    """Log-probabilities of plain passes with transformers' plainest attention; the model keeps it where ours differs.

    Engines with a layout are then refused by their numbers, since that attention ignores it.
    """
    _set_attention(loaded.model, "eager")
    expected = evaluate(plain, near)
    _set_attention(loaded.model, NAME)
    try:
        fault = _difference(evaluate(plain, near), expected, TOLERANCE.get(loaded.model.dtype, 0.3))
    except REFUSALS as error:
        fault = str(error)
    if fault:
        _set_attention(loaded.model, "eager")
        reasons.append(f"with the model's own attention: {fault}")
    return expected


def _set_attention(model: Any, name: str) -> None:
    """Set the attention; a model that keeps its own, which transformers warns of, is tried with that."""
    with quiet():
        model.set_attn_implementation(name)


def _tolerance(plain: PlainEngine, near: Try, expected: NDArray[np.float64], dtype: torch.dtype) -> float:
    """Largest difference from a plain pass that counts as rounding, in nats, for this model."""
    distinct = float(np.max(np.abs(evaluate(plain, near.in_other_context()) - expected)))
    share = 1.0 if np.isnan(distinct) else min(1.0, max(LEAST_SHARE, distinct / DISTINCT))
    return TOLERANCE.get(dtype, 0.3) * share


def _check_causal(trie: Pack, expected: NDArray[np.float64], tolerance: float) -> None:
    """Check that the first two branches, which begin alike, have the same first prediction.

    Raises:
        NotCausalError: They differ, so later tokens are seen.
    """
    one, other = expected[0], expected[len(trie.branches[0].response)]
    if abs(one - other) > tolerance:
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


def _fault(engine: Engine, tried: Try, expected: NDArray[np.float64], tolerance: float) -> str:
    """Why the engine is not correct for the model; empty where it is."""
    try:
        measured = evaluate(engine, tried)
    except REFUSALS as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return _difference(measured, expected, tolerance)


def _difference(measured: NDArray[np.float64], expected: NDArray[np.float64], tolerance: float) -> str:
    """That log-probabilities differ by more than rounding; empty where they do not."""
    if np.isnan(expected).any() or float(np.max(np.abs(measured - expected))) <= tolerance:
        return ""
    # Without the figure: the note describes the model, and must be the same at every start.
    return "its log-probabilities differ from a plain pass's by more than rounding"
