"""Low-rank adapters on the body of a causal language model, for a while."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from peft import LoraConfig

ADAPTER = "icon"


@contextmanager
def attached(model: Any, config: LoraConfig) -> Iterator[nn.Module]:
    """Context with adapters in the model's body, which it yields; afterwards the model is restored, bit for bit.

    Within it only the adapters require gradients, and the body is in evaluation mode.

    Args:
        model: A causal language model of transformers.
        config: Rank, alpha, dropout and target modules of the adapters.
    """
    from peft import get_peft_model

    body = model.base_model
    trained_before = {name: parameter.requires_grad for name, parameter in body.named_parameters()}
    mode = body.training
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(fan_in_fan_out|is_gradient_checkpointing)")
        wrapped = get_peft_model(body, config, adapter_name=ADAPTER)
    try:
        body.eval()
        yield body
    finally:
        wrapped.unload()
        body.train(mode)
        for name, parameter in body.named_parameters():
            parameter.requires_grad_(trained_before[name])
