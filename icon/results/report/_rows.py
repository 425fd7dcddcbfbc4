"""The rows of the pool that the page carries, as columns, and the tokens of a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from icon.results.report._assets import Block, short
from icon.results.report._histograms import draw
from icon.results.report._threshold import value_of
from icon.runs.files import TokenDetail
from icon.runs.row_view import RowView
from icon.runs.scores import as_table
from icon.types import RowStatus, Sample, ScoreRow
from icon.visible import visible

Places = Mapping[int, tuple[str, int]]
"""File and line of rows of the pool, by their numbers."""

MOST_ROWS = 60_000

HEAD = 90
"""Characters of prompt and response that the table shows."""

SHORT_HEAD = 45

MANY = 10_000
"""Rows from which on it shows fewer: the beginnings are most of what a large page has to read before it can be used."""

NUMBERS = ("score", "standard_error", "low", "high", "log_gain", "consistency", "coverage", "probability")

STATUSES = tuple(RowStatus)

MOST_TOKENS = 200_000
"""Tokens that the page carries, over all candidates that were explained."""


def carried_rows(
    rows: Sequence[ScoreRow], needed: Iterable[ScoreRow], seed: int, most: int = MOST_ROWS
) -> list[ScoreRow]:
    """At most so many rows, in the order of the ranks, those without one last: as many as there are, if they fit.

    Else those that the lists need, then scored rows, then others, each drawn at random.
    """
    if len(rows) > most:
        view = RowView.of(rows)
        first = {(row.row, row.turn): row for row in needed}
        lines = np.array(sorted({row for row, _ in first}), dtype=np.int64)
        maybe = np.flatnonzero(np.isin(view.table.whole("row")[view.places], lines)).tolist()
        taken = [place for place in maybe if (view[place].row, view[place].turn) in first]
        rest = np.ones(len(view), dtype=np.bool_)
        rest[taken] = False
        has_score = ~np.isnan(view.numbers("score"))
        scored = draw(view.where(rest & has_score), most - len(first), seed)
        others = draw(view.where(rest & ~has_score), most - len(first) - len(scored), seed)
        rows = [*first.values(), *scored, *others]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.row, row.turn))


def places_in_files(
    rows: Sequence[ScoreRow], shown: Sequence[ScoreRow] | None = None, *, has_dropped: bool = True
) -> Places:
    """For each row that is shown: the file that holds the user's record, and its line, counted from 1.

    Args:
        rows: All rows of the run.
        shown: Those that are shown; None for all.
        has_dropped: Whether the run keeps the records of dropped rows; else those have no file, and the number of the
            row in the place of a line.
    """
    table = as_table(rows)
    numbers = table.whole("row")
    records = np.unique(numbers)
    is_chosen = np.isin(records, numbers[table.selected])
    lines = np.where(is_chosen, np.cumsum(is_chosen), np.cumsum(~is_chosen))
    asked = records if shown is None else np.unique(np.array([row.row for row in shown], dtype=np.int64))
    found = np.searchsorted(records, asked)
    places = zip(asked.tolist(), is_chosen[found].tolist(), lines[found].tolist(), strict=True)
    dropped = "dropped.jsonl" if has_dropped else ""
    return {
        row: ("selected.jsonl", line) if chosen else (dropped, line if has_dropped else row)
        for row, chosen, line in places
    }


def columns(rows: Sequence[ScoreRow], samples: Mapping[str, Sample], by: str) -> Block:
    """Arrays of len(rows).

    Args:
        rows: What the page carries, in its order.
        samples: Samples by id.
        by: What the selection ranks by ("score" or "probability").

    Returns:
        statuses and status_words; row, turn, id, status (a place in `statuses`), selected (0 or 1), rank, assessed,
        value: what a threshold is compared with, in full; length: characters of the response; the fields of `NUMBERS`
        where any row has one, a standard error of 0 being none, since equal values make no score certain; baselines by
        name; prompt and response: their beginnings, on one line.
    """
    names = sorted({name for row in rows for name in row.baselines})
    texts = [samples.get(row.id) for row in rows]
    numbers = {name: [short(getattr(row, name), 5) for row in rows] for name in NUMBERS}
    numbers["standard_error"] = [error or None for error in numbers["standard_error"]]
    length = HEAD if len(rows) <= MANY else SHORT_HEAD
    return {
        "statuses": STATUSES,
        "status_words": [status.words for status in STATUSES],
        "row": [row.row for row in rows],
        "turn": [row.turn for row in rows] if any(row.turn for row in rows) else None,
        "id": [row.id for row in rows],
        "status": [STATUSES.index(row.status) for row in rows],
        "selected": [int(row.selected) for row in rows],
        "rank": [row.rank for row in rows],
        "assessed": [row.n_assessed for row in rows],
        "value": [value_of(row, by) for row in rows],
        "length": [None if text is None else len(text.response) for text in texts],
        **{name: values for name, values in numbers.items() if any(value is not None for value in values)},
        "baselines": {name: [short(row.baselines.get(name), 5) for row in rows] for name in names},
        "prompt": [head(text.prompt_text, length) if text else "" for text in texts],
        "response": [head(text.response, length) if text else "" for text in texts],
    }


def head(text: str, length: int = HEAD) -> str:
    """The beginning of a text, on one line."""
    flat = " ".join(visible(text[: 4 * length]).split())
    return flat if len(flat) <= length and len(text) <= 4 * length else flat[: length - 1] + "…"


def token_details(details: Sequence[TokenDetail], assessment: Mapping[str, Sample]) -> Block:
    """The details by candidate.

    Args:
        details: As they were written, whole ones until `MOST_TOKENS` are reached.
        assessment: Assessment samples by id.

    Returns:
        by_candidate: for each id its tasks, each with task (the prompt's beginning), group, pieces, given and control
        (log-probabilities, nats); left_out: how many details do not fit.
    """
    found: dict[str, list[Block]] = {}
    tokens = left_out = 0
    for detail in details:
        tokens += len(detail.pieces)
        if tokens > MOST_TOKENS:
            left_out += 1
            continue
        sample = assessment.get(detail.assessment)
        found.setdefault(detail.candidate, []).append(
            {
                "task": head(sample.prompt_text) if sample else detail.assessment,
                "group": (sample.group if sample else None) or "",
                "pieces": list(detail.pieces),
                "given": [short(value, 4) for value in detail.given],
                "control": [short(value, 4) for value in detail.control],
            }
        )
    return {"by_candidate": found, "left_out": left_out}
