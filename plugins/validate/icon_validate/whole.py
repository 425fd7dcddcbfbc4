"""What the trainers of whole models share: micro-batches, the loss of a step, and the losses of the judge samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from icon_torch.head import Head
from icon_validate.encoding import Encoded
from icon_validate.trained import NotFiniteError, Progress, Trained

MICRO_TOKENS = 2048
"""Most tokens in a micro-batch, padding included."""


class ArmTrainer(Protocol):
    """Trains arm after arm from the same weights."""

    model: Any
    """The causal language model of transformers, whose weights are the original ones between two arms."""

    def train(
        self, records: Sequence[Encoded], order: Sequence[Sequence[int]], *, progress: Progress | None = None
    ) -> Trained:
        """Train on the records in batches by place; the loss of a step is the mean of its records' mean NLL."""
        ...

    def token_losses(self, samples: Sequence[Encoded]) -> list[NDArray[np.float64]]:
        """-log p of each response token of each sample under the present weights."""
        ...


def micro_batches(samples: Sequence[Encoded], micro_tokens: int = MICRO_TOKENS) -> Iterator[list[Encoded]]:
    """Samples of similar length together, at most `micro_tokens` tokens each, padding included."""
    batch: list[Encoded] = []
    for sample in sorted(samples, key=lambda one: (len(one.ids), one.id)):
        if batch and (len(batch) + 1) * len(sample.ids) > micro_tokens:
            yield batch
            batch = []
        batch.append(sample)
    if batch:
        yield batch


def response_nlls(model: Any, batch: Sequence[Encoded]) -> list[Tensor]:
    """-log p of the response tokens of each sample: float64 tensors of shape (n_response,), on the CPU."""
    device = model.get_input_embeddings().weight.device
    ids = nn.utils.rnn.pad_sequence([torch.tensor(one.ids[:-1]) for one in batch], batch_first=True)
    lengths = torch.tensor([len(one.ids) - 1 for one in batch])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    states = model.base_model(
        input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False
    ).last_hidden_state
    rows = torch.cat([states[i, one.n_prompt - 1 : len(one.ids) - 1] for i, one in enumerate(batch)])
    targets = torch.tensor([token for one in batch for token in one.ids[one.n_prompt :]])
    return list(torch.split(-Head(model).logprobs(rows, targets), [one.n_response for one in batch]))


@torch.no_grad()
def token_losses(model: Any, samples: Sequence[Encoded]) -> list[NDArray[np.float64]]:
    """-log p of each response token of each sample under the model's present weights, in order."""
    found = {}
    for micro in micro_batches(samples):
        for sample, nll in zip(micro, response_nlls(model, micro), strict=True):
            found[sample.ids] = nll.numpy()
    return [found[sample.ids] for sample in samples]


def optimise(
    parameters: Sequence[nn.Parameter],
    step_loss: Callable[[int], float],
    steps: int,
    learning_rate: float,
    progress: Progress | None,
) -> list[float]:
    """Take steps of AdamW along a cosine, gradients clipped to a norm of 1.

    Args:
        parameters: What is trained.
        step_loss: Computes the loss of a step by its place, and its gradients.
        steps: Number of steps.
        learning_rate: The first one; the last step has nearly 0.
        progress: Called after every step.

    Returns:
        The loss of each step.

    Raises:
        BackendError: A loss is not finite.
    """
    optimiser = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=0.0)
    losses = []
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        loss = step_loss(step)
        refuse_not_finite(loss, step + 1)
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(loss)
        if progress:
            progress(step + 1, steps, loss)
    return losses


def refuse_not_finite(loss: float, step: int) -> None:
    """Refuse to go on with a loss that is no number.

    Raises:
        NotFiniteError: It is not finite.
    """
    if not math.isfinite(loss):
        raise NotFiniteError(f"the training loss is {loss} at step {step}; lower --learning-rate")
