"""Stage 1: what an assessment builder is given, and what it must offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from icon.protocols.samples import Reader
from icon.types import Sample


@dataclass(frozen=True, slots=True)
class AssessmentTask:
    """What an assessment builder works from.

    Attributes:
        pool: The pool's distinct samples.
        size: How many samples to build; None for all.
        seed: Seed of the run.
        readers: Record formats by name; None for the built-in ones.
    """

    pool: Sequence[Sample]
    size: int | None
    seed: int
    readers: Mapping[str, Reader] | None = None


class AssessmentBuilder(Protocol):
    """Stage 1: gives the assessment set D_a."""

    held_out: bool
    """Whether the samples are taken out of the pool, which then goes on without them."""
    notes: Sequence[str]
    """After `build`: a sentence for each thing a reader of the run should know, such as rows that were skipped."""

    def build(self, task: AssessmentTask) -> list[Sample]:
        """The assessment samples; those taken from the pool keep their id."""
        ...
