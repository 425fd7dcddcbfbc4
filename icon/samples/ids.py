"""Ids and places of many samples as columns, and where an id is among them.

A list of samples takes some kilobytes a sample, a column of ids sixteen bytes. What is computed over a whole pool works
on columns, whatever holds the samples: where it has columns of its own (attributes `ids`, `rows`, `turns`) they are
taken, else they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from icon.types import Sample

IdArray = NDArray[np.bytes_]
"""Ids as the bytes of their UTF-8, which sort as the texts do."""

IntArray = NDArray[np.int64]

HEX_DIGITS = 16
"""Digits of an id that `samples.making` makes."""


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
    return np.array([id_.encode() for id_ in ids], dtype=np.bytes_)


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
    return [id_.decode() for id_ in ids.tolist()]


def _numbers(samples: Sequence[Placed], column: str, field: str) -> IntArray:
    known: Any = getattr(samples, column, None)
    if known is not None:
        return np.asarray(known, dtype=np.int64)
    return np.fromiter((getattr(sample, field) for sample in samples), dtype=np.int64, count=len(samples))


class Places:
    """Where ids are in a column of distinct ids.

    Args:
        ids: The column.
    """

    def __init__(self, ids: IdArray) -> None:
        self._ids = ids
        numbers, known = _as_numbers(ids)
        self._is_hex = bool(known.all())
        keys: NDArray[Any] = numbers if self._is_hex else ids
        order = np.argsort(keys, kind="stable")
        self._sorted = keys[order]
        self._order = order.astype(np.int32 if len(ids) < 2**31 else np.int64)

    def of(self, wanted: IdArray) -> IntArray:
        """The place of each of these ids; -1 where it is not in the column."""
        if not len(self._sorted):
            return np.full(len(wanted), -1, dtype=np.int64)
        keys, known = _as_numbers(wanted) if self._is_hex else (wanted, np.ones(len(wanted), dtype=np.bool_))
        found = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        same = known & (self._sorted[found] == keys)
        return np.where(same, self._order[found], -1).astype(np.int64)

    @property
    def twice(self) -> str | None:
        """The first id, in the order of ids, that is there twice; None where all are distinct."""
        same = np.flatnonzero(self._sorted[1:] == self._sorted[:-1])
        return self._ids[self._order[same[0]]].decode() if len(same) else None

    @property
    def in_order(self) -> IntArray:
        """The places of all ids, in the order of the ids."""
        return self._order.astype(np.int64)


def best_first(scores: NDArray[np.float64], by_id: IntArray) -> IntArray:
    """Places from the highest score down, equal scores in the order of their ids.

    Args:
        scores: Numbers, shape (n,).
        by_id: Some of the places, in the order of their ids.
    """
    return by_id[np.argsort(-scores[by_id], kind="stable")]


def _as_numbers(ids: IdArray) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Ids of sixteen lower-case hex digits as numbers, which sort as they do, and which ids are such."""
    cut = ids.astype(f"S{HEX_DIGITS}")
    numbers = np.zeros(len(ids), dtype=np.uint64)
    known: NDArray[np.bool_] = cut == ids
    digits = cut.view(np.uint8).reshape(len(ids), HEX_DIGITS)
    for place in range(HEX_DIGITS):
        digit = digits[:, place]
        is_number, is_letter = (digit >= 48) & (digit <= 57), (digit >= 97) & (digit <= 102)
        known &= is_number | is_letter
        numbers = (numbers << np.uint64(4)) | np.where(is_number, digit - 48, digit - 87).astype(np.uint64)
    return numbers, known
