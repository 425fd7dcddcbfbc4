"""Protocols of the third stage: selectors, their task, and what a selector may narrow the pool by before the second."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from icon.plugins.protocols._services import Backend
from icon.types import Keep, Sample, Selection


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The candidates that a cheap scorer leaves to the run's own scorer, and the cheap scores of all.

    Attributes:
        scorer: Name of the run's own scorer.
        cheap: Name of the cheap scorer.
        scores: The cheap score of each candidate that has one, by id.
        best: Ids of the best by the cheap score, which the run's own scorer measures.
        checked: Ids of candidates drawn at random from the others, which it measures as well: they say what the cheap
            score leaves out.
    """

    scorer: str
    cheap: str
    scores: Mapping[str, float]
    best: Collection[str]
    checked: Collection[str] = ()


def _no_progress(done: int, total: int, note: str) -> None:
    """No-op callback."""


@dataclass(frozen=True, slots=True)
class SelectionTask:
    """The input of a selector: the candidates, the scores of those that were scored, how much to keep.

    A selector that takes long calls `progress` with how much is done, of how much, and a note. `measured` is how many
    candidates were to be scored, failed ones included; None for as many as are ranked. `failed` has the ids of those
    that were measured and have no score, and `narrowed` what a cheap scorer said before, in a run whose selector
    narrows the pool (`Narrowing`).

    A share to keep is one of all candidates, never of those that happen to be scored.
    """

    candidates: Sequence[Sample]
    scores: Mapping[str, float]
    keep: Keep
    seed: int
    backend: Backend | None
    progress: Callable[[int, int, str], None] = _no_progress
    measured: int | None = None
    failed: Collection[str] = ()
    narrowed: Narrowed | None = None

    def to_keep(self, n_ranked: int) -> int:
        """How many of the ranked candidates to keep: a share is one of all candidates, as far as so many are ranked."""
        return min(n_ranked, self.keep.of(len(self.candidates)))


class Selector(Protocol):
    """Stage 3: decides on every candidate.

    A selector that works with certain backends only names them in an attribute `backends`, so that another one is
    refused before anything is computed. One whose cut is between the worst and the others has `of_worst = True`: a
    race, which decides on the best, is then warned of. One that keeps those with the highest scores, whatever their
    texts are, has `by_score = True`: where scores at equal length leave the choice to the length, that is then said.
    """

    needs_backend: bool
    fewest_scored: int
    """The smallest number of scored candidates that it can work with."""

    def select(self, task: SelectionTask) -> Selection:
        """One decision per candidate, in the order given; `keep` of them selected where that many can be ranked."""
        ...


@runtime_checkable
class Narrowing(Protocol):
    """The optional ability of a selector to choose by a cheap scorer whom the run's own scorer measures.

    The cheap scorer is measured on every candidate first. The options of such a selector declare `narrows = True`.

    Attributes:
        cheap: Name of the cheap scorer: one without passes per assessment sample.
    """

    cheap: str

    def size(self, keep: Keep, candidates: int, subset: int | None) -> int:
        """How many of so many candidates the run's own scorer measures; `subset` is what the run's setting asks for.

        Raises:
            ConfigError: The setting and the selector's own options do not fit together, or fewer than are kept.
        """
        ...

    def narrow(self, scores: Mapping[str, float], size: int, seed: int) -> tuple[list[str], list[str]]:
        """Ids of the best by the cheap score, and of those drawn from the others, `size` in all where so many have one.

        Args:
            scores: The cheap score of each candidate that has one, by id.
            size: How many the run's own scorer measures.
            seed: Seed of the run.
        """
        ...
