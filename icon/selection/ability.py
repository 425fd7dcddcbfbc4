"""The backend's ability that a selector asks for, or an error that says what to do without it."""

from __future__ import annotations

from icon.errors import AbilityError
from icon.protocols import Embedder, SelectionTask


def embedder_of(task: SelectionTask, selector: str) -> Embedder:
    """The run's backend, which can embed.

    Raises:
        AbilityError: It cannot, or there is none.
    """
    if isinstance(task.backend, Embedder):
        return task.backend
    name = task.backend.describe().backend if task.backend else "none"
    raise AbilityError(
        f"selector {selector}: features = embedding needs a backend that can embed texts; found {name}. Choose another "
        "backend, or features = lexical"
    )
