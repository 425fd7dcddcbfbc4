"""The samples of a pool as a sequence: a few numbers of each in memory, and texts in memory or read again by place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from icon.samples import bounds
from icon.samples.again import Again
from icon.samples.columns import GrowingColumns, SampleColumns, memory_of
from icon.samples.ids import IdArray, each_text, id_array
from icon.samples.places import Places
from icon.types import Sample

_BLOCK = 4_096
"""Samples that are in memory at once where they are read in another order than that of the rows."""


@dataclass(frozen=True)
class Shelf:
    """All samples of a source, of which a `PoolSamples` shows some.

    Attributes:
        columns: Numbers of each.
        held: The samples themselves, where they are in memory.
        again: Reads them where they are not.
    """

    columns: SampleColumns
    held: Sequence[Sample] | None
    again: Again | None = None

    @cached_property
    def by_id(self) -> Places:
        """Where each id is."""
        return Places(self.columns.ids)

    def read(self, places: NDArray[np.int64] | None) -> Iterator[Sample]:
        """The samples at these places, ascending; None for all."""
        if self.held is None:
            assert self.again is not None
            return self.again.read(self.columns, places)
        if places is None:
            return iter(self.held)
        held = self.held
        return (held[place] for place in places.tolist())


class PoolSamples(Sequence[Sample]):
    """Samples of a pool, in any order; numbers below count within them.

    Where they are not held in memory, going through them in the order of the rows is one pass over the source, in any
    other order one for each few thousand. A slice, and each method that gives samples as `PoolSamples`, reads nothing.

    Args:
        shelf: All samples of the source.
        places: Places of these among them; None for all.

    Attributes:
        shelf: All samples of the source.
        places: Places of these among them; None for all.
    """

    def __init__(self, shelf: Shelf, places: NDArray[np.int64] | None = None) -> None:
        self.shelf, self.places = shelf, places

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> PoolSamples:
        """Samples that are in memory, as such a sequence."""
        if isinstance(samples, PoolSamples):
            return samples
        growing = GrowingColumns()
        for sample in samples:
            growing.append(sample)
        return cls(Shelf(growing.done(), samples))

    @property
    def ids(self) -> IdArray:
        """Their ids as UTF-8."""
        return self._of(self.shelf.columns.ids)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Rows of their records."""
        return self._of(self.shelf.columns.rows)

    @property
    def turns(self) -> NDArray[np.int32]:
        """Which assistant turn of its record each is."""
        return self._of(self.shelf.columns.turns)

    @property
    def chars(self) -> NDArray[np.uint32]:
        """Characters of each (`Sample.text`)."""
        return self._of(self.shelf.columns.chars)

    @property
    def answers(self) -> NDArray[np.uint32]:
        """Characters of each response."""
        return self._of(self.shelf.columns.answers)

    @property
    def is_held(self) -> bool:
        """Whether their texts are in memory."""
        return self.shelf.held is not None

    def __len__(self) -> int:
        return len(self.shelf.columns) if self.places is None else len(self.places)

    def __iter__(self) -> Iterator[Sample]:
        if self.is_held or self._ascends:
            return self.shelf.read(self.places)
        blocks = (self[start : start + _BLOCK] for start in range(0, len(self), _BLOCK))
        return chain.from_iterable(block._in_order() for block in blocks)

    @overload
    def __getitem__(self, number: int) -> Sample: ...

    @overload
    def __getitem__(self, number: slice) -> PoolSamples: ...

    def __getitem__(self, number: int | slice) -> Sample | PoolSamples:
        if isinstance(number, slice):
            return self.take(np.arange(*number.indices(len(self))))
        place = range(len(self))[number]
        if self.places is not None:
            place = int(self.places[place])
        if self.shelf.held is not None:
            return self.shelf.held[place]
        return next(self.shelf.read(np.array([place])))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(one == its for one, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def take(self, numbers: NDArray[np.int64]) -> PoolSamples:
        """Those with these numbers, in their order."""
        return PoolSamples(self.shelf, numbers if self.places is None else self.places[numbers])

    def at(self, numbers: Sequence[int] | NDArray[np.int64]) -> list[Sample]:
        """Those with these numbers, in their order; read in one pass over the source or less."""
        return list(self.take(np.asarray(numbers, np.int64))._in_order())

    def find(self, ids: Iterable[str]) -> NDArray[np.int64]:
        """The number of the sample with each of these ids, -1 where there is none."""
        found = self.shelf.by_id.of(id_array(ids))
        if self.places is None:
            return found
        return np.where(found < 0, -1, self._numbers[found])

    def by_id(self, ids: Iterable[str]) -> dict[str, Sample]:
        """The samples with these ids, in the order of the rows; ids that none has are left out."""
        numbers = self.find(ids)
        chosen = self.take(np.unique(numbers[numbers >= 0])).in_row_order()
        return {sample.id: sample for sample in chosen}

    @property
    def by_ids(self) -> Mapping[str, Sample]:
        """All of them by id, each read when it is asked for."""
        return _ById(self)

    def without(self, ids: Collection[str]) -> PoolSamples:
        """Those with other ids, in their order."""
        numbers = self.find(ids)
        left_out = numbers[numbers >= 0]
        if not len(left_out):
            return self
        stays = np.ones(len(self), np.bool_)
        stays[left_out] = False
        return self.take(np.flatnonzero(stays))

    def in_row_order(self) -> PoolSamples:
        """The same samples in the order of the rows."""
        return self if self.places is None or self._ascends else PoolSamples(self.shelf, np.sort(self.places))

    def held(self) -> PoolSamples:
        """The same samples with their texts in memory, where they fit there; else themselves."""
        if self.is_held or memory_of(self.chars) > bounds.HELD:
            return self
        return PoolSamples(Shelf(self._columns, list(self._in_order())))

    def apart(self) -> PoolSamples:
        """The same samples, in the order of the rows, with columns of their own, so that little leaves a process."""
        if self.is_held:
            return self
        own = self.in_row_order()
        return PoolSamples(Shelf(own._columns, None, self.shelf.again))

    @property
    def _columns(self) -> SampleColumns:
        """The columns of these alone."""
        return self.shelf.columns if self.places is None else self.shelf.columns.take(self.places)

    def _of(self, column: NDArray[Any]) -> NDArray[Any]:
        return column if self.places is None else column[self.places]

    @cached_property
    def _ascends(self) -> bool:
        return self.places is None or bool((self.places[1:] > self.places[:-1]).all())

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        """The number of each place of the shelf within these samples, -1 where it is not among them."""
        assert self.places is not None
        numbers = np.full(len(self.shelf.columns), -1, np.int64)
        numbers[self.places] = np.arange(len(self.places))
        return numbers

    def _in_order(self) -> Iterator[Sample]:
        """All of them in their order, read in one pass and held meanwhile."""
        if self.is_held or self._ascends:
            return self.shelf.read(self.places)
        assert self.places is not None
        places, back = np.unique(self.places, return_inverse=True)
        found = list(self.shelf.read(places))
        return (found[number] for number in back.tolist())


class _ById(Mapping[str, Sample]):
    """Samples by id, each read when it is asked for."""

    def __init__(self, samples: PoolSamples) -> None:
        self._samples = samples

    def __getitem__(self, id_: str) -> Sample:
        number = int(self._samples.find([id_])[0])
        if number < 0:
            raise KeyError(id_)
        return self._samples[number]

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and int(self._samples.find([id_])[0]) >= 0

    def __iter__(self) -> Iterator[str]:
        return each_text(self._samples.ids)

    def __len__(self) -> int:
        return len(self._samples)
