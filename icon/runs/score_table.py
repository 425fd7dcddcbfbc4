"""The rows of scores.parquet as columns, and as records that are made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from icon.runs.columns import filled, flags, ids_in, numbers
from icon.types import RowStatus, ScoreRow

MOST_KEPT = 100_000
"""Rows of a table whose records are kept once they are made; of a larger one they are made anew by each pass."""

BATCH = 8192
"""Records that are made at a time."""

STATUSES = tuple(RowStatus)
"""Statuses by their number in the column of statuses."""

MAPS = frozenset({"groups", "baselines"})

IdArray = NDArray[np.bytes_]
FloatArray = NDArray[np.float64]


class ScoreTable(Sequence[ScoreRow]):
    """Every row of the pool with its status, score and decision, in the order of the pool.

    Columns are read when they are asked for, and records are made when they are looked at, so that a table of any
    length can be open.

    Args:
        file: The Parquet file, open.
        faulty: Makes an error of one that reading it raises.
    """

    def __init__(self, file: pq.ParquetFile, faulty: Callable[[Exception], Exception]) -> None:
        self._file = file
        self._faulty = faulty
        self._names = frozenset(file.schema_arrow.names)
        sizes = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._last: tuple[int, pa.Table] | None = None

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __iter__(self) -> Iterator[ScoreRow]:
        return iter(self._kept) if len(self) <= MOST_KEPT else self.passing()

    @overload
    def __getitem__(self, place: int) -> ScoreRow: ...

    @overload
    def __getitem__(self, place: slice) -> list[ScoreRow]: ...

    def __getitem__(self, place: int | slice) -> ScoreRow | list[ScoreRow]:
        places = range(len(self))[place]
        return next(iter(self.at([places]))) if isinstance(places, int) else list(self.at(places))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def passing(self, names: Iterable[str] = ()) -> Iterator[ScoreRow]:
        """The records one after the other, none of which is kept.

        Args:
            names: Columns that are looked at; the fields of others have their defaults. None for all.
        """
        wanted = self._asked(names)
        with self._reading():
            for number in range(len(self._starts) - 1):
                for batch in self._file.iter_batches(BATCH, [number], columns=wanted, use_threads=False):
                    yield from map(_row, batch.to_pylist())

    def values(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The values of these columns, row by row."""
        with self._reading():
            for number in range(len(self._starts) - 1):
                for batch in self._file.iter_batches(BATCH, [number], columns=list(names), use_threads=False):
                    yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)

    def at(self, places: Iterable[int] | NDArray[np.int64]) -> Iterator[ScoreRow]:
        """The records at these places, in the order of the places; fast where that is ascending."""
        if len(self) <= MOST_KEPT:
            yield from (self._kept[place] for place in places)
            return
        asked = np.array(places if isinstance(places, np.ndarray) else list(places), dtype=np.int64)
        groups = np.searchsorted(self._starts, asked, side="right") - 1
        ends = [*(np.flatnonzero(np.diff(groups)) + 1).tolist(), len(asked)]
        start = 0
        for end in ends if len(asked) else []:
            group = int(groups[start])
            for first in range(start, end, BATCH):
                within = asked[first : min(end, first + BATCH)] - self._starts[group]
                yield from map(_row, self._group(group).take(numbers(within, pa.int64())).to_pylist())
            start = end

    def of_records(self, some: NDArray[np.bool_]) -> Iterator[ScoreRow]:
        """The records of all rows whose record of the pool has one of these rows, in the order of the pool."""
        numbers = self.whole("row")
        return self.at(np.flatnonzero(np.isin(numbers, numbers[some])))

    def names_in(self, name: str) -> list[str]:
        """The names that the maps of a column have, sorted."""
        found: set[str] = set()
        if name in self._names:
            for _, part in self._parts(name):
                found.update(*(pc.unique(chunk.keys).to_pylist() for chunk in part.chunks))
        return sorted(found)

    def of_map(self, name: str, key: str) -> FloatArray:
        """The number under a name in the maps of a column, NaN where there is none."""
        found = np.full(len(self), np.nan)
        for start, part in self._parts(name) if name in self._names else ():
            for chunk in part.chunks:
                offsets = np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
                keys = ids_in(chunk.keys)  # of the whole child array, which the offsets point into
                owner = np.repeat(np.arange(len(chunk)), np.diff(offsets))
                own = keys[offsets[0] : offsets[-1]] == key.encode()
                found[start + owner[own]] = filled(chunk.items, np.nan)[offsets[0] : offsets[-1]][own]
                start += len(chunk)
        return found

    def read_through(self) -> None:
        """Read all of it once, so that a file that is damaged is found out."""
        if len(self) <= MOST_KEPT:
            _ = self._kept
            return
        for number in range(len(self._starts) - 1):
            self._group(number)

    @property
    def selected_ids(self) -> list[str]:
        """Ids of the selected candidates, in the order of the pool."""
        return [id_.decode() for id_ in self.ids[self.selected].tolist()]

    def texts(self, name: str) -> pa.ChunkedArray:
        """A column of texts as Arrow has it."""
        return self._column(name)

    def has(self, name: str) -> bool:
        """Whether the file has that column."""
        return name in self._names

    def numbers(self, name: str) -> FloatArray:
        """A column of numbers, NaN where there is none, shape (rows,)."""
        return filled(self._column(name), np.nan) if name in self._names else np.full(len(self), np.nan)

    def whole(self, name: str) -> NDArray[np.int64]:
        """A column of whole numbers, 0 where there is none, shape (rows,)."""
        return filled(self._column(name), 0).astype(np.int64) if name in self._names else np.zeros(len(self), np.int64)

    @cached_property
    def ids(self) -> IdArray:
        """The ids, empty for a row that could not be read."""
        return ids_in(self._column("id"))

    @cached_property
    def selected(self) -> NDArray[np.bool_]:
        """Whether each row is selected."""
        return flags(self._column("selected"))

    @cached_property
    def statuses(self) -> NDArray[np.int_]:
        """The status of each row as its number in `STATUSES`."""
        return self.codes("status", [str(status) for status in STATUSES])

    def have_text(self, name: str) -> NDArray[np.bool_]:
        """Whether each row has a text in a column that is not empty."""
        found = np.zeros(len(self), dtype=np.bool_)
        for start, part in self._parts(name) if name in self._names else ():
            found[start : start + len(part)] = filled(pc.utf8_length(part), 0) > 0
        return found

    @property
    def are_candidates(self) -> NDArray[np.bool_]:
        """Whether each row is a candidate."""
        known = np.array([status.is_candidate for status in STATUSES])
        return known[self.statuses]

    def codes(self, name: str, values: Sequence[str]) -> NDArray[np.int_]:
        """The texts of a column as their numbers among these values."""
        texts = np.array([value.encode() for value in values], dtype=np.bytes_)
        order = np.argsort(texts)
        found: NDArray[np.int_] = np.empty(len(self), np.uint8 if len(values) <= 256 else np.int32)
        for start, part in self._parts(name):
            given = ids_in(part)
            places = np.minimum(np.searchsorted(texts[order], given), len(texts) - 1)
            if not (texts[order][places] == given).all():
                raise self._faulty(ValueError(f"a {name} that is none of {', '.join(values)}"))
            found[start : start + len(given)] = order[places]
        return found

    @cached_property
    def _kept(self) -> list[ScoreRow]:
        return list(self.passing())

    def _asked(self, names: Iterable[str]) -> list[str] | None:
        wanted = {"id", "row", "turn", "status", *names}
        return [name for name in self._file.schema_arrow.names if name in wanted] if names else None

    def _parts(self, name: str) -> Iterator[tuple[int, pa.ChunkedArray]]:
        """A column row group by row group, each with the place of its first row."""
        with self._reading():
            for number in range(len(self._starts) - 1):
                table = self._file.read_row_group(number, columns=[name], use_threads=False)
                yield int(self._starts[number]), table.column(0)

    def _column(self, name: str) -> pa.ChunkedArray:
        with self._reading():
            return self._file.read(columns=[name], use_threads=False).column(0)

    def _group(self, number: int) -> pa.Table:
        if self._last is None or self._last[0] != number:
            with self._reading():
                self._last = number, self._file.read_row_group(number, use_threads=False)
        return self._last[1]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """While the file is read: what Arrow raises becomes an error that names the file."""
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise self._faulty(error) from None


def _row(values: dict[str, Any]) -> ScoreRow:
    """A record of a row's values; a map comes as a list of pairs."""
    given: dict[str, Any] = {"reason": "", "decision": "", **values}
    for name in MAPS & given.keys():
        given[name] = dict(given[name])
    return ScoreRow(**given)
