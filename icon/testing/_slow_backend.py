"""A plugin file with a backend without a model, which takes its time and fails where it is asked to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from icon.errors import BackendError
from icon.plugins import Options, Strategy, hookimpl
from icon.testing import FakeBackend
from icon.types import Target, TokenLogProbs


class SlowOptions(Options):
    """Options of the backend `slow`."""

    device: str = "cpu"
    seconds: float = 0.0
    refuses: str = ""
    missing: str = ""


class SlowBackend(FakeBackend):
    """Sleeps before each pass; fails at contexts that have the words `refuses`, and without the file `missing`."""

    def __init__(self, options: SlowOptions) -> None:
        super().__init__()
        self.options = options
        if options.missing and not Path(options.missing).exists():
            raise BackendError(f"{options.missing}: there is no such model")

    def score(self, context: str, targets: Sequence[Target]) -> list[TokenLogProbs]:
        """What `FakeBackend` gives, later.

        Raises:
            BackendError: It is asked to fail at this context.
        """
        time.sleep(self.options.seconds)
        if self.options.refuses and self.options.refuses in context:
            raise BackendError("out of luck")
        return super().score(context, targets)


@hookimpl
def icon_backends() -> list[Strategy]:
    """The backend `slow`."""
    return [Strategy("slow", "a backend without a model that takes its time", SlowBackend, SlowOptions)]
