"""The pair measurements of candidates, from the parts of a run, which stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import fsum

from icon.runs.files import TokenDetail
from icon.runs.work import Work
from icon.scorers.positions import masked_tokens
from icon.types import Measurement, Status

TOLERANCE = 0.01
"""Nats per token by which a pass made again may differ: more than other batches change, less than another text does."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A candidate measured on one assessment sample.

    Attributes:
        row: The measurement, with the status OK.
        nll_baseline: NLL(S), with nothing in front, in nats per token; None where the scorer keeps none.
        masked: How many first tokens the scorer leaves out of its comparison, though they count in the NLLs.
    """

    row: Measurement
    nll_baseline: float | None
    masked: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Ids of the candidate and of the assessment sample."""
        return self.row.candidate, self.row.assessment or ""

    @property
    def log_gain(self) -> float | None:
        """NLL(S given R) - NLL(S given T), nats per token; against NLL(S) where the run has no control."""
        if self.row.log_gain is not None or self.row.nll is None:
            return self.row.log_gain
        against = self.row.nll_random if self.row.nll_random is not None else self.nll_baseline
        return None if against is None else against - self.row.nll

    @property
    def effect(self) -> float:
        """How much the candidate helped: c_ij, or the log-gain where the scorer makes something else of a pair."""
        known = (self.row.c, self.log_gain, self.row.value)
        return next((value for value in known if value is not None), 0.0)

    def fits(self, detail: TokenDetail) -> bool:
        """Whether its tokens have the stored means: NLL given the demonstration, and log-gain, as they are compared."""
        n = max(1, len(detail.given))
        means = [(self._compared, -fsum(detail.given) / n), (self.log_gain, fsum(detail.differences) / n)]
        return all(stored is None or abs(stored - mean) <= TOLERANCE for stored, mean in means)

    @property
    def _compared(self) -> float | None:
        """NLL given the demonstration over the tokens that the scorer compares."""
        row, first = self.row, (self.row.first, self.row.second)[: self.masked]
        if row.nll is None or row.n_tokens is None or not self.masked:
            return row.nll
        known = [value for value in first if value is not None]
        return (row.nll * row.n_tokens - fsum(known)) / (row.n_tokens - self.masked)


def measured_pairs(work: Work, candidates: Collection[str]) -> tuple[dict[str, list[Pair]], list[str]]:
    """The pairs of these candidates that were measured and did not fail, by candidate, best first.

    They are read from the parts of the run's scorer alone, of a race from each slice; nothing is moved or repaired.

    Returns:
        The pairs, and the names of damaged parts, which were passed over.

    Raises:
        RunError: A part was measured under other settings.
    """
    found: dict[str, list[Pair]] = {id_: [] for id_ in candidates}
    if not work.scorer.needs_assessment:
        return found, []
    stores = list(work.stores())
    rows = [row for store in stores for row in store.of({*candidates, ""}, tokens=True) if row.status == Status.OK]
    baselines = {row.assessment: row.nll for row in rows if not row.candidate}
    masked = masked_tokens(work.scorer)
    for row in rows:
        if row.candidate and row.assessment is not None:
            found[row.candidate].append(Pair(row, baselines.get(row.assessment), masked))
    damaged = [name for store in stores for name in store.damaged]
    return {id_: best_first(pairs) for id_, pairs in found.items()}, damaged


def best_first(pairs: Sequence[Pair]) -> list[Pair]:
    """By how much the candidate helped, then by the assessment sample's id."""
    return sorted(pairs, key=lambda pair: (-pair.effect, pair.key))


def helped(pairs: Sequence[Pair], top: int) -> list[Pair]:
    """The assessment samples that it helped most, best first."""
    return [pair for pair in pairs if pair.effect > 0][:top]


def hurt(pairs: Sequence[Pair], top: int) -> list[Pair]:
    """The assessment samples that it hurt most, worst first."""
    return [pair for pair in reversed(pairs) if pair.effect < 0][:top]
