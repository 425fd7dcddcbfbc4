"""Whole texts and details of the rows, in compressed blocks, cut so that the page keeps to its size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from icon.results.report._assets import Block, packed, short
from icon.types import Sample, ScoreRow

BLOCK = 500
"""Rows per block."""

SHORTEST = 200
"""Characters below which no text is cut while there is anything else to leave out."""

STRONGEST = 5
"""Group values of a row that are kept where not all of them fit."""

FEWER = (STRONGEST, 3, 2, 0)
"""How many are kept where that is not enough: as many as fit."""

GROUPS_SHARE = 0.3
"""Share of the budget that group values may take while texts are cut for them."""

TRIED = 12
"""Blocks from whose size that of all is estimated."""

SAFE = 0.9
"""Share of the budget that is aimed at, since the size is estimated from some blocks."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Inputs of the rows' texts.

    Attributes:
        rows: What the page carries, in its order.
        samples: Samples by id.
        groups: Names of the task groups.
        places: File and line of each row; of one whose record the run does not keep no file, and its number.
    """

    rows: Sequence[ScoreRow]
    samples: Mapping[str, Sample]
    groups: Sequence[str]
    places: Mapping[int, tuple[str, int]]


def text_blocks(texts: Texts, budget: int) -> tuple[list[str], Cut]:
    """The blocks, and what they leave out so that they fit.

    Args:
        texts: The rows with their texts.
        budget: Bytes that all blocks together may take.
    """
    starts = range(0, len(texts.rows), BLOCK)
    longest = max((len(text) for row in texts.rows for text in _parts(texts, row)), default=0)
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


def _block(texts: Texts, start: int, cut: Cut) -> list[Block]:
    return [_shown(texts, row, cut) for row in texts.rows[start : start + BLOCK]]


def _shown(texts: Texts, row: ScoreRow, cut: Cut) -> Block:
    """One row: m, the messages as role and text; p, a passage under its label l; r, the response; the rest.

    g has a value for each task group; k, where some are left out, the place and the value of each strong one.
    """
    file, line = texts.places[row.row]
    shown: Block = {"f": file, "n": line, "d": row.decision, "w": row.reason}
    if row.groups and cut.groups is None:
        shown["g"] = [short(row.groups.get(name), 3) for name in texts.groups]
    elif row.groups:
        shown["k"] = _strongest(row, texts.groups, cut.groups or 0)
    if row.stability is not None:
        shown["s"] = short(row.stability, 4)
    sample = texts.samples.get(row.id)
    if sample is None:
        return shown
    shown["m"] = [[role, _cut_texts(text, cut.length, file, line)] for role, text in _turns(sample)]
    if sample.passage:
        shown |= {"l": sample.passage_label, "p": _cut_texts(sample.passage, cut.length, file, line)}
    shown["r"] = _cut_texts(sample.response, cut.length, file, line)
    return shown


def _strongest(row: ScoreRow, groups: Sequence[str], most: int) -> list[tuple[int, float]]:
    """The groups that the candidate helps or hurts the most, the strongest first."""
    values = [(place, short(row.groups.get(name), 3)) for place, name in enumerate(groups)]
    known = [(place, value) for place, value in values if value is not None]
    return sorted(known, key=lambda group: (-abs(group[1]), group[0]))[:most]


def _cut_texts(text: str, length: int | None, file: str, line: int) -> str:
    if length is None or len(text) <= length:
        return text
    where = f"{file}, line {line}" if file else f"row {line} of the pool"
    return f"{text[:length]}… [cut by this page: {length:,} of {len(text):,} characters; whole in {where}]"


def _parts(texts: Texts, row: ScoreRow) -> list[str]:
    sample = texts.samples.get(row.id)
    return [] if sample is None else [*(text for _, text in _turns(sample)), sample.passage, sample.response]


def _turns(sample: Sample) -> list[tuple[str, str]]:
    """The turns with their roles; tools come first, and calls of them stand after a turn's text."""
    tools = [("tools", sample.tools)] if sample.tools else []
    turns = [
        (turn.role, "\n".join(text for text in (turn.content, turn.beside) if text) if turn.beside else turn.content)
        for turn in sample.messages
    ]
    return [*tools, *turns]


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out.

    Attributes:
        length: Characters that longer texts are cut to; None where all are whole.
        groups: How many group values a row keeps at most, the strongest ones; None where all are there.
        fits: Whether that was enough.
    """

    length: int | None = None
    groups: int | None = None
    fits: bool = True


Size = Callable[[int, Cut], int]


def fitting_cut(size_of: Size, starts: Sequence[int], longest: int, budget: int) -> Cut:
    """The mildest cut under which some of the blocks, for all of them, keep within the budget.

    Args:
        size_of: Bytes of the block that starts at a row, under a cut.
        starts: Where the blocks start.
        longest: Characters of the longest text.
        budget: Bytes that all blocks together may take.
    """
    tried = starts[:: max(1, len(starts) // TRIED)]

    def size(cut: Cut) -> float:
        return sum(size_of(start, cut) for start in tried) * len(starts) / max(1, len(tried))

    if size(Cut()) <= SAFE * budget:
        return Cut()
    groups = size(Cut(0)) - size(Cut(0, 0))
    kept = STRONGEST if groups > GROUPS_SHARE * budget else None
    if kept is not None and size(Cut(None, kept)) <= SAFE * budget:
        return Cut(None, kept)
    if groups > 0 and size(Cut(SHORTEST, kept)) > budget:
        kept = next((few for few in FEWER if size(Cut(SHORTEST, few)) <= budget), 0)
    fits, exceeds = SHORTEST, longest
    if size(Cut(SHORTEST, kept)) > budget:
        fits, exceeds = 0, SHORTEST
    while exceeds - fits > max(1.0, 0.05 * fits):
        middle = (fits + exceeds) // 2
        fits, exceeds = (middle, exceeds) if size(Cut(middle, kept)) <= SAFE * budget else (fits, middle)
    return Cut(fits, kept)


def shorter(cut: Cut, longest: int, groups: int) -> Cut | None:
    """The next cut to try where one was not enough: shorter texts, fewer group values, no texts; None at last.

    Args:
        cut: What was tried.
        longest: Characters of the longest text.
        groups: How many task groups there are.
    """
    length = longest if cut.length is None else cut.length
    if length > SHORTEST:
        return Cut(max(SHORTEST, int(0.8 * length)), cut.groups)
    if groups and cut.groups != 0:
        return Cut(cut.length, next(few for few in FEWER if cut.groups is None or few < cut.groups))
    return Cut(length // 2, cut.groups) if length > 0 else None
