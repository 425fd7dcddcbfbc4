"""Parts: the measurements of some candidates, in one Parquet file whose name contains the checksum of its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from icon.errors import WrongRunError
from icon.runs.part_rows import PartRows
from icon.runs.tables import file_bytes, parquet_bytes, table_of
from icon.runs.writing import remove_temporaries, write_bytes
from icon.types import Measurement, Status

SCHEMA = pa.schema(
    [
        ("candidate", pa.string()),
        ("assessment", pa.string()),
        ("nll", pa.float64()),
        ("nll_random", pa.float64()),
        ("n_tokens", pa.int32()),
        ("c", pa.float64()),
        ("log_gain", pa.float64()),
        ("value", pa.float64()),
        ("nll_alone", pa.float64()),
        ("first", pa.float64()),
        ("second", pa.float64()),
        ("first_random", pa.float64()),
        ("second_random", pa.float64()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("given", pa.list_(pa.float32())),
        ("control", pa.list_(pa.float32())),
    ]
)
TOKENS = ("given", "control")
NAME = re.compile(r"part-(shared|\d{6})-([0-9a-f]{16})\.parquet")
SLICE = re.compile(r"slice-(\d{2,})")
LABEL = b"icon.label"
"""Where a part's label is in its metadata, so that another name of it is found out; older parts have none."""
NOT_OURS = "not a part that icon wrote, though its name has its checksum; move it away, and it is measured again"
SHARED = "shared"
"""Label of the part with the measurements that all candidates share, such as the baseline passes."""


