"""Stage 3: what a selector is given, and what it must offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from icon.protocols.backend import Backend
from icon.types import Keep, Sample, Selection


def _tell_nobody(done: int, total: int, note: str) -> None:
    """No one watches the progress."""


@dataclass(frozen=True, slots=True)
class SelectionTask:
    """What a selector works from: the candidates, the scores of those that were scored, how much to keep.

    A selector that takes long tells its progress: how much is done, of how much, and a note.
    """

    candidates: Sequence[Sample]
    scores: Mapping[str, float]
    keep: Keep
    seed: int
    backend: Backend | None
    progress: Callable[[int, int, str], None] = _tell_nobody


class Selector(Protocol):
    """Stage 3: decides over every candidate.

    One that works with the models of certain backends only names them in an attribute `backends`, so that another is
    refused before anything is computed.
    """

    needs_backend: bool
    fewest_scored: int
    """The fewest scored candidates it can work from."""

    def select(self, task: SelectionTask) -> Selection:
        """One decision a candidate, in the order given; `keep` of them selected where that many can be ranked."""
        ...
