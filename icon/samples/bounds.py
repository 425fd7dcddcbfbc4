"""Bounds on what reading a file may take; each is far beyond honest data, and docs/limits.md says them all."""

from __future__ import annotations

import re

from icon.samples.rows import FieldFault

MAX_BYTES_PER_ROW = 64 * 1024 * 1024
"""Longest row that is read into memory: bytes of a JSON line or a Parquet row, characters of a CSV row or of an element
of a JSON array."""

CHECKED_FROM = 16 * 1024 * 1024
"""Rows below this size cannot take much memory whatever they hold; the values of longer ones are counted first."""

MAX_VALUES_PER_ROW = 5_000_000
"""Most values of one row: a bracket and a comma take 3 bytes in a file and up to 96 in memory."""

MAX_COLUMNS = 100_000
"""Most columns of a table."""

MAX_FAULTS = 1_000_000
"""Bad rows after which reading ends, since such a file is of another kind than it is read as."""

KEPT_FAULTS = 1000
"""Bad rows that an error keeps; the others are counted."""

HELD = 128 * 1024 * 1024
"""Bytes that the samples of a source may take in memory, about; of a larger one the texts are read again, by place."""

MAX_RATIO = 1000
"""Most bytes per compressed byte, beyond `RATIO_FROM`. Text compresses to a tenth, rows that repeat a long system
prompt to a few hundredths."""

RATIO_FROM = 1024**3
"""Decompressed bytes up to which any ratio is allowed."""

HEAD = 16 * 1024 * 1024
"""Bytes of rows that are kept while the format is recognised."""

_TEXT = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_JSON_TEXT = re.compile(_TEXT, re.DOTALL)
_JSON_TEXT_BYTES = re.compile(_TEXT.encode(), re.DOTALL)


def check_values(data: str | bytes) -> None:
    """Refuse JSON of more than `MAX_VALUES_PER_ROW` values, before it is parsed.

    Args:
        data: One JSON value, which may be cut off.

    Raises:
        FieldFault: It has more.
    """
    if len(data) <= CHECKED_FROM:
        return
    if isinstance(data, bytes):
        outside = _JSON_TEXT_BYTES.sub(b"", data)
        n = outside.count(b",") + outside.count(b"[") + outside.count(b"{")
    else:
        bare = _JSON_TEXT.sub("", data)
        n = bare.count(",") + bare.count("[") + bare.count("{")
    if n > MAX_VALUES_PER_ROW:
        raise too_many_values()


def too_many_values() -> FieldFault:
    """The fault of a row with more values than one may have."""
    return FieldFault(
        "", f"a record of more than {MAX_VALUES_PER_ROW:,} values", f"at most {MAX_VALUES_PER_ROW:,} in one record"
    )
