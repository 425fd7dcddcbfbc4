"""Gradients of a sample's loss with respect to adapters on a model, one sample at a time."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from icon_less.options import LessOptions
from icon_less.texts import Encoded
from icon_torch import memory
from icon_torch.lora.attached import attached
from icon_torch.lora.randomness import seeded
from icon_torch.lora.targets import target_modules

ADAPTED = ("q_proj", "k_proj", "v_proj", "o_proj")
"""The layers that get adapters: those of the paper."""

HALF_SCALE = 2.0**10
"""Factor on the loss of a float16 model while gradients pass through it, where small ones would become 0."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """A model with adapters in place.

    The adapters' output is B A x, with A drawn at random and B zero, so the model is unchanged. The gradient with
    respect to A is then zero, and that with respect to B is the gradient of the layer's own weights times A^T. After a
    warm-up neither is zero.

    Attributes:
        model: A causal language model of transformers.
        parameters: The parameters whose gradient is taken, in the order of their names.
        device: Device of the model's first layer.
    """

    model: Any
    parameters: tuple[torch.nn.Parameter, ...]
    device: torch.device

    def loss(self, text: Encoded) -> Tensor:
        """The mean NLL of the response tokens that count: a scalar, nats per token, with its graph."""
        ids = torch.tensor([text.ids], device=self.device)
        # Not every architecture can leave out the logits of the prompt, which are not needed.
        short = "logits_to_keep" in inspect.signature(self.model.forward).parameters
        kept = {"logits_to_keep": text.counted} if short else {}
        logits = self.model(input_ids=ids[:, :-1], use_cache=False, **kept).logits[0, -text.counted :]
        return cross_entropy(logits.float(), ids[0, -text.counted :].to(logits.device))

    def gradient(self, text: Encoded) -> tuple[Tensor, ...]:
        """The gradient of the loss, one tensor per parameter.

        Raises:
            OutOfMemoryError: There is not enough memory.
        """
        half = getattr(self.model, "dtype", None) == torch.float16
        scale = HALF_SCALE if half else 1.0
        with memory.errors_translated(), torch.enable_grad():
            scaled = torch.autograd.grad(self.loss(text) * scale, self.parameters)
        return tuple(part / scale for part in scaled) if half else scaled


@contextmanager
def adapted(
    model: Any, device: torch.device, options: LessOptions, seed: int, values: Sequence[Tensor] = ()
) -> Iterator[Adapted]:
    """Context with adapters on the model, which is restored afterwards.

    Args:
        model: A causal language model of transformers.
        device: Device of its first layer.
        options: Rank, alpha and target modules; with a warm-up, the parameters are A and B, else B alone.
        seed: Decides A.
        values: The parameters after a warm-up; empty before one.

    Raises:
        ConfigError: The target modules are not in the model.
    """
    from peft import LoraConfig

    targets = target_modules(model.base_model, options.target_modules, ADAPTED, "scorer less")
    config = LoraConfig(r=options.rank, lora_alpha=options.alpha, lora_dropout=0.0, target_modules=targets)
    with ExitStack() as stack:
        with seeded(seed):
            body = stack.enter_context(attached(model, config))
        named = [(name, each) for name, each in sorted(body.named_parameters()) if each.requires_grad]
        for name, parameter in named:
            parameter.requires_grad_(options.warmup is not None or "lora_B" in name)
        parameters = tuple(parameter for _, parameter in named if parameter.requires_grad)
        with torch.no_grad():
            for parameter, value in zip(parameters, values, strict=bool(values)):
                parameter.copy_(value)
        yield Adapted(model, parameters, device)
