"""What is kept of every sample of a pool: a few numbers each, whatever its texts are."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icon.samples.ids import GrowingIds, IdArray
from icon.types import Sample

PER_SAMPLE = 600
"""Bytes that a sample takes in memory beside the characters of its texts, about."""


@dataclass(frozen=True, slots=True)
class SampleColumns:
    """Numbers of samples, 44 bytes each; all arrays have the shape (samples,).

    Attributes:
        ids: Their ids.
        rows: Row of each one's record.
        turns: Which assistant turn of it.
        chars: Characters of prompt and response (`Sample.text`).
        answers: Characters of the response.
        offsets: Byte at which its record begins in its file; -1 where the file is read in order only.
    """

    ids: IdArray
    rows: NDArray[np.int64]
    turns: NDArray[np.int32]
    chars: NDArray[np.uint32]
    answers: NDArray[np.uint32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: NDArray[np.int64]) -> SampleColumns:
        """The columns of the samples at these places."""
        return SampleColumns(
            self.ids[places],
            self.rows[places],
            self.turns[places],
            self.chars[places],
            self.answers[places],
            self.offsets[places],
        )


class GrowingColumns:
    """Columns of samples as they are read."""

    def __init__(self) -> None:
        self._ids = GrowingIds()
        self._rows, self._turns = array("q"), array("i")
        self._chars, self._answers, self._offsets = array("I"), array("I"), array("q")

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, sample: Sample, offset: int = -1) -> int:
        """Take a sample in; returns about how much memory it takes.

        Args:
            sample: The sample.
            offset: Where its record begins.
        """
        chars = chars_of(sample)
        self._ids.append(sample.id)
        self._rows.append(sample.row)
        self._turns.append(sample.turn)
        self._chars.append(chars)
        self._answers.append(len(sample.response))
        self._offsets.append(offset)
        return chars + PER_SAMPLE

    def done(self) -> SampleColumns:
        """All of them."""
        return SampleColumns(
            self._ids.done(),
            _numbers(self._rows, np.int64),
            _numbers(self._turns, np.int32),
            _numbers(self._chars, np.uint32),
            _numbers(self._answers, np.uint32),
            _numbers(self._offsets, np.int64),
        )


def chars_of(sample: Sample) -> int:
    """Characters of `Sample.text`, without making that text."""
    n = len(sample.response) + len(sample.messages)  # a line break follows each part
    for turn in sample.messages:
        n += len(turn.content)
    return n + len(sample.passage) + 1 if sample.passage else n


def memory_of(chars: NDArray[np.uint32]) -> int:
    """Bytes that samples of so many characters take in memory, about."""
    return int(chars.sum(dtype=np.int64)) + PER_SAMPLE * len(chars)


def _numbers(values: array[int], kind: Any) -> NDArray[Any]:
    return np.frombuffer(values, kind) if values else np.empty(0, kind)


class RowSources(Mapping[int, str]):
    """By row, where its record comes from: 4 bytes a row; rows without a source are none of the keys.

    Attributes:
        names: The sources, in the order in which they come.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._codes = array("i")

    def note(self, row: int, source: str) -> None:
        """Note the source of a row that comes after all others noted so far."""
        if row > len(self._codes):
            self._codes.extend([-1] * (row - len(self._codes)))
        if source not in self._numbers:
            self._numbers[source] = len(self.names)
            self.names.append(source)
        self._codes.append(self._numbers[source])

    @property
    def codes(self) -> NDArray[np.int32]:
        """The place of each row's source among the names, -1 where it has none; shape (rows up to the last noted,)."""
        return np.array(self._codes, np.int32)

    def __getitem__(self, row: int) -> str:
        if not 0 <= row < len(self._codes) or self._codes[row] < 0:
            raise KeyError(row)
        return self.names[self._codes[row]]

    def __len__(self) -> int:
        return len(self._codes) - self._codes.count(-1)

    def __bool__(self) -> bool:
        return bool(self.names)

    def __iter__(self) -> Iterator[int]:
        return (row for row, code in enumerate(self._codes) if code >= 0)