class PartStore:
    """The parts of one scorer in one folder.

    A part gets its name by one atomic rename, and its name contains the checksum of its bytes, so no lock and no second
    file are needed. Two processes that finish the same part write the same bytes.

    Args:
        folder: The folder.
        fingerprint: Digest of every setting that decides a measurement; parts with another one are refused.
        read_only: Leave the folder unchanged: damaged parts are only listed in `damaged`, temporary files stay.
    """

    def __init__(self, folder: Path, fingerprint: str, *, read_only: bool = False) -> None:
        self.folder = folder
        self.fingerprint = fingerprint
        self.read_only = read_only
        self.damaged: list[str] = []
        if not read_only:
            remove_temporaries(folder)

    def write(self, label: str, measurements: Sequence[Measurement]) -> Path:
        """Write a part under its label (its number in six digits, or `SHARED`)."""
        return self.put(label, part_bytes(label, measurements, self.fingerprint))

    def put(self, label: str, data: bytes) -> Path:
        """Write the bytes of a part, as `part_bytes` makes them."""
        path = self.folder / f"part-{label}-{checksum(data)}.parquet"
        write_bytes(path, data)
        return path

    def labels(self) -> set[str]:
        """Labels of the parts in the folder, from their names alone."""
        return {match[1] for path in self.folder.glob("part-*.parquet") if (match := NAME.fullmatch(path.name))}

    def slice(self, number: int) -> PartStore:
        """The store of one slice of a race, in a folder of its own."""
        return PartStore(self.folder / f"slice-{number:02d}", self.fingerprint, read_only=self.read_only)

    def slices(self) -> list[PartStore]:
        """The stores of the slices in the folder, by number."""
        numbers = sorted(int(match[1]) for path in self.folder.glob("slice-*") if (match := SLICE.fullmatch(path.name)))
        return [self.slice(number) for number in numbers]

    def read(self) -> dict[str, list[Measurement]]:
        """Every complete part by label, without tokens; a damaged file is renamed and listed in `damaged`.

        Raises:
            WrongRunError: A part was measured under other settings.
        """
        return {label: _rows(table) for label, table in self.tables()}

    def read_tables(self) -> dict[str, PartRows]:
        """Every complete part by label as `read` gives it, with records that are made when they are looked at.

        Raises:
            WrongRunError: A part was measured under other settings.
        """
        return {label: PartRows(table, _rows) for label, table in self.tables()}

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Every complete part without tokens, as a table, in the order of the labels, one after the other; see `read`.

        Raises:
            WrongRunError: A part was measured under other settings.
        """
        for label, table in self._tables():
            yield label, _without_tokens(table)

    @staticmethod
    def rows(table: pa.Table) -> Iterator[Measurement]:
        """The measurements in a part's table, some of them made at a time."""
        return iter(PartRows(table, _rows))

    def of(self, candidates: Iterable[str], *, tokens: bool = False) -> list[Measurement]:
        """The rows of these candidates, in the order of the parts; those of the shared part have the candidate "".

        Args:
            candidates: Their ids.
            tokens: Whether rows have their tokens, which take eight times the memory of all else.

        Raises:
            WrongRunError: A part was measured under other settings.
        """
        asked = set(candidates)
        rows: list[Measurement] = []
        for _, whole in self._tables():
            table = whole if tokens else _without_tokens(whole)
            known = pc.unique(table["candidate"])
            found = [known.slice(at, 1) for at, candidate in enumerate(known.to_pylist()) if candidate in asked]
            if found:  # put together from what is there: pa.array would import pandas
                rows.extend(_rows(table.filter(pc.is_in(table["candidate"], pa.concat_arrays(found)))))
        return rows

    def _tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Label and table of every complete part; where two machines wrote one label, the first by name."""
        seen: set[str] = set()
        for path in sorted(self.folder.glob("part-*.parquet")):
            match = NAME.fullmatch(path.name)
            data = file_bytes(path)
            if match is None or checksum(data) != match[2]:
                self._set_aside(path)
                continue
            table = self._table(path, data)
            if (table.schema.metadata or {}).get(LABEL, match[1].encode()) != match[1].encode():
                self._set_aside(path)  # it was written under another label
            elif match[1] not in seen:
                seen.add(match[1])
                yield match[1], table

    def _set_aside(self, path: Path) -> None:
        """List a damaged part, and rename it unless nothing is to be changed."""
        if not self.read_only and NAME.fullmatch(path.name) and not self.folder.is_symlink():  # else it is not ours
            path.rename(path.with_suffix(".damaged"))
        self.damaged.append(path.name)

    def _table(self, path: Path, data: pa.Buffer) -> pa.Table:
        """The part's table.

        Raises:
            WrongRunError: It was measured under other settings than this run's, or icon did not write it.
        """
        try:
            table = table_of(data)
        except (OSError, pa.ArrowException) as error:
            raise WrongRunError(f"{path}: {NOT_OURS} ({error})") from None
        if not _is_of_measurements(table):
            raise WrongRunError(f"{path}: {NOT_OURS} (its columns are {', '.join(table.schema.names) or 'none'})")
        fingerprint = (table.schema.metadata or {}).get(b"icon.fingerprint", b"").decode(errors="replace")
        if fingerprint != self.fingerprint:
            raise WrongRunError(
                f"{path}: measured under other settings (fingerprint {fingerprint}, this run {self.fingerprint}); "
                "use another --out, or move the part away"
            )
        return table


def part_bytes(label: str, measurements: Sequence[Measurement], fingerprint: str) -> bytes:
    """A part as a Parquet file: the same measurements under the same label give the same bytes in every process."""
    columns = {field.name: [getattr(row, field.name) for row in measurements] for field in fields(Measurement)}
    columns["status"] = [str(status) for status in columns["status"]]
    known = {"icon.fingerprint": fingerprint, LABEL.decode(): label}
    return parquet_bytes(pa.table(columns, schema=SCHEMA.with_metadata(known)))


def rows_of(data: bytes) -> list[Measurement]:
    """The measurements of a part's bytes, without tokens."""
    return _rows(_without_tokens(table_of(pa.py_buffer(data))))


def _is_of_measurements(table: pa.Table) -> bool:
    """Whether the columns are those of measurements, of which an older version wrote fewer."""
    known = {field.name: field.type for field in SCHEMA}
    if not {"candidate", "status"} <= {*table.schema.names} or len({*table.schema.names}) < table.num_columns:
        return False
    if any(known.get(field.name) != field.type for field in table.schema):
        return False
    return {*pc.unique(table["status"]).to_pylist()} <= {str(status) for status in Status}


def _rows(table: pa.Table) -> list[Measurement]:
    return [_measurement(row) for row in table.to_pylist()]


def _without_tokens(table: pa.Table) -> pa.Table:
    return table.drop_columns([name for name in TOKENS if name in table.schema.names])


def _measurement(row: dict[str, Any]) -> Measurement:
    tokens = {name: tuple(row[name]) for name in TOKENS if row.get(name) is not None}
    return Measurement(**{**row, **tokens, "status": Status(row["status"])})


def checksum(data: bytes | pa.Buffer) -> str:
    """Checksum of a part's bytes, sixteen hex digits."""
    return blake2b(data, digest_size=8).hexdigest()


def in_order(parts: Mapping[str, Sequence[Measurement]]) -> Iterable[Measurement]:
    """The measurements of all numbered parts, in the order of their numbers."""
    for label in sorted(label for label in parts if label != SHARED):
        yield from parts[label]
