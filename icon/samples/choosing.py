"""Which reader reads a source: the one that the user names, or the one that its first records fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from icon._near import did_you_mean
from icon.errors import BadRowsError, ConfigError, InputError, UnknownStrategyError
from icon.plugins import Reader
from icon.samples._tally import Tally
from icon.samples.addresses import Piece, named, pieces_of
from icon.samples.bounds import HEAD, KEPT_FAULTS
from icon.samples.formats.one_text import OneText
from icon.samples.formats.readers import LOOKED_AT, recognise
from icon.samples.formats.single_turns import Columns
from icon.samples.records import all_records, piece_records
from icon.samples.rows import FieldFault, Record
from icon.types import Sample

_HEAD = 1000
_FILES = 64
"""Files up to which the format of each is recognised; of more, that of the first of each address."""

SEVERAL = "+"
"""What joins the names of the readers of a mixture."""


class Mixed:
    """Reads the records of a mixture, each by the first reader that it fits.

    Args:
        readers: The readers of its files, by name.
    """

    def __init__(self, readers: Mapping[str, Reader]) -> None:
        self._readers = readers

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether some reader fits."""
        return any(reader.matches(record) for reader in self._readers.values())

    def samples(self, record: Mapping[str, Any], row: int, *, every_turn: bool) -> list[Sample]:
        """The samples of the first reader that fits.

        Raises:
            FieldFault: None fits, or the record is not a sample.
        """
        for reader in self._readers.values():
            if reader.matches(record):
                return reader.samples(record, row, every_turn=every_turn)
        found = ", ".join(map(str, record))[:300] or "none"
        raise FieldFault("", f"the fields {found}", f"a record of one of the formats {', '.join(self._readers)}")


def reader_of(
    name: str,
    readers: Mapping[str, Reader],
    columns: Mapping[str, str] | None = None,
    response_after: str | None = None,
) -> Reader:
    """The reader under the name that a run knows it by.

    Args:
        name: Its name; of a mixture several, joined by "+".
        readers: Readers by name.
        columns: Field by part, instead of a format.
        response_after: The mark before the response in records of one text.

    Raises:
        UnknownStrategyError: No reader has that name.
        ConfigError: The columns are not valid.
    """
    if columns:
        return Columns(columns)
    if name == OneText.name and response_after is not None:
        return OneText(response_after)
    if SEVERAL in name and name not in readers:
        return Mixed({part: reader_of(part, readers, None, response_after) for part in name.split(SEVERAL)})
    if name not in readers:
        hint = did_you_mean(name, readers)
        raise UnknownStrategyError(f"no reader named {name!r}; known: {', '.join(sorted(readers))}, auto.{hint}")
    return readers[name]


def chosen_reader(
    source: str | Sequence[str],
    split: str,
    asked: str,
    readers: Mapping[str, Reader],
    columns: Mapping[str, str] | None,
    response_after: str | None,
) -> tuple[str, Reader, Iterator[Record]]:
    """The reader's name, the reader, and all the records, also those that were read to recognise the format.

    Args:
        source: The source.
        split: Which split of a data set.
        asked: The name that the user gives; "auto" recognises it, for each file of several.
        readers: Readers by name.
        columns: Field by part, instead of a format.
        response_after: The mark before the response in records of one text, instead of a format.

    Raises:
        InputError: No format is recognised.
        ConfigError: A format is given beside columns or a mark that it does not take.
    """
    pieces = pieces_of(source, split)
    records = all_records(source, pieces, split)
    own = Columns.name if columns else OneText.name if response_after is not None else ""
    if own:
        if asked not in ("auto", own):
            what = "columns" if columns else "response_after"
            raise ConfigError(f"found both the format {asked!r} and {what}; valid: one of the two")
        name = own
    elif asked != "auto":
        name = asked
    elif len(pieces) == 1:
        name, records = _recognised(named(source), records, readers)
    else:
        firsts = {piece.address: piece for piece in reversed(pieces)}
        looked_at = pieces if len(pieces) <= _FILES else reversed(firsts.values())
        found = (_of_piece(piece, split, readers) for piece in looked_at)
        name = SEVERAL.join(dict.fromkeys(found))
    return name, reader_of(name, readers, columns, response_after), records


def _of_piece(piece: Piece, split: str, readers: Mapping[str, Reader]) -> str:
    return _recognised(piece.name, piece_records(piece, split), readers)[0]


def _recognised(source: str, records: Iterator[Record], readers: Mapping[str, Reader]) -> tuple[str, Iterator[Record]]:
    head = list(_head(records))
    parsed = [record.fields for record in head if record.fields is not None]
    records = chain(head, records)
    if not parsed:
        raise _only_bad_rows(source, records)
    return recognise(source, parsed, readers), records


def _head(records: Iterator[Record]) -> Iterator[Record]:
    parsed = size = 0
    for number, record in enumerate(records, start=1):
        yield record
        parsed += record.fields is not None
        size += record.size
        if parsed == LOOKED_AT or number == _HEAD or (parsed and size > HEAD):
            return


def _only_bad_rows(source: str, records: Iterable[Record]) -> InputError:
    tally = Tally(source, KEPT_FAULTS)
    try:
        for record in records:
            if record.fault is not None:
                tally.refuse(record.fault)
    except InputError as error:
        return error
    return BadRowsError(source, tally.faults, n_bad=tally.n_bad)
