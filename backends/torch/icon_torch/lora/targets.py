"""Chooses the linear layers of a model that get adapters."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from transformers.pytorch_utils import Conv1D

from icon.errors import ConfigError

USUAL = ("q_proj", "v_proj")
"""The layers of the paper: the projections to queries and values."""


def target_modules(
    body: nn.Module, asked: Sequence[str] | None, usual: Sequence[str] = USUAL, user: str = "selector lora"
) -> list[str] | str:
    """The layers by name, or as the pattern that peft has for the architecture.

    Args:
        body: The decoder of a language model.
        asked: The option `target_modules`: the ends of the layers' names; None for the usual ones.
        usual: The usual ones, which are taken where the model has all of them.
        user: The strategy whose option it is, for messages.

    Raises:
        ConfigError: A name matches no linear layer, or none is set and the architecture is not known.
    """
    linear = [name for name, module in body.named_modules() if isinstance(module, nn.Linear | Conv1D)]
    if asked is None:
        return _usual(body, linear, usual, user)
    for target in asked:
        if not _has(linear, target):
            raise ConfigError(
                f"{user}: target_modules: no linear layer named {target!r} in this model; valid: {_ends(linear)}"
            )
    return list(asked)


def _usual(body: nn.Module, linear: list[str], usual: Sequence[str], user: str) -> list[str] | str:
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as KNOWN

    if all(_has(linear, target) for target in usual):
        return list(usual)
    kind = getattr(getattr(body, "config", None), "model_type", "")
    if kind not in KNOWN:
        raise ConfigError(
            f"{user}: a model of type {kind!r} has no layers {', '.join(usual)}, and peft names none for it; set "
            f"the option target_modules; valid: {_ends(linear)}"
        )
    known = KNOWN[kind]
    return known if isinstance(known, str) else list(known)


def _has(linear: list[str], target: str) -> bool:
    return any(name == target or name.endswith(f".{target}") for name in linear)


def _ends(linear: list[str]) -> str:
    return ", ".join(sorted({name.rsplit(".", 1)[-1] for name in linear})) or "none"
