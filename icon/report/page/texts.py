"""Whole texts and what else a row has to say, in compressed blocks, cut so that the page keeps to its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icon.report.page.blocks import packed, short
from icon.runs.scores import ScoreRow
from icon.types import Sample

BLOCK = 500
"""Rows of a block."""
SHORTEST = 200
"""Characters below which no text is cut."""
TRIED = 12
"""Blocks from whose size that of all is told beforehand."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What rows are told in full from.

    Attributes:
        rows: What the page carries, in its order.
        samples: Samples by id.
        groups: Names of the task groups.
        places: File and line of each row of the pool.
    """

    rows: Sequence[ScoreRow]
    samples: Mapping[str, Sample]
    groups: Sequence[str]
    places: Mapping[int, tuple[str, int]]


def text_blocks(texts: Texts, budget: int) -> tuple[list[str], int | None]:
    """The blocks, and the length that longer texts were cut to: None where all are whole.

    Args:
        texts: What to tell.
        budget: Bytes that all blocks together may take.
    """
    starts = range(0, len(texts.rows), BLOCK)
    length = _first_guess(texts, starts, budget)
    while True:
        blocks = [packed(_block(texts, start, length)) for start in starts]
        if sum(map(len, blocks)) <= budget or (length is not None and length <= SHORTEST):
            return blocks, length
        longest = max((len(text) for each in texts.rows for text in _parts(texts, each)), default=0)
        length = max(SHORTEST, int((longest if length is None else length) * 0.8))


def _first_guess(texts: Texts, starts: range, budget: int) -> int | None:
    """The longest cut under which some of the blocks, for all of them, keep within nine tenths of the budget."""
    tried = starts[:: max(1, len(starts) // TRIED)]

    def size(length: int | None) -> float:
        return sum(len(packed(_block(texts, start, length))) for start in tried) * len(starts) / max(1, len(tried))

    if size(None) <= 0.9 * budget:
        return None
    fits, exceeds = SHORTEST, max(len(text) for each in texts.rows for text in _parts(texts, each))
    while exceeds - fits > 0.05 * fits:
        middle = (fits + exceeds) // 2
        fits, exceeds = (middle, exceeds) if size(middle) <= 0.9 * budget else (fits, middle)
    return fits


def _block(texts: Texts, start: int, length: int | None) -> list[dict[str, Any]]:
    return [_told(texts, each, length) for each in texts.rows[start : start + BLOCK]]


def _told(texts: Texts, row: ScoreRow, length: int | None) -> dict[str, Any]:
    """One row: m, the messages as role and text; p, a passage under its label l; r, the response; the rest."""
    file, line = texts.places[row.row]
    told: dict[str, Any] = {"f": file, "n": line, "d": row.decision, "w": row.reason}
    if row.groups:
        told["g"] = [short(row.groups.get(name), 3) for name in texts.groups]
    if row.stability is not None:
        told["s"] = short(row.stability, 4)
    sample = texts.samples.get(row.id)
    if sample is None:
        return told
    told["m"] = [[each.role, _cut(each.content, length, file, line)] for each in sample.messages]
    if sample.passage:
        told |= {"l": sample.passage_label, "p": _cut(sample.passage, length, file, line)}
    told["r"] = _cut(sample.response, length, file, line)
    return told


def _cut(text: str, length: int | None, file: str, line: int) -> str:
    if length is None or len(text) <= length:
        return text
    return f"{text[:length]}… [cut by this page: {length:,} of {len(text):,} characters; whole in {file}, line {line}]"


def _parts(texts: Texts, row: ScoreRow) -> list[str]:
    sample = texts.samples.get(row.id)
    return [] if sample is None else [*(each.content for each in sample.messages), sample.passage, sample.response]
