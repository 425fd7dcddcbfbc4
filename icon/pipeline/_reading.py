"""Lets observers know that the model reads, from the first pass of a stage on."""

from __future__ import annotations

import time

from icon.plugins import PassesMeasured
from icon.runs.model import Model
from icon.runs.run import Run

EVERY = 0.25
"""Seconds between two events, since a small model makes hundreds of passes per second."""


class Reading:
    """Emits `PassesMeasured` after a call of the model, at most a few times per second.

    Args:
        run: The run.
        model: Its model.
    """

    def __init__(self, run: Run, model: Model) -> None:
        self._run, self._model = run, model
        self._latest = -EVERY

    def __call__(self) -> None:
        """Note that the model has read something."""
        now = time.perf_counter()
        if now - self._latest >= EVERY:
            self._latest = now
            self._run.emit(PassesMeasured(self._model.tokens_evaluated))
