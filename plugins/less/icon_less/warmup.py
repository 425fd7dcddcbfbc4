"""Trains the adapters on a random share of records first, as LESS does, and keeps what Adam has gathered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from icon.errors import BackendError, ConfigError, InputError
from icon.inference import OutOfMemoryError
from icon.plugins import ScoringTask
from icon.samples import load_samples
from icon.types import part_of
from icon_less.gradients import Adapted
from icon_less.options import LessOptions
from icon_less.texts import Encoded, Failure, encode
from icon_torch import memory

BETAS, EPSILON = (0.9, 0.999), 1e-8
RISING = 0.03
"""Share of the steps in which the learning rate rises; then it falls to 0 in a line."""


@dataclass(frozen=True, slots=True)
class Warm:
    """Adapters after a warm-up, one tensor per parameter in each.

    Attributes:
        values: The trained parameters.
        first: Adam's running means of the gradients, m.
        second: Adam's running means of their squares, v.
        steps: t, the number of steps taken.
    """

    values: tuple[Tensor, ...]
    first: tuple[Tensor, ...]
    second: tuple[Tensor, ...]
    steps: int

    def step(self, gradients: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The step that Adam would take next with these gradients, without the learning rate and its sign.

            m' / (1 - b1^(t+1)) / (sqrt(v' / (1 - b2^(t+1))) + epsilon)

        with m' = b1 m + (1 - b1) g and v' = b2 v + (1 - b2) g^2. Source: LESS, section 3.1.
        """
        b1, b2 = BETAS
        corrections = 1 - b1 ** (self.steps + 1), 1 - b2 ** (self.steps + 1)
        steps = []
        for gradient, first, second in zip(gradients, self.first, self.second, strict=True):
            mean = (b1 * first + (1 - b1) * gradient) / corrections[0]
            square = (b2 * second + (1 - b2) * gradient**2) / corrections[1]
            steps.append(mean / (square.sqrt() + EPSILON))
        return tuple(steps)


def drawn(options: LessOptions, task: ScoringTask) -> list[Encoded]:
    """The records of a warm-up: a random share of those in the file, by the seed.

    Raises:
        ConfigError: There is no such file.
        InputError: Records of the share cannot be read; the message names them.
    """
    assert options.warmup is not None
    path = Path(options.warmup).expanduser()
    if not path.is_file():
        raise ConfigError(f"scorer less: warmup: no file {options.warmup}; valid: a file of records, such as the pool")
    samples = load_samples(str(path)).samples
    n = max(1, part_of(options.warmup_share, len(samples)))
    chosen = sorted(np.random.default_rng([task.seed, len(samples)]).permutation(len(samples))[:n])
    texts = [(samples[place], encode(samples[place], task)) for place in chosen]
    if faults := [f"  row {sample.row}: {one.reason}" for sample, one in texts if isinstance(one, Failure)]:
        raise InputError("\n".join([f"scorer less: warmup: {path}: records that cannot be trained on:", *faults]))
    return [one for _, one in texts if not isinstance(one, Failure)]


def warm_up(found: Adapted, texts: Sequence[Encoded], options: LessOptions, seed: int) -> Warm:
    """Train the adapters in place by AdamW without weight decay; each record of a step has the same weight.

    Raises:
        BackendError: There is no memory for a record, or the loss is not finite.
    """
    parameters, size = found.parameters, options.warmup_batch
    per_epoch = math.ceil(len(texts) / size)
    total = options.warmup_epochs * per_epoch
    optimizer = torch.optim.AdamW(parameters, options.warmup_learning_rate, BETAS, EPSILON, weight_decay=0.0)
    rising = math.ceil(RISING * total)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / rising, (total - step) / max(1, total - rising))
    )
    generator = np.random.default_rng([seed, 1])
    for _ in range(options.warmup_epochs):
        order = generator.permutation(len(texts))
        for start in range(0, len(order), size):
            batch = [texts[place] for place in order[start : start + size]]
            _train(found, batch)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            schedule.step()
    states = [optimizer.state[parameter] for parameter in parameters]
    return Warm(
        tuple(parameter.detach().clone() for parameter in parameters),
        tuple(state["exp_avg"] for state in states),
        tuple(state["exp_avg_sq"] for state in states),
        total,
    )


def _train(found: Adapted, batch: Sequence[Encoded]) -> None:
    """Add up the gradient of a step."""
    for text in batch:
        try:
            with memory.errors_translated(), torch.enable_grad():
                loss = found.loss(text) / len(batch)
                torch.autograd.backward(loss)
        except OutOfMemoryError as error:
            raise BackendError(
                f"scorer less: no memory to warm up on a record of {len(text.ids)} tokens; a smaller "
                f"--max-response-tokens or -o scorer.rank needs less ({error})"
            ) from error
        if not math.isfinite(loss.item()):
            raise BackendError(f"scorer less: warm-up: the loss is {loss.item()}; lower -o scorer.warmup_learning_rate")
