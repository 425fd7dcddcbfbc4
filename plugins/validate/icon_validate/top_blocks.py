"""Trainer `top-blocks`: trains the last blocks of a model over cached activations of the blocks below.

The blocks below never change, so what they make of a record is computed once and serves every arm. All weights of the
last blocks are trained; embeddings, final norm and vocabulary projection are not.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from icon.errors import UserError
from icon_torch.head import Head
from icon_validate.encoding import Encoded
from icon_validate.trained import NotFiniteError, Progress, Trained
from icon_validate.whole import response_nlls

AGREES = 1e-3
"""Most that a log-probability over cached activations may differ from the model's own, in nats."""

WASTE = 1.15
"""Most that padding may add to the tokens of a micro-batch."""

MOST_CACHED = 2**32
"""Bytes of activations that are kept; those of further samples are computed each time."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an arm is trained.

    Attributes:
        blocks: Number of blocks at the model's end that are trained.
        learning_rate: First learning rate of AdamW; it falls to 0 along a cosine.
        max_norm: Norm to which gradients are clipped.
        micro_tokens: Most tokens in a micro-batch, padding included.
    """

    blocks: int = 6
    learning_rate: float = 1e-4
    max_norm: float = 1.0
    micro_tokens: int = 2048


class TopBlocks:
    """Trains the last blocks of one model, arm after arm, from the same weights.

    Args:
        model: A causal language model of transformers, in float32, in evaluation mode.
        settings: How arms are trained.

    Raises:
        UserError: The model has too few blocks, or cannot be run in two halves.
    """

    def __init__(self, model: Any, settings: Settings) -> None:
        self.model, self.settings = model, settings
        self._body = model.base_model
        layers = getattr(self._body, "layers", None)
        if not isinstance(layers, nn.ModuleList):
            raise UserError(
                f"train top-blocks: {type(model).__name__} has no list of blocks that can be run apart; valid: "
                "--train lora"
            )
        if not 1 <= settings.blocks < len(layers):
            raise UserError(
                f"blocks: found {settings.blocks}; valid: 1 to {len(layers) - 1}, as the model has {len(layers)}"
            )
        self._layers = layers
        self._lower = layers[: -settings.blocks]
        self._upper = layers[-settings.blocks :]
        self._original = {name: value.clone() for name, value in self._upper.state_dict().items()}
        self._head = Head(model)
        self._cache: dict[tuple[int, ...], Tensor] = {}
        self._cached = 0
        self._checked = False

    def train(
        self, records: Sequence[Encoded], order: Sequence[Sequence[int]], *, progress: Progress | None = None
    ) -> Trained:
        """Train on the records, from the original weights.

        The loss of a step is the mean over its records of the mean NLL of their response tokens, so every record weighs
        the same, whatever its length.

        Args:
            records: The records of the arm.
            order: For each step the places of its records.
            progress: Called after every step.

        Raises:
            NotFiniteError: A loss is not finite.
        """
        self._check(records)
        self._restore()
        parameters = list(self._upper.parameters())
        for parameter in parameters:
            parameter.requires_grad_(True)
        optimiser = torch.optim.AdamW(parameters, lr=self.settings.learning_rate, weight_decay=0.0)
        losses = []
        for step, places in enumerate(order):
            for group in optimiser.param_groups:
                group["lr"] = self.settings.learning_rate * 0.5 * (1 + math.cos(math.pi * step / len(order)))
            loss = 0.0
            for micro in self._micro_batches([records[place] for place in places]):
                part = torch.stack([nll.mean() for nll in self._nlls(micro)]).sum() / len(places)
                part.backward()  # type: ignore[no-untyped-call]
                loss += float(part.detach())
            if not math.isfinite(loss):
                self._restore()
                raise NotFiniteError(f"the training loss is {loss} at step {step + 1}; lower --learning-rate")
            nn.utils.clip_grad_norm_(parameters, self.settings.max_norm)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(loss)
            if progress:
                progress(step + 1, len(order), loss)
        for parameter in parameters:
            parameter.requires_grad_(False)
        return Trained(self.model, losses, self.token_losses, self._restore)

    @torch.no_grad()
    def token_losses(self, samples: Sequence[Encoded]) -> list[NDArray[np.float64]]:
        """-log p of each response token of each sample under the present weights, in order; see `Trained`."""
        self._check(samples)
        by_tokens: dict[tuple[int, ...], NDArray[np.float64]] = {}
        for micro in self._micro_batches(samples):
            for sample, nll in zip(micro, self._nlls(micro), strict=True):
                by_tokens[sample.ids] = nll.cpu().numpy()
        return [by_tokens[sample.ids] for sample in samples]

    def _nlls(self, batch: Sequence[Encoded]) -> list[Tensor]:
        """-log p of the response tokens of each sample: float64 tensors of shape (n_response,), on the CPU."""
        device = next(self._upper.parameters()).device
        hidden = nn.utils.rnn.pad_sequence([self._below(sample) for sample in batch], batch_first=True).to(device)
        with self._only(self._upper):
            states = self._body(inputs_embeds=hidden, use_cache=False).last_hidden_state
        rows = torch.cat([states[i, one.n_prompt - 1 : len(one.ids) - 1] for i, one in enumerate(batch)])
        targets = torch.tensor([token for one in batch for token in one.ids[one.n_prompt :]])
        return list(torch.split(-self._head.logprobs(rows, targets), [one.n_response for one in batch]))

    @torch.no_grad()
    def _below(self, sample: Encoded) -> Tensor:
        """What the lower blocks make of a sample, shape (length - 1, width); computed once."""
        if sample.ids not in self._cache:
            device = next(self._lower.parameters()).device
            kept: list[Any] = []
            hook = self._lower[-1].register_forward_hook(lambda _module, _inputs, output: kept.append(output))
            try:
                with self._only(self._lower):
                    self._body(input_ids=torch.tensor([sample.ids[:-1]], device=device), use_cache=False)
            finally:
                hook.remove()
            states: Tensor = (kept[0] if isinstance(kept[0], Tensor) else kept[0][0])[0].cpu()
            self._cached += states.nbytes
            if self._cached > MOST_CACHED:
                return states
            self._cache[sample.ids] = states
        return self._cache[sample.ids]

    def _micro_batches(self, samples: Sequence[Encoded]) -> Iterator[list[Encoded]]:
        """Samples of similar length together, so that little is padded."""
        batch: list[Encoded] = []
        total = 0
        for sample in sorted(samples, key=lambda one: (len(one.ids), one.id)):
            padded, total = (len(batch) + 1) * len(sample.ids), total + len(sample.ids)
            if batch and (padded > WASTE * total or padded > self.settings.micro_tokens):
                yield batch
                batch, total = [], len(sample.ids)
            batch.append(sample)
        if batch:
            yield batch

    @contextmanager
    def _only(self, layers: nn.ModuleList) -> Iterator[None]:
        """The body with some of its blocks only; some models look a block's kind of attention up by its place."""
        config = self._body.config
        before, kinds = config.num_hidden_layers, getattr(config, "layer_types", None)
        self._body.layers, config.num_hidden_layers = layers, len(layers)
        if kinds:
            config.layer_types = kinds[: len(layers)] if layers is self._lower else kinds[-len(layers) :]
        try:
            yield
        finally:
            self._body.layers, config.num_hidden_layers = self._layers, before
            if kinds:
                config.layer_types = kinds

    @torch.no_grad()
    def _check(self, samples: Sequence[Encoded]) -> None:
        """Compare both halves with the whole model, once: no architecture is trusted by its name."""
        if self._checked or not samples:
            return
        self._restore()
        ordered = sorted(samples, key=lambda one: len(one.ids))
        tried = [ordered[0], ordered[-1]]  # a long one as well: attention to a window differs only there
        wanted = [self._plain(tried[0]), response_nlls(self.model, tried[1:])[0]]
        for found, plain in zip(self._nlls(tried), wanted, strict=True):
            if not torch.allclose(found, plain, rtol=0, atol=AGREES):
                raise UserError(
                    f"train top-blocks: {type(self.model).__name__} gives other numbers when its blocks are run apart; "
                    "valid: --train lora"
                )
        self._checked = True

    def _plain(self, sample: Encoded) -> Tensor:
        """-log p of the response tokens by the model's own logits, which takes memory for all of them."""
        ids = torch.tensor([sample.ids], device=next(self._layers.parameters()).device)
        logits = self.model(input_ids=ids, use_cache=False).logits[0, sample.n_prompt - 1 : -1].float()
        found: Tensor = -logits.log_softmax(1).gather(1, ids[0, sample.n_prompt :, None])[:, 0]
        return found.double().cpu()

    @torch.no_grad()
    def _restore(self) -> None:
        self._upper.load_state_dict(copy.copy(self._original))
        for parameter in self._upper.parameters():
            parameter.requires_grad_(False)
            parameter.grad = None
