"""Whole texts and what else a row has to say, in compressed blocks, cut so that the page keeps to its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from icon.report.page.blocks import packed, short
from icon.report.page.fitting import Cut, fitting_cut, shorter
from icon.runs.scores import ScoreRow
from icon.types import Sample

BLOCK = 500
"""Rows of a block."""


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


def text_blocks(texts: Texts, budget: int) -> tuple[list[str], Cut]:
    """The blocks, and what they leave out so that they fit.

    Args:
        texts: What to tell.
        budget: Bytes that all blocks together may take.
    """
    starts = range(0, len(texts.rows), BLOCK)
    longest = max((len(text) for each in texts.rows for text in _parts(texts, each)), default=0)
    cut = fitting_cut(partial(_size, texts), starts, longest, budget)
    while True:
        blocks = [packed(_block(texts, start, cut)) for start in starts]
        size = sum(map(len, blocks))
        if size <= budget:
            return blocks, cut
        if (less := shorter(cut, longest, len(texts.groups))) is None:
            return blocks, Cut(cut.length, cut.groups, fits=False)
        cut = less


def _size(texts: Texts, start: int, cut: Cut) -> int:
    return len(packed(_block(texts, start, cut)))


def _block(texts: Texts, start: int, cut: Cut) -> list[dict[str, Any]]:
    return [_told(texts, each, cut) for each in texts.rows[start : start + BLOCK]]


def _told(texts: Texts, row: ScoreRow, cut: Cut) -> dict[str, Any]:
    """One row: m, the messages as role and text; p, a passage under its label l; r, the response; the rest.

    g has a value for each task group; k, where some are left out, the place and the value of each strong one.
    """
    file, line = texts.places[row.row]
    told: dict[str, Any] = {"f": file, "n": line, "d": row.decision, "w": row.reason}
    if row.groups and cut.groups is None:
        told["g"] = [short(row.groups.get(name), 3) for name in texts.groups]
    elif row.groups:
        told["k"] = _strongest(row, texts.groups, cut.groups or 0)
    if row.stability is not None:
        told["s"] = short(row.stability, 4)
    sample = texts.samples.get(row.id)
    if sample is None:
        return told
    told["m"] = [[each.role, _cut(each.content, cut.length, file, line)] for each in sample.messages]
    if sample.passage:
        told |= {"l": sample.passage_label, "p": _cut(sample.passage, cut.length, file, line)}
    told["r"] = _cut(sample.response, cut.length, file, line)
    return told


def _strongest(row: ScoreRow, groups: Sequence[str], most: int) -> list[tuple[int, float]]:
    """The groups that the candidate helps or hurts the most, the strongest first."""
    values = [(place, short(row.groups.get(name), 3)) for place, name in enumerate(groups)]
    known = [(place, value) for place, value in values if value is not None]
    return sorted(known, key=lambda each: (-abs(each[1]), each[0]))[:most]


def _cut(text: str, length: int | None, file: str, line: int) -> str:
    if length is None or len(text) <= length:
        return text
    return f"{text[:length]}… [cut by this page: {length:,} of {len(text):,} characters; whole in {file}, line {line}]"


def _parts(texts: Texts, row: ScoreRow) -> list[str]:
    sample = texts.samples.get(row.id)
    return [] if sample is None else [*(each.content for each in sample.messages), sample.passage, sample.response]
