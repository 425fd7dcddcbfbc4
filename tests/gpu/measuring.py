"""One measurement: targets behind a context the shared way, and a sample of the same pairs one at a time."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import torch
from rivals import Request, one_at_a_time, request
from work import work

from icon.inference import score
from icon.types import Status, Target
from icon_torch import attention
from icon_torch.engine import Engine, SharedEngine
from icon_torch.vocabulary import Vocabulary


class MeasurementError(Exception):
    """There is no figure, and the message says why."""


@dataclass(frozen=True)
class Measured:
    """Figures of one call of `score`; `one_at_a_time` is extrapolated from the sampled pairs to all pairs."""

    attention: str
    pack_tokens: int
    pairs: int
    tokens: int
    seconds: float
    tokens_per_second: float
    tflops: float
    sampled: int
    one_at_a_time: float
    ratio: float
    by_token_count: float
    reached: float
    largest: float
    mean: float
    peak_gib: float | None


def measure(
    model: Any,
    vocabulary: Vocabulary,
    engine: Engine,
    context: str,
    targets: Sequence[Target],
    sample: int,
) -> Measured:
    """Time the shared way on all targets, then the plain one on a random sample of them.

    Args:
        model: The model, whose attention is icon's.
        vocabulary: Its vocabulary.
        engine: The shared way.
        context: The shared context.
        targets: The targets behind it.
        sample: How many pairs to evaluate one at a time.

    Raises:
        MeasurementError: A target could not be scored, or a number is not finite.
    """
    expected = work(model, vocabulary, engine, context, targets)
    if engine.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    before, started = engine.tokens_evaluated, time.perf_counter()
    results = score(vocabulary, engine, context, targets)
    seconds = time.perf_counter() - started
    peak = torch.cuda.max_memory_allocated() / 2**30 if engine.device.type == "cuda" else None
    if failed := [each for each in results if each.status is not Status.OK]:
        raise MeasurementError(f"{len(failed)} targets could not be scored: {failed[0].status}: {failed[0].reason}")
    if engine.tokens_evaluated - before != expected.tokens:
        raise MeasurementError("memory ran out on the way and packs became smaller; choose a smaller --pack-tokens")
    requests = [request(vocabulary, context, target) for target in targets]
    places = random.Random(context).sample(range(len(targets)), min(sample, len(targets)))
    plain_seconds, plain = _plain(model, [requests[place] for place in places])
    pairs = [zip(results[place].logprobs, found, strict=True) for place, found in zip(places, plain, strict=True)]
    apart = torch.tensor([abs(x - y) for pair in pairs for x, y in pair], dtype=torch.float64)
    if not apart.isfinite().all():
        raise MeasurementError("a plain pass gave a log-probability that is not finite")
    alone = plain_seconds / len(places) * len(targets)
    by_tokens = sum(each.n_read for each in requests) / expected.tokens
    return Measured(
        attention=engine.form if isinstance(engine, SharedEngine) else engine.name,
        pack_tokens=engine.pack_tokens,
        pairs=len(targets),
        tokens=expected.tokens,
        seconds=seconds,
        tokens_per_second=expected.tokens / seconds,
        tflops=expected.flops / seconds / 1e12,
        sampled=len(places),
        one_at_a_time=alone,
        ratio=alone / seconds,
        by_token_count=by_tokens,
        reached=alone / seconds / by_tokens,
        largest=float(apart.max()),
        mean=float(apart.mean()),
        peak_gib=peak,
    )


def median(found: Sequence[Measured]) -> Measured:
    """The median of every figure over contexts; of the largest difference and the peak of memory, the largest."""
    values: dict[str, Any] = {}
    for name in (each.name for each in fields(Measured)):
        column = [getattr(each, name) for each in found]
        if isinstance(column[0], str) or column[0] is None:
            values[name] = column[0]
        elif name in ("largest", "peak_gib"):
            values[name] = max(column)
        else:
            middle = statistics.median(column)
            values[name] = round(middle) if isinstance(column[0], int) else middle
    return Measured(**values)


def prefill_rate(model: Any, n_tokens: int, repeats: int) -> float:
    """Tokens per second of a pass over one sequence that fills a cache and gives the last logits: the median.

    It runs as transformers loads the model; after every pass the processor waits for the logits.
    """
    size = model.get_input_embeddings().weight.shape[0]
    ids = torch.tensor([[(17 + 37 * place) % size for place in range(n_tokens)]], device=model.device)
    seconds = []
    with _transformers_own(model), torch.inference_mode():
        for _ in range(repeats + 1):  # the first is not counted
            started = time.perf_counter()
            model(input_ids=ids, use_cache=True, logits_to_keep=1).logits.cpu()
            seconds.append(time.perf_counter() - started)
    return n_tokens / statistics.median(seconds[1:])


def _plain(model: Any, requests: list[Request]) -> tuple[float, list[list[float]]]:
    with _transformers_own(model):
        one_at_a_time(model, requests[:2])
        started = time.perf_counter()
        found = one_at_a_time(model, requests)
        return time.perf_counter() - started, found


@contextmanager
def _transformers_own(model: Any) -> Iterator[None]:
    """Within it the model runs as transformers loads it, with its SDPA attention."""
    model.set_attn_implementation("sdpa")
    try:
        yield
    finally:
        model.set_attn_implementation(attention.NAME)
