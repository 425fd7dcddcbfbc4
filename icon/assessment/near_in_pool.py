"""Near duplicates within a pool: samples that nearly repeat an earlier one, as the leak guard measures it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icon.assessment._near_duplicates import SHORT, GrowingIndex, is_short, jaccard, normalise, question, shingles
from icon.types import Sample

THRESHOLD = 0.8
"""Smallest Jaccard similarity of a near duplicate, as in the leak guard."""

_MOST_SLOTS = 2**27
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
    indices = [
        (GrowingIndex(True, threshold), set(_repeated(texts, short, True, threshold))),
        (GrowingIndex(False, threshold), set(_repeated(texts, long, False, threshold))),
    ]
    found = []
    for number, sample in enumerate(samples):
        similar: dict[int, float] = {}
        for index, among in indices:
            if number in among:
                similar |= _fitting(samples, texts, number, index.similar(texts[number]), by_characters=index.short)
        if similar:
            first = min(similar, key=lambda other: (-similar[other], other))
            found.append(NearDuplicate(sample.id, sample.row, samples[first].row, similar[first]))
            continue
        for index, among in indices:
            if number in among:
                index.add(number, texts[number])
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


def _repeated(texts: Sequence[str], numbers: Sequence[int], short: bool, threshold: float) -> list[int]:
    """The texts of which so large a share of shingles comes in another text as well that they may be near duplicates.

    A similarity is at most that share. Shingles are counted by their hash in a table of fixed size, where some share a
    place: that keeps texts in, and none out.
    """
    size = 1 << min(_MOST_SLOTS, _SLOTS_PER_SAMPLE * max(1, len(numbers))).bit_length() - 1
    counts = np.zeros(size, np.uint8)
    places = [_places(texts[number], short, size) for number in numbers]
    for own in places:
        counts[own] = np.minimum(counts[own] + 1, 2)
    return [number for number, own in zip(numbers, places, strict=True) if np.mean(counts[own] == 2) >= threshold]


def _places(text: str, short: bool, size: int) -> NDArray[np.uint32]:
    own = shingles(text, short)
    return np.fromiter((hash(shingle) & (size - 1) for shingle in own), np.uint32, len(own))
