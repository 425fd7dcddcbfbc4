"""Ids of many samples in little memory: an array of bytes, 16 for a content id, that sorts as the texts do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

IdArray = NDArray[np.bytes_]
"""Ids as UTF-8, of dtype S."""

_LENGTH = 16
"""Bytes of a content id."""

_BLOCK = 65_536
"""Ids that are texts at once where all of them are gone through."""


class GrowingIds:
    """Ids as they come in; those of a plugin's own making may have any length."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._others: list[bytes] | None = None

    def append(self, id_: str) -> None:
        """Take an id in."""
        written = id_.encode("utf-8", "surrogatepass")
        if self._others is None:
            if len(written) == _LENGTH:
                self._bytes += written
                return
            self._others = self._packed().tolist()
        self._others.append(written)

    def done(self) -> IdArray:
        """All of them."""
        return self._packed() if self._others is None else np.array(self._others, np.bytes_)

    def _packed(self) -> IdArray:
        return np.frombuffer(self._bytes, f"S{_LENGTH}") if self._bytes else np.empty(0, f"S{_LENGTH}")


def texts_of(ids: IdArray) -> list[str]:
    """The ids as texts."""
    return [id_.decode("utf-8", "surrogatepass") for id_ in ids.tolist()]


def each_text(ids: IdArray) -> Iterator[str]:
    """The ids as texts, some at a time."""
    for start in range(0, len(ids), _BLOCK):
        yield from texts_of(ids[start : start + _BLOCK])


def array_of(ids: Iterable[str]) -> IdArray:
    """These ids as an array."""
    growing = GrowingIds()
    for id_ in ids:
        growing.append(id_)
    return growing.done()


def order_of(ids: IdArray) -> NDArray[np.int64]:
    """The places in the order of the ids; equal ids stay in their order."""
    return np.argsort(ids, kind="stable")


def places_of(asked: Sequence[str], ids: IdArray, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each of the asked ids, -1 where it is not among the others; of equal ids the first.

    Args:
        asked: Ids to find.
        ids: Those that they are looked for among.
        order: Their order (`order_of`).
    """
    if not len(ids) or not asked:
        return np.full(len(asked), -1, np.int64)
    wanted = array_of(asked)
    at = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    places = order[at]
    return np.where(ids[places] == wanted, places, -1)


def first_places(ids: IdArray) -> NDArray[np.int64]:
    """For each id the place where it comes first."""
    order = order_of(ids)
    ordered = ids[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(order) else order
    first = np.empty(len(order), np.int64)
    first[order] = np.repeat(order[starts], np.diff(np.append(starts, len(order))))
    return first
