"""Near duplicates within a pool: samples that nearly repeat an earlier one, by the leak guard's similarity."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.assessment._near_duplicates import SHINGLE, SHORT, is_short, jaccard, normalise, question, shingles
from icon.types import Sample

THRESHOLD = 0.8
"""Smallest Jaccard similarity of a near duplicate, as in the leak guard."""

MOST_WITH = 200
"""Texts that share a shingle, up to which others are compared with them for it. Where a template makes thousands of
texts alike, but not similar enough, its shingles say nothing."""

_COLLISIONS = 0.02
"""How far below the threshold the rarest are counted, since two shingles of a text may have one place."""

_FACTOR = np.uint32(0x9E3779B1)
"""An odd number near 2^32 over the golden ratio, which spreads what it multiplies (Knuth 1973, section 6.4)."""

_MOST_SLOTS = 2**26
_SLOTS_PER_SAMPLE = 1024


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A sample that nearly repeats an earlier one.

    Attributes:
        id: Its id.
        row: Its row in the pool.
        first_row: The row of the earlier one, which is no near duplicate itself.
        similarity: Jaccard similarity of prompt and response.
    """

    id: str
    row: int
    first_row: int
    similarity: float

    def describe(self) -> str:
        """The repetition as the reason for leaving the sample out."""
        return f"near duplicate ({self.similarity:.2f}) of row {self.first_row}"


def near_duplicates(samples: Sequence[Sample], threshold: float = THRESHOLD) -> list[NearDuplicate]:
    """Every sample that nearly repeats an earlier one, once, with the most similar of those before it that do not.

    Samples of one record are never compared: a later answer's prompt has the earlier one. Nor do two samples repeat
    one another whose passages differ: one instruction on two passages is two tasks.

    Args:
        samples: The samples, in the order of the pool.
        threshold: Smallest similarity that counts, above 0 and at most 1.
    """
    texts = [f"{normalise(question(sample))} {normalise(sample.response)}" for sample in samples]
    short = [number for number, text in enumerate(texts) if text.count(" ") + 1 < 2 * SHORT]
    long = [number for number, text in enumerate(texts) if not is_short(text)]
    indices = [_PrefixIndex(texts, short, True, threshold), _PrefixIndex(texts, long, False, threshold)]
    found = []
    for number, sample in enumerate(samples):
        similar: dict[int, float] = {}
        for index in indices:
            similar |= _fitting(samples, texts, number, index.similar(number), by_characters=index.short)
        if similar:
            first = min(similar, key=lambda other: (-similar[other], other))
            found.append(NearDuplicate(sample.id, sample.row, samples[first].row, similar[first]))
            continue
        for index in indices:
            index.add(number)
    return found


def _fitting(
    samples: Sequence[Sample], texts: Sequence[str], number: int, similar: Mapping[int, float], *, by_characters: bool
) -> dict[int, float]:
    """Those that are of other records, on the same passage, and compared as texts of their lengths are."""
    return {
        other: value
        for other, value in similar.items()
        if samples[other].row != samples[number].row
        and (is_short(texts[number]) or is_short(texts[other])) == by_characters
        and _passages_fit(samples[number].passage, samples[other].passage)
    }


def _passages_fit(one: str, other: str) -> bool:
    return not (one and other) or jaccard(normalise(one), normalise(other)) >= THRESHOLD


def _numbers(text: str, short: bool) -> NDArray[np.uint32]:
    """A number for each of the text's shingles, some of them more than once.

    It is the same in every process, which Python's hash of a text is not, so that a run keeps its candidates.
    """
    if short:
        parts = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    else:
        words = text.split()
        parts = np.fromiter(
            (zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words), np.uint32, len(words)
        )
    length = min(SHINGLE[short], len(parts))
    found = np.zeros(max(1, len(parts) - length + 1), np.uint32)
    for place in range(length):
        found = found * _FACTOR + parts[place : place + len(found)]
    found ^= found >> np.uint32(15)
    found *= _FACTOR
    return found ^ (found >> np.uint32(13))


class _PrefixIndex:
    """Index of texts by their rarest shingles: texts so similar have one in common among the rarest of each.

    Of n shingles at least `threshold` times n are in both texts, so one of the n - threshold * n + 1 rarest is, in one
    order for all texts (Chaudhuri, Ganti and Kaushik 2006: the prefix filter). Shingles are known by their hash in a
    table of fixed size, which makes some texts more to compare, and none fewer.

    Args:
        texts: Normalised texts.
        numbers: Those of them that are compared by this kind of shingle.
        short: Whether to compare by characters.
        threshold: Smallest Jaccard similarity that counts.
    """

    def __init__(self, texts: Sequence[str], numbers: Sequence[int], short: bool, threshold: float) -> None:
        self.short = short
        self._texts, self._threshold = texts, threshold
        self._size = 1 << min(_MOST_SLOTS, _SLOTS_PER_SAMPLE * max(1, len(numbers))).bit_length() - 1
        counts = np.zeros(self._size, np.uint32)
        places = {number: self._places(texts[number]) for number in numbers}
        for own in places.values():
            counts[own] += 1
        self._rarest = {number: self._prefix(own, counts[own]) for number, own in places.items()}
        self._with: dict[int, list[int]] = {}

    def similar(self, number: int) -> dict[int, float]:
        """The texts added so far that are at least as similar as the threshold, with their Jaccard similarity."""
        rarest = self._rarest.get(number, ())
        listed = [found for place in rarest if len(found := self._with.get(place, [])) <= MOST_WITH]
        others = {other for found in listed for other in found}
        if not others:
            return {}
        own = shingles(self._texts[number], self.short)
        values = {}
        for other in others:
            its = shingles(self._texts[other], self.short)
            if min(len(own), len(its)) >= self._threshold * max(len(own), len(its)):
                values[other] = len(own & its) / len(own | its)
        return {other: value for other, value in values.items() if value >= self._threshold}

    def add(self, number: int) -> None:
        """Let later texts be compared with this one."""
        for place in self._rarest.get(number, ()):
            found = self._with.setdefault(place, [])
            if len(found) <= MOST_WITH:
                found.append(number)

    def _places(self, text: str) -> NDArray[np.uint32]:
        return np.unique(_numbers(text, self.short) & np.uint32(self._size - 1))

    def _prefix(self, own: NDArray[np.uint32], counts: NDArray[np.uint32]) -> tuple[int, ...]:
        """The places of the rarest shingles, without those that no other text has."""
        length = len(own) - math.ceil((self._threshold - _COLLISIONS) * len(own)) + 1
        order = np.lexsort((own, counts))[:length]
        return tuple(own[order][counts[order] > 1].tolist())
