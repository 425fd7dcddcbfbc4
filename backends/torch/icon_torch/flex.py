"""FlexAttention over a layout: blocks of keys that no row sees are skipped."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import torch
from torch import Tensor

from icon_torch.layout import Layout, MaskFunction
from icon_torch.masks import Prepared

VARIANTS = 64
"""Most variants of the kernel that are compiled, in place of torch's limit."""


def attend(
    prepared: Prepared,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scaling: float | None,
    kind: tuple[int, MaskFunction],
    softcap: float | None,
) -> Tensor:
    """Attention of the rows of a layout.

    Args:
        prepared: The layout and what its layers share.
        query: Shape (1, heads, rows, width).
        key: Shape (1, key heads, keys, width).
        value: As `key`.
        scaling: Factor on the products of queries and keys.
        kind: Number and function of the layer's mask.
        softcap: Bound of the scores, as in Gemma 2.

    Returns:
        Shape (1, heads, rows, width).
    """
    number, function = kind
    made = prepared.once(("flex", number, query.device), lambda: blocks(prepared.layout, function, query.device))
    out: Tensor = kernel(query.device.type)(
        query,
        key,
        value,
        score_mod=None if softcap is None else capping(softcap),
        block_mask=made,
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return out


def blocks(layout: Layout, function: MaskFunction, device: torch.device) -> Any:
    """The layout's mask for FlexAttention."""
    from torch.nn.attention.flex_attention import create_block_mask

    first, last = layout.reach
    of_keys = torch.stack([first, last, layout.key_positions]).to(device)
    of_rows = torch.stack([first[layout.n_keys - len(layout.tokens) :], layout.positions]).to(device)

    def visible(batch: Tensor, head: Tensor, row: Tensor, at: Tensor) -> Tensor:
        branch, here, there = of_rows[0, row], of_rows[1, row], of_keys[2, at]
        on_path = (of_keys[0, at] <= branch) & (branch < of_keys[1, at]) & (there <= here)
        return on_path & function(batch, head, here, there)

    return create_block_mask(visible, None, None, len(layout.tokens), layout.n_keys, device=str(device))


def capping(softcap: float) -> Callable[..., Tensor]:
    """Scores bounded by softcap * tanh(scores / softcap)."""

    def capped(score: Tensor, batch: Tensor, head: Tensor, row: Tensor, at: Tensor) -> Tensor:
        return torch.tanh(score / softcap) * softcap

    return capped


@cache
def kernel(device: str) -> Callable[..., Any]:
    """FlexAttention for a kind of device: compiled, except on a CPU, where it computes all scores."""
    from torch.nn.attention.flex_attention import flex_attention

    attend: Callable[..., Any] = flex_attention
    return attend if device == "cpu" else unlimited(torch.compile(attend, dynamic=True))


def unlimited(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """The compiled function without torch's limit of variants, from which on it would compute all scores of a pack.

    A kernel has four variants or more (one block of rows or keys or several, as many rows as keys or fewer) for each
    kind of layer, of which Gemma has two, and for each model of a process; torch's limit is eight.
    """
    from torch._dynamo import config

    limit = "recompile_limit" if hasattr(config, "recompile_limit") else "cache_size_limit"

    @wraps(compiled)
    def attend(*args: Any, **options: Any) -> Any:
        with config.patch({limit: VARIANTS}):
            return compiled(*args, **options)

    return attend
