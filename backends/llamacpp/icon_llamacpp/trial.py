"""Measures how fast models read text on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

from icon_llamacpp.evaluator import Evaluator
from icon_llamacpp.model import Model
from icon_llamacpp.setup import Setup

TOKENS = 128
REPEATS = 3


def prefill_speeds(
    setups: Mapping[str, Setup],
    n_tokens: int = TOKENS,
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Tokens per second at which each model reads a text, the median of some repeats.

    The models take turns, so that other load on the machine slows all of them equally.

    Args:
        setups: The models by name.
        n_tokens: Length of the text.
        repeats: How often each model reads it, after a shorter text to warm up.
        clock: The current time in seconds; with one thread that of the processor counts other work least.
    """
    seconds: dict[str, list[float]] = {name: [] for name in setups}
    with ExitStack() as stack:
        models = {
            name: stack.enter_context(closing(Model(replace(setup, context_length=n_tokens))))
            for name, setup in setups.items()
        }
        evaluators = {name: Evaluator(model) for name, model in models.items()}
        for name, model in models.items():
            _seconds(model, evaluators[name], n_tokens // 8, clock)
        for _ in range(repeats):
            for name, model in models.items():
                seconds[name].append(_seconds(model, evaluators[name], n_tokens, clock))
    return {name: n_tokens / statistics.median(taken) for name, taken in seconds.items()}


def _seconds(model: Model, evaluator: Evaluator, n_tokens: int, clock: Callable[[], float]) -> float:
    started = clock()
    evaluator.start([(17 + 37 * place) % model.n_vocab for place in range(n_tokens)])
    model.api.llama_synchronize(model.context)
    return clock() - started
