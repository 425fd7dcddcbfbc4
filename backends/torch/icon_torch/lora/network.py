"""The classifier: the model's body with adapters, and a linear head over its last hidden state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from icon_torch.lora.attached import attached
from icon_torch.lora.options import LoraOptions
from icon_torch.lora.targets import target_modules

HEAD_DEVIATION = 0.02
"""Standard deviation of the head's initial weights, as in transformers' own heads."""


class Network(nn.Module):
    """Two logits per text, from the hidden state of its last token.

    It registers only what is trained: the adapters and the head. So the optimiser, the checkpoints and the switch to
    training mode do not affect the body, which stays frozen and in evaluation mode.

    Args:
        body: The decoder of a causal language model, adapters in place.
        width: Size of its hidden states.
        device: Device of its first layer and of the head.

    Attributes:
        device: Device of the body's first layer and of the head.
        precision: Data type of the body's weights; adapters and head are float32.
    """

    def __init__(self, body: nn.Module, width: int, device: torch.device) -> None:
        from peft.tuners.lora import LoraLayer

        super().__init__()
        self._unregistered = (body,)
        self.device = device
        self.precision = next(body.parameters()).dtype
        self.adapters = nn.ModuleList(
            nn.ModuleDict({part: getattr(layer, part) for part in (*layer.adapter_layer_names, "lora_dropout")})
            for layer in body.modules()
            if isinstance(layer, LoraLayer)
        )
        self.head = nn.Linear(width, 2)
        nn.init.normal_(self.head.weight, std=HEAD_DEVIATION)
        nn.init.zeros_(self.head.bias)
        self.head.to(device)
        # With two entries accelerate leaves everything on its device.
        self.hf_device_map = {"adapters": str(device), "head": str(device)}

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """The logits of the labels 0 and 1.

        Args:
            input_ids: Shape (texts, longest), padded on the right.
            attention_mask: 1 for tokens and 0 for padding, likewise.

        Returns:
            `logits`: float32, shape (texts, 2), on the device of `input_ids`.
        """
        with torch.autocast(self.device.type, enabled=False):
            logits: Tensor = self.head(self.states(input_ids, attention_mask).float())
        return {"logits": logits.to(input_ids.device)}

    def states(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Last hidden state of every text's last token, shape (texts, width); arguments as for `forward`."""
        (body,) = self._unregistered
        ids, mask = input_ids.to(self.device), attention_mask.to(self.device)
        states: Tensor = body(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state.to(self.device)
        return states[torch.arange(len(states), device=self.device), mask.sum(1) - 1]

    @torch.no_grad()
    def probabilities(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Probability of the label 1: float64, shape (texts,), on the CPU; arguments as for `forward`."""
        self.eval()
        logits: Tensor = self(input_ids, attention_mask)["logits"]
        return logits.cpu().double().softmax(1)[:, 1]


@contextmanager
def adapted(model: Any, options: LoraOptions, device: torch.device) -> Iterator[Network]:
    """Context with a network on the model's body; afterwards the model is restored, bit for bit.

    Args:
        model: A causal language model of transformers.
        options: Rank, alpha, dropout and target modules of the adapters.
        device: Device of the head.

    Raises:
        ConfigError: The target modules are not in the model.
    """
    from peft import LoraConfig

    config = LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=options.dropout,
        target_modules=target_modules(model.base_model, options.target_modules),
    )
    with attached(model, config) as body:
        # The input width of the model's output layer is the head's; config.hidden_size differs from it in some models.
        yield Network(body, model.get_output_embeddings().weight.shape[1], device)
