"""Trainer `lora`: low-rank adapters on every linear layer of the model (peft), the model itself untouched."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from icon.errors import BackendError
from icon_torch.lora.randomness import seeded
from icon_validate.encoding import Encoded
from icon_validate.trained import Progress, Trained
from icon_validate.whole import micro_batches, optimise, response_nlls, token_losses

ADAPTER = "icon-validate"


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """How an arm is trained.

    Attributes:
        rank: Rank of the adapters.
        alpha: Their scale is alpha / rank.
        learning_rate: First learning rate of AdamW.
        seed: Decides the adapters' first weights, the same for every arm.
    """

    rank: int = 16
    alpha: int = 32
    learning_rate: float = 2e-4
    seed: int = 0


class LoraTrainer:
    """Trains new adapters for every arm, and takes them off again.

    Args:
        model: A causal language model of transformers, in evaluation mode, its weights frozen.
        settings: How arms are trained.
    """

    def __init__(self, model: Any, settings: LoraSettings) -> None:
        self.model, self.settings = model, settings

    def train(
        self, records: Sequence[Encoded], order: Sequence[Sequence[int]], *, progress: Progress | None = None
    ) -> Trained:
        """Train on the records, from the original weights; see `icon_validate.top_blocks.TopBlocks.train`.

        Raises:
            BackendError: A loss is not finite, or peft finds no layer that it can adapt.
        """
        wrapped = self._wrapped()

        def step_loss(step: int) -> float:
            places, loss = order[step], 0.0
            for micro in micro_batches([records[place] for place in places]):
                part = torch.stack([nll.mean() for nll in response_nlls(self.model, micro)]).sum() / len(places)
                part.backward()  # type: ignore[no-untyped-call]
                loss += float(part.detach())
            return loss

        parameters = [parameter for parameter in wrapped.parameters() if parameter.requires_grad]
        try:
            losses = optimise(parameters, step_loss, len(order), self.settings.learning_rate, progress)
        except BaseException:
            wrapped.unload()
            raise
        return Trained(self.model, losses, self.token_losses, wrapped.unload)

    def token_losses(self, samples: Sequence[Encoded]) -> list[NDArray[np.float64]]:
        """-log p of each response token of each sample under the present weights, adapters included."""
        return token_losses(self.model, samples)

    def _wrapped(self) -> Any:
        """The model's body with new adapters, in evaluation mode: without dropout, as all trainers."""
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=self.settings.rank, lora_alpha=self.settings.alpha, lora_dropout=0.0, target_modules="all-linear"
        )
        try:
            with seeded(self.settings.seed), warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*(fan_in_fan_out|is_gradient_checkpointing)")
                wrapped: Any = get_peft_model(self.model.base_model, config, adapter_name=ADAPTER)
        except ValueError as error:
            raise BackendError(f"train lora: peft cannot adapt {type(self.model).__name__}: {error}") from error
        return wrapped.eval()
