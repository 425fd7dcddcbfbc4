"""Judges of pairs of answers: what they share, and the one that a user names."""

from __future__ import annotations

from typing import Protocol

from icon.errors import ConfigError
from icon_validate.pairwise.question import Pair
from icon_validate.pairwise.score import Choice

VALID = "a backend and its model such as llamacpp:smollm2 or torch:org/name, or the address of a server such as "
VALID += "http://localhost:8000/v1"


class PairJudge(Protocol):
    """Says which of two answers is better."""

    name: str
    """What judges, for the results: the backend's model, or the server's address and model."""

    def choose(self, pair: Pair) -> Choice:
        """The choice between the two answers, read in this order.

        Raises:
            BackendError: The judge cannot be reached or evaluated; nothing is wrong with the pair.
        """
        ...

    def close(self) -> None:
        """Free what the judge holds; safe to call twice."""
        ...


def is_address(text: str) -> bool:
    """Whether the judge is a server."""
    return text.startswith(("http://", "https://"))


def parts_of(text: str) -> tuple[str, str]:
    """Backend and model of `BACKEND:MODEL`.

    Raises:
        ConfigError: It is not of that form.
    """
    backend, colon, model = text.partition(":")
    if not (backend and colon and model):
        raise ConfigError(f"--pairwise-judge {text}: valid: {VALID}")
    return backend, model
