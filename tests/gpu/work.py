"""How much arithmetic scoring takes, and how much of it the device can do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from icon.inference import make_branch, pack
from icon.types import Target
from icon_torch.engine import Engine
from icon_torch.vocabulary import Vocabulary


@dataclass(frozen=True)
class Work:
    """What one call of `score` computes.

    Attributes:
        tokens: Tokens that the model reads, shared ones once.
        flops: Floating-point operations; the formula stands in `bench_llama8b.py`.
    """

    tokens: int
    flops: float


def work(model: Any, vocabulary: Vocabulary, engine: Engine, context: str, targets: Sequence[Target]) -> Work:
    """Count what scoring the targets behind the context takes; packs are those that the engine makes."""
    prefix = [*[vocabulary.bos] * vocabulary.adds_bos, *vocabulary.tokenize(context)]
    n_shared = len(prefix) - 1
    branches = [make_branch(vocabulary, index, prefix[-1:], target) for index, target in enumerate(targets)]
    packs = list(pack(branches, max_tokens=engine.pack_tokens, max_branches=engine.max_branches))
    tokens = n_shared + sum(len(each.token) for each in packs)
    seen = n_shared * (n_shared + 1) // 2 + sum(n_shared + depth + 1 for each in packs for depth in each.depth)
    responses = sum(len(each.response) for each in branches)
    config = model.config
    attention = 4 * config.num_hidden_layers * config.num_attention_heads * config.head_dim * seen
    projection = 2 * config.vocab_size * config.hidden_size * responses
    return Work(tokens, float(2 * body_parameters(model) * tokens + attention + projection))


def body_parameters(model: Any) -> int:
    """Parameters without the input embedding and the vocabulary projection."""
    ends = {id(each.weight): each.weight for each in (model.get_input_embeddings(), model.get_output_embeddings())}
    return sum(each.numel() for each in model.parameters()) - sum(each.numel() for each in ends.values())


def product_rates(device: torch.device, dtype: torch.dtype, size: int, repeats: int) -> list[float]:
    """FLOP/s of the product of two square random matrices, one figure a repeat, behind a few unmeasured ones."""
    one, other = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    for _ in range(5):
        torch.mm(one, other)
    return [2 * size**3 / _seconds(device, one, other) for _ in range(repeats)]


def _seconds(device: torch.device, one: torch.Tensor, other: torch.Tensor) -> float:
    if device.type != "cuda":
        started = time.perf_counter()
        torch.mm(one, other)
        return time.perf_counter() - started
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    torch.mm(one, other)
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end)) / 1000
