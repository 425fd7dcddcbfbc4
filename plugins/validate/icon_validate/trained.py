"""What a trainer gives: a trained model that can be judged, and that brings the original weights back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.errors import BackendError
from icon_validate.encoding import Encoded

Progress = Callable[[int, int, float], None]
"""Called after every optimiser step: the step, counted from 1, the number of steps, and the step's loss."""


class NotFiniteError(BackendError):
    """A training loss is not a finite number."""


@dataclass
class Trained:
    """A model that was trained; closing it brings the original weights back.

    Attributes:
        model: The whole model, with the trained weights in place.
        losses: Loss of each step: mean over the step's records of their NLL, nats per token.
    """

    model: Any
    losses: list[float]
    _judge: Callable[[Sequence[Encoded]], list[NDArray[np.float64]]]
    _restore: Callable[[], None]
    _closed: bool = field(default=False)

    def token_losses(self, judge: Sequence[Encoded]) -> list[NDArray[np.float64]]:
        """-log p of each response token of each sample, nats; arrays of shape (n_response,), in order."""
        return self._judge(judge)

    def close(self) -> None:
        """Bring the original weights back; safe to call twice."""
        if not self._closed:
            self._restore()
            self._closed = True

    def __enter__(self) -> Trained:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
