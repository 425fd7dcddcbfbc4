"""Selector `lora`: the paper's classifier, a language model with low-rank adapters and a trained two-label head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from icon.plugins import Strategy
from icon_torch.lora.options import LoraOptions

if TYPE_CHECKING:
    from icon_torch.lora.selector import LoraSelector


def strategy() -> Strategy:
    """The strategy of the selector; torch is imported when it is built."""
    summary = "the paper's classifier: a language model with LoRA learns from the scored candidates, ranks the pool"
    return Strategy("lora", summary, build, LoraOptions)


def build(options: LoraOptions) -> LoraSelector:
    """The selector with these options.

    Raises:
        ConfigError: A library that it needs is not installed.
    """
    from icon_torch.lora.selector import LoraSelector

    return LoraSelector(options)
