"""Attention over a layout: an implementation for transformers, registered under the name `icon`.

Outside a layout it is transformers' own SDPA attention, masks included, and with Gemma 2's softcap, which SDPA
lacks; so the same model also makes plain passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from icon_torch.layout import Layout, Span

NAME = "icon"
Form = Literal["branches", "masked", "flex"]

_current: ContextVar[Prepared | None] = ContextVar("layout", default=None)

UNSUPPORTED = ("s_aux", "sinks", "position_bias", "alibi", "head_mask")
"""Arguments of some architectures' attention that neither a layout nor SDPA takes into account."""


class UnsupportedAttentionError(Exception):
    """The model's attention has features that are not supported here; the model is evaluated with its own."""


class Prepared:
    """A layout and the masks that the layers of one forward pass share, made on first use.

    Args:
        layout: Rows, positions and visibility of the pack's tokens.
        form: `branches`: one attention per path, nothing computed in vain; `masked`: one attention with a mask over all
            keys; `flex`: FlexAttention, which skips the blocks that no row sees.
    """

    def __init__(self, layout: Layout, form: Form) -> None:
        self.layout = layout
        self.form = form
        self._made: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """The result of `make`, computed on the first call with that key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def register() -> None:
    """Register the implementation with transformers; safe to call again."""
    AttentionInterface.register(NAME, forward)
    AttentionMaskInterface.register(NAME, sdpa_mask)


@contextmanager
def laid_out(layout: Layout, form: Form) -> Iterator[None]:
    """Context in which attention follows the layout."""
    token = _current.set(Prepared(layout, form))
    try:
        yield
    finally:
        _current.reset(token)


def forward(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **others: Any,
) -> tuple[Tensor, None]:
    """Attention of the rows of a layout, in transformers' signature.

    Args:
        module: The layer that calls it.
        query: Shape (1, heads, rows, width).
        key: Shape (1, key heads, keys, width).
        value: As `key`.
        attention_mask: Ignored within a layout, which decides the visibility.
        scaling: Factor on the products of queries and keys.
        dropout: Ignored within a layout.
        **others: Arguments of the architecture, such as `sliding_window` and `softcap`.

    Returns:
        Shape (1, rows, heads, width), and no attention weights.

    Raises:
        UnsupportedAttentionError: An argument of the architecture is not supported here.
    """
    if unknown := [name for name in UNSUPPORTED if others.get(name) is not None]:
        raise UnsupportedAttentionError(f"its attention takes {', '.join(unknown)}")
    prepared = _current.get()
    if prepared is None and others.get("softcap") is not None:
        out = _softcapped(query, key, value, attention_mask, scaling, others["softcap"])
        return out.transpose(1, 2).contiguous(), None
    if prepared is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **others
        )
    window, softcap = others.get("sliding_window"), others.get("softcap")
    if prepared.form == "flex":
        out = _flex(prepared, query, key, value, scaling, window, softcap)
    elif prepared.form == "masked":
        mask = prepared.once(("mask", window, query.device), lambda: prepared.layout.visible(window).to(query.device))
        out = _attend(query, key, value, mask, scaling, softcap)
    else:
        out = _by_branch(prepared, query, key, value, scaling, window, softcap)
    return out.transpose(1, 2).contiguous(), None


def _by_branch(
    prepared: Prepared,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scaling: float | None,
    window: int | None,
    softcap: float | None,
) -> Tensor:
    """One attention per span, each over its own path: no product of two branches is ever computed."""
    out = torch.empty_like(query)
    for span in prepared.layout.spans:
        shape = (span.end - span.start, span.n_keys)
        mask = prepared.once((shape, window, query.device), partial(_band, *shape, window, query))
        out[:, :, span.start : span.end] = _attend(
            query[:, :, span.start : span.end], _path(key, span), _path(value, span), mask, scaling, softcap
        )
    return out


def _path(states: Tensor, span: Span) -> Tensor:
    if span.keys is None:
        return states[:, :, : span.n_keys]
    return states.index_select(2, span.keys.to(states.device))


def _band(rows: int, n_keys: int, window: int | None, query: Tensor) -> Tensor | None:
    """The mask of rows at the end of a path: additive, shape (rows, n_keys); None where plain causality suffices."""
    if rows == n_keys and (window is None or window >= rows):
        return None
    at = torch.arange(n_keys - rows, n_keys, device=query.device)[:, None]
    keys = torch.arange(n_keys, device=query.device)
    hidden = keys > at
    if window is not None:
        hidden |= at - keys >= window
    return torch.zeros(hidden.shape, dtype=query.dtype, device=query.device).masked_fill_(hidden, -torch.inf)


def _attend(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scaling: float | None, softcap: float | None
) -> Tensor:
    if softcap is not None:
        return _softcapped(query, key, value, mask, scaling, softcap)
    grouped = query.shape[1] != key.shape[1]
    if grouped and query.device.type != "cpu" and mask is not None:
        # With a mask, CUDA's fast kernels need one key head per query head.
        repeats = query.shape[1] // key.shape[1]
        key, value, grouped = key.repeat_interleave(repeats, 1), value.repeat_interleave(repeats, 1), False
    return scaled_dot_product_attention(
        query, key, value, attn_mask=mask, is_causal=mask is None, scale=scaling, enable_gqa=grouped
    )


def _softcapped(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scaling: float | None, softcap: float
) -> Tensor:
    """Attention with softcap * tanh(scores / softcap), as in Gemma 2, in float32."""
    repeats = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(repeats, 1), value.repeat_interleave(repeats, 1)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = torch.tanh((query @ key.transpose(2, 3)).float() * scale / softcap) * softcap
    rows, keys = scores.shape[-2:]
    if mask is None:
        mask = torch.ones(rows, keys, dtype=torch.bool, device=query.device).tril_(keys - rows)
    scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask
    return scores.softmax(-1).to(value.dtype) @ value


def _flex(
    prepared: Prepared,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scaling: float | None,
    window: int | None,
    softcap: float | None,
) -> Tensor:
    blocks = prepared.once(("flex", window, query.device), lambda: _block_mask(prepared.layout, window, query.device))
    out: Tensor = _flex_attention(query.device.type)(
        query,
        key,
        value,
        score_mod=None if softcap is None else _capping(softcap),
        block_mask=blocks,
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return out


def _capping(softcap: float) -> Callable[..., Tensor]:
    def capped(score: Tensor, batch: Tensor, head: Tensor, row: Tensor, at: Tensor) -> Tensor:
        return torch.tanh(score / softcap) * softcap

    return capped


def _block_mask(layout: Layout, window: int | None, device: torch.device) -> Any:
    from torch.nn.attention.flex_attention import create_block_mask

    first, last = (bound.to(device) for bound in layout.reach)
    positions, key_positions = layout.positions.to(device), layout.key_positions.to(device)
    before = layout.n_keys - len(layout.tokens)
    reach = torch.iinfo(torch.long).max if window is None else window

    def visible(batch: Tensor, head: Tensor, row: Tensor, at: Tensor) -> Tensor:
        branch, back = first[before + row], positions[row] - key_positions[at]
        return (first[at] <= branch) & (branch < last[at]) & (back >= 0) & (back < reach)

    return create_block_mask(visible, None, None, len(layout.tokens), layout.n_keys, device=str(device))


@cache
def _flex_attention(device: str) -> Callable[..., Any]:
    from torch.nn.attention.flex_attention import flex_attention

    attend: Callable[..., Any] = flex_attention
    return attend if device == "cpu" else torch.compile(attend, dynamic=True)
