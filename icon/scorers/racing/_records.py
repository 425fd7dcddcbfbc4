"""What a race is: its rules, its slices, what is kept of each look, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from icon.scorers.racing._look import Look
from icon.types import Sample

Leaving = Literal["likely", "certain"]
"""When a candidate is not measured further: it is likely to be on its side of the cut, or decided at the confidence."""

Ended = Literal["capture", "decided", "measured", "samples", "budget", "interrupted"]
"""Why a race ended: the choice is good enough, fewer than two are undecided, all that stayed are measured to the end,
the last sample is reached with candidates at rest before the choice is as good as asked for, or it was stopped."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a race is run.

    Attributes:
        keep: How many of the candidates are kept.
        first: Assessment samples of the first slice.
        capture: Expected captured gain at which the race ends; 1 never ends it.
        confidence: Confidence at which a candidate counts as accepted or rejected.
        stops: Whether candidates leave the race; False measures all of them on every slice.
        seed: Seed of the draws for the expected capture.
        informative: Whether a pilot, the first candidates on every sample, decides the order of the samples.
        leaving: When candidates leave. Where it is likely, one that left may return, and the expected capture is that
            on samples beyond the assessment set; else it is that on the set itself.
        fewest: Fewest assessment samples of a slice.
    """

    keep: int
    first: int
    capture: float
    confidence: float
    stops: bool
    seed: int
    informative: bool = False
    leaving: Leaving = "certain"
    fewest: int = 1


@dataclass(frozen=True, slots=True)
class Slice:
    """One round of a race: some candidates on some assessment samples.

    Attributes:
        number: Its number, from 0.
        samples: The assessment samples that are new in it.
        candidates: Those that are still in the race, in scoring order.
        start: How many samples the slices before it reached.
    """

    number: int
    samples: tuple[Sample, ...]
    candidates: tuple[Sample, ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A look at a race.

    Attributes:
        samples: Assessment samples reached.
        pairs: Pairs measured.
        candidates: Candidates of the last slice.
        measured: Candidates that are measured on anything.
        open: Candidates that are undecided.
        capture: Expected captured gain.
    """

    samples: int
    pairs: int
    candidates: int
    measured: int
    open: int
    capture: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a race.

    Attributes:
        ended: Why it ended.
        look: The last look, over `candidates`.
        candidates: Ids of those without a failure, in scoring order.
        measured: How many assessment samples the race reached.
        path: Every look.
        raw_score: The expected means of the candidates as measured, where the looks are at equal length; else None.
    """

    ended: Ended
    look: Look
    candidates: list[str]
    measured: int
    path: list[Step]
    raw_score: NDArray[np.float64] | None = None
