"""Warnings of a pool that was read: what no sample has of its records, and rows that took several lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from icon.config import RunConfig
from icon.samples.fields import CHOSEN, REJECTED
from icon.samples.thinking import INLINE

if TYPE_CHECKING:
    from icon.samples.load import LoadedSamples

SHOWN = 5
"""Places that a warning names."""


def left_out_warnings(pool: LoadedSamples, config: RunConfig) -> Iterator[str]:
    """For each field that no sample has, a warning that says so, and why."""
    for name, n in pool.left_out.items():
        if name == INLINE:
            records = f"{n:,} record{'s' if n != 1 else ''}"
            yield f"reasoning at the beginning of answers of {records} is in no sample: as --reasoning ignore says"
            continue
        if name in (CHOSEN, *REJECTED) and name not in config.ignore:
            why = "the other answer of a pair (--preference says which is scored)"
        elif name in config.ignore:
            why = "as --ignore says"
        else:
            why = "as --reasoning ignore says"
        yield f"field {name!r} of {n:,} record{'s' if n != 1 else ''} is in no sample: {why}"


def lines_warning(pool: LoadedSamples) -> Iterator[str]:
    """The warning that bad rows take several lines each, as a quote that is not closed makes them."""
    spans = [fault.where for fault in pool.faults if fault.where.rpartition(": ")[2].startswith("lines ")]
    if not spans:
        return
    more = f" and {len(spans) - SHOWN:,} more" if len(spans) > SHOWN else ""
    yield (
        "rows that could not be read take several lines each, and the records on all of these are left out: "
        f"{', '.join(spans[:SHOWN])}{more}; dropped.jsonl has the reasons"
    )
