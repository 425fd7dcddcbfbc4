"""The leak guard: no candidate may be an assessment sample, exactly or nearly.

A leak is *exact* where both ask the same question (whole prompt, passage and earlier turns included, system prompt left
out), whatever the answer, after `normalise`. It is *near* where prompt and response together are similar by shingles,
and so are the passages where both have a separate one: one instruction on two passages is two tasks. Where an
instruction far longer than its instance is in the same text, two instances can pass for near duplicates; they are
listed with their similarity, and a higher threshold distinguishes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from icon.assessment._near_duplicates import SHORT, ShingleIndex, is_short, jaccard, normalise, question
from icon.errors import LeakError
from icon.types import Sample

Action = Literal["drop", "refuse", "ignore"]


@dataclass(frozen=True, slots=True)
class Leak:
    """A candidate that overlaps with the assessment set, with the assessment sample closest to it.

    Attributes:
        assessment_id: Id of the assessment sample.
        pool_id: Id of the candidate.
        pool_row: Row of the candidate in the pool, counted from 0.
        kind: `exact` for the same question, `near` for similar prompt and response.
        similarity: Jaccard similarity of prompt and response; 1 for an exact leak.
    """

    assessment_id: str
    pool_id: str
    pool_row: int
    kind: Literal["exact", "near"]
    similarity: float

    def describe(self, of: str = "assessment sample") -> str:
        """The overlap as a sentence: the reason for leaving the candidate out. `of` says what it overlaps with."""
        what = "asks the same as" if self.kind == "exact" else f"is a near duplicate ({self.similarity:.2f}) of"
        return f"{what} {of} {self.assessment_id}"


def find_leaks(assessment: Sequence[Sample], pool: Iterable[Sample], *, threshold: float = 0.8) -> list[Leak]:
    """Every candidate that overlaps with the assessment set, once, with the sample closest to it.

    Args:
        assessment: The assessment set.
        pool: The candidates, iterated once.
        threshold: Smallest similarity of a near duplicate, above 0 and at most 1.

    Raises:
        ValueError: The threshold is out of range.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, found {threshold}")
    lookup = _Lookup(assessment, threshold)
    return [leak for candidate in pool if (leak := lookup.leak(candidate))]


def guard(leaks: Sequence[Leak], action: Action, warn: Callable[[str], None]) -> list[Leak]:
    """Act on the leaks: the assessment set is the reference and stays, candidates are left out.

    Args:
        leaks: What `find_leaks` found.
        action: `drop` returns the leaks, whose candidates are left out; `ignore` returns none; `refuse` raises.
        warn: Called with a sentence on their number, if there are any.

    Returns:
        The leaks whose candidates are to be left out.

    Raises:
        LeakError: There are leaks and the action is `refuse`; the message lists them.
    """
    if not leaks:
        return []
    summary = f"{len(leaks)} pool row{'s' if len(leaks) != 1 else ''} overlapping with the assessment set"
    if action == "refuse":
        raise LeakError(_refusal(leaks, summary))
    warn(f"{summary}: {'left out of the candidates' if action == 'drop' else 'kept, as on_leak = ignore says'}")
    return list(leaks) if action == "drop" else []


class _Lookup:
    """Finds the assessment sample that a candidate overlaps with."""

    def __init__(self, assessment: Sequence[Sample], threshold: float) -> None:
        self._assessment = assessment
        self._threshold = threshold
        questions = [normalise(question(sample)) for sample in assessment]
        self._exact: dict[str, int] = {}
        for i, text in enumerate(questions):
            self._exact.setdefault(text, i)
        whole = [f"{text} {normalise(sample.response)}" for text, sample in zip(questions, assessment, strict=True)]
        short = {i: text for i, text in enumerate(whole) if is_short(text)}
        long = {i: text for i, text in enumerate(whole) if i not in short}
        self._short = ShingleIndex(short, True, threshold)
        self._long = ShingleIndex(long, False, threshold)

    def leak(self, candidate: Sample) -> Leak | None:
        asked = normalise(question(candidate))
        if (same := self._exact.get(asked)) is not None:
            return Leak(self._assessment[same].id, candidate.id, candidate.row, "exact", 1.0)
        similar = self._similar(f"{asked} {normalise(candidate.response)}")
        for i in sorted(similar, key=lambda i: (-similar[i], i)):
            if self._passages_fit(self._assessment[i], candidate):
                return Leak(self._assessment[i].id, candidate.id, candidate.row, "near", similar[i])
        return None

    def _similar(self, text: str) -> dict[int, float]:
        words = text.count(" ") + 1
        # The texts of a pair may be on either side of SHORT, so a text near it is looked up both ways.
        found = self._short.similar(text) if words < 2 * SHORT else {}
        return found | self._long.similar(text) if words >= SHORT // 2 else found

    def _passages_fit(self, sample: Sample, candidate: Sample) -> bool:
        if not (sample.passage and candidate.passage):
            return True
        return jaccard(normalise(sample.passage), normalise(candidate.passage)) >= self._threshold


def _refusal(leaks: Sequence[Leak], summary: str, shown: int = 20) -> str:
    lines = [f"{summary}:", *(f"  row {leak.pool_row} ({leak.pool_id}): {leak.describe()}" for leak in leaks[:shown])]
    if len(leaks) > shown:
        lines.append(f"  ... and {len(leaks) - shown} more")
    lines.append("Remove them from the pool, or let the run leave them out (on_leak = drop).")
    return "\n".join(lines)
