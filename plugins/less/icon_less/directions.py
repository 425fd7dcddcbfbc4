"""The direction of a sample's gradient: projected, brought to length 1, or why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.inference import OutOfMemoryError
from icon.plugins import ScoringTask
from icon.types import Sample, Status
from icon_less.gradients import Adapted, adapted
from icon_less.options import LessOptions
from icon_less.projection import Projection
from icon_less.texts import Encoded, Failure, encode, model_of
from icon_less.warmup import Warm, drawn, warm_up
from icon_torch.lora.randomness import seeded

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Direction:
    """A projected gradient, or step.

    Attributes:
        vector: Shape (projection,), Euclidean length 1.
        length: Its length before.
        note: What was truncated.
    """

    vector: FloatArray
    length: float
    note: str


class Directions:
    """Takes gradients for a task, one sample at a time, so that none depends on another.

    Args:
        task: Backend, template, limits and seed.
        options: The scorer's options.

    Raises:
        AbilityError: The backend is not torch.
        ConfigError: The target modules are not in the model, or there is no file to warm up on.
        InputError: Records of the warm-up cannot be read.
        BackendError: There is no memory for the warm-up, or its loss is not finite.
    """

    def __init__(self, task: ScoringTask, options: LessOptions) -> None:
        self._task, self._options = task, options
        self._warm: Warm | None = None
        texts = drawn(options, task) if options.warmup is not None else []
        with self._adapted() as found, seeded(task.seed):
            self._projection = Projection(found.parameters, options.projection, task.seed)
            if texts:
                self._warm = warm_up(found, texts, options, task.seed)

    def of(self, samples: Sequence[Sample], *, as_steps: bool = False) -> Iterator[Direction | Failure]:
        """Each sample's direction in order.

        Args:
            samples: The samples.
            as_steps: Whether, after a warm-up, it is the direction of Adam's next step rather than of the gradient.
        """
        with self._adapted() as found:
            for sample in samples:
                text = encode(sample, self._task)
                yield text if isinstance(text, Failure) else self._direction(found, text, as_steps)

    def _adapted(self) -> AbstractContextManager[Adapted]:
        backend = model_of(self._task)
        values = self._warm.values if self._warm else ()
        return adapted(backend.model, backend.device, self._options, self._task.seed, values)

    def _direction(self, found: Adapted, text: Encoded, as_steps: bool) -> Direction | Failure:
        try:
            with seeded(self._task.seed):  # by deterministic kernels, where there are some
                gradient = found.gradient(text)
                if as_steps and self._warm:
                    gradient = self._warm.step(gradient)
                projected = self._projection(gradient).double().numpy()
        except OutOfMemoryError as error:
            return Failure(Status.OUT_OF_MEMORY, f"no memory for the gradient of {len(text.ids)} tokens: {error}")
        length = float(np.linalg.norm(projected))
        if not np.isfinite(length) or length == 0:
            return Failure(Status.NOT_FINITE, f"the length of its gradient is {length}, so it has no direction")
        return Direction(projected / length, length, text.note)
