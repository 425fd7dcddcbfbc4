"""Tensors of a checkpoint that are no weights: buffers that older versions of transformers saved beside them.

Masks of causal attention (`attn.bias`, `attn.masked_bias`), position ids and rotary frequencies follow from the config,
and newer versions make them when a model is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

ANY_OWNER = re.compile(r"(^|\.)(masked_bias|causal_mask|position_ids|rotary_emb\.(inv_freq|cos_cached|sin_cached))$")
"""Names that no weight has."""

MASK = re.compile(r"(^|\.)(attn|attention|self_attn|self_attention)\.bias$")
"""Names of masks, unless what they belong to has a weight: then it is a layer, and this its bias."""


def without_buffers(model: Any, info: Mapping[str, Iterable[Any]]) -> dict[str, Iterable[Any]]:
    """What transformers says of a load, without the saved buffers among the tensors that the model has no place for.

    Args:
        model: The loaded model.
        info: What transformers says of the load (`output_loading_info`).
    """
    unexpected = set(info["unexpected_keys"])
    weights = [name for name in {*model.state_dict(), *unexpected} if name.endswith(".weight")]
    buffers = {name for name in unexpected if ANY_OWNER.search(name)}
    buffers |= {name for name in unexpected if MASK.search(name) and not _has_weight(name, weights)}
    return {**info, "unexpected_keys": unexpected - buffers}


def _has_weight(bias: str, weights: Iterable[str]) -> bool:
    """Whether the layer of that bias has one of these weights; names of checkpoint and model differ in their front."""
    weight = bias.removesuffix("bias") + "weight"
    return any(name == weight or name.endswith(f".{weight}") or weight.endswith(f".{name}") for name in weights)
