"""Ids and places of many samples as columns.

A list of samples takes some kilobytes a sample, a column of ids sixteen bytes. What is computed over a whole pool works
on columns, whatever holds the samples: where it has columns of its own (attributes `ids`, `rows`, `turns`) they are
taken, else they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from icon.types import Sample

IdArray = NDArray[np.bytes_]
"""Ids as the bytes of their UTF-8, which sort as the texts do."""

IntArray = NDArray[np.int64]

LENGTH = 16
"""Bytes of an id that `samples.making` makes."""

_BLOCK = 65_536
"""Ids that are texts at once where all of them are gone through."""


class GrowingIds:
    """Ids as they come in; those of a plugin's own making may have any length."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._others: list[bytes] | None = None

    def append(self, id_: str) -> None:
        """Take an id in."""
        written = _bytes_of(id_)
        if self._others is None:
            if len(written) == LENGTH:
                self._bytes += written
                return
            self._others = self._packed().tolist()
        self._others.append(written)

    def done(self) -> IdArray:
        """All of them."""
        return self._packed() if self._others is None else np.array(self._others, np.bytes_)

    def _packed(self) -> IdArray:
        return np.frombuffer(self._bytes, f"S{LENGTH}") if self._bytes else np.empty(0, f"S{LENGTH}")


class Placed(Protocol):
    """What has an id and a place in the pool: a sample, a duplicate."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def row(self) -> int:
        """Zero-based number of its record."""
        ...

    @property
    def turn(self) -> int:
        """Which assistant turn of the record."""
        ...


def id_array(ids: Iterable[str]) -> IdArray:
    """Ids as a column."""
    return np.array([_bytes_of(id_) for id_ in ids] or np.empty(0, f"S{LENGTH}"), np.bytes_)


def ids_of(samples: Sequence[Placed]) -> IdArray:
    """The ids of samples, in their order."""
    known: IdArray | None = getattr(samples, "ids", None)
    return id_array(sample.id for sample in samples) if known is None else known


def rows_of(samples: Sequence[Placed]) -> IntArray:
    """The numbers of the samples' records."""
    return _numbers(samples, "rows", "row")


def turns_of(samples: Sequence[Placed]) -> IntArray:
    """Which turn of its record each sample is."""
    return _numbers(samples, "turns", "turn")


def samples_at(samples: Sequence[Sample], places: IntArray) -> Sequence[Sample]:
    """The samples at these places, in this order."""
    at = getattr(samples, "at", None)
    return [samples[place] for place in places.tolist()] if at is None else at(places)


def texts_of(ids: IdArray) -> list[str]:
    """Ids as texts."""
    return [id_.decode("utf-8", "surrogatepass") for id_ in ids.tolist()]


def each_text(ids: IdArray) -> Iterator[str]:
    """Ids as texts, some at a time."""
    for start in range(0, len(ids), _BLOCK):
        yield from texts_of(ids[start : start + _BLOCK])


def _bytes_of(id_: str) -> bytes:
    return id_.encode("utf-8", "surrogatepass")


def _numbers(samples: Sequence[Placed], column: str, field: str) -> IntArray:
    known: Any = getattr(samples, column, None)
    if known is not None:
        return np.asarray(known, dtype=np.int64)
    return np.fromiter((getattr(sample, field) for sample in samples), dtype=np.int64, count=len(samples))
