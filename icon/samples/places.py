"""Where ids are in a column of ids, and the order of what they stand for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from icon.samples.ids import LENGTH, IdArray, IntArray, id_array, texts_of

Value = TypeVar("Value", covariant=True)


class Places:
    """Where ids are in a column; of equal ids the first counts.

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
        return texts_of(self._ids[self._order[same[:1]]])[0] if len(same) else None

    @property
    def in_order(self) -> IntArray:
        """The places of all ids, in the order of the ids."""
        return self._order.astype(np.int64)


class ColumnById(Mapping[str, Value]):
    """Something of each of many samples, as columns, by id; an entry is made when it is looked at.

    Args:
        ids: Their ids, all different, shape (n,).

    Attributes:
        ids: As given.
    """

    def __init__(self, ids: IdArray) -> None:
        self.ids = ids
        self._places: Places | None = None

    @abstractmethod
    def at(self, place: int) -> Value:
        """The entry at a place."""

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(texts_of(self.ids))

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, str) and self._place(id_) >= 0

    def __getitem__(self, id_: str) -> Value:
        if (place := self._place(id_)) < 0:
            raise KeyError(id_)
        return self.at(place)

    def _place(self, id_: str) -> int:
        if self._places is None:
            self._places = Places(self.ids)
        return int(self._places.of(id_array([id_]))[0])


def best_first(scores: NDArray[np.float64], by_id: IntArray) -> IntArray:
    """Places from the highest score down, equal scores in the order of their ids.

    Args:
        scores: Numbers, shape (n,).
        by_id: Some of the places, in the order of their ids.
    """
    return by_id[np.argsort(-scores[by_id], kind="stable")]


def first_places(ids: IdArray) -> IntArray:
    """For each id the place where it comes first."""
    order = Places(ids).in_order
    ordered = ids[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(order) else order
    first = np.empty(len(order), np.int64)
    first[order] = np.repeat(order[starts], np.diff(np.append(starts, len(order))))
    return first


def _as_numbers(ids: IdArray) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Ids of sixteen lower-case hex digits as numbers, which sort as they do, and which ids are such."""
    cut = ids.astype(f"S{LENGTH}")
    numbers = np.zeros(len(ids), dtype=np.uint64)
    known: NDArray[np.bool_] = cut == ids
    digits = cut.view(np.uint8).reshape(len(ids), LENGTH)
    for place in range(LENGTH):
        digit = digits[:, place]
        is_number, is_letter = (digit >= 48) & (digit <= 57), (digit >= 97) & (digit <= 102)
        known &= is_number | is_letter
        numbers = (numbers << np.uint64(4)) | np.where(is_number, digit - 48, digit - 87).astype(np.uint64)
    return numbers, known
