"""Attention over a layout: an implementation for transformers, registered under the name `icon`.

Outside a layout it is transformers' own SDPA attention, masks included, and with Gemma 2's softcap, which SDPA
lacks; so the same model also makes plain passes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from icon_torch import flex
from icon_torch.layout import MaskFunction, Span
from icon_torch.masks import Prepared, UnsupportedAttentionError, band, current, make_mask

NAME = "icon"

UNSUPPORTED = ("s_aux", "sinks", "position_bias", "alibi", "head_mask")
"""Arguments of some architectures' attention that neither a layout nor SDPA takes into account."""


def register() -> None:
    """Register the implementation with transformers; safe to call again."""
    AttentionInterface.register(NAME, forward)
    AttentionMaskInterface.register(NAME, make_mask)


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
        attention_mask: Within a layout the marker of the layer's mask, see `icon_torch.masks`.
        scaling: Factor on the products of queries and keys.
        dropout: Ignored within a layout.
        **others: Arguments of the architecture, such as `softcap`; a `sliding_window` is in the mask already.

    Returns:
        Shape (1, rows, heads, width), and no attention weights.

    Raises:
        UnsupportedAttentionError: An argument or a mask of the architecture is not supported here.
    """
    if unknown := [name for name in UNSUPPORTED if others.get(name) is not None]:
        raise UnsupportedAttentionError(f"its attention takes {', '.join(unknown)}")
    prepared, softcap = current(), others.get("softcap")
    if prepared is None and softcap is not None:
        out = _softcapped(query, key, value, attention_mask, scaling, softcap)
        return out.transpose(1, 2).contiguous(), None
    if prepared is None:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **others
        )
    kind, function = prepared.function(attention_mask)
    if prepared.form == "flex":
        out = flex.attend(prepared, query, key, value, scaling, (kind, function), softcap)
    elif prepared.form == "masked":
        mask = prepared.once(("mask", kind, query.device), lambda: prepared.layout.visible(function).to(query.device))
        out = _attend(query, key, value, mask, scaling, softcap)
    else:
        out = _by_branch(prepared, query, key, value, scaling, (kind, function), softcap)
    return out.transpose(1, 2).contiguous(), None


def _by_branch(
    prepared: Prepared,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scaling: float | None,
    kind: tuple[int, MaskFunction],
    softcap: float | None,
) -> Tensor:
    """One attention per span, each over its own path: no product of two branches is ever computed."""
    out = query.new_empty(*query.shape[:-1], value.shape[-1])
    number, function = kind
    for span in prepared.layout.spans:
        shape = (span.end - span.start, span.n_keys)
        mask = prepared.once((shape, number, query.device), partial(band, *shape, function, query))
        out[:, :, span.start : span.end] = _attend(
            query[:, :, span.start : span.end], _path(key, span), _path(value, span), mask, scaling, softcap
        )
    return out


def _path(states: Tensor, span: Span) -> Tensor:
    if span.keys is None:
        return states[:, :, : span.n_keys]
    return states.index_select(2, span.keys.to(states.device))


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
